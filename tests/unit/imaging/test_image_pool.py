"""F12-F14, and what the pool promises besides: options arrive, nothing starts early, nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from support import bombs, obedience
from support.imaging import open_inspector, refresh_options, remembering_log, worker_pids
from trivia_scraper.domain.errors import ImageRejected, TransientError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.imaging.inspector import PoolInspector
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.workers import pool as pool_module
from trivia_scraper.workers.limits import WorkerLimits

OPTIONS = refresh_options(forced=False)
PICTURE = bombs.encoded(bombs.scene(), "JPEG")
ORDINARY = ImagingSettings(thumbnail=0)
IMPATIENT = ImagingSettings(decode_timeout_seconds=0.3, thumbnail=0)
LIMITS = WorkerLimits()


@asynccontextmanager
async def inspector_and_log(
    settings: ImagingSettings = ORDINARY, limits: WorkerLimits = LIMITS
) -> AsyncIterator[tuple[PoolInspector, list[Any]]]:
    log, events = remembering_log()
    async with open_inspector(settings, log, inspection=obedience.obey, limits=limits) as inspector:
        yield inspector, events


class Pipe:
    """A named pipe between this test and a worker; open at both ends here, so that nobody blocks on opening."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._end = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    async def line(self) -> str:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._end, arrived.set)
        try:
            async with asyncio.timeout(20):
                await arrived.wait()
        finally:
            loop.remove_reader(self._end)
        return os.read(self._end, 100).decode().strip()

    def write(self) -> None:
        os.write(self._end, b"go on\n")

    def close(self) -> None:
        os.close(self._end)


@pytest.fixture
def pipes(tmp_path: Path) -> Any:
    told, awaited = Pipe(tmp_path / "told"), Pipe(tmp_path / "awaited")
    yield told, awaited
    told.close()
    awaited.close()


def wait_command(pipes: tuple[Pipe, Pipe]) -> bytes:
    return obedience.WAIT + "|".join(str(pipe.path) for pipe in pipes).encode()


async def test_f12_killed_worker_costs_one_repeat(pipes: tuple[Pipe, Pipe]) -> None:
    told, awaited = pipes
    async with inspector_and_log() as (inspector, events), asyncio.TaskGroup() as tasks:
        inspecting = tasks.create_task(_verdict(inspector, wait_command(pipes)))
        first = int(await told.line())
        assert first in worker_pids()

        os.kill(first, signal.SIGKILL)

        second = int(await told.line())
        awaited.write()
        assert (await inspecting).message == "type: waited"
        assert second != first
        assert [event["event"] for event in events] == [LogEvent.WORKER_KILLED]
        assert (await inspector.inspect(PICTURE, OPTIONS)).width == 240


async def _verdict(inspector: PoolInspector, body: bytes) -> ImageRejected:
    with pytest.raises(ImageRejected) as refusal:
        await inspector.inspect(body, OPTIONS)
    return refusal.value


async def test_f12_idle_workers_killed_are_replaced() -> None:
    async with inspector_and_log() as (inspector, _):
        await inspector.inspect(PICTURE, OPTIONS)
        idle = worker_pids()
        for pid in idle:
            os.kill(pid, signal.SIGKILL)

        inspected = await inspector.inspect(PICTURE, OPTIONS)

        assert inspected.width == 240
        assert not worker_pids() & idle


@pytest.mark.parametrize("command", [obedience.HANG, obedience.SPIN])
async def test_f13_hanging_worker_is_killed_twice_then_decode_timeout(command: bytes) -> None:
    async with inspector_and_log(IMPATIENT) as (inspector, events):
        await inspector.inspect(PICTURE, OPTIONS)
        before = worker_pids()

        refusal = await _verdict(inspector, command)

        assert (refusal.error_type, refusal.reason) == (ErrorType.NOT_AN_IMAGE, Reason.DECODE_TIMEOUT)
        assert [event["why"] for event in events] == ["time", "time"]
        assert (await inspector.inspect(PICTURE, OPTIONS)).width == 240
        assert before - worker_pids(), "the worker that hung is gone"


async def test_f13_stuck_pool_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_SPARE_SECONDS", 0.0)
    async with inspector_and_log(IMPATIENT, WorkerLimits(longest_job_seconds=0.3)) as (inspector, events):
        await inspector.inspect(PICTURE, OPTIONS)
        stopped = worker_pids()
        for pid in stopped:  # deaf, but alive: no exit, no answer, no start of a task to time
            os.kill(pid, signal.SIGSTOP)

        inspected = await inspector.inspect(PICTURE, OPTIONS)

        assert inspected.width == 240
        assert [event["why"] for event in events] == ["pool broken"]
        assert not any(psutil.pid_exists(pid) for pid in stopped)


async def test_f14_greedy_picture_is_refused_at_once_and_the_worker_lives() -> None:
    async with inspector_and_log() as (inspector, events):
        await inspector.inspect(PICTURE, OPTIONS)
        before = worker_pids()

        refusal = await _verdict(inspector, obedience.GREED)

        assert (refusal.error_type, refusal.reason) == (ErrorType.NOT_AN_IMAGE, Reason.DECODE_MEMORY)
        assert events == []
        assert worker_pids() == before


