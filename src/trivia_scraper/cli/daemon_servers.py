"""The daemon's listeners: bound before it starts, served by its outer loops, who may ask what by `web.doors`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from socket import socket
from typing import Any

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.watching import tell_status
from trivia_scraper.daemon.life import Daemon
from trivia_scraper.daemon.listening import listening, listening_at, told_address
from trivia_scraper.daemon.loops import Beat, Loop
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.metrics import Metrics
from trivia_scraper.settings.control_socket import control_socket_path
from trivia_scraper.settings.environment import listen_descriptors
from trivia_scraper.web import Door, Pages, build_app, control_door, metrics_door, open_server, web_door

BEAT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Server:
    """One door with its listening sockets."""

    name: str
    door: Door
    sockets: Sequence[socket]


@contextmanager
def open_servers(
    daemon: Daemon, metrics: Metrics, environment: Mapping[str, str], *, no_web: bool, log: FilteringBoundLogger
) -> Iterator[Sequence[Loop]]:
    """Bind everything now, and give a loop for each server. Raises SetupError (exit 2) for what cannot be bound."""
    settings = daemon.settings.current
    web, has_token = settings.web, bool(settings.web.token.get_secret_value())
    handed = listen_descriptors(environment, os.getpid())
    with ExitStack() as bound:
        path = control_socket_path(settings.state_dir, environment)
        servers = [_Server("control socket", control_door(), (bound.enter_context(listening_at(path)),))]
        if not no_web:
            at = bound.enter_context(listening(web.listen, setting="web.listen", has_token=has_token, handed=handed))
            servers.append(_Server("web", web_door(web, settings.metrics), at))
            listen = settings.metrics.listen
            at = bound.enter_context(listening(listen, setting="metrics.listen", has_token=has_token))
            servers.append(_Server("metrics", metrics_door(web, settings.metrics), at))
        pages = _pages(daemon, metrics)
        yield [_loop(server, pages, daemon, log) for server in servers if server.sockets]


def _loop(server: _Server, pages: Pages, daemon: Daemon, log: FilteringBoundLogger) -> Loop:
    app = build_app(pages, server.door, daemon.clock.monotonic, log)

    async def run(beat: Beat) -> None:
        # The server closes what it serves; a loop that is started again needs the listener once more.
        async with open_server(app, [each.dup() for each in server.sockets]):
            addresses = [told_address(each) for each in server.sockets]
            log.info(LogEvent.WEB_LISTENING, name=server.name, addresses=addresses)
            await _beat_until(daemon.gone, beat)

    return Loop(server.name, run, stale_after_seconds=3 * BEAT_SECONDS)


async def _beat_until(gone: Stop, beat: Beat) -> None:
    while not gone.is_asked:
        beat()
        await gone.sleep(BEAT_SECONDS)


def _pages(daemon: Daemon, metrics: Metrics) -> Pages:
    async def status() -> Mapping[str, Any]:
        ring, now = daemon.ring, daemon.clock.now()
        return await tell_status(
            daemon.state(), ring.figures if ring else None, ring.source_slugs() if ring else (), now
        )

    async def reload() -> tuple[str, Sequence[str]]:
        reloaded = daemon.reload()
        return reloaded.error, reloaded.restart_keys

    def exposition(accept: str) -> tuple[bytes, str]:
        pool = daemon.ring.pool_figures() if daemon.ring else None
        return metrics.exposition(daemon.state(), pool, accept)

    return Pages(state=daemon.state, status=status, metrics=exposition, reload=reload)
