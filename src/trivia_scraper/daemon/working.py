"""What the daemon is doing: work side by side, what must not overlap one after the other, and no fault beyond itself.

Two runs of one source never overlap, nor two cleanups; whatever else comes waits for its turn.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from trivia_scraper.daemon.loops import Beat
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.domain.error_documents import BUG, error_document, failed_document
from trivia_scraper.domain.errors import (
    CommitUnknown,
    CredentialsMissing,
    DatabaseUnreachable,
    InstanceLocked,
    StorageFull,
    StorageUnavailable,
    TriviaScraperError,
)
from trivia_scraper.domain.live import JobState, SourceProgress
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.ports import Services

TURN_SECONDS: Final = 5.0
AGAIN_SECONDS: Final = 5.0
LEAVE_SECONDS: Final = 3.0
"""What giving work back may take of the grace of a stop."""
MOST_LOSSES: Final = 50
"""So often work is begun again because the database went away under it."""

LOST_DATABASE: Final = (StorageUnavailable, DatabaseUnreachable, CommitUnknown)
DATABASE_AWAY: Final = (*LOST_DATABASE, StorageFull, CredentialsMissing)
"""What may keep one line from being stored, and passes: a server whose disk is full, or whose password changed."""

EVERY_SOURCE: Final = "every source"

Stored = TypeVar("Stored")


class _StopCame(Exception):
    """A stop was asked for before the work, or what is to be written of it, was done."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How work ended.

    outcome  as the command's `--json` prints it
    is_cut   it was given up halfway because of a stop: it is begun again later, as if it had not been
    lost_database  the database went away under it: it is begun again when it is back
    """

    ok: bool
    outcome: Mapping[str, Any] = field(default_factory=dict)
    is_cut: bool = False
    lost_database: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work.

    turns   what it must have to itself while it runs: "source:question_one", "cleanup" …
    begin   called when its turn has come, until it is answered; False = it is not wanted any more
    do      the work, with services of its own
    end     called with how it ended, until it is stored; not when a stop came before: then `give_back`, once,
            whether it was begun or not
    """

    id: UUID
    name: str
    requested_by: str
    turns: frozenset[str]
    do: Callable[[Services], Awaitable[Ended]]
    begin: Callable[[], Awaitable[bool]]
    end: Callable[[Ended], Awaitable[None]]
    give_back: Callable[[], Awaitable[None]]
    due_at: dt.datetime | None = None


class Meter(Protocol):
    """Stands between one piece of work and its services, counts, and can be asked how far things are."""

    def attach(self, services: Services) -> Services:
        """The same services, metered."""

    def progress_of(self) -> Mapping[str, SourceProgress]:
        """By source."""


@dataclass(slots=True)
class _Running:
    work: Work
    started_at: dt.datetime
    meter: Meter
    stop_asked: bool = False


class Turns:
    """Who has what to himself. "every source" excludes each single source, and the other way round."""

    def __init__(self, sources: Callable[[], frozenset[str]]) -> None:
        self._sources = sources
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def of(self, wanted: frozenset[str]) -> AsyncIterator[None]:
        """Have all of these; taken in one order, so that nobody waits in a circle."""
        while True:
            names = self._names(wanted)
            async with AsyncExitStack() as stack:
                for name in sorted(names):
                    await stack.enter_async_context(self._locks.setdefault(name, asyncio.Lock()))
                if self._names(wanted) <= names:  # a reload meanwhile may have brought a source more
                    yield
                    return

    def _names(self, wanted: frozenset[str]) -> frozenset[str]:
        if EVERY_SOURCE not in wanted:
            return wanted
        return (wanted - {EVERY_SOURCE}) | {f"source:{slug}" for slug in self._sources()}


