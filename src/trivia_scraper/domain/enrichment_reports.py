"""What an enrichment comes to, as one JSON document: what `enrich --json` prints and a request's outcome is."""

from __future__ import annotations

from typing import Any

from trivia_scraper.domain.enrichment import EnrichmentOutcome, EnrichmentReport, ProviderListing
from trivia_scraper.domain.photos import PhotoOutcome
from trivia_scraper.domain.recovery import owner_document
from trivia_scraper.domain.redaction import strip_secrets


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
        "chosen": len(chosen.venues),
        "storage_full": report.storage_full,
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
