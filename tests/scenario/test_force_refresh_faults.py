"""Forced refreshes of images.md 4 where something goes wrong, or where much is refreshed; everything real.

What stands in for a part (a fetcher that notes what it is told, a page without its picture) passes all else on.
"""

from __future__ import annotations

import errno
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from support.house import House, make_options
from support.watched_os import watch_files
from trivia_scraper.demo.request_log import RequestSeen
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.catalog import ClaimedOwner
from trivia_scraper.domain.directory import ImageView
from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.models import Detail, ImageStatus, Listing, OwnerKind
from trivia_scraper.domain.options import RefreshOptions, options_from_json
from trivia_scraper.domain.outcomes import DetailOutcome, RunReport
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Page
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.cleaning import clean_superseded
from trivia_scraper.pipeline.detail import refresh_detail
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.pipeline.walking import find_listing
from trivia_scraper.ports import BodySink, FileStore, PageReader, Services
from trivia_scraper.settings import settings_from
from trivia_scraper.sources import SOURCES
from trivia_scraper.sources.reading import picture_address
from trivia_scraper.storage.sessions import Session

KEY = "quizmeisters"
BOTH = pytest.mark.parametrize("forced", [True, False], ids=["forced", "not-forced"])


def counts(report: RunReport, slug: str = KEY) -> Mapping[str, int]:
    """Image outcomes of one source that occurred."""
    return {kind.value: number for kind, number in report.sources[slug].images.items() if number}


def pictures_asked(house: House) -> list[RequestSeen]:
    """Requests for pictures since the log was last emptied."""
    return [seen for seen in house.replica.site.log.requests() if seen.path in house.replica.site.gallery]


async def image_of(house: House, role: str) -> ImageView:
    """The one image of a role."""
    [image] = [image for image in await house.images() if image.role == role]
    return image


async def refreshed(services: Services, **changes: Any) -> RunReport:
    """One run with services of which a part was exchanged."""
    return await refresh(make_options(**changes), replace(services, run_id=uuid4()))


# --- the flag, all the way down ----------------------------------------------------------------------------------


@dataclass(slots=True)
class NotingFetcher:
    """Notes the options that reach the downloader, by the picture's address."""

    inner: Any
    told: dict[str, RefreshOptions] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        self.told[request.url] = options
        answer = await self.inner.download_image(request, sink, options, deadline_seconds=deadline_seconds)
        assert answer.force_refresh is options.force_refresh_images
        return answer


@BOTH
async def test_r20_r41_r42_the_downloader_sees_the_value_for_hero_and_performer(house: House, forced: bool) -> None:
    """R19, R20: after index, task, detail and image task it is the very value that the run began with."""
    fetcher, options = NotingFetcher(house.services.fetcher), make_options(force_refresh_images=forced, limit=1)
    await refresh(options, replace(house.services, run_id=uuid4(), fetcher=fetcher))
    roles = {image.provider_url: image.role for image in await house.images() if image.provider == KEY}
    assert {roles[url] for url in fetcher.told if url in roles} == {"hero", "profile"}
    assert all(told is options for told in fetcher.told.values())


async def test_r12_r13_details_are_dealt_out_by_the_index_with_all_they_need(house: House) -> None:
    """R12, R13: never more at once than `concurrency`; each with venue, source id and options."""
    report = await house.run(sources=(KEY, "question_one"), limit=5, force_refresh_images=True)
    assert all(source.visited == 5 for source in report.sources.values())
    options = report.options.model_dump(mode="json")
    given = house.events("detail.args_received")
    assert len(given) == 10
    for entry in given:
        assert entry["source"] in report.sources
        assert house.replica.site.knows(entry["source"], entry["listing"])
        assert entry["venue"]
        assert entry["options"] == options
    open_now: Counter[str] = Counter()
    for entry in house.events("detail.args_received", "detail.finished"):
        open_now[entry["source"]] += 1 if entry["event"] == "detail.args_received" else -1
        assert open_now[entry["source"]] <= house.services.settings.concurrency_per_source
    assert set(open_now.values()) == {0}


