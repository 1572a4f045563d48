"""Bodies: raw bytes only, counted and timed as they come (safety.md 5)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import cast

import httpx

from trivia_scraper.domain.errors import PermanentError, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.fetching.bounded import GZIP_MAGIC, BoundedDecoder
from trivia_scraper.fetching.http_errors import translate
from trivia_scraper.fetching.limits import FetchSettings
from trivia_scraper.fetching.subjects import Subject
from trivia_scraper.ports import Clock


class BodyReader:
    """Reads the body of one response; `bytes_received` counts what came over the network."""

    def __init__(self, response: httpx.Response, subject: Subject, settings: FetchSettings, clock: Clock) -> None:
        self._response = response
        self._subject = subject
        self._settings = settings
        self._clock = clock
        self.bytes_received = 0

    def refuse_longer_than(self, most_bytes: int) -> None:
        """Refuse a body by its Content-Length, unread (H047)."""
        length = self._response.headers.get("content-length", "")
        if length.isdecimal() and int(length[:18]) > most_bytes:
            raise too_large(most_bytes)

    def encoding(self, accepted: frozenset[str]) -> str:
        """The one Content-Encoding, lower case; "" = identity. Refuses others and two of them, unread."""
        listed = str(self._response.headers.get("content-encoding", "")).lower().strip()
        if listed in ("", "identity"):
            return ""
        if listed not in accepted:
            raise self._subject.unreachable(
                f"sent in an encoding that was not asked for: {listed[:40]}", reason=Reason.ENCODING
            )
        return listed

    def ends_with_connection(self) -> bool:
        """Whether only the end of the connection ends this body, so that a cut cannot be told by its framing."""
        headers = self._response.headers
        return "content-length" not in headers and "transfer-encoding" not in headers

    async def raw(self) -> AsyncGenerator[bytes, None]:
        """The chunks as they come. Raises the subject's error when they stop, break or come too slowly."""
        started = self._clock.monotonic()
        # What aiter_raw() iterates over, without its re-chunking: a layer less for every chunk of every image.
        stream = self._response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        async with aclosing(cast(AsyncGenerator[bytes, None], aiter(stream))) as chunks:
            while True:
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TriviaScraperError:
                    raise
                except Exception as error:
                    raise translate(error, self._subject) from error
                self.bytes_received += len(chunk)
                self._refuse_crawling(self._clock.monotonic() - started)
                yield chunk

    async def decoded(self) -> AsyncGenerator[bytes, None]:
        """The body of a page in pieces, gzip undone, also where no header says so (N8)."""
        decoder: BoundedDecoder | None = None
        says_gzip = bool(self.encoding(frozenset({"gzip", "x-gzip"})))
        async with aclosing(self.raw()) as chunks:
            async for chunk in chunks:
                if decoder is None and (says_gzip or self._begins_as_gzip(chunk)):
                    decoder = BoundedDecoder(self._settings.max_ratio)
                for piece in _pieces(chunk, decoder):
                    yield piece
        if decoder is not None:
            decoder.finish()

    def _begins_as_gzip(self, chunk: bytes) -> bool:
        return self.bytes_received == len(chunk) and chunk.startswith(GZIP_MAGIC)

    def _refuse_crawling(self, seconds: float) -> None:
        settings = self._settings
        if seconds > settings.rate_grace_seconds and self.bytes_received < settings.min_rate_bytes * seconds:
            raise self._subject.unreachable(
                f"slower than {settings.min_rate_bytes} bytes a second",
                error_type=ErrorType.NETWORK_TIMEOUT,
                reason=Reason.SLOW,
            )


def too_large(most_bytes: int) -> PermanentError:
    """The error of a body beyond its cap."""
    return PermanentError(
        f"the body is larger than {most_bytes} bytes", error_type=ErrorType.FILE_TOO_LARGE, reason=Reason.BYTES
    )


def _pieces(chunk: bytes, decoder: BoundedDecoder | None) -> Iterator[bytes]:
    return iter((chunk,)) if decoder is None else decoder.feed(chunk)