class Workshop:
    """Takes work in, does it, and knows what runs."""

    def __init__(
        self,
        services: Callable[[], Services],
        turns: Turns,
        stop: Stop,
        new_meter: Callable[[], Meter],
        ended: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`ended` is called after each piece of work: True = it was the last one for now."""
        self._services = services
        self._turns = turns
        self._stop = stop
        self._new_meter = new_meter
        self._ended = ended
        self._incoming: asyncio.Queue[Work] = asyncio.Queue()
        self._accepted: dict[UUID, Work] = {}
        self._running: dict[UUID, _Running] = {}

    def submit(self, work: Work) -> bool:
        """Take work in; False when this very work is here already."""
        if work.id in self._accepted:
            return False
        self._accepted[work.id] = work
        self._incoming.put_nowait(work)
        return True

    def is_here(self, name: str) -> dt.datetime | None:
        """The slot of the work of this name that waits or runs; None = there is none."""
        return next((work.due_at for work in self._accepted.values() if work.name == name and work.due_at), None)

    def has(self, name: str) -> bool:
        """Whether work of this name waits or runs."""
        return any(work.name == name for work in self._accepted.values())

    def jobs(self) -> tuple[JobState, ...]:
        """What runs now."""
        return tuple(
            JobState(each.work.id, each.work.name, each.work.requested_by, each.started_at, each.meter.progress_of())
            for each in self._running.values()
        )

    def stop_one(self, work_id: UUID) -> None:
        """Whoever asked for it does not want it any more."""
        if work_id in self._running:
            self._running[work_id].stop_asked = True

    async def run(self, beat: Beat) -> None:
        """Do what comes in until a stop is asked for, then wait for what is begun."""
        async with asyncio.TaskGroup() as group:
            stopped = group.create_task(self._stop.wait())
            while not self._stop.is_asked:
                beat()
                coming = group.create_task(self._incoming.get())
                await asyncio.wait({coming, stopped}, timeout=TURN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    group.create_task(self._do(coming.result()))
                else:
                    coming.cancel()
            while not self._incoming.empty():
                group.create_task(self._do(self._incoming.get_nowait()))

    async def _do(self, work: Work) -> None:
        try:
            await self._in_turn(work)
        except _StopCame:
            await self._leave(work)
        except asyncio.CancelledError:
            await self._leave(work)
            raise
        except InstanceLocked as error:
            self._stop.fail(error)
        except Exception as error:  # noqa: BLE001 - one piece of work never takes the others with it
            self._services().log.error(LogEvent.JOB_CRASHED, job=work.name, run_id=str(work.id), exc_info=error)
        finally:
            self._accepted.pop(work.id, None)
            self._ended(not self._accepted)

    async def _leave(self, work: Work) -> None:
        """The next process begins, or goes on, with it: a stop is no failed attempt."""
        if self._stop.is_urgent:
            return
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await work.give_back()
        except (TriviaScraperError, TimeoutError) as error:
            self._services().log.warning(
                LogEvent.JOB_POSTPONED, job=work.name, run_id=str(work.id), why=str(error) or "no answer in time",
                next="the next process finds it unfinished, and goes on with it",
            )  # fmt: skip

    async def _in_turn(self, work: Work) -> None:
        async with AsyncExitStack() as turns:
            async with self._stop.cutting_short():
                await turns.enter_async_context(self._turns.of(work.turns))
            base = self._services()
            await self._pass(base.gate)
            if await self._until_stored(work.begin, base):
                await self._begun(work, base)

    async def _begun(self, work: Work, base: Services) -> None:
        running = self._running[work.id] = _Running(work, base.clock.now(), self._new_meter())
        services = replace(
            running.meter.attach(base),
            run_id=work.id,
            stopping=lambda: base.stopping() or running.stop_asked,
            gate=lambda: self._wait_at(base.gate),
            log=base.log.bind(run_id=str(work.id), job=work.name),
        )
        services.log.info(LogEvent.JOB_STARTED, requested_by=work.requested_by)
        try:
            ended = await self._until_done(work, services)
        finally:
            del self._running[work.id]
        duration_ms = round((base.clock.now() - running.started_at).total_seconds() * 1000)
        services.log.info(LogEvent.JOB_FINISHED, ok=ended.ok, is_cut=ended.is_cut, duration_ms=duration_ms)
        if ended.is_cut and self._stop.is_asked:
            raise _StopCame
        await self._keep_end(work, ended, services)

    async def _keep_end(self, work: Work, ended: Ended, services: Services) -> None:
        """Write down how it ended. What cannot be written is told in short: else somebody would wait for ever."""
        try:
            await self._until_stored(lambda: work.end(ended), services)
        except (_StopCame, InstanceLocked):
            raise
        except Exception as error:
            services.log.error(LogEvent.JOB_CRASHED, exc_info=error)
            told = f"it has ended, but its outcome cannot be stored: {type(error).__name__}: {error}".replace(
                "\0", ""
            )
            short = Ended(ok=False, outcome=failed_document(BUG, told, "the log has the whole of it"))
            await self._until_stored(lambda: work.end(short), services)

    async def _until_stored(self, store: Callable[[], Awaitable[Stored]], services: Services) -> Stored:
        """Take it up or write it down, however long the database is away. Raises _StopCame."""
        while True:
            try:
                return await store()
            except DATABASE_AWAY as error:
                services.log.warning(LogEvent.JOB_POSTPONED, why=error.message, next="tried again until it is stored")
                await self._stop.sleep(AGAIN_SECONDS)
                await self._pass(services.gate)

    async def _pass(self, gate: Callable[[], Awaitable[None]]) -> None:
        """Wait until this process may write. Raises _StopCame."""
        await self._wait_at(gate)
        if self._stop.is_asked:
            raise _StopCame

    async def _wait_at(self, gate: Callable[[], Awaitable[None]]) -> None:
        async with self._stop.cutting_short():
            await gate()

    async def _until_done(self, work: Work, services: Services) -> Ended:
        for _ in range(MOST_LOSSES):
            ended = await self._once(work, services)
            if not ended.lost_database:
                return ended
            services.log.warning(
                LogEvent.JOB_POSTPONED, why="the database is away", next="begun again when it is back"
            )
            await self._stop.sleep(AGAIN_SECONDS)
            await services.gate()
            if self._stop.is_asked:
                return Ended(ok=False, is_cut=True)
        return ended

    async def _once(self, work: Work, services: Services) -> Ended:
        try:
            return await work.do(services)
        except InstanceLocked:
            raise
        except LOST_DATABASE as error:
            return Ended(ok=False, outcome=error_document(error), lost_database=True)
        except TriviaScraperError as error:
            services.log.error(LogEvent.JOB_FAILED, error=redact_text(error.message), next=error.hint)
            return Ended(ok=False, outcome=error_document(error))
        except Exception as error:
            services.log.error(LogEvent.JOB_CRASHED, exc_info=error)
            return Ended(ok=False, outcome=error_document(error))
