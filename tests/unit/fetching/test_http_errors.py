"""Exceptions of the libraries → the domain's tree (safety.md 5, fact 4). Real exception types, real chains."""

from __future__ import annotations

import asyncio
import socket
import ssl
from itertools import pairwise

import aiohttp
import httpx
import pytest
from aiohttp import http_exceptions
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from trivia_scraper.domain.errors import (
    AddressBlocked,
    AmbiguousError,
    ImageUnreachable,
    InvalidUrl,
    PageUnreachable,
)
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.fetching.guard import RefusedAddress
from trivia_scraper.fetching.http_errors import translate
from trivia_scraper.fetching.resolver import LookupFailed
from trivia_scraper.fetching.subjects import Subject

KEY = ConnectionKey("quiz.example.com", 443, True, True, None, None, None, None)
INFO = aiohttp.RequestInfo(URL("https://quiz.example.com/"), "GET", CIMultiDictProxy(CIMultiDict()))
NETWORK, TIMEOUT = ErrorType.NETWORK_ERROR, ErrorType.NETWORK_TIMEOUT


def chained(*links: Exception) -> Exception:
    """Each caused by the next."""
    for effect, cause in pairwise(links):
        effect.__cause__ = cause
    return links[0]


def connector(cause: OSError, outer: type[aiohttp.ClientConnectorError] = aiohttp.ClientConnectorError) -> Exception:
    return chained(httpx.ConnectTimeout("mislabelled"), outer(KEY, cause), cause)


def payload(cause: Exception) -> Exception:
    return chained(httpx.ReadError(""), aiohttp.ClientPayloadError(""), cause)


@pytest.mark.parametrize(
    ("error", "error_type", "reason"),
    [
        (connector(LookupFailed("no"), aiohttp.ClientConnectorDNSError), NETWORK, Reason.DNS),
        (connector(socket.gaierror(-2, "unknown")), NETWORK, Reason.DNS),
        (connector(ssl.SSLCertVerificationError("expired")), NETWORK, Reason.TLS),
        (connector(ConnectionRefusedError(111, "refused")), NETWORK, Reason.REFUSED),
        (connector(OSError(101, "Network is unreachable")), NETWORK, None),
        (chained(httpx.ConnectTimeout(""), aiohttp.ServerDisconnectedError()), NETWORK, Reason.RESET),
        (chained(httpx.ConnectTimeout(""), aiohttp.ClientOSError(), ConnectionResetError()), NETWORK, Reason.RESET),
        (payload(http_exceptions.ContentLengthError("")), NETWORK, Reason.TRUNCATED),
        (payload(http_exceptions.TransferEncodingError("Not enough data for it")), NETWORK, Reason.TRUNCATED),
        (payload(http_exceptions.TransferEncodingError("bad chunk")), NETWORK, Reason.PROTOCOL),
        (aiohttp.ClientResponseError(INFO, (), status=400, message="bad"), NETWORK, Reason.PROTOCOL),
        (httpx.RemoteProtocolError("bad"), NETWORK, Reason.PROTOCOL),
        (chained(httpx.ReadTimeout(""), aiohttp.SocketTimeoutError()), TIMEOUT, Reason.READ),
        (chained(httpx.TimeoutException(""), aiohttp.ConnectionTimeoutError()), TIMEOUT, Reason.DEADLINE),
        (httpx.ReadTimeout(""), TIMEOUT, Reason.READ),
        (httpx.ConnectTimeout(""), TIMEOUT, Reason.DEADLINE),
        (httpx.PoolTimeout(""), TIMEOUT, Reason.DEADLINE),
        (TimeoutError(), TIMEOUT, Reason.DEADLINE),
        (httpx.ConnectError(""), NETWORK, None),
        (httpx.ReadError(""), NETWORK, None),
        (OSError(5, "Input/output error"), NETWORK, None),
    ],
)  # fmt: skip
def test_transient_errors(error: Exception, error_type: ErrorType, reason: Reason | None) -> None:
    """R136: what the HTTP libraries really raise."""
    for subject, expected in ((Subject.PAGE, PageUnreachable), (Subject.IMAGE, ImageUnreachable)):
        translated = translate(error, subject)
        assert type(translated) is expected
        assert (translated.error_type, translated.reason) == (error_type, reason)


def test_a_refused_address_is_found_wherever_it_hides() -> None:
    assert isinstance(translate(connector(RefusedAddress("no")), Subject.PAGE), AddressBlocked)


@pytest.mark.parametrize(
    "error",
    [
        httpx.InvalidURL("no"),
        httpx.UnsupportedProtocol("no"),
        aiohttp.InvalidURL("no"),
        aiohttp.NonHttpUrlClientError("no"),
    ],
)
def test_unusable_urls(error: Exception) -> None:
    assert isinstance(translate(error, Subject.IMAGE), InvalidUrl)


def raised_while_handling(earlier: Exception, error: Exception, *, hidden: bool) -> Exception:
    """`error` as it looks when raised in the handler of `earlier`, with or without `from None`."""
    error.__context__ = earlier
    error.__suppress_context__ = hidden
    return error


def test_a_location_that_httpx_cannot_parse_is_an_invalid_url() -> None:
    """httpx says so with `from None`: the cause is only in the hidden context."""
    error = raised_while_handling(httpx.InvalidURL("bad port"), httpx.RemoteProtocolError("bad"), hidden=True)
    assert isinstance(translate(error, Subject.PAGE), InvalidUrl)


def test_an_older_failure_that_is_being_handled_is_not_the_cause() -> None:
    error = raised_while_handling(RefusedAddress("earlier"), httpx.ReadTimeout("now"), hidden=False)
    assert translate(error, Subject.PAGE).error_type is TIMEOUT


def test_what_nobody_knows_is_an_unknown_error_and_keeps_no_secret() -> None:
    translated = translate(RuntimeError("odd: https://a.example/?key=hunter2"), Subject.PAGE)
    assert isinstance(translated, AmbiguousError)
    assert translated.error_type is ErrorType.UNKNOWN_ERROR
    assert "hunter2" not in translated.message


def test_cancellation_is_no_error_to_translate() -> None:
    assert not issubclass(asyncio.CancelledError, Exception)


def test_a_ring_of_causes_ends() -> None:
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__cause__, second.__cause__ = second, first
    assert translate(first, Subject.PAGE).error_type is ErrorType.UNKNOWN_ERROR
