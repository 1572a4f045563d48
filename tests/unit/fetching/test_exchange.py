"""The pair of libraries as it is put together: real sockets, loopback only."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import httpx
import pytest

from support.fetching import Names, Sink, fetcher, options, settings
from support.raw_server import Exchange, answering, raw_server, response
from trivia_scraper.domain.errors import PageUnreachable
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.pages import ImageRequest, PageRequest
from trivia_scraper.fetching import HttpFetcher
from trivia_scraper.fetching.exchange import Seams, open_exchanges
from trivia_scraper.fetching.resolver import GuardedResolver, LookupFailed


async def page(opened: HttpFetcher, url: str) -> str:
    fetched = await opened.fetch_page(PageRequest(url), accept_language="en", deadline_seconds=5)
    return fetched.text


async def test_connections_are_kept_alive_and_shared() -> None:
    async with raw_server(answering(response(b"x"))) as server, fetcher() as opened:
        for _ in range(3):
            await page(opened, server.url())
            await opened.download_image(ImageRequest(server.url(), None), Sink(), options(), deadline_seconds=5)
        assert (len(server.exchanges), server.connections) == (6, 1)


async def test_hidden_repeat_is_one_attempt_and_two_requests_for_the_pace() -> None:
    """aiohttp repeats a request whose reused connection was already closed (safety.md 5, fact 7)."""
    sent: list[int] = []

    async def answer(exchange: Exchange) -> None:
        if exchange.connection == 1 and len(server.exchanges) == 2:
            exchange.hang_up()
        else:
            await exchange.send(response(b"x"))

    async with (
        raw_server(answer) as server,
        open_exchanges(settings(), lambda host, port: sent.append(port), Seams()) as exchanges,
    ):
        for _ in range(2):
            got = await exchanges.pages(httpx.Request("GET", server.url()))
            assert b"".join([chunk async for chunk in got.aiter_raw()]) == b"x"
        image = await exchanges.images(httpx.Request("GET", server.url()))
        await image.aclose()
    assert sent == [server.port] * 3
    assert server.connections == 2


async def test_names_go_through_our_resolver_and_localhost_is_looked_at() -> None:
    names = Names({"localhost": ["127.0.0.1"]})
    async with raw_server(answering(response(b"home"))) as server, fetcher(seams=Seams(lookup=names)) as opened:
        assert await page(opened, f"http://localhost:{server.port}/") == "home"
        assert server.exchanges[0].headers["host"] == f"localhost:{server.port}"
    assert names.asked == ["localhost"]


async def test_the_second_address_is_tried_when_the_first_refuses() -> None:
    names = Names({"localhost": ["::1", "127.0.0.1"]})
    async with raw_server(answering(response(b"home"))) as server, fetcher(seams=Seams(lookup=names)) as opened:
        assert await page(opened, f"http://localhost:{server.port}/") == "home"


async def test_environment_proxies_and_netrc_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: ASYNC230
        file.write("default login quiz password night\n")
    monkeypatch.setenv("NETRC", netrc)
    async with raw_server(answering(response(b"direct"))) as server, fetcher() as opened:
        assert await page(opened, server.url()) == "direct"
        assert "authorization" not in server.exchanges[0].headers


async def test_a_proxy_of_the_settings_makes_the_connection() -> None:
    names = Names()
    async with raw_server(answering(response(b"by proxy"))) as server:
        changed = settings(proxy=server.url())
        async with fetcher(changed, seams=Seams(lookup=names)) as opened:
            assert await page(opened, "http://quiz.example.com/a") == "by proxy"
        assert server.paths == ["http://quiz.example.com/a"]
    assert names.asked == []


async def test_the_libraries_limits_on_headers_are_as_we_rely_on_them() -> None:
    fits = b"X-Long: " + b"a" * 8_000
    many = tuple(b"X-%d: 1" % number for number in range(100))
    async with raw_server(answering(response(b"x", fits, *many))) as server, fetcher() as opened:
        assert await page(opened, server.url()) == "x"


async def test_f49_slow_look_ups_time_out_and_do_not_delay_disk_work() -> None:
    released = threading.Event()

    def hang(host: str) -> Sequence[str]:
        released.wait(30)
        return ["127.0.0.1"]

    resolver = GuardedResolver(hang, (), timeout_seconds=0.05)
    try:
        stuck = [resolver.resolve(f"host{number}.example.com") for number in range(20)]
        ended = await asyncio.gather(*stuck, return_exceptions=True)
        assert [type(each) for each in ended] == [LookupFailed] * 20
        assert await asyncio.to_thread(lambda: "written") == "written"
    finally:
        released.set()
        await resolver.close()


async def test_f49_no_answer_in_time_is_a_dns_failure() -> None:
    released = threading.Event()

    def hang(host: str) -> Sequence[str]:
        released.wait(30)
        return ["127.0.0.1"]

    async with fetcher(settings(dns_timeout_seconds=0.05), seams=Seams(lookup=hang)) as opened:
        with pytest.raises(PageUnreachable) as caught:
            await page(opened, "http://slow.example.com/")
        released.set()
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_ERROR, Reason.DNS)


async def test_f49_a_name_without_addresses_is_a_dns_failure() -> None:
    resolver = GuardedResolver(lambda host: [], (), 5.0)
    with pytest.raises(LookupFailed):
        await resolver.resolve("empty.example.com")
    await resolver.close()
