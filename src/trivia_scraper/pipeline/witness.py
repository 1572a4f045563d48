"""Services that are watched: every image request and every log event is noted, nothing is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Page, PageRequest
from trivia_scraper.ports import BodySink, Fetcher, Services


class Witness:
    """Wraps services for `verify-refresh`; `services` is what the watched code gets."""

    def __init__(self, services: Services) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.unconditional_downloads: list[str] = []
        self.conditional = 0
        self.unforced = 0
        log: Any = _WatchedLog(services.log, {}, self.events)
        self.services = replace(services, fetcher=_WatchedFetcher(services.fetcher, self), log=log)

    def reset(self) -> None:
        """Forget what was seen so far."""
        self.events.clear()
        self.unconditional_downloads.clear()
        self.conditional = 0
        self.unforced = 0


class _WatchedFetcher:
    """Implements `ports.Fetcher`."""

    def __init__(self, inner: Fetcher, witness: Witness) -> None:
        self._inner = inner
        self._witness = witness

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        return await self._inner.fetch_page(
            request, accept_language=accept_language, deadline_seconds=deadline_seconds
        )

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        if request.validators is None:
            self._witness.unconditional_downloads.append(request.url)
        else:
            self._witness.conditional += 1
        answer = await self._inner.download_image(request, sink, options, deadline_seconds=deadline_seconds)
        # What the downloader itself saw: one that lost the flag on its way says so here.
        self._witness.unforced += not answer.force_refresh
        return answer


class _WatchedLog:
    """A bound logger that also remembers: bound fields and event fields together."""

    def __init__(
        self, inner: FilteringBoundLogger, bound: dict[str, Any], events: list[tuple[str, dict[str, Any]]]
    ) -> None:
        self._inner = inner
        self._bound = bound
        self._events = events

    def bind(self, **fields: Any) -> _WatchedLog:
        return _WatchedLog(self._inner.bind(**fields), {**self._bound, **fields}, self._events)

    def debug(self, event: str, **fields: Any) -> None:
        self._note(event, fields)
        self._inner.debug(event, **fields)

    def info(self, event: str, **fields: Any) -> None:
        self._note(event, fields)
        self._inner.info(event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        self._note(event, fields)
        self._inner.warning(event, **fields)

    def error(self, event: str, **fields: Any) -> None:
        self._note(event, fields)
        self._inner.error(event, **fields)

    def _note(self, event: str, fields: dict[str, Any]) -> None:
        self._events.append((event, {**self._bound, **fields}))
