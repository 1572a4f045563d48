"""The database adapter against a real server, and against a network that lies (safety.md 12, F31-F44)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from support.pg_proxy import Proxy, proxy_before
from support.postgres import fresh_database, recording_log, settings_for
from support.processes import exit_of
from trivia_scraper.domain.errors import (
    CommitUnknown,
    CredentialsMissing,
    DatabaseUnreachable,
    RowRejected,
    SetupError,
    StorageFull,
    StorageUnavailable,
    TriviaScraperError,
)
from trivia_scraper.storage.cluster import Cluster, read_postmaster
from trivia_scraper.storage.connecting import DatabaseSettings, endpoint_of_url, session_settings
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.embedded import EmbeddedServer
from trivia_scraper.storage.pg_errors import Phase, QueryFault, is_lost, translate
from trivia_scraper.storage.queries import Parameter, all_queries, parameters, sql

CREATE = "CREATE TABLE notes (key text PRIMARY KEY, body jsonb, size integer CHECK (size < 100))"
TOO_BIG = "INSERT INTO notes (key, size) VALUES ('big', 100)"
CLAIM = "INSERT INTO notes (key) VALUES ($1) ON CONFLICT (key) DO NOTHING"


@pytest.fixture
async def notes_url(blank_url: str) -> str:
    """A database with one table."""
    connection = await asyncpg.connect(blank_url)
    await connection.execute(CREATE)
    await connection.close()
    return blank_url


@pytest.fixture
async def notes(notes_url: str) -> AsyncIterator[Database]:
    """The same, opened with a pool of two."""
    async with open_database(settings_for(notes_url, pool_max=2), recording_log()) as database:
        yield database


@pytest.fixture
async def proxy(notes_url: str, postgres_server: EmbeddedServer) -> AsyncIterator[Proxy]:
    """A fault proxy before the same database."""
    async with proxy_before(postgres_server.host / ".s.PGSQL.5432", urlsplit(notes_url).path[1:]) as proxy:
        yield proxy


@asynccontextmanager
async def through(proxy: Proxy, **changes: object) -> AsyncIterator[Database]:
    """A database of one connection through the proxy, connected already."""
    async with open_database(settings_for(proxy.url, pool_max=1, **changes), recording_log()) as database:
        yield database


async def claim(database: Database, key: str) -> None:
    """An idempotent write in a transaction of its own, as all of ours are."""
    async with database.transaction() as session:
        await session.connection.execute(CLAIM, key)


async def count(database: Database, key: str) -> int:
    async with database.acquire() as session:
        found: int = await session.connection.fetchval("SELECT count(*) FROM notes WHERE key = $1", key)
        return found


async def end_backend(database: Database, pid: int) -> None:
    """What an operator's pg_terminate_backend does; returns once the backend has gone."""
    async with database.acquire() as session:
        assert await session.connection.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


# --- transactions --------------------------------------------------------------------------------------


async def test_what_a_body_did_is_stored_at_its_end(notes: Database) -> None:
    await claim(notes, "a")
    assert await count(notes, "a") == 1


