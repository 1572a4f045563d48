"""What people ask of the daemon: one row a request, the options whole, under the id that its run will have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from trivia_scraper.domain.options import RefreshOptions

CHANNEL: Final = "trivia_scraper_requests"
"""The daemon listens here; the payload is the request's id."""

MOST_ATTEMPTS: Final = 3
"""Work that a daemon died over so many times is not begun again: it might be what kills it."""


class RequestKind(StrEnum):
    """What is asked for."""

    REFRESH = "refresh"
    RECOVERY = "recovery"
    CLEANUP = "cleanup"
    ENRICHMENT = "enrichment"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request as it was filed.

    details       what the kind needs beside the options, as its own module writes and reads it
    requested_by  "user@host, process 123"
    attempts      how often a daemon has begun with it
    """

    id: UUID
    kind: RequestKind
    options: RefreshOptions
    details: Mapping[str, Any]
    requested_by: str
    requested_at: dt.datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class RequestState:
    """How far a request is, for whoever waits for it.

    progress  as `domain.live.SourceProgress` by source, and outcome as the command's own `--json` document
    """

    id: UUID
    taken_at: dt.datetime | None
    finished_at: dt.datetime | None
    ok: bool | None
    stop_asked_at: dt.datetime | None
    progress: Mapping[str, Any] = field(default_factory=dict)
    outcome: Mapping[str, Any] = field(default_factory=dict)
