"""`verify-refresh` says yes to the real thing, and no to everything that only looks like it (images.md 4.4, T14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from support.house import House, make_options
from trivia_scraper.cli.verify import pass_options
from trivia_scraper.demo.request_log import RequestSeen
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.pages import (
    ImageDownloaded,
    ImageNotModified,
    ImageRequest,
    Page,
    PageRequest,
    Validators,
)
from trivia_scraper.pipeline import verify
from trivia_scraper.pipeline.verify import VerifyPasses, VerifyReport, verify_refresh
from trivia_scraper.ports import BodySink, Fetcher, FileStore, Services, Stage

UNFORCED = pass_options(force_refresh_images=False)
STORED = "unforced: every offered image is stored"
REQUESTED = "forced: each image is requested once, without validators"
RENEWED = "forced: permanent files and rows are new"
TOLD = "forced: no event says skipped or force_refresh=false"
ORDER = "forced: download, forcing_existing, saved, in this order"
UNTOUCHED = "unforced again: no request, nothing changed"


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modification times of this store are told in ns: 20 ms set them apart as surely as a second."""
    monkeypatch.setattr(verify, "SECONDS_BETWEEN", 0.02)


def passes_of_the_command(**changed: RefreshOptions) -> VerifyPasses:
    """As `trivia-scraper verify-refresh` builds them."""
    stated: dict[str, Any] = {
        "unforced": pass_options(force_refresh_images=False),
        "forced": pass_options(force_refresh_images=True),
        "run_ids": (uuid4(), uuid4(), uuid4()),
    }
    return VerifyPasses(**{**stated, **changed})


async def verified(house: House, services: Services | None = None, **changed: RefreshOptions) -> VerifyReport:
    """The verdict on the first venue of the directory."""
    slug = (await house.venues())[0].slug
    return await verify_refresh(slug, None, passes_of_the_command(**changed), services or house.services)


def failed(report: VerifyReport) -> set[str]:
    assert [step.name for step in report.steps] == [STORED, REQUESTED, RENEWED, TOLD, ORDER, UNTOUCHED]
    return {step.name for step in report.steps if not step.ok}


# --- yes ---------------------------------------------------------------------------------------------------------


async def test_t14_a_venue_by_its_slug_is_verified(house: House) -> None:
    """R16, R64, R70: the sequence of images.md 4.4, the forced pass in a child task; one verdict."""
    await house.run(limit=1, sources=("quizmeisters",))
    stored = house.files
    report = await verified(house)
    assert failed(report) == set()
    assert report.ok
    assert report.url == (await house.venues())[0].events[0].sources[0].url
    assert all(house.files[key][1] > modified for key, (_, modified) in stored.items())
    assert await house.problems() == []


@pytest.mark.parametrize("source", ["quizmeisters", "question_one"])
async def test_t14_a_venue_by_the_address_of_its_page_is_verified(house: House, source: str) -> None:
    """By URL it need not be known yet: the first pass stores it."""
    [visit] = (await house.run(limit=1, sources=(source,), dry_run=True)).sources[source].plan
    assert await house.venues() == []
    report = await verify_refresh(None, visit.url, passes_of_the_command(), house.services)
    assert failed(report) == set()
    assert report.url == visit.url
    assert house.files
    assert await house.problems() == []


async def test_t14_a_second_verification_holds_as_well(house: House) -> None:
    await house.run(limit=1, sources=("quizmeisters",))
    assert (await verified(house)).ok
    assert (await verified(house)).ok


async def test_t14_pictures_that_changed_meanwhile_are_no_lie(house: House) -> None:
    """The picture differs between the passes: other key, same slot, still a refresh that arrived."""
    await house.run(limit=1, sources=("quizmeisters",))

    async def wait_while_the_site_changes(seconds: float) -> None:
        for image in await house.images():
            house.replica.site.change_image(image.provider_url or "")

    report = await verified(house, replace(house.services, sleep=wait_while_the_site_changes))
    assert failed(report) == set()
    assert await house.problems() == []


