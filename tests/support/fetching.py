"""What tests of the HTTP client share: settings, clocks, a sink, and a fetcher opened with them."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.fetching import FetchSettings, HttpFetcher, open_fetcher
from trivia_scraper.fetching.exchange import Seams

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
KIB = 1024
MIB = 1024 * KIB

_DEFAULTS: dict[str, Any] = {
    "contact": "quiz@example.org",
    "version": "0.1.0",
    "per_host_interval_seconds": 0.0,
    "host_intervals": {},
    "per_host_connections": 2,
    "keepalive_seconds": 30.0,
    "dns_ttl_seconds": 60.0,
    "connect_timeout_seconds": 5.0,
    "read_timeout_seconds": 5.0,
    "min_rate_bytes": 1_000,
    "max_redirects": 5,
    "max_page_bytes": 4 * MIB,
    "max_image_bytes": 10 * MIB,
    "max_ratio": 200,
    "ports": frozenset({80, 443, 8080, 8443}),
    "networks": LOOPBACK,
    "respect_robots": False,
}


def settings(**changes: Any) -> FetchSettings:
    """Settings for loopback: no interval, no robots.txt; `changes` on top."""
    return FetchSettings(**(_DEFAULTS | changes))


def options(*, force: bool = False) -> RefreshOptions:
    return RefreshOptions(
        force_refresh_images=force, force_update=False, clean_first=False, retry_failed_only=False, dry_run=False,
        limit=None, sources=(), venues=(), providers=(), max_time_seconds=None,
    )  # fmt: skip


class RealClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class FakeClock:
    """Time that moves only when someone sleeps, or when `tick_seconds` pass with every look at it."""

    seconds: float = 1_000.0
    tick_seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        self.seconds += self.tick_seconds
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass
class Sink:
    """A BodySink in memory."""

    chunks: list[bytes] = field(default_factory=list)
    restarts: int = 0

    async def write(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    async def restart(self) -> None:
        self.chunks.clear()
        self.restarts += 1

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)


@dataclass
class SocketRecorder:
    """Stands in for the socket constructor: records every call and opens nothing."""

    made: list[tuple[int, int, int]] = field(default_factory=list)

    def __call__(self, family: int, kind: int, protocol: int) -> socket.socket:
        self.made.append((family, kind, protocol))
        raise OSError("a recorder opens no sockets")


@dataclass
class Names:
    """A fake look-up: names → addresses. An unknown name fails as a real one would; every call is kept."""

    addresses: dict[str, Sequence[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.addresses[host]


@asynccontextmanager
async def fetcher(
    changed: FetchSettings | None = None,
    *,
    clock: RealClock | FakeClock | None = None,
    random: Callable[[], float] = lambda: 0.0,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    seams: Seams | None = None,
) -> AsyncIterator[HttpFetcher]:
    """A fetcher with these settings; with a FakeClock, politeness sleeps on it."""
    clock = clock or RealClock()
    sleep = sleep or (clock.sleep if isinstance(clock, FakeClock) else asyncio.sleep)
    async with open_fetcher(
        changed or settings(), clock=clock, sleep=sleep, random=random, log=structlog.get_logger(), seams=seams
    ) as opened:
        yield opened


def public_settings(**changes: Any) -> FetchSettings:
    """Settings as for the open internet; only for fetchers whose transport or sockets are fakes."""
    return settings(**({"networks": (), "per_host_interval_seconds": 2.0} | changes))


def through(handler: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]) -> Seams:
    """Seams with a transport that asks `handler` and opens no connection."""
    return Seams(transport=httpx.MockTransport(handler))
