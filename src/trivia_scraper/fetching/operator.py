"""HTTP to services that the configuration names: object stores, later webhooks (safety.md 3).

Another client object than the one that reads sites, with no way from scraped data to it: no address guard, because
an operator's own services may lie in a private network; no redirect, cookie, proxy or .netrc of the environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from trivia_scraper.domain.errors import ServiceUnreachable
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.redaction import redact_text, strip_secrets
from trivia_scraper.ports import OperatorAnswer, OperatorRequest

CONNECT_SECONDS: Final = 5.0
_CONNECTIONS: Final = 8


@asynccontextmanager
async def open_operator_client(version: str, deadline_seconds: float) -> AsyncIterator[OperatorClient]:
    """Open the client; leaving closes its connections.

    deadline_seconds  longest a whole exchange may take
    """
    client = httpx.AsyncClient(
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx.Timeout(deadline_seconds, connect=min(CONNECT_SECONDS, deadline_seconds)),
        limits=httpx.Limits(max_connections=_CONNECTIONS),
        # Bytes are counted as they come, so nothing may be packed: a small answer could unpack to anything.
        headers={"User-Agent": f"trivia-scraper/{version}", "Accept-Encoding": "identity"},
    )
    async with client:
        yield OperatorClient(client, deadline_seconds)


class OperatorClient:
    """Implements `ports.OperatorHttp`."""

    def __init__(self, client: httpx.AsyncClient, deadline_seconds: float) -> None:
        self._client = client
        self._deadline_seconds = deadline_seconds

    async def send(self, request: OperatorRequest, *, max_bytes: int) -> OperatorAnswer:
        """One exchange within the deadline, its body up to `max_bytes`."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._exchange(request, max_bytes)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _unreachable(
                request, f"no answer within {self._deadline_seconds:g} s", ErrorType.NETWORK_TIMEOUT, Reason.DEADLINE
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            told = redact_text(str(error)) or type(error).__name__
            raise _unreachable(request, told, ErrorType.NETWORK_ERROR, None) from error

    async def _exchange(self, request: OperatorRequest, max_bytes: int) -> OperatorAnswer:
        async with self._client.stream(
            request.method,
            request.url,
            params=dict(request.query) or None,
            json=request.document,
            data=dict(request.form) or None,
            files=_files(request),
            auth=(request.user, "") if request.user else None,
        ) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > max_bytes:
                    raise _unreachable(
                        request, f"the answer exceeds {max_bytes:,} bytes", ErrorType.FILE_TOO_LARGE, Reason.BYTES
                    )
            return OperatorAnswer(response.status_code, dict(response.headers), bytes(body))


def _files(request: OperatorRequest) -> dict[str, tuple[str, bytes, str]] | None:
    if request.file is None:
        return None
    name, media_type, body = request.file
    return {"file": (name, body, media_type)}


def _unreachable(
    request: OperatorRequest, why: str, error_type: ErrorType, reason: Reason | None
) -> ServiceUnreachable:
    place = strip_secrets(request.url)
    return ServiceUnreachable(f"{request.method} {place}: {why}", error_type=error_type, reason=reason)
