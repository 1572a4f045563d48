"""What a job does is counted, by standing between the pipeline and its ports: against the replica, for real."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families as read_text

from support.fetching import FakeClock
from support.house import House, SilentProgress, make_options
from support.live import make_state
from trivia_scraper.bootstrap.metering import JobMeter, MeteredInspector, MeteredReader, StoredSizes
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.errors import ImageRejected, PageShapeChanged, TriviaScraperError, WorkersUnavailable
from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.outcomes import (
    DetailOutcome,
    DetailOutcomeKind,
    Failure,
    ImageOutcome,
    ImageOutcomeKind,
    RunReport,
    SourceReport,
)
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.metrics import Metrics
from trivia_scraper.pipeline.recovery import recover
from trivia_scraper.pipeline.run import refresh

SOURCE = "question_one"


def samples(metrics: Metrics) -> dict[str, float]:
    """Series without labels by name, those with one as "name value"."""
    body, _ = metrics.exposition(make_state(), None, "text/plain")
    found = {}
    for family in read_text(body.decode()):
        for sample in family.samples:
            name = sample.name.removeprefix("trivia_scraper_")
            found[" ".join([name, *(value for _, value in sorted(sample.labels.items()))])] = sample.value
    return found


def make_meter(metrics: Metrics) -> JobMeter:
    return JobMeter(metrics.counts, SilentProgress(), metrics.note_run)


async def metered_run(house: House, metrics: Metrics, **changes: Any) -> tuple[RunReport, JobMeter]:
    meter = make_meter(metrics)
    services = replace(meter.attach(house.services), run_id=uuid4())
    options = make_options(**{"sources": (SOURCE,), "limit": 4, **changes})
    report = await refresh(options, services)
    return report, meter


async def test_a_run_is_counted_as_its_report_and_the_site_tell_it(house: House) -> None:
    metrics = Metrics((SOURCE,), "unknown")
    report, meter = await metered_run(house, metrics)
    source, told = report.sources[SOURCE], samples(metrics)
    stored = source.images[ImageOutcomeKind.NEW]
    assert stored > 0
    assert told["images_downloaded_total new"] == stored
    assert told["image_bytes_total"] == sum(size for size in await stored_bytes(house))
    assert told["venue_changes_total created"] == source.created == 4
    site = house.replica.site
    requests = [seen for seen in site.log.requests() if "robots.txt" not in seen.path]
    pages = Counter(f"{seen.status // 100}xx" for seen in requests if seen.path not in site.gallery)
    assert pages["2xx"] == told["pages_fetched_total 2xx"] >= source.index_pages + 4
    assert pages["4xx"] == told["pages_fetched_total 4xx"] == told["failures_total not_found"] == 1  # the walk's end
    assert told["image_decode_seconds_count"] == stored
    assert told["fetch_duration_seconds_count"] == len(requests)
    assert told[f"runs_total complete {SOURCE}"] == told["run_duration_seconds_count"] == 1
    progress = meter.progress_of()[SOURCE]
    assert (progress.planned, progress.done, progress.failed) == (4, 4, 0)
    assert (progress.images, progress.images_failed) == (source.images.total(), 0)
    # Of the pages only those of venues: who listed them is known before anything is planned.
    assert told["image_bytes_total"] < progress.bytes_received < source.bytes_received
    assert progress.is_finished
    assert not any("://" in name or "127.0.0.1" in name for name in told)


async def stored_bytes(house: House) -> list[int]:
    return [row["bytes"] for row in await house.query("SELECT bytes FROM images WHERE status = 'uploaded'")]


async def test_o12_bytes_that_did_not_have_to_come_are_counted(house: House) -> None:
    """Not asked while fresh; asked and told "not modified" when a verification is due."""
    await metered_run(house, Metrics((SOURCE,), "unknown"))
    sizes = sum(await stored_bytes(house))
    fresh = Metrics((SOURCE,), "unknown")
    again, _ = await metered_run(house, fresh, force_update=True)
    assert again.sources[SOURCE].images[ImageOutcomeKind.FRESH_SKIPPED]
    assert samples(fresh)["bytes_saved_total fresh"] == sizes
    settings = replace(house.services.settings, image_revalidate_after=dt.timedelta(0))
    house.services = replace(house.services, settings=settings)
    asked = Metrics((SOURCE,), "unknown")
    third, _ = await metered_run(house, asked, force_update=True)
    assert third.sources[SOURCE].images[ImageOutcomeKind.UNCHANGED_304]
    told = samples(asked)
    assert told["bytes_saved_total not_modified"] == sizes
    assert told["image_bytes_total"] == 0


async def test_failures_and_the_recovery_that_mends_them_are_counted(house: House) -> None:
    await house.run(sources=(SOURCE,), limit=1)
    [image] = [image for image in await house.images() if image.role == ImageRole.HERO]
    await house.query("DELETE FROM images")
    tries = house.services.settings.attempts
    broken = ImageSwitch(path=image.provider_url or "", fault=ImageFault.STATUS, status=503, times=tries)
    house.replica.site.flip(broken)
    metrics = Metrics((SOURCE,), "unknown")
    _, meter = await metered_run(house, metrics, force_update=True, venues=(image.owner,))
    told = samples(metrics)
    assert told["failures_total service_unavailable"] == tries
    assert told["images_downloaded_total failed"] == told["retries_scheduled_total"] == 1
    assert meter.progress_of()[SOURCE].images_failed == 1
    await house.query("UPDATE images SET next_retry_at = now() - interval '1 minute'")
    request = RecoveryRequest(include_ambiguous=False, all_due=True)
    recovery = await recover(request, make_options(retry_failed_only=True), meter.attach(house.services))
    assert recovery.counts["newly_uploaded"] == samples(metrics)["images_downloaded_total recovered"] == 1


def failure(error_type: ErrorType) -> Failure:
    return Failure(
        SOURCE, "a", "https://pub.example/", error_type, FailureClass.AMBIGUOUS, None, None, "it failed", 1, "wait"
    )


def test_what_no_port_saw_fail_is_counted_where_the_item_ends() -> None:
    metrics = Metrics((SOURCE,), "unknown")
    meter = make_meter(metrics)
    for error_type in (ErrorType.STORAGE_ERROR, ErrorType.UNKNOWN_ERROR, ErrorType.NOT_FOUND):
        failed = failure(error_type)
        meter.detail_finished(SOURCE, DetailOutcome(DetailOutcomeKind.FAILED, None, failure=failed))
        image = ImageOutcome(
            ImageOutcomeKind.FAILED, OwnerKind.VENUE, ImageRole.HERO, "https://pub.example/x", failure=failed
        )
        meter.image_finished(SOURCE, image)
    told = samples(metrics)
    assert [told[f"failures_total {kind}"] for kind in ("storage_error", "unknown_error", "not_found")] == [2, 2, 0]
    assert told["retries_scheduled_total"] == 0
    assert meter.progress_of()[SOURCE] == SourceProgress(done=3, failed=3, images=3, images_failed=3)


def test_what_an_index_closed_and_held_is_a_change() -> None:
    metrics = Metrics((SOURCE,), "unknown")
    make_meter(metrics).source_finished(SOURCE, SourceReport(SOURCE, closed=2, held=3))
    told = samples(metrics)
    assert (told["venue_changes_total closed"], told["venue_changes_total held"]) == (2, 3)


class Failing:
    """Every port of the kind: it only fails."""

    def __init__(self, error: TriviaScraperError) -> None:
        self._error = error

    async def read_index(self, *_: Any) -> Any:
        raise self._error

    async def inspect(self, *_: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (ImageRejected("x", reason=Reason.DECODE_TIMEOUT), ("not_an_image", "worker_killed_total time")),
        (ImageRejected("x", reason=Reason.DECODE_MEMORY), ("not_an_image", "worker_killed_total memory")),
        (ImageRejected("x", reason=Reason.HTML), ("not_an_image", "fetch_blocked_total type")),
        (WorkersUnavailable("x"), ("service_unavailable", "worker_killed_total broken")),
        (
            PageShapeChanged("x", looked_for="name", reason=Reason.PARSE_TIMEOUT),
            ("invalid_response", "worker_killed_total time"),
        ),
    ],
    ids=["time", "memory", "html", "broken", "page"],
)
async def test_f13_f14_what_a_worker_refused_or_died_over_is_counted(
    error: TriviaScraperError, counted: tuple[str, str]
) -> None:
    metrics = Metrics((SOURCE,), "unknown")
    failing: Any = Failing(error)
    if isinstance(error, PageShapeChanged):
        asked: Any = MeteredReader(failing, metrics.counts).read_index(failing, failing)
    else:
        asked = MeteredInspector(failing, metrics.counts, FakeClock()).inspect(b"", make_options())
    with pytest.raises(type(error)):
        await asked
    trouble = ("failures_total", "worker_killed_total", "fetch_blocked_total")
    told = {name for name, number in samples(metrics).items() if name.startswith(trouble) and number}
    assert told == {f"failures_total {counted[0]}", counted[1]}


def test_sizes_are_known_by_public_address_and_forgotten_when_the_image_is_done() -> None:
    sizes = StoredSizes()
    sizes.remember("https://pub.example/x?key=s3cret", 100)
    sizes.remember(None, 100)
    sizes.remember("https://pub.example/y", None)
    assert sizes.of("https://pub.example/x?key=other") == 100
    assert sizes.forget("https://pub.example/x") == 100
    assert sizes.forget("https://pub.example/x") == 0