async def test_what_is_no_listing_is_named(house: House) -> None:
    for venue, url in (("no-such-pub", None), (None, f"{house.replica.base_url}/quizmeisters/no-such-page/")):
        with pytest.raises(SetupError, match="no-such"):
            await verify_refresh(venue, url, passes_of_the_command(), house.services)


# --- no: a downloader that ignores the flag ----------------------------------------------------------------------


class _AroundTheFetcher:
    """Pages as always; images as the class under test has them."""

    def __init__(self, inner: Fetcher) -> None:
        self.inner = inner

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        return await self.inner.fetch_page(
            request, accept_language=accept_language, deadline_seconds=deadline_seconds
        )


class NotModifiedFetcher(_AroundTheFetcher):
    """Asks nobody, although the options say force: "what you have is still good"."""

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        if options.force_refresh_images:
            return ImageNotModified(Validators('"same"', None), force_refresh=False)
        return await self.inner.download_image(request, sink, options, deadline_seconds=deadline_seconds)


class RevalidatingFetcher(_AroundTheFetcher):
    """Remembers what it was told of each picture and asks "has it changed?", whatever the options say."""

    def __init__(self, inner: Fetcher) -> None:
        super().__init__(inner)
        self.known: dict[str, Validators] = {}

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        conditional = replace(request, validators=self.known.get(request.url))
        answer = await self.inner.download_image(conditional, sink, UNFORCED, deadline_seconds=deadline_seconds)
        self.known[request.url] = answer.validators
        return answer


class DeafFetcher(_AroundTheFetcher):
    """Downloads as it should, but the flag was lost on the way to it: no "no-cache" for the caches in between."""

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        return await self.inner.download_image(request, sink, UNFORCED, deadline_seconds=deadline_seconds)


class CachingFetcher(_AroundTheFetcher):
    """Hands out the bytes of an earlier download, without any request."""

    def __init__(self, inner: Fetcher) -> None:
        super().__init__(inner)
        self.kept: dict[str, tuple[bytes, ImageDownloaded]] = {}

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        if request.url in self.kept:
            body, earlier = self.kept[request.url]
            await sink.write(body)
            return earlier
        copy = _CopyingSink(sink)
        answer = await self.inner.download_image(request, copy, options, deadline_seconds=deadline_seconds)
        assert isinstance(answer, ImageDownloaded)
        self.kept[request.url] = bytes(copy.body), answer
        return answer


class _CopyingSink:
    def __init__(self, inner: BodySink) -> None:
        self._inner = inner
        self.body = bytearray()

    async def write(self, chunk: bytes) -> None:
        self.body += chunk
        await self._inner.write(chunk)

    async def restart(self) -> None:
        self.body.clear()
        await self._inner.restart()


async def test_t14_a_downloader_that_answers_not_modified_is_found_out(house: House) -> None:
    """R71: the baseline of images.md 4.4: it ignores the flag, so nothing on disk is new."""
    await house.run(limit=1, sources=("quizmeisters",))
    stored = house.files
    report = await verified(house, replace(house.services, fetcher=NotModifiedFetcher(house.services.fetcher)))
    assert {RENEWED, ORDER} <= failed(report) <= {REQUESTED, RENEWED, ORDER}
    assert house.files == stored


async def test_t14_a_downloader_that_revalidates_is_found_out(house: House) -> None:
    """Conditional requests where unconditional ones were ordered: the site answers 304, nothing is new."""
    await house.run(limit=1, sources=("quizmeisters",))
    stored = house.files
    fetcher = RevalidatingFetcher(house.services.fetcher)
    await download_all(house, fetcher)
    house.replica.site.log.reset()
    report = await verified(house, replace(house.services, fetcher=fetcher))
    assert [seen.status for seen in picture_requests(house)] == [304, 304]
    assert {RENEWED, ORDER} <= failed(report) <= {REQUESTED, RENEWED, ORDER}
    assert house.files == stored


