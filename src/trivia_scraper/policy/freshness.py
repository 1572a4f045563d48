"""Shares and percentiles out of counts by age (operations.md P13). Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import ceil

from trivia_scraper.domain.freshness import FRESH_WITHIN, AgeBin, Freshness


def measure_freshness(bins: Iterable[AgeBin], now: dt.datetime) -> tuple[Freshness, Sequence[Freshness]]:
    """All pictures together, and each provider's, those with the most pictures first."""
    counted = sorted(bins, key=lambda each: each.provider)
    groups = {provider: list(group) for provider, group in groupby(counted, key=lambda each: each.provider)}
    by_provider = [_measure(provider, group, now) for provider, group in groups.items()]
    return _measure("", counted, now), sorted(by_provider, key=lambda each: (-each.images, each.provider))


def _measure(provider: str, bins: Sequence[AgeBin], now: dt.datetime) -> Freshness:
    ages = sorted(((_age(each, now), each.images) for each in bins), key=lambda pair: (pair[0] is None, pair[0] or 0))
    within = FRESH_WITHIN.total_seconds()
    return Freshness(
        provider=provider,
        images=sum(images for _, images in ages),
        fresh=sum(images for age, images in ages if age is not None and age <= within),
        p50_seconds=_percentile(ages, 50),
        p90_seconds=_percentile(ages, 90),
        p95_seconds=_percentile(ages, 95),
        p99_seconds=_percentile(ages, 99),
        oldest_seconds=_percentile(ages, 100),
    )


def _age(each: AgeBin, now: dt.datetime) -> float | None:
    # A clock that was set back must not make pictures younger than new.
    return None if each.since is None else max((now - each.since).total_seconds(), 0.0)


def _percentile(ages: Sequence[tuple[float | None, int]], percent: int) -> float | None:
    """The age that this part of the pictures does not exceed (nearest rank)."""
    rank = ceil(sum(images for _, images in ages) * percent / 100)
    reached = 0
    for age, images in ages:
        reached += images
        if reached >= rank and images:
            return age
    return None
