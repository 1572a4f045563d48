"""The nightly comparison of files and rows, on every kind of store (safety.md 9, F26, T14)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.cleaning import DAY, FILES, clean, clean_reading_all, later
from support.house import House, make_options, open_house
from support.stores import StoreDesk
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.pipeline.recovery import recover
from trivia_scraper.pipeline.undoing import undo_cleanup

STRAY = "venues/nobody/hero-0123456789ab.jpg"
BODY = b"a stray file " * 20


@pytest.fixture
async def kept(tmp_path: Path, database_url: str, replica: Replica, desk: StoreDesk) -> AsyncIterator[House]:
    """A house with one venue's pictures in each kind of store."""
    async with open_house(tmp_path, database_url, replica, storage=desk.section) as opened:
        await opened.run(limit=1, sources=("quizmeisters",))
        yield opened


async def test_f26_t14_orphans_are_set_aside_and_missing_files_downloaded_again(kept: House) -> None:
    files = kept.services.files
    before = set(await kept.stored())
    [hero] = [image for image in await kept.images() if image.role == "hero"]
    assert hero.storage_key is not None
    await files.adopt([(STRAY, BODY)], make_options())
    await files.delete(hero.storage_key)

    planned = await clean(kept, FILES, dry_run=True)
    assert set(await kept.stored()) == before - {hero.storage_key} | {STRAY}
    report = await clean(kept, FILES)
    for told in (planned.files, report.files):
        assert told is not None
        assert (told.quarantined, told.requeued, told.errors) == (1, 1, 0)
    assert STRAY not in await kept.stored()
    assert await files.stat(f".quarantine/{report.run}/{STRAY}") is not None
    assert await kept.problems() == []

    request = RecoveryRequest(include_ambiguous=False, all_due=True)
    assert (await recover(request, make_options(), later(kept))).counts["newly_uploaded"] == 1
    assert set(await kept.stored()) == before
    assert (await clean_reading_all(kept)).files.errors == 0  # type: ignore[union-attr]


async def test_t14_undo_and_purge(kept: House) -> None:
    files = kept.services.files
    await files.adopt([(STRAY, BODY)], make_options())
    first = await clean(kept, FILES)
    assert first.run is not None
    assert (await undo_cleanup(first.run, make_options(), later(kept))).restored == (STRAY,)
    assert await files.digest(STRAY) is not None
    second = await clean(kept, FILES)
    assert STRAY not in await kept.stored()
    last = await clean(kept, FILES, 8 * DAY)
    assert last.files is not None
    assert last.files.purged == 1
    assert await files.stat(f".quarantine/{second.run}/{STRAY}") is None


async def test_an_undo_that_was_killed_halfway_is_finished_by_the_next(kept: House) -> None:
    """In a bucket a move is a copy and a deletion: a kill in between leaves the file in both places."""
    files = kept.services.files
    await files.adopt([(STRAY, BODY)], make_options())
    report = await clean(kept, FILES)
    assert report.run is not None
    await files.adopt([(STRAY, BODY)], make_options())
    undone = await undo_cleanup(report.run, make_options(), later(kept))
    assert (undone.restored, undone.taken) == ((STRAY,), ())
    assert await files.stat(f".quarantine/{report.run}/{STRAY}") is None
    assert STRAY in await kept.stored()


async def test_f27_a_damaged_object_is_found(kept: House) -> None:
    files = kept.services.files
    [hero] = [image for image in await kept.images() if image.role == "hero"]
    assert hero.storage_key is not None
    await files.adopt([(hero.storage_key, BODY)], make_options())
    report = await clean_reading_all(kept)
    assert report.files is not None
    assert (report.files.damaged, report.files.quarantined, report.files.errors) == (1, 1, 0)
    assert await kept.problems() == []
