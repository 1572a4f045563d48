"""The windows of photo providers in this process, filled from what is kept of earlier ones (images.md 7, R198)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from trivia_scraper.domain.photo_provider import ProviderAccount
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.provider_windows import LONGEST_WINDOW_SECONDS, Admission, WindowLimits, admit
from trivia_scraper.ports import Services


class RequestWindows:
    """Implements `ports.ProviderWindows`: the times of the last hour's requests, by provider."""

    def __init__(self) -> None:
        self._times: dict[str, tuple[float, ...]] = {}

    def is_filled(self, provider: str) -> bool:
        """Whether the requests of earlier processes are counted."""
        return provider in self._times

    def fill(self, provider: str, times: Sequence[float]) -> None:
        """Count the requests of earlier processes; only the first call does anything."""
        self._times.setdefault(provider, tuple(times))

    def admit(self, provider: str, limits: WindowLimits, now: float) -> Admission:
        """Check and count one request, in one step."""
        admission = admit(self._times.get(provider, ()), now, limits)
        self._times[provider] = admission.times
        return admission


async def admit_request(account: ProviderAccount, services: Services) -> Admission:
    """Whether this provider may be asked now; an admitted request is counted at once."""
    await _fill(account.slug, services)
    limits = WindowLimits(account.per_second, account.per_minute, account.per_hour)
    return services.windows.admit(account.slug, limits, services.clock.monotonic())


async def count_request(provider: str, services: Services) -> None:
    """Count a request that no window refuses: a photo's bytes."""
    await _fill(provider, services)
    services.windows.admit(provider, WindowLimits(), services.clock.monotonic())


async def _fill(provider: str, services: Services) -> None:
    if services.windows.is_filled(provider):
        return
    now, wall = services.clock.monotonic(), services.clock.now()
    since = wall - dt.timedelta(seconds=LONGEST_WINDOW_SECONDS)
    stamps = await attempt_storing(
        lambda: services.memory.request_times(provider, since), "earlier requests to a provider", services
    )
    services.windows.fill(provider, [now - (wall - at).total_seconds() for at in stamps])
