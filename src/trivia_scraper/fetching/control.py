"""The client of a running daemon's control socket: what `status` asks (operations.md 3). Loopback by nature."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from trivia_scraper.domain.errors import ServiceUnreachable
from trivia_scraper.domain.failures import ErrorType

ANSWER_SECONDS: Final = 10.0
MOST_BYTES: Final = 16 * 1024 * 1024
_HOST: Final = "http://localhost"


@dataclass(frozen=True, slots=True)
class ControlAnswer:
    """What the daemon said: its status code and the JSON object of its body."""

    status: int
    document: dict[str, Any]


async def ask_control(
    socket: Path, method: Literal["GET", "POST"], target: str, *, deadline_seconds: float = ANSWER_SECONDS
) -> ControlAnswer:
    """One exchange over a unix socket. Raises ServiceUnreachable when nobody answers in time, or no JSON object."""
    try:
        async with asyncio.timeout(deadline_seconds):
            status, body = await _exchange(socket, method, target)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ServiceUnreachable(
            f"the daemon at {socket} gave no answer within {deadline_seconds:g} s",
            error_type=ErrorType.NETWORK_TIMEOUT,
            hint="its log says why; `systemctl restart trivia-scraper` where it runs under systemd",
        ) from error
    except (httpx.HTTPError, OSError) as error:
        raise ServiceUnreachable(f"no daemon answers at {socket}: {type(error).__name__}: {error}") from error
    return ControlAnswer(status, _object(body, socket))


async def _exchange(socket: Path, method: str, target: str) -> tuple[int, bytes]:
    transport = httpx.AsyncHTTPTransport(uds=str(socket))
    async with (
        httpx.AsyncClient(transport=transport, base_url=_HOST, trust_env=False) as client,
        client.stream(method, target, headers={"Accept-Encoding": "identity"}) as response,
    ):
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MOST_BYTES:
                raise ServiceUnreachable(f"the answer at {socket} exceeds {MOST_BYTES:,} bytes")
        return response.status_code, bytes(body)


def _object(body: bytes, socket: Path) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise ServiceUnreachable(f"what answers at {socket} is no daemon of this program") from error
    if not isinstance(document, dict):
        raise ServiceUnreachable(f"what answers at {socket} is no daemon of this program")
    return document
