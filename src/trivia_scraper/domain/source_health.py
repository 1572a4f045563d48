"""How a source fares: the closed set of states (operations.md O19), and what they are judged from. Values only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.outcomes import IndexVerdict


class SourceState(StrEnum):
    """What the last runs say of a source. `ok` means yield and coverage within the baseline (O18)."""

    OK = "ok"
    UNREAD = "unread"
    PAUSED = "paused"
    OVERDUE = "overdue"
    HELD = "held"
    DEGRADED = "degraded"
    ZERO_YIELD = "zero_yield"
    DNS_FAILURE = "dns_failure"
    CONNECTION_REFUSED = "connection_refused"
    NO_RESPONSE = "no_response"
    TIMEOUT = "timeout"
    SITE_GONE = "site_gone"
    REDIRECT_ONLY = "redirect_only"
    HTTP_ERROR = "http_error"
    PARSE_ERROR = "parse_error"
    SITE_CHANGED = "site_changed"
    BLOCKED = "blocked"
    CRASHED = "crashed"

    @property
    def is_well(self) -> bool:
        """Nothing for a person to look at: also what a person wanted so, and what was never read."""
        return self in (SourceState.OK, SourceState.UNREAD, SourceState.PAUSED)

    @property
    def is_broken(self) -> bool:
        """It cannot be read: no listing comes in until somebody or the site mends it."""
        return self in _BROKEN


_BROKEN = frozenset(
    {
        SourceState.ZERO_YIELD,
        SourceState.DNS_FAILURE,
        SourceState.CONNECTION_REFUSED,
        SourceState.NO_RESPONSE,
        SourceState.TIMEOUT,
        SourceState.SITE_GONE,
        SourceState.REDIRECT_ONLY,
        SourceState.HTTP_ERROR,
        SourceState.PARSE_ERROR,
        SourceState.SITE_CHANGED,
        SourceState.BLOCKED,
        SourceState.CRASHED,
    }
)


@dataclass(frozen=True, slots=True)
class IndexFailure:
    """What kept a source from being read: of its index, or of the whole source."""

    error_type: ErrorType
    reason: Reason | None
    status_code: int | None
    message: str


@dataclass(frozen=True, slots=True)
class SourceRunRecord:
    """One run of a source as it was stored.

    listed    usable listings of its index
    coverage  by field, how many of the `read_pages` stated it
    visited, failed  listings visited, and those of them that failed
    held      events whose disappearance waits for a person
    stopped   whether we ended the walk ourselves: then the run says nothing of the source
    """

    finished_at: dt.datetime
    verdict: IndexVerdict
    listed: int
    read_pages: int = 0
    coverage: Mapping[str, int] = field(default_factory=dict)
    visited: int = 0
    failed: int = 0
    held: int = 0
    stopped: bool = False
    failure: IndexFailure | None = None

    @property
    def is_complete(self) -> bool:
        """Only these are part of a baseline (O17)."""
        return self.verdict is IndexVerdict.COMPLETE


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source and how it fares.

    why           one sentence; "" where nothing is to be said
    since         when it came into this state
    listed        usable listings of the run that was judged; None = no run yet
    usual_listed  the baseline: median of the last complete runs before it
    fallen        fields that far fewer pages state than before, most fallen first
    """

    slug: str
    state: SourceState
    why: str
    since: dt.datetime | None
    last_run_at: dt.datetime | None
    last_success_at: dt.datetime | None
    listed: int | None = None
    usual_listed: int | None = None
    fallen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """All that a source is judged by, as it was stored.

    recent       its newest runs of any verdict, newest first
    complete     its newest complete runs that may serve as baseline, newest first
    released_at  since when a person lets it be judged anew: older runs count neither as baseline nor as held
    health, health_why, health_since  as it was judged last; None = never
    """

    slug: str
    last_run_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    paused_at: dt.datetime | None = None
    paused_by: str = ""
    paused_why: str = ""
    health: SourceState | None = None
    health_why: str = ""
    health_since: dt.datetime | None = None
    recent: tuple[SourceRunRecord, ...] = ()
    complete: tuple[SourceRunRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectedRun:
    """When a source should have run last by its schedule.

    due_at          the latest slot that has passed
    usual_duration  of its refreshes; None = nobody knows yet
    """

    due_at: dt.datetime
    usual_duration: dt.timedelta | None = None
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class PausedSource:
    """A source that a person stopped for a while."""

    slug: str
    since: dt.datetime
    by: str
    why: str
