"""The one retry loop. Adapters try once, so attempts never multiply (R138, R140)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.policy.retrying import LONGEST_IN_RUN_WAIT_SECONDS, is_worth_repeating, wait_seconds
from trivia_scraper.ports import Services

Result = TypeVar("Result")

# 1 + 2 + 4 + 8 + 16 + 32 s: a database that restarts or is away for a minute loses no item (F32-F34).
STORAGE_ATTEMPTS: Final = 7
STORAGE_BACKOFF_SECONDS: Final = 1.0
STORAGE_BUDGET_SECONDS: Final = 120.0


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
    return await _attempt(operation, what, services, settings.attempts, settings.backoff_seconds, budget)


async def attempt_storing(operation: Callable[[], Awaitable[Result]], what: str, services: Services) -> Result:
    """Try an idempotent database call, patiently: a lost commit is resolved by doing it again."""
    attempted = await _attempt(
        operation, what, services, STORAGE_ATTEMPTS, STORAGE_BACKOFF_SECONDS, STORAGE_BUDGET_SECONDS
    )
    return attempted.value


async def _attempt(
    operation: Callable[[], Awaitable[Result]],
    what: str,
    services: Services,
    attempts: int,
    backoff_seconds: float,
    budget_seconds: float,
) -> Attempted[Result]:
    started = services.clock.monotonic()
    # Nearly every first try works, and every database call passes here: only a failure worth it builds the loop.
    try:
        return Attempted(await operation(), 1)
    except TriviaScraperError as error:
        error.attempts = 1
        if not is_worth_repeating(error):
            raise
        first_error = error

    def is_over(state: RetryCallState) -> bool:
        # tenacity's own stop_before_delay reads the system clock; ours is a parameter.
        elapsed = services.clock.monotonic() - started
        return state.attempt_number >= attempts or elapsed + state.upcoming_sleep >= budget_seconds

    def wait(state: RetryCallState) -> float:
        return wait_seconds(_error_of(state), state.attempt_number, backoff_seconds)

    def announce(state: RetryCallState) -> None:
        error = _error_of(state)
        services.log.warning(
            LogEvent.RETRY_SCHEDULED,
            what=what,
            attempt=state.attempt_number,
            attempts=attempts,
            wait_seconds=round(state.upcoming_sleep, 1),
            error_type=error.error_type if isinstance(error, TriviaScraperError) else type(error).__name__,
            error=str(error),
        )

    loop = AsyncRetrying(
        retry=retry_if_exception(is_worth_repeating),
        stop=is_over,
        wait=wait,
        sleep=services.sleep,
        before_sleep=announce,
        reraise=True,
    )
    async for step in loop:
        number = step.retry_state.attempt_number
        with step:
            if number == 1:
                raise first_error  # the try above is the loop's first
            try:
                value = await operation()
            except TriviaScraperError as error:
                error.attempts = number
                raise
    return Attempted(value, number)


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
