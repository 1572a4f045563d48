"""An invented daemon and what its database says, for `status`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from trivia_scraper.domain.freshness import AgeBin, Freshness
from trivia_scraper.domain.live import (
    DaemonState,
    HealthCheck,
    JobState,
    LoopState,
    NextSlot,
    Phase,
    SourceProgress,
)
from trivia_scraper.domain.source_health import SourceHealth, SourceState
from trivia_scraper.domain.status import (
    OpenBreaker,
    OpenIssue,
    OpenNotice,
    RunLine,
    StatusFigures,
    WaitingRequest,
)
from trivia_scraper.policy.freshness import measure_freshness

AT = dt.datetime(2026, 11, 16, 6, 0, tzinfo=dt.UTC)
JOB = UUID("00000000-0000-4000-8000-00000000000a")
HOUR = dt.timedelta(hours=1)


def state(**changes: Any) -> DaemonState:
    """A daemon that reads two sources and has one warning."""
    running = JobState(
        JOB,
        "refresh",
        "schedule",
        AT - dt.timedelta(minutes=10),
        {"question_one": SourceProgress(planned=200, done=90), "quizmeisters": SourceProgress(planned=60, done=30)},
    )
    made = DaemonState(
        version="0.1.0",
        role="all",
        pid=321,
        host="quizbox",
        epoch=7,
        started_at=AT - 3 * HOUR,
        phase=Phase.READY,
        status_line="running refresh; sources: 1 ok, 1 site_changed",
        loops=(LoopState("schedule", "running", 0.4, 60, 0),),
        jobs=(running,),
        next_slots=(
            NextSlot("weekly_report", AT + 7 * 24 * HOUR, "0 6 * * 1", "UTC"),
            NextSlot("cleanup", AT + 22 * HOUR, "0 4 * * *", "UTC"),
        ),
        checks=(
            HealthCheck("database", True, "fail", "answers"),
            HealthCheck("source question_one", False, "warn", "site_changed: no cards", "sources test"),
            HealthCheck("settings to restart for", False, "warn", "http.contact", "systemctl restart trivia-scraper"),
        ),
        loop_lag_seconds=0.0012,
        restart_keys=("http.contact",),
    )
    return replace(made, **changes)


HEALTHS = (
    SourceHealth(
        "question_one", SourceState.SITE_CHANGED, "no cards at https://u:c4nary@q1.example/", AT - HOUR, AT - HOUR,
        AT - 25 * HOUR, 0, 1_234,
    ),
    SourceHealth("quizmeisters", SourceState.OK, "", AT - 90 * HOUR, AT - HOUR, AT - HOUR, 620, 615),
)  # fmt: skip
BINS = (
    AgeBin("question_one", AT - 2 * HOUR, 90),
    AgeBin("question_one", AT - 9 * 24 * HOUR, 10),
    AgeBin("here", AT - 24 * HOUR, 40),
)


def figures(**changes: Any) -> StatusFigures:
    """One of everything that may wait for a person."""
    together, by_provider = measure_freshness(BINS, AT)
    last = RunLine(JOB, AT - 2 * HOUR, AT - HOUR, "done", False, "quizbox", 321, None)
    made = StatusFigures(
        at=AT,
        sources=HEALTHS,
        freshness=together,
        freshness_by_provider=by_provider,
        failures={"transient": 2, "permanent": 1, "ambiguous": 0},
        failure_types={"rate_limited": 2, "not_found": 1},
        breakers=[OpenBreaker("cdn.example", AT + HOUR)],
        open_issues=12,
        issues=[OpenIssue("source_health", "question_one", "question_one", "site_changed: no cards\x1b[31m", AT)],
        notices=[OpenNotice("source_broken:question_one", "question_one cannot be read", "critical", AT, None)],
        requests=[WaitingRequest(JOB, "refresh", "ann@quizbox, process 9", AT, None)],
        last_run=last,
        unfinished=[],
    )
    return replace(made, **changes)


class FakeStatus:
    """Answers as `storage.status_figures` does."""

    async def read(self, sources: Sequence[str], now: dt.datetime) -> StatusFigures:
        return figures()

    async def freshness(self, now: dt.datetime) -> tuple[Freshness, Sequence[Freshness]]:
        return measure_freshness(BINS, AT)

    async def healths(self, sources: Sequence[str], now: dt.datetime) -> Sequence[SourceHealth]:
        return HEALTHS
