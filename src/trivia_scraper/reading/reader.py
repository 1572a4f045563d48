"""The parent's side: the `PageReader` of ports.py. Ordinary pages are read in the loop, others in a worker; for a
daemon, all of them.

A parser cannot be stopped from inside and does not free the interpreter lock: a thread protects nothing, a
process that can be killed does (safety.md 7).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.jobs import Killed
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.source import IndexReading, Source
from trivia_scraper.ports import WorkerPool
from trivia_scraper.reading.task import PageT, Reading, Unread, read_detail, read_unguarded
from trivia_scraper.sources.document import insane_markup

LONGEST_IN_LOOP: Final = 256 * 1024
SECONDS_PER_PAGE: Final = 2.0


class PooledReader:
    """Implements `ports.PageReader`."""

    def __init__(self, workers: WorkerPool, seconds: float = SECONDS_PER_PAGE, *, in_loop: bool = True) -> None:
        """`in_loop=False`: a worker reads everything, however short: a process that lives long stays small, for what
        sources load to read (35 MB of time zones) goes with the worker, and no fault of a parser reaches it."""
        self._workers = workers
        self._seconds = seconds
        self._in_loop = in_loop

    async def read_index(self, source: Source, page: Page) -> IndexReading:
        """Let a source read a page of its index."""
        return await self._read(source.read_index, page)

    async def read_detail(
        self, source: Source, listing: Listing, page: Page | None, companion: Page | None
    ) -> Detail:
        """Let a source read one venue. Without a page the listing says it all."""
        return await self._read(partial(read_detail, source, listing, companion), page, companion)

    async def _read(self, read: Callable[[PageT], Reading], page: PageT, companion: Page | None = None) -> Reading:
        if self._in_loop and is_short(page) and is_short(companion):
            try:
                return read(page)
            except PageShapeChanged as error:
                if error.reason is not Reason.PARSE_TIMEOUT:
                    raise
        return await self._read_in_worker(read, page)

    async def _read_in_worker(self, read: Callable[[PageT], Reading], page: PageT) -> Reading:
        # Not repeated when it was slow: the same page would be as slow again, and 2 s are all it gets.
        job: Callable[[], Reading | Unread] = partial(read_unguarded, read, page)
        answer = await self._workers.perform(job, seconds=self._seconds, repeat_slow=False)
        if isinstance(answer, Killed):
            raise insane_markup(f"page given up while parsing: {answer.message}", page.url if page else "")
        if isinstance(answer, Unread):
            raise answer.as_error()
        return answer


def is_short(page: Page | None) -> bool:
    """Whether parsing clean markup of this length is too quick to be noticed in the loop."""
    return page is None or len(page.text) <= LONGEST_IN_LOOP
