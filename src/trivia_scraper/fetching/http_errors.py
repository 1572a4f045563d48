"""Translates what httpx and aiohttp raise into the domain's tree (safety.md 5, fact 4).

The pair mislabels: framing errors arrive as aiohttp's own, a server that hangs up as a connect time-out, an
address we refused as a cause three levels down. So the whole chain of causes is looked at, most telling first.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import aiohttp
import httpx
from aiohttp import http_exceptions

from trivia_scraper.domain.errors import AddressBlocked, AmbiguousError, InvalidUrl, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.fetching.guard import RefusedAddress
from trivia_scraper.fetching.resolver import LookupFailed
from trivia_scraper.fetching.subjects import Subject

_UNUSABLE: Final = (httpx.InvalidURL, httpx.UnsupportedProtocol, aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)

_ROWS: Final[tuple[tuple[tuple[type[BaseException], ...], ErrorType, Reason | None], ...]] = (
    ((LookupFailed, aiohttp.ClientConnectorDNSError, socket.gaierror), ErrorType.NETWORK_ERROR, Reason.DNS),
    ((ssl.SSLError, aiohttp.ClientSSLError), ErrorType.NETWORK_ERROR, Reason.TLS),
    ((http_exceptions.ContentLengthError,), ErrorType.NETWORK_ERROR, Reason.TRUNCATED),
    ((ConnectionRefusedError,), ErrorType.NETWORK_ERROR, Reason.REFUSED),
    ((ConnectionError, aiohttp.ServerDisconnectedError), ErrorType.NETWORK_ERROR, Reason.RESET),
    (
        (http_exceptions.HttpProcessingError, aiohttp.ClientResponseError, httpx.ProtocolError),
        ErrorType.NETWORK_ERROR,
        Reason.PROTOCOL,
    ),
    ((aiohttp.ClientPayloadError,), ErrorType.NETWORK_ERROR, Reason.TRUNCATED),
    ((aiohttp.ConnectionTimeoutError,), ErrorType.NETWORK_TIMEOUT, Reason.DEADLINE),
    ((aiohttp.ServerTimeoutError, httpx.ReadTimeout), ErrorType.NETWORK_TIMEOUT, Reason.READ),
    # aiohttp's own families stand before httpx's time-outs, which the transport hands out too freely.
    ((aiohttp.ClientConnectionError,), ErrorType.NETWORK_ERROR, None),
    ((httpx.TimeoutException, TimeoutError), ErrorType.NETWORK_TIMEOUT, Reason.DEADLINE),
    ((httpx.TransportError, OSError), ErrorType.NETWORK_ERROR, None),
)


def translate(error: Exception, subject: Subject) -> TriviaScraperError:
    """The domain's error for one of an HTTP library; never raises. What nobody knows is `unknown_error`."""
    chain = tuple(_chain(error))
    message = redact_text(f"{type(error).__name__}: {error}")[:300]
    if any(isinstance(link, RefusedAddress) for link in chain):
        return AddressBlocked("the host's address may not be contacted")
    if any(isinstance(link, _UNUSABLE) for link in chain):
        return InvalidUrl(message)
    if any(_is_cut_short(link) for link in chain):
        return subject.unreachable(message, error_type=ErrorType.NETWORK_ERROR, reason=Reason.TRUNCATED)
    for family, error_type, reason in _ROWS:
        if any(isinstance(link, family) for link in chain):
            return subject.unreachable(message, error_type=error_type, reason=reason)
    return AmbiguousError(message, error_type=ErrorType.UNKNOWN_ERROR)


def _is_cut_short(error: BaseException) -> bool:
    # aiohttp uses one class for a chunked body that ended early and for one that is malformed.
    return isinstance(error, http_exceptions.TransferEncodingError) and error.message.startswith("Not enough data")


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(16):
        if link is None:
            return
        yield link
        # A context counts only where "from None" hid it (httpx does so for a bad Location): any other may be
        # an older failure that the caller is still handling.
        link = link.__cause__ or (link.__context__ if link.__suppress_context__ else None)
