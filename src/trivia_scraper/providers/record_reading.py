"""One JSON object of unknown making, value by value: what was used, and what could not be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from trivia_scraper.providers.answers import pixels_of, safe_address
from trivia_scraper.text.cleaning import clean_line

KEY_LIMIT: Final = 60

Found = TypeVar("Found")


@dataclass(slots=True)
class RecordReading:
    """Each method gives the value of a key, or None. `within` is what stands before the keys when they are named."""

    record: Mapping[str, Any]
    within: str = ""
    used: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)

    def value(self, *keys: str) -> Any:
        """The first of these that is stated; all of them count as used."""
        self.used.update(keys)
        return next((found for key in keys if (found := self.record.get(key)) is not None), None)

    def line(self, key: str, limit: int) -> str | None:
        """Text on one line, cleaned."""
        value = self.value(key)
        return self.sure(key, value, clean_line(value, limit).text or None if isinstance(value, str) else None)

    def pixels(self, key: str) -> int | None:
        """A side of a picture."""
        value = self.value(key)
        return self.sure(key, value, pixels_of(value))

    def number(self, key: str, least: float, most: float) -> float | None:
        """A number between these."""
        value = self.value(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return self.sure(key, value, value if is_number and least <= value <= most else None)

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number between these."""
        value = self.value(key)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return self.sure(key, value, value if is_whole and least <= value <= most else None)

    def moment(self, *keys: str) -> dt.datetime | None:
        """A time under the first of these keys that is stated."""
        value = self.value(*keys)
        return self.sure(keys[0], value, moment_of(value))

    def address(self, key: str) -> str | None:
        """An http(s) address without secrets."""
        value = self.value(key)
        return self.sure(key, value, safe_address(value))

    def sure(self, key: str, stated: object, found: Found | None) -> Found | None:
        """What was found; where something else is stated, the key is noted."""
        if found is None and stated is not None and stated != "":
            self.unreadable.append(f"{self.within}{_shown(key)} (unreadable)")
        return found

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of what nothing came of: keys that nobody asked for, and values that could not be read."""
        unused = (f"{self.within}{_shown(key)}" for key in self.record if key not in self.used)
        return (*unused, *self.unreadable)


def moment_of(value: object) -> dt.datetime | None:
    """A time as ISO 8601 writes it, in UTC unless it says otherwise; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        stated = dt.datetime.fromisoformat(value.strip())
        return stated.astimezone(dt.UTC) if stated.tzinfo else stated.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None


def _shown(key: str) -> str:
    return clean_line(key, KEY_LIMIT).text
