"""What an enrichment tells: a table with a row a venue, what happens next, and the same as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from trivia_scraper.cli.output import note
from trivia_scraper.cli.tables import Column, Table, say, show
from trivia_scraper.domain.enrichment import EnrichmentOutcome, EnrichmentReport, ListingStatus, ProviderListing
from trivia_scraper.domain.photos import PhotoOutcome
from trivia_scraper.domain.recovery import RecoveryEnd, owner_document
from trivia_scraper.domain.redaction import redact_text, strip_secrets

_COLUMNS: Final = (
    Column("venue"),
    Column("status"),
    Column("listed", right=True),
    Column("uploaded", right=True),
    Column("failed", right=True),
    Column("stored", right=True),
    Column("cost", right=True),
    Column("providers"),
)


def show_enrichment(report: EnrichmentReport, color_mode: str) -> None:
    """The closing view, to stdout; the count of venues goes to stderr."""
    if report.outcomes:
        rows = tuple(_row(outcome) for outcome in report.outcomes)
        show(Table(_COLUMNS, rows, tuple(_emphasis(report))), color_mode)
        say("", color_mode)
    for outcome in report.outcomes:
        for line in _lines(outcome):
            say(line, color_mode)
    for slug, message in report.crashed.items():
        say(f"{slug}: failed: {message}", color_mode, "bad")
    note(_closing(report))


def _row(outcome: EnrichmentOutcome) -> tuple[str, ...]:
    return (
        outcome.venue.slug,
        outcome.status,
        str(outcome.discovered),
        str(outcome.uploaded),
        str(outcome.failed),
        f"{outcome.totals.uploaded}/{outcome.totals.total}",
        f"{outcome.cost:.4f}",
        ", ".join(map(_told, outcome.listings)) or "-",
    )


def _told(listing: ProviderListing) -> str:
    match listing.status:
        case ListingStatus.LISTED:
            return f"{listing.provider} {len(listing.photos)}"
        case ListingStatus.EMPTY:
            return f"{listing.provider} none"
        case ListingStatus.FAILED:
            return f"{listing.provider} failed: {listing.why}"
        case ListingStatus.NOT_ASKED:
            return f"{listing.provider} not asked: {listing.why}"


def _emphasis(report: EnrichmentReport) -> Iterator[tuple[int, str]]:
    for number, outcome in enumerate(report.outcomes):
        if not outcome.ok:
            yield number, "bad"
        elif not outcome.listings and outcome.recovery is None:
            yield number, "dim"


def _lines(outcome: EnrichmentOutcome) -> Iterator[str]:
    """What came of it, what failed, and what happens next."""
    yield f"{outcome.venue.slug}: {redact_text(outcome.summary)}"
    for photo in outcome.photos:
        if photo.failure is not None:
            yield f"{outcome.venue.slug}: {_photo_line(photo)}"
    for image in outcome.recovery.images if outcome.recovery is not None else ():
        if image.end is not RecoveryEnd.UPLOADED:
            why = f" ({image.error_type.value})" if image.error_type else ""
            yield f"{outcome.venue.slug}: image {image.id} of {image.provider}: {image.end.value}{why}"
    yield f"{outcome.venue.slug}: next: {outcome.next}"


def _photo_line(photo: PhotoOutcome) -> str:
    assert photo.failure is not None
    which = f"image {photo.image_id}" if photo.image_id is not None else "an image"
    code = f" (HTTP {photo.failure.status_code})" if photo.failure.status_code else ""
    again = f", again from {photo.next_retry_at:%Y-%m-%d %H:%M:%S} UTC" if photo.next_retry_at else ""
    return f"{which} of {photo.photo.provider}: {photo.kind.value}: {photo.failure.error_type.value}{code}{again}"


def _closing(report: EnrichmentReport) -> str:
    chosen = report.chosen
    done = f"{len(report.outcomes):,} of {len(chosen.venues):,} venues, {report.cost:.4f} USD"
    if chosen.total == chosen.stale == len(chosen.venues):
        return done
    stale = f"{chosen.stale:,} of {chosen.total:,} are due, {chosen.filtered:,} are fresh"
    return f"{done}; {stale}, {chosen.no_id:,} of those due have no id at a provider"


def enrichment_document(report: EnrichmentReport) -> dict[str, Any]:
    """The report as one JSON object; what is None is left out of a venue."""
    chosen = report.chosen
    return {
        "ok": report.ok,
        "run_id": report.run_id,
        "stopped": report.stopped,
        "total": chosen.total,
        "stale": chosen.stale,
        "filtered": chosen.filtered,
        "no_id": chosen.no_id,
        "cost": report.cost,
        "venues": [outcome_document(outcome) for outcome in report.outcomes],
        "crashed": report.crashed,
    }


def outcome_document(outcome: EnrichmentOutcome) -> dict[str, Any]:
    """One venue's part (R107): whom it was about, counts of this run, and the venue's totals apart (R142, R143)."""
    venue = outcome.venue
    document = {
        "venue": {
            "id": venue.id, "slug": venue.slug, "name": venue.name, "address": venue.address, "city": venue.city,
            "latitude": venue.latitude, "longitude": venue.longitude,
            "provider_ids": {provider: list(ids) for provider, ids in venue.provider_ids.items()},
        },
        "mode": outcome.mode.value,
        "status": outcome.status.value,
        "requested_providers": list(outcome.requested),
        "planned_providers": list(outcome.planned),
        "images_discovered": outcome.discovered,
        "images_uploaded": outcome.uploaded,
        "images_failed": outcome.failed,
        "images_kept": outcome.kept,
        "images_left": dict(outcome.left),
        "failure_breakdown": dict(outcome.failure_breakdown),
        "failed_image_ids": list(outcome.failed_image_ids),
        "venue_totals": {
            "uploaded": outcome.totals.uploaded, "failed": outcome.totals.failed, "total": outcome.totals.total,
        },
        "providers": {listing.provider: _listing_document(listing) for listing in outcome.listings},
        "requests": outcome.requests,
        "cost": outcome.cost,
        "summary": outcome.summary,
        "next": outcome.next,
        "next_enrichment_due": outcome.due_at,
        "duration_ms": outcome.duration_ms,
        "images": [_photo_document(photo) for photo in outcome.photos],
        "recovery": owner_document(outcome.recovery) if outcome.recovery is not None else None,
    }  # fmt: skip
    return {name: value for name, value in document.items() if value is not None}


def _listing_document(listing: ProviderListing) -> dict[str, Any]:
    document = {
        "status": listing.status.value,
        "why": listing.why,
        "images": len(listing.photos),
        "requests": listing.requests,
        "cost": listing.cost,
        "status_code": listing.status_code,
        "message": listing.message or None,
    }
    return {name: value for name, value in document.items() if value is not None}


def _photo_document(photo: PhotoOutcome) -> dict[str, Any]:
    failure = photo.failure
    document = {
        "id": photo.image_id,
        "provider": photo.photo.provider,
        "provider_url": strip_secrets(photo.photo.url),
        "outcome": photo.kind.value,
        "storage_key": photo.storage_key,
        "bytes": photo.bytes_received or None,
        "next_retry_at": photo.next_retry_at,
        "error_details": None
        if failure is None
        else {
            "error_type": failure.error_type.value,
            "reason": failure.reason.value if failure.reason else None,
            "status_code": failure.status_code,
            "message": failure.message,
        },
    }
    return {name: value for name, value in document.items() if value is not None}
