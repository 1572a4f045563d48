"""A run in portions, on the real house without the engine: done once, given up, called off, taken up again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from support.house import House, house_settings, make_options, open_house
from trivia_scraper.bootstrap.cluster import Cluster, open_cluster, refuse_alone
from trivia_scraper.demo.server import Replica, serve_replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch
from trivia_scraper.domain.errors import SetupError, StorageFull, StorageUnavailable, StoreFenced
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason, RunReport, SkipReason
from trivia_scraper.domain.queued_jobs import (
    MOST_DEATHS,
    MOST_RETURNS,
    BatchJob,
    Delivery,
    Ended,
    IndexJob,
    QueuedJob,
    RecoveryJob,
    RequestsJob,
    VerificationJob,
    job_from_json,
)
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.domain.requests import RequestKind, RunRequest
from trivia_scraper.pipeline.queued_work import QueuedWork
from trivia_scraper.pipeline.recovery import queue_recovery
from trivia_scraper.pipeline.spreading import SpreadWatch, queue_due_recoveries, refresh_spread
from trivia_scraper.policy.retrying import queue_wait_seconds
from trivia_scraper.settings import Settings
from trivia_scraper.storage.epochs import join_store
from trivia_scraper.storage.queue_engine import engine_wait_seconds
from trivia_scraper.storage.requests import PostgresRequestDesk

ONE_SOURCE = ("question_one",)
FAILED = (
    "UPDATE images SET status = 'failed', error_type = 'network_timeout', storage_key = NULL, thumb_key = NULL,"
    " sha256 = NULL, source_sha256 = NULL"
)


@dataclass
class Lab:
    """A scheduler and a worker in one process, and the queue between them, which a test empties by hand."""

    house: House
    cluster: Cluster
    run_id: UUID
    stopped: bool = False

    @property
    def services(self) -> Any:
        return replace(self.house.services, run_id=self.run_id, stopping=lambda: self.stopped)

    @property
    def work(self) -> QueuedWork:
        return QueuedWork(self.cluster.book, self.services)

    async def waiting(self) -> list[QueuedJob]:
        rows = await self.house.query("SELECT payload FROM trivia_queue.pgqueuer ORDER BY priority DESC, id")
        return [job_from_json(row["payload"]) for row in rows]

    async def take(self) -> QueuedJob:
        """The most urgent job, out of the queue."""
        job = (await self.waiting())[0]
        await self.forget(job)
        return job

    async def forget(self, job: QueuedJob) -> None:
        await self.house.query("DELETE FROM trivia_queue.pgqueuer WHERE dedupe_key = $1", job.dedupe_key)

    async def drain(self) -> None:
        """Do everything that waits, and what comes of it; as in earnest, a job is in the queue until it is done."""
        while waiting := await self.waiting():
            assert (await self.work.perform(Delivery(waiting[0]))).ended is Ended.DONE
            await self.forget(waiting[0])

    async def spread(self, options: RefreshOptions, *, is_draining: bool = False) -> RunReport:
        watch = SpreadWatch(is_draining=lambda: is_draining, tell=lambda _: None)
        return await refresh_spread(self.cluster.book, watch, options, replace(self.services, sleep=soon))

    async def begun(self, options: RefreshOptions) -> IndexJob:
        """A run of one source as the scheduler leaves it when it stops at once."""
        report = await self.spread(options, is_draining=True)
        assert report.finish_reason is FinishReason.INTERRUPTED
        job = await self.take()
        assert isinstance(job, IndexJob)
        return job

    async def planned(self, options: RefreshOptions) -> BatchJob:
        """The only batch of such a run."""
        await self.work.perform(Delivery(await self.begun(options)))
        job = await self.take()
        assert isinstance(job, BatchJob)
        return job

    async def asked(self, part: str) -> int:
        return self.house.replica.site.log.count_where(lambda seen: part in seen.path)


async def soon(_: float) -> None:
    await asyncio.sleep(0.01)


@pytest.fixture
async def small() -> AsyncIterator[Replica]:
    async with serve_replica(world_size=3, picture_scale=0.1) as running:
        yield running


@pytest.fixture
async def lab(tmp_path: Path, database_url: str, small: Replica) -> AsyncIterator[Lab]:
    async with opened_lab(tmp_path, database_url, small) as lab:
        yield lab


@asynccontextmanager
async def opened_lab(folder: Path, database_url: str, replica: Replica) -> AsyncIterator[Lab]:
    async with open_house(folder, database_url, replica) as house:
        database = house.services.catalog._database  # type: ignore[attr-defined]
        yield Lab(house, await open_cluster(database, house.services.log), uuid4())


def forced(**changes: Any) -> RefreshOptions:
    return make_options(force_refresh_images=True, sources=ONE_SOURCE, **changes)


async def test_a_spread_run_tells_what_a_run_in_one_process_tells(lab: Lab) -> None:
    async with asyncio.TaskGroup() as group:
        spreading = group.create_task(lab.spread(forced()))
        while not await lab.waiting():
            await asyncio.sleep(0)
        await lab.drain()
    spread = spreading.result()
    alone = await lab.house.run(force_refresh_images=True, sources=ONE_SOURCE)
    assert (spread.ok, spread.finish_reason, list(spread.sources)) == (True, FinishReason.DONE, list(ONE_SOURCE))
    one, other = spread.sources["question_one"], alone.sources["question_one"]
    for field in ("verdict", "listed", "usable", "visited", "index_pages", "skipped", "failed", "read_pages"):
        assert getattr(one, field) == getattr(other, field), field
    assert one.created == one.visited
    assert one.images.total() == other.images.total() > 0
    assert await lab.house.problems() == []


async def test_a_batch_that_arrives_twice_is_done_once(lab: Lab) -> None:
    batch = await lab.planned(forced())
    await lab.work.perform(Delivery(batch))
    before = lab.house.replica.site.log.total
    ending = await lab.work.perform(Delivery(batch))
    assert (ending.ended, lab.house.replica.site.log.total) == (Ended.DONE, before)
    [source] = (await lab.cluster.book.concluded(lab.run_id)).values()
    assert source is not None
    assert source.visited == len(batch.visits)


async def test_what_a_dead_worker_had_stored_is_not_downloaded_again(lab: Lab) -> None:
    """It died after the rows were committed and before the book knew: the pages come again, the pictures do not."""
    batch = await lab.planned(forced())
    await lab.work.perform(Delivery(batch))
    await lab.house.query("UPDATE spread_sources SET concluded_at = NULL")
    await lab.house.query("UPDATE spread_visits SET done_at = NULL, report = NULL")
    lab.house.replica.site.log.reset()
    await lab.work.perform(Delivery(batch, deaths=1))
    pictures = [
        seen for seen in lab.house.replica.site.log.requests() if seen.path.endswith((".jpg", ".png", ".webp"))
    ]
    assert pictures == []
    attempts = await lab.house.query("SELECT count(*) AS n FROM image_attempts GROUP BY image_id, run_id")
    assert {row["n"] for row in attempts} == {1}


async def test_a_job_over_which_workers_died_is_held_and_the_run_ends_without_it(lab: Lab) -> None:
    batch = await lab.planned(forced())
    ending = await lab.work.perform(Delivery(batch, deaths=MOST_DEATHS))
    assert ending.ended is Ended.HELD
    report = await lab.spread(forced())
    assert not report.ok
    assert report.sources["question_one"].failed == len(batch.visits) == len(report.failures)
    assert "4 workers died over it" in report.failures[0].message
    [issue] = await lab.house.query("SELECT source, subject, message FROM issues WHERE kind = 'held_job'")
    assert (issue["source"], issue["subject"]) == ("question_one", "batch 0 of question_one")
    assert "was given up: 4 workers died over it" in issue["message"]


async def test_an_index_over_which_workers_died_ends_its_source(lab: Lab) -> None:
    index = await lab.begun(forced())
    assert (await lab.work.perform(Delivery(index, deaths=MOST_DEATHS))).ended is Ended.HELD
    report = await lab.spread(forced())
    assert [failure.source for failure in report.failures] == ["question_one"]


async def test_a_source_that_cannot_be_read_costs_no_other(lab: Lab) -> None:
    lab.house.replica.site.switches.set_index(
        IndexSwitch(provider="question_one", fault=IndexFault.STATUS, status=404)
    )
    options = make_options(sources=("question_one", "quizmeisters"))
    async with asyncio.TaskGroup() as group:
        spreading = group.create_task(lab.spread(options))
        while not await lab.waiting():
            await asyncio.sleep(0)
        await lab.drain()
    report = spreading.result()
    assert {failure.source for failure in report.failures} == {"question_one"}
    assert report.sources["quizmeisters"].visited > 0


async def test_a_source_that_a_worker_does_not_know_is_told(lab: Lab) -> None:
    index = await lab.begun(forced())
    stranger = QueuedWork(lab.cluster.book, replace(lab.services, sources={}))
    assert (await stranger.perform(Delivery(index))).ended is Ended.DONE
    report = await lab.spread(forced())
    assert "does not know the source 'question_one'" in report.failures[0].message


async def test_a_stopping_worker_gives_its_job_back(lab: Lab) -> None:
    batch = await lab.planned(forced())
    lab.stopped = True
    ending = await lab.work.perform(Delivery(batch))
    assert (ending.ended, ending.delay_seconds) == (Ended.AGAIN, 0.0)
    assert await lab.cluster.book.undone(batch) == frozenset(batch.keys)


async def test_a_run_that_is_called_off_is_not_visited_any_more(lab: Lab) -> None:
    batch = await lab.planned(forced())
    await lab.cluster.book.call_off(lab.run_id, lab.services.clock.now())
    assert (await lab.work.perform(Delivery(batch))).ended is Ended.DONE
    report = await lab.spread(forced())
    assert report.finish_reason is FinishReason.INTERRUPTED
    assert report.sources["question_one"].visited == 0
    assert report.sources["question_one"].skipped.total() >= len(batch.visits)


async def test_a_run_that_is_called_off_before_its_index_was_read_asks_the_site_for_nothing(lab: Lab) -> None:
    index = await lab.begun(forced())
    await lab.cluster.book.call_off(lab.run_id, lab.services.clock.now())
    asked = lab.house.replica.site.log.total
    assert (await lab.work.perform(Delivery(index))).ended is Ended.DONE
    assert lab.house.replica.site.log.total == asked
    report = await lab.spread(forced())
    assert report.finish_reason is FinishReason.INTERRUPTED
    assert not await lab.house.query("SELECT FROM sources WHERE last_complete_at IS NOT NULL"), "nothing was learnt"


async def test_a_run_that_is_called_off_ends_although_no_worker_is_there(lab: Lab) -> None:
    """One source is planned, the other's index still waits: whoever pressed Ctrl-C would wait for ever."""
    options = make_options(sources=("question_one", "quizmeisters"))
    index = await lab.begun(options)
    await lab.work.perform(Delivery(index))
    lab.stopped = True
    report = await lab.spread(options)
    assert report.finish_reason is FinishReason.INTERRUPTED
    assert {slug: source.visited for slug, source in report.sources.items()} == dict.fromkeys(options.sources, 0)
    assert report.sources[index.source].skipped[SkipReason.INTERRUPTED] == report.sources[index.source].listed > 0
    assert lab.house.events("queue.unattended"), "told, for a run without workers waits long"
    before, lab.stopped = lab.house.replica.site.log.total, False
    await lab.drain()
    assert lab.house.replica.site.log.total == before, "a worker that comes later finds it ended"


