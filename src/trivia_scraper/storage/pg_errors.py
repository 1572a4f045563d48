"""Where asyncpg's errors become errors of the domain tree (safety.md 12). Pure decisions, no I/O.

asyncpg raises the same error whether a lost COMMIT was applied or not, so the *phase* decides. Whatever
is in no row of the table is a bug of ours: it becomes `QueryFault`, which is outside the tree, so that
nothing retries it or files it away as an ordinary outcome.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import asyncpg

from trivia_scraper.domain.errors import (
    CommitUnknown,
    CredentialsMissing,
    DatabaseUnreachable,
    RowRejected,
    SetupError,
    StorageFull,
    StorageUnavailable,
    TriviaScraperError,
)
from trivia_scraper.domain.redaction import redact_text

ASYNCPG_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What can only come from asyncpg."""
DRIVER_ERRORS: Final = (*ASYNCPG_ERRORS, OSError, TimeoutError, EOFError)
"""Everything that asyncpg lets through to its callers, cancellation apart: for code that calls nothing else."""


class QueryFault(RuntimeError):
    """A statement that is wrong in itself, or a misuse of the driver: mend the program, do not retry."""

    def __init__(self, message: str, *, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class Phase(Enum):
    """What was going on when the driver raised."""

    CONNECT = auto()
    QUERY = auto()
    COMMIT = auto()


class Trouble(Enum):
    """What an error means, before the phase is looked at."""

    LOST = auto()  # the connection is of no use any more
    BUSY = auto()  # the connection is fine, the same transaction may pass later
    UNKNOWN = auto()  # the server itself does not know whether it completed
    REJECTED = auto()  # the values were refused
    FULL = auto()
    CREDENTIALS = auto()
    SETUP = auto()
    BUG = auto()


_BY_SQLSTATE: Final[dict[str, Trouble]] = {
    "25006": Trouble.LOST,  # read-only after a failover: only a new connection finds the writer
    "25P03": Trouble.LOST,  # idle_in_transaction_session_timeout ended the session
    "3D000": Trouble.SETUP,
    "40003": Trouble.UNKNOWN,
    "42501": Trouble.SETUP,
    "53100": Trouble.FULL,
    "55P03": Trouble.BUSY,
    "57014": Trouble.BUSY,  # statement_timeout
    "57P01": Trouble.LOST,
    "57P02": Trouble.LOST,
    "57P03": Trouble.LOST,
    "57P04": Trouble.SETUP,
    "57P05": Trouble.LOST,
}
_BY_SQLSTATE_CLASS: Final[dict[str, Trouble]] = {
    "08": Trouble.LOST,
    "22": Trouble.REJECTED,
    "23": Trouble.REJECTED,
    "28": Trouble.CREDENTIALS,
    "40": Trouble.BUSY,
    "53": Trouble.BUSY,
    "58": Trouble.BUSY,
}
_ERRORS: Final[dict[Trouble, type[TriviaScraperError]]] = {
    Trouble.LOST: StorageUnavailable,
    Trouble.BUSY: StorageUnavailable,
    Trouble.UNKNOWN: CommitUnknown,
    Trouble.REJECTED: RowRejected,
    Trouble.FULL: StorageFull,
    Trouble.CREDENTIALS: CredentialsMissing,
    Trouble.SETUP: SetupError,
}
_LOST_BY_PHASE: Final[dict[Phase, type[TriviaScraperError]]] = {
    Phase.CONNECT: DatabaseUnreachable,
    Phase.QUERY: StorageUnavailable,
    Phase.COMMIT: CommitUnknown,
}
_GONE: Final = ("closed", "closing", "released back to the pool")
"""How asyncpg's InterfaceError words a connection that is no more; its other complaints are about our use of it."""


def diagnose(error: BaseException) -> Trouble:
    """The row of the table for one error of the driver."""
    if isinstance(error, asyncpg.PostgresError):
        return _diagnose_answer(error)
    if isinstance(error, asyncpg.exceptions.ClientConfigurationError):
        return Trouble.SETUP
    if isinstance(error, asyncpg.InternalClientError):
        return Trouble.LOST  # "cannot switch to state …": how a lost backend can surface
    if isinstance(error, asyncpg.InterfaceError):
        return Trouble.LOST if any(word in str(error) for word in _GONE) else Trouble.BUG
    return Trouble.LOST if isinstance(error, OSError | TimeoutError | EOFError) else Trouble.BUG


def _diagnose_answer(error: asyncpg.PostgresError) -> Trouble:
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return Trouble.BUSY  # somebody migrated meanwhile; the driver has forgotten its stale statements
    # asyncpg also says DataError, with a cause, when it could not encode an argument. A value that does not
    # fit is the data's fault; a value of the wrong type is ours.
    if isinstance(error.__cause__, TypeError | AttributeError):
        return Trouble.BUG
    sqlstate = error.sqlstate or ""
    return _BY_SQLSTATE.get(sqlstate) or _BY_SQLSTATE_CLASS.get(sqlstate[:2], Trouble.BUG)


def is_lost(error: BaseException) -> bool:
    """Whether the connection that raised `error` must be thrown away."""
    return diagnose(error) in (Trouble.LOST, Trouble.UNKNOWN)


def translate(error: BaseException, phase: Phase) -> Exception:
    """The domain error for a driver error: raise it `from error`. Errors of the tree pass unchanged."""
    if isinstance(error, TriviaScraperError | QueryFault):
        return error
    trouble = diagnose(error)
    text = redact_text(f"{type(error).__name__}: {error}".rstrip(": "))
    if trouble is Trouble.BUG:
        return QueryFault(text, sqlstate=getattr(error, "sqlstate", None))
    kind = _LOST_BY_PHASE[phase] if trouble is Trouble.LOST else _ERRORS[trouble]
    return kind(f"database: {text}")
