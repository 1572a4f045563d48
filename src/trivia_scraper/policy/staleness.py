"""When a venue is looked up again: one rule for finder, statistics and due date (images.md 5.1, R89-R94)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StalenessTerms:
    """After how many whole days a venue is stale, with images and without."""

    days: int = 90
    days_without_images: int = 7

    def of(self, *, has_images: bool) -> int:
        """The days that count for a venue."""
        return self.days if has_images else self.days_without_images


def staleness_terms(stale_after: dt.timedelta, stale_after_without_images: dt.timedelta) -> StalenessTerms:
    """The terms from the settings, whose fractions of a day do not count."""
    return StalenessTerms(stale_after.days, stale_after_without_images.days)


def is_stale(last_checked_at: object, *, has_images: bool, now: dt.datetime, terms: StalenessTerms) -> bool:
    """Whether a venue's providers are due to be asked.

    last_checked_at  aware time or ISO text; never, or what is no time, means stale
    has_images       at least one of its images is uploaded, skipped or external
    """
    due_at = next_enrichment_due(last_checked_at, has_images=has_images, terms=terms)
    return due_at is None or due_at <= now


def next_enrichment_due(last_checked_at: object, *, has_images: bool, terms: StalenessTerms) -> dt.datetime | None:
    """When the venue becomes stale; None = it is now, since nobody knows of a check."""
    checked_at = parse_stamp(last_checked_at)
    return None if checked_at is None else checked_at + dt.timedelta(days=terms.of(has_images=has_images))


def parse_stamp(stamp: object) -> dt.datetime | None:
    """A time as aware UTC; text without a zone is UTC. None for what is no time."""
    if isinstance(stamp, str):
        try:
            stamp = dt.datetime.fromisoformat(stamp)
        except ValueError:
            return None
    if not isinstance(stamp, dt.datetime):
        return None
    return stamp.replace(tzinfo=dt.UTC) if stamp.tzinfo is None else stamp.astimezone(dt.UTC)
