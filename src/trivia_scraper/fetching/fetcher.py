"""`HttpFetcher`: the port's two calls, page and image. Each is one attempt."""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import Final

import httpx
import structlog

from trivia_scraper.domain.errors import ImageRejected, PageUnreachable, ServerFault
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Page, PageRequest, Validators
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.fetching.body import BodyReader, too_large
from trivia_scraper.fetching.decoding import decode_text
from trivia_scraper.fetching.hops import Errand, Walker
from trivia_scraper.fetching.limits import FetchSettings
from trivia_scraper.fetching.robots import Robots
from trivia_scraper.fetching.subjects import Subject
from trivia_scraper.policy.retry_after import retry_after_seconds
from trivia_scraper.policy.statuses import has_body
from trivia_scraper.ports import BodySink, Clock

_PAGE_ACCEPT: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"
_IMAGE_ACCEPT: Final = "image/avif,image/webp,image/*;q=0.9,*/*;q=0.5"
_TAIL_CHARACTERS: Final = 2_048
_SENDABLE_VALIDATOR: Final = re.compile(r"[\x20-\x7e]{1,512}")


class HttpFetcher:
    """HTTP, and only HTTP: implements `ports.Fetcher`. Made by `open_fetcher`."""

    def __init__(
        self,
        settings: FetchSettings,
        walker: Walker,
        robots: Robots,
        clock: Clock,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._settings = settings
        self._walker = walker
        self._robots = robots
        self._clock = clock
        self._log = log

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        """Fetch one page; see `ports.Fetcher`. The deadline counts time on the wire, not waiting for a turn."""

        async def consume(response: httpx.Response, url: str) -> Page:
            return await self._read_page(request, response, url)

        headers = page_headers(request, accept_language, self._settings.user_agent)
        started = self._clock.monotonic()
        page = await self._walker.walk(
            Errand(
                Subject.PAGE,
                request.url,
                headers,
                deadline_seconds,
                None if request.is_service else self._robots.permit,
                request.form,
                is_service=request.is_service,
            ),
            consume,
        )
        self._log.debug(
            LogEvent.PAGE_FETCHED,
            url=redact_text(page.url),
            status_code=page.status_code,
            bytes=page.bytes_received,
            seconds=round(self._clock.monotonic() - started, 3),
        )
        return page

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        """Download one image into `sink`; see `ports.Fetcher`. Forced: no validators, `no-cache` (images.md 4.1)."""
        validators = None if options.force_refresh_images else request.validators

        async def consume(response: httpx.Response, url: str) -> ImageDownloaded | ImageNotModified:
            if response.status_code == 304 and validators is not None:
                return ImageNotModified(_validators_of(response, validators), options.force_refresh_images)
            received = await self._read_image(response, sink)
            return ImageDownloaded(
                final_url=url,
                status_code=response.status_code,
                validators=_validators_of(response, None),
                bytes_received=received,
                force_refresh=options.force_refresh_images,
            )

        headers = image_headers(validators, options, self._settings.user_agent)
        headers |= {name.lower(): value for name, value in request.headers.items()}
        permit = None if request.is_service else self._robots.permit
        return await self._walker.walk(Errand(Subject.IMAGE, request.url, headers, deadline_seconds, permit), consume)

    async def _read_page(self, request: PageRequest, response: httpx.Response, url: str) -> Page:
        status = response.status_code
        if status not in request.accept_status:
            self._refuse_status(response, Subject.PAGE)
        reader = BodyReader(response, Subject.PAGE, self._settings, self._clock)
        reader.refuse_longer_than(self._settings.max_page_bytes)
        body = await self._collect(reader)
        if not body:
            # A refusal without a word is the failure of its status; only a success may be called empty.
            self._refuse_status(response, Subject.PAGE)
            raise ServerFault("the page is empty", error_type=ErrorType.INVALID_RESPONSE, reason=Reason.EMPTY)
        content_type = response.headers.get("content-type", "")
        text = decode_text(body, content_type)
        if request.accept_mark not in text:
            self._refuse_status(response, Subject.PAGE)
        if reader.ends_with_connection() and not ends_as_promised(text, request.end_marker):
            raise PageUnreachable("the page ends before its end marker", reason=Reason.TRUNCATED, status_code=status)
        asked = retry_after_seconds(response.headers.get("retry-after"), self._clock.now())
        return Page(request, url, status, text, content_type, reader.bytes_received, retry_after_seconds=asked)

    async def _collect(self, reader: BodyReader) -> bytes:
        most_bytes = self._settings.max_page_bytes
        body = bytearray()
        async with aclosing(reader.decoded()) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > most_bytes:
                    raise too_large(most_bytes)
        return bytes(body)

    async def _read_image(self, response: httpx.Response, sink: BodySink) -> int:
        self._refuse_status(response, Subject.IMAGE)
        most_bytes = self._settings.max_image_bytes
        reader = BodyReader(response, Subject.IMAGE, self._settings, self._clock)
        reader.encoding(frozenset())
        reader.refuse_longer_than(most_bytes)
        await sink.restart()
        async with aclosing(reader.raw()) as chunks:
            async for chunk in chunks:
                if reader.bytes_received > most_bytes:
                    raise too_large(most_bytes)
                await sink.write(chunk)
        if not reader.bytes_received:
            raise ImageRejected("the image is empty", reason=Reason.EMPTY, status_code=response.status_code)
        return reader.bytes_received

    def _refuse_status(self, response: httpx.Response, subject: Subject) -> None:
        if not has_body(response.status_code):
            asked = retry_after_seconds(response.headers.get("retry-after"), self._clock.now())
            raise subject.failure(response.status_code, asked)


def page_headers(request: PageRequest, accept_language: str, user_agent: str) -> dict[str, str]:
    """The request's own headers over our defaults; who we are and what we can decode is not the source's to say."""
    headers = {"accept": _PAGE_ACCEPT, "accept-language": accept_language}
    headers |= {name.lower(): value for name, value in request.headers.items()}
    headers |= {"user-agent": user_agent, "accept-encoding": "gzip"}
    return {name: value for name, value in headers.items() if value}


def image_headers(validators: Validators | None, options: RefreshOptions, user_agent: str) -> dict[str, str]:
    """Headers of an image request: conditional where validators are given, past every cache where forced."""
    headers = {"user-agent": user_agent, "accept": _IMAGE_ACCEPT, "accept-encoding": "identity"}
    if options.force_refresh_images:
        return headers | {"cache-control": "no-cache", "pragma": "no-cache"}
    if validators is not None and validators.etag:
        headers["if-none-match"] = validators.etag
    if validators is not None and validators.last_modified:
        headers["if-modified-since"] = validators.last_modified
    return headers


def ends_as_promised(text: str, end_marker: str) -> bool:
    """Whether the last 2,048 characters hold the marker, in any case; caches like to add a comment behind it."""
    return end_marker.lower() in text[-_TAIL_CHARACTERS:].lower()


def _validators_of(response: httpx.Response, known: Validators | None) -> Validators:
    def sent(name: str) -> str | None:
        value = response.headers.get(name, "")
        return value if _SENDABLE_VALIDATOR.fullmatch(value) else None

    return Validators(
        etag=sent("etag") or (known.etag if known else None),
        last_modified=sent("last-modified") or (known.last_modified if known else None),
    )
