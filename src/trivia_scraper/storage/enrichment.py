"""Enrichments in Postgres: which venues are due, what each run was about, what is kept of a venue.

Implements `ports.EnrichmentLog`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.enrichment import (
    EnrichmentOutcome,
    EnrichmentState,
    EnrichmentStatus,
    HistoryEntry,
    ProviderListing,
    StaleVenues,
    VenueContext,
)
from trivia_scraper.domain.photos import KnownPhoto, Photo
from trivia_scraper.policy.enrichment_results import (
    answered,
    completeness_of,
    counts_as_check,
    history_entry,
    history_with,
    used_providers,
)
from trivia_scraper.policy.staleness import StalenessTerms
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.sessions import Session


class PostgresEnrichment:
    """Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def venue(self, slug: str) -> VenueContext | None:
        """A venue by its slug or a retired one."""
        row = await self._database.fetchrow("enrichment/venue", slug)
        return None if row is None else venue_context(row)

    async def state(self, venue_id: int) -> EnrichmentState:
        """What is kept of a venue's enrichments."""
        row = await self._database.fetchrow("enrichment/state", venue_id)
        return EnrichmentState() if row is None else _state(row)

    async def stale_venues(
        self, terms: StalenessTerms, providers: Sequence[str] | None, limit: int | None, now: dt.datetime
    ) -> StaleVenues:
        """Venues due to be looked up, oldest check first."""
        row = await self._database.fetchrow(
            "enrichment/stale",
            now - dt.timedelta(days=terms.days),
            now - dt.timedelta(days=terms.days_without_images),
            None if providers is None else list(providers),
            limit,
        )
        assert row is not None
        return StaleVenues(tuple(row["venues"]), row["total"], row["stale"], row["no_id"])

    async def save(
        self, outcome: EnrichmentOutcome, kept: Sequence[tuple[KnownPhoto, Photo]], at: dt.datetime
    ) -> None:
        """Keep a run, the venue's state, and what listings say of photos that stay."""
        venue_id, run_id = outcome.venue.id, UUID(outcome.run_id)
        async with self._database.transaction() as session:
            if await session.fetchval("enrichment/run_is_kept", run_id, venue_id, outcome.started_at):
                return
            await _save_run(session, outcome, run_id)
            if outcome.listings:
                await _save_state(session, outcome, at)
            await session.executemany("enrichment/renew_photo", [_renewal(known, photo) for known, photo in kept])


async def _save_run(session: Session, outcome: EnrichmentOutcome, run_id: UUID) -> None:
    totals = outcome.totals
    await session.execute(
        "enrichment/save_run", run_id, outcome.venue.id, outcome.mode, outcome.status, _context_document(outcome),
        outcome.discovered, outcome.uploaded, outcome.failed, totals.uploaded, totals.failed, totals.total,
        dict(outcome.failure_breakdown), list(outcome.failed_image_ids), _providers_document(outcome.listings),
        _dollars(outcome.cost), outcome.summary, outcome.started_at, outcome.duration_ms,
    )  # fmt: skip


async def _save_state(session: Session, outcome: EnrichmentOutcome, at: dt.datetime) -> None:
    row = await session.fetchrow("enrichment/history_for_update", outcome.venue.id)
    known = () if row is None else _history(row["history"])
    details = {} if row is None else dict(row["providers"])
    history = history_with(known, history_entry(outcome, at))
    await session.execute(
        "enrichment/save_state", outcome.venue.id, counts_as_check(outcome.status), outcome.status, outcome.summary,
        details | _providers_document(outcome.listings, at), list(used_providers(outcome.listings)),
        completeness_of(outcome.listings), _dollars(outcome.cost), [_entry_document(entry) for entry in history], at,
    )  # fmt: skip


def _renewal(known: KnownPhoto, photo: Photo) -> tuple[object, ...]:
    return known.id, photo.identity, photo.url, photo.attribution, photo.attribution_url, photo.fetched_at


def venue_context(row: Row) -> VenueContext:
    """A row of enrichment/venue as a value."""
    ids: dict[str, tuple[str, ...]] = {}
    for provider, provider_id in zip(row["id_providers"], row["ids"], strict=True):
        ids[provider] = (*ids.get(provider, ()), provider_id)
    return VenueContext(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        address=row["address"],
        city=row["city"],
        country=row["country"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        provider_ids=ids,
    )


def _context_document(outcome: EnrichmentOutcome) -> dict[str, Any]:
    """Whom the run was about (images.md 5.6): enough to read it when the venue has changed since."""
    venue = outcome.venue
    return {
        "venue_id": venue.id,
        "slug": venue.slug,
        "name": venue.name,
        "address": venue.address,
        "city": venue.city,
        "latitude": venue.latitude,
        "longitude": venue.longitude,
        "provider_ids": {provider: list(ids) for provider, ids in venue.provider_ids.items()},
        "requested_providers": list(outcome.requested),
    }


def _providers_document(listings: Sequence[ProviderListing], at: dt.datetime | None = None) -> dict[str, Any]:
    return {listing.provider: listing_document(listing, at) for listing in listings}


def listing_document(listing: ProviderListing, at: dt.datetime | None) -> dict[str, Any]:
    """One provider's part of a run; what is None is left out."""
    document = {
        "status": listing.status.value,
        "why": listing.why,
        "images": len(listing.photos),
        "requests": listing.requests,
        "cost": listing.cost,
        "status_code": listing.status_code,
        "message": listing.message or None,
        "at": at.isoformat() if at is not None and answered(listing) else None,
    }
    return {name: value for name, value in document.items() if value is not None}


def _entry_document(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "status": entry.status.value,
        "providers": list(entry.providers),
        "listed": entry.listed,
        "added": entry.added,
        "cost": entry.cost,
    }


def _history(documents: Sequence[Mapping[str, Any]]) -> tuple[HistoryEntry, ...]:
    return tuple(
        HistoryEntry(
            at=dt.datetime.fromisoformat(document["at"]),
            status=EnrichmentStatus(document["status"]),
            providers=tuple(document["providers"]),
            listed=document["listed"],
            added=document["added"],
            cost=document["cost"],
        )
        for document in documents
    )


def _state(row: Row) -> EnrichmentState:
    if row["history"] is None:  # never enriched
        return EnrichmentState(has_images=row["has_images"])
    return EnrichmentState(
        last_checked_at=row["last_checked_at"],
        has_images=row["has_images"],
        last_status=EnrichmentStatus(row["last_status"]) if row["last_status"] else None,
        last_summary=row["last_summary"],
        providers=row["providers"],
        providers_used=tuple(row["providers_used"]),
        completeness=row["completeness"],
        cost=float(row["cost"]),
        history=_history(row["history"]),
    )


def _dollars(cost: float) -> Decimal:
    return Decimal(f"{cost:.4f}")
