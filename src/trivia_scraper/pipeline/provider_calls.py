"""One request to a photo provider's interface: breaker and window first, then HTTP, then what it teaches.

The answer is a value whatever happens; what is raised is a lost database.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.enrichment import NotAsked
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.photo_provider import (
    ListingAnswer,
    ListingRefusal,
    PhotoProvider,
    PhotoSubject,
    ProviderAccount,
)
from trivia_scraper.pipeline.provider_pace import closed_until, learn
from trivia_scraper.pipeline.provider_windows import admit_request
from trivia_scraper.policy.recovering import counts_as_attempt
from trivia_scraper.ports import Services
from trivia_scraper.providers.answers import without_key

LANGUAGE: Final = "en"
SHORT_WAIT_SECONDS: Final = 1.0
"""Longest wait for a place in a window; a longer one is a refusal."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """A request that was not sent. `repeats_after_seconds` as in `ProviderListing`."""

    why: NotAsked
    message: str
    repeats_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A request that was sent, when, what came of it, and after how many seconds."""

    answer: ListingAnswer | ListingRefusal
    at: dt.datetime
    seconds: float


async def call_listing(
    request: PageRequest,
    subject: PhotoSubject,
    provider: PhotoProvider,
    account: ProviderAccount,
    seconds_left: float,
    services: Services,
) -> Called | NotNow:
    """Ask once, if the host's breaker and the provider's windows let us."""
    held = await _held_back(request, account, services)
    if held is not None:
        return held
    at, started = services.clock.now(), services.clock.monotonic()
    page = await _fetch(request, account, seconds_left, services)
    seconds = services.clock.monotonic() - started
    answer = page if isinstance(page, ListingRefusal) else _read(page, subject, provider, account, services)
    if isinstance(answer, ListingAnswer):
        await learn(account.slug, request.url, None, None, services)
    elif counts_as_attempt(answer.error_type, answer.status_code):
        await learn(account.slug, request.url, answer.error_type, answer.retry_after_seconds, services)
    return Called(answer, at, seconds)


async def _held_back(request: PageRequest, account: ProviderAccount, services: Services) -> NotNow | None:
    until = await closed_until(request.url, services)
    if until is not None:
        return NotNow(
            NotAsked.BREAKER_OPEN, f"left alone until {until:%Y-%m-%d %H:%M:%S} UTC after failures in a row"
        )
    admission = await admit_request(account, services)
    while admission.refused_by is not None and admission.wait_seconds <= SHORT_WAIT_SECONDS:
        # A second that is full is not worth losing a listing for: nothing is sent before it has a place.
        await services.sleep(admission.wait_seconds)
        admission = await admit_request(account, services)
    if admission.refused_by is None:
        return None
    message = f"as many requests as [providers.{account.slug}] per_{admission.refused_by} allows"
    return NotNow(NotAsked.RATE_LIMITED, message, admission.wait_seconds)


async def _fetch(
    request: PageRequest, account: ProviderAccount, seconds_left: float, services: Services
) -> Page | ListingRefusal:
    call_seconds = services.settings.photos.call_seconds
    seconds = min(request.deadline_seconds or call_seconds, call_seconds)
    try:
        # The deadline counts time on the wire; waiting for a turn at the host counts too, for the provider's share.
        async with asyncio.timeout(seconds_left):
            return await services.fetcher.fetch_page(request, accept_language=LANGUAGE, deadline_seconds=seconds)
    except TimeoutError:
        return out_of_time(services)
    except TriviaScraperError as error:
        message = without_key(error.message, account.key)
        return ListingRefusal(error.error_type, message, error.status_code, error.retry_after_seconds)


def out_of_time(services: Services) -> ListingRefusal:
    """The provider has used up its share of an enrichment: charged to it, and to nobody else (R98)."""
    share = services.settings.photos.provider_seconds
    return ListingRefusal(ErrorType.NETWORK_TIMEOUT, f"no answer within the {share:g} s of this provider")


def _read(
    page: Page, subject: PhotoSubject, provider: PhotoProvider, account: ProviderAccount, services: Services
) -> ListingAnswer | ListingRefusal:
    try:
        return provider.read_listing(page, subject, account)
    except Exception as error:
        services.log.error(LogEvent.PROVIDER_CRASHED, exc_info=error)
        message = f"unexpected {type(error).__name__} while reading the answer"
        return ListingRefusal(ErrorType.UNKNOWN_ERROR, message, page.status_code)
