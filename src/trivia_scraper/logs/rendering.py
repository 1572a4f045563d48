"""A line's fields, cleaned and written down: stamped, redacted, and in one of three forms (safety.md 11)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from structlog.typing import EventDict

from trivia_scraper.domain.redaction import MASK, SECRET_HEADERS, redact_text

LogFormat = Literal["text", "json", "journal"]

# Priorities of syslog, which journald reads.
_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_SECRET_FIELDS: Final = SECRET_HEADERS | {"password", "token", "access_token", "api_key", "apikey", "client_secret"}
# Direction overrides and line separators reorder or split what a terminal shows, without being control characters.
_UNPRINTED: Final = frozenset("\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def stamped(fields: EventDict, now: dt.datetime) -> EventDict:
    """The fields behind UTC time with milliseconds."""
    at = now.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"at": at, **fields}


def redacted(fields: EventDict) -> EventDict:
    """The fields with secrets masked, and only of types that JSON knows."""
    return {name: _redacted(name, value) for name, value in fields.items()}


def priority_of(fields: Mapping[str, Any]) -> int:
    """The line's severity as syslog counts it: 7 debug … 2 critical."""
    return _PRIORITIES.get(str(fields.get("level")), 6)


def printable(text: str) -> str:
    """Text on one line, with everything that could move a cursor or forge a line written as an escape."""
    return "".join(character if _is_plain(character) else _escape(character) for character in text)


def sentence(fields: Mapping[str, Any]) -> str:
    """ "event name=value …" without time and level; rows of a traceback follow, indented."""
    words = [f"{name}={_word(value)}" for name, value in fields.items() if name not in _NO_WORDS]
    rows = str(fields.get("exception", "")).splitlines()
    return "\n".join(
        (" ".join((printable(str(fields["event"])), *words)), *(f"    | {printable(row)}" for row in rows))
    )


def render_json(fields: EventDict) -> str:
    """One object a line."""
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":"))


def render_prefixed(fields: EventDict) -> str:
    """The same behind the `<N>` that journald takes from a stream as the priority."""
    return f"<{priority_of(fields)}>{render_json(fields)}"


def render_text(fields: EventDict) -> str:
    """For people."""
    return f"{fields['at']} {fields.get('level', 'info'):<7} {sentence(fields)}"


RENDERERS: Final[Mapping[LogFormat, Callable[[EventDict], str]]] = {
    "text": render_text,
    "json": render_json,
    "journal": render_prefixed,
}

_NO_WORDS: Final = frozenset({"at", "level", "event", "exception"})


def _redacted(name: str, value: Any) -> Any:
    if name.lower() in _SECRET_FIELDS and value is not None:
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", inner) for inner in value]
    return redact_text(str(value))


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
