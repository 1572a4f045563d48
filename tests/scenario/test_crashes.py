"""kill -9 at every seam of an image refresh (issue 8.4, F01-F04): no row without file, no file without row."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support.crash_lab import steps_of
from support.replica import running_replica
from trivia_scraper.demo.server import Replica

LAB = Path(__file__).parents[1] / "support" / "crash_lab.py"
EVERY_SEAM = os.environ.get("TRIVIA_TEST_CRASHES") == "all"


class Lab:
    """Talks to one crash laboratory."""

    def __init__(self, process: asyncio.subprocess.Process, replica: Replica) -> None:
        self._process = process
        self._replica = replica

    async def ask(self, mode: str, at: int = 0) -> dict[str, Any]:
        """One run in the laboratory."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"mode": mode, "at": at}).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        assert answer, f"the laboratory ended at {mode} {at}"
        return dict(json.loads(answer))

    def change_pictures(self) -> None:
        """Other bytes under every address, so that each refresh replaces its files."""
        for venue in self._replica.site.venues("quizmeisters")[:1]:
            for picture in (venue.hero, venue.host.picture if venue.host else None):
                if picture is not None:
                    self._replica.site.change_image(self._replica.site.image_path("quizmeisters", picture))

    async def assert_consistent(self, what: str) -> None:
        """The next start finds rows and files agreeing, and the run completes."""
        recovered = await self.ask("recover")
        assert recovered.get("problems") == [], f"{what}: {recovered}"
        assert recovered["failures"] == [], f"{what}: {recovered}"


@asynccontextmanager
async def open_lab(folder: Path, database_url: str, replica: Replica, *, forced: bool) -> AsyncIterator[Lab]:
    """A laboratory over a store of the test's own, in which one venue is stored already."""
    config = {
        "folder": str(folder),
        "database_url": database_url,
        "index_urls": dict(replica.index_urls),
        "forced": forced,
    }
    import_path = os.pathsep.join(filter(None, (str(LAB.parents[1]), os.environ.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(LAB), json.dumps(config), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": import_path},
    )  # fmt: skip
    try:
        yield Lab(process, replica)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def deaths(seams: Sequence[str]) -> list[int]:
    """Every seam before which a death leaves what no other leaves, or with TRIVIA_TEST_CRASHES=all every seam."""
    return list(range(1, len(seams) + 1)) if EVERY_SEAM else steps_of(seams)


def sampled(number: int, first: int) -> list[int]:
    """Each fourth seam, or with TRIVIA_TEST_CRASHES=all every one: a check must not take a quarter of an hour."""
    step = 1 if EVERY_SEAM else 4
    return list(range(1 if step == 1 else first, number + 1, step))


async def test_f01_sigkill_at_every_seam_of_a_forced_refresh(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    """F01: killed before each change of files, each commit and each download; new bytes replace old ones."""
    async with open_lab(tmp_path, database_url, replica, forced=True) as lab:
        await lab.ask("count")
        lab.change_pictures()
        seams = (await lab.ask("count"))["seams"]
        assert len(seams) >= 56
        assert {name.partition(":")[0] for name in seams} == {"file", "sql", "download", "inspect"}
        for at in deaths(seams):
            lab.change_pictures()
            assert (await lab.ask("kill", at)).get("killed") == signal.SIGKILL, f"seam {at} was not reached"
            await lab.assert_consistent(f"killed before {at}: {seams[at - 1]}")


async def test_f01_sigkill_at_every_seam_of_a_first_refresh(tmp_path: Path, database_url: str) -> None:
    """F01: the same for a venue that is not stored yet: each death is met by a venue of its own."""
    async with (
        running_replica(world_size=140 if EVERY_SEAM else 40) as replica,
        open_lab(tmp_path, database_url, replica, forced=False) as lab,
    ):
        seams = (await lab.ask("count"))["seams"]
        assert len(seams) >= 56
        numbers = deaths(seams)
        killed = 0
        for at in numbers:
            killed += "killed" in await lab.ask("kill", at)
            await lab.assert_consistent(f"killed before {at}: {seams[at - 1]}")
        assert killed > len(numbers) / 2  # a venue with fewer pictures has fewer seams


async def test_f04_cancelled_at_many_seams(tmp_path: Path, database_url: str, replica: Replica) -> None:
    """F04: cancelled at a seam: the cancellation is not swallowed, nothing leaks."""
    async with open_lab(tmp_path, database_url, replica, forced=True) as lab:
        await lab.ask("count")
        lab.change_pictures()
        seams = (await lab.ask("count"))["seams"]
        for at in sampled(len(seams), 1):
            lab.change_pictures()
            cancelled = await lab.ask("cancel", at)
            if len(cancelled.get("seams", ())) >= at:
                assert cancelled.get("cancelled"), f"swallowed at {at}: {seams[at - 1]}"
            await lab.assert_consistent(f"cancelled at {at}: {seams[at - 1]}")


async def test_f03_an_error_at_many_seams(tmp_path: Path, database_url: str, replica: Replica) -> None:
    """F03, F20, F31: an I/O error or a lost connection at a seam: retried or recorded, never a crash."""
    async with open_lab(tmp_path, database_url, replica, forced=True) as lab:
        await lab.ask("count")
        lab.change_pictures()
        seams = (await lab.ask("count"))["seams"]
        for at in sampled(len(seams), 3):
            lab.change_pictures()
            answer = await lab.ask("error", at)
            assert answer["ok"], f"error at {at}: {seams[at - 1]}: {answer}"
            if seams[at - 1] != "download":  # there an error that no adapter may raise is injected
                assert answer["crashed"] == [], f"error at {at}: {seams[at - 1]}"
            await lab.assert_consistent(f"error at {at}: {seams[at - 1]}")
