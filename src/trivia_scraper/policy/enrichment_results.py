"""What an enrichment came to: its status, cost, completeness, summary, and what happens next (images.md 5.5, 5.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from trivia_scraper.domain.enrichment import (
    EnrichmentOutcome,
    EnrichmentStatus,
    HistoryEntry,
    ListingStatus,
    NotAsked,
    ProviderListing,
)
from trivia_scraper.domain.photo_provider import ProviderAccount
from trivia_scraper.domain.photos import PhotoOutcomeKind
from trivia_scraper.domain.recovery import RecoveryEnd

MOST_HISTORY: Final = 10

_COMES_AGAIN: Final = (RecoveryEnd.FAILED, RecoveryEnd.NOT_DUE, RecoveryEnd.LEFT)

_PERSON_FIRST: Final[Mapping[NotAsked, str]] = {
    NotAsked.NO_PLACE_ID: "state the venue's id: `trivia-scraper venues identify {venue} {provider} ID`",
    NotAsked.MISSING_KEY: "set [providers.{provider}] key",
    NotAsked.DISABLED: "set [providers.{provider}] enabled = true",
}


def answered(listing: ProviderListing) -> bool:
    """Whether a provider said what it has."""
    return listing.status in (ListingStatus.LISTED, ListingStatus.EMPTY)


def status_of(listings: Sequence[ProviderListing]) -> EnrichmentStatus:
    """How the listings of a run ended (images.md 5.6, R105).

    success    at least one image listed
    no_images  every provider that could be asked said so: one without an id of this venue has no say, unless it is
               the only one, and then its name is the error
    error      nothing listed, and some provider failed or could not be asked
    skipped    nobody was to be asked
    """
    wanted = [listing for listing in listings if listing.not_asked is not NotAsked.DISABLED]
    if not wanted:
        return EnrichmentStatus.SKIPPED
    if any(listing.photos for listing in wanted):
        return EnrichmentStatus.SUCCESS
    concerned = [listing for listing in wanted if listing.not_asked is not NotAsked.NO_PLACE_ID]
    is_empty = bool(concerned) and all(listing.status is ListingStatus.EMPTY for listing in concerned)
    return EnrichmentStatus.NO_IMAGES if is_empty else EnrichmentStatus.ERROR


def counts_as_check(status: EnrichmentStatus) -> bool:
    """Whether the venue is fresh from now on: after an error nothing is known, and it stays due."""
    return status in (EnrichmentStatus.SUCCESS, EnrichmentStatus.NO_IMAGES)


def completeness_of(listings: Sequence[ProviderListing]) -> float | None:
    """Providers that answered / providers that were asked; None where nobody was asked."""
    asked = [listing for listing in listings if listing.status is not ListingStatus.NOT_ASKED]
    return sum(map(answered, asked)) / len(asked) if asked else None


def listing_cost(requests: int, images: int, cost_per_request: float, cost_per_image: float) -> float:
    """US dollars, four decimals (R103)."""
    return round(cost_per_request * requests + cost_per_image * images, 4)


def used_providers(listings: Sequence[ProviderListing]) -> tuple[str, ...]:
    """Providers that listed something."""
    return tuple(listing.provider for listing in listings if listing.photos)


def most_cost_of(accounts: Sequence[ProviderAccount], most_listed: int | None) -> float | None:
    """What one answer of each of these can cost; None = a photo costs, and nothing limits how many are listed."""
    if most_listed is None and any(account.cost_per_image for account in accounts):
        return None
    listed = most_listed or 0
    return sum(listing_cost(1, listed, each.cost_per_request, each.cost_per_image) for each in accounts)


def history_entry(outcome: EnrichmentOutcome, at: dt.datetime) -> HistoryEntry:
    """A run as one line of its venue's history."""
    return HistoryEntry(
        at=at,
        status=outcome.status,
        providers=tuple(each.provider for each in outcome.listings if each.status is not ListingStatus.NOT_ASKED),
        listed=sum(len(listing.photos) for listing in outcome.listings),
        added=outcome.count(PhotoOutcomeKind.NEW),
        cost=outcome.cost,
    )


def history_with(history: Sequence[HistoryEntry], entry: HistoryEntry) -> tuple[HistoryEntry, ...]:
    """The last ten, newest first (R104)."""
    return (entry, *history)[:MOST_HISTORY]


