"""What ImageKit says when it refuses, as an error of the domain's tree (R125)."""

from __future__ import annotations

import json
import re
from typing import Final

from trivia_scraper.domain.errors import (
    CredentialsMissing,
    PermanentError,
    StorageFull,
    StoreBusy,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.ports import OperatorAnswer

_LIMIT_WORDS: Final = ("limit", "quota", "exceeded", "upgrade")
_TOLD_CHARACTERS: Final = 200
_SHORT_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def imagekit_error(answer: OperatorAnswer, doing: str, place: str) -> TriviaScraperError:
    """The domain's error for an answer that is no success.

    ImageKit has one status for a key without rights and for a plan that is used up: its words tell which.
    """
    told = _told(answer)
    message = f"{doing}: {place} refused ({answer.status}{f', {told}' if told else ''})"
    # A server in trouble speaks of limits too; those pass.
    is_full = answer.status in (402, 507) or (
        400 <= answer.status < 500 and any(word in told.lower() for word in _LIMIT_WORDS)
    )
    if answer.status == 429:
        seconds = _wait(answer)
        again = "" if seconds is None else f"; again in {seconds:g} s"
        return StoreBusy(f"{message}{again}", retry_after_seconds=seconds)
    if answer.status == 401 or (answer.status == 403 and not is_full):
        hint = "storage.imagekit_key (TRIVIA_IMAGEKIT_KEY) must be the private key of the account"
        return CredentialsMissing(message, error_type=ErrorType.STORAGE_ERROR, hint=hint)
    if is_full:
        return StorageFull(message, reason=Reason.DISK_FULL, hint="make room at ImageKit, or take a larger plan")
    if answer.status == 408 or answer.status >= 500:
        return StoreBusy(message)
    return PermanentError(message, error_type=ErrorType.STORAGE_ERROR)


def _told(answer: OperatorAnswer) -> str:
    try:
        document = json.loads(answer.body)
    except ValueError:
        return ""
    told = document.get("message") if isinstance(document, dict) else None
    return redact_text(told)[:_TOLD_CHARACTERS] if isinstance(told, str) else ""


def _wait(answer: OperatorAnswer) -> float | None:
    """ImageKit says in milliseconds when it listens again; what stands before it says it in seconds."""
    reset = answer.headers.get("x-ratelimit-reset", "")
    if _SHORT_NUMBER.fullmatch(reset):
        return int(reset) / 1000
    seconds = answer.headers.get("retry-after", "")
    return float(seconds) if _SHORT_NUMBER.fullmatch(seconds) else None
