"""A kill between bytes and row, on every kind of store: no row without file, no file without row (safety.md 9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from support.house import make_options
from support.stores import StoreDesk
from trivia_scraper.domain.errors import SetupError, StorageUnavailable
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.storage.crash_recovery import compare_rows_and_files, recover
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.ledger import PostgresLedger
from trivia_scraper.storage.ownership import OWNER_KEY, own_store
from trivia_scraper.storage.stores import ImageStore

NEW = "venues/the-crown/hero-0123456789ab.jpg"
THUMB = "venues/the-crown/hero-0123456789ab-thumb.jpg"
OLD = "venues/the-crown/hero-ba9876543210.jpg"
AT = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)
OPTIONS = make_options()


class Clock:
    def now(self) -> dt.datetime:
        return AT

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
async def store(desk: StoreDesk) -> AsyncIterator[ImageStore]:
    async with desk.open() as opened:
        yield opened


@pytest.fixture
def ledger(database: Database) -> PostgresLedger:
    return PostgresLedger(database, 1, Clock())


async def write_row(database: Database, key: str, body: bytes) -> None:
    """The row of a stored picture; nothing else of the catalogue matters here."""
    async with database.transaction() as session:
        await session.connection.execute(
            """INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, sha256,
                                   created_at, updated_at)
               VALUES ('venue', 1, 'hero', 'quizmeisters', $1, 'uploaded', $1, $2, $3, $3)""",
            key, sha256(body).hexdigest(), AT,
        )  # fmt: skip


async def keys(store: ImageStore) -> set[str]:
    return {file.key async for file in store.all_files()}


async def assert_recovered(
    desk: StoreDesk, database: Database, ledger: PostgresLedger, expected: set[str], swept: int
) -> None:
    """What the next start finds, and that it finds nothing more to do."""
    async with desk.open() as reopened:
        assert await recover(ledger, reopened, desk.log) == swept
        assert await keys(reopened) == expected
        found = await compare_rows_and_files(database, reopened)
        assert (found.problems, found.pending) == ((), ())
        assert await recover(ledger, reopened, desk.log) == 0


async def test_killed_before_anything_was_put(desk: StoreDesk, database: Database, ledger: PostgresLedger) -> None:
    await ledger.announce_files([NEW, THUMB])
    await assert_recovered(desk, database, ledger, set(), swept=0)


async def test_killed_between_bytes_and_row(
    desk: StoreDesk, store: ImageStore, database: Database, ledger: PostgresLedger
) -> None:
    await ledger.announce_files([NEW, THUMB])
    await store.adopt([(NEW, b"picture"), (THUMB, b"thumb")], OPTIONS)
    found = await compare_rows_and_files(database, store)
    assert (found.problems, found.pending) == ((), (THUMB, NEW)), "on its way is no difference"
    await assert_recovered(desk, database, ledger, set(), swept=2)


async def test_killed_between_the_two_bodies(
    desk: StoreDesk, store: ImageStore, database: Database, ledger: PostgresLedger
) -> None:
    await ledger.announce_files([NEW, THUMB])
    await store.adopt([(NEW, b"picture")], OPTIONS)
    await assert_recovered(desk, database, ledger, set(), swept=1)


async def test_killed_after_the_row_and_before_its_intent_went(
    desk: StoreDesk, store: ImageStore, database: Database, ledger: PostgresLedger
) -> None:
    await ledger.announce_files([NEW])
    await store.adopt([(NEW, b"picture")], OPTIONS)
    await write_row(database, NEW, b"picture")
    await assert_recovered(desk, database, ledger, {NEW}, swept=0)


async def test_killed_after_the_switch_and_before_the_old_file_went(
    desk: StoreDesk, store: ImageStore, database: Database, ledger: PostgresLedger
) -> None:
    await store.adopt([(OLD, b"old"), (NEW, b"picture")], OPTIONS)
    await write_row(database, NEW, b"picture")
    await ledger.announce_files([OLD])
    await assert_recovered(desk, database, ledger, {NEW}, swept=1)


async def test_killed_while_a_body_was_staged(
    desk: StoreDesk, store: ImageStore, database: Database, ledger: PostgresLedger
) -> None:
    (desk.settings.folder / ".tmp" / "0123").write_bytes(b"half")
    await assert_recovered(desk, database, ledger, set(), swept=1)


async def test_killed_in_the_middle_of_a_move(store: ImageStore) -> None:
    """A rename is whole or was not; a copy that was not yet followed by its deletion leaves both."""
    await store.adopt([(OLD, b"old")], OPTIONS)
    if hasattr(store, "copy"):
        assert await store.copy(OLD, f".quarantine/1/{OLD}")
        assert await store.digest(OLD) == await store.digest(f".quarantine/1/{OLD}")
    assert await store.move(OLD, f".quarantine/1/{OLD}")
    assert await keys(store) == set()
    assert await store.read(f".quarantine/1/{OLD}") == b"old"


async def test_r36_r218_a_refused_deletion_keeps_its_intent(
    desk: StoreDesk, store: ImageStore, database: Database, ledger: PostgresLedger
) -> None:
    """R36: the next start tries again; R218: the file first, its line in the ledger only if that worked."""
    await store.adopt([(OLD, b"old")], OPTIONS)
    await ledger.announce_files([OLD])

    async def refuse(key: str) -> bool:
        raise StorageUnavailable(f"{key} cannot go now")

    [(key, fate)] = await ledger.collect([OLD], refuse)
    assert (key, fate) == (OLD, f"{OLD} cannot go now")
    assert await ledger.intents_of_the_gone() == [OLD]
    await assert_recovered(desk, database, ledger, set(), swept=1)


async def test_differences_are_found_both_ways(
    desk: StoreDesk, store: ImageStore, database: Database, ledger: PostgresLedger
) -> None:
    await store.adopt([(OLD, b"old")], OPTIONS)
    await write_row(database, NEW, b"picture")
    found = await compare_rows_and_files(database, store)
    assert found.problems == (f"row without file: {NEW}", f"file without row: {OLD}")


# --- R221 ----------------------------------------------------------------------------------------------------------


async def test_r221_a_store_belongs_to_the_database_that_opened_it_first(
    desk: StoreDesk, store: ImageStore, database: Database
) -> None:
    await own_store(store, database, desk.log)
    mark = await store.read(OWNER_KEY)
    assert mark is not None
    assert b"/test_" in mark, "cluster and database"
    await own_store(store, database, desk.log)
    assert await store.read(OWNER_KEY) == mark
    assert await keys(store) == set(), "the mark is no picture"
    assert [entry["event"] for entry in desk.capture.entries] == ["store.owned"]


async def test_r221_another_database_is_refused_and_writes_nothing(
    desk: StoreDesk, store: ImageStore, database: Database
) -> None:
    await store.write_own(OWNER_KEY, b"7000000000000000000/production\n")
    before = await own_files(store)
    with pytest.raises(SetupError, match="belongs to the database 7000000000000000000/production") as refused:
        await own_store(store, database, desk.log)
    assert "remove .store/owner.txt" in refused.value.hint
    assert await own_files(store) == before


async def test_r221_a_store_can_be_taken_over_on_purpose(
    desk: StoreDesk, store: ImageStore, database: Database
) -> None:
    await store.write_own(OWNER_KEY, b"7000000000000000000/gone\n")
    assert await store.delete(OWNER_KEY)
    await own_store(store, database, desk.log)
    assert await store.read(OWNER_KEY) != b"7000000000000000000/gone\n"


async def test_r221_a_store_that_forgets_its_owner_is_not_written_to(
    store: ImageStore, desk: StoreDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(key: str) -> None:
        del key

    monkeypatch.setattr(store, "read", nothing)
    with pytest.raises(StorageUnavailable, match="does not give back the name of its owner"):
        await own_store(store, database, desk.log)


async def own_files(store: ImageStore) -> list[StoredFile]:
    return [file async for file in store.all_files(".store/")]
