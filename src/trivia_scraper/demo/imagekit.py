"""An ImageKit account in memory: uploads, listings, details, deletions, purges and its URL endpoint.

It answers as ImageKit's interface is described: basic authentication with the private key as the user, names cut to
the characters it allows, an overwriting upload that makes a new version, a CDN in front that keeps what it served
until it is told to forget it. Tests switch its faults by hand: `site.imagekit.fault = KitFault.BUSY`.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import re
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trivia_scraper.demo.multipart import read_form

MOUNT: Final = "/imagekit"
ENDPOINT: Final = f"{MOUNT}/served"
PRIVATE_KEY: Final = "private_of_the_replica"

_MOST_LISTED: Final = 1000
_EXACT_NAME: Final = re.compile(r'name = "([^"]*)"')
_UNFIT_NAME: Final = re.compile(r"[^\w.-]", re.ASCII)
_UNFIT_FOLDER: Final = re.compile(r"[^\w/-]", re.ASCII)


class KitFault(StrEnum):
    """How the account misbehaves. The last four concern uploads only."""

    KEY_REFUSED = "key_refused"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    BROKEN = "broken"
    SLOW = "slow"
    PURGE_REFUSED = "purge_refused"
    ENDPOINT_CLOSED = "endpoint_closed"
    BUSY_UPLOADS = "busy_uploads"
    FULL = "full"
    LOSES = "loses"
    DAMAGES = "damages"


_REFUSALS: Final[dict[KitFault, tuple[int, str, dict[str, str]]]] = {
    KitFault.KEY_REFUSED: (401, "Your account cannot be authenticated.", {}),
    KitFault.FORBIDDEN: (403, "This key may not do that.", {}),
    KitFault.BUSY: (429, "Too many requests.", {"X-RateLimit-Reset": "1500"}),
    KitFault.BROKEN: (500, "Something went wrong.", {}),
}


@dataclass(slots=True)
class KitObject:
    """One stored file. `path` starts at the account's root."""

    id: str
    path: str
    body: bytes
    media_type: str
    tags: tuple[str, ...]
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class ImageKitAccount:
    """What is stored, what the CDN remembers, and which fault is switched on.

    times   this many refusals, then all is well again; None = until somebody says so
    purged  addresses that the CDN was asked to forget, in order
    """

    fault: KitFault | None = None
    times: int | None = None
    objects: dict[str, KitObject] = field(default_factory=dict)
    cached: dict[str, bytes] = field(default_factory=dict)
    purged: list[str] = field(default_factory=list)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def store(self, path: str, body: bytes, media_type: str, tags: tuple[str, ...]) -> KitObject:
        """Under a path that is taken: a new version of the same file."""
        now, known = dt.datetime.now(dt.UTC), self.objects.get(path)
        stored = KitObject(
            id=known.id if known else f"kit{next(self._ids):06}",
            path=path,
            body=body,
            media_type=media_type,
            tags=tags or (known.tags if known else ()),
            created_at=known.created_at if known else now,
            updated_at=now,
        )
        self.objects[path] = stored
        return stored

    def wear_off(self) -> None:
        """One refusal less to come."""
        if self.times is not None:
            self.times -= 1
            if not self.times:
                self.fault = self.times = None

    def by_id(self, file_id: str) -> KitObject | None:
        """The file of this id."""
        return next((each for each in self.objects.values() if each.id == file_id), None)


def imagekit_routes(account: ImageKitAccount, closing: asyncio.Event) -> list[Route]:
    """Everything below /imagekit/. `closing` ends what waits when the replica goes down."""
    desk = _Desk(account, closing)
    return [
        Route(f"{MOUNT}/api/v1/files/upload", desk.upload, methods=["POST"]),
        Route(f"{MOUNT}/v1/files", desk.listing),
        Route(f"{MOUNT}/v1/files/purge", desk.purge, methods=["POST"]),
        Route(f"{MOUNT}/v1/files/{{file_id}}/details", desk.details),
        Route(f"{MOUNT}/v1/files/{{file_id}}", desk.delete, methods=["DELETE"]),
        Route(f"{ENDPOINT}/{{path:path}}", desk.deliver),
    ]


