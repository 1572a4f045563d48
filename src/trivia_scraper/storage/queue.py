"""The queue of several machines: PgQueuer's tables, in a schema of their own. Implements `ports.JobQueue`.

Imported only where a role needs it: the library comes with the extra `cluster`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job, TracebackRecord
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import Driver
from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.queued_jobs import JOB_KINDS, QueuedJob, job_to_json
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.pg_errors import DRIVER_ERRORS, Phase, translate
from trivia_scraper.storage.sessions import Session

SCHEMA: Final = "trivia_queue"
INSTALL_KEY: Final = 0x7472_6976_6961_0005
INSTALL_SECONDS: Final = 60.0
KEPT_LOG: Final = dt.timedelta(days=7)
GIVE_BACK_WAITS: Final = (0.1, 0.5, 1.0, 2.0)
"""Seconds between tries to queue a job again: a worker that stops has no more time."""

# Every name is said here: else the library would take some of them from environment variables as common as CHANNEL.
NAMES: Final = DBSettings(
    prefix="",
    db_schema=SCHEMA,
    channel=Channel(SCHEMA),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.durable,
    widen_id=True,
)


class PatientQueries(Queries):
    """The library's own calls, with one fault mended.

    Where a job that is given back cannot be queued again, because the database stumbles, the library holds it for a
    person. Here that is tried again, then left: a job without signs of life goes to another worker by itself.
    """

    async def retry_job(self, job: Job, delay: dt.timedelta, traceback_record: TracebackRecord | None) -> None:
        """Queue a job again."""
        for wait in GIVE_BACK_WAITS:
            try:
                return await super().retry_job(job, delay, traceback_record)
            except DRIVER_ERRORS:
                await asyncio.sleep(wait)
        return None


def queries_over(driver: Driver) -> Queries:
    """The library's calls, on our names."""
    return PatientQueries(
        driver,
        qbe=QueryBuilderEnvironment(NAMES),
        qbq=QueryQueueBuilder(NAMES),
        qbs=QuerySchedulerBuilder(NAMES),
    )


async def install_queue(database: Database) -> None:
    """Make the queue's tables, or bring them up to this version of the library; one process at a time.

    Raises StorageUnavailable when another process takes too long over it, SetupError without the right to do so.
    """
    async with database.dedicated("trivia-scraper queue installation") as session:
        await session.execute("session/set", "lock_timeout", f"{INSTALL_SECONDS:g}s")
        await session.execute("schema/lock", INSTALL_KEY, timeout_seconds=2 * INSTALL_SECONDS)
        queries = queries_over(AsyncpgDriver(session.connection))
        try:
            if await queries.schema_is_installed():
                await queries.upgrade()
            else:
                await queries.install()
        except DRIVER_ERRORS as error:
            raise translate(error, Phase.QUERY) from error


class PostgresQueue:
    """Fills the queue; who empties it is `queue_engine`."""

    def __init__(self, database: Database, log: FilteringBoundLogger) -> None:
        self._database = database
        self._log = log

    async def enqueue(self, jobs: Sequence[QueuedJob]) -> int:
        """Queue what does not wait or run already, in a transaction of its own."""
        async with self._database.transaction() as session:
            return await self.enqueue_within(session, jobs)

    async def enqueue_within(self, session: Session, jobs: Sequence[QueuedJob]) -> int:
        """The same as part of a transaction that is going on; returns how many were queued."""
        if not jobs:
            return 0
        # Not through the library's own call: that one writes text where this session's codec expects values.
        statement = QueryQueueBuilder(NAMES).build_enqueue_query("skip")
        rows = await session.connection.fetch(
            statement,
            [-JOB_KINDS.index(job.kind) for job in jobs],
            [job.kind for job in jobs],
            [job_to_json(job).encode() for job in jobs],
            [dt.timedelta(0)] * len(jobs),
            [job.dedupe_key for job in jobs],
            [None] * len(jobs),
        )
        if rows:
            queued = Counter(jobs[row["ord"] - 1].kind for row in rows)
            self._log.info(LogEvent.QUEUE_FILLED, jobs=len(rows), kinds=dict(queued))
        return len(rows)

    async def prune(self, now: dt.datetime) -> None:
        """Count the log's lines into the statistics and forget those that are old (nightly)."""
        async with self._database.dedicated("trivia-scraper queue pruning") as session:
            try:
                await queries_over(AsyncpgDriver(session.connection)).aggregate_logs()
            except DRIVER_ERRORS as error:
                raise translate(error, Phase.QUERY) from error
            forgotten = await session.fetchval("queue/prune_log", now - KEPT_LOG)
        self._log.info(LogEvent.QUEUE_PRUNED, lines=forgotten)

    async def waiting(self) -> dict[str, int]:
        """How many jobs of each kind wait or run; "held" counts those that a person should look at."""
        async with self._database.dedicated("trivia-scraper queue figures") as session:
            try:
                counted = await queries_over(AsyncpgDriver(session.connection)).queue_size()
            except DRIVER_ERRORS as error:
                raise translate(error, Phase.QUERY) from error
        figures: Counter[str] = Counter()
        for each in counted:
            figures["held" if each.status == "failed" else str(each.entrypoint)] += each.count
        return dict(figures)
