"""The replica on a loopback port: inside a running event loop for tests and the demo, or alone until a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TextIO

import uvicorn

from trivia_scraper.demo.app import build_app
from trivia_scraper.demo.bench_pictures import BenchPainter
from trivia_scraper.demo.images import Gallery, Painter
from trivia_scraper.demo.lookup import LOOKUP_PATH
from trivia_scraper.demo.photo_providers.counting import count_calls
from trivia_scraper.demo.photo_providers.world import API_PREFIX, APIS, PHOTO_SOURCES, UNSPLASH
from trivia_scraper.demo.picture_names import ReplicaPicture
from trivia_scraper.demo.pictures import picture as paint_picture
from trivia_scraper.demo.site import ReplicaSite

LOOPBACK: Final = "127.0.0.1"
ALLOWED_NETWORK: Final = "127.0.0.0/8"
DEFAULT_WORLD_SIZE: Final = 40
_BACKLOG: Final = 512
_KEEP_ALIVE_SECONDS: Final = 60
_GRACE_SECONDS: Final = 2
_KEY_NAMES: Final = {
    "google_places": "GOOGLE_MAPS_API_KEY",
    "foursquare": "FOURSQUARE_API_KEY",
    "here": "HERE_API_KEY",
    "unsplash": "UNSPLASH_ACCESS_KEY",
}


@dataclass(frozen=True, slots=True)
class Replica:
    """A running replica.

    base_url    "http://127.0.0.1:<port>", no slash at the end
    index_urls  source slug → where its index walk starts: the value of `[sources.<slug>] index_url`
    photo_api_urls  the photo providers' interfaces: the values of `[providers.<slug>] base_url`; "google_classic" is
                    that of `[providers.google_places] classic_base_url`
    """

    base_url: str
    index_urls: Mapping[str, str]
    site: ReplicaSite
    photo_api_urls: Mapping[str, str]

    @property
    def lookup_url(self) -> str:
        """The search address of the look-up: the value of `[lookup] url`."""
        return f"{self.base_url}{LOOKUP_PATH}"

    @property
    def photo_keys(self) -> Mapping[str, str]:
        """The keys that the interfaces take now, by provider: values of `[providers.<slug>] key`."""
        return {source: self.site.photos.keys[source] for source in PHOTO_SOURCES}

    def provider_calls(self, provider: str | None = None, **fields: object) -> int:
        """Listings asked of one interface, or of all of them; photos' bytes are not among them."""
        return count_calls(self.site.log, "listing", provider, **fields)

    def photo_downloads(self, provider: str | None = None, **fields: object) -> int:
        """Requests for photos' bytes, e.g. only those with status=429."""
        return count_calls(self.site.log, "photo", provider, **fields)

    def url(self, provider: str, path: str) -> str:
        """An address below a provider's mount: url("question_one", "/venues/") is the HTML archive."""
        return f"{self.base_url}/{provider}{path}"


@contextlib.asynccontextmanager
async def serve_replica(
    world_size: int = DEFAULT_WORLD_SIZE,
    host: str = LOOPBACK,
    port: int = 0,
    *,
    bench: bool = False,
    picture_scale: float = 1.0,
) -> AsyncIterator[Replica]:
    """Serve `world_size` venues of each provider while the context is open.

    port           0 takes a free one, and one more for each photo interface, so that each is a host of its own to
                   pauses and breakers. With a given port everything is there; OSError when it is taken
    bench          every venue plain, every picture a JPEG of about 150 kB, put together for each request
    picture_scale  1 = several hundred kB a photograph; less is quicker to paint, for tests
    """
    # The benchmark's painter encodes its pool when made: that must not stop the loop, nor the first request.
    paint = await asyncio.to_thread(BenchPainter) if bench else _painter(picture_scale)
    site = ReplicaSite(world_size=world_size, gallery=Gallery(paint, keeps_bodies=not bench), plain=bench)
    listeners = {"": _listen(host, port)}
    if not port:
        listeners |= {api: _listen(host, 0) for api in APIS}
    server = await _start(site, list(listeners.values()))
    addresses = {api: f"http://{host}:{each.getsockname()[1]}" for api, each in listeners.items()}
    base_url = site.address = addresses[""]
    site.hosts_apart = len(listeners) > 1
    photo_api_urls = {api: f"{addresses.get(api, base_url)}{API_PREFIX}/{api}" for api in APIS}
    try:
        yield Replica(base_url, _index_urls(site, base_url), site, photo_api_urls)
    finally:
        site.closing.set()
        await server.shutdown(list(listeners.values()))


