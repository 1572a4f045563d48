"""How a source fares, judged by its own past (operations.md O13-O19). Pure.

The newest run that says something is held against the median of the complete runs before it. What is gravest wins:
a pause, a run that did not come, what is held, what could not be read, then yield, then coverage.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.outcomes import IndexVerdict
from trivia_scraper.domain.source_health import (
    ExpectedRun,
    IndexFailure,
    SourceHealth,
    SourceRecord,
    SourceRunRecord,
    SourceState,
)
from trivia_scraper.policy.coverage import LEAST_PAGES, fallen_fields

BASELINE_RUNS: Final = 10
DEGRADED_BELOW: Final = 0.5
FAILED_ABOVE: Final = 0.5
OVERDUE_AFTER_USUAL: Final = 3
OVERDUE_AT_LEAST: Final = dt.timedelta(hours=1)

_BY_REASON: Final = {
    Reason.DNS: SourceState.DNS_FAILURE,
    Reason.REFUSED: SourceState.CONNECTION_REFUSED,
    Reason.REDIRECTS: SourceState.REDIRECT_ONLY,
    Reason.ROBOTS: SourceState.BLOCKED,
    Reason.PARSE_TIMEOUT: SourceState.PARSE_ERROR,
    Reason.ENCODING: SourceState.PARSE_ERROR,
    Reason.BOMB: SourceState.PARSE_ERROR,
    Reason.BYTES: SourceState.PARSE_ERROR,
}
_BY_TYPE: Final = {
    ErrorType.NOT_FOUND: SourceState.SITE_GONE,
    ErrorType.GONE: SourceState.SITE_GONE,
    ErrorType.FORBIDDEN: SourceState.BLOCKED,
    ErrorType.AUTH_ERROR: SourceState.BLOCKED,
    ErrorType.RATE_LIMITED: SourceState.BLOCKED,
    ErrorType.BLOCKED_ADDRESS: SourceState.BLOCKED,
    ErrorType.INVALID_RESPONSE: SourceState.SITE_CHANGED,
    ErrorType.NETWORK_TIMEOUT: SourceState.TIMEOUT,
    ErrorType.UNKNOWN_ERROR: SourceState.CRASHED,
}


@dataclass(frozen=True, slots=True)
class _Finding:
    state: SourceState
    why: str
    fallen: tuple[str, ...] = ()


def judge_source(record: SourceRecord, expected: ExpectedRun | None, now: dt.datetime) -> SourceHealth:
    """The state of one source and a sentence that says why; `since` stays while the state stays."""
    newest = next((run for run in record.recent if not run.stopped), None)
    usual = usual_listed(record, newest)
    found = _gravest(record, newest, usual, expected, now)
    stays = record.health is found.state and record.health_since is not None
    return SourceHealth(
        slug=record.slug,
        state=found.state,
        why=found.why,
        since=record.health_since if stays else _beginning(record, newest, found.state, expected, now),
        last_run_at=record.last_run_at,
        last_success_at=record.last_success_at,
        listed=None if newest is None else newest.listed,
        usual_listed=usual,
        fallen=found.fallen,
    )


def state_of_failure(failure: IndexFailure) -> SourceState:
    """What a failure of the index says of the source: by its reason, else its type, else by having a status."""
    by_reason = _BY_REASON.get(failure.reason) if failure.reason is not None else None
    state = by_reason or _BY_TYPE.get(failure.error_type)
    if state is not None:
        return state
    return SourceState.NO_RESPONSE if failure.status_code is None else SourceState.HTTP_ERROR


def is_overdue(expected: ExpectedRun, last_run_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Past its slot by more than three usual durations, an hour at least, without having ended since (O10).

    A first run, whose usual duration nobody knows, may take as long as it needs.
    """
    if last_run_at is not None and last_run_at >= expected.due_at:
        return False
    if expected.is_running and expected.usual_duration is None:
        return False
    allowed = OVERDUE_AFTER_USUAL * (expected.usual_duration or dt.timedelta())
    return now - expected.due_at > max(allowed, OVERDUE_AT_LEAST)


def usual_listed(record: SourceRecord, newest: SourceRunRecord | None) -> int | None:
    """The baseline of the yield: median of the last ten complete runs before the newest one (O17)."""
    earlier = _before(record.complete, newest)[:BASELINE_RUNS]
    return round(median(run.listed for run in earlier)) if earlier else None


def _gravest(
    record: SourceRecord,
    newest: SourceRunRecord | None,
    usual: int | None,
    expected: ExpectedRun | None,
    now: dt.datetime,
) -> _Finding:
    if record.paused_at is not None:
        return _Finding(SourceState.PAUSED, _why_paused(record))
    if expected is not None and is_overdue(expected, record.last_run_at, now):
        return _Finding(SourceState.OVERDUE, f"it should have been read at {expected.due_at:%Y-%m-%d %H:%M} UTC")
    if newest is None:
        return _Finding(SourceState.UNREAD, "no run has read it yet")
    return _of_index(record, newest, usual) or _of_pages(record, newest) or _Finding(SourceState.OK, "")


