"""What the database says for `status`, read in one go. Reads only; needs no lock and works beside a run."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from asyncpg import Record as Row

from trivia_scraper.domain.freshness import AgeBin, Freshness
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.progress import read_progress
from trivia_scraper.domain.source_health import SourceHealth
from trivia_scraper.domain.status import (
    OpenBreaker,
    OpenIssue,
    OpenNotice,
    RunLine,
    StatusFigures,
    WaitingRequest,
)
from trivia_scraper.policy.classifying import ErrorClasses
from trivia_scraper.policy.freshness import measure_freshness
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.source_health import stored_healths
from trivia_scraper.storage.stats import PostgresStatistics

MOST_LINES: Final = 10
NO_TYPE: Final = "no type"

_HEARD_WITHIN: Final = dt.timedelta(hours=1)
_REST_PER_WORK: Final = 100.0
"""A count of all pictures that took a second is not repeated for 100: it takes at most 1 % of the time."""
_LONGEST_REST_SECONDS: Final = 60.0


class PostgresStatusFigures:
    """Freshness counts every picture: it is asked anew the less often, the longer that takes."""

    def __init__(self, database: Database, classes: ErrorClasses) -> None:
        self._database = database
        self._statistics = PostgresStatistics(database, classes)
        self._freshness: tuple[Freshness, Sequence[Freshness]] | None = None
        self._freshness_due_at = 0.0

    async def read(self, sources: Sequence[str], now: dt.datetime) -> StatusFigures:
        """Everything that `status` shows of the database; `sources` are the slugs that a run would read."""
        overall, by_provider = await self._freshness_of(now)
        last, unfinished = await self._runs(now)
        return StatusFigures(
            at=now,
            sources=await self.healths(sources, now),
            freshness=overall,
            freshness_by_provider=by_provider,
            failures=await self._failures_by_class(),
            failure_types=await self._failures_by_type(),
            breakers=[OpenBreaker(**row) for row in await self._database.fetch("weekly/open_breakers", now)],
            open_issues=await self._database.fetchval("status/count_issues"),
            issues=[OpenIssue(**row) for row in await self._database.fetch("runs/open_issues", MOST_LINES)],
            notices=[OpenNotice(**row) for row in await self._database.fetch("status/notices", MOST_LINES)],
            requests=[WaitingRequest(**row) for row in await self._database.fetch("status/requests", MOST_LINES)],
            last_run=last,
            unfinished=unfinished,
        )

    async def healths(self, sources: Sequence[str], now: dt.datetime) -> Sequence[SourceHealth]:
        """How these sources fare, in this order."""
        return await stored_healths(self._database, sources, now)

    async def freshness(self, now: dt.datetime) -> tuple[Freshness, Sequence[Freshness]]:
        """All stored pictures together, and each provider's."""
        bins = [AgeBin(**row) for row in await self._database.fetch("stats/image_ages", now)]
        return measure_freshness(bins, now)

    async def _freshness_of(self, now: dt.datetime) -> tuple[Freshness, Sequence[Freshness]]:
        monotonic = asyncio.get_running_loop().time
        if self._freshness is None or monotonic() >= self._freshness_due_at:
            started = monotonic()
            self._freshness = await self.freshness(now)
            ended = monotonic()
            self._freshness_due_at = ended + min(_REST_PER_WORK * (ended - started), _LONGEST_REST_SECONDS)
        return self._freshness

    async def _runs(self, now: dt.datetime) -> tuple[RunLine | None, Sequence[RunLine]]:
        rows = await self._database.fetch("status/runs", now - _HEARD_WITHIN)
        runs = [_run_line(row) for row in rows]
        ended = [run for run in runs if run.finished_at is not None]
        return (ended[0] if ended else None), [run for run in runs if run.finished_at is None]

    async def _failures_by_class(self) -> Mapping[str, int]:
        totals: Counter[str] = Counter(transient=0, permanent=0, ambiguous=0)
        for kind in OwnerKind:
            classes = await self._statistics.failure_classification_summary(kind)
            for name in totals:
                totals[name] += getattr(classes, name).images
        return dict(totals)

    async def _failures_by_type(self) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for kind in OwnerKind:
            for group in await self._statistics.failure_breakdown(kind):
                counts[group.error_type or NO_TYPE] += group.count
        return dict(counts.most_common(MOST_LINES))


def _run_line(row: Row) -> RunLine:
    said: dict[str, Any] = dict(row)
    return RunLine(**{**said, "progress": read_progress(said["progress"] or {})})