async def test_t14_a_downloader_that_lost_the_flag_is_found_out(house: House) -> None:
    """R71, images.md 4.1: a forced request carries no-cache; `ImageDownloaded.force_refresh` says what was seen."""
    await house.run(limit=1, sources=("quizmeisters",))
    house.replica.site.log.reset()
    report = await verified(house, replace(house.services, fetcher=DeafFetcher(house.services.fetcher)))
    assert [seen.is_no_cache for seen in picture_requests(house)] == [False, False]
    assert failed(report) == {REQUESTED}


async def test_t14_a_downloader_that_serves_from_a_cache_is_found_out(house: House) -> None:
    """D1, R6: reused or cached bytes are never served for a forced run."""
    await house.run(limit=1, sources=("quizmeisters",))
    fetcher = CachingFetcher(house.services.fetcher)
    await download_all(house, fetcher)
    house.replica.site.log.reset()
    report = await verified(house, replace(house.services, fetcher=fetcher))
    assert picture_requests(house) == []
    assert failed(report) == {REQUESTED}


def picture_requests(house: House) -> list[RequestSeen]:
    return [seen for seen in house.replica.site.log.requests() if "/cdn/" in seen.path]


async def download_all(house: House, fetcher: Fetcher) -> None:
    """Let a downloader that remembers meet every stored picture, unforced."""
    for image in await house.images():
        async with house.services.files.stage() as stage:
            request = ImageRequest(image.provider_url or "", None)
            await fetcher.download_image(request, stage, UNFORCED, deadline_seconds=5)


# --- no: a store that keeps the old file -------------------------------------------------------------------------


class KeepingStore:
    """Says yes to every adoption; a file that is there stays as it is."""

    def __init__(self, inner: FileStore) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def adopt(
        self,
        files: Sequence[tuple[str, Stage | bytes]],
        options: RefreshOptions,
        *,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        absent = [(key, body) for key, body in files if await self._inner.stat(key) is None]
        await self._inner.adopt(absent, options, labels=labels)


async def test_t14_a_store_that_keeps_the_old_file_is_found_out(house: House) -> None:
    """T1: the row says new, the modification time says old."""
    await house.run(limit=1, sources=("quizmeisters",))
    report = await verified(house, replace(house.services, files=KeepingStore(house.services.files)))
    assert failed(report) == {RENEWED}
    [step] = [step for step in report.steps if not step.ok]
    assert "hero" in step.detail
    assert "profile" in step.detail


# --- no: a flag that was lost ------------------------------------------------------------------------------------


async def test_t14_a_pipeline_that_lost_the_flag_is_found_out(house: House) -> None:
    """The 2025 app: false arrived where true was sent; every step that force must change says so."""
    await house.run(limit=1, sources=("quizmeisters",))
    stored = house.files
    report = await verified(house, forced=pass_options(force_refresh_images=False))
    assert failed(report) == {REQUESTED, RENEWED, TOLD, ORDER}
    assert house.files == stored


async def test_t14_a_flag_that_sticks_is_found_out(house: House) -> None:
    """The other direction: unforced passes that refresh all the same."""
    await house.run(limit=1, sources=("quizmeisters",))
    report = await verified(house, unforced=pass_options(force_refresh_images=True))
    assert failed(report) == {UNTOUCHED}


async def test_a_venue_whose_pictures_cannot_be_had_is_not_verified(house: House) -> None:
    """Nothing stored proves nothing."""
    await house.run(limit=1, sources=("quizmeisters",))
    for image in await house.images():
        house.replica.site.flip(ImageSwitch(path=image.provider_url or "", fault=ImageFault.STATUS, status=404))
    report = await verified(house)
    assert not report.ok
    assert RENEWED in failed(report)


def test_the_passes_of_the_command_differ_in_the_flag_alone() -> None:
    passes = passes_of_the_command()
    assert passes.unforced == make_options()
    assert passes.forced == make_options(force_refresh_images=True)
    assert len(set(passes.run_ids)) == 3