async def test_r25_forced_is_the_same_for_every_source(house: House) -> None:
    """R25: of each source, each picture once, unconditionally; unforced none; every file written anew."""
    first = await house.run(limit=3)
    assert first.sources.keys() == SOURCES.keys()
    stored, images = house.files, await house.images()
    with_pictures = {image.provider for image in images}
    assert with_pictures == {"quizmeisters", "question_one", "speed_quizzing", "geeks_who_drink", "pubquiz_pl"}
    house.replica.site.log.reset()
    await house.run(limit=3, force_update=True)
    assert pictures_asked(house) == []

    assert (await house.run(limit=3, force_refresh_images=True)).ok

    asked = pictures_asked(house)
    assert len(asked) == len({seen.path for seen in asked}) == len(images)
    assert {seen.path.split("/")[1] for seen in asked} == with_pictures
    assert all(seen.is_no_cache and seen.body_sent and not seen.is_conditional for seen in asked)
    assert all(house.files[key][1] > modified for key, (_, modified) in stored.items())


@BOTH
async def test_r27_a_stored_job_refreshes_as_it_was_told(house: House, forced: bool) -> None:
    """R9, R27, R73: options as the runs table keeps them, read back, are the options of the next run."""
    await house.run(limit=1, sources=(KEY,))
    earlier = await house.run(limit=1, sources=(KEY,), force_update=True, force_refresh_images=forced)
    [row] = await house.query("SELECT options::text AS options FROM runs WHERE id = $1", earlier.run_id)
    house.replica.site.log.reset()
    house.capture.entries.clear()

    report = await refresh(options_from_json(row["options"]), replace(house.services, run_id=uuid4()))

    assert report.options == earlier.options
    assert len(pictures_asked(house)) == (2 if forced else 0)
    assert bool(house.events("refresh.enabled")) is forced
    assert [entry["force_refresh"] for entry in house.events("refresh.effective")] == [forced]


@BOTH
async def test_r27_one_venue_may_be_refreshed_without_a_run(house: House, forced: bool) -> None:
    """R27: calling the refresh of one listing directly, with options as a parameter."""
    await house.run(limit=1, sources=(KEY,))
    slug = (await house.venues())[0].slug
    house.replica.site.log.reset()
    outcome = await one_detail(house.services, slug, make_options(force_refresh_images=forced))
    assert outcome.failure is None
    assert len(pictures_asked(house)) == (2 if forced else 0)


async def one_detail(services: Services, slug: str, options: RefreshOptions) -> DetailOutcome:
    source = services.sources[KEY]
    keys = (await services.catalog.keys_of_venues(KEY, [slug]))[slug]
    listing = await find_listing(source, keys, None, RunLimits(services.clock, None, lambda: False), services)
    assert listing is not None
    return await refresh_detail(source, listing, options, replace(services, run_id=uuid4()))


# --- replacement -------------------------------------------------------------------------------------------------


async def test_r4_r49_a_performers_other_bytes_replace_the_old_ones(house: House) -> None:
    """R4, R5, R49, R51, R60: same address and name of the picture; checked, saved, switched, then deleted."""
    await house.run(limit=1, sources=(KEY,))
    old = await image_of(house, "profile")
    house.replica.site.change_image(old.provider_url or "")

    assert counts(await house.run(limit=1, sources=(KEY,), force_refresh_images=True))["replaced"] == 1

    new = await image_of(house, "profile")
    assert (new.id, new.provider_url) == (old.id, old.provider_url)
    assert new.sha256 != old.sha256
    assert {old.storage_key, old.thumb_key}.isdisjoint(house.files)
    assert {new.storage_key, new.thumb_key} <= house.files.keys()
    told = [
        entry for entry in house.events() if entry.get("role") == "profile" or entry.get("path") == old.storage_key
    ]
    steps = ["image.download", "image.checked", "image.saved", "image.reference_switched", "image.deleting"]
    events = [entry["event"] for entry in told]
    assert [event for event in events if event in [*steps, "image.old_deleted"]] == [*steps, "image.old_deleted"]
    assert await house.problems() == []


