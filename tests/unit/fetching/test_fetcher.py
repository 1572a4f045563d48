"""The port's two calls, over a transport that opens no connection."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import respx
from structlog.testing import capture_logs

from support.fetching import FakeClock, Sink, fetcher, options, public_settings
from trivia_scraper.domain.errors import (
    InvalidUrl,
    PageForbidden,
    PageGone,
    PageUnreachable,
    PermanentError,
    RateLimited,
    ServerFault,
    SetupError,
    StorageFull,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.pages import (
    ImageDownloaded,
    ImageNotModified,
    ImageRequest,
    Page,
    PageRequest,
    Validators,
)
from trivia_scraper.fetching import HttpFetcher
from trivia_scraper.fetching.exchange import Seams

SITE = "https://quiz.example.com"
KNOWN = Validators('"old"', "Sun, 01 Mar 2026 00:00:00 GMT")


@pytest.fixture
def router() -> respx.MockRouter:
    return respx.MockRouter(assert_all_called=False)


@asynccontextmanager
async def over(
    router: respx.MockRouter, clock: FakeClock | None = None, **changes: Any
) -> AsyncIterator[HttpFetcher]:
    seams = Seams(transport=httpx.MockTransport(router.async_handler))
    async with fetcher(public_settings(**changes), clock=clock or FakeClock(), seams=seams) as opened:
        yield opened


async def page(opened: HttpFetcher, request: PageRequest | str, deadline_seconds: float = 30) -> Page:
    request = PageRequest(request) if isinstance(request, str) else request
    return await opened.fetch_page(request, accept_language="en-GB", deadline_seconds=deadline_seconds)


async def image(
    opened: HttpFetcher,
    url: str,
    validators: Validators | None = None,
    *,
    force: bool = False,
    sink: Sink | None = None,
) -> ImageDownloaded | ImageNotModified:
    request = ImageRequest(url, validators)
    return await opened.download_image(request, sink or Sink(), options(force=force), deadline_seconds=30)


async def test_a_page_as_fetched(router: respx.MockRouter) -> None:
    route = router.get(f"{SITE}/a").respond(
        200, content="<p>Café".encode("latin-1"), headers={"Content-Type": "text/html; charset=iso-8859-1"}
    )
    request = PageRequest(
        f"{SITE}/a#top", headers={"Accept": "application/json", "User-Agent": "Mozilla", "X-N": "1"}
    )
    async with over(router) as opened:
        with capture_logs() as logs:
            fetched = await page(opened, request)
    assert fetched == Page(request, f"{SITE}/a", 200, "<p>Café", "text/html; charset=iso-8859-1", 7)
    sent = route.calls[0].request.headers
    assert sent["user-agent"] == "trivia-scraper/0.1.0 (+quiz@example.org)"
    assert sent["accept-encoding"] == "gzip"
    assert sent["accept-language"] == "en-GB"
    assert sent["accept"] == "application/json"
    assert sent["x-n"] == "1"
    assert [(line["event"], line["log_level"], line["bytes"]) for line in logs] == [
        (LogEvent.PAGE_FETCHED, "debug", 7)
    ]


async def test_n3_without_a_contact_the_project_is_named(router: respx.MockRouter) -> None:
    route = router.get(SITE).respond(200, text="x")
    async with over(router, contact="") as opened:
        await page(opened, SITE)
    assert route.calls[0].request.headers["user-agent"] == "trivia-scraper/0.1.0"
    with pytest.raises(SetupError):
        public_settings(contact="a\r\nX-Injected: 1")


async def test_urls_are_logged_without_their_secrets(router: respx.MockRouter) -> None:
    router.get(url__startswith=SITE).respond(200, text="x")
    async with over(router) as opened:
        with capture_logs() as logs:
            await page(opened, f"{SITE}/a?api_key=hunter2&page=3")
    assert "hunter2" not in str(logs)
    assert logs[0]["url"] == f"{SITE}/a?api_key=***&page=3"


@pytest.mark.parametrize("header", [{"Content-Encoding": "gzip"}, {"Content-Encoding": "x-gzip"}, {}])
async def test_n8_gzip_is_undone_also_where_nobody_says_so(router: respx.MockRouter, header: dict[str, str]) -> None:
    packed = gzip.compress(b"quiz night " * 1_000)
    router.get(SITE).mock(return_value=httpx.Response(200, stream=httpx.ByteStream(packed), headers=header))
    async with over(router) as opened:
        fetched = await page(opened, SITE)
    assert fetched.text == "quiz night " * 1_000
    assert fetched.bytes_received == len(packed)


@pytest.mark.parametrize(
    ("status", "error", "error_type"),
    [
        (404, PageGone, ErrorType.NOT_FOUND),
        (410, PageGone, ErrorType.GONE),
        (401, PageForbidden, ErrorType.AUTH_ERROR),
        (403, PageForbidden, ErrorType.FORBIDDEN),
        (413, PermanentError, ErrorType.FILE_TOO_LARGE),
        (500, PageUnreachable, ErrorType.SERVER_ERROR),
        (503, PageUnreachable, ErrorType.SERVICE_UNAVAILABLE),
        (204, ServerFault, ErrorType.HTTP_ERROR),
        (206, ServerFault, ErrorType.HTTP_ERROR),
        (301, ServerFault, ErrorType.HTTP_ERROR),
    ],
)
async def test_statuses_of_pages(
    router: respx.MockRouter, status: int, error: type[TriviaScraperError], error_type: ErrorType
) -> None:
    router.get(SITE).respond(status, text="not this")
    async with over(router) as opened:
        with pytest.raises(error) as caught:
            await page(opened, SITE)
    assert (caught.value.error_type, caught.value.status_code) == (error_type, status)


async def test_an_accepted_status_is_read_like_any_other(router: respx.MockRouter) -> None:
    router.get(SITE).respond(500, text="venues all the same")
    async with over(router) as opened:
        fetched = await page(opened, PageRequest(SITE, accept_status=frozenset({500})))
    assert (fetched.status_code, fetched.text) == (500, "venues all the same")


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (503, PageUnreachable), (403, PageForbidden)])
async def test_an_accepted_status_without_a_body_is_its_own_failure(
    router: respx.MockRouter, status: int, error: type[TriviaScraperError]
) -> None:
    router.get(SITE).respond(status)
    async with over(router) as opened:
        with pytest.raises(error) as caught:
            await page(opened, PageRequest(SITE, accept_status=frozenset({status})))
    assert caught.value.status_code == status


@pytest.mark.parametrize(("header", "seconds"), [("30", 30.0), ("-1", 0.0), ("soon", None), (None, None)])
async def test_an_accepted_refusal_tells_the_wait_that_it_asked_for(
    router: respx.MockRouter, header: str | None, seconds: float | None
) -> None:
    router.get(SITE).respond(429, text="{}", headers={"Retry-After": header} if header else {})
    async with over(router) as opened:
        fetched = await page(opened, PageRequest(SITE, accept_status=frozenset({429})))
    assert fetched.retry_after_seconds == seconds


async def test_6_2_an_accepted_status_without_its_mark_is_the_failure_that_it_says(router: respx.MockRouter) -> None:
    asked = PageRequest(f"{SITE}/ajax", accept_status=frozenset({500}), accept_mark="quizBlock-")
    router.get(f"{SITE}/ajax").mock(
        side_effect=[
            httpx.Response(500, text="<p>There has been a critical error</p>"),
            httpx.Response(500, text='<a id="quizBlock-7">'),
            httpx.Response(200, text="0"),
        ]
    )
    async with over(router) as opened:
        with pytest.raises(PageUnreachable):
            await page(opened, asked)
        assert (await page(opened, asked)).status_code == 500
        assert (await page(opened, asked)).text == "0"  # 200 is for the parser to judge


async def test_a_form_is_posted(router: respx.MockRouter) -> None:
    asked = router.post(f"{SITE}/ajax").respond(200, text="<p>cards</p>")
    async with over(router) as opened:
        await page(opened, PageRequest(f"{SITE}/ajax", form={"action": "cards", "bounds[north]": "71.3"}))
    sent = asked.calls.last.request
    assert sent.content == b"action=cards&bounds%5Bnorth%5D=71.3"
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("status", "target", "method", "body"),
    [
        (307, f"{SITE}/b", "POST", b"q=1"),
        (308, f"{SITE}/b", "POST", b"q=1"),
        (302, f"{SITE}/b", "GET", b""),
        (303, f"{SITE}/b", "GET", b""),
        (307, "https://other.example.com/b", "GET", b""),  # what was posted stays with its origin
    ],
)
async def test_a_redirected_form(
    router: respx.MockRouter, status: int, target: str, method: str, body: bytes
) -> None:
    router.post(f"{SITE}/a").respond(status, headers={"location": target})
    end = router.route(url=target).respond(200, text="<p>here</p>")
    async with over(router) as opened:
        await page(opened, PageRequest(f"{SITE}/a", form={"q": "1"}))
    assert (end.calls.last.request.method, end.calls.last.request.content) == (method, body)


async def test_a_500_of_an_image_is_ambiguous(router: respx.MockRouter) -> None:
    router.get(SITE).respond(500)
    async with over(router) as opened:
        with pytest.raises(ServerFault) as caught:
            await image(opened, SITE)
    assert caught.value.error_type is ErrorType.SERVER_ERROR


async def test_f50_a_429_says_when_and_pauses_its_host(router: respx.MockRouter) -> None:
    clock = FakeClock()
    answers = [httpx.Response(429, headers={"Retry-After": "20"}), httpx.Response(200, text="now")]
    router.get(f"{SITE}/a").mock(side_effect=answers)
    router.get("https://other.example.com/").respond(200, text="other")
    async with over(router, clock) as opened:
        with pytest.raises(RateLimited) as caught:
            await page(opened, f"{SITE}/a")
        assert caught.value.retry_after_seconds == 20
        await page(opened, "https://other.example.com/")
        assert clock.slept == []
        assert (await page(opened, f"{SITE}/a")).text == "now"
    assert sum(clock.slept) == pytest.approx(20)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("99999999999", 86_400.0), ("-3", 0.0), ("Sun, 01 Mar 2026 13:00:00 GMT", 2_600.0), ("whenever", None)],
)
async def test_f50_odd_retry_after(router: respx.MockRouter, header: str, seconds: float | None) -> None:
    router.get(SITE).respond(429, headers={"Retry-After": header})
    async with over(router) as opened:
        with pytest.raises(RateLimited) as caught:
            await image(opened, SITE)
    assert caught.value.retry_after_seconds == seconds


async def test_f50_a_storm_of_503_is_left_alone_and_others_are_not(router: respx.MockRouter) -> None:
    clock = FakeClock()
    storm = router.get(f"{SITE}/a").respond(503)
    router.get("https://other.example.com/").respond(200, text="other")
    async with over(router, clock, breaker_failures=5, breaker_seconds=100.0) as opened:
        for _ in range(20):
            with pytest.raises(PageUnreachable):
                await page(opened, f"{SITE}/a")
        assert storm.call_count == 5
        assert (await page(opened, "https://other.example.com/")).text == "other"
        clock.seconds += 100
        storm.respond(200, text="well again")
        assert (await page(opened, f"{SITE}/a")).text == "well again"
        assert (await page(opened, f"{SITE}/a")).text == "well again"


async def test_credentials_stay_with_their_origin(router: respx.MockRouter) -> None:
    router.get(f"{SITE}/a").respond(302, headers={"Location": "/b"})
    router.get(f"{SITE}/b").respond(302, headers={"Location": "https://other.example.com/c"})
    router.get("https://other.example.com/c").respond(302, headers={"Location": f"{SITE}/d"})
    router.get(f"{SITE}/d").respond(200, text="x")
    secrets = {"Authorization": "Bearer s", "X-Api-Key": "s", "Cookie": "s=1"}
    async with over(router) as opened:
        fetched = await page(opened, PageRequest(f"{SITE}/a", headers=secrets | {"X-Plain": "1"}))
    assert fetched.url == f"{SITE}/d"
    carried = [[name for name in secrets if name in call.request.headers] for call in router.calls]
    assert carried == [list(secrets), list(secrets), [], []]
    assert all(call.request.headers["x-plain"] == "1" for call in router.calls)


async def test_https_falls_to_http_for_pages_only(router: respx.MockRouter) -> None:
    router.get(f"{SITE}/a").respond(301, headers={"Location": "http://quiz.example.com/b"})
    plain = router.get("http://quiz.example.com/b").respond(200, text="x")
    async with over(router) as opened:
        assert (await page(opened, f"{SITE}/a")).url == "http://quiz.example.com/b"
        with pytest.raises(ServerFault) as caught:
            await image(opened, f"{SITE}/a")
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.HTTP_ERROR, Reason.REDIRECTS)
    assert plain.call_count == 1


@pytest.mark.parametrize("location", ["http://[", "http://example.com:99999/", "javascript:alert(1)", "/a b"])
async def test_a_location_that_leads_nowhere(router: respx.MockRouter, location: str) -> None:
    router.get(f"{SITE}/a").respond(301, headers={"Location": location})
    async with over(router) as opened:
        for ask in (page, image):
            with pytest.raises(InvalidUrl):
                await ask(opened, f"{SITE}/a")


async def test_an_image_streams_into_its_sink(router: respx.MockRouter) -> None:
    body = bytes(range(256)) * 1_000
    headers = {"ETag": '"new"', "Last-Modified": KNOWN.last_modified or "", "Content-Type": "image/png"}
    route = router.get(f"{SITE}/a.png").respond(200, content=body, headers=headers)
    sink = Sink(chunks=[b"left over from an earlier attempt"])
    async with over(router) as opened:
        ended = await image(opened, f"{SITE}/a.png", sink=sink)
    assert ended == ImageDownloaded(
        f"{SITE}/a.png", 200, Validators('"new"', KNOWN.last_modified), len(body), force_refresh=False
    )
    assert sink.body == body
    assert route.calls[0].request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("force", "validators", "sent"),
    [
        (False, None, {}),
        (False, KNOWN, {"if-none-match": KNOWN.etag, "if-modified-since": KNOWN.last_modified}),
        (False, Validators('"old"', None), {"if-none-match": '"old"'}),
        (True, KNOWN, {"cache-control": "no-cache", "pragma": "no-cache"}),
        (True, None, {"cache-control": "no-cache", "pragma": "no-cache"}),
    ],
)
async def test_t6_conditional_and_forced_requests(
    router: respx.MockRouter, force: bool, validators: Validators | None, sent: dict[str, str]
) -> None:
    route = router.get(SITE).respond(200, content=b"x")
    async with over(router) as opened:
        ended = await image(opened, SITE, validators, force=force)
    headers = route.calls[0].request.headers
    told = ("if-none-match", "if-modified-since", "cache-control", "pragma")
    assert {name: headers[name] for name in told if name in headers} == sent
    assert ended.force_refresh is force


async def test_a_304_keeps_what_was_known_and_learns_what_is_new(router: respx.MockRouter) -> None:
    router.get(SITE).respond(304, headers={"ETag": '"newer"'})
    async with over(router) as opened:
        ended = await image(opened, SITE, KNOWN)
    assert ended == ImageNotModified(Validators('"newer"', KNOWN.last_modified), force_refresh=False)


@pytest.mark.parametrize(("validators", "force"), [(None, False), (KNOWN, True)])
async def test_a_304_that_nobody_asked_for_is_a_failure(
    router: respx.MockRouter, validators: Validators | None, force: bool
) -> None:
    router.get(SITE).respond(304)
    async with over(router) as opened:
        with pytest.raises(ServerFault) as caught:
            await image(opened, SITE, validators, force=force)
    assert (caught.value.error_type, caught.value.status_code) == (ErrorType.HTTP_ERROR, 304)


async def test_validators_that_cannot_be_sent_back_are_not_kept(router: respx.MockRouter) -> None:
    headers = httpx.Headers([(b"ETag", b'"caf\xc3\xa9"'), (b"Last-Modified", b"x" * 600)])
    router.get(SITE).mock(return_value=httpx.Response(200, content=b"x", headers=headers))
    async with over(router) as opened:
        ended = await image(opened, SITE)
    assert ended.validators == Validators(None, None)


async def test_an_image_at_the_cap_passes_and_one_byte_more_does_not(router: respx.MockRouter) -> None:
    """R216: the body is cut off at the cap."""

    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x"

    router.get(f"{SITE}/fits").mock(side_effect=lambda request: httpx.Response(200, content=chunks(100)))
    router.get(f"{SITE}/large").mock(side_effect=lambda request: httpx.Response(200, content=chunks(101)))
    async with over(router, max_image_bytes=100) as opened:
        sink = Sink()
        await image(opened, f"{SITE}/fits", sink=sink)
        assert len(sink.body) == 100
        with pytest.raises(PermanentError) as caught:
            await image(opened, f"{SITE}/large", sink=sink)
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.FILE_TOO_LARGE, Reason.BYTES)
    assert len(sink.body) == 100


async def test_a_full_disk_is_not_mistaken_for_the_network(router: respx.MockRouter) -> None:
    class FullSink(Sink):
        async def write(self, chunk: bytes) -> None:
            raise StorageFull("no space left")

    class BrokenSink(Sink):
        async def write(self, chunk: bytes) -> None:
            raise OSError(5, "Input/output error")

    router.get(SITE).respond(200, content=b"x")
    async with over(router) as opened:
        with pytest.raises(StorageFull):
            await image(opened, SITE, sink=FullSink())
        with pytest.raises(OSError, match="Input/output"):
            await image(opened, SITE, sink=BrokenSink())


async def test_the_deadline_counts_the_wire_and_not_the_queue(router: respx.MockRouter) -> None:
    """Three pages of one host take 4 s of politeness on the fake clock, within a deadline of 0.5 s each."""
    clock = FakeClock()
    router.get(SITE).respond(200, text="x")
    async with over(router, clock) as opened:
        for _ in range(3):
            await page(opened, SITE, deadline_seconds=0.5)
    assert clock.slept == [2, 2]


async def test_the_deadline_covers_body_and_sink(router: respx.MockRouter) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    router.get(SITE).mock(side_effect=lambda request: httpx.Response(200, content=endless()))
    async with over(router) as opened:
        with pytest.raises(PageUnreachable) as caught:
            await page(opened, SITE, deadline_seconds=0.05)
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_TIMEOUT, Reason.DEADLINE)


async def test_an_empty_url_never_reaches_the_transport(router: respx.MockRouter) -> None:
    async with over(router) as opened:
        for ask in (page, image):
            with pytest.raises(InvalidUrl):
                await ask(opened, "")
    assert router.calls.call_count == 0


async def test_cancellation_is_not_swallowed(router: respx.MockRouter) -> None:
    begun = asyncio.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    router.get(SITE).mock(side_effect=never)
    async with over(router) as opened:
        task = asyncio.create_task(page(opened, SITE))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
