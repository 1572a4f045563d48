"""Invented views and reports for the command line's tests."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from uuid import UUID

from trivia_scraper.domain.checkups import StoreFacts
from trivia_scraper.domain.cleaning import (
    CleanupAction,
    CleanupReport,
    FailureCounts,
    HistoryReport,
    OwnerCleanup,
    ScanReport,
)
from trivia_scraper.domain.directory import AttemptView, EventView, ImageView, SightingView, VenueView
from trivia_scraper.domain.enrichment import (
    EnrichmentMode,
    EnrichmentOutcome,
    EnrichmentReport,
    EnrichmentState,
    EnrichmentStatus,
    ListingStatus,
    NotAsked,
    ProviderListing,
    StaleVenues,
    VenueContext,
    VenueTotals,
)
from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.file_sweeps import SweepReport, UndoReport
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import (
    Failure,
    FinishReason,
    ImageOutcomeKind,
    IndexVerdict,
    PlannedVisit,
    RunReport,
    SkipReason,
    SourceReport,
)
from trivia_scraper.domain.photo_provider import ListedPhoto
from trivia_scraper.domain.recovery import OwnerRef, RecoveryReport, RecoveryRequest
from trivia_scraper.domain.venue_story import ImageFacts, Next, ToldImage, ToldRun, VenueFacts, VenueStory, VisitFacts

AT = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
RUN_ID = UUID("00000000-0000-4000-8000-000000000001")
HOSTILE_NAME = "The Crown\x1b[31m\nok: nothing failed"


def venue(slug: str = "the-crown", name: str = "The Crown") -> VenueView:
    sighting = SightingView("question_one", "https://q1.example/v/the-crown", AT, AT, None)
    event = EventView(
        id=3, title="Quiz", weekday=2, start_time="19:30", end_time=None, frequency="monthly", ordinals=(2, 4),
        fee_minor=250, currency="GBP", status="active", performer="Ann", description=None, sources=(sighting,),
    )  # fmt: skip
    return VenueView(
        id=1, slug=slug, name=name, address="1 High St", street=None, postcode="AB1 2CD", city="York", region=None,
        country="GB", latitude=53.96, longitude=-1.08, timezone="Europe/London", phone=None, website=None,
        facebook=None, instagram=None, created_at=AT, updated_at=AT, events=(event,),
    )  # fmt: skip


def image(status: str = "failed") -> ImageView:
    return ImageView(
        id=17, owner_kind="venue", owner="the-crown", role="hero", provider="question_one",
        provider_url="https://q1.example/i.jpg", url="https://q1.example/i.jpg", status=status,
        storage_key="venues/the-crown/hero-abc.jpg", thumb_key=None, path="/srv/venues/the-crown/hero-abc.jpg",
        thumb_path=None, sha256="ab" * 32, source_sha256="ab" * 32,
        mime="image/jpeg", width=640, height=480, bytes=12_345, fetched_at=AT,
        verified_at=AT, error_type="not_found", reason=None, error="404 Not Found", status_code=404, retry_count=1,
        retry_attempt=1, next_retry_at=AT, refresh_failed_at=AT, version=2,
    )  # fmt: skip


def attempt() -> AttemptView:
    return AttemptView(
        kind="refresh", at=AT, outcome="failed", error_type="not_found", status_code=404, attempt=1, bytes=None,
        duration_ms=12,
    )  # fmt: skip


def options(**changes) -> RefreshOptions:
    stated = {
        "force_refresh_images": False, "force_update": False, "clean_first": False, "retry_failed_only": False,
        "dry_run": False, "limit": None, "sources": (), "venues": (), "providers": (), "max_time_seconds": None,
    }  # fmt: skip
    return RefreshOptions(**(stated | changes))


def enrichment(**changes) -> EnrichmentReport:
    asked = changes.pop("options", options())
    context = VenueContext(1, "the-crown", HOSTILE_NAME, "1 High St", "York", "GB", 53.96, -1.08)
    outcome = EnrichmentOutcome(
        venue=context, run_id=str(RUN_ID), mode=EnrichmentMode.FORCED, status=EnrichmentStatus.SUCCESS,
        requested=asked.providers, listings=listings(), discovered=2, kept=1, totals=VenueTotals(2, 0, 2),
        summary="all 2 photos stored: 1 new, 1 kept", next="looked up again from 2026-06-01", started_at=AT,
        due_at=AT,
    )  # fmt: skip
    report = EnrichmentReport(str(RUN_ID), StaleVenues(("the-crown",), total=1, stale=1, no_id=0))
    report.outcomes.append(replace(outcome, **changes))
    return report


def listings() -> tuple[ProviderListing, ...]:
    photo = ListedPhoto("p1", "https://lh3.example/p1", 1600, 1200, "Ann", "https://g.example/ann")
    return (
        ProviderListing("google_places", ListingStatus.LISTED, (photo, photo), 1, 0.006),
        ProviderListing("foursquare", ListingStatus.EMPTY, requests=1),
        ProviderListing(
            "here", ListingStatus.FAILED, requests=3, cost=0.015, error_type=ErrorType.RATE_LIMITED, status_code=429,
            message="https://here.example/?apiKey=c4nary says no",
        ),
        ProviderListing("unsplash", ListingStatus.NOT_ASKED, not_asked=NotAsked.MISSING_KEY, message="no key"),
    )  # fmt: skip


def failure(venue_name: str = "The Crown") -> Failure:
    return Failure(
        source="question_one",
        venue=venue_name,
        url="https://user:c4nary@q1.example/i.jpg?token=c4nary&w=1",
        error_type=ErrorType.NETWORK_TIMEOUT,
        failure_class=FailureClass.TRANSIENT,
        reason=Reason.DEADLINE,
        status_code=None,
        message="no answer from https://user:c4nary@q1.example/",
        attempts=3,
        next="tried again in the next run",
        subject="hero image",
    )


def source_report(slug: str = "question_one") -> SourceReport:
    return SourceReport(
        slug,
        verdict=IndexVerdict.COMPLETE,
        index_pages=2,
        listed=1234,
        visited=3,
        skipped=Counter({SkipReason.FRESH: 31, SkipReason.BEYOND_LIMIT: 1200}),
        created=1,
        updated=1,
        failed=1,
        left_by_limit=1200,
        images=Counter({ImageOutcomeKind.NEW: 1, ImageOutcomeKind.UNCHANGED_304: 2, ImageOutcomeKind.FAILED: 1}),
        image_errors=Counter({ErrorType.NETWORK_TIMEOUT: 1}),
        bytes_received=4_321_000,
        seconds=12.34,
    )


def report(*slugs: str, failures: tuple[Failure, ...] = (), **changes) -> RunReport:
    made = RunReport(
        run_id=RUN_ID,
        options=changes.pop("options", options()),
        started_at=AT,
        finished_at=AT,
        finish_reason=changes.pop("finish_reason", FinishReason.DONE),
        sources={slug: source_report(slug) for slug in slugs or ("question_one",)},
        failures=list(failures),
    )
    assert not changes
    return made


def recovery(**changes) -> RecoveryReport:
    request = changes.pop("request", RecoveryRequest(include_ambiguous=False, all_due=True))
    return RecoveryReport(
        run_id=RUN_ID, request=request, options=changes.pop("options", options()), started_at=AT, finished_at=AT,
        **changes,
    )  # fmt: skip


def planned() -> PlannedVisit:
    return PlannedVisit(key="the-crown", name=HOSTILE_NAME, url="https://q1.example/v/the-crown", why="never visited")


def cleanup(**changes) -> CleanupReport:
    counts = FailureCounts(2, 1, 0)
    owner = OwnerCleanup(OwnerRef(OwnerKind.VENUE, 1), "the-crown", counts, CleanupAction.QUEUE)
    files = SweepReport(files=10, rows=5, rehashed=1, quarantined=2, quarantined_bytes=2_000, requeued=1)
    report = CleanupReport(7, False, 1_234, ScanReport((owner,)), files, HistoryReport(attempts=3, snapshot=True))
    return replace(report, **changes)


def undo(**changes) -> UndoReport:
    return replace(UndoReport(7, ("venues/nobody/hero-1.jpg",), (), (), {}), **changes)


def story(of: VenueView, *images: ImageView) -> VenueStory:
    run = ToldRun(RUN_ID, options().model_dump(mode="json"), "schedule")
    visit = VisitFacts("question_one", "17", AT, "never read", "created", None, None, run)
    facts = VenueFacts(of, (), (visit,), tuple(map(ImageFacts, images)), EnrichmentState(), {}, (), ())
    told = tuple(ToldImage(image, "", Next(AT, "asked whether it has changed")) for image in facts.images)
    return VenueStory(of.slug, facts, (), told, Next(None, "never: no photo provider is switched on"))


def store_facts() -> StoreFacts:
    return StoreFacts("18.6", 0.1, is_pooled=False, holder=None, dead_epochs=(), sources=(), untold=())
