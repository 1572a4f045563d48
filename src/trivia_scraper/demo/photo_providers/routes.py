"""The fake interfaces as routes: keys are looked at first, then switches, then the place."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from trivia_scraper.demo.image_answers import answer_image
from trivia_scraper.demo.photo_providers.answers import ApiAnswer, ApiCall, Listed, PhotoApi
from trivia_scraper.demo.photo_providers.google import GoogleClassic, GoogleNew
from trivia_scraper.demo.photo_providers.others import NOTICE, Foursquare, Here, Unsplash
from trivia_scraper.demo.photo_providers.switches import PhotoApiFault, PhotoApiSwitch
from trivia_scraper.demo.photo_providers.world import API_PREFIX, CDN_PREFIX, GOOGLE, PhotoWorld
from trivia_scraper.demo.site import ReplicaSite
from trivia_scraper.demo.switches import PhotoHop

Endpoint = Callable[[Request], Awaitable[Response]]

_CLASSIC: Final = "google_classic"
_APIS: Final[dict[str, PhotoApi]] = {
    GOOGLE: GoogleNew(),
    _CLASSIC: GoogleClassic(),
    "foursquare": Foursquare(),
    "here": Here(),
    "unsplash": Unsplash(),
}
_CREDENTIALS: Final = frozenset({"x-goog-api-key", "authorization"})
_WRONG_SHAPE: Final = {"photos": {"count": 3}, "images": "none", "results": {}, "result": [], "status": "FINE"}


def photo_routes(site: ReplicaSite) -> list[Route]:
    """Listings of all interfaces, Google's redirects to photos, Unsplash's notice, and the photos' files."""

    async def media(request: Request) -> Response:
        return await _redirect(site, request, request.path_params["photo"], GoogleNew())

    async def classic_photo(request: Request) -> Response:
        return await _redirect(site, request, request.query_params.get("photo_reference", ""), GoogleClassic())

    async def photo_file(request: Request) -> Response:
        return await _file(site, request)

    return [
        Route(f"{API_PREFIX}/{GOOGLE}/v1/places/{{place}}/photos/{{photo}}/media", media),
        Route(f"{API_PREFIX}/{_CLASSIC}/maps/api/place/photo", classic_photo),
        *(Route(f"{API_PREFIX}/{slug}/{{rest:path}}", _listings(site, slug, api)) for slug, api in _APIS.items()),
        Route(f"{CDN_PREFIX}/{{rest:path}}", photo_file),
    ]


def _listings(site: ReplicaSite, slug: str, api: PhotoApi) -> Endpoint:
    async def answer(request: Request) -> Response:
        call = _call(site, request, slug)
        refusal = api.refuse_key(call, site.photos.keys[_source(slug)])
        place = api.place(call)
        if refusal is None and place is None:
            return _noticed(call) if slug == "unsplash" and NOTICE.fullmatch(call.path) else _json(api.refusal(404))
        if refusal is not None or place is None:
            return _json(refusal or api.refusal(404))
        fault = site.switches.take_photo_api_fault(slug, place)
        if fault is None:
            return _json(_listing(site.photos, slug, api, call, place))
        if fault.fault is PhotoApiFault.SLOW:
            await _wait(site.closing, fault.seconds)
            return _json(_listing(site.photos, slug, api, call, place))
        return _spoilt(fault, api, call, place)

    return answer


def _listing(world: PhotoWorld, slug: str, api: PhotoApi, call: ApiCall, place: str) -> ApiAnswer:
    source = _source(slug)
    photos = world.photos(source, place)
    if photos is None:
        return api.unknown_place(place)
    listed = [Listed(each, world.reference(place, each), call.cdn + world.hang(source, each)) for each in photos]
    return api.listing(call, place, listed, world.types(place))


def _spoilt(fault: PhotoApiSwitch, api: PhotoApi, call: ApiCall, place: str) -> Response:
    match fault.fault, api:
        case PhotoApiFault.STATUS, _:
            return _json(api.refusal(fault.status), fault.retry_after)
        case PhotoApiFault.NO_BODY, _:
            return Response(status_code=fault.status)
        case PhotoApiFault.EMPTY, _:
            return _json(api.listing(call, place, (), ()))
        case PhotoApiFault.HTML, _:
            return HTMLResponse("<!DOCTYPE html><html><body><h1>Service maintenance</h1></body></html>")
        case PhotoApiFault.WRONG_SHAPE, _:
            return JSONResponse(_WRONG_SHAPE)
        case PhotoApiFault.DISABLED, GoogleNew():
            return _json(api.disabled())
        case PhotoApiFault.DENIED, GoogleClassic():
            return _json(api.denied())
        case PhotoApiFault.OVER_LIMIT, GoogleClassic():
            return _json(api.over_limit())
        case _:
            return Response('{"photos": [{"name": "places/', media_type="application/json")


async def _redirect(site: ReplicaSite, request: Request, reference: str, api: GoogleNew | GoogleClassic) -> Response:
    """Google's way to the bytes: a refusal is answered here, what else goes wrong is wrong at the file."""
    call = _call(site, request, GOOGLE)
    if not _has_photo_key(call, site.photos.keys[GOOGLE]):
        return _json(api.refusal(403))
    photo = site.photos.referred(reference)
    if photo is None:
        return _json(api.refusal(400))
    path = site.photos.hang(GOOGLE, photo)
    fault = site.switches.take_photo_fault(path, "first")
    if fault is not None:
        return answer_image(request.headers, await site.gallery.current(path), fault, site.closing)
    return Response(status_code=302, headers={"Location": call.cdn + path, "Cache-Control": "private, max-age=86400"})


async def _file(site: ReplicaSite, request: Request) -> Response:
    path = site.photos.file_path(request.scope["path"])
    if path is None:
        return HTMLResponse("<h1>404</h1>", 404)
    if site.hosts_apart and not _CREDENTIALS.isdisjoint(request.headers):
        return HTMLResponse("<h1>A key was sent to a host that it is not for</h1>", 403)
    hop: PhotoHop = "second" if path.startswith(f"{CDN_PREFIX}/{GOOGLE}/") else "only"
    fault = site.switches.take_photo_fault(path, hop)
    return answer_image(request.headers, await site.gallery.current(path), fault, site.closing)


def _call(site: ReplicaSite, request: Request, slug: str) -> ApiCall:
    address = f"{request.url.scheme}://{request.url.netloc}"
    mount = f"{API_PREFIX}/{slug}"
    return ApiCall(
        base=address + mount,
        # Google's files lie on another host than its interfaces.
        cdn=site.address or address if slug == GOOGLE else address,
        path=request.scope["path"].removeprefix(mount),
        query=request.query_params,
        headers=request.headers,
    )


def _has_photo_key(call: ApiCall, key: str) -> bool:
    return key in (call.headers.get("x-goog-api-key"), call.query.get("key"))


def _source(api: str) -> str:
    return GOOGLE if api == _CLASSIC else api


def _noticed(call: ApiCall) -> Response:
    return JSONResponse({"url": f"{call.base}{call.path}"})


def _json(answer: ApiAnswer, retry_after: int | None = None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse(answer.document, answer.status, headers=headers)


async def _wait(closing: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(closing.wait(), seconds)
