"""T14: cleaning knew only local folders. The mission's scenarios, whole house, on every kind of store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from support.house import House, make_options, open_house
from support.stores import ImageKitDesk, StoreDesk
from trivia_scraper.demo.imagekit import KitFault
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.directory import ImageView
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.pipeline.run import refresh

KEY = "quizmeisters"


@pytest.fixture
async def kept(tmp_path: Path, database_url: str, replica: Replica, desk: StoreDesk) -> AsyncIterator[House]:
    """A house whose pictures lie in each kind of store."""
    async with open_house(tmp_path, database_url, replica, storage=desk.section) as opened:
        yield opened


async def hero_of(house: House) -> ImageView:
    hero = next(image for image in await house.images() if image.role == "hero")
    assert hero.provider_url is not None
    return hero


async def test_t14_r4_r38_changed_bytes_replace_the_file_and_the_superseded_one_goes(
    kept: House, desk: StoreDesk
) -> None:
    """R4, R5, R31, R38, R60: new key, new row; old file, thumbnail and legacy copies deleted, other files stay."""
    await kept.run(limit=1, sources=(KEY,))
    hero = await hero_of(kept)
    assert len(await kept.stored()) == 4
    folder = (hero.storage_key or "").rpartition("/")[0]
    files = kept.services.files
    await files.adopt([(f"{folder}/original_old.JPG", b"x"), (f"{folder}/notes.txt", b"x")], make_options())
    kept.replica.site.change_image(hero.provider_url or "")

    report = await kept.run(limit=1, sources=(KEY,), force_refresh_images=True)

    assert report.ok
    now, stored = await hero_of(kept), await kept.stored()
    assert now.storage_key != hero.storage_key
    assert {hero.storage_key, hero.thumb_key, f"{folder}/original_old.JPG"} & stored.keys() == set()
    assert {now.storage_key, now.thumb_key, f"{folder}/notes.txt"} < stored.keys()
    assert now.sha256 == await files.digest(now.storage_key or "")
    deleted = {entry["path"] for entry in kept.events("image.old_deleted") if entry["how"] == "deleted"}
    assert deleted == {hero.storage_key, hero.thumb_key, f"{folder}/original_old.JPG"}
    assert await kept.problems() == [f"file without row: {folder}/notes.txt"]
    assert (now.path is None) is (desk.kind != "local")
    # R122: provider and venue stay with the object.
    told = desk.told_of(now.storage_key or "")
    assert told is None or told[1] == {"provider": KEY, "venue": (await kept.venues())[0].slug}


async def test_t14_r39_a_failed_download_keeps_the_old_file_and_row(kept: House) -> None:
    await kept.run(limit=1, sources=(KEY,))
    hero, before = await hero_of(kept), await kept.stored()
    kept.replica.site.flip(ImageSwitch(path=hero.provider_url or "", fault=ImageFault.STATUS, status=404))
    report = await kept.run(limit=1, sources=(KEY,), force_refresh_images=True)
    assert [failure.error_type for failure in report.failures] == [ErrorType.NOT_FOUND]
    now, after = await hero_of(kept), await kept.stored()
    assert (now.status, now.storage_key, now.sha256) == ("uploaded", hero.storage_key, hero.sha256)
    assert now.refresh_failed_at is not None
    assert after[hero.storage_key or ""] == before[hero.storage_key or ""]
    assert await kept.problems() == []


async def test_t14_an_unforced_run_reuses_what_is_there_and_misses_what_is_not(kept: House) -> None:
    """R2: no request; images.md 4.1: a row whose file is missing is fetched again."""
    await kept.run(limit=1, sources=(KEY,))
    hero, before = await hero_of(kept), await kept.stored()
    report = await kept.run(limit=1, sources=(KEY,), force_update=True)
    assert report.sources[KEY].images["fresh_skipped"] == 2
    assert await kept.stored() == before
    assert await kept.services.files.delete(hero.storage_key or "")
    await kept.run(limit=1, sources=(KEY,), force_update=True)
    assert (await kept.stored()).keys() == before.keys()


async def test_t14_clean_first_deletes_before_it_downloads(kept: House) -> None:
    await kept.run(limit=1, sources=(KEY,))
    before = await kept.stored()
    report = await kept.run(limit=1, sources=(KEY,), force_refresh_images=True, clean_first=True)
    assert report.ok
    assert (await kept.stored()).keys() == before.keys()
    for role in ("hero", "profile"):
        events = [entry["event"] for entry in kept.events() if entry.get("role") == role]
        steps = ["image.old_deleted", "image.reference_cleared", "image.download", "image.saved"]
        assert [events.index(step) for step in steps] == sorted(events.index(step) for step in steps)
    assert await kept.problems() == []


@pytest.fixture
async def at_imagekit(
    tmp_path: Path, database_url: str, replica: Replica, imagekit: ImageKitDesk
) -> AsyncIterator[House]:
    async with open_house(tmp_path, database_url, replica, storage=imagekit.section) as opened:
        yield opened


async def refresh_without_waiting(house: House, waits: list[float]) -> bool:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    house.capture.entries.clear()
    services = replace(house.services, sleep=sleep, run_id=uuid4())
    report = await refresh(make_options(limit=1, sources=(KEY,), force_refresh_images=True), services)
    return report.ok


async def test_r125_r140_a_busy_store_is_asked_again_by_the_one_loop(
    at_imagekit: House, imagekit: ImageKitDesk
) -> None:
    """The wait is what the store asked for; the download is not repeated for it."""
    await at_imagekit.run(limit=1, sources=(KEY,))
    at_imagekit.replica.site.log.reset()
    imagekit.account.fault, imagekit.account.times = KitFault.BUSY_UPLOADS, 1
    waits: list[float] = []
    assert await refresh_without_waiting(at_imagekit, waits)
    assert waits == [1.5]
    pictures = [seen.path for seen in at_imagekit.replica.site.log.requests() if "/cdn/" in seen.path]
    assert len(pictures) == len(set(pictures)) == 2
    assert await at_imagekit.problems() == []


async def test_r125_a_store_that_stays_full_costs_no_picture_and_no_event(
    at_imagekit: House, imagekit: ImageKitDesk
) -> None:
    """R39, R125: the old picture stays, and the failure is the store's, not the site's."""
    await at_imagekit.run(limit=1, sources=(KEY,))
    before = await at_imagekit.stored()
    imagekit.account.fault = KitFault.FULL
    assert not await refresh_without_waiting(at_imagekit, [])
    imagekit.account.fault = None
    assert await at_imagekit.stored() == before
    assert {image.error_type for image in await at_imagekit.images()} == {"storage_error"}
    assert {image.status for image in await at_imagekit.images()} == {"uploaded"}
    assert len(await at_imagekit.venues()) == 1
    assert await at_imagekit.problems() == []


async def test_r125_a_store_that_does_not_answer_costs_no_event(at_imagekit: House, imagekit: ImageKitDesk) -> None:
    """An image that cannot even be looked for fails alone: the venue is visited and its evening kept."""
    await at_imagekit.run(limit=1, sources=(KEY,))
    imagekit.account.fault = KitFault.BROKEN
    assert not await refresh_without_waiting(at_imagekit, [])
    imagekit.account.fault = None
    assert {image.error_type for image in await at_imagekit.images()} == {"storage_error"}
    [venue] = await at_imagekit.venues()
    assert len(venue.events) == 1
    assert await at_imagekit.problems() == []


async def test_r221_development_never_writes_to_the_store_of_production(
    tmp_path: Path, database_url: str, replica: Replica, desk: StoreDesk
) -> None:
    """The whole house refuses before any work: settings of production, a database of one's own."""
    async with desk.open() as store:
        await store.write_own(".store/owner.txt", b"7000000000000000000/production\n")
        before = [file async for file in store.all_files(".store/")]
        settings = {"path": str(desk.settings.folder)} if desk.kind == "local" else dict(desk.section)
        with pytest.raises(SetupError, match="production"):
            async with open_house(tmp_path, database_url, replica, storage=settings):
                raise AssertionError("opened")
        after = [file async for file in store.all_files(".store/") if not file.key.endswith("/lock")]
    assert after == before
