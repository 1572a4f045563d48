"""Documents as JSON: what `--json` prints, what is kept in files, what health pages answer. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from trivia_scraper.domain.redaction import redact_text

SCHEMA: Final = 1


def json_text(document: Mapping[str, Any]) -> str:
    """One object as text, `schema` first; times in UTC with Z."""
    return json.dumps({"schema": SCHEMA, **document}, default=_plain, ensure_ascii=True)


def redacted(value: Any) -> Any:
    """The same document with secrets in its texts masked: what a failure quotes may hold one (safety.md 11)."""
    if isinstance(value, Mapping):
        return {key: redacted(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(inner) for inner in value]
    return redact_text(value) if isinstance(value, str) else value


def plain_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same document in values that JSON has, secrets masked: what is read back of its text is equal to it."""
    plain: dict[str, Any] = json.loads(json.dumps(redacted(document), default=_plain))
    return plain


def _plain(value: object) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return str(value)
