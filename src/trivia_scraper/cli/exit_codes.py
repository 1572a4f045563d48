"""Exit codes: one enum, told in `--help`, docs/operations.md and README alike (operations.md 3; tested)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What the shell, systemd or cron learns."""

    OK = 0
    BUG = 1
    USAGE = 2
    SOME_FAILED = 3
    DATABASE = 10
    LOCKED = 11
    CREDENTIALS = 12
    STORAGE = 13
    DOCTOR = 20
    INTERRUPTED = 130


MEANINGS: Final = {
    ExitCode.OK: "done",
    ExitCode.BUG: "unexpected error (a bug), or verify-refresh or status --check says no",
    ExitCode.USAGE: "usage or configuration",
    ExitCode.SOME_FAILED: "finished, some items failed",
    ExitCode.DATABASE: "database unreachable, or schema newer than the code",
    ExitCode.LOCKED: "another instance holds the lock",
    ExitCode.CREDENTIALS: "credentials missing or refused",
    ExitCode.STORAGE: "storage not writable, or disk full",
    ExitCode.DOCTOR: "doctor found failures",
    ExitCode.INTERRUPTED: "interrupted by SIGINT",
}


def exit_code_table() -> str:
    """The lines shown in `--help`."""
    return "\n".join(f"{code.value:>5}  {meaning}" for code, meaning in MEANINGS.items())
