"""A worker's own house and the scheduler's hands, in one process, over one queue."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from support.house import House, capturing_log, house_settings, make_options, open_house
from trivia_scraper.bootstrap.cluster import Perform, open_cluster, open_worker_house
from trivia_scraper.daemon.cluster import Spreading
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.daemon.working import Ended
from trivia_scraper.demo.server import Replica, serve_replica
from trivia_scraper.domain.queued_jobs import Delivery, Ending, VerificationJob, job_from_json
from trivia_scraper.domain.requests import RequestKind, RunRequest
from trivia_scraper.ports import Services
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.epochs import join_store
from trivia_scraper.storage.owner_locks import SharedOwnerLocks

PATIENCE_SECONDS = 60.0
SHARED = {"daemon": {"shared_folder": True}}


class Onlooker:
    """Implements `bootstrap.cluster.WorkOnlooker`: shuts the worker out once, when it begins with its first job."""

    def __init__(self, house: House, stop: Stop) -> None:
        self.house = house
        self.stop = stop
        self.epochs: list[int] = []
        self.beats = 0

    def stopping(self) -> bool:
        return self.stop.is_asked

    async def wait_for_stop(self) -> None:
        await self.stop.wait()

    def beat(self) -> None:
        self.beats += 1

    def joined(self, epoch: int | None) -> None:
        if epoch is not None:
            self.epochs.append(epoch)

    def metered(self, services: Services) -> Services:
        return services

    def watched(self, perform: Perform) -> Perform:
        async def do(delivery: Delivery) -> Ending:
            if len(self.epochs) == 1:
                await self.house.query("SELECT fence($1, now())", self.epochs[0])
            return await perform(delivery)

        return do


def shared_settings(folder: Path, url: str, replica: Replica) -> Settings:
    lookup = {"lookup": {"url": replica.lookup_url}}
    return house_settings(folder, url, replica.index_urls, {**SHARED, **lookup, "images": {"workers": 1}})


async def spreading_of(house: House, stop: Stop) -> Spreading:
    database: Any = house.services.catalog._database  # type: ignore[attr-defined]
    return Spreading(await open_cluster(database, house.services.log), stop)


async def test_F46_a_worker_that_was_shut_out_joins_anew_and_the_run_is_whole(
    tmp_path: Path, database_url: str
) -> None:
    stop, log = Stop(), capturing_log()[0]
    async with (
        serve_replica(world_size=3, picture_scale=0.1) as small,
        open_house(tmp_path, database_url, small) as house,
    ):
        onlooker = Onlooker(house, stop)
        services = replace(house.services, run_id=uuid4())
        spreading = await spreading_of(house, stop)
        settings = shared_settings(tmp_path, database_url, small)
        async with (
            open_worker_house(settings, log) as worker,
            asyncio.timeout(PATIENCE_SECONDS),
            asyncio.TaskGroup() as group,
        ):
            working = group.create_task(worker.work(onlooker))
            ended = await spreading.refresh(make_options(sources=("question_one",)))(services)
            stop.ask("enough")
            await working
        assert (ended.ok, ended.is_cut) == (True, False)
        assert ended.outcome["sources"]["question_one"]["visited"] == 3
        assert len(onlooker.epochs) == 2
        assert onlooker.beats
        told = await house.query("SELECT epoch FROM runs")
        assert [row["epoch"] for row in told] == [house.services.runs._epoch]  # type: ignore[attr-defined]
        fenced = await house.query("SELECT epoch FROM store_epochs WHERE role = 'worker' AND fenced_at IS NULL")
        assert fenced == []
        assert await house.problems() == []


async def test_the_scheduler_gives_away_what_workers_can_do(house: House) -> None:
    stop = Stop()
    spreading, services = await spreading_of(house, stop), replace(house.services, run_id=uuid4())
    assert (await spreading.verify(7)(services)).outcome["queued"] == 1
    assert (await spreading.recover_due(services)).outcome["queued"] == 0
    assert (await spreading.enrich(services)).outcome["queued"] == 0
    [row] = await house.query("SELECT payload FROM trivia_queue.pgqueuer")
    job = job_from_json(row["payload"])
    assert isinstance(job, VerificationJob)
    assert (job.most, job.run_id) == (7, services.run_id)


@pytest.mark.parametrize(
    ("kind", "retry_failed_only", "is_given_away"),
    [
        (RequestKind.REFRESH, False, True),
        (RequestKind.REFRESH, True, False),
        (RequestKind.RECOVERY, False, False),
        (RequestKind.CLEANUP, False, False),
        (RequestKind.ENRICHMENT, False, False),
    ],
)
async def test_of_people_s_requests_runs_are_given_away(
    house: House, kind: RequestKind, retry_failed_only: bool, is_given_away: bool
) -> None:
    options = make_options(retry_failed_only=retry_failed_only)
    request = RunRequest(uuid4(), kind, options, {}, "somebody", house.services.clock.now())
    assert ((await spreading_of(house, Stop())).request(request) is not None) is is_given_away


async def test_the_nightly_cleanup_tidies_the_queue_as_well(house: House) -> None:
    spreading = await spreading_of(house, Stop())
    await house.query(
        "INSERT INTO trivia_queue.pgqueuer_log (job_id, status, priority, entrypoint, created)"
        " VALUES (1, 'successful', 0, 'index', now() - interval '8 days')"
    )

    async def clean(_: Services) -> Ended:
        return Ended(ok=True, outcome={"cleaned": 1})

    ended = await spreading.tidied(clean)(house.services)
    assert ended == Ended(ok=True, outcome={"cleaned": 1})
    assert await house.query("SELECT id FROM trivia_queue.pgqueuer_log") == []


async def test_a_scheduler_that_drains_says_that_its_run_is_cut(house: House) -> None:
    stop = Stop()
    stop.ask("SIGTERM")
    spreading = await spreading_of(house, stop)
    services = replace(house.services, run_id=uuid4(), stopping=lambda: True)
    ended = await spreading.refresh(make_options(sources=("question_one",)))(services)
    assert (ended.ok, ended.is_cut) == (False, True)


@pytest.mark.parametrize("has_worker", [False, True])
async def test_a_command_beside_workers_shares_hosts_owners_and_staging_with_them(
    tmp_path: Path, database: Database, database_url: str, replica: Replica, has_worker: bool
) -> None:
    """No scheduler is there, and a person runs something while workers still empty the queue."""
    staged = tmp_path / "images" / ".tmp" / "a worker's body"
    staged.parent.mkdir(parents=True)
    staged.write_bytes(b"half a picture")
    async with AsyncExitStack() as stack:
        if has_worker:
            await stack.enter_async_context(join_store(database, "worker"))
        house = await stack.enter_async_context(open_house(tmp_path, database_url, replica))
        pacer = house.services.fetcher._walker._pacer  # type: ignore[attr-defined]
        assert staged.exists() is has_worker
        assert isinstance(house.services.locks, SharedOwnerLocks) is has_worker
        assert (pacer._turns is not None) is has_worker
