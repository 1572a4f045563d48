"""Positions as feeds write them: strings or numbers (sources.md P5, safety.md H127)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,3}(?:\.[0-9]{0,18})?\s*")
# A store page's untouched map marker is somebody else's office.
_DEFAULT_PINS: Final = frozenset({(40.72076, -74.00076)})


@dataclass(frozen=True, slots=True)
class Position:
    """WGS 84, degrees."""

    latitude: float
    longitude: float


def read_degrees(value: object) -> float | None:
    """A number or a string that is one; None for anything else, NaN and Infinity included."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value) if abs(value) < 1e6 else math.inf
    return number if math.isfinite(number) else None


def read_position(latitude: object, longitude: object) -> Position | None:
    """The position, or None where it is off the globe, (0, 0), a known default pin or unreadable."""
    north, east = read_degrees(latitude), read_degrees(longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    if (north == 0 and east == 0) or (round(north, 5), round(east, 5)) in _DEFAULT_PINS:
        return None
    return Position(north, east)
