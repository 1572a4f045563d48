"""Pages for `sources add` and `sources test`: from the site with every guard of a run, or from a file."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from trivia_scraper.cli.invocation import Invocation
    from trivia_scraper.domain.pages import Page, PageRequest
    from trivia_scraper.settings import LoadedSettings

Answer = TypeVar("Answer")
FetchPage = Callable[["PageRequest", str], Awaitable["Page"]]
"""(request, accept_language) → page. One try: raises what `ports.Fetcher.fetch_page` raises."""

FILE_LIMIT: Final = 16 * 1024 * 1024

_TYPES: Final = {
    ".json": "application/json", ".xml": "application/xml", ".rss": "application/rss+xml", ".ics": "text/calendar",
    ".js": "text/javascript",
}  # fmt: skip


def today() -> dt.date:
    """The day of the look, in UTC as a run has it."""
    return dt.datetime.now(dt.UTC).date()


def with_fetcher(
    invocation: Invocation, loaded: LoadedSettings, work: Callable[[FetchPage], Awaitable[Answer]]
) -> Answer:
    """Do `work` with something that fetches pages: address guard, robots.txt, pace and limits as in a run."""
    log = invocation.open_log(loaded, only_looks=True)
    deadline = loaded.settings.http.page_deadline.total_seconds()

    async def answer() -> Answer:
        from trivia_scraper.bootstrap import open_page_fetcher

        async with open_page_fetcher(loaded.settings, log) as fetcher:

            async def fetch(request: PageRequest, accept_language: str) -> Page:
                return await fetcher.fetch_page(
                    request,
                    accept_language=accept_language,
                    deadline_seconds=request.deadline_seconds or deadline,
                )

            return await work(fetch)

    return asyncio.run(answer())


def page_from_file(file: Path, request: PageRequest) -> Page:
    """A saved page as if it had come from `request`. Raises SetupError for a file that cannot be read."""
    from trivia_scraper.domain.errors import SetupError
    from trivia_scraper.domain.pages import Page
    from trivia_scraper.fetching.decoding import decode_text

    try:
        with file.open("rb") as source:
            body = source.read(FILE_LIMIT + 1)
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}") from error
    if len(body) > FILE_LIMIT:
        raise SetupError(f"{file} is larger than {FILE_LIMIT // 1024 // 1024} MiB")
    kind = _TYPES.get(file.suffix.lower(), "text/html")
    return Page(request, request.url, 200, decode_text(body, kind), kind, len(body))
