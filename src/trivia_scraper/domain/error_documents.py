"""An error as programs and other processes learn of it: a stable code, words, what to do next (operations.md O28)."""

from __future__ import annotations

from typing import Any, Final

from trivia_scraper.domain import errors
from trivia_scraper.domain.redaction import redact_text

BUG: Final = "bug"
INTERRUPTED: Final = "interrupted"
GAVE_UP: Final = "gave_up"
"""Of a request that daemons died over again and again."""
NOBODY_CAME: Final = "daemon_gone"
"""Of a request whose daemon went away, and none came back."""

_CODES: Final[tuple[tuple[type[errors.TriviaScraperError], str], ...]] = (
    (errors.SetupError, "configuration"),
    (errors.CredentialsMissing, "credentials_missing"),
    (errors.InstanceLocked, "instance_locked"),
    (errors.DatabaseUnreachable, "db_unreachable"),
    (errors.SchemaTooNew, "schema_too_new"),
    (errors.StorageFull, "storage_full"),
    (errors.StorageUnavailable, "storage_unavailable"),
)


def code_of(error: errors.TriviaScraperError) -> str:
    """The stable name of an error: its own where it ends a command, else its error type."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), error.error_type.value)


def error_document(error: BaseException) -> dict[str, Any]:
    """What `--json` prints of an error. Without secrets."""
    if isinstance(error, errors.TriviaScraperError):
        return failed_document(code_of(error), error.message, error.hint)
    hint = "this is a bug: please report it with the lines of the daemon's log"
    return failed_document(BUG, f"{type(error).__name__}: {error}", hint)


def failed_document(code: str, message: str, hint: str = "") -> dict[str, Any]:
    """`{"ok": false, "error": {"code": …, "message": …, "hint": …}}`."""
    return {"ok": False, "error": {"code": code, "message": redact_text(message), "hint": redact_text(hint)}}
