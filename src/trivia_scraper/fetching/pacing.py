"""Politeness: when a host may be asked next, and by how many at once (sources.md N1).

Pages of a host go one at a time with an interval and some chance between them; images have a pace of their own;
both share the host's connections. A host that says Retry-After, or fails again and again, is left alone. Whoever
waits here holds nothing that requests to other hosts need.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Final

import structlog
from aiolimiter import AsyncLimiter

from trivia_scraper.domain.errors import (
    DatabaseUnreachable,
    RateLimited,
    StorageUnavailable,
    TransientError,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.fetching.breaker import Breaker, speaks_against_host
from trivia_scraper.fetching.limits import FetchSettings
from trivia_scraper.fetching.subjects import Subject
from trivia_scraper.policy.urls import CheckedUrl
from trivia_scraper.ports import Clock, HostTurns

LEAST_INTERVAL_SECONDS: Final = 1.0
LONGEST_CRAWL_DELAY_SECONDS: Final = 60.0
PAUSE_WITHOUT_RETRY_AFTER_SECONDS: Final = 5.0

_MOST_JITTER_SECONDS: Final = 1.0
_MOST_HOSTS: Final = 1_000
_TRIES_FOR_A_TURN: Final = 30
_TURN_WAIT_SECONDS: Final = 2.0


class _Host:
    """What is known of one host. An exempt host (in an opened network) is bound only by what it says itself."""

    def __init__(self, name: str, interval_seconds: float, *, exempt: bool, settings: FetchSettings) -> None:
        self.name = name
        self.exempt = exempt
        self.interval_seconds = interval_seconds
        self.page_lane = asyncio.Semaphore(1 if interval_seconds else settings.per_host_connections)
        self.image_pace = None if exempt else AsyncLimiter(settings.images_per_second, 1.0)
        self.connections = asyncio.Semaphore(settings.per_host_connections)
        self.breaker = Breaker(0 if exempt else settings.breaker_failures, settings.breaker_seconds)
        self.probe = asyncio.Lock()
        self.next_page_at = 0.0
        self.open_at = 0.0
        self.users = 0


class Pacer:
    """Grants turns. State per host is kept while it matters and dropped when there are too many hosts (S02)."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
        turns: HostTurns | None = None,
    ) -> None:
        """turns: whom other machines that ask the same hosts share their turns with; None = there are none."""
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._log = log
        self._turns = turns
        self._hosts: dict[str, _Host] = {}
        self._connections = asyncio.Semaphore(settings.max_connections)

    @asynccontextmanager
    async def turn(
        self, url: CheckedUrl, subject: Subject, patience_seconds: float, *, with_interval: bool = True
    ) -> AsyncIterator[None]:
        """Wait for a turn at the host, hold it for the body, and learn from how the body ends.

        with_interval  False: a page of an interface with limits of its own, which the caller counts

        Raises RateLimited, or the subject's transient error, when the host is closed for longer than
        `patience_seconds`.
        """
        host = self._host(url)
        host.users += 1
        try:
            async with host.page_lane if subject is Subject.PAGE and with_interval else nullcontext():
                if with_interval:
                    await self._await_pace(host, subject)
                async with host.connections, host.probe if host.breaker.tripped else nullcontext():
                    await self._await_open(host, subject, patience_seconds)
                    async with self._connections:
                        with self._learning(host):
                            yield
        finally:
            host.users -= 1

    def pause(self, url: CheckedUrl, seconds: float | None) -> None:
        """The host answered 429, or 503 with Retry-After: leave it alone that long. None = it did not say."""
        host = self._host(url)
        if seconds is None:
            seconds = 0.0 if host.exempt else PAUSE_WITHOUT_RETRY_AFTER_SECONDS
        self._close(host, seconds, "retry_after")

    def slow_down(self, url: CheckedUrl, crawl_delay_seconds: float) -> None:
        """Honour a Crawl-delay of robots.txt, up to 60 s."""
        host = self._host(url)
        host.interval_seconds = max(host.interval_seconds, min(crawl_delay_seconds, LONGEST_CRAWL_DELAY_SECONDS))

    def page_sent(self, host: str, port: int) -> None:
        """A page request went out. The connector repeats one by itself now and then: that counts as well."""
        known = self._hosts.get(f"{host}:{port}") or self._hosts.get(host)
        if known is not None:
            known.next_page_at = max(known.next_page_at, self._clock.monotonic() + known.interval_seconds)

    async def _await_pace(self, host: _Host, subject: Subject) -> None:
        if subject is Subject.IMAGE:
            if host.image_pace is not None:
                await host.image_pace.acquire()
                await self._await_shared_turn(f"images of {host.name}", 1 / self._settings.images_per_second)
            return
        while (seconds := host.next_page_at - self._clock.monotonic()) > 0:
            await self._sleep(seconds)
        interval_seconds = host.interval_seconds + self._jitter(host)
        await self._await_shared_turn(host.name, interval_seconds)
        host.next_page_at = self._clock.monotonic() + interval_seconds

    async def _await_shared_turn(self, host: str, interval_seconds: float) -> None:
        """Wait for a turn that all machines share. While the database is away, nobody's work could be stored."""
        if self._turns is None or not interval_seconds:
            return
        for tries_left in reversed(range(_TRIES_FOR_A_TURN)):
            try:
                await self._sleep(await self._turns.claim(host, interval_seconds))
                return
            except (StorageUnavailable, DatabaseUnreachable) as error:
                if not tries_left:
                    raise
                self._log.debug(LogEvent.HOST_PACED, host=host, seconds=_TURN_WAIT_SECONDS, reason=str(error))
                await self._sleep(_TURN_WAIT_SECONDS)

    async def _await_open(self, host: _Host, subject: Subject, patience_seconds: float) -> None:
        while (seconds := host.open_at - self._clock.monotonic()) > 0:
            if seconds > patience_seconds:
                raise _closed(host, subject, seconds)
            await self._sleep(seconds)

    def _jitter(self, host: _Host) -> float:
        return 0.0 if host.exempt or not host.interval_seconds else _MOST_JITTER_SECONDS * self._random()

    @contextmanager
    def _learning(self, host: _Host) -> Iterator[None]:
        try:
            yield
        except TriviaScraperError as error:
            if not speaks_against_host(error):
                host.breaker.succeeded()
            elif seconds := host.breaker.failed():
                self._close(host, seconds, "failures")
            raise
        else:
            host.breaker.succeeded()

    def _close(self, host: _Host, seconds: float, reason: str) -> None:
        host.open_at = max(host.open_at, self._clock.monotonic() + seconds)
        self._log.info(LogEvent.HOST_PACED, host=host.name, seconds=seconds, reason=reason)

    def _host(self, url: CheckedUrl) -> _Host:
        origin, exempt = url.origin, url.is_exempt
        # Replicas on loopback differ by port only; public services of one name share one machine.
        name = f"{origin.host}:{origin.port}" if exempt else origin.host
        known = self._hosts.get(name)
        if known is None:
            self._forget_idle()
            interval_seconds = self._interval(origin.host, exempt)
            known = self._hosts[name] = _Host(name, interval_seconds, exempt=exempt, settings=self._settings)
        return known

    def _interval(self, host: str, exempt: bool) -> float:
        seconds = self._settings.host_intervals.get(host, self._settings.per_host_interval_seconds)
        return seconds if exempt else max(seconds, LEAST_INTERVAL_SECONDS)

    def _forget_idle(self) -> None:
        if len(self._hosts) < _MOST_HOSTS:
            return
        now = self._clock.monotonic()
        for name, host in list(self._hosts.items()):
            if not host.users and max(host.next_page_at, host.open_at) <= now:
                del self._hosts[name]


def _closed(host: _Host, subject: Subject, seconds: float) -> TransientError:
    if host.breaker.tripped:
        return subject.unreachable(
            f"{host.name} failed again and again and is left alone for {seconds:.0f} s more",
            error_type=ErrorType.SERVICE_UNAVAILABLE,
        )
    return RateLimited(
        f"{host.name} asked to be left alone for {seconds:.0f} s more", retry_after_seconds=seconds, status_code=None
    )
