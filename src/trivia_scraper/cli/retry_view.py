"""What `retry` shows: a row for each image that something happened to, and the sums, from its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trivia_scraper.cli.output import note
from trivia_scraper.cli.tables import Column, Table, say, show
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.recovery import RecoveryEnd
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


def show_recovery(
    document: Mapping[str, Any], color_mode: str, *, shows_all: bool = False, tried_ambiguous: bool = False
) -> None:
    """Table and sums of a `recovery_document` to stdout; what stopped it to stderr.

    shows_all  whoever chose images or venues sees each of them
    """
    images = [image for owner in document["owners"] for image in owner["images"]]
    shown = [image for image in images if shows_all or image["end"] not in _ONLY_COUNTED]
    if shown:
        emphasis = [(number, _STYLES.get(image["end"], "")) for number, image in enumerate(shown)]
        rows = tuple(map(_row, shown))
        show(Table(_COLUMNS, rows, tuple(each for each in emphasis if each[1])), color_mode)
    say(closing_line(document), color_mode, "good" if document["ok"] else "bad")
    for line in _remarks(document, tried_ambiguous):
        note(line)


def closing_line(document: Mapping[str, Any]) -> str:
    """ "3 newly uploaded, 1 still failed; closed 0, not due 2, left for review 5"."""
    counts, message = document["counts"], str(document["message"])
    words = (("closed", "closed"), ("not_due", "not due"), ("ambiguous", "left for review"), ("crashed", "crashed"))
    others = ", ".join(f"{word} {counts[name]:,}" for name, word in words if counts[name])
    return f"{message}; {others}" if others else message


def _remarks(document: Mapping[str, Any], tried_ambiguous: bool) -> Iterator[str]:
    counts = document["counts"]
    if document["finish_reason"] in _STOPPED:
        yield _STOPPED[document["finish_reason"]]
    if counts["crashed"]:
        yield f"{counts['crashed']} owners were lost to a bug: their tracebacks are in the log"
    if counts["ambiguous"] and not tried_ambiguous:
        yield "--include-ambiguous tries those that are left for review as well"


def _row(image: Mapping[str, Any]) -> tuple[str, ...]:
    error = image.get("error_details", {})
    is_stored = image["end"] == RecoveryEnd.UPLOADED
    return (
        str(image["id"]),
        image["owner"],
        image["role"],
        image["provider"],
        _ENDS[RecoveryEnd(image["end"])],
        _attempt(image),
        "-" if is_stored else failure_words(error.get("error_type"), error.get("status_code")),
        _next(image),
    )


def _attempt(image: Mapping[str, Any]) -> str:
    """Which of the three this was, or would be."""
    number = image["retry_count"] + (image["end"] == RecoveryEnd.WOULD_RETRY)
    return f"{number} of {MOST_RECOVERIES}" if number else "-"


def failure_words(error_type: str | None, status_code: int | None) -> str:
    """ "rate_limited (429)"; "-" where nothing failed."""
    if error_type is None:
        return "-"
    return error_type if status_code is None else f"{error_type} ({status_code})"


def _next(image: Mapping[str, Any]) -> str:
    end, why, at = image["end"], image.get("note", ""), image.get("next_retry_at")
    if end in (RecoveryEnd.CLOSED, RecoveryEnd.WOULD_CLOSE, RecoveryEnd.PASSED_OVER, RecoveryEnd.CHANGED):
        return why or "review only"
    if end == RecoveryEnd.AMBIGUOUS or (end == RecoveryEnd.FAILED and at is None and not why):
        return "a person decides"
    if end in (RecoveryEnd.FAILED, RecoveryEnd.NOT_DUE):
        return _due(at) + (f": {why}" if why else "")
    return why or "-"


def _due(at: str | None) -> str:
    # To the second: the first waits are 4 and 8 s.
    return f"due {dt.datetime.fromisoformat(at).astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}" if at else "due"