async def test_r69_temporary_and_permanent_copies_of_two_venues_agree(house: House) -> None:
    """R45, R69: with limit 2, what is downloaded aside has the bytes that each row and file now have."""
    await house.run(limit=2, sources=(KEY,))
    before = {image.id: image for image in await house.images()}
    for image in before.values():
        house.replica.site.change_image(image.provider_url or "")

    assert (await house.run(limit=2, sources=(KEY,), force_refresh_images=True)).ok

    images = await house.images()
    assert len({image.owner for image in images if image.role == "hero"}) == 2
    for image in images:
        assert image.sha256 != before[image.id].sha256
        [row] = await house.query("SELECT source_sha256 FROM images WHERE id = $1", image.id)
        async with house.services.files.stage() as stage:
            request = ImageRequest(image.provider_url or "", None)
            await house.services.fetcher.download_image(request, stage, make_options(), deadline_seconds=5)
            await stage.complete()
            assert stage.sha256 == row["source_sha256"]
        assert await house.services.files.digest(image.storage_key or "") == image.sha256


@dataclass(slots=True)
class GuardedStore:
    """Before a file goes, and after others came: is there a row whose file is missing?"""

    inner: FileStore
    house: House
    looks: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def adopt(self, files: Sequence[Any], options: RefreshOptions, **labels: Any) -> None:
        await self._look()
        await self.inner.adopt(files, options, **labels)
        await self._look()

    async def delete(self, key: str) -> bool:
        gone = await self.inner.delete(key)
        await self._look()
        return gone

    async def _look(self) -> None:
        self.looks += 1
        for image in await self.house.images(status="uploaded"):
            for path in (image.path, image.thumb_path):
                assert path is None or Path(path).stat().st_size > 0, path


async def test_r40_no_reader_meets_a_row_without_its_file(house: House) -> None:
    """R40: looked at between all steps of a forced run that replaces every file."""
    await house.run(limit=2, sources=(KEY,))
    for image in await house.images():
        house.replica.site.change_image(image.provider_url or "")
    store = GuardedStore(house.services.files, house)
    report = await refreshed(replace(house.services, files=store), limit=2, sources=(KEY,), force_refresh_images=True)
    assert report.ok
    assert counts(report) == {"replaced": 4}
    assert store.looks == 2 * 4 + 2 * 4  # each adoption twice, each old file and thumbnail once


async def test_r37_a_folder_that_is_gone_does_not_hinder_the_switch(house: House) -> None:
    """R37: rows whose folder somebody removed get new files; nothing is left of the old ones."""
    await house.run(limit=1, sources=(KEY,))
    versions = {image.id: image.version for image in await house.images()}
    for folder in ("venues", "performers"):
        shutil.rmtree(house.settings.image_dir / folder)

    report = await house.run(limit=1, sources=(KEY,), force_refresh_images=True)

    assert report.ok
    assert counts(report) == {"new": 2}
    assert all(image.version > versions[image.id] for image in await house.images())
    assert await house.problems() == []


# --- cleaning that meets resistance ------------------------------------------------------------------------------


