"""How a request for a picture is answered: 200, 304, or one of the many ways in which it goes wrong."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from trivia_scraper.demo.images import ServedImage
from trivia_scraper.demo.pictures import picture, plain
from trivia_scraper.demo.switches import ImageFault, ImageSwitch

TINY_BYTES: Final = 80
_TICK_SECONDS: Final = 0.25
_HTML_NOT_A_PICTURE: Final = (
    "<!DOCTYPE html><html><head><title>Hotlinking is not allowed</title></head>"
    "<body><h1>Sorry!</h1><p>This picture can only be seen on our own pages.</p></body></html>"
)


def answer_image(headers: Headers, image: ServedImage, fault: ImageSwitch | None, closing: asyncio.Event) -> Response:
    """The answer to one request; `closing` ends a slow body when the replica goes down."""
    if fault is None:
        return _not_modified(image) if is_unchanged(headers, image) else _full(image)
    match fault.fault:
        case ImageFault.STATUS:
            retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return HTMLResponse(f"<h1>{fault.status}</h1>", fault.status, headers=retry)
        case ImageFault.REDIRECT:
            return Response(status_code=302, headers={"Location": fault.location})
        case ImageFault.HTML:
            return _full(replace(image, body=_HTML_NOT_A_PICTURE.encode()))
        case ImageFault.TINY:
            return _full(replace(image, body=image.body[:TINY_BYTES]))
        case ImageFault.EMPTY:
            return _full(replace(image, body=b""))
        case ImageFault.BLANK:
            return _full(replace(image, body=plain((800, 600))))
        case ImageFault.ICON:
            return _full(replace(image, body=picture("icon", format="png", width=32, height=32, quality=0)))
        case ImageFault.NO_PICTURE:
            return _full(
                replace(image, body=picture("no picture yet", format="jpg", width=800, height=600, quality=80))
            )
        case ImageFault.TRUNCATED:
            return _full(replace(image, body=image.body[: len(image.body) // 2]))
        case ImageFault.CUT_OFF:
            return _CutOff(image.body, headers=_headers(image))
        case ImageFault.SLOW:
            return _slow(image, fault.bytes_per_second, closing)
        case _:
            return _full(image)


def is_unchanged(headers: Headers, image: ServedImage) -> bool:
    """RFC 9110 13.2.2: If-None-Match decides where it is sent, else If-Modified-Since."""
    tags = headers.get("if-none-match")
    if tags is not None:
        wanted = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "*" in wanted or image.etag in wanted
    since = _date(headers.get("if-modified-since"))
    return since is not None and image.last_modified <= since


def _date(header: str | None) -> dt.datetime | None:
    if header is None:
        return None
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None  # an unreadable date is ignored, as RFC 9110 13.1.3 asks
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)


def _headers(image: ServedImage) -> dict[str, str]:
    return {
        "ETag": image.etag,
        "Last-Modified": image.last_modified_header,
        "Cache-Control": "public, max-age=31536000",
        "Content-Type": image.content_type,
    }


def _full(image: ServedImage) -> Response:
    return Response(image.body, headers=_headers(image))


def _not_modified(image: ServedImage) -> Response:
    headers = _headers(image)
    del headers["Content-Type"]
    return Response(status_code=304, headers=headers)


def _slow(image: ServedImage, bytes_per_second: int, closing: asyncio.Event) -> Response:
    return StreamingResponse(
        _trickle(image.body, bytes_per_second, closing),
        headers={**_headers(image), "Content-Length": str(len(image.body))},
    )


async def _trickle(body: bytes, bytes_per_second: int, closing: asyncio.Event) -> AsyncIterator[bytes]:
    step = max(1, round(bytes_per_second * _TICK_SECONDS))
    pause = step / bytes_per_second
    for start in range(0, len(body), step):
        yield body[start : start + step]
        try:
            await asyncio.wait_for(closing.wait(), pause)
        except TimeoutError:
            continue
        return


class _CutOff(Response):
    """Promises the whole body, sends half, and hangs up."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        # Returning without the last part makes the server close the connection, and say so in its log.
        await send({"type": "http.response.body", "body": half, "more_body": True})
