"""Which listings of an index a run visits, and why it leaves the others (N6, D7); what an index is worth (N9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trivia_scraper.domain.catalog import KnownListing, SourceBaseline, VanishPlan
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import IndexVerdict, SkipReason


@dataclass(frozen=True, slots=True)
class Visit:
    """A listing that is visited, and why."""

    listing: Listing
    why: str


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """The run's plan for one source: visits in index order, skips each with a reason."""

    visits: tuple[Visit, ...]
    skipped: tuple[tuple[Listing, SkipReason], ...]


def plan_visits(
    listings: Sequence[Listing],
    known: Mapping[str, KnownListing],
    chosen_keys: frozenset[str] | None,
    options: RefreshOptions,
    *,
    now: dt.datetime,
    freshness: dt.timedelta,
) -> VisitPlan:
    """Choose (--venue), then drop the fresh, then cut at the limit, so that a limit counts real visits.

    chosen_keys  stable keys that --venue selects, None = no such choice
    """
    visits: list[Visit] = []
    skipped: list[tuple[Listing, SkipReason]] = []
    for listing in listings:
        if chosen_keys is not None and listing.key not in chosen_keys:
            skipped.append((listing, SkipReason.NOT_CHOSEN))
            continue
        why = _why_visit(known.get(listing.key), options, now=now, freshness=freshness)
        if why is None:
            skipped.append((listing, SkipReason.FRESH))
        elif options.limit is not None and len(visits) >= options.limit:
            skipped.append((listing, SkipReason.BEYOND_LIMIT))
        else:
            visits.append(Visit(listing, why))
    return VisitPlan(tuple(visits), tuple(skipped))


def _why_visit(
    known: KnownListing | None, options: RefreshOptions, *, now: dt.datetime, freshness: dt.timedelta
) -> str | None:
    if options.force_refresh_images:
        return "images are refreshed by force"
    if options.force_update:
        return "update is forced"
    if known is None or known.last_processed_at is None:
        return "never read"
    if known.image_refresh_due:
        return "an image is due again"
    if now - known.last_processed_at >= freshness:
        return "not read lately"
    return None


def judge_index(
    listed: int,
    *,
    walked_to_the_end: bool,
    explicitly_empty: bool,
    baseline: SourceBaseline,
    suspect_ratio: float,
    growth_factor: float,
) -> tuple[IndexVerdict, str]:
    """What an index walk is worth (N9, H131, H132). Only COMPLETE may close events. Returns verdict and why."""
    if not walked_to_the_end:
        return IndexVerdict.TRUNCATED, "not every index page could be read"
    if listed == 0:
        if explicitly_empty:
            return IndexVerdict.EMPTY, "the site says that it lists nothing"
        return IndexVerdict.SUSPECT, "the index lists nothing (zero yield)"
    last = baseline.last_complete_listed
    if last is not None and listed < suspect_ratio * last:
        return IndexVerdict.SUSPECT, f"only {listed} listings, the last complete run had {last}"
    if last is not None and listed > growth_factor * max(last, 1):
        return IndexVerdict.HELD, f"{listed} listings, the last complete run had {last}"
    return IndexVerdict.COMPLETE, ""


def vanishing_is_held(plan: VanishPlan, vanished_ratio: float) -> bool:
    """Whether so much of a source went missing at once that a person must look first (E6, F52)."""
    return plan.running > 0 and plan.newly_missing / plan.running > vanished_ratio
