"""What runs by the clock: jobs, the slots that they are due in, and what is known of slots gone by.

A slot is one due time of one job. Its identity is (name of the job, due_at) and does not move: neither jitter nor
a restart nor a clock that jumps makes two slots of one (operations.md 11).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

from trivia_scraper.domain.crontab import Crontab

NO_JITTER = dt.timedelta(0)


class JobKind(StrEnum):
    """What is done."""

    REFRESH = "refresh"
    VERIFY = "verify"
    CLEANUP = "cleanup"
    SNAPSHOT = "snapshot"
    WEEKLY_REPORT = "weekly_report"
    ENRICHMENT = "enrichment"


@dataclass(frozen=True, slots=True)
class Job:
    """Something that the daemon does by itself.

    catch_up  what becomes of the last slot that was missed: "once" makes up for it, "skip" waits for the next
    jitter    longest that a start is put off, so that sources do not start all at once
    source    slug, for kind "refresh"
    """

    kind: JobKind
    crontab: Crontab
    catch_up: Literal["once", "skip"]
    jitter: dt.timedelta = NO_JITTER
    source: str | None = None

    @property
    def name(self) -> str:
        """ "refresh:question_one", "cleanup": one thing of a name runs at a time."""
        return str(self.kind) if self.source is None else f"{self.kind}:{self.source}"


@dataclass(frozen=True, slots=True)
class Slot:
    """One due time of a job, aware UTC. The work starts at `starts_at`: `due_at` and the jitter of that day."""

    job: Job
    due_at: dt.datetime
    starts_at: dt.datetime


@dataclass(frozen=True, slots=True)
class UnfinishedSlot:
    """A slot that a process began and did not end before it went away.

    run_id         under which its run goes on, so that what is done stays done; None = it never had one
    attempts       how often it was begun
    is_superseded  a later slot of the job was begun meanwhile
    """

    name: str
    due_at: dt.datetime
    run_id: UUID | None
    attempts: int
    is_superseded: bool


@dataclass(frozen=True, slots=True)
class JobHistory:
    """What is known of a job's slots until now.

    due_at, started_at, finished_at, ok, attempts   of the last slot that was begun
    done_until     the last slot that has ended, was skipped, or went into one that has ended; None = none ever
    usual_seconds  median of its last ten successful ones; None = none yet
    """

    name: str
    due_at: dt.datetime | None
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    ok: bool | None
    attempts: int | None
    done_until: dt.datetime | None
    usual_seconds: float | None
