"""Webhooks, pings and apprise over loopback: what is sent, what counts as failed, and that no address is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import logging
import sys
import threading
import traceback

import pytest

from support.raw_server import Exchange, answering, raw_server, response
from trivia_scraper.domain.errors import ServiceUnreachable
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.notices import Message
from trivia_scraper.domain.weekly import AlertLevel
from trivia_scraper.fetching.channels import Channels, open_channels
from trivia_scraper.logs import close_logging, configure_logging

CANARY = "c4nary"
NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
MESSAGE = Message("source_broken", "question_one", AlertLevel.CRITICAL, "site gone", False, "quiz", NOON)
OVER = Message("source_broken", "question_one", AlertLevel.CRITICAL, "no longer: site gone", True, "quiz", NOON)


class Inbox:
    """Keeps every request with its body, and says yes."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, bytes]] = []

    async def __call__(self, exchange: Exchange) -> None:
        length = int(exchange.headers.get("content-length", 0))
        body = await exchange.reader.readexactly(length)
        self.got.append((exchange.head.split(b" ", 1)[0].decode(), exchange.path, body))
        await exchange.send(response(b"ok"))


async def silence(exchange: Exchange) -> None:
    await asyncio.Event().wait()


async def send(url: str, message: Message = MESSAGE, *, seconds: float = 5.0) -> None:
    async with open_channels([url], "", "1.2", seconds=seconds) as channels:
        [channel] = channels.usable
        await channel.send(message)


async def failure_of(url: str, *, seconds: float = 5.0) -> ServiceUnreachable:
    """What a failing channel raises, after a look that nothing of it holds the canary."""
    with pytest.raises(ServiceUnreachable) as caught:
        await send(url, seconds=seconds)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return caught.value


async def test_a_webhook_gets_the_message_as_json() -> None:
    inbox = Inbox()
    async with raw_server(inbox) as server:
        await send(server.url(f"/hook/{CANARY}"))
        await send(server.url("/hook"), OVER)
    [(method, path, body), (_, _, over)] = inbox.got
    assert (method, path) == ("POST", f"/hook/{CANARY}")
    assert json.loads(body) == {
        "schema": 1,
        "kind": "source_broken",
        "subject": "question_one",
        "severity": "critical",
        "message": "site gone",
        "resolved": False,
        "host": "quiz",
        "at": "2026-03-10T12:00:00Z",
    }
    assert json.loads(over)["resolved"] is True


@pytest.mark.parametrize("status", [b"301 Moved", b"404 Not Found", b"429 Too Many", b"500 Oops"])
async def test_any_answer_but_a_yes_is_a_failure_and_is_not_tried_again(status: bytes) -> None:
    async with raw_server(answering(response(b"", b"Location: http://127.0.0.1:9/", status=status))) as server:
        error = await failure_of(server.url(f"/{CANARY}"))
        assert len(server.exchanges) == 1
    assert error.message == f"channel 1 (127.0.0.1) answered HTTP {status.split()[0].decode()}"


async def test_a_204_is_a_yes() -> None:
    async with raw_server(answering(response(status=b"204 No Content", length=False))) as server:
        await send(server.url())


async def test_a_webhook_that_hangs_is_left_alone_after_its_time() -> None:
    async with raw_server(silence) as server:
        error = await failure_of(server.url(f"/{CANARY}?token={CANARY}"), seconds=0.2)
    assert error.error_type is ErrorType.NETWORK_TIMEOUT
    assert error.message == "channel 1 (127.0.0.1) did not answer in time"


async def test_a_webhook_that_is_not_there_is_named_by_its_host() -> None:
    async with raw_server(silence) as server:
        gone = server.url(f"/{CANARY}").replace("//", f"//user:{CANARY}@")
    error = await failure_of(gone)
    assert error.message == "channel 1 (127.0.0.1) cannot be reached (ConnectError)"