def _why_paused(record: SourceRecord) -> str:
    by = f" by {record.paused_by}" if record.paused_by else ""
    return f"paused{by}" + (f": {record.paused_why}" if record.paused_why else "")


def _of_index(record: SourceRecord, run: SourceRunRecord, usual: int | None) -> _Finding | None:
    """What the newest index walk says against the source, or None."""
    looked_at = record.released_at is not None and record.released_at >= run.finished_at
    if not looked_at and run.held:
        return _Finding(SourceState.HELD, f"{run.held:,} events vanished at once and wait for you to look")
    if not looked_at and run.verdict is IndexVerdict.HELD:
        return _Finding(SourceState.HELD, f"{run.listed:,} listings at once, {_usually(usual)}: you should look")
    if run.failure is not None:
        return _Finding(state_of_failure(run.failure), run.failure.message)
    if run.verdict is IndexVerdict.DISALLOWED:
        return _Finding(SourceState.BLOCKED, "robots.txt disallows its index")
    if run.verdict is IndexVerdict.TRUNCATED:
        return _Finding(SourceState.DEGRADED, "its index could not be read to the end")
    return None if looked_at else _of_yield(run, usual)


def _of_yield(run: SourceRunRecord, usual: int | None) -> _Finding | None:
    if run.listed == 0 and (usual or run.verdict is not IndexVerdict.EMPTY):
        said = "the site says that it lists nothing" if run.verdict is IndexVerdict.EMPTY else "nothing is listed"
        return _Finding(SourceState.ZERO_YIELD, f"{said}, {_usually(usual)}")
    if run.verdict is IndexVerdict.SUSPECT or (usual and run.listed < DEGRADED_BELOW * usual):
        return _Finding(SourceState.DEGRADED, f"{run.listed:,} listings, {_usually(usual)}")
    return None


def _of_pages(record: SourceRecord, newest: SourceRunRecord) -> _Finding | None:
    """What the pages behind the index say: too many that fail, or facts that they state no longer."""
    if newest.visited >= LEAST_PAGES and newest.failed > FAILED_ABOVE * newest.visited:
        return _Finding(SourceState.DEGRADED, f"{newest.failed:,} of {newest.visited:,} pages could not be read")
    # A quiet day reads few pages and proves nothing: the last run that read enough of them still stands.
    measured = next((run for run in (*record.recent, *record.complete) if run.read_pages >= LEAST_PAGES), None)
    if measured is None or (record.released_at is not None and record.released_at >= measured.finished_at):
        return None
    fallen = fallen_fields(measured, _coverage_baseline(record, measured))
    if not fallen:
        return None
    told = ", ".join(f"{name} {now:.0%} instead of {before:.0%}" for name, (now, before) in fallen.items())
    return _Finding(SourceState.DEGRADED, f"pages state less than they did: {told}", tuple(fallen))


def _coverage_baseline(record: SourceRecord, measured: SourceRunRecord) -> Sequence[SourceRunRecord]:
    # While a source is degraded, what it lost must not become what is usual of it: the runs before the fall count.
    fell_at = record.health_since if record.health is SourceState.DEGRADED else None
    earlier = [run for run in _before(record.complete, measured) if fell_at is None or run.finished_at < fell_at]
    return [run for run in earlier if run.read_pages >= LEAST_PAGES][:BASELINE_RUNS]


def _before(runs: Sequence[SourceRunRecord], run: SourceRunRecord | None) -> Sequence[SourceRunRecord]:
    return [each for each in runs if run is None or each.finished_at < run.finished_at]


def _usually(usual: int | None) -> str:
    return "no complete run before it" if usual is None else f"{usual:,} are usual"


def _beginning(
    record: SourceRecord,
    newest: SourceRunRecord | None,
    state: SourceState,
    expected: ExpectedRun | None,
    now: dt.datetime,
) -> dt.datetime:
    """When the state began, as well as can be known: at the event that it is judged by."""
    if state is SourceState.PAUSED:
        return record.paused_at or now
    if state is SourceState.OVERDUE and expected is not None:
        return expected.due_at
    return now if newest is None else newest.finished_at


def next_step(slug: str, state: SourceState, fallen: Sequence[str]) -> str:
    """What a person does about a source that is not well."""
    if state in (SourceState.HELD, SourceState.DEGRADED, SourceState.ZERO_YIELD) or fallen:
        return f"look at the site; if that is true: trivia-scraper sources release {slug}"
    if state is SourceState.OVERDUE:
        return "trivia-scraper status tells what runs instead"
    if state is SourceState.PAUSED:
        return f"trivia-scraper sources resume {slug}"
    return f"trivia-scraper sources test {slug} shows what its pages give"
