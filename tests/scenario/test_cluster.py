"""Several machines (issue 5, 6.4): three workers and a scheduler on one server, two workers die in the middle.

The usual check visits 72 listings; `TRIVIA_CLUSTER_LISTINGS=600` visits as many as the issue names.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from support.house import capturing_log
from support.postgres import settings_for
from support.program import MODULE, Program, environment_for
from trivia_scraper.demo.request_log import RequestSeen
from trivia_scraper.demo.server import Replica, serve_replica
from trivia_scraper.demo.site import ReplicaSite
from trivia_scraper.sources import SOURCES
from trivia_scraper.storage.crash_recovery import compare_rows_and_files
from trivia_scraper.storage.database import open_database
from trivia_scraper.storage.files import open_file_store

LISTINGS = int(os.environ.get("TRIVIA_CLUSTER_LISTINGS", "72"))
INTERVAL_SECONDS = 0.04
MOST_PICTURES = 2
"""Of one listing: its venue's, and its host's."""
PATIENCE_SECONDS = 60 + LISTINGS / 2


def read_line(line: bytes) -> dict[str, Any]:
    """A line of the log; a traceback's, or one that a SIGKILL cut, as it is."""
    try:
        return dict(json.loads(line))
    except ValueError:
        return {"text": line.decode(errors="replace")}


@dataclass
class Machine:
    """One process, and what it has logged."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]] = field(default_factory=list)

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("event") in names]

    async def read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(read_line(line))


@dataclass
class Fleet:
    """The processes of a test, the site that they ask, and the database that they share."""

    folder: Path
    url: str
    replica: Replica
    group: asyncio.TaskGroup
    machines: list[Machine] = field(default_factory=list)
    pages_at: list[float] = field(default_factory=list)

    def environment(self, name: str) -> dict[str, str]:
        """That of one machine: its state is its own, database and pictures are everybody's."""
        never = {f"TRIVIA__SOURCES__{slug.upper()}__SCHEDULE": "never" for slug in SOURCES}
        return environment_for(
            self.folder, self.replica.index_urls,
            STATE_DIRECTORY=str(self.folder / name),
            TRIVIA__DATABASE__URL=self.url,
            TRIVIA__CLEANUP__ENABLED="false",
            TRIVIA__SCHEDULE__VERIFY="",
            TRIVIA__SCHEDULE__SNAPSHOT="",
            TRIVIA__SCHEDULE__WEEKLY_REPORT="",
            TRIVIA__DAEMON__SHARED_FOLDER="true",
            TRIVIA__STORAGE__PATH=str(self.folder / "images"),
            TRIVIA__HTTP__PER_HOST_INTERVAL=f"{INTERVAL_SECONDS}s",
            TRIVIA__IMAGES__WORKERS="1",
            TRIVIA__DAEMON__SHUTDOWN_GRACE_SECONDS="3",
            **never,
        )  # fmt: skip

    async def start(self, role: str) -> Machine:
        """A daemon of this role, on a machine of its own."""
        process = await asyncio.create_subprocess_exec(
            *MODULE, "--log-format", "json", "--log-level", "debug", "daemon", "--role", role, "--no-web",
            env=self.environment(f"{role}-{len(self.machines)}"), cwd=self.folder,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, limit=2**20,
        )  # fmt: skip
        machine = Machine(process)
        self.machines.append(machine)
        self.group.create_task(machine.read())
        return machine

    async def rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self.url)
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    async def until(self, *names: str, times: int = 1, machines: list[Machine] | None = None) -> None:
        """Wait until each of these machines has logged one of these events so often."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(len(each.events(*names)) < times for each in machines or self.machines):
                await asyncio.sleep(0.05)


def note_pages(site: ReplicaSite, pages_at: list[float]) -> None:
    """Note when pages are answered; pictures and robots.txt have a pace of their own."""
    ended = site.log.ended

    def noting(seen: RequestSeen, bytes_sent: int) -> None:
        if seen.path not in site.gallery and not seen.path.endswith("/robots.txt"):
            pages_at.append(time.monotonic())
        ended(seen, bytes_sent)

    site.log.ended = noting  # type: ignore[method-assign]


@asynccontextmanager
async def fleet(folder: Path, url: str) -> AsyncIterator[Fleet]:
    async with (
        serve_replica(world_size=max(1, LISTINGS // len(SOURCES)), picture_scale=0.2) as replica,
        asyncio.TaskGroup() as group,
    ):
        opened = Fleet(folder, url, replica, group)
        note_pages(replica.site, opened.pages_at)
        try:
            yield opened
        finally:
            for machine in opened.machines:
                if machine.process.returncode is None:
                    machine.process.kill()
                await machine.process.wait()


def most_in(moments: list[float], seconds: float) -> int:
    """Most of these moments within one stretch of time."""
    moments = sorted(moments)
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


async def test_6_4_each_listing_is_refreshed_once_although_workers_die(tmp_path: Path, database_url: str) -> None:
    async with fleet(tmp_path, database_url) as ours:
        scheduler = await ours.start("scheduler")
        await ours.until("daemon.ready")
        workers = [await ours.start("worker") for _ in range(3)]
        await ours.until("queue.joined", machines=workers)
        asking = Program(tmp_path, ours.environment("person"))
        asked = ours.group.create_task(asking.call("run", "--force-refresh-images", "--json"))
        killed, stopped, survivor = await busiest_first(workers)
        killed.process.send_signal(signal.SIGKILL)
        stopped.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            ended = await asked
        assert ended.code == 0, ended.err
        report = ended.document
        run_id = UUID(report["run_id"])
        assert await stopped.process.wait() == 0
        assert await killed.process.wait() == -signal.SIGKILL
        survivor.process.send_signal(signal.SIGTERM)
        assert await survivor.process.wait() == 0
        scheduler.process.send_signal(signal.SIGTERM)
        assert await scheduler.process.wait() == 0
        await every_listing_counts_once(ours, run_id, report)
        every_job_was_forced(ours)
        await every_picture_was_asked_for_once(ours, run_id, listings_cut(killed) + listings_cut(stopped))
        the_pace_held_over_all(ours)
        assert listings_cut(killed), "it died in the middle"
        assert survivor.events("queue.job_finished"), "somebody took over"
        assert await ours.rows("SELECT id FROM trivia_queue.pgqueuer") == []
        await rows_and_files_agree(ours)


async def busiest_first(workers: list[Machine]) -> list[Machine]:
    """The workers, once one of them has ended a listing and is in the middle of several others."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            order = sorted(workers, key=listings_cut, reverse=True)
            if listings_cut(order[0]) >= 3 and order[0].events("detail.finished"):
                return order
            await asyncio.sleep(0.01)