async def test_a_body_that_raises_stores_nothing(notes: Database) -> None:
    async def body() -> None:
        async with notes.transaction() as session:
            await session.connection.execute(CLAIM, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await body()
    assert await count(notes, "a") == 0


async def test_f04_a_body_that_is_cancelled_stores_nothing_and_frees_its_connection(notes: Database) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with notes.transaction() as session:
            await session.connection.execute(CLAIM, "a")
            inside.set()
            await asyncio.Event().wait()

    for _ in range(3):  # more often than the pool has places
        async with asyncio.TaskGroup() as group:
            task = group.create_task(hang())
            await inside.wait()
            task.cancel()
        inside.clear()
    assert await count(notes, "a") == 0


async def test_f04_a_query_that_is_cancelled_frees_its_connection(notes: Database, notes_url: str) -> None:
    async def hang() -> None:
        async with notes.transaction() as session:
            await session.connection.execute(CLAIM, "a")
            waiting.set()
            await session.connection.execute("SELECT pg_advisory_xact_lock(1)")

    other = await asyncpg.connect(notes_url)
    try:
        await other.execute("SELECT pg_advisory_lock(1)")
        for _ in range(3):
            waiting = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                task = group.create_task(hang())
                await waiting.wait()
                await asyncio.sleep(0)  # the query is on its way
                task.cancel()
            assert await count(notes, "a") == 0
    finally:
        await other.close()


async def test_a_body_that_hides_an_error_is_told(notes: Database) -> None:
    async def body() -> None:
        async with notes.transaction() as session:
            await session.connection.execute(CLAIM, "a")
            with pytest.raises(RowRejected):
                await session.run_script(TOO_BIG)

    with pytest.raises(QueryFault, match="hid an error"):
        await body()
    assert await count(notes, "a") == 0


@pytest.mark.parametrize("error", [FileNotFoundError("a picture"), TimeoutError("a transfer")])
async def test_errors_of_the_body_are_not_taken_for_the_databases(notes: Database, error: Exception) -> None:
    async def body() -> None:
        async with notes.transaction() as session:
            pids.append(await session.fetchval("session/backend_pid"))
            raise error

    pids: list[int] = []
    with pytest.raises(type(error), match=str(error)):
        await body()
    assert await notes.fetchval("session/backend_pid") == pids[0]


async def test_a_statement_that_a_migration_made_stale_may_be_tried_again(notes: Database, notes_url: str) -> None:
    async def read() -> None:
        async with notes.transaction() as session:
            await session.connection.fetch("SELECT * FROM notes")

    await read()
    other = await asyncpg.connect(notes_url)
    await other.execute("ALTER TABLE notes ADD COLUMN more text")
    await other.close()
    with pytest.raises(StorageUnavailable, match="InvalidCachedStatement"):
        await read()
    await read()


async def test_jsonb_comes_and_goes_as_values(notes: Database) -> None:
    document = {"name": "Zum Hirschen", "nights": [1, 3], "open": None, "emoji": "🍺"}
    async with notes.transaction() as session:
        await session.connection.execute("INSERT INTO notes (key, body) VALUES ('j', $1)", document)
        assert await session.connection.fetchval("SELECT body FROM notes WHERE key = 'j'") == document
        assert (
            await session.connection.fetchval("SELECT body->>'name' FROM notes WHERE key = 'j'") == document["name"]
        )


# --- what the server refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT INTO notes (key) VALUES ('twice'), ('twice')", RowRejected),
        ("INSERT INTO notes (key, size) VALUES ('big', 100)", RowRejected),
        ("INSERT INTO notes (key) VALUES (NULL)", RowRejected),
        ("SELECT 1/0", RowRejected),
        ("SELECT 'x'::integer", RowRejected),
        ("SELEKT 1", QueryFault),
        ("SELECT nothing FROM notes", QueryFault),
        ("SELECT * FROM nowhere", QueryFault),
    ],
)
async def test_statements_that_are_refused(notes: Database, text: str, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught:
        async with notes.transaction() as session:
            await session.run_script(text)
    assert isinstance(caught.value.__cause__, asyncpg.PostgresError)
    await claim(notes, "after")  # and the pool is none the worse


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("zero\0byte", RowRejected),
        ("lone \ud800 surrogate", RowRejected),
        (17, QueryFault),
    ],
)
async def test_h118_values_that_cannot_be_text(notes: Database, argument: object, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        async with notes.transaction() as session:
            await session.connection.execute(CLAIM, argument)


async def test_f39_a_foreign_lock_ends_in_a_timeout(notes: Database, notes_url: str) -> None:
    other = await asyncpg.connect(notes_url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
            settings = settings_for(notes_url, lock_timeout_seconds=0.05)
            async with open_database(settings, recording_log()) as impatient:
                with pytest.raises(StorageUnavailable, match="LockNotAvailable"):
                    await claim(impatient, "a")
    finally:
        await other.close()
    await claim(notes, "a")


async def test_a_statement_that_takes_too_long_is_ended(notes_url: str) -> None:
    async with open_database(settings_for(notes_url, statement_timeout_seconds=0.05), recording_log()) as database:
        with pytest.raises(StorageUnavailable, match="QueryCanceled"):
            async with database.transaction() as session:
                await session.run_script("SELECT pg_sleep(60)")


async def test_f38_transactions_that_clash_may_be_tried_again(notes: Database) -> None:
    await claim(notes, "a")
    async with notes.acquire() as first, notes.acquire() as second:
        for session in (first, second):
            await session.run_script("BEGIN ISOLATION LEVEL SERIALIZABLE")
            await session.run_script("SELECT count(*) FROM notes")
        await first.connection.execute(CLAIM, "b")
        await second.connection.execute(CLAIM, "c")
        await first.commit()
        with pytest.raises(StorageUnavailable, match="SerializationError"):
            await second.commit()
        assert second.is_idle()


async def test_f35_a_server_that_turned_read_only_costs_its_connections(notes: Database, notes_url: str) -> None:
    async with notes.acquire() as session:
        before = await session.fetchval("session/backend_pid")
        await session.run_script("SET default_transaction_read_only = on")
        with pytest.raises(StorageUnavailable, match="ReadOnlySQLTransaction"):
            await session.run_script("INSERT INTO notes VALUES ('a')")
        assert not session.is_usable()
    assert await notes.fetchval("session/backend_pid") != before
    await claim(notes, "a")


async def test_f35_a_read_only_server_is_no_writer(notes: Database, notes_url: str) -> None:
    name = urlsplit(notes_url).path[1:]
    async with notes.acquire() as session:
        await session.run_script(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(DatabaseUnreachable):
        async with open_database(settings_for(notes_url), recording_log()):
            pass


async def test_f36_exhausted_connections_are_transient(notes: Database, notes_url: str) -> None:
    name = urlsplit(notes_url).path[1:]
    role = f"poor_{name}"
    async with notes.acquire() as session:
        await session.run_script(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")
        try:
            with pytest.raises(StorageUnavailable, match="TooManyConnections"):
                async with open_database(settings_for(notes_url.replace("postgres@", f"{role}@")), recording_log()):
                    pass
        finally:
            await session.run_script(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda url: url.replace("postgres@", "stranger@"), CredentialsMissing),
        (lambda url: url.replace("/test_", "/missing_"), SetupError),
        (lambda url: "postgresql://[broken", SetupError),
        (lambda url: "mysql://localhost/x", SetupError),
    ],
)
async def test_a_dsn_that_cannot_work(
    blank_url: str, change: Callable[[str], str], expected: type[TriviaScraperError]
) -> None:
    with pytest.raises(expected):
        async with open_database(settings_for(change(blank_url)), recording_log()):
            pass


# --- a database that is away ---------------------------------------------------------------------------


async def test_f30_a_closed_port_is_told_at_once() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(DatabaseUnreachable) as caught:
        async with open_database(settings_for(f"postgresql://me:hunter2@127.0.0.1:{port}/x"), recording_log()):
            pass
    assert "hunter2" not in str(caught.value)


async def test_f37_an_exhausted_pool_is_not_an_absent_database(notes_url: str) -> None:
    settings = settings_for(notes_url, pool_max=1, acquire_timeout_seconds=0.05)
    async with open_database(settings, recording_log()) as database:
        async with database.acquire():
            with pytest.raises(StorageUnavailable, match="no connection came free") as caught:
                await claim(database, "a")
            assert not isinstance(caught.value, DatabaseUnreachable)
        await claim(database, "a")


async def test_f31_backend_ended_between_transactions(notes: Database, notes_url: str) -> None:
    pid = await notes.fetchval("session/backend_pid")
    async with open_database(settings_for(notes_url), recording_log()) as other:
        await end_backend(other, pid)
    for _ in range(2):
        try:
            await claim(notes, "a")
        except StorageUnavailable:
            await claim(notes, "a")
    assert await count(notes, "a") == 1


async def test_f31_backend_ended_in_a_transaction(notes: Database, notes_url: str) -> None:
    async def body(other: Database) -> None:
        async with notes.transaction() as session:
            await session.connection.execute(CLAIM, "a")
            await end_backend(other, await session.fetchval("session/backend_pid"))
            await session.connection.execute(CLAIM, "b")

    async with open_database(settings_for(notes_url), recording_log()) as other:
        with pytest.raises(StorageUnavailable):
            await body(other)
    assert (await count(notes, "a"), await count(notes, "b")) == (0, 0)


async def test_f31_backend_ended_in_a_query(notes: Database, notes_url: str) -> None:
    async with open_database(settings_for(notes_url), recording_log()) as other:
        started = asyncio.Event()

        async def sleep_in_transaction() -> int:
            async with notes.transaction() as session:
                pids.append(await session.fetchval("session/backend_pid"))
                started.set()
                await session.run_script("SELECT pg_sleep(60)")
            return 0

        pids: list[int] = []
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_caught(sleep_in_transaction()))
            await started.wait()
            await end_backend(other, pids[0])
        assert isinstance(task.result(), StorageUnavailable)
    await claim(notes, "a")


async def _caught(work: object) -> Exception | None:
    try:
        await work  # type: ignore[misc]
    except TriviaScraperError as error:
        return error
    return None


async def test_f31_a_commit_whose_answer_is_lost_is_unknown_and_claiming_again_settles_it(
    proxy: Proxy, notes: Database
) -> None:
    async with through(proxy) as database:
        proxy.faults.cut_at_commit = "after"
        with pytest.raises(CommitUnknown):
            await claim(database, "a")
        assert await count(notes, "a") == 1  # it had been applied
        proxy.faults.cut_at_commit = ""
        await claim(database, "a")
    assert await count(notes, "a") == 1


async def test_f31_a_commit_that_never_arrived_is_unknown_too(proxy: Proxy, notes: Database) -> None:
    async with through(proxy) as database:
        proxy.faults.cut_at_commit = "before"
        with pytest.raises(CommitUnknown):
            await claim(database, "a")
        assert await count(notes, "a") == 0
        proxy.faults.cut_at_commit = ""
        await claim(database, "a")
    assert await count(notes, "a") == 1


async def test_f44_reset_after_every_number_of_bytes(proxy: Proxy, notes: Database) -> None:
    async with through(proxy) as database:
        proxy.faults.passed_bytes = 0
        await claim(database, "warm-up")
        length = proxy.faults.passed_bytes
    told: dict[str, int] = {}
    for allowed in range(length + 1):
        key = f"cut-{allowed}"
        async with through(proxy) as database:
            proxy.faults.answer_bytes = allowed
            error = await _caught(claim(database, key))
            proxy.faults.answer_bytes = None
        stored = await count(notes, key)
        assert isinstance(error, CommitUnknown) or stored == (error is None), (allowed, error)
        await claim(notes, key)
        assert await count(notes, key) == 1
        told[type(error).__name__] = told.get(type(error).__name__, 0) + 1
    assert told["StorageUnavailable"] > 50
    assert told["CommitUnknown"] > 5


async def test_f43_a_black_hole_costs_one_connection_and_no_more(proxy: Proxy, notes: Database) -> None:
    async with through(proxy, statement_timeout_seconds=0.2, acquire_timeout_seconds=1.0) as database:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("trivia_scraper.storage.connecting.COMMAND_GRACE_SECONDS", 0.1)
            await discard_pooled(database)
            before = await database.fetchval("session/backend_pid")
            proxy.faults.black_hole = True
            with pytest.raises(StorageUnavailable, match="Timeout"):
                await database.fetchval("session/backend_pid")
            with pytest.raises(DatabaseUnreachable):  # and the next cannot even connect
                await claim(database, "a")
            proxy.faults.black_hole = False
            await claim(database, "a")
            assert await database.fetchval("session/backend_pid") != before
    assert await count(notes, "a") == 1


async def discard_pooled(database: Database) -> None:
    async with database.acquire() as session:
        session.discard()


async def test_f32_a_fast_restart_needs_no_restart_of_ours(tmp_path: Path) -> None:
    settings = DatabaseSettings(url="embedded", data_dir=tmp_path / "postgres", pool_max=2)
    async with open_database(settings, recording_log()) as database:
        async with database.acquire() as session:
            await session.run_script(CREATE)
        postmaster = read_postmaster(Cluster(settings.data_dir))
        assert postmaster is not None
        os.kill(postmaster.pid, signal.SIGINT)
        await exit_of(postmaster.pid)
        error = await _caught(claim(database, "a"))
        if error is not None:
            assert isinstance(error, StorageUnavailable)
            await claim(database, "a")
        assert await count(database, "a") == 1


# --- sessions ------------------------------------------------------------------------------------------


async def test_every_session_has_its_limits(notes_url: str) -> None:
    settings = settings_for(notes_url, application_name="trivia-scraper test", lock_timeout_seconds=1.5)
    names = ["application_name", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
    async with open_database(settings, recording_log()) as database:
        for _ in range(2):  # the second time from the pool
            async with database.acquire() as session:
                shown = [await session.connection.fetchval("SELECT current_setting($1)", name) for name in names]
            assert shown == ["trivia-scraper test", "30s", "1500ms", "1min"]


async def test_a_session_in_transaction_never_returns_to_the_pool(notes: Database) -> None:
    async with notes.acquire() as session:
        await session.begin()
        await session.connection.execute(CLAIM, "a")
    assert await count(notes, "a") == 0


async def test_no_transaction_pooler_here(notes: Database) -> None:
    assert not await notes.is_behind_transaction_pooler()


async def test_execute_counts_rows(notes: Database) -> None:
    async with notes.transaction() as session:
        assert await session.execute("session/set", "application_name", "x") == 1
        assert await session.fetchval("session/read_setting", "application_name") == "x"


# --- pure ----------------------------------------------------------------------------------------------


def server_error(sqlstate: str) -> asyncpg.PostgresError:
    """The error asyncpg makes of this code."""
    error: asyncpg.PostgresError = asyncpg.PostgresError.new({"C": sqlstate, "M": "so it said", "S": "ERROR"})
    return error


def error_id(value: object) -> str | None:
    """The id of a row of the table."""
    return f"{type(value).__name__}-{getattr(value, 'sqlstate', '')}" if isinstance(value, Exception) else None


LOST = (DatabaseUnreachable, StorageUnavailable, CommitUnknown)
ALWAYS = (StorageUnavailable,) * 3


@pytest.mark.parametrize(
    ("error", "expected", "lost"),
    [
        (server_error("08000"), LOST, True),
        (server_error("08003"), LOST, True),
        (server_error("08006"), LOST, True),
        (server_error("57P01"), LOST, True),
        (server_error("57P02"), LOST, True),
        (server_error("57P03"), LOST, True),
        (server_error("25006"), LOST, True),
        (server_error("25P03"), LOST, True),
        (server_error("40001"), ALWAYS, False),
        (server_error("40P01"), ALWAYS, False),
        (server_error("55P03"), ALWAYS, False),
        (server_error("57014"), ALWAYS, False),
        (server_error("53300"), ALWAYS, False),
        (server_error("58030"), ALWAYS, False),
        (server_error("53100"), (StorageFull,) * 3, False),
        (server_error("40003"), (CommitUnknown,) * 3, True),
        (server_error("23505"), (RowRejected,) * 3, False),
        (server_error("22021"), (RowRejected,) * 3, False),
        (server_error("28P01"), (CredentialsMissing,) * 3, False),
        (server_error("3D000"), (SetupError,) * 3, False),
        (server_error("42501"), (SetupError,) * 3, False),
        (server_error("42601"), (QueryFault,) * 3, False),
        (server_error("XX000"), (QueryFault,) * 3, False),
        (ConnectionRefusedError(), LOST, True),
        (ConnectionResetError(), LOST, True),
        (TimeoutError(), LOST, True),
        (asyncpg.InternalClientError("cannot switch to state 15"), LOST, True),
        (asyncpg.InterfaceError("connection is closed"), LOST, True),
        (
            asyncpg.InterfaceError("cannot call Connection.fetch(): connection has been released back to the pool"),
            LOST,
            True,
        ),
        (
            asyncpg.InterfaceError("the server expects 1 argument for this query, 0 were passed"),
            (QueryFault,) * 3,
            False,
        ),
        (asyncpg.InterfaceError("another operation is in progress"), (QueryFault,) * 3, False),
    ],
    ids=error_id,
)
def test_f38_what_an_error_means_in_each_phase(
    error: Exception, expected: tuple[type[Exception], ...], lost: bool
) -> None:
    assert tuple(type(translate(error, phase)) for phase in Phase) == expected
    assert is_lost(error) is lost


def test_errors_of_the_tree_pass_unchanged() -> None:
    error = RowRejected("no")
    assert translate(error, Phase.COMMIT) is error


def test_passwords_stay_out_of_messages() -> None:
    error = OSError("cannot reach postgresql://me:hunter2@db/x")
    assert "hunter2" not in str(translate(error, Phase.CONNECT))
    settings = settings_for("postgresql://me:hunter2@db/x")
    assert "hunter2" not in repr(settings) + repr(endpoint_of_url(settings.url))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("postgresql://a,b/x", "read-write"),
        ("postgresql://a,b/x?target_session_attrs=any", None),
    ],
)
def test_f35_a_writer_is_sought_unless_told_otherwise(url: str, wanted: str | None) -> None:
    assert endpoint_of_url(url).arguments.get("target_session_attrs") == wanted


