"""Listens, in the daemon's own event loop: sockets that are open already, signals left alone, an end within 2 s."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from socket import socket
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTION_SECONDS: Final = 30.0
MOST_CONNECTIONS: Final = 64
GRACE_SECONDS: Final = 1


@asynccontextmanager
async def open_server(app: ASGIApp, sockets: Sequence[socket]) -> AsyncIterator[None]:
    """Requests are answered while the context is open; it closes the sockets, and what is begun has a second to end.

    sockets  bound and listening: TCP or unix
    """
    # Started and shut down by hand instead of `serve()`, which would take over the process's signals and look ten
    # times a second whether it should end.
    config = uvicorn.Config(
        app,
        http=_ShortConnection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,  # whoever may set X-Forwarded-For could choose its own address
        date_header=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(list(sockets))
    try:
        yield
    finally:
        await server.shutdown(list(sockets))


async def serve(app: ASGIApp, sockets: Sequence[socket], stop: asyncio.Event) -> None:
    """Answer until `stop` is set."""
    async with open_server(app, sockets):
        await stop.wait()


class _ShortConnection(H11Protocol):
    """One request a connection, so no connection lives long: neither does one that sends slowly, or nothing."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._end = self.loop.call_later(CONNECTION_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)
