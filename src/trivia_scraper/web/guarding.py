"""What is asked of every request before a page sees it, and what every answer carries (safety.md 10)."""

from __future__ import annotations

import hmac
import math
from email.utils import formatdate
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.web.doors import LIVEZ, METRICS, Door
from trivia_scraper.web.tries import WrongTries

_CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _CONTENT_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    # A request a connection: nobody holds one open, and a stop has nobody to wait for.
    "connection": "close",
}
_NO_ADDRESS: Final = "unix"


class Guard:
    """ASGI middleware: Host, token, network, in this order; security headers on every answer."""

    def __init__(self, app: ASGIApp, *, door: Door, tries: WrongTries, log: FilteringBoundLogger) -> None:
        self._app = app
        self._door = door
        self._tries = tries
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        answer = self._refusal(scope) or self._app
        await answer(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        peer: str | None = scope["client"][0] if scope.get("client") else None
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._door.knows_host(hosts[0]):
            return _refused(400, "this name is not in web.allowed_hosts")
        if path != LIVEZ and self._door.token:
            refusal = self._refuse_stranger(headers.get("authorization"), peer or _NO_ADDRESS)
            if refusal is not None:
                return refusal
        if path == METRICS and not self._door.may_read_metrics(peer):
            return _refused(403, "this address is not in metrics.allow")
        return None

    def _refuse_stranger(self, authorization: str | None, peer: str) -> Response | None:
        if authorization is None:
            return _refused(401, "a bearer token is needed", **{"www-authenticate": "Bearer"})
        wait = self._tries.wait_seconds(peer)
        if wait:
            return _refused(429, "too many wrong tokens", **{"retry-after": str(math.ceil(wait))})
        scheme, _, token = authorization.partition(" ")
        # Bytes, because compare_digest takes no text beyond ASCII, and headers may have it.
        if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._door.token.encode()):
            return None
        self._tries.note(peer)
        self._log.warning(LogEvent.WEB_REFUSED, peer=peer, why="wrong token")
        return _refused(401, "wrong token", **{"www-authenticate": 'Bearer error="invalid_token"'})


def _refused(status: int, why: str, **headers: str) -> Response:
    return PlainTextResponse(f"{why}\n", status, headers=headers)


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["date"] = formatdate(usegmt=True)
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return send_with_headers
