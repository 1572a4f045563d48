"""Which facts a page stated, and which of them fell far below what is usual for its source (O17, O18). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final

from trivia_scraper.domain.models import Detail, ImageRef, OwnerKind
from trivia_scraper.domain.source_health import SourceRunRecord

LEAST_PAGES: Final = 10
LEAST_RUNS: Final = 3
LEAST_EXPECTED: Final = 5
"""Pages that should have stated a field: of fewer, half may be missing by chance."""
FALLEN_BELOW: Final = 0.5


def _has_picture(images: Sequence[ImageRef], kind: OwnerKind) -> bool:
    return any(ref.owner_kind is kind and ref.url.strip() for ref in images)


_FIELDS: Final[Mapping[str, Callable[[Detail], bool]]] = {
    "name": lambda detail: bool(detail.venue.name),
    "address": lambda detail: detail.venue.address is not None,
    "city": lambda detail: detail.venue.city is not None,
    "postcode": lambda detail: detail.venue.postcode is not None,
    "position": lambda detail: None not in (detail.venue.latitude, detail.venue.longitude),
    "phone": lambda detail: detail.venue.phone is not None,
    "website": lambda detail: detail.venue.website is not None,
    "social": lambda detail: (detail.venue.facebook or detail.venue.instagram) is not None,
    "schedule": lambda detail: bool(detail.events),
    "end_time": lambda detail: any(event.end_time is not None for event in detail.events),
    "fee": lambda detail: any(event.fee_minor is not None for event in detail.events),
    "description": lambda detail: any(event.description for event in detail.events),
    "picture": lambda detail: _has_picture(detail.images, OwnerKind.VENUE),
    "performer": lambda detail: detail.performer is not None,
    "performer_picture": lambda detail: _has_picture(detail.images, OwnerKind.PERFORMER),
}


def stated_fields(detail: Detail) -> frozenset[str]:
    """The fields that this listing states, as its source read it; what a look-up added is no merit of the page."""
    return frozenset(name for name, is_stated in _FIELDS.items() if is_stated(detail))


def share_of(run: SourceRunRecord, field: str) -> float:
    """Which part of a run's pages stated a field: 0 … 1."""
    return run.coverage.get(field, 0) / run.read_pages if run.read_pages else 0.0


def fallen_fields(run: SourceRunRecord, baseline: Sequence[SourceRunRecord]) -> Mapping[str, tuple[float, float]]:
    """Fields whose share is below half of their median: name → (share now, median), most fallen first.

    Nothing is said of a run that read fewer than 10 pages, nor against fewer than 3 earlier runs of that size:
    a handful of pages says what these venues are like, not what the site's markup is like.
    """
    measured = [each for each in baseline if each.read_pages >= LEAST_PAGES]
    if run.read_pages < LEAST_PAGES or len(measured) < LEAST_RUNS:
        return {}
    usual = {name: median(share_of(each, name) for each in measured) for name in _FIELDS}
    fallen = {
        name: (share_of(run, name), before)
        for name, before in usual.items()
        if before * run.read_pages >= LEAST_EXPECTED and share_of(run, name) < FALLEN_BELOW * before
    }
    return dict(sorted(fallen.items(), key=lambda each: each[1][0] - each[1][1]))