async def test_a_run_without_workers_ends_when_its_time_is_up(lab: Lab) -> None:
    report = await lab.spread(forced(max_time_seconds=0.001))
    assert (report.ok, report.finish_reason) == (True, FinishReason.MAX_TIME)
    assert report.sources["question_one"].listed == 0


async def test_while_a_worker_is_there_a_called_off_run_waits_for_what_it_is_doing(lab: Lab) -> None:
    batch = await lab.planned(forced())
    await lab.cluster.queue.enqueue([batch])
    database = lab.house.services.catalog._database  # type: ignore[attr-defined]
    looks = 0

    async with join_store(database, "worker"):
        lab.stopped = True
        work = QueuedWork(lab.cluster.book, replace(lab.services, stopping=lambda: False))
        watch = SpreadWatch(is_draining=lambda: False, tell=lambda _: None)

        async def wait(_: float) -> None:
            nonlocal looks
            looks += 1
            assert await lab.cluster.book.undone(batch) == frozenset(batch.keys), "the worker has them"
            if looks == 3:
                await work.perform(Delivery(batch))

        report = await refresh_spread(lab.cluster.book, watch, forced(), replace(lab.services, sleep=wait))
    assert report.finish_reason is FinishReason.INTERRUPTED
    assert looks == 3


@pytest.mark.parametrize("is_planned", [False, True])
async def test_a_job_that_was_lost_ends_its_source_instead_of_the_waiting(lab: Lab, is_planned: bool) -> None:
    """Held by a worker of another version, deleted by hand: nobody will ever do it."""
    async with asyncio.TaskGroup() as group:
        spreading = group.create_task(lab.spread(forced()))
        while not (waiting := await lab.waiting()):
            await asyncio.sleep(0)
        if is_planned:
            await lab.work.perform(Delivery(waiting[0]))
        for job in await lab.waiting():
            await lab.forget(job)
    report = spreading.result()
    assert not report.ok
    assert "a job of question_one was lost" in report.failures[0].message
    assert report.sources["question_one"].failed == (3 if is_planned else 0)
    [issue] = await lab.house.query("SELECT source FROM issues WHERE kind = 'held_job'")
    assert issue["source"] == "question_one"


