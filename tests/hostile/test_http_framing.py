"""H046-H067: answers that lie about themselves, from a real socket on loopback.

After each one the same fetcher reads a good page over a new connection: the broken one is never used again.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest

from support.certificates import Authority
from support.fetching import MIB, FakeClock, RealClock, Sink, fetcher, options, settings
from support.raw_server import Answer, Exchange, RawServer, answering, raw_server, response
from trivia_scraper.domain.errors import ImageRejected, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.pages import ImageRequest, PageRequest, Validators
from trivia_scraper.fetching import HttpFetcher
from trivia_scraper.fetching.exchange import Seams

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MOST_GROWTH = 16 * MIB


async def read(
    opened: HttpFetcher, subject: str, url: str, deadline_seconds: float = 5.0, sink: Sink | None = None
) -> Any:
    if subject == "page":
        return await opened.fetch_page(PageRequest(url), accept_language="en", deadline_seconds=deadline_seconds)
    request = ImageRequest(url, None)
    return await opened.download_image(request, sink or Sink(), options(), deadline_seconds=deadline_seconds)


def hostile(answer: Answer) -> Answer:
    """`answer` for every path but /good, which is a decent page."""

    async def both(exchange: Exchange) -> None:
        if exchange.path == "/good":
            await exchange.send(response(b"good"))
        else:
            await answer(exchange)

    return both


@asynccontextmanager
async def refusal(
    answer: Answer,
    subject: str,
    *,
    clock: RealClock | FakeClock | None = None,
    deadline_seconds: float = 5.0,
    fresh: bool = True,
    **changes: Any,
) -> AsyncIterator[tuple[TriviaScraperError, RawServer, Sink]]:
    """Fetch from a server that answers like this; yield the error. Then the good page must still come.

    fresh  whether it must come over a new connection; an answer whose framing is whole may leave the old one usable
    """
    sink = Sink()
    async with raw_server(hostile(answer)) as server, fetcher(settings(**changes), clock=clock) as opened:
        with pytest.raises(TriviaScraperError) as caught:
            await read(opened, subject, server.url("/bad"), deadline_seconds, sink)
        yield caught.value, server, sink
        before = server.connections
        page = await read(opened, "page", server.url("/good"))
        assert page.text == "good"
        assert not fresh or server.connections == before + 1


def rss() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


def told(error: TriviaScraperError) -> tuple[ErrorType, Reason | None]:
    return error.error_type, error.reason


PROTOCOL = (ErrorType.NETWORK_ERROR, Reason.PROTOCOL)
TRUNCATED = (ErrorType.NETWORK_ERROR, Reason.TRUNCATED)
TOO_LARGE = (ErrorType.FILE_TOO_LARGE, Reason.BYTES)
ENCODING = (ErrorType.NETWORK_ERROR, Reason.ENCODING)
RESET = (ErrorType.NETWORK_ERROR, Reason.RESET)

# A body that has begun and never ends: whoever tried to read it would run into a time-out.
BEGUN = b"Content-Length: 100000\r\n\r\n\x1f\x8b\x08\0"

BROKEN: list[tuple[str, Answer, tuple[ErrorType, Reason]]] = [
    ("H047", answering(OK, b"Content-Length: 100000000000000\r\n\r\n", b"x" * 100), TOO_LARGE),
    ("H048", answering(OK, b"Content-Length: 1000\r\n\r\n", b"x" * 100, then="hang_up"), TRUNCATED),
    ("H048-reset", answering(OK, b"Content-Length: 1000\r\n\r\n", b"x" * 100, then="reset"), TRUNCATED),
    ("H048-chunked", answering(CHUNKED, b"64\r\n", b"x" * 10, then="hang_up"), TRUNCATED),
    ("H050", answering(OK, b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n", b"xxxx"), PROTOCOL),
    ("H051", answering(CHUNKED, b"zz\r\nxx\r\n"), PROTOCOL),
    ("H051-second", answering(CHUNKED + b"2\r\nxx\r\nnonsense\r\n"), PROTOCOL),
    ("H052", answering(OK, b"X-Long: ", b"a" * 200_000, b"\r\n\r\n"), PROTOCOL),
    ("H053", answering(OK, b"".join(b"X-%d: 1\r\n" % n for n in range(5_000)), b"\r\n"), PROTOCOL),
    ("H054", answering(bytes(range(128, 256)) * 8, b"\r\n\r\n"), PROTOCOL),
    ("H058", answering(then="reset"), RESET),
    ("H058-hang-up", answering(then="hang_up"), RESET),
    ("H066-br", answering(OK, b"Content-Encoding: br\r\n", BEGUN), ENCODING),
    ("H066-zstd", answering(OK, b"Content-Encoding: zstd\r\n", BEGUN), ENCODING),
    ("H067", answering(OK, b"Content-Encoding: gzip, gzip\r\n", BEGUN), ENCODING),
    ("H067-two", answering(OK, b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", BEGUN), ENCODING),
]


@pytest.mark.parametrize("subject", ["page", "image"])
@pytest.mark.parametrize(("answer", "expected"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
async def test_broken_answers(answer: Answer, expected: tuple[ErrorType, Reason], subject: str) -> None:
    before = rss()
    async with refusal(answer, subject) as (error, _, _):
        assert told(error) == expected
    assert rss() - before <= MOST_GROWTH


@pytest.mark.parametrize("subject", ["page", "image"])
async def test_h046_redirect_loop(subject: str) -> None:
    """R216: five redirects are followed, the sixth is not."""
    circle = answering(response(b"", b"Location: /bad", status=b"302 Found"))
    async with refusal(circle, subject, fresh=False) as (error, server, _):
        assert told(error) == (ErrorType.HTTP_ERROR, Reason.REDIRECTS)
        assert server.paths == ["/bad"] * 6


async def test_h049_a_page_without_length_must_hold_its_end_marker() -> None:
    async def answer(exchange: Exchange) -> None:
        tail = b"</HTML>\n<!-- cached -->" if exchange.path == "/whole" else b""
        await exchange.send(response(b"<html>quiz night", length=False), tail)
        exchange.hang_up()

    async with raw_server(answer) as server, fetcher() as opened:
        whole = PageRequest(server.url("/whole"), end_marker="</html>")
        page = await opened.fetch_page(whole, accept_language="en", deadline_seconds=5)
        assert page.text.startswith("<html>quiz night</HTML>")
        cut = PageRequest(server.url("/cut"), end_marker="</html>")
        with pytest.raises(TriviaScraperError) as caught:
            await opened.fetch_page(cut, accept_language="en", deadline_seconds=5)
        assert told(caught.value) == TRUNCATED
        # An image without length is judged by decoding it, which is not this room's work.
        sink = Sink()
        await opened.download_image(ImageRequest(server.url("/cut"), None), sink, options(), deadline_seconds=5)
        assert sink.body == b"<html>quiz night"


async def test_h055_a_flood_of_100_continue_is_tolerated() -> None:
    flood = b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000
    async with raw_server(answering(flood, response(b"at last"))) as server, fetcher() as opened:
        before = rss()
        assert (await read(opened, "page", server.url())).text == "at last"
        assert rss() - before <= MOST_GROWTH


@pytest.mark.parametrize("subject", ["page", "image"])
async def test_h056_cookies_are_refused(subject: str) -> None:
    cookies = (b"Set-Cookie: a=1; Domain=.com; Path=/", b"Set-Cookie: b=2; Path=/")
    async with raw_server(answering(response(b"x", *cookies))) as server, fetcher() as opened:
        for _ in range(3):
            await read(opened, subject, server.url())
            await read(opened, "page", server.url())
        assert len(server.exchanges) == 6
        assert [exchange.headers for exchange in server.exchanges if "cookie" in exchange.headers] == []


BAD_CRC = gzip.compress(b"quiz " * 1_000)[:-8] + b"\0\0\0\0" + gzip.compress(b"quiz " * 1_000)[-4:]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"this is not gzip", ENCODING, id="H057"),
        pytest.param(gzip.compress(b"x" * 99)[:-1], TRUNCATED, id="H057-cut"),
        pytest.param(gzip.compress(b"x" * 99) + b"and more", ENCODING, id="H057-tail"),
        pytest.param(BAD_CRC, ENCODING, id="H065"),
    ],
)
async def test_bad_gzip(body: bytes, expected: tuple[ErrorType, Reason]) -> None:
    async with refusal(answering(response(body, b"Content-Encoding: gzip")), "page", fresh=False) as (error, _, _):
        assert told(error) == expected


async def test_h059_http_2_is_not_spoken(authority: Authority) -> None:
    spoken: list[str | None] = []
    tls = authority.server("two")
    tls.set_alpn_protocols(["h2", "http/1.1"])

    async def answer(exchange: Exchange) -> None:
        spoken.append(exchange.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await exchange.send(response(b"over TLS"))

    async with raw_server(answer, tls) as server, fetcher(seams=Seams(tls=authority.trust())) as opened:
        assert (await read(opened, "page", server.url())).text == "over TLS"
        await read(opened, "image", server.url())
    assert spoken == ["http/1.1"] * 2
    assert server.exchanges[0].head.startswith(b"GET / HTTP/1.1\r\n")


async def wait_for_ever(exchange: Exchange) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("subject", ["page", "image"])
async def test_h060_never_answers(subject: str) -> None:
    async with refusal(wait_for_ever, subject, read_timeout_seconds=0.2) as (error, _, _):
        assert told(error) == (ErrorType.NETWORK_TIMEOUT, Reason.READ)


@pytest.mark.parametrize("subject", ["page", "image"])
async def test_h061_drips(subject: str) -> None:
    """Every look at the clock is half a second later: the drip needs no real seconds."""
    clock = FakeClock(tick_seconds=0.5)

    async def answer(exchange: Exchange) -> None:
        await exchange.send(OK, b"Content-Length: 100000\r\n\r\n")
        while True:
            await exchange.send(b"x")
            await asyncio.sleep(0)

    async with refusal(answer, subject, clock=clock, min_rate_bytes=50_000) as (error, _, _):
        assert told(error) == (ErrorType.NETWORK_TIMEOUT, Reason.SLOW)


async def test_h061_a_slow_start_is_forgiven() -> None:
    clock = FakeClock(tick_seconds=2.0)
    changed = settings(min_rate_bytes=1_000, rate_grace_seconds=10.0)
    async with raw_server(answering(response(b"x" * 64))) as server, fetcher(changed, clock=clock) as opened:
        assert len((await read(opened, "page", server.url())).text) == 64


@pytest.mark.parametrize("subject", ["page", "image"])
async def test_h062_headers_that_drip_meet_the_deadline(subject: str) -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.send(OK)
        for number in range(10_000):
            await exchange.send(b"X-%d: 1\r\n" % number if number < 100 else b"x")
            await asyncio.sleep(0.01)

    async with refusal(answer, subject, deadline_seconds=0.3) as (error, _, _):
        assert told(error) == (ErrorType.NETWORK_TIMEOUT, Reason.DEADLINE)


@pytest.mark.parametrize("subject", ["page", "image"])
async def test_h063_endless_chunks_stop_at_the_cap(subject: str) -> None:
    sent = 0

    async def answer(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(CHUNKED)
        while True:
            await exchange.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            sent += 0x10000

    before = rss()
    caps = {"max_page_bytes": 2 * MIB, "max_image_bytes": 2 * MIB}
    async with refusal(answer, subject, **caps) as (error, _, sink):
        assert told(error) == TOO_LARGE
        assert len(sink.body) <= 2 * MIB
        assert sent < 16 * MIB
    assert rss() - before <= MOST_GROWTH


def bomb(decoded_mib: int) -> bytes:
    """A gzip body of zeros that takes no time to make: one flushed MiB, repeated. Its checksum is never reached."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(b"\0" * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + one * decoded_mib