async def test_r32_r36_a_refused_deletion_is_told_and_made_good_by_the_next_forced_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R32, R36: intent, then success or the reason; the other files go; the next forced run takes the rest."""
    await house.run(limit=1, sources=(KEY,))
    old = await image_of(house, "hero")
    assert old.storage_key is not None
    house.replica.site.change_image(old.provider_url or "")
    stubborn = old.storage_key.rpartition("/")[2]
    with watch_files(monkeypatch).refusing("unlink", errno.EACCES, about=stubborn):
        report = await house.run(limit=1, sources=(KEY,), force_refresh_images=True)

    assert report.ok  # the new picture is stored and served
    assert old.storage_key in house.files
    assert old.thumb_key not in house.files
    told = [(entry["event"], entry["path"]) for entry in house.events() if entry.get("path") == old.storage_key]
    assert told[-2:] == [("image.deleting", old.storage_key), ("image.delete_failed", old.storage_key)]
    [refused] = house.events("image.delete_failed")
    assert "Permission denied" in refused["error"]
    [cleaned] = [entry for entry in house.events("image.cleaned") if entry["directory"].startswith("venues/")]
    assert cleaned["count"] == 1

    await house.run(limit=1, sources=(KEY,), force_refresh_images=True)
    assert old.storage_key not in house.files
    assert await house.problems() == []


async def test_r34_a_missing_directory_is_told(house: House) -> None:
    """R34: nothing to clean is no failure."""
    nobody = ClaimedOwner(OwnerKind.VENUE, 1, "no-such-pub", is_new=False)
    await clean_superseded(nobody, (), make_options(force_refresh_images=True), house.services)
    [told] = house.events("image.clean_no_directory")
    assert told["directory"] == "venues/no-such-pub/"
    assert [entry["count"] for entry in house.events("image.cleaned")] == [0]


@dataclass(slots=True)
class UnlistableStore:
    """A store whose folders cannot be listed."""

    inner: FileStore

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def list_files(self, prefix: str) -> Sequence[Any]:
        raise StorageUnavailable("the image store refused: Input/output error")


async def test_r35_a_folder_that_cannot_be_listed_is_told_and_the_run_goes_on(house: House) -> None:
    """R35: what the switch superseded goes all the same."""
    await house.run(limit=1, sources=(KEY,))
    old = await image_of(house, "hero")
    house.replica.site.change_image(old.provider_url or "")
    services = replace(house.services, files=UnlistableStore(house.services.files))
    report = await refreshed(services, limit=1, sources=(KEY,), force_refresh_images=True)
    assert report.ok
    failed = house.events("image.clean_list_failed")
    assert {entry["directory"].partition("/")[0] for entry in failed} == {"venues", "performers"}
    assert all("Input/output error" in entry["error"] for entry in failed)
    assert old.storage_key not in house.files
    assert await house.problems() == []


# --- addresses and downloads that are none -----------------------------------------------------------------------


@dataclass(slots=True)
class RewritingReader:
    """Reads each page as its source does; then the hero picture has another address, or None."""

    inner: PageReader
    hero_url: str | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def read_detail(
        self, source: Source, listing: Listing, page: Page | None, companion: Page | None
    ) -> Detail:
        detail = await self.inner.read_detail(source, listing, page, companion)
        images = [image for image in detail.images if image.role != "hero"]
        images += [
            replace(image, url=self.hero_url)
            for image in detail.images
            if image.role == "hero" and self.hero_url is not None
        ]
        return replace(detail, images=tuple(images))


@pytest.mark.parametrize("source", [None, "", "  ", "#", "data:image/gif;base64,R0lG", "http://["], ids=repr)
def test_r48_r53_a_page_that_names_no_picture_offers_none(source: str | None) -> None:
    """R48, R53: empty and null are "no picture"; they never become an address that is asked for."""
    assert picture_address(source, "https://site.example/pub/") is None


@pytest.mark.parametrize("clean_first", [False, True], ids=["swap", "clean-first"])
async def test_r48_no_new_address_neither_deletes_nor_blanks(house: House, clean_first: bool) -> None:
    """R48, R53, images.md 2: a forced run without a new URL keeps the picture, with clean_first too, and says so."""
    await house.run(limit=1, sources=(KEY,))
    before, stored = await image_of(house, "hero"), house.files
    services = replace(house.services, reader=RewritingReader(house.services.reader, None))
    house.capture.entries.clear()

    report = await refreshed(services, limit=1, sources=(KEY,), force_refresh_images=True, clean_first=clean_first)

    assert report.ok
    after = await image_of(house, "hero")
    assert (after.status, after.storage_key, after.sha256) == ("uploaded", before.storage_key, before.sha256)
    assert after.provider_url == before.provider_url
    assert house.files[before.storage_key or ""] == stored[before.storage_key or ""]
    assert len(house.events("image.forced_without_url")) == 1


async def test_r53_each_way_to_fail_is_a_result_of_its_own(house: House) -> None:
    """R39, R53: an unusable address, a failed download and a failed check differ; the old image stays each time."""
    await house.run(limit=1, sources=(KEY,))
    old = await image_of(house, "hero")
    page_only = house.services
    bad_port = replace(page_only, reader=RewritingReader(page_only.reader, "http://127.0.0.1:99999/x.jpg"))
    forced = {"limit": 1, "sources": (KEY,), "force_refresh_images": True}

    found = [await _hero_failure(bad_port, forced)]
    house.replica.site.flip(ImageSwitch(path=old.provider_url or "", fault=ImageFault.STATUS, status=503))
    found.append(await _hero_failure(page_only, forced))
    house.replica.site.flip(ImageSwitch(path=old.provider_url or "", fault=ImageFault.HTML))
    found.append(await _hero_failure(page_only, forced))

    assert found == [
        ("failed", ErrorType.INVALID_URL, None, None),
        ("failed", ErrorType.SERVICE_UNAVAILABLE, None, 503),
        ("rejected", ErrorType.NOT_AN_IMAGE, Reason.HTML, None),
    ]
    now = await image_of(house, "hero")
    assert (now.status, now.sha256, now.error_type) == ("uploaded", old.sha256, "not_an_image")
    assert await house.problems() == []


async def _hero_failure(
    services: Services, options: Mapping[str, Any]
) -> tuple[str, ErrorType, Reason | None, int | None]:
    report = await refreshed(services, **options)
    [failure] = report.failures
    assert failure.subject == "hero image"
    [kind] = {"failed", "rejected"} & counts(report).keys()
    return kind, failure.error_type, failure.reason, failure.status_code


async def test_r54_a_picture_that_never_ends_is_given_up_alone(house: House) -> None:
    """R54: the time-out of one picture abandons that picture; the performer's and the event are stored."""
    [visit] = (await house.run(limit=1, sources=(KEY,), dry_run=True)).sources[KEY].plan
    hero = house.replica.site.venue(KEY, visit.key).hero
    assert hero is not None
    house.replica.site.flip(ImageSwitch(path=house.replica.site.image_path(KEY, hero), fault=ImageFault.SLOW))
    settings = replace(house.services.settings, hero_deadline_seconds=0.3)

    report = await refreshed(replace(house.services, settings=settings), limit=1, sources=(KEY,))

    assert counts(report) == {"new": 1, "failed": 1}
    [failure] = report.failures
    assert (failure.subject, failure.error_type) == ("hero image", ErrorType.NETWORK_TIMEOUT)
    assert [len(venue.events) for venue in await house.venues()] == [1]
    assert [image.role for image in await house.images(status="failed")] == ["hero"]
    assert await house.problems() == []


