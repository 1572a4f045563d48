"""A real PostgreSQL for the tests: one embedded server per run, shared by all xdist workers, one database a test.

A pytest plugin as well: `pytest_plugins = ("support.postgres",)` in tests/conftest.py gives the fixtures
`postgres_server`, `database_url`, `database`, `blank_url` and `log`.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from structlog.testing import LogCapture

from support.spare_databases import SpareDatabases
from trivia_scraper.storage.connecting import DatabaseSettings
from trivia_scraper.storage.database import Database, Log, open_database
from trivia_scraper.storage.embedded import EmbeddedServer, describe
from trivia_scraper.storage.migrations import migrate
from trivia_scraper.storage.queries import MIGRATIONS_FOLDER
from trivia_scraper.storage.server_use import ServerUse

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
}
"""Settings of a server whose data nobody will miss."""
TEMPLATE_LOCK = 0x7465_6D70_6C61_7465


def recording_log() -> Log:
    """A logger that prints nothing and keeps what it is told."""
    log: Log = structlog.wrap_logger(None, processors=[LogCapture()], wrapper_class=structlog.BoundLogger)
    return log


def settings_for(url: str, **changes: Any) -> DatabaseSettings:
    """Settings that point at one database by URL."""
    return replace(DatabaseSettings(url=url, data_dir=Path("/nonexistent")), **changes)


@contextmanager
def running_server(data_dir: Path, options: Mapping[str, str] = FAST) -> Iterator[EmbeddedServer]:
    """A server, joined by this process; the last process to leave stops it."""
    use = ServerUse(data_dir, None, options)
    try:
        binaries, postmaster, _ = use.start()
        yield describe(binaries, postmaster, lambda: asyncio.to_thread(use.revive))
    finally:
        use.stop()


@asynccontextmanager
async def fresh_database(server: EmbeddedServer, migrations: Path | None = MIGRATIONS_FOLDER) -> AsyncIterator[str]:
    """The URL of a database of its own: a clone of the migrated template, dropped afterwards.

    With `migrations=None` it is empty.
    """
    name = await create_database(server, migrations)
    try:
        yield server.url_of(name)
    finally:
        await drop_database(server, name)


async def create_database(server: EmbeddedServer, migrations: Path | None) -> str:
    """The name of a new database: a clone of the migrated template, or an empty one."""
    name = f"test_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(**server.endpoint().arguments)
    try:
        template = "template1" if migrations is None else await _template(server, admin, migrations)
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await admin.close()
    return name


async def drop_database(server: EmbeddedServer, name: str) -> None:
    """Drop a database, whoever is in it."""
    admin = await asyncpg.connect(**server.endpoint().arguments)
    try:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await admin.close()


async def _template(server: EmbeddedServer, admin: asyncpg.Connection[asyncpg.Record], migrations: Path) -> str:
    """The name of the migrated template, made by whichever worker comes first."""
    name = f"migrated_{_fingerprint(migrations)}"
    await admin.execute(f"SELECT pg_advisory_lock({TEMPLATE_LOCK})")
    try:
        if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            await admin.execute(f"DROP DATABASE IF EXISTS {name}_unfinished WITH (FORCE)")
            await admin.execute(f"CREATE DATABASE {name}_unfinished")
            async with open_database(settings_for(server.url_of(f"{name}_unfinished")), recording_log()) as database:
                await migrate(database, migrations)
            await admin.execute(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")
    finally:
        await admin.execute(f"SELECT pg_advisory_unlock({TEMPLATE_LOCK})")
    return name


def _fingerprint(migrations: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(migrations.glob("*.sql")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A short-named folder that every user can reach: pytest's own are private and long."""
    with tempfile.TemporaryDirectory(prefix="trivia-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def postgres_server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[EmbeddedServer]:
    """The server of this test run: every xdist worker uses the same one."""
    base = tmp_path_factory.getbasetemp()
    of_the_run = base.parent if hasattr(request.config, "workerinput") else base
    with running_server(of_the_run / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def spare_databases(postgres_server: EmbeddedServer) -> SpareDatabases:
    """Migrated databases that this process lends to its tests."""
    return SpareDatabases(
        create=lambda: create_database(postgres_server, MIGRATIONS_FOLDER),
        drop=lambda name: drop_database(postgres_server, name),
        url_of=postgres_server.url_of,
    )


@pytest.fixture
async def database_url(spare_databases: SpareDatabases, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a migrated database of the test's own, with nothing in it."""
    async with spare_databases.lend(used_ones=request.node.get_closest_marker("new_database") is None) as url:
        yield url


@pytest.fixture
async def blank_url(postgres_server: EmbeddedServer) -> AsyncIterator[str]:
    """The URL of an empty database of the test's own."""
    async with fresh_database(postgres_server, migrations=None) as url:
        yield url


@pytest.fixture
def log() -> Log:
    """A logger that prints nothing."""
    return recording_log()


@pytest.fixture
async def database(database_url: str, log: Log) -> AsyncIterator[Database]:
    """A migrated database of the test's own, opened."""
    async with open_database(settings_for(database_url), log) as opened:
        yield opened
