"""A loopback proxy before a PostgreSQL unix socket that loses connections at a chosen moment (safety.md 14)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

COMMIT_MESSAGE = b"Q\x00\x00\x00\x0bCOMMIT\x00"


@dataclass
class Faults:
    """What the proxy shall do; switched by the test while connections are open.

    cut_at_commit   "before": reset when COMMIT arrives; "after": let the server commit, swallow its answer, reset
    answer_bytes    let so many more bytes of answers through, then reset; None: no limit
    black_hole      swallow everything in both directions, say nothing
    is_down         hang up on whoever comes
    """

    cut_at_commit: str = ""
    answer_bytes: int | None = None
    black_hole: bool = False
    is_down: bool = False
    accepted: int = 0
    passed_bytes: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def go_down(self) -> None:
        """Reset what is open, and hang up on whoever comes."""
        self.is_down = True
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and its faults."""

    url: str
    faults: Faults


class _Link:
    """One proxied connection."""

    def __init__(self, faults: Faults, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.faults = faults
        self.client = client
        self.server = server
        self.commit_seen = False

    def reset(self) -> None:
        for writer in (self.client, self.server):
            writer.transport.abort()

    def on_request(self, chunk: bytes) -> None:
        if self.faults.black_hole:
            return
        if chunk.endswith(COMMIT_MESSAGE) and self.faults.cut_at_commit:
            self.commit_seen = True
            if self.faults.cut_at_commit == "before":
                self.reset()
                return
        self.server.write(chunk)

    def on_answer(self, chunk: bytes) -> None:
        if self.faults.black_hole:
            return
        if self.commit_seen:
            self.reset()
            return
        self.faults.passed_bytes += len(chunk)
        if self.faults.answer_bytes is not None:
            chunk, left = chunk[: self.faults.answer_bytes], self.faults.answer_bytes - len(chunk)
            self.client.write(chunk)
            self.faults.answer_bytes = max(0, left)
            if left <= 0:
                self.client.close()  # sends what was let through, then ends
                self.server.transport.abort()
            return
        self.client.write(chunk)


async def _pump(reader: asyncio.StreamReader, take: Callable[[bytes], None], other: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            take(chunk)
    other.close()


@asynccontextmanager
async def proxy_before(socket_path: Path, database: str) -> AsyncIterator[Proxy]:
    """Listen on 127.0.0.1 and pass everything to a server's unix socket, until told otherwise."""
    faults = Faults()

    async def serve(client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        faults.accepted += 1
        if faults.is_down:
            client.transport.abort()
            return
        server_reader, server = await asyncio.open_unix_connection(str(socket_path))
        faults.writers += (client, server)
        link = _Link(faults, client, server)
        async with asyncio.TaskGroup() as both:
            both.create_task(_pump(client_reader, link.on_request, server))
            both.create_task(_pump(server_reader, link.on_answer, client))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    try:
        yield Proxy(f"postgresql://postgres@127.0.0.1:{port}/{database}?sslmode=disable", faults)
    finally:
        listener.close()
        for writer in faults.writers:
            writer.transport.abort()
        await listener.wait_closed()
