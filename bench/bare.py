"""What the machine could do: a bare aiohttp loop that fetches the same bytes and writes them. Nothing else."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp


async def fetch_all(urls: list[str], folder: Path, at_once: int) -> int:
    """Fetch and write every URL; returns the bytes."""
    total = 0

    async def worker(session: aiohttp.ClientSession, waiting: Iterator[tuple[int, str]]) -> None:
        nonlocal total
        for number, url in waiting:
            async with session.get(url) as response:
                body = await response.read()
            (folder / f"{number}.jpg").write_bytes(body)
            total += len(body)

    waiting = iter(list(enumerate(urls)))
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session,
        asyncio.TaskGroup() as g,
    ):
        for _ in range(at_once):
            g.create_task(worker(session, waiting))
    return total


def main() -> None:
    """Read {"images", "folder", "at_once"} from standard input, print figures."""
    job = json.load(sys.stdin)
    folder = Path(job["folder"])
    folder.mkdir(parents=True)
    started = time.perf_counter()
    total = asyncio.run(fetch_all(job["images"], folder, job["at_once"]))
    seconds = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "images": len(job["images"]),
                "bytes": total,
                "images_per_second": len(job["images"]) / seconds,
                "cpu_ms_per_image": (usage.ru_utime + usage.ru_stime) * 1000 / len(job["images"]),
            }
        )
    )


if __name__ == "__main__":
    main()
