"""The one retry loop. Adapters try once, so attempts never multiply (R138, R140)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from structlog.typing import FilteringBoundLogger
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from trivia_scraper.domain.errors import CommitUnknown, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.policy.retrying import (
    LONGEST_IN_RUN_WAIT_SECONDS,
    is_worth_another_download,
    is_worth_repeating,
    is_worth_sending_again,
    wait_seconds,
)
from trivia_scraper.ports import Clock, Services

Result = TypeVar("Result")

# 1 + 2 + 4 + 8 + 16 + 32 s: a database that restarts or is away for a minute loses no item (F32-F34).
STORAGE_ATTEMPTS: Final = 7
STORAGE_BACKOFF_SECONDS: Final = 1.0
STORAGE_BUDGET_SECONDS: Final = 120.0


class Patience(Protocol):
    """What trying again takes; `Services` have it."""

    @property
    def clock(self) -> Clock:
        """Measures how long it went on."""

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
        """Waits between two tries."""

    @property
    def log(self) -> FilteringBoundLogger:
        """Is told of each."""


@dataclass(frozen=True, slots=True)
class Attempted(Generic[Result]):
    """A result, and after how many attempts it came."""

    value: Result
    attempts: int


async def attempt(
    operation: Callable[[], Awaitable[Result]], what: str, services: Services, *, budget_seconds: float
) -> Attempted[Result]:
    """Try a download up to `settings.attempts` times, for transient classes only, after 2 s and 4 s (D9).

    A wait that does not fit what is left of the budget (at most 60 s) ends the attempts: then Retry-After
    becomes the ledger's business. The error that ends them knows how many there were.
    """
    settings = services.settings
    budget = min(budget_seconds, LONGEST_IN_RUN_WAIT_SECONDS)
    return await _attempt(operation, _Terms(what, settings.attempts, settings.backoff_seconds, budget), services)


async def attempt_download(
    operation: Callable[[], Awaitable[Result]], services: Services, *, tries: int, budget_seconds: float
) -> Attempted[Result]:
    """Try a download of an image up to `tries` times, as `attempt` does; the class table says what is repeated."""
    settings = services.settings
    budget = min(budget_seconds, LONGEST_IN_RUN_WAIT_SECONDS)

    def is_worth(error: BaseException) -> bool:
        return is_worth_another_download(error, settings.classes)

    terms = _Terms("image download", tries, settings.backoff_seconds, budget, is_worth)
    return await _attempt(operation, terms, services)


async def attempt_page(request: PageRequest, what: str, accept_language: str, services: Services) -> Page:
    """Fetch one page; its deadline is the request's own or `http.page_deadline`, and the tries share it."""
    return (await attempt_page_counted(request, what, accept_language, services)).value


async def attempt_page_counted(
    request: PageRequest, what: str, accept_language: str, services: Services
) -> Attempted[Page]:
    """As `attempt_page`, for whoever tells after how many tries the page came."""
    deadline = request.deadline_seconds or services.settings.page_deadline_seconds

    async def once() -> Page:
        return await services.fetcher.fetch_page(request, accept_language=accept_language, deadline_seconds=deadline)

    return await attempt(once, what, services, budget_seconds=deadline)


async def attempt_storing(operation: Callable[[], Awaitable[Result]], what: str, services: Patience) -> Result:
    """Try an idempotent database call, patiently: a lost commit is resolved by doing it again."""
    terms = _Terms(what, STORAGE_ATTEMPTS, STORAGE_BACKOFF_SECONDS, STORAGE_BUDGET_SECONDS)
    return (await _attempt(operation, terms, services)).value


async def attempt_adopting(operation: Callable[[], Awaitable[None]], services: Services) -> None:
    """Put bytes into permanent storage; a store in the network that is busy is asked as often as a site is (D9)."""
    settings = services.settings
    terms = _Terms(
        "storing files", settings.attempts, settings.backoff_seconds, LONGEST_IN_RUN_WAIT_SECONDS,
        is_worth_sending_again,
    )  # fmt: skip
    await _attempt(operation, terms, services)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What is tried, how often at most, within which time, and after which errors again."""

    what: str
    attempts: int
    backoff_seconds: float
    budget_seconds: float
    is_worth: Callable[[BaseException], bool] = is_worth_repeating


async def _attempt(
    operation: Callable[[], Awaitable[Result]], terms: _Terms, services: Patience
) -> Attempted[Result]:
    # Nearly every first try works, and every database call comes this way: only a failure pays for the loop.
    started = services.clock.monotonic()
    try:
        return Attempted(await operation(), 1)
    except TriviaScraperError as error:
        error.attempts = 1
        if terms.attempts < 2 or not terms.is_worth(error):
            raise
        first_error = error
    return await _repeat(operation, first_error, started, terms, services)


async def _repeat(
    operation: Callable[[], Awaitable[Result]],
    first_error: TriviaScraperError,
    started: float,
    terms: _Terms,
    services: Patience,
) -> Attempted[Result]:
    """The loop, entered with its first attempt already failed."""

    def is_over(state: RetryCallState) -> bool:
        # tenacity's own stop_before_delay reads the system clock; ours is a parameter.
        elapsed = services.clock.monotonic() - started
        return state.attempt_number >= terms.attempts or elapsed + state.upcoming_sleep >= terms.budget_seconds

    def wait(state: RetryCallState) -> float:
        return wait_seconds(_error_of(state), state.attempt_number, terms.backoff_seconds)

    loop = AsyncRetrying(
        retry=retry_if_exception(terms.is_worth),
        stop=is_over,
        wait=wait,
        sleep=services.sleep,
        before_sleep=lambda state: _announce(state, terms, services),
        reraise=True,
    )
    async for step in loop:
        number = step.retry_state.attempt_number
        with step:
            if number == 1:
                raise first_error
            try:
                value = await operation()
            except TriviaScraperError as error:
                error.attempts = number
                raise
    if isinstance(first_error, CommitUnknown):
        services.log.warning(LogEvent.COMMIT_RESOLVED, what=terms.what, attempt=number)
    return Attempted(value, number)


def _announce(state: RetryCallState, terms: _Terms, services: Patience) -> None:
    error = _error_of(state)
    if isinstance(error, CommitUnknown):
        services.log.warning(LogEvent.COMMIT_UNKNOWN, what=terms.what, error=str(error))
    services.log.warning(
        LogEvent.RETRY_SCHEDULED,
        what=terms.what,
        attempt=state.attempt_number,
        attempts=terms.attempts,
        wait_seconds=round(state.upcoming_sleep, 1),
        error_type=error.error_type if isinstance(error, TriviaScraperError) else type(error).__name__,
        error=str(error),
    )


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