def run_replica_forever(port: int, *, output: TextIO, world_size: int = DEFAULT_WORLD_SIZE) -> int:
    """`trivia-scraper demo --serve`: serve until SIGINT or SIGTERM, then 0. Raises OSError for a taken port."""
    return asyncio.run(_serve_until_signal(port, output, world_size))


async def _serve_until_signal(port: int, output: TextIO, world_size: int) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve_replica(world_size, port=port) as replica:
        output.write("\n".join(_introduction(replica)) + "\n")
        output.flush()
        await stop.wait()
    return 0


def environment_lines(replica: Replica) -> list[str]:
    """The settings that point a run at the replica, as environment variables."""
    return [
        "export TRIVIA__HTTP__CONTACT=demo@localhost",
        f"export TRIVIA__HTTP__ALLOW_NETWORKS='[\"{ALLOWED_NETWORK}\"]'",
        "export TRIVIA__HTTP__PER_HOST_INTERVAL=0s",
        f"export TRIVIA__LOOKUP__URL={replica.lookup_url}",
        *(f"export TRIVIA__SOURCES__{slug.upper()}__INDEX_URL={url}" for slug, url in replica.index_urls.items()),
        *_photo_lines(replica),
    ]


def _photo_lines(replica: Replica) -> Iterator[str]:
    """Addresses, keys and switches of the photo providers; Unsplash's stock pictures stay off."""
    urls, keys = replica.photo_api_urls, replica.photo_keys
    for source, name in _KEY_NAMES.items():
        section = f"export TRIVIA__PROVIDERS__{source.upper()}"
        yield f"{section}__BASE_URL={urls[source]}"
        yield f"export {name}={keys[source]}"
        if source != UNSPLASH:
            yield f"{section}__ENABLED=true"
    yield f"export TRIVIA__PROVIDERS__GOOGLE_PLACES__CLASSIC_BASE_URL={urls['google_classic']}"


def _introduction(replica: Replica) -> list[str]:
    return [
        f"Replica of {len(replica.index_urls)} providers on {replica.base_url}",
        *(f"  {slug}: {url}" for slug, url in replica.index_urls.items()),
        f"  question_one as HTML: {replica.url('question_one', '/venues/')}",
        f"Photo providers: {', '.join(replica.photo_api_urls.values())}",
        '  any place id such as "place-7-10" has that many photos',
        "",
        "Point a run at it:",
        *(f"  {line}" for line in environment_lines(replica)),
        "",
        "Switches and request counts:",
        f"  curl {replica.base_url}/_control/state",
        f"  curl {replica.base_url}/_control/requests",
        "",
        "Ctrl-C ends it.",
    ]


def _painter(scale: float) -> Painter:
    def paint(wanted: ReplicaPicture, seed: str) -> bytes:
        width, height = round(wanted.width * scale), round(wanted.height * scale)
        return paint_picture(seed, format=wanted.format, width=width, height=height, quality=wanted.quality)

    return paint


def _index_urls(site: ReplicaSite, base_url: str) -> dict[str, str]:
    return {slug: f"{base_url}/{slug}{provider.index_path}" for slug, provider in site.providers.items()}


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.create_server((host, port), backlog=_BACKLOG)
    # asyncio does this for its own listeners only; without it every page waits 40 ms for a delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def _start(site: ReplicaSite, listeners: list[socket.socket]) -> uvicorn.Server:
    # Started and shut down by hand instead of `serve()`: that would take over the signals of whoever runs the
    # loop, and would need a task of its own whose failures reach the caller as exception groups.
    config = uvicorn.Config(
        build_app(site),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        date_header=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(listeners)
    return server