async def test_a_run_that_nobody_waits_for_is_called_off_when_the_next_one_begins(lab: Lab) -> None:
    """Its request was taken back while no scheduler was there: two runs of a source would be on their way."""
    old = await lab.planned(forced())
    wanted = replace(lab, run_id=uuid4())
    await wanted.begun(forced())
    assert (await lab.work.perform(Delivery(old))).ended is Ended.DONE
    [left] = (await lab.cluster.book.concluded(lab.run_id)).values()
    assert left is not None
    assert (left.visited, left.skipped[SkipReason.INTERRUPTED]) == (0, len(old.visits))
    found = await wanted.cluster.book.source(wanted.run_id, "question_one")
    assert found is not None
    assert not found.is_called_off


async def test_a_request_that_is_taken_back_calls_off_what_workers_still_do_of_it(lab: Lab) -> None:
    await lab.planned(forced())
    desk = PostgresRequestDesk(lab.house.services.catalog._database)  # type: ignore[attr-defined]
    now = lab.services.clock.now()
    await desk.file(RunRequest(lab.run_id, RequestKind.REFRESH, forced(), {}, "a person", now))
    await wanted_by_request(lab)
    await desk.ask_to_stop(lab.run_id, now)
    found = await lab.cluster.book.source(lab.run_id, "question_one")
    assert found is not None
    assert found.is_called_off


