"""What is stored of how sources fare: their runs, their state, pauses (operations.md O13-O19)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from asyncpg import Record as Row

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.outcomes import IndexVerdict, SourceReport
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.domain.reports import failure_document, source_document
from trivia_scraper.domain.source_health import (
    IndexFailure,
    PausedSource,
    SourceHealth,
    SourceRecord,
    SourceRunRecord,
    SourceState,
)
from trivia_scraper.policy.coverage import LEAST_PAGES
from trivia_scraper.policy.source_health import BASELINE_RUNS, judge_source
from trivia_scraper.storage.database import Database

_RECENT_RUNS: Final = 20
_OF_THE_SOURCE: Final = ("index", "source", "description")


def stored_report(report: SourceReport) -> dict[str, Any]:
    """A source's counts as its run keeps them, with what kept it from being read and why we stopped, if we did."""
    own = next((failure for failure in report.failures if failure.subject in _OF_THE_SOURCE), None)
    return {
        **source_document(report),
        "failure": None if own is None else failure_document(own),
        "stopped": report.stopped and report.stopped.value,
    }


async def source_records(database: Database, sources: Sequence[str]) -> Mapping[str, SourceRecord]:
    """All that these sources are judged by; one that never ran has a record without runs."""
    asked = list(sources)
    rows = {row["slug"]: row for row in await database.fetch("sources/records", asked)}
    recent = _by_source(await database.fetch("sources/recent_runs", asked, _RECENT_RUNS))
    complete = _by_source(await database.fetch("sources/complete_runs", asked, BASELINE_RUNS + 1, LEAST_PAGES))
    return {slug: _record(slug, rows.get(slug), tuple(recent[slug]), tuple(complete[slug])) for slug in sources}


async def keep_health(database: Database, health: SourceHealth) -> None:
    """How a source fares by now."""
    why = redact_text(health.why)
    await database.execute("sources/keep_health", health.slug, health.state.value, why, health.since)


async def stored_healths(database: Database, sources: Sequence[str], now: dt.datetime) -> Sequence[SourceHealth]:
    """How sources fare, for whoever looks and changes nothing."""
    records = await source_records(database, sources)
    return [_as_judged(records[slug], now) for slug in sources]


async def pause(database: Database, source: str, by: str, why: str, at: dt.datetime) -> SourceHealth:
    """A person stops a source for a while. Idempotent."""
    await database.execute("sources/pause", source, by, why, at)
    return await _judge_again(database, source, at)


async def resume(database: Database, source: str, at: dt.datetime) -> tuple[bool, SourceHealth]:
    """A source is read again; whether it was paused, and how it fares."""
    was_paused = await database.execute("sources/resume", source) > 0
    return was_paused, await _judge_again(database, source, at)


async def paused_sources(database: Database) -> Mapping[str, PausedSource]:
    """Sources that a person stopped for a while, by slug."""
    return {
        row["slug"]: PausedSource(row["slug"], row["paused_at"], row["paused_by"] or "", row["paused_why"] or "")
        for row in await database.fetch("sources/paused")
    }


async def _judge_again(database: Database, source: str, at: dt.datetime) -> SourceHealth:
    health = judge_source((await source_records(database, [source]))[source], None, at)
    await keep_health(database, health)
    return health


def _as_judged(record: SourceRecord, now: dt.datetime) -> SourceHealth:
    judged = judge_source(record, None, now)
    # Only the daemon knows the schedule: what it said of a source that did not run since still holds.
    if record.health is SourceState.OVERDUE and judged.state is not SourceState.PAUSED and not _has_run_since(record):
        return replace(judged, state=SourceState.OVERDUE, why=record.health_why, since=record.health_since)
    return judged


def _has_run_since(record: SourceRecord) -> bool:
    ran_at, since = record.last_run_at, record.health_since
    return ran_at is not None and since is not None and ran_at >= since


def _by_source(rows: Sequence[Row]) -> defaultdict[str, list[SourceRunRecord]]:
    runs: defaultdict[str, list[SourceRunRecord]] = defaultdict(list)
    for row in rows:
        runs[row["source"]].append(_run(row))
    return runs


def _run(row: Row) -> SourceRunRecord:
    said = dict(row)
    return SourceRunRecord(
        finished_at=said["finished_at"],
        verdict=IndexVerdict(said["verdict"]),
        listed=said["listed"],
        read_pages=said["read_pages"],
        coverage=said["coverage"],
        visited=said.get("visited") or 0,
        failed=said.get("failed") or 0,
        held=said.get("held") or 0,
        stopped=said.get("stopped") is not None,
        failure=_failure(said.get("failure")),
    )


def _failure(document: Mapping[str, Any] | None) -> IndexFailure | None:
    if document is None:
        return None
    reason = document["reason"]
    return IndexFailure(
        ErrorType(document["error_type"]),
        None if reason is None else Reason(reason),
        document["status_code"],
        document["message"],
    )


def _record(
    slug: str, row: Row | None, recent: tuple[SourceRunRecord, ...], complete: tuple[SourceRunRecord, ...]
) -> SourceRecord:
    if row is None:
        return SourceRecord(slug)
    return SourceRecord(
        slug=slug,
        last_run_at=row["last_run_at"],
        last_success_at=row["last_complete_at"],
        released_at=row["released_at"],
        paused_at=row["paused_at"],
        paused_by=row["paused_by"] or "",
        paused_why=row["paused_why"] or "",
        health=None if row["health"] is None else SourceState(row["health"]),
        health_why=row["health_why"] or "",
        health_since=row["health_since"],
        recent=recent,
        complete=complete,
    )