async def every_listing_counts_once(ours: Fleet, run_id: UUID, report: dict[str, Any]) -> None:
    assert report["ok"], report["failures"]
    assert set(report["sources"]) == set(SOURCES)
    visited = {slug: source["visited"] for slug, source in report["sources"].items()}
    listed = {slug: len(ours.replica.site.venues(slug)) for slug in SOURCES}
    for slug, source in report["sources"].items():
        assert source["verdict"] == "complete", slug
        assert source["created"] + source["updated"] + source["unchanged"] + source["gone"] == visited[slug], slug
        assert source["listed"] == source["visited"] + source["skipped"], slug
        assert visited[slug] <= listed[slug] * 2, slug
    rows = await ours.rows("SELECT source, key, done_at, report FROM spread_visits WHERE run_id = $1", run_id)
    assert Counter(row["source"] for row in rows) == visited
    assert all(row["done_at"] is not None for row in rows)
    assert all(json.loads(row["report"])["visited"] == 1 for row in rows)
    [run] = await ours.rows("SELECT ok, finish_reason, report FROM runs")
    assert (run["ok"], run["finish_reason"]) == (True, "done")
    runs = await ours.rows("SELECT source, verdict FROM source_runs WHERE run_id = $1", run_id)
    assert {row["source"]: row["verdict"] for row in runs} == dict.fromkeys(SOURCES, "complete")


def every_job_was_forced(ours: Fleet) -> None:
    started = [line for machine in ours.machines for line in machine.events("queue.job_started")]
    received = [line for machine in ours.machines for line in machine.events("detail.args_received")]
    assert {line["job"].partition(" ")[0] for line in started} == {"index", "batch"}
    assert len(received) >= sum(len(ours.replica.site.venues(slug)) for slug in ("quizmeisters", "question_one"))
    for line in (*started, *received):
        assert line["options"]["force_refresh_images"] is True
    finished = [line for machine in ours.machines for line in machine.events("image.finished")]
    assert finished
    assert all(line["force_refresh"] is True for line in finished)


async def every_picture_was_asked_for_once(ours: Fleet, run_id: UUID, cut: int) -> None:
    """Without conditions, for it was forced; once more only where a worker died between the last byte and the row."""
    site = ours.replica.site
    pictures = [seen for seen in site.log.requests() if seen.path in site.gallery]
    assert not any(seen.is_conditional for seen in pictures)
    refreshed = await ours.rows(
        "SELECT image_id, count(*) AS n FROM image_attempts WHERE run_id = $1 GROUP BY image_id", run_id
    )
    assert refreshed
    assert all(row["n"] == 1 for row in refreshed), "no image was refreshed twice in one run"
    assert len(refreshed) <= len(pictures) <= len(refreshed) + cut * MOST_PICTURES


def listings_cut(machine: Machine) -> int:
    """Listings that this machine began and did not end."""
    return len(machine.events("detail.args_received")) - len(machine.events("detail.finished", "detail.failed"))


def the_pace_held_over_all(ours: Fleet) -> None:
    """In no second more pages than one machine alone might ask for; a few may come late from their turn."""
    assert len(ours.pages_at) > LISTINGS
    assert most_in(ours.pages_at, 1.0) <= 1.0 / INTERVAL_SECONDS * 1.25 + 3


async def rows_and_files_agree(ours: Fleet) -> None:
    """After the next scheduler has looked at what the dead left."""
    after = await ours.start("scheduler")
    await ours.until("daemon.ready", machines=[after])
    after.process.send_signal(signal.SIGTERM)
    assert await after.process.wait() == 0
    log, _ = capturing_log()
    async with (
        open_database(settings_for(ours.url), log) as database,
        open_file_store(ours.folder / "images", 0) as files,
    ):
        found = await compare_rows_and_files(database, files)
    assert (found.problems, found.pending) == ((), ())
