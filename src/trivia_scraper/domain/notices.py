"""What an operator is told of: conditions, what was said about each, and the message itself (operations.md 10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from trivia_scraper.domain.weekly import AlertLevel

SCHEMA: Final = 1
"""Of the document that webhooks get."""


class ConditionKind(StrEnum):
    """Everything a person is told of by itself. The last five are the alerts of images.md 12, under their names."""

    SOURCE_BROKEN = "source_broken"
    SOURCE_DEGRADED = "source_degraded"
    SOURCE_ZERO_YIELD = "source_zero_yield"
    SOURCE_OVERDUE = "source_overdue"
    DELETION_HELD = "deletion_held"
    LOOP_DIED = "loop_died"
    STORAGE_LOW = "storage_low"
    STORAGE_FULL = "storage_full"
    DATABASE_LOST = "database_lost"
    LOCK_LOST = "lock_lost"
    SETTINGS_REFUSED = "settings_refused"
    BREAKER_OPEN = "breaker_open"
    CLEANUP_MISSED = "cleanup_missed"
    PROVIDER_FAILING = "provider_failing"
    PROVIDER_USED = "provider_used"
    IMAGES_CLOSED = "images_closed"


GRAVE: Final = frozenset({ConditionKind.STORAGE_FULL, ConditionKind.DATABASE_LOST, ConditionKind.LOCK_LOST})
"""Told in quiet hours too, and again when they come back soon after they were over."""

OF_SOURCES: Final = frozenset(
    {
        ConditionKind.SOURCE_BROKEN,
        ConditionKind.SOURCE_DEGRADED,
        ConditionKind.SOURCE_ZERO_YIELD,
        ConditionKind.SOURCE_OVERDUE,
    }
)
"""A source is in one of these at a time: one that takes another's place does not mean that all is well."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is not as it should be, now.

    subject  what it is about: a source, a loop, a host; with the kind it names the condition
    message  one sentence; may quote a site until `pipeline.notices` has cleaned it
    """

    kind: ConditionKind
    subject: str
    message: str
    severity: AlertLevel = AlertLevel.WARNING

    @property
    def key(self) -> str:
        """What the book knows it by."""
        return f"{self.kind}:{self.subject}"

    @property
    def is_grave(self) -> bool:
        """Whether it cannot wait for the morning."""
        return self.kind in GRAVE


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at everything.

    judged   kinds that could be looked at: of the others nobody knows whether they hold
    database_is_away  the book cannot be read now, and need not be tried
    """

    conditions: tuple[Condition, ...]
    judged: frozenset[ConditionKind]
    database_is_away: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What is known of one condition, and what was said about it.

    severity        as it was told last; before that, as it is
    times_in_row    looks in a row that found it; 0 = the last one did not
    absent_in_row   looks in a row that did not, since it was found
    first_seen_at   begin of this spell, which ends with `resolved_at`
    sent_at, sends  when a person was last told of it, in any spell, and how often in this one
    """

    condition: str
    kind: str
    subject: str
    message: str
    severity: AlertLevel
    times_in_row: int
    absent_in_row: int
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    sent_at: dt.datetime | None = None
    sends: int = 0
    resolved_at: dt.datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for anything any more."""
        return self.resolved_at is not None


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `resolved`: it is over. `host`: the machine that says so."""

    kind: str
    subject: str
    severity: AlertLevel
    message: str
    resolved: bool
    host: str
    at: dt.datetime

    @property
    def title(self) -> str:
        """One line for channels that have a subject."""
        words = self.kind.replace("_", " ")
        state = "over: " if self.resolved else ""
        return f"trivia-scraper on {self.host}: {state}{words}{f' ({self.subject})' if self.subject else ''}"

    def document(self) -> Mapping[str, Any]:
        """The body of a webhook."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "subject": self.subject,
            "severity": self.severity.value,
            "message": self.message,
            "resolved": self.resolved,
            "host": self.host,
            "at": self.at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
        }
