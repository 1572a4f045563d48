"""How much there is at one moment, as storage reads it and metrics tell it (operations.md 7). Values only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HOUR: Final = 3_600.0
DAY: Final = 24 * HOUR
AGE_BOUNDS: Final = (HOUR, 6 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY)
"""Upper ends, in seconds, of the classes in which the ages of images are counted."""

FRESH_SECONDS: Final = 7 * DAY
"""An image is fresh when its site said within this time that our copy is right, or sent it. One of `AGE_BOUNDS`."""


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """One source: `state` is one of `domain.source_health.SourceState`."""

    state: str
    last_complete_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What can be counted every minute.

    sources       by slug, every source that ever ran or was paused
    dead_images   images that automation has given up
    breakers      hosts by "open", "half_open" (to be tried once more), "closed" (failed lately, asked all the same)
    file_intents  files that are about to appear or may have to go
    orphan_files, missing_files  what the last comparison of files and rows found; None = there was none yet
    """

    sources: Mapping[str, SourceFigures]
    dead_images: int
    breakers: Mapping[str, int]
    file_intents: int
    orphan_files: int | None
    missing_files: int | None


@dataclass(frozen=True, slots=True)
class AgeClasses:
    """Stored images of one provider by the time since they were verified.

    counts       one for each of `AGE_BOUNDS`, and at the end those that are older or were never verified
    age_seconds  the sum of all ages that are known
    """

    counts: tuple[int, ...]
    age_seconds: float

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)

    @property
    def fresh(self) -> int:
        """Those verified within `FRESH_SECONDS`."""
        return sum(self.counts[: AGE_BOUNDS.index(FRESH_SECONDS) + 1])


@dataclass(frozen=True, slots=True)
class DirectoryFigures:
    """What takes a look at every image, and is counted as often as that is cheap.

    images        living images by status
    ages          by provider
    stored_bytes  pictures without their thumbnails
    venues        living venues by source; one that two sources show counts for both
    """

    images: Mapping[str, int]
    ages: Mapping[str, AgeClasses]
    stored_bytes: int
    venues: Mapping[str, int]


@dataclass(slots=True)
class PoolFigures:
    """The pool of database connections since it was opened. Mutable: the pool counts in it.

    waits, waited_seconds  how often and how long somebody waited for a free connection
    reconnects             how often a new connection was made after one was lost or refused
    """

    in_use: int = 0
    idle: int = 0
    waits: int = 0
    waited_seconds: float = 0.0
    reconnects: int = 0
    is_lost: bool = field(default=False, repr=False)
