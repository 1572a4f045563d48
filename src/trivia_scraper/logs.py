"""Log lines. structlog over the standard library, one line an event (operations.md 6).

`configure_logging` returns the root logger, which is handed down and bound, never looked up. Library loggers
(asyncpg's pool, asyncio) leave by the same handler and pass the same gate: redaction, thinning, and no
scraped text that could forge a line.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, Final, Literal, TextIO, cast

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import MASK, SECRET_HEADERS, redact_text

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json", "journal"]

ROOT: Final = "trivia_scraper"
REPEATS_PER_MINUTE: Final = 10
NEVER_THINNED: Final = ("image.", "refresh.", "detail.args_received")

_WINDOW_SECONDS: Final = 60.0
_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_SECRET_FIELDS: Final = SECRET_HEADERS | {"password", "token", "access_token", "api_key", "apikey", "client_secret"}
_EVENTS: Final = frozenset(LogEvent)
# Direction overrides and line separators reorder or split what a terminal shows, without being control characters.
_UNPRINTED: Final = frozenset("\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def configure_logging(
    level: LogLevel,
    format: LogFormat,
    stream: TextIO | None = None,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> FilteringBoundLogger:
    """Install the one handler on the standard library's root logger; returns our root bound logger.

    stream  None = whatever `sys.stderr` is at each line, so that a live display may stand in for it
    """
    close_logging()
    handler = _EventHandler(stream, Thinning(monotonic), format, now)
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
    asked: Literal["auto", "text", "json", "journal"], stream: TextIO, journal_stream: str
) -> LogFormat:
    """What "auto" means: the journal when `$JOURNAL_STREAM` ("device:inode") names this stream, else text."""
    if asked != "auto":
        return asked
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return "text"
    return "journal" if journal_stream == f"{status.st_dev}:{status.st_ino}" else "text"


def printable(text: str) -> str:
    """Text on one line, with everything that could move a cursor or forge a line written as an escape."""
    return "".join(character if _is_plain(character) else _escape(character) for character in text)


class Thinning:
    """At most 10 lines a minute of one event and error class; the rest is counted (operations.md 6).

    Image and refresh events are evidence that a flag arrived, one by one: they are never thinned.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._windows: dict[tuple[str, str], list[float]] = {}

    def admit(self, event: str, error_class: str) -> int | None:
        """None = leave this line out; else how many were left out since the last one that was let through."""
        if event.startswith(NEVER_THINNED):
            return 0
        now = self._monotonic()
        # [start of the minute, lines in it, lines left out]
        window = self._windows.setdefault((event, error_class), [now, 0, 0])
        if now - window[0] >= _WINDOW_SECONDS:
            window[0], window[1] = now, 0
        if window[1] >= REPEATS_PER_MINUTE:
            window[2] += 1
            return None
        window[1] += 1
        left_out, window[2] = int(window[2]), 0
        return left_out

    def leftovers(self) -> Iterable[tuple[str, str, int]]:
        """(event, error class, lines left out and not yet told)."""
        for (event, error_class), window in self._windows.items():
            if window[2]:
                yield event, error_class, int(window[2])


class _EventHandler(logging.Handler):
    """Thins, renders and writes. Subclassed from the base handler so that the stream can be looked up late."""

    def __init__(
        self, stream: TextIO | None, thinning: Thinning, format: LogFormat, now: Callable[[], dt.datetime]
    ) -> None:
        super().__init__()
        self._stream = stream
        self._thinning = thinning
        self._processors: tuple[Processor, ...] = (_Stamp(now), _redact_fields, _RENDERERS[format])

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
            self.handleError(record)

    def tell_leftovers(self) -> None:
        """One line for each event whose last repeats were left out."""
        for event, error_class, left_out in self._thinning.leftovers():
            fields: EventDict = {"event": event, "level": "info", "suppressed": left_out}
            self._write({**fields, "error_type": error_class} if error_class else fields)

    def _write(self, fields: EventDict) -> None:
        line: Any = fields
        for process in self._processors:
            line = process(None, "", line)
        stream = self._stream or sys.stderr
        stream.write(f"{line}\n")
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


class _Stamp:
    """UTC time with milliseconds, first in the line."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self._now = now

    def __call__(self, _: WrappedLogger, __: str, fields: EventDict) -> EventDict:
        at = self._now().astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"at": at, **fields}


def _redact_fields(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    return {name: _redacted(name, value) for name, value in fields.items()}


def _redacted(name: str, value: Any) -> Any:
    """The value with secrets masked, and only of types that JSON knows."""
    if name.lower() in _SECRET_FIELDS and value is not None:
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", inner) for inner in value]
    return redact_text(str(value))


def _render_json(_: WrappedLogger, __: str, fields: EventDict) -> str:
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":"))


def _render_journal(_: WrappedLogger, __: str, fields: EventDict) -> str:
    return f"<{_PRIORITIES.get(str(fields.get('level')), 6)}>{json.dumps(fields, separators=(',', ':'))}"


def _render_text(_: WrappedLogger, __: str, fields: MutableMapping[str, Any]) -> str:
    at, level, event = fields.pop("at"), fields.pop("level", "info"), fields.pop("event")
    trace = str(fields.pop("exception", ""))
    words = [f"{name}={_word(value)}" for name, value in fields.items()]
    line = " ".join((at, f"{level:<7}", printable(str(event)), *words))
    return "\n".join((line, *(f"    | {printable(row)}" for row in trace.splitlines())))


def _word(value: Any) -> str:
    """A value that cannot be taken for two: in quotes when it holds a blank, a quote or an equals sign."""
    if not isinstance(value, str):
        return printable(json.dumps(value, ensure_ascii=False))
    plain = printable(value)
    return '"' + plain.replace('"', '\\"') + '"' if not plain or set(plain) & set(" \"'=") else plain


def _is_plain(character: str) -> bool:
    is_control = character < " " or "\x7f" <= character <= "\x9f"
    is_half = "\ud800" <= character <= "\udfff"
    return not is_control and not is_half and character not in _UNPRINTED


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


_RENDERERS: Final[Mapping[LogFormat, Processor]] = {
    "text": _render_text,
    "json": _render_json,
    "journal": _render_journal,
}
