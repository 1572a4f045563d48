"""The walk through redirects: every hop passes all gates and waits its turn (safety.md 3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar

import httpx
import structlog

from trivia_scraper.domain.errors import AddressBlocked, ServerFault, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import SECRET_HEADERS, redact_text
from trivia_scraper.fetching.deadline import TimeBudget
from trivia_scraper.fetching.exchange import Exchange, Exchanges
from trivia_scraper.fetching.http_errors import translate
from trivia_scraper.fetching.limits import FetchSettings
from trivia_scraper.fetching.pacing import Pacer
from trivia_scraper.fetching.subjects import Subject
from trivia_scraper.policy.retry_after import retry_after_seconds
from trivia_scraper.policy.statuses import REDIRECTS
from trivia_scraper.policy.urls import CheckedUrl, Origin, examine_url
from trivia_scraper.ports import Clock

Result = TypeVar("Result")
Consume = Callable[[httpx.Response, str], Awaitable[Result]]
"""Reads the last response of a walk; gets its URL too."""

Permit = Callable[[CheckedUrl, Subject], Awaitable[None]]
"""Raises when robots.txt forbids a URL."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What one call asks for. `permit` is None where robots.txt has no say; with a `form` it is a POST.

    is_service  an interface that has limits of its own: its pages need no interval between them
    """

    subject: Subject
    url: str
    headers: Mapping[str, str]
    deadline_seconds: float
    permit: Permit | None
    form: Mapping[str, str] | None = None
    is_service: bool = False


class Walker:
    """Sends requests, following redirects by itself."""

    def __init__(
        self,
        settings: FetchSettings,
        exchanges: Exchanges,
        pacer: Pacer,
        clock: Clock,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._settings = settings
        self._exchanges = exchanges
        self._pacer = pacer
        self._clock = clock
        self._log = log
        self._timeouts = {
            "timeout": {
                "connect": settings.connect_timeout_seconds,
                "read": settings.read_timeout_seconds,
                "pool": settings.connect_timeout_seconds,
            }
        }

    async def walk(self, errand: Errand, consume: Consume[Result]) -> Result:
        """Ask for the errand's URL, go where it redirects to, and let `consume` read the last response."""
        budget = TimeBudget(errand.deadline_seconds, errand.subject)
        url = self._gate(errand.url, None)
        headers, form = dict(errand.headers), errand.form
        for _ in range(self._settings.max_redirects + 1):
            if errand.permit is not None:
                await errand.permit(url, errand.subject)
            async with self._turn(url, errand), budget:
                step = await self._hop(errand.subject, url, headers, form, consume)
            if not isinstance(step, _Redirect):
                return step
            target = self._gate(step.location, url.canonical)
            _refuse_downgrade(errand.subject, url.origin, target.origin)
            headers = headers_for(headers, url.origin, target.origin)
            form = form_for(form, step.status_code, url.origin, target.origin)
            url = target
        raise ServerFault(
            f"redirected more than {self._settings.max_redirects} times",
            error_type=ErrorType.HTTP_ERROR,
            reason=Reason.REDIRECTS,
        )

    def _turn(self, url: CheckedUrl, errand: Errand) -> AbstractAsyncContextManager[None]:
        return self._pacer.turn(url, errand.subject, errand.deadline_seconds, with_interval=not errand.is_service)

    async def _hop(
        self,
        subject: Subject,
        url: CheckedUrl,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        consume: Consume[Result],
    ) -> Result | _Redirect:
        response = await self._send(subject, url.canonical, headers, form)
        try:
            self._heed(response, url)
            if response.status_code in REDIRECTS and (location := response.headers.get("location")):
                return _Redirect(location, response.status_code)
            return await consume(response, url.canonical)
        finally:
            await response.aclose()

    async def _send(
        self, subject: Subject, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> httpx.Response:
        exchange: Exchange = self._exchanges.pages if subject is Subject.PAGE else self._exchanges.images
        method = "GET" if form is None else "POST"
        request = httpx.Request(method, url, headers=headers, data=form, extensions=self._timeouts)
        try:
            return await exchange(request)
        except TriviaScraperError:
            raise
        except Exception as error:
            refusal = translate(error, subject)
            if isinstance(refusal, AddressBlocked):
                self._tell_blocked(url, refusal)
            raise refusal from error

    def _heed(self, response: httpx.Response, url: CheckedUrl) -> None:
        if response.status_code not in (429, 503):
            return
        asked = response.headers.get("retry-after")
        if response.status_code == 429 or asked is not None:
            self._pacer.pause(url, retry_after_seconds(asked, self._clock.now()))

    def _gate(self, url: str, base: str | None) -> CheckedUrl:
        try:
            return examine_url(url, base=base, ports=self._settings.ports, networks=self._settings.networks)
        except AddressBlocked as error:
            self._tell_blocked(url, error)
            raise

    def _tell_blocked(self, url: str, error: AddressBlocked) -> None:
        self._log.error(LogEvent.FETCH_BLOCKED, url=redact_text(url), reason=error.message)


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str
    status_code: int


def headers_for(headers: Mapping[str, str], here: Origin, there: Origin) -> dict[str, str]:
    """The headers that may go along to the next hop: credentials never leave their origin."""
    if here == there:
        return dict(headers)
    return {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}


def form_for(
    form: Mapping[str, str] | None, status_code: int, here: Origin, there: Origin
) -> Mapping[str, str] | None:
    """What a redirected POST sends on: 307 and 308 keep it, within its origin; every other redirect is a GET."""
    return form if status_code in (307, 308) and here == there else None


def _refuse_downgrade(subject: Subject, here: Origin, there: Origin) -> None:
    if subject is Subject.IMAGE and here.scheme == "https" and there.scheme != "https":
        raise ServerFault("redirected from https to http", error_type=ErrorType.HTTP_ERROR, reason=Reason.REDIRECTS)
