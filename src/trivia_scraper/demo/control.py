"""JSON endpoints under /_control/: an operator with curl, or a test in another process, turns the switches.

    curl -d '{"target": "image", "path": "/quizmeisters/cdn/…", "fault": "change_bytes"}' \\
        http://127.0.0.1:8321/_control/switch
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from trivia_scraper.demo.photo_providers.counting import calls_by_provider
from trivia_scraper.demo.photo_providers.world import APIS
from trivia_scraper.demo.site import ReplicaSite
from trivia_scraper.demo.switches import Switch
from trivia_scraper.demo.world import ReplicaVenue

_SWITCH: Final[TypeAdapter[Switch]] = TypeAdapter(Switch)


def control_routes(site: ReplicaSite) -> list[Route]:
    """GET requests and state; POST switch, clear and reset-requests."""

    async def requests(_request: Request) -> JSONResponse:
        return JSONResponse({**site.log.as_json(), "photo_apis": calls_by_provider(site.log)})

    async def reset_requests(_request: Request) -> JSONResponse:
        site.log.reset()
        return JSONResponse({"ok": True})

    async def clear(_request: Request) -> JSONResponse:
        site.clear()
        return JSONResponse({"ok": True})

    async def switch(request: Request) -> JSONResponse:
        return _flip(site, await request.body())

    async def state(request: Request) -> JSONResponse:
        return JSONResponse(state_of(site, f"{request.url.scheme}://{request.url.netloc}"))

    return [
        Route("/_control/requests", requests),
        Route("/_control/state", state),
        Route("/_control/reset-requests", reset_requests, methods=["POST"]),
        Route("/_control/clear", clear, methods=["POST"]),
        Route("/_control/switch", switch, methods=["POST"]),
    ]


def state_of(site: ReplicaSite, address: str) -> dict[str, Any]:
    """Every venue with its page and picture addresses, and what is switched."""
    switches = site.switches
    return {
        "providers": {
            slug: {
                "index": f"{address}/{slug}{provider.index_path}",
                "fault": _dump(switches.indexes.get(slug)),
                "venues": [_venue(site, slug, venue, address) for venue in site.worlds[slug]],
            }
            for slug, provider in site.providers.items()
        },
        "photo_apis": {api: _dump(switches.photo_apis.get(api)) for api in APIS},
        "photo_share": _dump(switches.photo_share.switch),
        "image_faults": {path: _dump(fault) for path, fault in switches.images.items()},
        "image_versions": {path: number for path in site.gallery.paths if (number := site.gallery.version(path))},
    }


def _flip(site: ReplicaSite, body: bytes) -> JSONResponse:
    try:
        site.flip(_SWITCH.validate_json(body))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False)]
        return JSONResponse({"ok": False, "problems": problems}, status_code=422)
    except KeyError as error:
        return JSONResponse({"ok": False, "problems": [str(error.args[0])]}, status_code=404)
    return JSONResponse({"ok": True})


def _venue(site: ReplicaSite, slug: str, invented: ReplicaVenue, address: str) -> dict[str, Any]:
    venue = site.venue(slug, invented.key)
    pictures = {"hero": venue.hero, "host": venue.host.picture if venue.host else None}
    return {
        "key": venue.key,
        "name": venue.name,
        "page": site.providers[slug].page_url(venue.key, f"{address}/{slug}"),
        "pictures": {role: site.image_path(slug, each) for role, each in pictures.items() if each},
        "switched": _dump(site.switches.venues.get((slug, venue.key))),
    }


def _dump(switch: Any) -> dict[str, Any] | None:
    return switch.model_dump(mode="json", exclude_unset=True) if switch else None
