"""The one handler: takes records, ours and libraries', thins, cleans and writes them (operations.md 6).

Library loggers (asyncpg's pool, asyncio) leave by the same handler and pass the same gate: redaction, thinning,
and no scraped text that could forge a line.
"""

from __future__ import annotations

import datetime as dt
import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, TextIO, cast

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.logs.journal import Journal, is_journal
from trivia_scraper.logs.rendering import RENDERERS, LogFormat, redacted, stamped
from trivia_scraper.logs.thinning import Thinning

LogLevel = Literal["debug", "info", "warning", "error"]

ROOT: Final = "trivia_scraper"

_EVENTS: Final = frozenset(LogEvent)


def configure_logging(
    level: LogLevel,
    format: LogFormat,
    stream: TextIO | None = None,
    *,
    journal: Path | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> FilteringBoundLogger:
    """Install the one handler on the standard library's root logger; returns our root bound logger.

    stream   None = whatever `sys.stderr` is at each line, so that a live display may stand in for it
    journal  journald's socket for lines of the form "journal"; None = they go to the stream, behind `<N>`
    """
    close_logging()
    native = Journal(journal) if journal is not None and format == "journal" else None
    handler = _EventHandler(stream, native, Thinning(monotonic), format, now)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # libraries speak up only when something is wrong
    ours = logging.getLogger(ROOT)
    ours.setLevel(level.upper())
    logger = structlog.wrap_logger(
        ours,
        processors=[structlog.stdlib.add_log_level, _mark_undeclared, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    return cast(FilteringBoundLogger, logger.bind())


def close_logging() -> None:
    """Tell what thinning still holds back, and take our handler away again."""
    root = logging.getLogger()
    for handler in [found for found in root.handlers if isinstance(found, _EventHandler)]:
        handler.tell_leftovers()
        root.removeHandler(handler)
        handler.close()


def detect_format(
    asked: Literal["auto", "text", "json", "journal"], stream: TextIO | None, journal_stream: str
) -> LogFormat:
    """What "auto" means: the journal when `$JOURNAL_STREAM` ("device:inode") names this stream, else text."""
    if asked != "auto":
        return asked
    return "journal" if is_journal(stream, journal_stream) else "text"


class _EventHandler(logging.Handler):
    """Thins, renders and writes. Subclassed from the base handler so that the stream can be looked up late."""

    def __init__(
        self,
        stream: TextIO | None,
        journal: Journal | None,
        thinning: Thinning,
        format: LogFormat,
        now: Callable[[], dt.datetime],
    ) -> None:
        super().__init__()
        self._stream = stream
        self._journal = journal
        self._thinning = thinning
        self._render = RENDERERS[format]
        self._now = now

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, ours (a dict) or a library's (a message)."""
        try:
            fields = _fields_of(record)
            error_class = _error_class(record)
            # One line a detail is the story of a run, not a repeat: only trouble is thinned.
            is_trouble = bool(error_class) or record.levelno >= logging.WARNING
            left_out = self._thinning.admit(_kind_of(record), error_class) if is_trouble else 0
            if left_out is None:
                return
            if left_out:
                fields["suppressed"] = left_out
            self._write(fields)
        except Exception:  # noqa: BLE001 - logging's own contract: a line that fails must not stop the work
            with suppress(OSError, ValueError):
                self.handleError(record)

    def tell_leftovers(self) -> None:
        """One line for each event whose last repeats were left out."""
        for event, error_class, left_out in self._thinning.leftovers():
            fields: EventDict = {"event": event, "level": "info", "suppressed": left_out}
            self._write({**fields, "error_type": error_class} if error_class else fields)

    def close(self) -> None:
        """Give the journal's socket back."""
        if self._journal is not None:
            self._journal.close()
        super().close()

    def _write(self, fields: EventDict) -> None:
        line = redacted(stamped(fields, self._now()))
        if self._journal is not None and self._journal.send(line):
            return
        stream = self._stream or sys.stderr
        # A reader that has gone, a full or closed descriptor: nobody is left to be told, and the work goes on (F16).
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.write(f"{self._render(line)}\n")
                stream.flush()


def _fields_of(record: logging.LogRecord) -> EventDict:
    if isinstance(record.msg, dict):
        fields = dict(record.msg)
    else:
        fields = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
    failure = fields.pop("exc_info", None) or record.exc_info
    if failure:
        fields["exception"] = logging.Formatter().formatException(_exc_info(failure))
    return fields


def _exc_info(failure: Any) -> Any:
    if isinstance(failure, BaseException):
        return type(failure), failure, failure.__traceback__
    return failure if isinstance(failure, tuple) else sys.exc_info()


def _kind_of(record: logging.LogRecord) -> str:
    """What counts as a repeat: our event, or all that one library logger says (its texts have no bound)."""
    return str(record.msg["event"]) if isinstance(record.msg, dict) else record.name


def _error_class(record: logging.LogRecord) -> str:
    fields = record.msg if isinstance(record.msg, dict) else {}
    if error_type := fields.get("error_type"):
        return str(error_type)
    failure = fields.get("exc_info") or record.exc_info
    kind = _exc_info(failure)[0] if failure else None
    return kind.__name__ if kind else ""


def _mark_undeclared(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    # A test forbids undeclared events in our source; a line that slipped through is still worth having.
    if fields.get("event") not in _EVENTS:
        fields["undeclared"] = True
    return fields
