"""What was asked of the replica: per path, how often, how it was answered, and whether bytes were sent."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTROL_PREFIX: Final = "/_control/"
RECENT_LIMIT: Final = 20_000
_CONDITIONS: Final = (b"if-none-match", b"if-modified-since")


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request and its answer.

    path            decoded; query separately, without "?"
    is_conditional  If-None-Match or If-Modified-Since was sent
    is_no_cache     Cache-Control: no-cache was sent
    body_sent       any byte of a body went out
    """

    method: str
    path: str
    query: str
    status: int
    is_conditional: bool
    is_no_cache: bool
    body_sent: bool


class RequestLog:
    """Requests since the last reset; counts are kept for all, the order for the latest 20,000."""

    def __init__(self) -> None:
        self._counts: Counter[RequestSeen] = Counter()
        self._recent: deque[RequestSeen] = deque(maxlen=RECENT_LIMIT)
        self.bytes_sent = 0
        self.in_flight = 0
        self.most_in_flight = 0

    def reset(self) -> None:
        """Forget everything seen so far; requests under way count when they end."""
        self._counts.clear()
        self._recent.clear()
        self.bytes_sent = 0
        self.most_in_flight = self.in_flight

    def began(self) -> None:
        """A request came in."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def ended(self, seen: RequestSeen, bytes_sent: int) -> None:
        """Its answer is out, or was broken off."""
        self.in_flight -= 1
        self._counts[seen] += 1
        self._recent.append(seen)
        self.bytes_sent += bytes_sent

    @property
    def total(self) -> int:
        """Requests since the last reset."""
        return self._counts.total()

    def requests(self) -> Sequence[RequestSeen]:
        """The latest requests, oldest first."""
        return tuple(self._recent)

    def count(self, path: str, **wanted: object) -> int:
        """Requests for `path`, and of those only the ones with these fields: count(p, status=304)."""
        return sum(number for seen, number in self._counts.items() if seen.path == path and _has(seen, wanted))

    def count_where(self, is_wanted: Callable[[RequestSeen], bool]) -> int:
        """Requests of which `is_wanted` is true."""
        return sum(number for seen, number in self._counts.items() if is_wanted(seen))

    def as_json(self) -> dict[str, Any]:
        """{"total", "bytes_sent", "most_in_flight", "paths": {path: [{method, status, …, count}]}}."""
        paths: dict[str, list[dict[str, Any]]] = {}
        for seen, number in self._counts.items():
            row = {name: value for name, value in asdict(seen).items() if name != "path"}
            paths.setdefault(seen.path, []).append({**row, "count": number})
        return {
            "total": self.total,
            "bytes_sent": self.bytes_sent,
            "most_in_flight": self.most_in_flight,
            "paths": paths,
        }


class RequestRecorder:
    """ASGI middleware that writes the log; control requests are not part of it."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it was answered."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        self._log.began()
        try:
            await self._app(scope, receive, answer)
        finally:
            self._log.ended(_seen(scope, answer), 0 if scope["method"] == "HEAD" else answer.bytes_sent)


class _Answer:
    """Counts what passes through `send`."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.bytes_sent = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.bytes_sent += len(message.get("body", b""))
        await self._send(message)


def _seen(scope: Scope, answer: _Answer) -> RequestSeen:
    headers = dict(scope["headers"])
    return RequestSeen(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        status=answer.status,
        is_conditional=any(name in headers for name in _CONDITIONS),
        is_no_cache=b"no-cache" in headers.get(b"cache-control", b""),
        body_sent=answer.bytes_sent > 0 and scope["method"] != "HEAD",
    )


def _has(seen: RequestSeen, wanted: dict[str, object]) -> bool:
    return all(getattr(seen, name) == value for name, value in wanted.items())
