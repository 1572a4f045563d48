"""The pages: alive, ready, metrics, status; and, at the control socket, a reload."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.documents import plain_document
from trivia_scraper.domain.error_documents import BUG, error_document
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.live import DaemonState
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.web.documents import SCHEMA, readiness_document, refused_document, reload_document
from trivia_scraper.web.doors import LIVEZ, METRICS, READYZ, RELOAD, STATUS, Door
from trivia_scraper.web.guarding import Guard
from trivia_scraper.web.tries import WrongTries

STATUS_SECONDS: Final = 10.0

Page: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages ask the daemon for.

    state    the daemon at this moment; no I/O
    status   what `trivia-scraper status --json` prints; may ask the database, within STATUS_SECONDS
    metrics  Accept header → the page for Prometheus and its media type
    reload   read the configuration anew → why it was refused, or "", and the changed keys that need a restart
    """

    state: Callable[[], DaemonState]
    status: Callable[[], Awaitable[Mapping[str, Any]]]
    metrics: Callable[[str], tuple[bytes, str]]
    reload: Callable[[], Awaitable[tuple[str, Sequence[str]]]]


def build_app(pages: Pages, door: Door, monotonic: Callable[[], float], log: FilteringBoundLogger) -> ASGIApp:
    """The application behind one door. A path that does not belong there is 404, another method 405."""
    answers: Mapping[str, tuple[Page, str]] = {
        LIVEZ: (_alive, "GET"),
        READYZ: (_ready(pages), "GET"),
        METRICS: (_metrics(pages), "GET"),
        STATUS: (_status(pages), "GET"),
        RELOAD: (_reload(pages), "POST"),
    }
    routes = [
        Route(path, _contained(page, log), methods=[method])
        for path, (page, method) in answers.items()
        if path in door.pages
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return Guard(app, door=door, tries=WrongTries(monotonic), log=log)


async def _alive(_: Request) -> Response:
    # That this is answered at all is what it says: the event loop turns.
    return PlainTextResponse("ok\n")


def _ready(pages: Pages) -> Page:
    async def ready(_: Request) -> Response:
        document = readiness_document(pages.state())
        return _json(document, 200 if document["ready"] else 503)

    return ready


def _metrics(pages: Pages) -> Page:
    async def metrics(request: Request) -> Response:
        body, media_type = pages.metrics(request.headers.get("accept", ""))
        return Response(body, media_type=media_type)

    return metrics


def _status(pages: Pages) -> Page:
    async def status(_: Request) -> Response:
        try:
            async with asyncio.timeout(STATUS_SECONDS):
                document = plain_document(await pages.status())
        except TimeoutError:
            return _json(refused_document("timeout", f"no answer within {STATUS_SECONDS:g} s", "try again"), 503)
        except TriviaScraperError as error:
            return _json({"schema": SCHEMA, **error_document(error)}, 503)
        return _json({"schema": SCHEMA, **document})

    return status


def _reload(pages: Pages) -> Page:
    async def reload(_: Request) -> Response:
        error, restart_keys = await pages.reload()
        return _json(reload_document(error, restart_keys), 422 if error else 200)

    return reload


def _contained(page: Page, log: FilteringBoundLogger) -> Page:
    """A bug in one page costs that answer only."""

    async def contained(request: Request) -> Response:
        try:
            return await page(request)
        except Exception as error:
            log.error(LogEvent.WEB_CRASHED, path=request.url.path, exc_info=error)
            return _json(refused_document(BUG, f"unexpected {type(error).__name__}", "the log has the rest"), 500)

    return contained


def _json(document: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document, ensure_ascii=True) + "\n", status, media_type="application/json")