@pytest.mark.parametrize("header", [b"Content-Encoding: gzip", b"X-Nothing: said"])
async def test_h064_gzip_bomb(header: bytes) -> None:
    body = bomb(1_024)
    assert len(body) < 2 * MIB
    before = rss()
    async with refusal(answering(response(body, header)), "page", fresh=False) as (error, _, _):
        assert told(error) == (ErrorType.FILE_TOO_LARGE, Reason.BOMB)
    assert rss() - before <= MOST_GROWTH


async def test_h064_a_body_below_the_ratio_still_meets_the_cap() -> None:
    body = gzip.compress(os.urandom(64_000).hex().encode() * 40)
    async with refusal(
        answering(response(body, b"Content-Encoding: gzip")), "page", fresh=False, max_page_bytes=MIB, max_ratio=1e9
    ) as (error, _, _):
        assert told(error) == TOO_LARGE


async def test_h089_an_empty_image_is_refused() -> None:
    async with refusal_of_good_framing(response(b"")) as (opened, server):
        with pytest.raises(ImageRejected) as caught:
            await read(opened, "image", server.url())
        assert told(caught.value) == (ErrorType.NOT_AN_IMAGE, Reason.EMPTY)
        with pytest.raises(TriviaScraperError) as caught_page:
            await read(opened, "page", server.url())
        assert told(caught_page.value) == (ErrorType.INVALID_RESPONSE, Reason.EMPTY)


@asynccontextmanager
async def refusal_of_good_framing(*parts: bytes) -> AsyncIterator[tuple[HttpFetcher, RawServer]]:
    async with raw_server(answering(*parts)) as server, fetcher() as opened:
        yield opened, server


async def test_a_304_to_an_unconditional_request_is_a_failure() -> None:
    async with refusal_of_good_framing(b"HTTP/1.1 304 Not Modified\r\n\r\n") as (opened, server):
        known = Validators('"a"', None)
        forced = ImageRequest(server.url(), known)
        with pytest.raises(TriviaScraperError) as caught:
            await opened.download_image(forced, Sink(), options(force=True), deadline_seconds=5)
        assert told(caught.value) == (ErrorType.HTTP_ERROR, None)
        assert caught.value.status_code == 304
