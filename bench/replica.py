"""The replica in a process of its own, so that its work is not counted as ours: `python -m bench.replica N`."""

from __future__ import annotations

import asyncio
import json
import sys

from trivia_scraper.demo.server import serve_replica


async def main(size: int) -> None:
    """Serve until standard input closes."""
    async with serve_replica(size, bench=True) as replica:
        images = [
            replica.base_url + replica.site.image_path("quizmeisters", picture)
            for venue in replica.site.venues("quizmeisters")
            for picture in (venue.hero, venue.host.picture if venue.host else None)
            if picture is not None
        ]
        print(json.dumps({"index_url": replica.index_urls["quizmeisters"], "images": images}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
