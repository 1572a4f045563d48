"""How fast something goes and when it will be done, from what is done so far. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.live import SourceProgress

LEAST_DONE: Final = 3
"""Of fewer visits nothing can be foretold."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How far and how fast. None = nobody can say yet.

    percent            of what is planned so far
    remaining_seconds  until all sources that have a plan are done; the slowest decides, since they go side by side
    """

    done: int
    planned: int
    percent: float | None
    per_minute: float | None
    remaining_seconds: float | None


def pace_of(sources: Collection[SourceProgress], elapsed_seconds: float) -> Pace:
    """What a job's progress by source amounts to, `elapsed_seconds` after it began."""
    done, planned = sum(each.done for each in sources), sum(each.planned for each in sources)
    is_all_planned = bool(sources) and all(each.planned or each.is_finished for each in sources)
    remaining = [_remaining_seconds(each, elapsed_seconds) for each in sources if not each.is_finished]
    return Pace(
        done=done,
        planned=planned,
        percent=min(100.0 * done / planned, 100.0) if planned else None,
        per_minute=60.0 * done / elapsed_seconds if done and elapsed_seconds > 0 else None,
        remaining_seconds=_longest(remaining) if is_all_planned else None,
    )


def _remaining_seconds(source: SourceProgress, elapsed_seconds: float) -> float | None:
    left = max(source.planned - source.done, 0)
    if not left:
        return 0.0
    return left * elapsed_seconds / source.done if source.done >= LEAST_DONE else None


def _longest(remaining: Collection[float | None]) -> float | None:
    known = [each for each in remaining if each is not None]
    return max(known, default=0.0) if len(known) == len(remaining) else None
