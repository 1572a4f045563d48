"""What `doctor` looks at in a database: facts as they were found, judged elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from trivia_scraper.domain.source_health import SourceHealth


@dataclass(frozen=True, slots=True)
class StoreHolder:
    """The process that holds the store. `role` is "run", "daemon" or "scheduler", "" where unknown."""

    pid: int | None
    host: str
    role: str

    @property
    def is_daemon(self) -> bool:
        """Whether it is one that answers at a control socket."""
        return self.role in ("daemon", "scheduler")


@dataclass(frozen=True, slots=True)
class UntoldCondition:
    """A condition that holds and that nobody was told of."""

    condition: str
    message: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """One look at a database whose schema is current.

    clock_ahead_seconds  how far the server's clock is ahead of ours (below 0: behind), give or take the round trip
    is_pooled     two statements of one session came to two backends
    holder        None = nobody holds the store
    dead_epochs   numbers of processes that went away and were not shut out yet; the next holder does that
    sources       how the enabled sources fare
    untold        conditions that hold, first seen an hour ago or longer, and were never sent
    """

    server_version: str
    clock_ahead_seconds: float
    is_pooled: bool
    holder: StoreHolder | None
    dead_epochs: Sequence[int]
    sources: Sequence[SourceHealth]
    untold: Sequence[UntoldCondition]