def planned_step(providers: Sequence[str], most_cost: float | None) -> str:
    """What a dry run would do, in one sentence. `most_cost` in US dollars; None = nothing bounds it."""
    if not providers:
        return "would ask nobody: no provider can be asked for this venue"
    asked = " and ".join(providers)
    if most_cost is None:
        return f"would ask {asked}; the cost grows with the photos they list, which nothing limits"
    return f"would ask {asked}, for at most {most_cost:.4f} USD if each answers once"


def summary_of(outcome: EnrichmentOutcome) -> str:
    """One sentence: all, partial with figures, none, or failed with names."""
    if outcome.recovery is not None:
        would = outcome.recovery.count(RecoveryEnd.WOULD_RETRY)
        return f"would retry {would}" if would else outcome.recovery.message
    if outcome.status is EnrichmentStatus.SKIPPED:
        return "no provider was to be asked"
    if outcome.status is EnrichmentStatus.NO_IMAGES:
        empty = [each.provider for each in outcome.listings if each.status is ListingStatus.EMPTY]
        return f"no photos: {' and '.join(empty)} {'has' if len(empty) == 1 else 'have'} none"
    if outcome.status is EnrichmentStatus.ERROR:
        return f"failed: {_failed_names(outcome.listings)}"
    also = _failed_names([each for each in outcome.listings if each.status is ListingStatus.FAILED])
    return _photos_sentence(outcome) + (f"; failed: {also}" if also else "")


def _photos_sentence(outcome: EnrichmentOutcome) -> str:
    found = outcome.discovered
    stored = outcome.uploaded + outcome.kept + outcome.count(PhotoOutcomeKind.SAME_PHOTO, PhotoOutcomeKind.KEPT)
    parts = [f"{outcome.uploaded} new" if outcome.uploaded else "", f"{outcome.kept} kept" if outcome.kept else ""]
    same = outcome.count(PhotoOutcomeKind.SAME_PHOTO)
    skipped = outcome.count(PhotoOutcomeKind.SKIPPED)
    parts += [f"{same} known under another name" if same else "", f"{skipped} not downloaded" if skipped else ""]
    parts += [f"{number} {reason.replace('_', ' ')}" for reason, number in outcome.left.items()]
    failed = ", ".join(f"{kind} {number}" for kind, number in sorted(outcome.failure_breakdown.items()))
    parts.append(f"{outcome.failed} failed ({failed})" if failed else "")
    told = ", ".join(filter(None, parts))
    head = f"{stored} of {found} photos stored"
    if stored == found:
        head = f"all {found} photos stored" if found > 1 else "its photo is stored"
    return f"{head}: {told}" if told else head


def _failed_names(listings: Sequence[ProviderListing]) -> str:
    named = [each for each in listings if not answered(each)]
    return ", ".join(f"{each.provider} {each.why}{f' ({each.message})' if each.message else ''}" for each in named)


def next_step(outcome: EnrichmentOutcome) -> str:
    """What happens next, and what a person can do (O30)."""
    venue = outcome.venue.slug
    for listing in outcome.listings:
        first = _PERSON_FIRST.get(listing.not_asked) if listing.not_asked is not None else None
        if outcome.status is EnrichmentStatus.ERROR and first is not None:
            return first.format(venue=venue, provider=listing.provider)
    if outcome.status is EnrichmentStatus.ERROR:
        return "stays due; the next enrichment asks again"
    waiting = sum(photo.next_retry_at is not None for photo in outcome.photos)
    left = 0 if outcome.recovery is None else outcome.recovery.count(*_COMES_AGAIN)
    if waiting or left:
        return f"the nightly cleanup fetches {waiting or left} again, or now: trivia-scraper retry --venue {venue}"
    is_unclear = outcome.recovery is not None and outcome.recovery.count(RecoveryEnd.AMBIGUOUS)
    failed = [photo for photo in outcome.photos if photo.kind is PhotoOutcomeKind.FAILED]
    if is_unclear or any(photo.image_id is not None for photo in failed):
        return f"a person decides: trivia-scraper retry --venue {venue} --include-ambiguous"
    if outcome.due_at is not None:
        return f"looked up again from {outcome.due_at:%Y-%m-%d}"
    return "nothing more to do"