async def wanted_by_request(lab: Lab) -> None:
    """A run of somebody else begins: what is asked for stays as it is."""
    await replace(lab, run_id=uuid4()).spread(make_options(sources=("quizmeisters",)), is_draining=True)
    found = await lab.cluster.book.source(lab.run_id, "question_one")
    assert found is not None
    assert not found.is_called_off


async def test_the_time_budget_counts_from_the_beginning_on_every_machine(lab: Lab) -> None:
    batch = await lab.planned(forced(max_time_seconds=600.0))
    await lab.house.query("UPDATE spread_sources SET begun_at = begun_at - interval '1 hour'")
    assert (await lab.work.perform(Delivery(batch))).ended is Ended.DONE
    report = await lab.spread(forced(max_time_seconds=600.0))
    assert report.finish_reason is FinishReason.MAX_TIME
    assert report.sources["question_one"].visited == 0


async def test_a_full_disk_of_the_database_is_waited_for(lab: Lab) -> None:
    services = replace(lab.services, recoveries=_Broken(lab.services.recoveries, StorageFull("database: disk full")))
    ending = await QueuedWork(lab.cluster.book, services).perform(Delivery(RequestsJob(uuid4(), make_options())))
    assert ending.ended is Ended.AGAIN


async def test_what_is_told_of_a_crash_has_no_secret(lab: Lab) -> None:
    bug = ValueError("https://user:secret@db.example/x?key=geheim")
    services = replace(lab.services, recoveries=_Broken(lab.services.recoveries, bug))
    ending = await QueuedWork(lab.cluster.book, services).perform(Delivery(RequestsJob(uuid4(), make_options())))
    [issue] = await lab.house.query("SELECT message FROM issues WHERE kind = 'held_job'")
    for told in (ending.why, issue["message"]):
        assert "ValueError" in told
        assert "secret" not in told


