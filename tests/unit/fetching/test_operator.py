"""HTTP to services that the configuration names (safety.md 3): bounded, no redirects, apart from scraped data."""

from __future__ import annotations

import base64

import pytest

from support.raw_server import Exchange, answering, raw_server, response
from trivia_scraper.domain.errors import ServiceUnreachable
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.fetching.operator import open_operator_client
from trivia_scraper.ports import OperatorAnswer, OperatorRequest

KEY = "c4nary"


async def ask(request: OperatorRequest, *, seconds: float = 5.0, max_bytes: int = 1_000) -> OperatorAnswer:
    async with open_operator_client("1.2", seconds) as client:
        return await client.send(request, max_bytes=max_bytes)


async def test_a_request_goes_out_as_told_and_its_answer_comes_back() -> None:
    async with raw_server(answering(response(b'{"ok": 1}', b"X-Wait: 7", status=b"429 Too Many"))) as server:
        answer = await ask(OperatorRequest("GET", server.url("/v1/files"), query={"path": "/a b/"}, user=KEY))
        [exchange] = server.exchanges
    assert (answer.status, answer.headers["x-wait"], answer.body) == (429, "7", b'{"ok": 1}')
    assert exchange.path == "/v1/files?path=%2Fa+b%2F"
    assert exchange.headers["authorization"] == "Basic " + base64.b64encode(b"c4nary:").decode()
    assert exchange.headers["user-agent"] == "trivia-scraper/1.2"
    assert exchange.headers["accept-encoding"] == "identity"


async def test_forms_and_documents_are_sent() -> None:
    bodies: list[tuple[str, bytes]] = []

    async def keep(exchange: Exchange) -> None:
        body = await exchange.reader.readexactly(int(exchange.headers["content-length"]))
        bodies.append((exchange.headers["content-type"].partition(";")[0], body))
        await exchange.send(response(b"{}"))

    async with raw_server(keep) as server:
        await ask(OperatorRequest("POST", server.url(), document={"url": "x"}))
        file = ("a.jpg", "image/jpeg", b"pic\r\nture")
        await ask(OperatorRequest("POST", server.url(), form={"fileName": "a.jpg"}, file=file))
    assert bodies[0][0] == "application/json"
    assert bodies[0][1].replace(b" ", b"") == b'{"url":"x"}'
    assert bodies[1][0] == "multipart/form-data"
    assert b'name="fileName"\r\n\r\na.jpg' in bodies[1][1]
    assert b"Content-Type: image/jpeg\r\n\r\npic\r\nture" in bodies[1][1]


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with raw_server(
        answering(response(b"", b"Location: http://127.0.0.1:9/elsewhere", status=b"302 Found"))
    ) as server:
        assert (await ask(OperatorRequest("GET", server.url(), user=KEY))).status == 302
        assert len(server.exchanges) == 1


async def test_cookies_are_not_kept() -> None:
    async with raw_server(answering(response(b"", b"Set-Cookie: a=b"))) as server:
        async with open_operator_client("0", 5.0) as client:
            for _ in range(2):
                await client.send(OperatorRequest("GET", server.url()), max_bytes=10)
        assert not any("cookie" in exchange.headers for exchange in server.exchanges)


async def test_a_long_answer_is_cut_off() -> None:
    async with raw_server(answering(response(b"x" * 5_000))) as server:
        with pytest.raises(ServiceUnreachable, match="exceeds 1,000 bytes") as refused:
            await ask(OperatorRequest("GET", server.url()))
    assert refused.value.error_type is ErrorType.FILE_TOO_LARGE


async def test_a_service_that_never_ends_is_given_up() -> None:
    async with raw_server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")) as server:
        with pytest.raises(ServiceUnreachable, match=r"no answer within 0.2 s") as late:
            await ask(OperatorRequest("GET", server.url()), seconds=0.2)
    assert late.value.error_type is ErrorType.NETWORK_TIMEOUT


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
async def test_a_broken_answer_is_told_without_secrets(answer: bytes) -> None:
    async with raw_server(answering(answer, then="hang_up")) as server:
        url = server.url("/v1?token=c4nary")
        with pytest.raises(ServiceUnreachable) as refused:
            await ask(OperatorRequest("GET", url, user=KEY))
    assert refused.value.error_type is ErrorType.NETWORK_ERROR
    assert f"GET {server.url('/v1')}" in refused.value.message
    assert KEY not in refused.value.message


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://[half/", "nowhere"])
async def test_what_cannot_be_reached_is_told(url: str) -> None:
    with pytest.raises(ServiceUnreachable):
        await ask(OperatorRequest("GET", url))


@pytest.fixture
def _misleading(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


@pytest.mark.usefixtures("_misleading")
async def test_the_environment_is_not_read() -> None:
    async with raw_server(answering(response(b"here"))) as server:
        assert (await ask(OperatorRequest("GET", server.url()))).body == b"here"


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(OperatorRequest("GET", "http://x", user=KEY))
