"""Work side by side: turns, stops, lost databases, crashes (operations.md 11, O10)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from support.house import capturing_log
from trivia_scraper.bootstrap import SystemClock
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.daemon.working import EVERY_SOURCE, Ended, Turns, Work, Workshop
from trivia_scraper.domain.errors import (
    CommitUnknown,
    DatabaseUnreachable,
    RowRejected,
    SetupError,
    StorageFull,
    StoreFenced,
)
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.ports import Services, always_open

SOURCES = frozenset({"one", "two"})


class Watched:
    """A meter that counts nothing."""

    def attach(self, services: Services) -> Services:
        return services

    def progress_of(self) -> dict[str, Any]:
        return {}


class HastyStop(Stop):
    """A stop whose waits take no time."""

    async def sleep(self, seconds: float) -> bool:
        await asyncio.sleep(0)
        return self.is_asked


@dataclass(frozen=True)
class _FewServices:
    """As much of the services as the workshop touches."""

    stop: Stop
    log: Any
    run_id: UUID = field(default_factory=uuid4)
    progress: Any = None
    stopping: Callable[[], bool] = lambda: False
    clock: SystemClock = field(default_factory=SystemClock)
    gate: Callable[[], Awaitable[None]] = always_open


class Shop:
    """A workshop at work, and what came of each piece of work."""

    def __init__(self) -> None:
        self.log, self.capture = capturing_log()
        self.stop = HastyStop()
        self.ended: dict[UUID, Ended] = {}
        self.given_back: list[UUID] = []
        self.gate: Callable[[], Awaitable[None]] = always_open
        self.workshop = Workshop(self.services, Turns(lambda: SOURCES), self.stop, Watched)

    def services(self) -> Services:
        return cast(Services, _FewServices(self.stop, self.log, gate=self.gate))

    def work(self, do: Callable[[Services], Awaitable[Ended]], *turns: str, wanted: bool = True) -> Work:
        work_id = uuid4()

        async def begin() -> bool:
            return wanted

        async def end(ended: Ended) -> None:
            self.ended[work_id] = ended

        async def give_back() -> None:
            self.given_back.append(work_id)

        return Work(work_id, "work", "a test", frozenset(turns), do, begin, end, give_back)

    async def run(self, *works: Work, until: Callable[[], bool] | None = None) -> None:
        """Do all of it, then stop."""
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(self.workshop.run(lambda: None))
            for work in works:
                assert self.workshop.submit(work)
            while not (until or (lambda: len(self.ended) == len(works)))():
                await asyncio.sleep(0)
            if not self.stop.is_asked:
                self.stop.ask("done")


async def well(_: Services) -> Ended:
    return Ended(ok=True)


async def test_work_runs_under_its_own_id_and_ends_once() -> None:
    shop, seen = Shop(), []

    async def do(services: Services) -> Ended:
        seen.append((services.run_id, [job.id for job in shop.workshop.jobs()]))
        return Ended(ok=True, outcome={"n": 1})

    work = shop.work(do)
    await shop.run(work)
    assert seen == [(work.id, [work.id])]
    assert shop.ended == {work.id: Ended(ok=True, outcome={"n": 1})}
    assert shop.workshop.jobs() == ()


@pytest.mark.parametrize(
    ("first", "second", "overlaps"),
    [
        ("source:one", "source:one", False),
        ("source:one", "source:two", True),
        (EVERY_SOURCE, "source:two", False),
        (EVERY_SOURCE, EVERY_SOURCE, False),
        ("cleanup", "source:one", True),
        ("cleanup", "cleanup", False),
    ],
)
async def test_two_runs_of_one_source_never_overlap(first: str, second: str, overlaps: bool) -> None:
    shop, inside, most = Shop(), 0, 0

    async def do(_: Services) -> Ended:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        for _turn in range(20):
            await asyncio.sleep(0)
        inside -= 1
        return Ended(ok=True)

    await shop.run(shop.work(do, first), shop.work(do, second))
    assert (most == 2) is overlaps


async def test_the_same_work_is_taken_in_once() -> None:
    shop = Shop()
    work = shop.work(well)
    assert shop.workshop.submit(work)
    assert not shop.workshop.submit(work)


async def test_a_crash_costs_only_itself() -> None:
    shop = Shop()

    async def crash(_: Services) -> Ended:
        raise ValueError("a bug")

    async def refuse(_: Services) -> Ended:
        raise SetupError("no such venue", hint="venues list")

    bug, refused, fine = shop.work(crash), shop.work(refuse), shop.work(well)
    await shop.run(bug, refused, fine)
    assert [shop.ended[each.id].ok for each in (bug, refused, fine)] == [False, False, True]
    # With the code by which whoever waits for it ends as if it had been done there (O27).
    assert "a bug" in shop.ended[bug.id].outcome["error"]["message"]
    assert shop.ended[bug.id].outcome["error"]["code"] == "bug"
    assert shop.ended[refused.id].outcome["error"] == {
        "code": "configuration", "message": "no such venue", "hint": "venues list",
    }  # fmt: skip
    events = [entry["event"] for entry in shop.capture.entries]
    assert LogEvent.JOB_CRASHED in events
    assert LogEvent.JOB_FAILED in events


async def test_f34_work_is_begun_again_when_the_database_is_back() -> None:
    shop, tries = Shop(), 0

    async def do(_: Services) -> Ended:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise DatabaseUnreachable("away")
        return Ended(ok=tries == 3, lost_database=tries == 2)

    work = shop.work(do)
    await shop.run(work)
    assert tries == 3
    assert shop.ended[work.id].ok


async def test_f34_how_work_ended_is_written_down_when_the_database_is_back() -> None:
    shop, tries, kept = Shop(), 0, []
    work = shop.work(well)

    async def end(ended: Ended) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise DatabaseUnreachable("away")
        kept.append(ended)

    await shop.run(replace(work, end=end), until=lambda: bool(kept))
    assert kept == [Ended(ok=True)]


async def test_work_cut_off_by_a_stop_is_given_back_and_not_ended() -> None:
    shop = Shop()

    async def do(_: Services) -> Ended:
        shop.stop.ask("SIGTERM")
        return Ended(ok=False, is_cut=True)

    work = shop.work(do)
    await shop.run(work, until=lambda: bool(shop.given_back))
    assert shop.given_back == [work.id]
    assert shop.ended == {}


async def test_work_that_its_asker_stopped_ends() -> None:
    shop = Shop()

    async def do(services: Services) -> Ended:
        assert not services.stopping()
        shop.workshop.stop_one(services.run_id)
        return Ended(ok=False, is_cut=services.stopping())

    work = shop.work(do)
    await shop.run(work)
    assert shop.ended == {work.id: Ended(ok=False, is_cut=True)}


async def test_work_that_waits_at_a_stop_is_never_begun() -> None:
    shop = Shop()

    async def do(_: Services) -> Ended:
        shop.stop.ask("SIGTERM")
        return Ended(ok=True)

    first, second = shop.work(do, "cleanup"), shop.work(well, "cleanup")
    await shop.run(first, second, until=lambda: bool(shop.ended))
    assert list(shop.ended) == [first.id]


async def test_unwanted_work_is_not_done() -> None:
    shop = Shop()
    unwanted, fine = shop.work(well, wanted=False), shop.work(well)
    await shop.run(unwanted, fine, until=lambda: bool(shop.ended))
    assert list(shop.ended) == [fine.id]


async def test_f46_a_fenced_writer_stops_the_daemon() -> None:
    shop = Shop()

    async def do(_: Services) -> Ended:
        raise StoreFenced("another took it")

    await shop.run(shop.work(do), until=lambda: shop.stop.is_asked)
    assert isinstance(shop.stop.error, StoreFenced)


async def test_work_that_waited_for_its_turn_at_a_stop_is_given_back() -> None:
    """A slot that was taken and never begun costs no attempt: three restarts must not be its end."""
    shop = Shop()

    async def do(_: Services) -> Ended:
        shop.stop.ask("SIGTERM")
        assert shop.workshop.submit(last)
        return Ended(ok=True)

    first, second, last = shop.work(do, "cleanup"), shop.work(well, "cleanup"), shop.work(well)
    await shop.run(first, second, until=lambda: bool(shop.ended))
    assert list(shop.ended) == [first.id]
    assert set(shop.given_back) == {second.id, last.id}


async def test_work_that_waits_for_the_store_ends_at_a_stop() -> None:
    """F40: with the lock lost for good, a stop is not kept waiting."""
    shop, at_gate = Shop(), asyncio.Event()

    async def gate() -> None:
        at_gate.set()
        await asyncio.Event().wait()

    shop.gate = gate
    work = shop.work(well)
    await shop.run(work, until=at_gate.is_set)
    assert (shop.given_back, shop.ended) == ([work.id], {})


async def cancelled_at_work(shop: Shop, work: Work, begun: asyncio.Event) -> None:
    """As the drain does when the grace is over."""
    running = asyncio.ensure_future(shop.workshop.run(lambda: None))
    assert shop.workshop.submit(work)
    async with asyncio.timeout(20):
        await begun.wait()
        shop.stop.ask("SIGTERM")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_f06_work_that_is_given_up_at_the_end_of_the_grace_costs_no_attempt() -> None:
    shop, begun = Shop(), asyncio.Event()

    async def crawl(_: Services) -> Ended:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    work = shop.work(crawl)
    await cancelled_at_work(shop, work, begun)
    assert (shop.given_back, shop.ended, shop.workshop.jobs()) == ([work.id], {}, ())


async def test_f07_in_a_hurry_nothing_is_given_back() -> None:
    shop, begun = Shop(), asyncio.Event()

    async def crawl(_: Services) -> Ended:
        shop.stop.ask("SIGTERM")
        shop.stop.ask("SIGTERM")
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    await cancelled_at_work(shop, shop.work(crawl), begun)
    assert shop.given_back == []


async def test_a_store_that_refuses_the_giving_back_delays_nothing() -> None:
    shop, begun = Shop(), asyncio.Event()

    async def crawl(_: Services) -> Ended:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def give_back() -> None:
        raise DatabaseUnreachable("away")

    await cancelled_at_work(shop, replace(shop.work(crawl), give_back=give_back), begun)
    [told] = [entry for entry in shop.capture.entries if entry["event"] == LogEvent.JOB_POSTPONED]
    assert told["next"].startswith("the next process")


async def test_f31_work_is_begun_until_its_beginning_is_answered() -> None:
    """A beginning that was stored while its answer was lost must not be forgotten: nobody else would take it."""
    shop, answers = Shop(), [CommitUnknown("lost"), DatabaseUnreachable("away"), StorageFull("server")]
    work = shop.work(well)

    async def begin() -> bool:
        if answers:
            raise answers.pop(0)
        return True

    await shop.run(replace(work, begin=begin))
    assert shop.ended == {work.id: Ended(ok=True)}


async def test_an_outcome_that_cannot_be_stored_is_ended_in_short() -> None:
    """Whoever follows it would wait for ever."""
    shop, kept = Shop(), []
    work = shop.work(well)

    async def end(ended: Ended) -> None:
        if ended.ok:
            raise RowRejected("a NUL\0 in it")
        kept.append(ended)

    await shop.run(replace(work, end=end), until=lambda: bool(kept))
    [ended] = kept
    assert not ended.ok
    assert "a NUL in it" in ended.outcome["error"]["message"]


async def test_a_source_that_comes_by_a_reload_is_waited_for_too() -> None:
    """Work on every source that waited while a source was added has that one to itself as well."""
    sources, order = {"one"}, list[str]()
    turns = Turns(lambda: frozenset(sources))
    release = {name: asyncio.Event() for name in ("one", "two")}

    async def hold(name: str) -> None:
        async with turns.of(frozenset({f"source:{name}"})):
            order.append(name)
            await release[name].wait()
            order.append(f"{name} done")

    async def all_of_them() -> None:
        async with turns.of(frozenset({EVERY_SOURCE})):
            order.append("all")

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        for name in release:
            group.create_task(hold(name))
        await asyncio.sleep(0)
        group.create_task(all_of_them())
        await asyncio.sleep(0)
        sources.add("two")
        release["one"].set()
        for _ in range(10):
            await asyncio.sleep(0)
        release["two"].set()
    assert order == ["one", "two", "one done", "two done", "all"]
