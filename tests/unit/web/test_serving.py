"""Listening: several sockets, signals left alone, an end that waits for nobody."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from support.web import Site
from trivia_scraper.web import open_server, serve, serving

DEADLINE_SECONDS = 20


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello", headers={"connection": "close"})(scope, receive, send)


async def read_all(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bytes:
    reader, writer = connection
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


async def test_one_app_serves_several_sockets_until_it_is_told_to_stop(tmp_path: Path) -> None:
    tcp = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(tmp_path / "web"))
    unix.listen()
    port, stop = tcp.getsockname()[1], asyncio.Event()
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with asyncio.timeout(DEADLINE_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(serve(hello, [tcp, unix], stop))
        assert (await read_all(await asyncio.open_connection("127.0.0.1", port))).endswith(b"hello")
        assert (await read_all(await asyncio.open_unix_connection(str(tmp_path / "web")))).endswith(b"hello")
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
        stop.set()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_f05_the_end_waits_neither_for_silent_peers_nor_for_a_page_that_hangs(site: Site) -> None:
    hangs = asyncio.Event()

    async def hanging(scope: Scope, receive: Receive, send: Send) -> None:
        hangs.set()
        await asyncio.Event().wait()

    listener = socket.create_server(("127.0.0.1", 0))
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with open_server(hanging, [listener]):
            silent = await asyncio.open_connection(*listener.getsockname())
            asking = await asyncio.open_connection(*listener.getsockname())
            asking[1].write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await hangs.wait()
        assert await silent[0].read() == b""
        for _, writer in (silent, asking):
            writer.close()


async def test_a_connection_that_says_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "CONNECTION_SECONDS", 0.05)
    listener = socket.create_server(("127.0.0.1", 0))
    async with asyncio.timeout(DEADLINE_SECONDS), open_server(hello, [listener]):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: loc")
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
