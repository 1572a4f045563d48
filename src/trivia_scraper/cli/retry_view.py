"""What `retry` shows: a row for each image that something happened to, and the sums."""

from __future__ import annotations

import datetime as dt
from typing import Final

from trivia_scraper.cli.output import note
from trivia_scraper.cli.tables import Column, Table, say, show
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.recovery import RecoveredImage, RecoveryEnd, RecoveryReport
from trivia_scraper.policy.classifying import MOST_RECOVERIES

_ENDS: Final = {
    RecoveryEnd.UPLOADED: "stored",
    RecoveryEnd.FAILED: "failed again",
    RecoveryEnd.CLOSED: "closed",
    RecoveryEnd.NOT_DUE: "not due",
    RecoveryEnd.AMBIGUOUS: "left for review",
    RecoveryEnd.PASSED_OVER: "passed over",
    RecoveryEnd.CHANGED: "changed meanwhile",
    RecoveryEnd.LEFT: "not reached",
    RecoveryEnd.WOULD_RETRY: "would be tried",
    RecoveryEnd.WOULD_CLOSE: "would be closed",
}
_STYLES: Final = {RecoveryEnd.UPLOADED: "good", RecoveryEnd.FAILED: "bad", RecoveryEnd.CLOSED: "bad"}
_ONLY_COUNTED: Final = frozenset({RecoveryEnd.NOT_DUE, RecoveryEnd.AMBIGUOUS, RecoveryEnd.LEFT})
_STOPPED: Final = {
    FinishReason.MAX_TIME: "stopped: the time was up",
    FinishReason.INTERRUPTED: "stopped on request: what was begun was finished",
    FinishReason.STORAGE_FULL: "stopped: the image store is full; nothing was counted against the images",
    FinishReason.DATABASE_LOST: "stopped: the database was lost",
}
_COLUMNS: Final = (
    Column("id", right=True),
    *map(Column, ("owner", "role", "provider", "what happened", "attempt", "failure", "next")),
)


def show_recovery(report: RecoveryReport, color_mode: str) -> None:
    """Table and sums to stdout; what stopped it to stderr. Whoever chose images or venues sees each of them."""
    chose = bool(report.request.image_ids or report.options.venues)
    shown = [image for image in report.images() if chose or image.end not in _ONLY_COUNTED]
    if shown:
        emphasis = [(number, _STYLES.get(image.end, "")) for number, image in enumerate(shown)]
        rows = tuple(map(_row, shown))
        show(Table(_COLUMNS, rows, tuple(each for each in emphasis if each[1])), color_mode)
    say(closing_line(report), color_mode, "good" if report.ok else "bad")
    for line in _remarks(report):
        note(line)


def closing_line(report: RecoveryReport) -> str:
    """ "3 newly uploaded, 1 still failed; closed 0, not due 2, left for review 5"."""
    counts = report.counts
    words = (("closed", "closed"), ("not_due", "not due"), ("ambiguous", "left for review"), ("crashed", "crashed"))
    others = ", ".join(f"{word} {counts[name]:,}" for name, word in words if counts[name])
    return f"{report.message}; {others}" if others else report.message


def _remarks(report: RecoveryReport) -> list[str]:
    remarks = []
    if report.finish_reason in _STOPPED:
        remarks.append(_STOPPED[report.finish_reason])
    if report.crashed:
        remarks.append(f"{report.crashed} owners were lost to a bug: their tracebacks are in the log")
    if report.counts["ambiguous"] and not report.request.include_ambiguous:
        remarks.append("--include-ambiguous tries those that are left for review as well")
    return remarks


def _row(image: RecoveredImage) -> tuple[str, ...]:
    return (
        str(image.id),
        image.owner,
        image.role.value,
        image.provider,
        _ENDS[image.end],
        _attempt(image),
        "-" if image.end is RecoveryEnd.UPLOADED else failure_words(image.error_type, image.status_code),
        _next(image),
    )


def _attempt(image: RecoveredImage) -> str:
    """Which of the three this was, or would be."""
    number = image.retry_count + (image.end is RecoveryEnd.WOULD_RETRY)
    return f"{number} of {MOST_RECOVERIES}" if number else "-"


def failure_words(error_type: ErrorType | None, status_code: int | None) -> str:
    """ "rate_limited (429)"; "-" where nothing failed."""
    if error_type is None:
        return "-"
    return error_type.value if status_code is None else f"{error_type.value} ({status_code})"


def _next(image: RecoveredImage) -> str:
    if image.end in (RecoveryEnd.CLOSED, RecoveryEnd.WOULD_CLOSE, RecoveryEnd.PASSED_OVER, RecoveryEnd.CHANGED):
        return image.note or "review only"
    is_left = image.end is RecoveryEnd.FAILED and image.next_retry_at is None and not image.note
    if image.end is RecoveryEnd.AMBIGUOUS or is_left:
        return "a person decides"
    if image.end in (RecoveryEnd.FAILED, RecoveryEnd.NOT_DUE):
        return _due(image.next_retry_at) + (f": {image.note}" if image.note else "")
    return image.note or "-"


def _due(at: dt.datetime | None) -> str:
    # To the second: the first waits are 4 and 8 s.
    return f"due {at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}" if at else "due"
