"""Ways to tell an operator something: webhooks, what apprise knows, and pings (operations.md 10).

Every address is a secret: one that is spelled like `https://hooks.example/T01/B02/abc` is a password. No error of
this room says more of it than its place in the list and its host, and no error names its cause, which would.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal, NoReturn
from urllib.parse import urlsplit

from trivia_scraper.domain.errors import ServiceUnreachable, SetupError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.notices import Message
from trivia_scraper.fetching.operator import open_operator_client
from trivia_scraper.ports import Channel, OperatorHttp, OperatorRequest, Pings

SECONDS: Final = 10.0
MOST_BYTES: Final = 1 << 20
_PING_PATHS: Final = {"start": "/start", "success": "", "failure": "/fail"}


@dataclass(frozen=True, slots=True)
class Channels:
    """What is configured. `refused`: by name, why an address cannot be used."""

    usable: Sequence[Channel]
    refused: Sequence[tuple[str, SetupError]]
    pings: Pings | None


@asynccontextmanager
async def open_channels(
    urls: Sequence[str], ping_url: str, version: str, *, seconds: float = SECONDS
) -> AsyncIterator[Channels]:
    """Open what the settings name; nobody is told anything yet.

    urls     webhooks, or addresses that apprise knows
    seconds  longest that one message may take
    """
    async with open_operator_client(version, seconds) as http:
        usable: list[Channel] = []
        refused: list[tuple[str, SetupError]] = []
        for number, url in enumerate(urls, start=1):
            name = _name(number, url)
            try:
                usable.append(await _channel(name, url, http, seconds))
            except SetupError as error:
                refused.append((name, error))
        yield Channels(usable, refused, PingUrl(ping_url, http) if ping_url else None)


class Webhook:
    """Implements `ports.Channel`: the message as JSON, by POST."""

    def __init__(self, name: str, url: str, http: OperatorHttp) -> None:
        self.name = name
        self._url = url
        self._http = http

    async def send(self, message: Message) -> None:
        """Post it once; any 2xx is yes."""
        await _ask(OperatorRequest("POST", self._url, document=message.document()), self.name, self._http)


class PingUrl:
    """Implements `ports.Pings`: the address itself for a success, `/start` and `/fail` below it for the rest."""

    def __init__(self, url: str, http: OperatorHttp) -> None:
        self.name = f"ping address ({urlsplit(url).hostname})"
        self._url = url
        self._http = http

    async def ping(self, event: Literal["start", "success", "failure"]) -> None:
        """Ask once; any 2xx is yes."""
        parts = urlsplit(self._url)
        url = parts._replace(path=parts.path.rstrip("/") + _PING_PATHS[event]).geturl()
        await _ask(OperatorRequest("GET", url), self.name, self._http)


async def _ask(request: OperatorRequest, name: str, http: OperatorHttp) -> None:
    try:
        answer = await http.send(request, max_bytes=MOST_BYTES)
    except ServiceUnreachable as error:
        _fail(name, _why(error), error.error_type)
    if not 200 <= answer.status < 300:
        _fail(name, f"answered HTTP {answer.status}", ErrorType.UNKNOWN_ERROR)


def _fail(name: str, why: str, error_type: ErrorType) -> NoReturn:
    raise ServiceUnreachable(f"{name} {why}", error_type=error_type) from None


def _why(error: ServiceUnreachable) -> str:
    # Its own words hold the address, and those of its cause may.
    if error.error_type is ErrorType.NETWORK_TIMEOUT:
        return "did not answer in time"
    if error.error_type is ErrorType.FILE_TOO_LARGE:
        return "answered far too much"
    return f"cannot be reached ({type(error.__cause__).__name__})"


def _name(number: int, url: str) -> str:
    """The host of a webhook; of the others only the scheme, because their hosts may be keys."""
    scheme = url.partition("://")[0].lower()
    if scheme not in ("http", "https"):
        return f"channel {number} ({scheme})"
    try:
        return f"channel {number} ({urlsplit(url).hostname or scheme})"
    except ValueError:
        return f"channel {number} ({scheme})"


async def _channel(name: str, url: str, http: OperatorHttp, seconds: float) -> Channel:
    if url.partition("://")[0].lower() in ("http", "https"):
        return Webhook(name, url, http)
    # Loads more than a hundred plug-ins: not in the event loop.
    return await asyncio.to_thread(_apprise_channel, name, url, seconds)


def _apprise_channel(name: str, url: str, seconds: float) -> Channel:
    try:
        from trivia_scraper.fetching.apprising import AppriseChannel
    except ModuleNotFoundError as error:
        if error.name != "apprise":
            raise
        raise SetupError(
            f"{name} needs a library that is not installed", hint="pip install 'trivia-scraper[notify]'"
        ) from error
    return AppriseChannel(name, url, seconds)
