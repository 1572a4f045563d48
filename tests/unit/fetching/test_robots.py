"""robots.txt (sources.md N2, RFC 9309)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import respx

from support.fetching import FakeClock, Sink, fetcher, options, public_settings
from trivia_scraper.domain.errors import (
    ImageUnreachable,
    PageForbidden,
    PageUnreachable,
    PermanentError,
    RateLimited,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.pages import ImageRequest, Page, PageRequest
from trivia_scraper.fetching import HttpFetcher
from trivia_scraper.fetching.exchange import Seams
from trivia_scraper.fetching.robots import MOST_BYTES

SITE = "https://quiz.example.com"
RULES = "User-agent: *\nDisallow: /private\n\nUser-agent: trivia-scraper\nDisallow: /admin\nCrawl-delay: 7\n"


@dataclass
class Site:
    """A site with a robots.txt, on a transport that opens no connection."""

    clock: FakeClock = field(default_factory=FakeClock)
    router: respx.MockRouter = field(default_factory=lambda: respx.MockRouter(assert_all_called=False))

    def __post_init__(self) -> None:
        self.robots = self.router.get(f"{SITE}/robots.txt")
        self.rest = self.router.get(url__startswith=SITE).respond(200, text="a page")

    def fetcher(self, **changes: Any) -> Any:
        changed = public_settings(**({"respect_robots": True} | changes))
        seams = Seams(transport=httpx.MockTransport(self.router.async_handler))
        return fetcher(changed, clock=self.clock, seams=seams)


async def page(opened: HttpFetcher, path: str) -> Page:
    return await opened.fetch_page(PageRequest(SITE + path), accept_language="en", deadline_seconds=30)


async def image(opened: HttpFetcher, path: str) -> object:
    return await opened.download_image(ImageRequest(SITE + path, None), Sink(), options(), deadline_seconds=30)


async def test_n2_our_own_group_is_obeyed() -> None:
    site = Site()
    site.robots.respond(200, text=RULES)
    async with site.fetcher() as opened:
        assert (await page(opened, "/private")).text == "a page"
        with pytest.raises(PageForbidden) as caught:
            await page(opened, "/admin/x")
        assert (caught.value.error_type, caught.value.reason) == (ErrorType.FORBIDDEN, Reason.ROBOTS)
        with pytest.raises(PermanentError) as caught_image:
            await image(opened, "/admin/x.jpg")
        assert (caught_image.value.error_type, caught_image.value.reason) == (ErrorType.FORBIDDEN, Reason.ROBOTS)
    assert [str(call.request.url) for call in site.rest.calls] == [f"{SITE}/private"]
    assert site.robots.call_count == 1
    assert site.robots.calls[0].request.headers["user-agent"].startswith("trivia-scraper/0.1.0 (+")


async def test_n2_paths_are_asked_about_as_they_are_sent() -> None:
    site = Site()
    site.robots.respond(200, text=RULES)
    async with site.fetcher() as opened:
        with pytest.raises(PageForbidden):
            await page(opened, "/open/%2e%2e/adm%69n/x")


async def test_n2_crawl_delay_becomes_the_interval() -> None:
    site = Site()
    site.robots.respond(200, text=RULES)
    async with site.fetcher() as opened:
        for _ in range(3):
            await page(opened, "/x")
    assert site.clock.slept == [2, 7, 7]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_n2_4xx_means_open(status: int) -> None:
    site = Site()
    site.robots.respond(status)
    async with site.fetcher() as opened:
        assert (await page(opened, "/admin")).text == "a page"


@pytest.mark.parametrize("status", [500, 503])
async def test_n2_5xx_means_wait(status: int) -> None:
    site = Site()
    site.robots.respond(status)
    async with site.fetcher() as opened:
        for ask, expected in ((page, PageUnreachable), (image, ImageUnreachable)):
            with pytest.raises(TriviaScraperError) as caught:
                await ask(opened, "/x")
            assert type(caught.value) is expected
            assert caught.value.reason is Reason.ROBOTS
        site.robots.respond(404)
        assert (await page(opened, "/x")).text == "a page"
    assert site.rest.call_count == 1


async def test_n2_a_host_that_cannot_be_reached_is_told_by_its_own_reason() -> None:
    site = Site()
    site.robots.mock(side_effect=httpx.ReadTimeout("silence"))
    async with site.fetcher() as opened:
        with pytest.raises(ImageUnreachable) as caught:
            await image(opened, "/x")
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_TIMEOUT, Reason.READ)


async def test_a_429_for_robots_leaves_the_host_alone() -> None:
    site = Site()
    site.robots.respond(429, headers={"Retry-After": "3600"})
    async with site.fetcher() as opened:
        with pytest.raises(RateLimited):
            await page(opened, "/x")
    assert site.rest.call_count == 0


async def test_rules_are_kept_for_their_time_and_then_read_again() -> None:
    site = Site()
    site.robots.respond(404)
    async with site.fetcher(robots_ttl_seconds=100.0) as opened:
        for _ in range(3):
            await page(opened, "/x")
        assert site.robots.call_count == 1
        site.clock.seconds += 100
        site.robots.respond(200, text=RULES)
        with pytest.raises(PageForbidden):
            await page(opened, "/admin")
        assert site.robots.call_count == 2


@pytest.mark.parametrize(("status", "outcome"), [(404, Page), (503, PageUnreachable)])
async def test_many_callers_share_one_reading(status: int, outcome: type) -> None:
    site = Site()

    async def slowly(request: httpx.Request) -> httpx.Response:
        for _ in range(10):
            await asyncio.sleep(0)  # time for the others to come and wait
        return httpx.Response(status)

    site.robots.mock(side_effect=slowly)
    async with site.fetcher() as opened:
        ended = await asyncio.gather(*(page(opened, f"/{n}") for n in range(5)), return_exceptions=True)
    assert [type(each) for each in ended] == [outcome] * 5
    assert site.robots.call_count == 1


async def test_only_the_first_500_kib_count() -> None:
    site = Site()
    filler = "# " + "x" * 97 + "\n"
    late = filler * (MOST_BYTES // len(filler) + 1) + "User-agent: *\nDisallow: /\n"
    site.robots.respond(200, text="User-agent: *\nDisallow: /admin\n" + late)
    async with site.fetcher() as opened:
        assert (await page(opened, "/x")).text == "a page"
        with pytest.raises(PageForbidden):
            await page(opened, "/admin")


async def test_redirects_are_followed_and_circles_mean_no_rules() -> None:
    site = Site()
    site.robots.respond(301, headers={"Location": "/rules.txt"})
    rules = respx.MockRouter(assert_all_called=False)
    rules.get(f"{SITE}/robots.txt").respond(301, headers={"Location": "/rules.txt"})
    rules.get(f"{SITE}/rules.txt").respond(200, text="User-agent: *\nDisallow: /\n")
    site.router = rules
    async with site.fetcher() as opened:
        with pytest.raises(PageForbidden):
            await page(opened, "/x")

    circle = Site()
    circle.robots.respond(301, headers={"Location": "/robots.txt"})
    async with circle.fetcher() as opened:
        assert (await page(opened, "/x")).text == "a page"


async def test_another_origin_has_rules_of_its_own() -> None:
    site = Site()
    site.robots.respond(404)
    other = site.router.get("http://quiz.example.com/robots.txt").respond(200, text="User-agent: *\nDisallow: /\n")
    site.router.get("http://quiz.example.com/x").respond(200, text="never read")
    async with site.fetcher() as opened:
        await page(opened, "/x")
        with pytest.raises(PageForbidden):
            await opened.fetch_page(
                PageRequest("http://quiz.example.com/x"), accept_language="en", deadline_seconds=30
            )
    assert other.call_count == 1


async def test_a_redirect_target_is_asked_about_too() -> None:
    site = Site()
    site.robots.respond(200, text=RULES)
    site.rest.respond(302, headers={"Location": "/admin/secret"})
    async with site.fetcher() as opened:
        with pytest.raises(PageForbidden):
            await page(opened, "/x")
    assert site.rest.call_count == 1


async def test_it_can_be_switched_off() -> None:
    site = Site()
    async with site.fetcher(respect_robots=False) as opened:
        await page(opened, "/admin")
    assert site.robots.call_count == 0