class _Desk:
    def __init__(self, account: ImageKitAccount, closing: asyncio.Event) -> None:
        self._account = account
        self._closing = closing

    async def upload(self, request: Request) -> Response:
        refusal = await self._refuse(request)
        if refusal is not None:
            return refusal
        if self._account.fault is KitFault.BUSY_UPLOADS:
            self._account.wear_off()
            return _refused(*_REFUSALS[KitFault.BUSY])
        if self._account.fault is KitFault.FULL:
            return _refused(403, "Storage limit of your plan exceeded. Please upgrade.")
        try:
            body = await request.body()
        except ClientDisconnect:  # killed in the middle of an upload: nothing is stored, and nobody is left to answer
            return Response(status_code=400)
        fields, file = read_form(request.headers.get("content-type", ""), body)
        if file is None or "fileName" not in fields:
            return _refused(400, "Missing file or fileName parameter for upload.")
        folder = "/" + _UNFIT_FOLDER.sub("_", fields.get("folder", "/")).strip("/")
        path = f"{folder.rstrip('/')}/{_UNFIT_NAME.sub('_', fields['fileName'])}"
        content = file.body[::-1] if self._account.fault is KitFault.DAMAGES else file.body
        tags = tuple(tag for tag in fields.get("tags", "").split(",") if tag)
        stored = self._account.store(path, content, file.media_type, tags)
        if self._account.fault is KitFault.LOSES:
            del self._account.objects[path]
        answer = _described(stored, _origin(request))
        del answer["createdAt"], answer["updatedAt"]  # the answer to an upload has neither
        return JSONResponse(answer)

    async def listing(self, request: Request) -> Response:
        refusal = await self._refuse(request)
        if refusal is not None:
            return refusal
        asked = request.query_params
        folder = "/" + asked.get("path", "/").strip("/")
        found: list[dict[str, Any]] = [
            _described(each, _origin(request)) for each in self._in_folder(folder, asked.get("searchQuery", ""))
        ]
        if asked.get("type") == "all":
            found = [
                {"type": "folder", "name": name, "folderPath": path} for name, path in self._below(folder)
            ] + found
        start, most = int(asked.get("skip", "0")), min(int(asked.get("limit", str(_MOST_LISTED))), _MOST_LISTED)
        return JSONResponse(found[start : start + most])

    def _in_folder(self, folder: str, search: str) -> list[KitObject]:
        exact = _EXACT_NAME.fullmatch(search)
        here = (each for each in self._account.objects.values() if (each.path.rpartition("/")[0] or "/") == folder)
        wanted = (each for each in here if exact is None or each.path.endswith(f"/{exact[1]}"))
        return sorted(wanted, key=lambda each: each.created_at)

    def _below(self, folder: str) -> list[tuple[str, str]]:
        inside = folder.rstrip("/") + "/"
        rest = (path[len(inside) :] for path in self._account.objects if path.startswith(inside))
        names = sorted({each.partition("/")[0] for each in rest if "/" in each})
        return [(name, inside + name) for name in names]

    async def details(self, request: Request) -> Response:
        refusal = await self._refuse(request)
        found = self._account.by_id(request.path_params["file_id"])
        if refusal is not None or found is None:
            return refusal or _refused(404, "The requested file does not exist.")
        return JSONResponse(_described(found, _origin(request)))

    async def delete(self, request: Request) -> Response:
        refusal = await self._refuse(request)
        found = self._account.by_id(request.path_params["file_id"])
        if refusal is not None or found is None:
            return refusal or _refused(404, "The requested file does not exist.")
        del self._account.objects[found.path]
        return Response(status_code=204)

    async def purge(self, request: Request) -> Response:
        refusal = await self._refuse(request)
        if refusal is not None:
            return refusal
        if self._account.fault is KitFault.PURGE_REFUSED:
            return _refused(400, "Purge requests of this month are used up.")
        url = (await request.json())["url"]
        self._account.purged.append(url)
        path = unquote(urlsplit(url).path)
        for address in [each for each in self._account.cached if each.partition("?")[0] == path]:
            del self._account.cached[address]
        return JSONResponse({"requestId": f"purge{len(self._account.purged)}"}, status_code=201)

    async def deliver(self, request: Request) -> Response:
        if self._account.fault is KitFault.ENDPOINT_CLOSED:
            return _refused(403, "Unsigned requests are not allowed.")
        address = f"{request.scope['path']}?{request.url.query}"
        found = self._account.objects.get("/" + request.path_params["path"])
        if address not in self._account.cached:
            if found is None:
                return _refused(404, "Not found")
            self._account.cached[address] = found.body
        media_type = found.media_type if found else None
        return Response(self._account.cached[address], media_type=media_type)

    async def _refuse(self, request: Request) -> Response | None:
        if self._account.fault is KitFault.SLOW:
            await self._closing.wait()
        wanted = base64.b64encode(f"{PRIVATE_KEY}:".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return _refused(*_REFUSALS[KitFault.KEY_REFUSED])
        refusal = _REFUSALS.get(self._account.fault) if self._account.fault else None
        if refusal is None:
            return None
        self._account.wear_off()
        return _refused(*refusal)


def _described(stored: KitObject, origin: str) -> dict[str, Any]:
    return {
        "type": "file",
        "fileId": stored.id,
        "name": stored.path.rpartition("/")[2],
        "filePath": stored.path,
        "tags": list(stored.tags) or None,
        "size": len(stored.body),
        "mime": stored.media_type,
        "url": f"{origin}{ENDPOINT}{stored.path}",
        "createdAt": _stamp(stored.created_at),
        "updatedAt": _stamp(stored.updated_at),
    }


def _stamp(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _refused(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"message": message, "help": "Invented by the replica."}, status, headers)
