"""What a place look-up gave: where an address lies, that nobody knows, or that nobody answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class LookupOutcome(StrEnum):
    """How a look-up ended."""

    FOUND = "found"
    NOTHING = "nothing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where an address lies: WGS 84 degrees, and town and postcode as the service names them."""

    latitude: float
    longitude: float
    city: str | None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class KnownLookup:
    """What became of asking for one address. `place` is there exactly when it was found.

    error  why it failed, for people, without secrets; "" for the other outcomes
    """

    outcome: LookupOutcome
    asked_at: dt.datetime
    place: FoundPlace | None = None
    error: str = ""
