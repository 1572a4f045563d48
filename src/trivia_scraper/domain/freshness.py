"""How long ago the stored pictures were verified at their sites, as values (operations.md P13)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

FRESH_WITHIN: Final = dt.timedelta(days=7)
"""A picture that was verified within this is fresh."""


@dataclass(frozen=True, slots=True)
class AgeBin:
    """Stored pictures of one provider that were verified at `since` or a little later; None = never."""

    provider: str
    since: dt.datetime | None
    images: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh some pictures are.

    provider         whose; "" = all
    fresh            of the `images`, those verified within FRESH_WITHIN
    p50_seconds …    half, 90 %, 95 %, 99 % of them are no older than this, to the hour, above 14 days to the day;
                     None where that part was never verified, or there are none
    """

    provider: str
    images: int
    fresh: int
    p50_seconds: float | None
    p90_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None
    oldest_seconds: float | None

    @property
    def ratio(self) -> float:
        """The fresh share, 0 … 1; 1 where there are no pictures: none is stale."""
        return self.fresh / self.images if self.images else 1.0