async def test_a_ping_address_is_asked_below_itself() -> None:
    inbox = Inbox()
    async with raw_server(inbox) as server, open_channels([], server.url("/u-u-i-d?create=1"), "1.2") as channels:
        assert channels.pings is not None
        await channels.pings.ping("start")
        await channels.pings.ping("success")
        await channels.pings.ping("failure")
    assert [(method, path) for method, path, _ in inbox.got] == [
        ("GET", "/u-u-i-d/start?create=1"),
        ("GET", "/u-u-i-d?create=1"),
        ("GET", "/u-u-i-d/fail?create=1"),
    ]


async def test_a_ping_that_fails_tells_its_host_only() -> None:
    async with (
        raw_server(answering(response(status=b"500 Oops"))) as server,
        open_channels([], server.url(f"/{CANARY}"), "1.2") as channels,
    ):
        assert channels.pings is not None
        with pytest.raises(ServiceUnreachable) as caught:
            await channels.pings.ping("start")
    assert caught.value.message == "ping address (127.0.0.1) answered HTTP 500"


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
class TestApprise:
    """Through the real library and its own plug-in for JSON over HTTP."""

    async def test_a_message_arrives_in_plain_text(self) -> None:
        inbox = Inbox()
        async with raw_server(inbox) as server:
            await send(f"json://127.0.0.1:{server.port}/{CANARY}")
            await send(f"json://127.0.0.1:{server.port}/", OVER)
        told = [json.loads(body) for _, _, body in inbox.got]
        assert [(one["message"], one["type"]) for one in told] == [
            ("site gone", "failure"),
            ("no longer: site gone", "success"),
        ]
        assert told[0]["title"] == "trivia-scraper on quiz: source broken (question_one)"

    async def test_a_refusal_is_a_failure_and_its_log_stays_silent(self) -> None:
        log = io.StringIO()
        configure_logging("debug", "text", log)
        async with raw_server(answering(response(status=b"403 Forbidden"))) as server:
            error = await failure_of(f"json://user:{CANARY}@127.0.0.1:{server.port}/{CANARY}")
        logging.getLogger("apprise").error("Unparseable URL json://%s", CANARY)
        close_logging()
        assert error.message == "channel 1 (json) was refused"
        assert log.getvalue() == ""

    async def test_a_plug_in_that_hangs_blocks_nothing_and_takes_no_second_message(self) -> None:
        async with (
            raw_server(silence) as server,
            open_channels([f"json://127.0.0.1:{server.port}/{CANARY}"], "", "1.2", seconds=0.2) as channels,
        ):
            [channel] = channels.usable
            with pytest.raises(ServiceUnreachable, match="did not answer in time"):
                await channel.send(MESSAGE)
            with pytest.raises(ServiceUnreachable, match="still busy"):
                await channel.send(MESSAGE)
            assert all(thread.daemon for thread in threading.enumerate() if thread.name == "apprise")
            # A pool's threads are waited for when the process ends, and this one would hang then.
            assert not [thread.name for thread in threading.enumerate() if "ThreadPool" in thread.name]
        for thread in threading.enumerate():
            if thread.name == "apprise":
                thread.join(10)  # the server is gone, so it ends

    async def test_an_address_that_it_does_not_understand_is_refused_by_name(self) -> None:
        async with open_channels([f"nonsense://{CANARY}"], "", "1.2") as channels:
            assert told(channels) == (0, ["channel 1 (nonsense)"])
            [(_, error)] = channels.refused
        assert "does not understand" in error.message
        assert CANARY not in str(error) + error.hint

    async def test_without_the_extra_one_clear_refusal_names_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "trivia_scraper.fetching.apprising", raising=False)
        monkeypatch.setitem(sys.modules, "apprise", None)
        async with open_channels(["http://127.0.0.1:9/", f"slack://{CANARY}/b/c"], "", "1.2") as channels:
            assert told(channels) == (1, ["channel 2 (slack)"])
            [(_, error)] = channels.refused
        assert error.message == "channel 2 (slack) needs a library that is not installed"
        assert error.hint == "pip install 'trivia-scraper[notify]'"


def told(channels: Channels) -> tuple[int, list[str]]:
    return len(channels.usable), [name for name, _ in channels.refused]
