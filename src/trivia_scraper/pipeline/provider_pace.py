"""How fast providers are asked, and when they are left alone (images.md 7, 12; R128, R148, R223, R225).

What answers teach is kept in `services.memory`, so that it survives a restart; the rules are `policy.pacing` and
`policy.breaking`. Whoever fetches a photo calls `closed_until`, `wait_turn`, then `learn`.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.provider_memory import BreakerState, ProviderPace
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy import breaking, pacing
from trivia_scraper.policy.breaking import host_of
from trivia_scraper.ports import Services

WAITS_REMEMBERED: Final = dt.timedelta(days=7)
LONGEST_RETRY_AFTER_SECONDS: Final = 86_400.0


async def wait_turn(provider: str, *, is_first: bool, services: Services) -> None:
    """Wait the provider's delay: before each download of an owner but the first (R127, R128, R148)."""
    if is_first:
        return
    pace = await attempt_storing(lambda: services.memory.pace(provider), "provider pace", services)
    await services.sleep(pacing.delay_ms(provider, pace) / 1000)


async def learn(
    provider: str, url: str, error_type: ErrorType | None, retry_after_seconds: float | None, services: Services
) -> None:
    """Remember what one answer says of a provider's pace and of its host. `error_type` None = it worked."""
    now = services.clock.now()
    if retry_after_seconds is not None:
        wait = min(max(retry_after_seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)
        await attempt_storing(lambda: services.memory.note_wait(provider, wait, now), "provider wait", services)
    async with services.memory.turn():
        await _learn_pace(provider, error_type, retry_after_seconds is not None, now, services)
        await _learn_breaker(host_of(url), error_type, retry_after_seconds, now, services)


async def closed_until(url: str, services: Services) -> dt.datetime | None:
    """Until when this URL's host is left alone; None = ask it now.

    Whoever is told None by a breaker whose pause is over is its one probe: everybody else is sent away for a minute.
    """
    host, now = host_of(url), services.clock.now()
    async with services.memory.turn():
        state = await _breaker(host, services)
        until = breaking.closed_until(state, now)
        if until is None and state is not None and breaking.is_tripped(state):
            await _save_breaker(host, breaking.with_probe(state, now), now, services)
        return until


async def look_closed_until(url: str, services: Services) -> dt.datetime | None:
    """As `closed_until`, for a plan: nobody becomes a probe, nothing is written."""
    return breaking.closed_until(await _breaker(host_of(url), services), services.clock.now())


async def usual_wait(provider: str, services: Services) -> float | None:
    """What a 429 without Retry-After waits at least: the median that the provider asked for in 7 days, seconds."""
    since = services.clock.now() - WAITS_REMEMBERED
    return await attempt_storing(lambda: services.memory.usual_wait(provider, since), "usual wait", services)


async def _learn_pace(
    provider: str, error_type: ErrorType | None, asked_to_wait: bool, now: dt.datetime, services: Services
) -> None:
    known = await attempt_storing(lambda: services.memory.pace(provider), "provider pace", services)
    learnt = pacing.learnt_pace(provider, known, error_type, asked_to_wait=asked_to_wait)
    if learnt == (known or ProviderPace(pacing.least_delay_ms(provider), successes_in_row=0)):
        return
    before, after = pacing.delay_ms(provider, known), pacing.delay_ms(provider, learnt)
    if before != after:
        services.log.info(LogEvent.PROVIDER_PACED, provider=provider, delay_ms=after, before_ms=before)
    await attempt_storing(lambda: services.memory.save_pace(provider, learnt, now), "provider pace", services)


async def _learn_breaker(
    host: str, error_type: ErrorType | None, retry_after_seconds: float | None, now: dt.datetime, services: Services
) -> None:
    known = await _breaker(host, services)
    state = breaking.after_answer(known, error_type, retry_after_seconds, now, services.settings.classes)
    if state == (known or breaking.CLOSED):
        return
    await _save_breaker(host, state, now, services)
    _tell(host, known, state, services)


def _tell(host: str, known: BreakerState | None, state: BreakerState, services: Services) -> None:
    if breaking.is_tripped(known) and not breaking.is_tripped(state):
        services.log.info(LogEvent.BREAKER_CLOSED, host=host)
    elif state.open_until is not None and (known is None or known.open_until != state.open_until):
        why = "failures" if breaking.is_tripped(state) else "retry_after"
        services.log.warning(
            LogEvent.BREAKER_OPENED,
            host=host, until=state.open_until.isoformat(), failures_in_row=state.failures_in_row, why=why,
        )  # fmt: skip


async def _breaker(host: str, services: Services) -> BreakerState | None:
    return await attempt_storing(lambda: services.memory.breaker(host), "breaker", services)


async def _save_breaker(host: str, state: BreakerState, now: dt.datetime, services: Services) -> None:
    await attempt_storing(lambda: services.memory.save_breaker(host, state, now), "breaker", services)