@pytest.mark.parametrize(("returns", "expected"), [(0, Ended.AGAIN), (MOST_RETURNS, Ended.HELD)])
async def test_without_a_database_a_job_is_given_back_and_at_last_given_up(
    lab: Lab, returns: int, expected: Ended
) -> None:
    async def at_once(_: float) -> None:
        return

    job = RequestsJob(uuid4(), make_options())
    services = replace(lab.services, sleep=at_once)
    services = replace(services, recoveries=_Broken(services.recoveries, StorageUnavailable("database: away")))
    ending = await QueuedWork(lab.cluster.book, services).perform(Delivery(job, returns=returns))
    assert ending.ended is expected


class _Broken:
    def __init__(self, inner: Any, error: Exception) -> None:
        self._inner = inner
        self._error = error

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: object, **__: object) -> None:
            raise self._error

        return fail


async def test_F46_a_worker_that_was_shut_out_writes_nothing_and_says_so(lab: Lab) -> None:
    batch = await lab.planned(forced())
    services = replace(lab.services, catalog=_Broken(lab.services.catalog, StoreFenced("taken over")))
    book: Any = lab.cluster.book

    class Fenced:
        def __getattr__(self, name: str) -> Any:
            return getattr(book, name)

        async def note_visit(self, *_: object) -> None:
            raise StoreFenced("taken over")

    fenced: Any = Fenced()
    with pytest.raises(StoreFenced):
        await QueuedWork(fenced, services).perform(Delivery(batch))
    assert await lab.cluster.book.undone(batch) == frozenset(batch.keys)


async def test_a_scheduler_that_stops_leaves_the_run_to_the_workers_and_the_next_one_ends_it(lab: Lab) -> None:
    index = await lab.begun(forced())
    assert (await lab.house.query("SELECT finished_at FROM runs"))[0]["finished_at"] is None
    await lab.work.perform(Delivery(index))
    await lab.drain()
    report = await lab.spread(forced())
    assert (report.ok, await lab.waiting()) == (True, [])
    assert (await lab.house.query("SELECT finish_reason FROM runs"))[0]["finish_reason"] == "done"


