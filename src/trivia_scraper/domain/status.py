"""What `status` shows: the daemon's own account and the database's figures, as one document (operations.md 3).

The keys are the contract of `/status.json` and `status --json`: more may come, these stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from trivia_scraper.domain.crontab_words import in_words
from trivia_scraper.domain.documents import plain_document
from trivia_scraper.domain.freshness import FRESH_WITHIN, Freshness
from trivia_scraper.domain.live import DaemonState, JobState, LoopState, NextSlot, SourceProgress
from trivia_scraper.domain.pace import pace_of
from trivia_scraper.domain.source_health import SourceHealth


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """Something that waits for a person."""

    kind: str
    source: str | None
    subject: str
    message: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A condition that holds. `sent_at` None = nobody was told of it yet, or telling failed."""

    condition: str
    message: str
    severity: str
    first_seen_at: dt.datetime
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """A host that is left alone."""

    host: str
    open_until: dt.datetime


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """What somebody asked for and is not done. `taken_at` None = nobody has begun with it."""

    id: UUID
    kind: str
    requested_by: str
    requested_at: dt.datetime
    taken_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run. Without an end it is at work, or was cut off; `progress_at` says when it was heard of last."""

    id: UUID
    started_at: dt.datetime
    finished_at: dt.datetime | None
    finish_reason: str | None
    ok: bool | None
    host: str
    pid: int
    progress_at: dt.datetime | None
    progress: Mapping[str, SourceProgress] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusFigures:
    """What the database says at one moment.

    failures       failed pictures by class; failure_types the most frequent error types of them
    open_issues    how many there are; `issues` are the newest of them
    unfinished     runs without an end that began lately, newest first
    """

    at: dt.datetime
    sources: Sequence[SourceHealth]
    freshness: Freshness
    freshness_by_provider: Sequence[Freshness]
    failures: Mapping[str, int]
    failure_types: Mapping[str, int]
    breakers: Sequence[OpenBreaker]
    open_issues: int
    issues: Sequence[OpenIssue]
    notices: Sequence[OpenNotice]
    requests: Sequence[WaitingRequest]
    last_run: RunLine | None
    unfinished: Sequence[RunLine]


def status_document(state: DaemonState | None, figures: StatusFigures | None, now: dt.datetime) -> dict[str, Any]:
    """The whole answer in plain JSON, secrets masked.

    state    None = no daemon answers
    figures  None = the database cannot be asked
    """
    return plain_document(
        {
            "at": now,
            "daemon": None if state is None else _daemon(state, now),
            "database": None if figures is None else _figures(figures, now),
        }
    )


def freshness_document(freshness: Freshness) -> dict[str, Any]:
    """One line of the freshness table."""
    return {**asdict(freshness), "ratio": round(freshness.ratio, 4)}


def _daemon(state: DaemonState, now: dt.datetime) -> dict[str, Any]:
    return {
        "version": state.version,
        "role": state.role,
        "pid": state.pid,
        "host": state.host,
        "epoch": state.epoch,
        "started_at": state.started_at,
        "phase": state.phase.value,
        "ready": state.is_ready,
        "status_line": state.status_line,
        "loops": [_loop(loop) for loop in state.loops],
        "jobs": [_job(job, now) for job in state.jobs],
        "next": [_slot(slot) for slot in sorted(state.next_slots, key=lambda each: (each.due_at, each.job))],
        "checks": [asdict(check) for check in state.checks],
        "loop_lag_seconds": round(state.loop_lag_seconds, 3),
        "settings_error": state.settings_error,
        "restart_keys": state.restart_keys,
        "database_lost_at": state.database_lost_at,
        "storage_full_at": state.storage_full_at,
    }


def _loop(loop: LoopState) -> dict[str, Any]:
    return {**asdict(loop), "beat_age_seconds": round(loop.beat_age_seconds, 1), "fresh": loop.is_fresh}


def _job(job: JobState, now: dt.datetime) -> dict[str, Any]:
    told = _progress(job.progress, (now - job.started_at).total_seconds())
    return {"id": job.id, "name": job.name, "requested_by": job.requested_by, "started_at": job.started_at, **told}


def _progress(progress: Mapping[str, SourceProgress], elapsed_seconds: float) -> dict[str, Any]:
    pace = pace_of(list(progress.values()), elapsed_seconds)
    return {
        "done": pace.done,
        "planned": pace.planned,
        "percent": _rounded(pace.percent),
        "per_minute": _rounded(pace.per_minute),
        "remaining_seconds": _rounded(pace.remaining_seconds),
        "progress": {source: asdict(each) for source, each in progress.items()},
    }


def _slot(slot: NextSlot) -> dict[str, Any]:
    return {**asdict(slot), "words": in_words(slot.line, slot.zone)}


def _figures(figures: StatusFigures, now: dt.datetime) -> dict[str, Any]:
    return {
        "at": figures.at,
        "sources": [_source(health) for health in figures.sources],
        "freshness": {
            "within_seconds": FRESH_WITHIN.total_seconds(),
            "all": freshness_document(figures.freshness),
            "by_provider": [freshness_document(each) for each in figures.freshness_by_provider],
        },
        "failures": {"by_class": figures.failures, "by_type": figures.failure_types},
        "breakers": [asdict(breaker) for breaker in figures.breakers],
        "open_issues": figures.open_issues,
        "issues": [asdict(issue) for issue in figures.issues],
        "notices": [asdict(notice) for notice in figures.notices],
        "requests": [asdict(request) for request in figures.requests],
        "last_run": None if figures.last_run is None else _run(figures.last_run, now),
        "unfinished_runs": [_run(run, now) for run in figures.unfinished],
    }


def _source(health: SourceHealth) -> dict[str, Any]:
    return {
        **asdict(health),
        "state": health.state.value,
        "broken": health.state.is_broken,
        "ok": health.state.is_well,
    }


def _run(run: RunLine, now: dt.datetime) -> dict[str, Any]:
    until = run.finished_at or run.progress_at or now
    told = _progress(run.progress, (until - run.started_at).total_seconds()) if run.progress else {}
    return {**asdict(run), "progress": None, **told}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
