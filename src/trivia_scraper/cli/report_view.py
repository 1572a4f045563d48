"""The table that closes a run, and after it each failure with what happens next (operations.md O30).

One column a source and one row a count: any number of counts fits into 80 columns that way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from trivia_scraper.cli.output import human_bytes
from trivia_scraper.cli.tables import Column, Table, say, show
from trivia_scraper.domain.outcomes import (
    Failure,
    FinishReason,
    ImageOutcomeKind,
    RunReport,
    SkipReason,
    SourceReport,
)
from trivia_scraper.domain.redaction import redact_text, strip_secrets

SOURCES_SIDE_BY_SIDE: Final = 3

_ENDINGS: Final = {
    FinishReason.DONE: "done",
    FinishReason.LIMIT: "done: the limit was reached",
    FinishReason.MAX_TIME: "stopped: the time was up",
    FinishReason.INTERRUPTED: "stopped on request: what was begun was finished",
    FinishReason.STORAGE_FULL: "stopped: the image store is full",
    FinishReason.DATABASE_LOST: "stopped: the database was lost",
}
_IMAGE_LABELS: Final = (
    ("  new", ImageOutcomeKind.NEW),
    ("  replaced", ImageOutcomeKind.REPLACED),
    ("  not modified (304)", ImageOutcomeKind.UNCHANGED_304),
    ("  same bytes", ImageOutcomeKind.UNCHANGED_HASH),
    ("  reused, still fresh", ImageOutcomeKind.FRESH_SKIPPED),
    ("  done earlier in this run", ImageOutcomeKind.SHARED),
    ("  waiting for a retry", ImageOutcomeKind.RETRY_LATER),
    ("  closed, not tried again", ImageOutcomeKind.CLOSED),
    ("  rejected", ImageOutcomeKind.REJECTED),
    ("  failed", ImageOutcomeKind.FAILED),
)


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    count: Callable[[SourceReport], float]
    always: bool = False
    text: Callable[[float], str] = lambda amount: f"{amount:,.0f}"


def show_report(report: RunReport, color_mode: str) -> None:
    """The whole closing view, to stdout."""
    for table in report_tables(report):
        show(table, color_mode)
        say("", color_mode)
    for slug, source in report.sources.items():
        for visit in source.plan:
            say(f"would visit {visit.name} ({slug}): {visit.why}", color_mode)
    for failure in report.failures:
        for number, line in enumerate(failure_lines(failure)):
            say(line, color_mode, "bad" if number == 0 else "")
    for slug, source in report.sources.items():
        for warning in source.warnings:
            say(f"note: {slug}: {redact_text(warning)}", color_mode)
    say(closing_line(report), color_mode, "good" if report.ok else "bad")
    say(f"run {report.run_id}", color_mode)


def report_tables(report: RunReport) -> Iterator[Table]:
    """One table for every few sources, so that none is wider than 80 columns."""
    sources = list(report.sources.values())
    for start in range(0, len(sources), SOURCES_SIDE_BY_SIDE):
        yield _table(sources[start : start + SOURCES_SIDE_BY_SIDE], report)


def failure_lines(failure: Failure) -> Iterator[str]:
    """What, where, why, and what the program will do about it."""
    yield f"failed: {failure.venue or failure.source} ({failure.source}, {failure.subject})"
    yield f"    {strip_secrets(failure.url)}"
    why = " ".join(filter(None, (failure.error_type.value, failure.reason and f"({failure.reason.value})")))
    tries = f"{failure.attempts} {'try' if failure.attempts == 1 else 'tries'}"
    yield f"    {why}, {failure.failure_class.value}, {tries}: {redact_text(failure.message)}"
    yield f"    next: {failure.next}"


def closing_line(report: RunReport) -> str:
    """How it ended, in one sentence."""
    failures = f"{len(report.failures)} failed" if report.failures else "nothing failed"
    left = sum(source.left_by_limit for source in report.sources.values())
    parts = [_ENDINGS[report.finish_reason], failures]
    if left:
        parts.append(f"{left:,} listings left for the next run")
    return "; ".join(parts)


def _table(sources: Sequence[SourceReport], report: RunReport) -> Table:
    columns = (Column(""), *(Column(source.slug, right=True) for source in sources))
    rows = [("index", *(source.verdict.value if source.verdict else "-" for source in sources))]
    rows += [_cells(row, sources) for row in _rows(report) if row.always or any(map(row.count, sources))]
    bad = tuple((number, "bad") for number, row in enumerate(rows) if "failed" in row[0] and set(row[1:]) != {"0"})
    return Table(columns, tuple(rows), bad)


def _cells(row: _Row, sources: Sequence[SourceReport]) -> tuple[str, ...]:
    return (row.label, *(row.text(row.count(source)) for source in sources))


def _rows(report: RunReport) -> Iterator[_Row]:
    yield _Row("listings seen", lambda source: source.listed, always=True)
    yield _Row("visited", lambda source: source.visited, always=True)
    yield _Row("skipped", lambda source: source.skipped.total(), always=True)
    for reason in SkipReason:
        yield _Row(f"  {reason.value.replace('_', ' ')}", lambda source, reason=reason: source.skipped[reason])  # type: ignore[misc]
    if report.options.dry_run:
        yield _Row("would visit", lambda source: source.planned, always=True)
    yield _Row("venues created", lambda source: source.created, always=True)
    yield _Row("venues updated", lambda source: source.updated, always=True)
    yield _Row("venues unchanged", lambda source: source.unchanged, always=True)
    yield _Row("venues failed", lambda source: source.failed, always=True)
    yield _Row("gone", lambda source: source.gone)
    yield _Row("events closed", lambda source: source.closed)
    yield _Row("events held back", lambda source: source.held)
    yield _Row("images", lambda source: source.images.total(), always=True)
    for label, kind in _IMAGE_LABELS:
        yield _Row(label, lambda source, kind=kind: source.images[kind], always=kind in _SHOWN_ALWAYS)  # type: ignore[misc]
    for error in sorted({error for source in report.sources.values() for error in source.image_errors}):
        yield _Row(f"    {error.value}", lambda source, error=error: source.image_errors[error])  # type: ignore[misc]
    yield _Row(
        "received", lambda source: source.bytes_received, always=True, text=lambda amount: human_bytes(int(amount))
    )
    yield _Row("seconds", lambda source: source.seconds, always=True, text=lambda amount: f"{amount:.1f}")


_SHOWN_ALWAYS: Final = (
    ImageOutcomeKind.NEW,
    ImageOutcomeKind.REPLACED,
    ImageOutcomeKind.UNCHANGED_304,
    ImageOutcomeKind.UNCHANGED_HASH,
    ImageOutcomeKind.FRESH_SKIPPED,
    ImageOutcomeKind.FAILED,
)
