"""How a job in a worker process ends when it does not end by itself (safety.md 6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class KillCause(StrEnum):
    """What was used up."""

    TIME = "time"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Killed:
    """In place of an answer: the worker had to go, or ran out of memory."""

    cause: KillCause
    message: str
