"""`make demo` as a person starts it: two runs of the real program, and nothing left running."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

CALL = (
    "import sys; from pathlib import Path; from trivia_scraper.demo.run import run_demo; "
    "sys.exit(run_demo(Path(sys.argv[1]), keep=sys.argv[2] == 'keep', output=sys.stdout))"
)


@asynccontextmanager
async def demo(folder: Path, keep: str = "") -> AsyncIterator[Process]:
    """A running demo; killed with its children when the test gives up on it."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CALL, str(folder), keep, stdout=PIPE)
    family = psutil.Process(process.pid)
    try:
        async with asyncio.timeout(120):
            yield process
    finally:
        if process.returncode is None:
            for member in (*family.children(recursive=True), family):
                member.kill()
            await process.wait()


async def read_until(process: Process, words: str) -> None:
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if words in line:
            return
    pytest.fail(f"the demo ended without saying {words!r}")


def using(folder: Path) -> list[psutil.Process]:
    """Processes that have this folder in their command line or as their place."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in " ".join(process.cmdline()) or process.cwd().startswith(str(folder)):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


async def all_gone(folder: Path) -> None:
    """The database's keeper notices within a fraction of a second that nobody uses it any more."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, using(folder), 20)
    assert not alive


async def test_two_forced_runs_replace_the_changed_picture_and_rewrite_the_others(tmp_path: Path) -> None:
    async with demo(tmp_path) as process:
        output, _ = await process.communicate()
    told = output.decode()
    assert process.returncode == 0, told
    files = told.partition("before and after the second run")[2]
    stored = [path for path in (tmp_path / "images").glob("*/*/*") if "-thumb" not in path.name]
    assert len(stored) >= 6  # hero and host of the first venues; Inquizition has no pictures
    for verdict, number in (("rewritten", 2 * len(stored) - 2), ("deleted", 2), ("new", 2), ("untouched", 0)):
        assert sum(line.endswith(f" {verdict}") for line in files.splitlines() if "→" in line) == number, told
    prose = " ".join(files.split())
    assert f"asked for {len(stored)} pictures, 0 of them conditionally" in prose
    assert "was deleted" in prose
    await all_gone(tmp_path)


@pytest.mark.parametrize(
    ("moment", "number", "code"),
    [
        ("$ python -m trivia_scraper", signal.SIGTERM, 143),
        ("exit code 0", signal.SIGINT, 130),
        ("Second run", signal.SIGTERM, 143),
    ],
)
async def test_interrupted_in_the_middle_it_leaves_nothing_running(
    tmp_path: Path, moment: str, number: signal.Signals, code: int
) -> None:
    async with demo(tmp_path) as process:
        await read_until(process, moment)
        process.send_signal(number)
        await process.communicate()
    assert process.returncode == code
    await all_gone(tmp_path)


async def test_kept_up_it_ends_with_the_runs_exit_code_at_a_signal(tmp_path: Path) -> None:
    async with demo(tmp_path, keep="keep") as process:
        await read_until(process, "made anew by the next demo")
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0
    await all_gone(tmp_path)