async def test_due_recoveries_are_queued_once_for_each_owner_and_done_by_a_worker(lab: Lab) -> None:
    await lab.house.run(sources=ONE_SOURCE)
    await lab.house.query(f"{FAILED}, next_retry_at = now() - interval '1 hour'")
    due = RecoveryRequest(include_ambiguous=False, all_due=True)
    queued = await queue_due_recoveries(due, make_options(), lab.services, lab.cluster.queue)
    assert queued > 0
    assert await queue_due_recoveries(due, make_options(), lab.services, lab.cluster.queue) == 0
    assert {type(job) for job in await lab.waiting()} == {RecoveryJob}
    await lab.drain()
    assert await lab.house.query("SELECT id FROM images WHERE status = 'failed'") == []


async def test_a_recovery_that_was_asked_for_is_done_with_its_own_options(lab: Lab) -> None:
    await lab.house.run(sources=ONE_SOURCE)
    await lab.house.query(FAILED)
    [owner] = await lab.house.query(
        "SELECT owner_id FROM images WHERE owner_kind = 'venue' ORDER BY owner_id LIMIT 1"
    )
    await queue_recovery(
        OwnerKind.VENUE, owner["owner_id"], None, include_ambiguous=False, is_bulk=False, requested_by="a person",
        options=make_options(), services=lab.services,
    )  # fmt: skip
    nobody_due = make_options(sources=("nobody",))
    request = RecoveryRequest(include_ambiguous=False, all_due=True)
    assert await queue_due_recoveries(request, nobody_due, lab.services, lab.cluster.queue) == 1
    assert isinstance((await lab.waiting())[0], RequestsJob)
    await lab.drain()
    [done] = await lab.house.query("SELECT finished_at FROM recovery_requests")
    assert done["finished_at"] is not None


async def test_a_verification_is_done_by_a_worker(lab: Lab) -> None:
    await lab.house.run(sources=ONE_SOURCE)
    await lab.cluster.queue.enqueue([VerificationJob(uuid4(), 5, make_options())])
    await lab.drain()
    assert any(entry["event"] == "images.verified" for entry in lab.house.events())


def settings_of(folder: Path, url: str, **sections: Any) -> Settings:
    return house_settings(folder, url, {}, sections)


@pytest.mark.parametrize(
    ("url", "sections", "complaint"),
    [
        ("embedded", {}, "the embedded database serves one machine only"),
        ("postgresql://u@127.0.0.1/x", {}, "out of the other machines' reach"),
    ],
)
def test_what_one_machine_alone_can_reach_is_refused(
    tmp_path: Path, url: str, sections: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SetupError, match=complaint) as refused:
        refuse_alone(settings_of(tmp_path, url, **sections))
    assert refused.value.hint


def test_a_folder_that_every_machine_mounts_is_taken(tmp_path: Path) -> None:
    refuse_alone(settings_of(tmp_path, "postgresql://u@127.0.0.1/x", daemon={"shared_folder": True}))


async def test_without_the_extra_the_roles_say_what_to_install(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("pgqueuer")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pgqueuer", None)
    for name in ("queue", "spreading"):
        monkeypatch.delitem(sys.modules, f"trivia_scraper.storage.{name}")
    with pytest.raises(SetupError) as missing:
        await open_cluster(lab.house.services.catalog._database, lab.house.services.log)  # type: ignore[attr-defined]
    assert missing.value.hint == "pip install 'trivia-scraper[cluster]'"


@pytest.mark.parametrize(("returns", "seconds"), [(0, 1.0), (1, 2.0), (5, 32.0), (6, 60.0), (500, 60.0)])
def test_a_job_that_is_given_back_again_and_again_waits_longer(returns: int, seconds: float) -> None:
    assert queue_wait_seconds(returns) == seconds


@pytest.mark.parametrize(
    ("lost", "chance", "seconds"), [(1, 0.0, 0.5), (1, 1.0, 0.625), (3, 0.0, 2.0), (6, 0.0, 15.0), (99, 1.0, 15.0)]
)
def test_a_worker_that_loses_the_queue_waits_half_a_second_to_fifteen(
    lost: int, chance: float, seconds: float
) -> None:
    assert engine_wait_seconds(lost, chance) == seconds
