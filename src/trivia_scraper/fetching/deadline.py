"""The total deadline of one fetch: seconds on the wire; waiting for one's turn does not count."""

from __future__ import annotations

import asyncio
from types import TracebackType

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.fetching.subjects import Subject


class TimeBudget:
    """Seconds that the requests of one fetch, redirects included, may take together.

    Entered once for each request: what one spends, the next no longer has. Leaving it late raises the subject's
    error (network_timeout:deadline). A class and not a generator, because every image pays for it.
    """

    def __init__(self, seconds: float, subject: Subject) -> None:
        self._seconds = seconds
        self._left = seconds
        self._subject = subject

    async def __aenter__(self) -> None:
        self._started = asyncio.get_running_loop().time()
        self._scope = asyncio.timeout(self._left)
        await self._scope.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left -= asyncio.get_running_loop().time() - self._started
        try:
            await self._scope.__aexit__(kind, error, trace)
        except TimeoutError as late:
            raise self._subject.unreachable(
                f"not complete after {self._seconds:g} s",
                error_type=ErrorType.NETWORK_TIMEOUT,
                reason=Reason.DEADLINE,
            ) from late
