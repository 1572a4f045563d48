"""The weekly report, alerts, snapshots and lists of enrichments against rows put in by hand (images.md 10-12)."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from support.image_shelf import NOON, Shelf
from trivia_scraper.domain.enrichment_runs import GalleryState, RunFilter, RunScope
from trivia_scraper.domain.photo_provider import ProviderAccount
from trivia_scraper.domain.weekly import DayFigures, PermanentFailures, Recovered, RecoveryDay
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.policy.gallery_states import cards_of
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.enrichment_runs import PostgresEnrichmentRuns
from trivia_scraper.storage.history import PostgresHistory
from trivia_scraper.storage.stats import PostgresStatistics
from trivia_scraper.storage.weekly import PostgresWeekly

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


@pytest.fixture
def weekly(database: Database) -> PostgresWeekly:
    accounts = {
        "google_places": ProviderAccount("google_places", "", "c4nary", 1, 0.0, 0.003, 10, 0, 0),
        "foursquare": ProviderAccount("foursquare", "", "c4nary", 2, 0.0, 0.0, 1, 60, 500),
    }
    return PostgresWeekly(database, DEFAULT_CLASSES, accounts, 10, DAY)


async def test_r191_recovered_means_stored_by_recovery_within_the_week(shelf: Shelf, weekly: PostgresWeekly) -> None:
    crown, bell = await shelf.venue("crown"), await shelf.venue("bell")
    ann = await shelf.performer("ann")
    back = await shelf.image(crown, "uploaded")
    await shelf.attempt(back, "recovery", NOON - 2 * DAY, "rate_limited")
    await shelf.attempt(back, "recovery", NOON - DAY)
    again = await shelf.image(crown, "uploaded")
    await shelf.attempt(again, "recovery", NOON - DAY)
    still = await shelf.image(bell, "failed", "rate_limited")
    await shelf.attempt(still, "recovery", NOON - DAY, "rate_limited")
    host = await shelf.image(ann, "uploaded", owner_kind="performer")
    await shelf.attempt(host, "recovery", NOON - 7 * DAY)  # the very beginning belongs to the week
    downloaded = await shelf.image(bell, "uploaded")
    await shelf.attempt(downloaded, "download", NOON - DAY)
    older = await shelf.image(bell, "uploaded")
    await shelf.attempt(older, "recovery", NOON - 7 * DAY - HOUR)
    future = await shelf.image(bell, "uploaded")
    await shelf.attempt(future, "recovery", NOON)  # the end does not
    report = await weekly.report(NOON, NOON)
    assert report.recovered == Recovered(
        images_retried=4, images_recovered=3, venues_recovered=1, performers_recovered=1
    )
    assert report.success_rate_pct == 75.0
    assert report.success_by_day == [
        RecoveryDay(dt.date(2026, 9, 2), "google_places", 1, 1),
        RecoveryDay(dt.date(2026, 9, 7), "google_places", 1, 0),
        RecoveryDay(dt.date(2026, 9, 8), "google_places", 3, 2),
    ]


async def test_r230_success_is_counted_by_day_and_provider(shelf: Shelf, weekly: PostgresWeekly) -> None:
    venue = await shelf.venue("crown")
    for provider, error_type in (("here", None), ("here", "gone"), ("foursquare", None)):
        image = await shelf.image(venue, "failed", "gone", provider=provider)
        await shelf.attempt(image, "recovery", NOON - HOUR, error_type)
    assert await weekly.recovery_success(NOON - DAY, NOON) == [
        RecoveryDay(dt.date(2026, 9, 9), "foursquare", 1, 1),
        RecoveryDay(dt.date(2026, 9, 9), "here", 2, 1),
    ]


async def test_r191_an_empty_week_has_no_rate_and_no_division_by_nothing(weekly: PostgresWeekly) -> None:
    report = await weekly.report(NOON, NOON)
    assert report.success_rate_pct is None
    assert report.saved.fewer_pct is None
    assert report.patterns == report.trend == []
    assert report.last_cleanup is None


async def test_r191_permanent_failures_new_total_and_the_week_before(shelf: Shelf, weekly: PostgresWeekly) -> None:
    venue = await shelf.venue("crown")
    for days in (1, 2, 8, 13, 20):
        await shelf.image(venue, "permanently_failed", "gone", finalized_at=NOON - days * DAY)
    await shelf.image(venue, "permanently_failed", "gone", finalized_at=NOON - DAY, deleted_at=NOON)
    report = await weekly.report(NOON, NOON)
    assert report.permanent == PermanentFailures(total=5, new=2, new_before=2)


async def test_r230_listings_saved_by_venue_day_and_provider_with_an_id(shelf: Shelf, weekly: PostgresWeekly) -> None:
    """crown: two days, Google by its place id, Foursquare; HERE is not enabled. bell has no id anywhere."""
    crown, bell = await shelf.venue("crown", place_id="p-1"), await shelf.venue("bell")
    for provider in ("foursquare", "here"):
        await shelf.execute("INSERT INTO venue_provider_ids VALUES ($1, $2, 'x', $3)", crown, provider, NOON)
    google = await shelf.images(crown, (3, "failed", "rate_limited"), (9, "uploaded", None))
    await shelf.images(crown, (2, "uploaded", None), provider="foursquare")
    for image, days in ((google[0], 1), (google[1], 1), (google[0], 2)):
        await shelf.attempt(image, "recovery", NOON - days * DAY)
    await shelf.attempt(await shelf.image(bell, "failed", "rate_limited"), "recovery", NOON - DAY)
    await shelf.request("google_places", NOON - DAY, cost=0.03)
    await shelf.request("google_places", NOON - DAY, kind="photo", cost=0.0)
    await shelf.request("google_places", NOON - 8 * DAY, cost=0.03)
    saved = (await weekly.report(NOON, NOON)).saved
    assert (saved.listings, saved.by_provider) == (4, {"foursquare": 2, "google_places": 2})
    assert saved.cost == 0.06  # two listings of ten photos (twelve are known, ten is the cap) at 0.003
    assert (saved.made, saved.made_cost, saved.fewer_pct) == (1, 0.03, 80.0)


async def test_r230_ids_of_merged_venues_would_have_been_asked_for_too(shelf: Shelf, weekly: PostgresWeekly) -> None:
    crown = await shelf.venue("crown")
    old = await shelf.venue("old-crown", merged_into=crown, place_id="p-1")
    await shelf.execute("INSERT INTO venue_provider_ids VALUES ($1, 'foursquare', 'x', $2)", old, NOON)
    await shelf.attempt(await shelf.image(crown, "uploaded"), "recovery", NOON - DAY)
    assert (await weekly.report(NOON, NOON)).saved.by_provider == {"foursquare": 1, "google_places": 1}


async def test_r188_an_imported_failure_without_times_is_overdue_too(shelf: Shelf, weekly: PostgresWeekly) -> None:
    await shelf.image(await shelf.venue("crown"), "failed", "rate_limited", error_at=None)
    name = "transient failures not retried within 24 h"
    for at, is_met in ((NOON + 23 * HOUR, True), (NOON + 24 * HOUR, False)):
        assert [each.is_met for each in (await weekly.report(at, at)).targets if each.name == name] == [is_met]


async def test_r190_targets_are_judged_by_what_was_measured(shelf: Shelf, weekly: PostgresWeekly) -> None:
    venue = await shelf.venue("crown")
    images = await shelf.images(venue, (19, "uploaded", None), (1, "failed", "rate_limited"))
    limited, other = uuid4(), uuid4()
    for number, image in enumerate(images):
        error_type = "rate_limited" if number == 19 else None
        run = limited if number == 19 else other
        await shelf.attempt(image, "download", NOON - DAY, error_type, run_id=run, attempt=3 if number == 19 else 1)
    await shelf.enrichment_run(venue, uploaded=9, failed=1, duration_ms=6100, started_at=NOON - DAY)
    await shelf.enrichment_run(venue, mode="retry_only", uploaded=1, duration_ms=90_000, started_at=NOON - DAY)
    await shelf.execute(
        "INSERT INTO recovery_requests (owner_kind, owner_id, include_ambiguous, options, requested_by, priority,"
        " requested_at, started_at, finished_at, outcome)"
        " SELECT 'venue', $1, false, '{}', 'test', 2, $2, $2, $2::timestamptz + s * interval '1 second', '{}'"
        " FROM unnest(ARRAY[1, 2, 30]) AS s",
        venue,
        NOON - DAY,
    )
    verdicts = {each.name: (each.reached, each.is_met) for each in (await weekly.report(NOON, NOON)).targets}
    assert verdicts["stored by the run that found them"] == ("95.0 %", False)
    assert verdicts["stored after recovery"] == ("95.0 %", False)
    assert verdicts["venues with unrecovered transient failures"] == ("100.0 %", False)
    assert verdicts["images that needed another try"] == ("5.0 %", False)
    assert verdicts["runs in which a server limited us"] == ("50.0 %", False)
    assert verdicts["ten images"] == ("6.1 s", True)
    assert verdicts["a recovery"] == ("2.0 s", True)
    assert verdicts["failed images"] == ("1", True)


@pytest.mark.parametrize(
    ("facts", "overdue"),
    [
        ({"next_retry_at": NOON - 25 * HOUR}, 1),
        ({"next_retry_at": NOON - 23 * HOUR}, 0),
        ({"next_retry_at": NOON + HOUR, "error_at": NOON - 90 * HOUR}, 0),
        ({"next_retry_at": None, "error_at": NOON - 25 * HOUR}, 1),
        ({"next_retry_at": NOON - 25 * HOUR, "retry_count": 3}, 0),
        ({"next_retry_at": NOON - 25 * HOUR, "error_type": "server_error"}, 0),
    ],
    ids=["r188-overdue", "r188-within-a-day", "r188-retry-after-forbids", "r188-never-due", "closed", "ambiguous"],
)
async def test_r188_transient_failures_that_nobody_retried_within_a_day(
    shelf: Shelf, weekly: PostgresWeekly, facts: dict[str, object], overdue: int
) -> None:
    facts = {"error_type": "rate_limited", **facts}
    await shelf.image(await shelf.venue("crown"), "failed", str(facts.pop("error_type")), **facts)
    verdicts = {each.name: each.reached for each in (await weekly.report(NOON, NOON)).targets}
    assert verdicts["transient failures not retried within 24 h"] == str(overdue)


async def test_r192_queued_recoveries_the_last_cleanup_and_the_trend_are_told(
    shelf: Shelf, weekly: PostgresWeekly
) -> None:
    venue = await shelf.venue("crown")
    await shelf.execute(
        "INSERT INTO recovery_requests (owner_kind, owner_id, include_ambiguous, options, requested_by, priority,"
        " requested_at) VALUES ('venue', $1, false, '{}', 'test', 2, $2)",
        venue, NOON,
    )  # fmt: skip
    await shelf.execute(
        "INSERT INTO cleanup_runs (started_at, finished_at, report) VALUES ($1, $1, '{\"n\": 1}'), ($2, NULL, NULL)",
        NOON - DAY, NOON,
    )  # fmt: skip
    for day in ("2026-08-01", "2026-09-08", "2026-09-09"):
        await shelf.execute(
            "INSERT INTO daily_figures VALUES ($1, jsonb_build_object('owners', jsonb_build_object("
            "'venue', jsonb_build_object('summary', jsonb_build_object('total_failed_images', 7,"
            " 'total_venues_with_failures', 3)), 'performer', jsonb_build_object('summary',"
            " jsonb_build_object('total_failed_images', 2, 'total_venues_with_failures', 1)))))",
            dt.date.fromisoformat(day),
        )
    report = await weekly.report(NOON, NOON)
    assert report.waiting_recoveries == 1
    assert report.last_cleanup is not None
    assert (report.last_cleanup.finished_at, report.last_cleanup.report) == (NOON - DAY, {"n": 1})
    assert report.trend == [DayFigures(dt.date(2026, 9, day), 9, 3) for day in (8, 9)]


async def test_r199_r229_alerts_from_the_rows_of_now(shelf: Shelf, weekly: PostgresWeekly) -> None:
    venue = await shelf.venue("crown")
    image = await shelf.image(venue, "permanently_failed", "gone", provider="here")
    for number in range(20):
        await shelf.attempt(image, "recovery", NOON - HOUR, "gone" if number < 5 else None)
    await shelf.attempt(image, "recovery", NOON - 2 * DAY, "gone")
    stored = await shelf.image(venue, "failed", "storage_error", provider="unsplash")
    for _ in range(20):  # our own store's refusals, and a host that was left alone: nobody's failures (R125)
        await shelf.attempt(stored, "download", NOON - HOUR, "storage_error")
        await shelf.attempt(stored, "download", NOON - HOUR, "service_unavailable", attempt=0)
    for second in range(57):
        await shelf.request("foursquare", NOON - dt.timedelta(seconds=second))
    await shelf.execute(
        "INSERT INTO breakers (host, open_until, updated_at) VALUES ('cdn.example', $1, $2), ('old.example', $2, $2)",
        NOON + HOUR, NOON,
    )  # fmt: skip
    assert [(alert.condition, alert.level.value) for alert in await weekly.alerts(NOON)] == [
        ("provider_used:foursquare:minute", "critical"),
        ("breaker_open:cdn.example", "warning"),
        ("cleanup_missed", "warning"),
        ("images_closed", "warning"),
        ("provider_failing:here", "warning"),
    ]


async def test_r199_usage_of_the_last_second_minute_hour_and_day(shelf: Shelf, database: Database) -> None:
    for seconds in (0, 30, 1800, 7200, 90_000):
        await shelf.request("here", NOON - dt.timedelta(seconds=seconds), cost=0.005)
    await shelf.request("here", NOON + HOUR)
    [usage] = await PostgresStatistics(database, DEFAULT_CLASSES).provider_usage(NOON)
    assert (usage.last_second, usage.last_minute, usage.last_hour, usage.last_day) == (1, 2, 3, 4)
    assert usage.cost_last_day == pytest.approx(0.02)


async def test_r220_five_snapshots_are_kept_and_the_last_is_stale_after_25_hours(
    shelf: Shelf, database: Database, weekly: PostgresWeekly
) -> None:
    statistics = PostgresStatistics(database, DEFAULT_CLASSES)
    history = PostgresHistory(database, statistics)
    assert await weekly.last_snapshot(NOON) is None
    await shelf.images(await shelf.venue("crown"), (3, "failed", "rate_limited"), (7, "uploaded", None))
    for day in range(6):
        at = NOON + day * DAY
        await history.keep_statistics(at)
    assert await shelf.value("SELECT count(*) FROM statistics_snapshots") == 5
    assert await shelf.value("SELECT count(*) FROM daily_figures") == 6
    taken = NOON + 5 * DAY
    fresh = await weekly.last_snapshot(taken + 25 * HOUR)
    assert fresh is not None
    assert (fresh.taken_at, fresh.age_seconds, fresh.is_stale) == (taken, 90_000.0, False)
    stale = await weekly.last_snapshot(taken + 25 * HOUR + dt.timedelta(seconds=1))
    assert stale is not None
    assert stale.is_stale
    assert stale.figures["owners"]["venue"]["summary"]["average_failure_rate"] == 30.0  # type: ignore[index]
    report = await weekly.report(taken, taken)
    assert report.trend[-1] == DayFigures(taken.date(), 3, 1)


@pytest.fixture
async def town(shelf: Shelf) -> dict[str, int]:
    """crown and bell in one bulk run, swan alone and failed, and how they stand now."""
    ids = {slug: await shelf.venue(slug, city=city) for slug, city in (("crown", "York"), ("bell", "Leeds"))}
    ids["swan"] = await shelf.venue("swan")
    bulk = uuid4()
    await shelf.images(ids["crown"], (3, "uploaded", None), (2, "failed", "rate_limited"), (1, "failed", "gone"))
    await shelf.images(ids["bell"], (4, "uploaded", None))
    await shelf.enrichment_run(
        ids["crown"], run_id=bulk, discovered=6, uploaded=3, failed=3, providers={"google_places": {}},
        failure_breakdown={"rate_limited": 2, "gone": 1}, summary="3 of 6", started_at=NOON - 3 * HOUR, cost=0.018,
    )  # fmt: skip
    await shelf.enrichment_run(
        ids["bell"], run_id=bulk, discovered=4, uploaded=4, providers={"here": {}}, started_at=NOON - 2 * HOUR
    )
    await shelf.enrichment_run(ids["swan"], status="error", started_at=NOON - HOUR, summary="failed: here")
    return ids


@pytest.mark.parametrize(
    ("wanted", "venues"),
    [
        (RunFilter(), ["swan", "bell", "crown"]),
        (RunFilter(provider="here"), ["bell"]),
        (RunFilter(error_type="rate_limited"), ["crown"]),
        (RunFilter(status="error"), ["swan"]),
        (RunFilter(city="york"), ["crown"]),
        (RunFilter(venue="bell"), ["bell"]),
        (RunFilter(since=NOON - dt.timedelta(minutes=150)), ["swan", "bell"]),
        (RunFilter(scope=RunScope.BULK), ["bell", "crown"]),
        (RunFilter(scope=RunScope.SINGLE), ["swan"]),
        (RunFilter(scope=RunScope.PARTIAL), ["crown"]),
        (RunFilter(scope=RunScope.FAILED), ["swan"]),
    ],
    ids=[
        "all", "r203-provider", "r203-error-type", "r204-status", "r204-city", "r202-venue", "r204-date", "r204-bulk",
        "r204-single", "r204-partial", "r204-failed",
    ],
)  # fmt: skip
async def test_r203_r204_enrichments_are_filtered_newest_first(
    town: dict[str, int], database: Database, wanted: RunFilter, venues: list[str]
) -> None:
    runs = PostgresEnrichmentRuns(database, DEFAULT_CLASSES)
    assert [run.venue for run in await runs.operations(wanted)] == venues
    assert [run.venue for run in await runs.history(wanted)] == venues


async def test_r203_a_row_tells_the_run_and_how_the_venue_stands_now(
    town: dict[str, int], shelf: Shelf, database: Database
) -> None:
    keys = ("thumb/b.jpg", "thumb/a.jpg")
    for position, key in enumerate(keys):
        await shelf.execute(
            "UPDATE images SET thumb_key = $1, position = $2 WHERE id = (SELECT min(id) + $3::bigint FROM images)",
            key, position + 1, 1 - position,
        )  # fmt: skip
    found = {
        run.venue: run for run in await PostgresEnrichmentRuns(database, DEFAULT_CLASSES).operations(RunFilter())
    }
    crown = found["crown"]
    assert (crown.discovered, crown.uploaded, crown.failed, crown.cost, crown.is_bulk) == (6, 3, 3, 0.018, True)
    assert (crown.failure_breakdown, crown.summary) == ({"rate_limited": 2, "gone": 1}, "3 of 6")
    assert (crown.uploaded_now, crown.failed_now, crown.retryable_now) == (3, 3, 2)
    assert crown.thumbnails == list(keys)
    assert [found[name].state for name in ("crown", "bell", "swan")] == [
        GalleryState.PARTIAL,
        GalleryState.COMPLETE,
        GalleryState.NONE,
    ]
    cards = cards_of(list(found.values()))
    assert (cards.operations, cards.uploaded, cards.failed, cards.retryable) == (3, 7, 3, 2)


async def test_r203_fifty_operations_r204_a_hundred_of_history(shelf: Shelf, database: Database) -> None:
    venue = await shelf.venue("crown")
    await shelf.execute(
        "INSERT INTO enrichment_runs (run_id, venue_id, mode, status, context, discovered, uploaded, failed,"
        " venue_uploaded, venue_failed, venue_total, summary, started_at, duration_ms)"
        " SELECT gen_random_uuid(), $1, 'forced', 'success', '{}', 1, 1, 0, 1, 0, 1, '', $2::timestamptz, 5"
        " FROM generate_series(1, 120)",
        venue,
        NOON,
    )
    runs = PostgresEnrichmentRuns(database, DEFAULT_CLASSES)
    assert len(await runs.operations(RunFilter())) == 50
    assert len(await runs.history(RunFilter())) == 100


async def test_r206_the_history_of_enrichments_outlives_runs_and_requests(
    town: dict[str, int], shelf: Shelf, database: Database
) -> None:
    for table in ("runs", "recovery_requests", "image_attempts", "provider_requests"):
        await shelf.execute(f"DELETE FROM {table}")
    assert len(await PostgresEnrichmentRuns(database, DEFAULT_CLASSES).history(RunFilter())) == 3