async def test_f14_worker_killed_for_memory_is_repeated_once_then_decode_memory() -> None:
    async with inspector_and_log() as (inspector, events):
        refusal = await _verdict(inspector, obedience.DIE)

        assert refusal.reason is Reason.DECODE_MEMORY
        assert [event["why"] for event in events].count("memory") == 2
        assert (await inspector.inspect(PICTURE, OPTIONS)).width == 240


async def test_f14_real_picture_over_the_workers_memory() -> None:
    async with inspector_and_log(limits=WorkerLimits(memory_bytes=128 << 20)) as (inspector, _):
        body = bombs.png(7000, 7000, depth=8, colour=2, rows=bombs.deflated_zeros(7000 * (1 + 7000 * 3)))

        assert (await _verdict(inspector, body)).reason is Reason.DECODE_MEMORY


async def test_f12_to_f14_neighbours_of_a_bad_picture_are_served() -> None:
    bodies = [PICTURE, obedience.DIE, PICTURE, obedience.HANG, PICTURE, obedience.GREED] + [PICTURE] * 6
    async with inspector_and_log(IMPATIENT) as (inspector, _):
        verdicts = await asyncio.gather(
            *(inspector.inspect(body, OPTIONS) for body in bodies), return_exceptions=True
        )

    assert [isinstance(verdict, ImageRejected) for verdict in verdicts] == [body != PICTURE for body in bodies]


@pytest.mark.parametrize("forced", [True, False])
async def test_t3_the_flag_arrives_in_the_worker_process(forced: bool) -> None:
    async with inspector_and_log() as (inspector, _):
        inspected = await inspector.inspect(PICTURE, refresh_options(forced=forced))

    assert inspected.force_refresh is forced


async def test_staged_file_is_read_by_the_worker(tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.write_bytes(PICTURE)
    async with inspector_and_log() as (inspector, _):
        assert await inspector.inspect(staged, OPTIONS) == await inspector.inspect(PICTURE, OPTIONS)


async def test_workers_are_replaced_after_their_tasks() -> None:
    async with inspector_and_log(limits=WorkerLimits(workers=1, jobs_per_worker=2)) as (inspector, events):
        await inspector.inspect(PICTURE, OPTIONS)
        first = worker_pids()
        for _ in range(4):
            await inspector.inspect(PICTURE, OPTIONS)

        assert not worker_pids() & first
        assert events == []


async def test_more_pictures_than_slots() -> None:
    async with inspector_and_log() as (inspector, _):
        inspected = await asyncio.gather(*(inspector.inspect(PICTURE, OPTIONS) for _ in range(40)))

    assert {(each.width, each.height) for each in inspected} == {(240, 160)}


# --- nothing early, nothing left


async def test_no_process_before_the_first_picture() -> None:
    async with inspector_and_log():
        assert worker_pids() == set()


def test_the_parents_side_does_not_load_pillow() -> None:
    _run("import sys, trivia_scraper.imaging.inspector, trivia_scraper.workers.pool; assert 'PIL' not in sys.modules")


def test_the_workers_code_knows_neither_asyncio_nor_pebble() -> None:
    _run(
        "import sys, trivia_scraper.workers.child, trivia_scraper.imaging.worker, trivia_scraper.imaging.inspect;"
        "assert not {'asyncio', 'pebble', 'ssl', 'httpx', 'asyncpg'} & set(sys.modules)"
    )


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_closing_ends_every_worker() -> None:
    async with inspector_and_log() as (inspector, _):
        await inspector.inspect(PICTURE, OPTIONS)
        workers = worker_pids()
        assert len(workers) == 2

    assert not any(psutil.pid_exists(pid) for pid in workers)
    with pytest.raises(TransientError):
        await inspector.inspect(PICTURE, OPTIONS)


async def test_cancelled_while_a_worker_hangs_leaves_no_process(pipes: tuple[Pipe, Pipe]) -> None:
    async def inspect_for_ever() -> None:
        async with inspector_and_log() as (inspector, _):
            await inspector.inspect(wait_command(pipes), OPTIONS)

    running = asyncio.get_running_loop().create_task(inspect_for_ever())
    worker = int(await pipes[0].line())

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert not psutil.pid_exists(worker)
    assert worker_pids() == set()


async def test_cancelled_while_the_workers_start_leaves_no_process() -> None:
    async def inspect_once() -> None:
        async with inspector_and_log() as (inspector, _):
            await inspector.inspect(PICTURE, OPTIONS)

    running = asyncio.get_running_loop().create_task(inspect_once())
    await asyncio.sleep(0)  # the start is in its thread now

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert worker_pids() == set()


def test_f12_parent_killed_leaves_no_process() -> None:
    """Workers, fork server and resource tracker all end when the process that started them is gone."""
    program = textwrap.dedent("""
        import asyncio, sys
        from support import bombs, imaging
        from trivia_scraper.imaging.limits import ImagingSettings

        async def main():
            async with imaging.open_inspector(ImagingSettings(), imaging.remembering_log()[0]) as inspector:
                await inspector.inspect(bombs.encoded(bombs.scene(), "JPEG"), imaging.refresh_options(forced=True))
                print("ready", flush=True)
                await asyncio.Event().wait()

        asyncio.run(main())
    """)
    paths = (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()

    assert len(family) >= 3
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