def test_r54_r216_the_limits_are_those_of_the_specification(tmp_path: Path) -> None:
    """R54, R216: 30 s, 40 s and 60 s; a download 30 s, 10 MB, 5 redirects; private hosts need permission."""
    settings = settings_from({}, state_dir=tmp_path)
    images, http = settings.images, settings.http
    limits = (images.hero_deadline, images.performer_deadline, http.page_deadline, images.download_deadline)
    assert [limit.total_seconds() for limit in limits] == [30, 40, 60, 30]
    assert (images.min_bytes, images.max_bytes, http.max_redirects) == (100, 10_000_000, 5)
    assert list(http.allow_networks) == []


# --- many at once ------------------------------------------------------------------------------------------------


async def test_r74_a_forced_mass_refresh_is_throttled_and_counted(house: House) -> None:
    """R74: never more requests at a host than its connections; every picture and every byte is in the report."""
    assert (await house.run(sources=(KEY,))).ok
    number = len(await house.images())
    assert number > 15
    house.replica.site.log.reset()

    report = await house.run(sources=(KEY,), force_refresh_images=True)

    assert report.ok
    assert house.replica.site.log.most_in_flight <= house.settings.http.per_host_connections
    assert len(pictures_asked(house)) == number
    told = counts(report)
    assert told["unchanged_hash"] == number
    assert report.sources[KEY].bytes_received == house.replica.site.log.bytes_sent


async def test_r213_lists_take_as_many_queries_for_many_as_for_few(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R213: what `venues list` and `images list` read does not grow by a query an item."""
    asked: Counter[str] = Counter()
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        monkeypatch.setattr(Session, name, _counted(getattr(Session, name), asked))
    for ask in (house.venues, house.images):
        taken = []
        for limit in (2, 12):
            await house.run(limit=limit, sources=(KEY,), force_update=True)
            asked.clear()
            assert len(await ask()) >= limit
            taken.append(dict(asked))
        assert taken[0] == taken[1] != {}


def _counted(real: Any, asked: Counter[str]) -> Any:
    async def call(self: Session, query: str, *arguments: Any, **keywords: Any) -> Any:
        asked[query] += 1
        return await real(self, query, *arguments, **keywords)

    return call


async def test_r76_r77_a_row_has_one_of_five_statuses(house: House) -> None:
    """R76, R77: the five words, and the database accepts no sixth."""
    await house.run(limit=1, sources=(KEY,))
    assert {*ImageStatus} == {"uploaded", "failed", "permanently_failed", "skipped", "external"}
    with pytest.raises(asyncpg.CheckViolationError):
        await house.query("UPDATE images SET status = 'pending' RETURNING id")
