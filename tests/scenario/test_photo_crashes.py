"""kill -9 at each step of storing one photo, and of recovering one: no row without file, no file without row."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from support.crash_lab import steps_of
from support.galleries import photos_at
from support.house import provider_sections
from support.replica import running_replica
from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto

LAB = Path(__file__).parents[1] / "support" / "photo_lab.py"
SIZE = {"width": 800, "height": 600}
PHOTOS = (
    ReplicaPhoto(id="large", look="the bar", **SIZE),
    ReplicaPhoto(id="small", look="the bar", shrunk=True, **SIZE),
    ReplicaPhoto(id="another", look="the garden", **SIZE),
)
ENDS = {
    "new": [["uploaded", 120, 0, "small.jpg"]],
    "replaced": [["uploaded", 160, 0, "another.jpg"]],
    "same bytes": [["uploaded", 120, 0, "small.jpg"]],
    "smaller": [["uploaded", 160, 0, "large.jpg"]],
    "better": [["uploaded", 160, 0, "large.jpg"]],
    "recovered": [["uploaded", 120, 1, "small.jpg"]],
    "recovered, better": [["uploaded", 160, 0, "small.jpg"]],
}
"""The gallery in the end: status, width (the replica paints at a fifth of the size), recoveries, which address is its
entry's own."""


class Lab:
    """Talks to one laboratory; each death is met by a venue of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._venues = 0

    def new_venue(self) -> str:
        self._venues += 1
        return f"pub-{self._venues}"

    async def ask(self, mode: str, scenario: str, venue: str, at: int = 0) -> dict[str, Any]:
        """One child's life."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        command = {"mode": mode, "scenario": scenario, "venue": venue, "at": at}
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        assert answer, f"the laboratory ended at {command}"
        return dict(json.loads(answer))

    async def seams(self, scenario: str) -> list[str]:
        """What it passes through where nothing dies."""
        for _ in range(2):  # the first one makes folders that the others find
            whole = await self.ask("count", scenario, self.new_venue())
            assert (whole.get("problems"), whole.get("living")) == ([], ENDS[scenario]), whole
        return list(whole["seams"])


@asynccontextmanager
async def open_lab(folder: Path, database_url: str) -> AsyncIterator[Lab]:
    """A laboratory over an empty store of the test's own, and a provider with three photos."""
    async with running_replica(2) as replica:
        photos_at(replica, "foursquare", "somewhere", *PHOTOS)
        config = {
            "folder": str(folder),
            "database_url": database_url,
            "providers": provider_sections(replica, "foursquare"),
            "address": f"{replica.base_url}/photo-cdn/foursquare",
        }
        import_path = os.pathsep.join(filter(None, (str(LAB.parents[1]), os.environ.get("PYTHONPATH"))))
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(LAB), json.dumps(config), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": import_path},
        )  # fmt: skip
        try:
            yield Lab(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()


@pytest.mark.parametrize("scenario", ENDS)
async def test_f01_r123_sigkill_at_the_steps_of_one_photo(tmp_path: Path, database_url: str, scenario: str) -> None:
    """F01, R147, R219: after the next start rows and files agree, the photo is there once, counted once."""
    async with open_lab(tmp_path, database_url) as lab:
        seams = await lab.seams(scenario)
        assert {name.partition(":")[0] for name in seams} == {"file", "sql", "download", "inspect"}
        # Each scenario dies at every second step, and its neighbour at the others; "all" makes each die at all.
        step = 1 if os.environ.get("TRIVIA_TEST_CRASHES") == "all" else 2
        for at in steps_of(seams)[list(ENDS).index(scenario) % step :: step]:
            venue, what = lab.new_venue(), f"killed before {at}: {seams[at - 1]}"
            assert await lab.ask("kill", scenario, venue, at) == {"killed": signal.SIGKILL}, what
            ended = await lab.ask("recover", scenario, venue)
            assert ended.get("problems") == [], f"{what}: {ended}"
            assert ended["living"] == ENDS[scenario], f"{what}: {ended}"
            assert len(set(ended["names"].values())) == 1, f"{what}: {ended}"
            assert ended["tombstones"] == ([1] if scenario == "recovered, better" else []), f"{what}: {ended}"
