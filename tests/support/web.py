"""A real server on a loopback port or a unix socket, and a client that writes its requests by hand."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from structlog.testing import LogCapture

from support.fetching import FakeClock
from support.house import capturing_log
from support.live import make_state
from trivia_scraper.domain.gauges import PoolFigures
from trivia_scraper.domain.live import DaemonState
from trivia_scraper.metrics import Metrics
from trivia_scraper.web import Door, Pages, build_app, open_server


@dataclass(frozen=True)
class Answer:
    """One answer, header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A running server, and what it tells: tests change it while it runs."""

    address: str | int
    capture: LogCapture
    clock: FakeClock
    state: DaemonState = field(default_factory=make_state)
    status: Callable[[], Any] = lambda: {"ok": True}
    reload: Callable[[], tuple[str, Sequence[str]]] = lambda: ("", ())

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.address, int):
            return await asyncio.open_connection("127.0.0.1", self.address)
        return await asyncio.open_unix_connection(self.address)

    async def send(self, *lines: str) -> Answer:
        """These lines as a request; the answer is read until the server hangs up."""
        reader, writer = await self.connect()
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        raw = await reader.read()
        writer.close()
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        return Answer(int(first.split(" ")[1]), headers, body)

    async def get(self, path: str, *headers: str, host: str = "localhost", method: str = "GET") -> Answer:
        return await self.send(f"{method} {path} HTTP/1.1", f"Host: {host}", *headers)


@asynccontextmanager
async def open_site(door: Door, path: Path | None = None) -> AsyncIterator[Site]:
    """A site behind this door; with a path, at a unix socket there."""
    if path is None:
        listener = socket.create_server(("127.0.0.1", 0))
        address: str | int = listener.getsockname()[1]
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        address = str(path)
    log, capture = capturing_log()
    site = Site(address, capture, FakeClock())
    metrics = Metrics(("question_one",), "abc1234")

    async def status() -> Mapping[str, Any]:
        found = site.status()
        return await found if asyncio.iscoroutine(found) else found

    async def reload() -> tuple[str, Sequence[str]]:
        return site.reload()

    pages = Pages(
        state=lambda: site.state,
        status=status,
        metrics=lambda accept: metrics.exposition(site.state, PoolFigures(), accept),
        reload=reload,
    )
    async with open_server(build_app(pages, door, site.clock.monotonic, log), [listener]):
        yield site
