"""robots.txt, read once per origin and obeyed for every host (sources.md N2, RFC 9309)."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

import httpx
from protego import Protego

from trivia_scraper.domain.errors import (
    PageForbidden,
    PageUnreachable,
    PermanentError,
    RateLimited,
    ServerFault,
    TransientError,
)
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.fetching.body import BodyReader
from trivia_scraper.fetching.hops import Errand, Walker
from trivia_scraper.fetching.limits import PRODUCT, FetchSettings
from trivia_scraper.fetching.pacing import Pacer
from trivia_scraper.fetching.subjects import Subject
from trivia_scraper.policy.statuses import has_body
from trivia_scraper.policy.urls import CheckedUrl, Origin
from trivia_scraper.ports import Clock

MOST_BYTES: Final = 500 * 1024
DEADLINE_SECONDS: Final = 30.0

_MOST_ORIGINS: Final = 1_000
_OPEN: Final = Protego.parse("")


class _Entry:
    """What is known of one origin: its rules, or why they could not be had.

    The lock lets one caller fetch while others wait; `tries` tells the waiters that it was done for them too.
    """

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.verdict: Protego | TransientError = _OPEN
        self.tries = 0
        self.stale_at = 0.0


class Robots:
    """Answers whether a URL may be fetched, fetching the rules when they are unknown or old."""

    def __init__(self, settings: FetchSettings, walker: Walker, pacer: Pacer, clock: Clock) -> None:
        self._settings = settings
        self._walker = walker
        self._pacer = pacer
        self._clock = clock
        self._entries: dict[Origin, _Entry] = {}

    async def permit(self, url: CheckedUrl, subject: Subject) -> None:
        """Return when `url` may be fetched.

        Raises PageForbidden, for images PermanentError(forbidden), with reason robots when it may not;
        the subject's transient error when robots.txt does not answer or answers 5xx: then one has to wait.
        """
        if not self._settings.respect_robots:
            return
        verdict = await self._verdict(url)
        if isinstance(verdict, TransientError):
            raise _in_terms_of(subject, verdict) from verdict
        if not verdict.can_fetch(url.canonical, PRODUCT):
            kind = PageForbidden if subject is Subject.PAGE else PermanentError
            raise kind("robots.txt disallows it", error_type=ErrorType.FORBIDDEN, reason=Reason.ROBOTS)

    async def _verdict(self, url: CheckedUrl) -> Protego | TransientError:
        entry = self._entry(url.origin)
        tries = entry.tries
        async with entry.lock:
            if entry.tries == tries and entry.stale_at <= self._clock.monotonic():
                entry.verdict = await self._fetch(url.origin)
                entry.tries += 1
                if isinstance(entry.verdict, Protego):
                    entry.stale_at = self._clock.monotonic() + self._settings.robots_ttl_seconds
                    self._pacer.slow_down(url, entry.verdict.crawl_delay(PRODUCT) or 0.0)
            return entry.verdict

    def _entry(self, origin: Origin) -> _Entry:
        if origin not in self._entries:
            if len(self._entries) >= _MOST_ORIGINS:
                del self._entries[next(iter(self._entries))]
            self._entries[origin] = _Entry()
        return self._entries[origin]

    async def _fetch(self, origin: Origin) -> Protego | TransientError:
        headers = {
            "user-agent": self._settings.user_agent,
            "accept": "text/plain,*/*;q=0.5",
            "accept-encoding": "gzip",
        }
        errand = Errand(Subject.PAGE, f"{origin}/robots.txt", headers, DEADLINE_SECONDS, permit=None)
        try:
            return await self._walker.walk(errand, self._read)
        except TransientError as error:
            return error
        except ServerFault:  # it redirects in circles: there are no rules to be read (RFC 9309, 2.3.1.2)
            return _OPEN

    async def _read(self, response: httpx.Response, _url: str) -> Protego:
        status = response.status_code
        if status >= 500:
            raise PageUnreachable(
                f"robots.txt was answered with HTTP {status}: to be taken as closed for now",
                error_type=ErrorType.SERVICE_UNAVAILABLE,
                reason=Reason.ROBOTS,
                status_code=status,
            )
        if not has_body(status):
            return _OPEN
        text = bytearray()
        async with aclosing(BodyReader(response, Subject.PAGE, self._settings, self._clock).decoded()) as pieces:
            async for piece in pieces:
                text += piece
                if len(text) >= MOST_BYTES:
                    break
        return Protego.parse(text[:MOST_BYTES].decode("utf-8", errors="replace").removeprefix("\ufeff"))


def _in_terms_of(subject: Subject, error: TransientError) -> TransientError:
    if isinstance(error, RateLimited):
        return RateLimited(
            error.message, retry_after_seconds=error.retry_after_seconds, status_code=error.status_code
        )
    return subject.unreachable(
        error.message, error_type=error.error_type, reason=error.reason, status_code=error.status_code
    )
