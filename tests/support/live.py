"""A daemon's state as tests want it: well and idle, but for what they change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from trivia_scraper.domain.live import DaemonState, HealthCheck, LoopState, NextSlot, Phase

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def make_loop(name: str, beat_age_seconds: float = 1.0) -> LoopState:
    return LoopState(name, "running", beat_age_seconds, 60.0, restarts=0)


def make_slot(job: str, hours: float) -> NextSlot:
    return NextSlot(job, NOON + dt.timedelta(hours=hours), "0 3 * * *", "UTC")


def make_check(name: str, **changes: Any) -> HealthCheck:
    stated: dict[str, Any] = {"ok": True, "severity": "fail", "detail": "answers", "next": ""}
    return HealthCheck(name, **(stated | changes))


def make_state(**changes: Any) -> DaemonState:
    """A ready daemon with two loops, two sources' slots, and nothing running; `changes` on top."""
    stated: dict[str, Any] = {
        "version": "0.1.0",
        "role": "all",
        "pid": 4711,
        "host": "quiz",
        "epoch": 3,
        "started_at": NOON,
        "phase": Phase.READY,
        "status_line": "idle; next run 03:00 UTC",
        "loops": (make_loop("schedule", 2.5), make_loop("recovery", 0.5)),
        "jobs": (),
        "next_slots": (
            make_slot("refresh:quizmeisters", 15),
            make_slot("refresh:question_one", 14),
            make_slot("cleanup", 16),
        ),
        "checks": (make_check("database"), make_check("storage")),
        "loop_lag_seconds": 0.25,
    }
    return DaemonState(**(stated | changes))