def test_session_settings_are_milliseconds() -> None:
    settings = settings_for("postgresql://x/y", statement_timeout_seconds=0.0004, lock_timeout_seconds=2)
    wanted = session_settings(settings, "n" * 80)
    assert (wanted["statement_timeout"], wanted["lock_timeout"], len(wanted["application_name"])) == ("1", "2000", 63)


def test_the_header_of_a_query_names_its_parameters() -> None:
    text = "-- Why.\n-- $1 slug: text\n-- $2 ats: timestamptz[]\nSELECT $1, $2\n"
    assert parameters(text) == (Parameter(1, "slug", "text"), Parameter(2, "ats", "timestamptz[]"))


def test_queries_are_found_by_name_and_migrations_are_none_of_them() -> None:
    assert sql("session/backend_pid").strip() == "SELECT pg_backend_pid()"
    names = all_queries().keys()
    assert "schema/record" in names
    assert not [name for name in names if name.startswith("migrations/")]


@pytest.mark.parametrize("name", ["", "no/such", "../queries", "/etc/passwd", "Session/Set", "session/set.sql"])
def test_only_names_of_queries_are_read(name: str) -> None:
    with pytest.raises(LookupError):
        sql(name)


async def test_a_clone_per_test_is_empty_again(postgres_server: EmbeddedServer) -> None:
    for _ in range(2):
        async with fresh_database(postgres_server, migrations=None) as url:
            connection = await asyncpg.connect(url)
            try:
                await connection.execute(CREATE)
            finally:
                await connection.close()
