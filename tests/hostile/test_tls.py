"""F51: TLS that is expired, for another host, signed by nobody, or never finished. There is no fallback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from support.certificates import Authority
from support.fetching import Sink, fetcher, options, settings
from support.raw_server import Exchange, raw_server, response
from trivia_scraper.domain.errors import ImageUnreachable, PageUnreachable
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.pages import ImageRequest, PageRequest
from trivia_scraper.fetching import HttpFetcher, exchange
from trivia_scraper.fetching.exchange import Seams


async def good(exchange: Exchange) -> None:
    await exchange.send(response(b"never seen"))


async def page(opened: HttpFetcher, url: str, deadline_seconds: float = 5.0) -> Any:
    return await opened.fetch_page(PageRequest(url), accept_language="en", deadline_seconds=deadline_seconds)


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("expired", {"days": -1}),
        ("other-host", {"alternative_name": "DNS:elsewhere.example"}),
    ],
)
async def test_f51_certificate_is_not_good_enough(authority: Authority, name: str, served: dict[str, Any]) -> None:
    tls = authority.server(name, **served)
    await _assert_refused(tls, Seams(tls=authority.trust()))


async def test_f51_self_signed(authority: Authority) -> None:
    """Our own authority, unknown to the fetcher's real trust store."""
    await _assert_refused(authority.server("unknown"), Seams())


async def _assert_refused(tls: ssl.SSLContext, seams: Seams) -> None:
    async with raw_server(good, tls) as server, fetcher(seams=seams) as opened:
        with pytest.raises(PageUnreachable) as caught:
            await page(opened, server.url())
        assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_ERROR, Reason.TLS)
        with pytest.raises(ImageUnreachable) as caught_image:
            await opened.download_image(ImageRequest(server.url(), None), Sink(), options(), deadline_seconds=5)
        assert caught_image.value.reason is Reason.TLS
        assert server.exchanges == []


@asynccontextmanager
async def greeting(first_bytes: bytes) -> AsyncIterator[str]:
    """A listener that says this to whoever connects, and then nothing; yields its https URL."""
    done = asyncio.Event()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first_bytes)
        await done.wait()
        writer.transport.abort()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listener:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        done.set()
        await asyncio.sleep(0)


async def test_f51_plain_http_behind_an_https_url() -> None:
    async with greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url, fetcher() as opened:
        with pytest.raises(PageUnreachable) as caught:
            await page(opened, url)
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_ERROR, Reason.TLS)


@pytest.mark.parametrize(
    ("changes", "deadline_seconds"), [({"connect_timeout_seconds": 0.2}, 5.0), ({}, 0.2)], ids=["connect", "total"]
)
async def test_f51_a_stalled_handshake_meets_its_deadline(changes: dict[str, Any], deadline_seconds: float) -> None:
    async with greeting(b"") as url, fetcher(settings(**changes)) as opened:
        with pytest.raises(PageUnreachable) as caught:
            await page(opened, url, deadline_seconds)
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_TIMEOUT, Reason.DEADLINE)


async def test_s11_one_tls_context_for_the_life_of_a_fetcher(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    make = ssl.create_default_context

    def counted(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        made.append(make(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", counted)
    # tests/conftest.py keeps one for all tests
    monkeypatch.setattr(exchange, "_trusting_context", exchange._trusting_context.__wrapped__)
    async with raw_server(good) as server, fetcher() as opened:
        for _ in range(5):
            await page(opened, server.url())
    assert len(made) == 1
    assert made[0].verify_mode is ssl.CERT_REQUIRED
    assert made[0].check_hostname
