"""What a running daemon says of itself: one frozen picture, read by health pages, `status`, metrics and alarms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Phase(StrEnum):
    """Where a daemon is in its life."""

    STARTING = "starting"
    WAITING = "waiting for database"
    READY = "ready"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LoopState:
    """One of the daemon's loops.

    state        "running", "restarting" after it died, or "stopped"
    beat_age_seconds  since it last said that it is alive; stale when above `stale_after_seconds`
    """

    name: str
    state: Literal["running", "restarting", "stopped"]
    beat_age_seconds: float
    stale_after_seconds: float
    restarts: int
    last_error: str = ""

    @property
    def is_fresh(self) -> bool:
        """Whether it runs and spoke lately."""
        return self.state == "running" and self.beat_age_seconds <= self.stale_after_seconds


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """How far one source is in a run: visits planned, done and failed; images and bytes so far."""

    planned: int = 0
    done: int = 0
    failed: int = 0
    images: int = 0
    images_failed: int = 0
    bytes_received: int = 0
    is_finished: bool = False


@dataclass(frozen=True, slots=True)
class JobState:
    """Something that runs now.

    name         "refresh question_one", "cleanup", "recovery", …
    requested_by "schedule", or who asked
    progress     by source; empty for what has none
    """

    id: UUID
    name: str
    requested_by: str
    started_at: dt.datetime
    progress: Mapping[str, SourceProgress] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NextSlot:
    """When a job runs next, and by which crontab line."""

    job: str
    due_at: dt.datetime
    line: str
    zone: str


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One line of `/readyz`.

    severity  "fail" takes readiness down, "warn" is only told
    next      what to type or look at; "" when all is well
    """

    name: str
    ok: bool
    severity: Literal["fail", "warn"]
    detail: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class DaemonState:
    """The daemon at one moment.

    status_line      one sentence, as systemd shows it
    settings_error   why the last reload was refused, or ""
    restart_keys     settings that changed in the file and need a restart
    database_lost_at since when the database is away, or None
    storage_full_at  since when downloads pause, or None
    """

    version: str
    role: Literal["all", "scheduler", "worker"]
    pid: int
    host: str
    epoch: int | None
    started_at: dt.datetime
    phase: Phase
    status_line: str
    loops: tuple[LoopState, ...]
    jobs: tuple[JobState, ...]
    next_slots: tuple[NextSlot, ...]
    checks: tuple[HealthCheck, ...]
    loop_lag_seconds: float
    settings_error: str = ""
    restart_keys: tuple[str, ...] = ()
    database_lost_at: dt.datetime | None = None
    storage_full_at: dt.datetime | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it does its work: every check that may fail is good."""
        return self.phase is Phase.READY and all(check.ok or check.severity == "warn" for check in self.checks)
