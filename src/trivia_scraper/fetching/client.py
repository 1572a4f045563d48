"""Puts the room together: `open_fetcher` yields the one fetcher of the process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from trivia_scraper.fetching.exchange import Seams, open_exchanges
from trivia_scraper.fetching.fetcher import HttpFetcher
from trivia_scraper.fetching.hops import Walker
from trivia_scraper.fetching.limits import FetchSettings
from trivia_scraper.fetching.pacing import Pacer
from trivia_scraper.fetching.robots import Robots
from trivia_scraper.ports import Clock, HostTurns


@asynccontextmanager
async def open_fetcher(
    settings: FetchSettings,
    *,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
    log: structlog.typing.FilteringBoundLogger,
    seams: Seams | None = None,
    turns: HostTurns | None = None,
) -> AsyncIterator[HttpFetcher]:
    """Open connections' home and yield the fetcher; leaving closes every connection.

    sleep, random  how politeness waits, and the chance in it (0 … 1)
    seams          what tests replace; None = the real thing
    turns          turns at hosts that several machines share; None = this process is alone
    """
    pacer = Pacer(settings, clock=clock, sleep=sleep, random=random, log=log, turns=turns)
    async with open_exchanges(settings, pacer.page_sent, seams or Seams()) as exchanges:
        walker = Walker(settings, exchanges, pacer, clock, log)
        robots = Robots(settings, walker, pacer, clock)
        yield HttpFetcher(settings, walker, robots, clock, log)
