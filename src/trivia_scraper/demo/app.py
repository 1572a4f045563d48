"""The replica as an ASGI application: every provider under a mount of its own, on one host."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from trivia_scraper.demo.control import control_routes
from trivia_scraper.demo.image_answers import answer_image
from trivia_scraper.demo.imagekit import imagekit_routes
from trivia_scraper.demo.lookup import lookup_route
from trivia_scraper.demo.photo_providers.routes import photo_routes
from trivia_scraper.demo.provider import Answer, HasCompanions, Provider, not_found
from trivia_scraper.demo.request_log import RequestRecorder
from trivia_scraper.demo.site import ReplicaSite
from trivia_scraper.demo.switches import IndexFault, IndexSwitch

_COMPRESSED_FROM_BYTES: Final = 500


def build_app(site: ReplicaSite) -> Starlette:
    """The ASGI application over a site."""

    async def answer(request: Request) -> Response:
        return await _answer(site, request)

    return Starlette(
        routes=[
            Route("/robots.txt", _robots),
            *control_routes(site),
            lookup_route(site),
            *photo_routes(site),
            *imagekit_routes(site.imagekit, site.closing),
            Route("/{provider}/{rest:path}", answer),
        ],
        middleware=[Middleware(RequestRecorder, log=site.log)],
    )


async def _robots(_request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow:\n")


async def _answer(site: ReplicaSite, request: Request) -> Response:
    path = request.scope["path"]
    if path in site.gallery:
        image = await site.gallery.current(path)
        return answer_image(request.headers, image, site.switches.take_image_fault(path), site.closing)
    provider = site.providers.get(request.path_params["provider"])
    if provider is None:
        return _page(request, not_found("Not found"))
    base = f"{request.url.scheme}://{request.url.netloc}/{provider.slug}"
    return _page(request, _provider_answer(site, provider, request, base))


def _provider_answer(site: ReplicaSite, provider: Provider, request: Request, base: str) -> Answer:
    path = request.scope["path"].removeprefix(f"/{provider.slug}")
    page = provider.index(path, request.query_params, site.venues(provider.slug), base)
    if page is not None:
        fault = site.switches.take_index_fault(provider.slug, path)
        return _spoil(provider, fault, page, path, base) if fault else page
    companion = _companion(site, provider, request, path, base)
    if companion is not None:
        return companion
    key = provider.venue_key(path)
    if key is None or not site.knows(provider.slug, key):
        return not_found("Page not found")
    status = site.switches.take_page_status(provider.slug, key)
    if status is not None:
        return replace(not_found("Page not found" if status == 404 else "Something went wrong"), status=status)
    return provider.page(site.venue(provider.slug, key), base)


def _companion(site: ReplicaSite, provider: Provider, request: Request, path: str, base: str) -> Answer | None:
    if not isinstance(provider, HasCompanions):
        return None
    key = provider.companion_key(path, request.query_params)
    if key is None:
        return None
    if not site.knows(provider.slug, key):
        return not_found("Not found")
    status = site.switches.companion_status(provider.slug, key)
    if status is not None:
        return replace(not_found("Something went wrong"), status=status)
    return provider.companion(site.venue(provider.slug, key), base)


def _spoil(provider: Provider, fault: IndexSwitch, page: Answer, path: str, base: str) -> Answer:
    match fault.fault:
        case IndexFault.HTML:
            return replace(not_found("We are down for maintenance"), status=200)
        case IndexFault.EMPTY:
            return provider.index(path, {}, (), base) or page
        case IndexFault.TRUNCATED:
            return replace(page, text=page.text[: len(page.text) // 2])
        case IndexFault.REFUSED:
            return replace(page, text=provider.refusal or "")
        case IndexFault.STATUS:
            return replace(not_found("Something went wrong"), status=fault.status)
        case IndexFault.STATUS_WITH_BODY:
            return replace(page, status=fault.status)


def _page(request: Request, answer: Answer) -> Response:
    body = answer.text.encode()
    headers = {"Vary": "Accept-Encoding", "Content-Type": answer.content_type}
    if len(body) >= _COMPRESSED_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, answer.status, headers=headers)
