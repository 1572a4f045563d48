"""The queue of several machines on a real Postgres: filled once, emptied by a worker, held after deaths, pruned."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job
from structlog.testing import LogCapture

from support.house import capturing_log, make_options
from trivia_scraper.domain.errors import StoreFenced
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.outcomes import IndexVerdict, SkipReason, SourceReport
from trivia_scraper.domain.queued_jobs import (
    DONE,
    MOST_RETURNS,
    BatchJob,
    Delivery,
    Ended,
    Ending,
    IndexJob,
    QueuedJob,
    QueuedVisit,
    job_from_json,
)
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.dumping import dump, restore
from trivia_scraper.storage.queue import PostgresQueue, install_queue
from trivia_scraper.storage.queue_engine import QueueEngine
from trivia_scraper.storage.spreading import PostgresSpreadBook

FORCED = make_options(force_refresh_images=True, limit=7, venues=("the-crown",))
NOON = dt.datetime(2026, 7, 6, 12, tzinfo=dt.UTC)
PATIENCE_SECONDS = 20.0


def index_job(source: str = "question_one", run_id: UUID | None = None) -> IndexJob:
    return IndexJob(run_id or uuid4(), source, FORCED)


def batch_job(job: IndexJob, *keys: str, part: int = 0) -> BatchJob:
    visits = tuple(QueuedVisit(Listing(job.source, key, f"https://example.org/{key}", key), "forced") for key in keys)
    return BatchJob(job.run_id, job.source, part, visits, job.options)


@dataclass
class Bench:
    """The queue, its rows, and an engine whose jobs a test does."""

    database: Database
    queue: PostgresQueue
    url: str
    capture: LogCapture
    log: Any
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[Delivery] = field(default_factory=list)

    async def rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self.url)
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    async def waiting(self) -> list[QueuedJob]:
        rows = await self.rows("SELECT payload FROM trivia_queue.pgqueuer ORDER BY id")
        return [job_from_json(row["payload"]) for row in rows]

    async def work(self, ending_of: Callable[[Delivery], Awaitable[Ending]], jobs: int) -> None:
        """Run an engine until so many jobs were begun, then stop it as a daemon does."""

        async def perform(delivery: Delivery) -> Ending:
            self.seen.append(delivery)
            if len(self.seen) >= jobs:
                self.stop.set()
            return await ending_of(delivery)

        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.engine().run(
                perform, beat=lambda: None, sleep=no_sleep, random=lambda: 0.0,
                monotonic=asyncio.get_running_loop().time,
            )  # fmt: skip
        self.stop.clear()

    def engine(self) -> QueueEngine:
        return QueueEngine(self.database, stopping=self.stop.is_set, wait_for_stop=self.wait, log=self.log)

    async def wait(self) -> None:
        await self.stop.wait()


async def no_sleep(_: float) -> None:
    await asyncio.sleep(0)


async def done(_: Delivery) -> Ending:
    return DONE


@pytest.fixture
async def bench(database: Database, database_url: str) -> Bench:
    log, capture = capturing_log()
    await install_queue(database)
    return Bench(database, PostgresQueue(database, log), database_url, capture, log)


async def test_the_queue_is_installed_once_and_brought_up_to_date_by_whoever_comes(bench: Bench) -> None:
    await asyncio.gather(*(install_queue(bench.database) for _ in range(3)))
    tables = await bench.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'trivia_queue'")
    assert {row["table_name"] for row in tables} >= {"pgqueuer", "pgqueuer_log"}
    in_public = await bench.rows(
        "SELECT tablename FROM pg_tables WHERE tablename ~ 'pgqueuer' AND schemaname = 'public'"
    )
    assert in_public == []


async def test_what_waits_is_not_queued_twice_and_comes_back_as_it_was(bench: Bench) -> None:
    job = index_job()
    assert await bench.queue.enqueue([job, job]) == 1
    assert await bench.queue.enqueue([job, index_job("quizmeisters", job.run_id)]) == 1
    assert await bench.waiting() == [job, index_job("quizmeisters", job.run_id)]


async def test_jobs_of_a_transaction_that_fails_are_not_queued(bench: Bench) -> None:
    async def fail() -> None:
        async with bench.database.transaction() as session:
            await bench.queue.enqueue_within(session, [index_job()])
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await bench.waiting() == []


async def test_a_worker_does_what_waits_an_index_is_more_urgent(bench: Bench) -> None:
    index = index_job()
    await bench.queue.enqueue([batch_job(index, "a"), index])
    urgent = await bench.rows("SELECT entrypoint FROM trivia_queue.pgqueuer ORDER BY priority DESC")
    assert [row["entrypoint"] for row in urgent] == ["index", "batch"]
    await bench.work(done, 2)
    assert {delivery.job.kind for delivery in bench.seen} == {"index", "batch"}
    assert Delivery(index, deaths=0, returns=0) in bench.seen
    assert await bench.waiting() == []


async def test_a_job_that_is_given_back_comes_again_and_is_no_death(bench: Bench) -> None:
    async def twice(delivery: Delivery) -> Ending:
        return DONE if delivery.returns == 2 else Ending(Ended.AGAIN, why="not yet")

    await bench.queue.enqueue([index_job()])
    await bench.work(twice, 3)
    assert [(each.deaths, each.returns) for each in bench.seen] == [(0, 0), (0, 1), (0, 2)]


async def test_a_held_job_stays_for_a_person_and_is_not_done_again(bench: Bench) -> None:
    async def hold(_: Delivery) -> Ending:
        return Ending(Ended.HELD, why="no good")

    await bench.queue.enqueue([index_job()])
    await bench.work(hold, 1)
    assert await bench.rows("SELECT status::text, attempts FROM trivia_queue.pgqueuer") == [
        {"status": "failed", "attempts": 0}
    ]
    assert await bench.queue.waiting() == {"held": 1}


@pytest.mark.parametrize(("returns", "becomes"), [(0, "queued"), (MOST_RETURNS, "failed")])
async def test_a_job_that_this_version_cannot_read_is_left_to_others_for_a_while(
    bench: Bench, returns: int, becomes: str
) -> None:
    """While machines are brought to a new version one by one, their jobs meet workers of another."""
    await bench.queue.enqueue([index_job("quizmeisters"), index_job()])
    await bench.rows(
        "UPDATE trivia_queue.pgqueuer SET payload = '{}', attempts = $1 WHERE dedupe_key LIKE '%quizmeisters'",
        returns,
    )
    await bench.work(done, 1)
    [left] = await bench.rows("SELECT status::text, attempts FROM trivia_queue.pgqueuer")
    assert left == {"status": becomes, "attempts": returns + (becomes == "queued")}


async def test_deaths_are_counted_from_picks_that_nobody_finished(bench: Bench) -> None:
    await bench.queue.enqueue([index_job()])
    await bench.rows(
        "INSERT INTO trivia_queue.pgqueuer_log (job_id, status, priority, entrypoint)"
        " SELECT id, 'picked', 0, entrypoint FROM trivia_queue.pgqueuer, generate_series(1, 4)"
    )
    await bench.work(done, 1)
    assert bench.seen[0].deaths == 4


async def test_a_cancelled_worker_puts_its_jobs_back(bench: Bench) -> None:
    begun, job = asyncio.Event(), index_job()

    async def never(_: Delivery) -> Ending:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody waits that long")

    await bench.queue.enqueue([job])
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with asyncio.TaskGroup() as group:
            working = group.create_task(bench.work(never, 99))
            await begun.wait()
            working.cancel()
    assert await bench.waiting() == [job]
    assert await bench.rows("SELECT status::text, attempts FROM trivia_queue.pgqueuer") == [
        {"status": "queued", "attempts": 1}
    ]


async def test_a_worker_that_was_asked_to_stop_and_is_then_cut_puts_back_what_takes_too_long(bench: Bench) -> None:
    """A stop lets bodies end for a while; what crawls on is cut, within the grace, and belongs to the others."""
    begun, job = asyncio.Event(), index_job()

    async def crawl(_: Delivery) -> Ending:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody waits that long")

    await bench.queue.enqueue([job])
    engine = bench.engine()
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with asyncio.TaskGroup() as group:
            working = group.create_task(
                engine.run(
                    crawl, beat=lambda: None, sleep=no_sleep, random=lambda: 0.0,
                    monotonic=asyncio.get_running_loop().time,
                )
            )  # fmt: skip
            await begun.wait()
            bench.stop.set()
            while not engine._leaving.is_set():
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            working.cancel()
    assert await bench.rows("SELECT status::text, attempts FROM trivia_queue.pgqueuer") == [
        {"status": "queued", "attempts": 1}
    ]


@pytest.mark.parametrize(("stumbles", "becomes"), [(2, "queued"), (9, "picked")])
async def test_f32_a_job_that_cannot_be_given_back_at_once_is_not_held_for_a_person(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, stumbles: int, becomes: str
) -> None:
    """The database stumbles just then: given back a moment later, or left to whoever misses its signs of life."""
    tried: list[Job] = []
    give_back = Queries.retry_job

    async def stumble(queries: Queries, job: Job, *arguments: Any) -> None:
        tried.append(job)
        if len(tried) <= stumbles:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        await give_back(queries, job, *arguments)

    async def give_it_back(_: Delivery) -> Ending:
        return Ending(Ended.AGAIN, why="not yet")

    monkeypatch.setattr(Queries, "retry_job", stumble)
    monkeypatch.setattr("trivia_scraper.storage.queue.GIVE_BACK_WAITS", (0.0,) * 4)
    await bench.queue.enqueue([index_job()])
    await bench.work(give_it_back, 1)
    assert await bench.rows("SELECT status::text FROM trivia_queue.pgqueuer") == [{"status": becomes}]


async def test_a_crash_costs_one_job_one_try_and_no_sibling(bench: Bench) -> None:
    async def crash(delivery: Delivery) -> Ending:
        if delivery.job.kind == "index":
            raise ZeroDivisionError
        return DONE

    index = index_job()
    await bench.queue.enqueue([index, batch_job(index, "a")])
    await bench.work(crash, 2)
    assert await bench.waiting() == [index]
    [crashed] = [entry for entry in bench.capture.entries if entry["event"] == "queue.job_crashed"]
    assert isinstance(crashed["exc_info"], ZeroDivisionError)


async def test_a_fenced_worker_stops_and_its_job_goes_back(bench: Bench) -> None:
    async def fenced(_: Delivery) -> Ending:
        raise StoreFenced("taken over")

    await bench.queue.enqueue([index_job()])
    with pytest.raises(StoreFenced):
        await bench.work(fenced, 99)
    assert len(await bench.waiting()) == 1


async def test_F32_a_worker_whose_connections_are_cut_goes_on(bench: Bench) -> None:
    """Its listener, too: what is queued afterwards is done."""
    is_cut = asyncio.Event()

    async def cut(delivery: Delivery) -> Ending:
        if delivery.job.name == "index of quizmeisters":
            bench.stop.set()
        elif not is_cut.is_set():
            is_cut.set()
            await bench.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'trivia-scraper queue' AND datname = current_database()"
            )
            await bench.queue.enqueue([index_job("quizmeisters")])
        return DONE

    await bench.queue.enqueue([index_job("question_one")])
    await bench.work(cut, 99)
    assert {delivery.job.name for delivery in bench.seen} == {"index of question_one", "index of quizmeisters"}
    assert "queue.lost" in {entry["event"] for entry in bench.capture.entries}


async def test_the_log_is_counted_and_forgotten_after_a_week_and_so_is_what_was_held(bench: Bench) -> None:
    await bench.queue.enqueue([index_job()])
    await bench.work(done, 1)
    await bench.queue.enqueue([index_job("held"), index_job("waits")])
    await bench.rows("UPDATE trivia_queue.pgqueuer SET updated = $1", NOON)
    await bench.rows("UPDATE trivia_queue.pgqueuer SET status = 'failed' WHERE dedupe_key LIKE '%held'")
    await bench.rows("UPDATE trivia_queue.pgqueuer_log SET created = $1", NOON)
    await bench.queue.prune(NOON + dt.timedelta(days=6))
    assert await bench.rows("SELECT DISTINCT aggregated FROM trivia_queue.pgqueuer_log") == [{"aggregated": True}]
    assert await bench.queue.waiting() == {"index": 1, "held": 1}
    await bench.queue.prune(NOON + dt.timedelta(days=8))
    assert await bench.rows("SELECT id FROM trivia_queue.pgqueuer_log") == []
    assert await bench.rows("SELECT sum(count)::int AS n FROM trivia_queue.pgqueuer_statistics") == [{"n": 5}]
    assert await bench.queue.waiting() == {"index": 1}, "what waits is done, however old it is"
    await bench.queue.prune(NOON + dt.timedelta(days=98))
    assert await bench.rows("SELECT count FROM trivia_queue.pgqueuer_statistics") == []


async def test_a_dump_takes_the_queue_along(bench: Bench, tmp_path: Path) -> None:
    job = index_job()
    await bench.queue.enqueue([job])
    await dump(bench.database, tmp_path / "everything.dump")
    await bench.queue.enqueue([index_job()])
    await restore(bench.database, tmp_path / "everything.dump", overwrite=True)
    assert await bench.waiting() == [job]


@asynccontextmanager
async def spread_run(bench: Bench) -> AsyncIterator[tuple[PostgresSpreadBook, IndexJob]]:
    job = index_job()
    await bench.rows(
        "INSERT INTO runs (id, options, epoch, pid, host, started_at) VALUES ($1, '{}', 1, 1, 'here', $2)",
        job.run_id, NOON,
    )  # fmt: skip
    yield PostgresSpreadBook(bench.database, bench.queue), job


async def test_a_source_is_planned_once_and_its_batches_queued_with_it(bench: Bench) -> None:
    async with spread_run(bench) as (book, job):
        await book.begin([job], NOON)
        await book.begin([job], NOON + dt.timedelta(hours=1))
        batch, report = batch_job(job, "a", "b"), SourceReport(job.source, listed=3, usable=3)
        assert await book.plan(job, ["a", "b", "c"], report, [batch], NOON)
        assert not await book.plan(job, ["a"], report, [batch_job(job, "z", part=1)], NOON)
        await book.begin([job], NOON)
        assert await bench.waiting() == [job, batch]
        found = await book.source(job.run_id, job.source)
        assert found is not None
        assert (found.undone, found.is_planned, found.is_complete) == (2, True, False)
        assert 0 <= found.age_seconds < PATIENCE_SECONDS, "by the server's clock, whatever the scheduler's says"


async def test_each_visit_counts_once_and_the_parts_add_up(bench: Bench) -> None:
    async with spread_run(bench) as (book, job):
        await book.begin([job], NOON)
        batch, index = batch_job(job, "a", "b"), SourceReport(job.source, listed=3, usable=3, warnings=["thin"])
        index.verdict = IndexVerdict.COMPLETE
        index.skipped[SkipReason.FRESH] += 1
        await book.plan(job, ["a", "b", "c"], index, [batch], NOON)
        for key in ("a", "a", "b"):
            await book.note_visit(batch, key, SourceReport(job.source, visited=1, created=1, bytes_received=10), NOON)
        assert await book.undone(batch) == frozenset()
        keys, whole = await book.told(job.run_id, job.source)
        assert sorted(keys) == ["a", "b", "c"]
        assert (whole.verdict, whole.listed, whole.visited, whole.created, whole.bytes_received) == (
            IndexVerdict.COMPLETE, 3, 2, 2, 20,
        )  # fmt: skip
        assert (whole.skipped[SkipReason.FRESH], whole.warnings) == (1, ["thin"])
        progress = await book.progress(job.run_id)
        assert (progress[job.source].planned, progress[job.source].done) == (2, 2)
        await book.conclude(job.run_id, whole, NOON)
        await book.conclude(job.run_id, SourceReport(job.source), NOON)
        assert await book.concluded(job.run_id) == {job.source: whole}
        await book.forget(NOON + dt.timedelta(days=1))
        assert await bench.rows("SELECT key FROM spread_visits") == []


async def test_a_run_that_is_gone_has_no_source(bench: Bench) -> None:
    book = PostgresSpreadBook(bench.database, bench.queue)
    assert await book.source(uuid4(), "question_one") is None
    assert await book.concluded(uuid4()) == {}
