"""The replica in a process of its own, so that its work is not counted as ours: `python -m bench.replica N`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from trivia_scraper.demo.server import serve_replica


@contextmanager
def served_replica(size: int, picture_scale: float | None = None) -> Iterator[Mapping[str, Any]]:
    """A replica in a process of its own; it ends when its standard input closes.

    picture_scale  pictures painted once, at this scale; None = JPEGs of 150 kB put together for each request
    """
    scale = [] if picture_scale is None else [str(picture_scale)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.replica", str(size), *scale],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(30)


async def main(size: int, picture_scale: float | None) -> None:
    """Serve until standard input closes."""
    async with serve_replica(size, bench=picture_scale is None, picture_scale=picture_scale or 1.0) as replica:
        images = [
            replica.base_url + replica.site.image_path("quizmeisters", picture)
            for venue in replica.site.venues("quizmeisters")
            for picture in (venue.hero, venue.host.picture if venue.host else None)
            if picture is not None
        ]
        addresses = {
            "index_url": replica.index_urls["quizmeisters"],
            "base_url": replica.base_url,
            "index_urls": dict(replica.index_urls),
            "images": images,
        }
        print(json.dumps(addresses), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else None))
