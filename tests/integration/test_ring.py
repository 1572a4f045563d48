"""Everything that a daemon of one process does, loop by loop, over a real house (operations.md 3, 10, 11)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.raw_server import Exchange, raw_server, response
from support.ring_lab import SOURCE, Lab, open_lab, reload_with
from trivia_scraper.daemon import ring, telling, vitals
from trivia_scraper.daemon.working import Ended
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.errors import DatabaseUnreachable
from trivia_scraper.domain.live import Phase
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.source_health import SourceState
from trivia_scraper.ports import Services
from trivia_scraper.storage import source_health
from trivia_scraper.storage.files import LocalFileStore

REFRESH = f"refresh:{SOURCE}"
NOW_AND_THEN = {"refresh": "0 3 * * *"}


@pytest.fixture
async def lab(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path, database_url, replica) as opened:
        yield opened


def planned(lab: Lab) -> set[str]:
    return {slot.job for slot in lab.ring.next_slots()}


# --- the schedule


async def test_a_paused_source_is_not_planned_until_it_is_resumed(
    tmp_path: Path, database_url: str, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even by the catch-up of the daemon's first moment, before anybody has looked at the sources."""
    monkeypatch.setattr(ring, "LOOK_SECONDS", 0.05)
    async with open_lab(tmp_path, database_url, replica, schedule={**NOW_AND_THEN, "snapshot": "0 6 * * *"}) as lab:
        await source_health.pause(lab.house.database, SOURCE, "a test", "", dt.datetime.now(dt.UTC))
        async with lab.turning("schedule", "sources"):
            await lab.event(LogEvent.SCHEDULE_TAKEN, name="snapshot")
            assert planned(lab) == {"snapshot"}
            await source_health.resume(lab.house.database, SOURCE, dt.datetime.now(dt.UTC))
            await lab.until(lambda: planned(lab) == {"snapshot", REFRESH})
        assert [each["name"] for each in lab.events(LogEvent.SCHEDULE_TAKEN)] == ["snapshot"]


async def test_f08_a_reload_plans_anew_at_once(tmp_path: Path, database_url: str, replica: Replica) -> None:
    before, after = {"snapshot": "0 6 * * *"}, {"snapshot": "0 6 * * *", **NOW_AND_THEN}
    async with open_lab(tmp_path, database_url, replica, schedule=before) as lab, lab.turning("schedule"):
        await lab.until(lambda: planned(lab) == {"snapshot"})
        reload_with(lab, tmp_path, database_url, replica, schedule=after)
        await lab.until(lambda: planned(lab) == {"snapshot", REFRESH})
    # A job that is new owes nothing from before.
    assert [each["name"] for each in lab.events(LogEvent.SCHEDULE_TAKEN)] == ["snapshot"]


async def test_f08_work_that_runs_keeps_its_settings_and_the_next_has_the_new_ones(
    lab: Lab, tmp_path: Path, database_url: str, replica: Replica
) -> None:
    attempts, may_end = list[tuple[int, int]](), asyncio.Event()

    async def duty(services: Services) -> Ended:
        before = services.settings.attempts
        await may_end.wait()
        attempts.append((before, services.settings.attempts))
        return Ended(ok=True)

    lab.hands.duty = duty
    async with lab.turning("requests", "work"):
        first = await lab.ask()
        await lab.until(lab.ring.jobs)
        reload_with(lab, tmp_path, database_url, replica, refresh={"attempts": 5})
        may_end.set()
        await lab.ended(first)
        await lab.ended(await lab.ask())
    assert attempts == [(3, 3), (5, 5)]


# --- what people ask for


async def test_o27_progress_is_kept_and_who_asked_may_stop_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "PROGRESS_SECONDS", 0.02)

    async def duty(services: Services) -> Ended:
        services.progress.source_planned(SOURCE, 12, 12)
        while not services.stopping():
            await asyncio.sleep(0.01)
        return Ended(ok=False, outcome={"ok": False, "finish_reason": "interrupted"}, is_cut=True)

    lab.hands.duty = duty
    async with lab.turning("requests", "work", "progress"):
        request_id = await lab.ask()
        async with asyncio.timeout(30):
            while not (state := await lab.house.requests.state(request_id)) or not state.progress:
                await asyncio.sleep(0.01)
        assert state.progress[SOURCE]["planned"] == 12
        [job] = lab.ring.jobs()
        assert (job.id, job.requested_by) == (request_id, "a test")
        await lab.house.requests.ask_to_stop(request_id, dt.datetime.now(dt.UTC))
        ended = await lab.ended(request_id)
    assert (ended.ok, ended.outcome["finish_reason"]) == (False, "interrupted")


async def test_a_request_that_daemons_died_over_three_times_is_given_up(lab: Lab) -> None:
    deadly, harmless = await lab.ask(), await lab.ask()
    await lab.query("UPDATE run_requests SET attempts = 3 WHERE id = $1", deadly)

    async def duty(_: Services) -> Ended:
        return Ended(ok=True, outcome={"ok": True})

    lab.hands.duty = duty
    async with lab.turning("requests", "work"):
        given_up, done = await lab.ended(deadly), await lab.ended(harmless)
    assert (given_up.ok, given_up.outcome["error"]["code"], done.ok) == (False, "gave_up", True)
    assert [each["run_id"] for each in lab.events(LogEvent.REQUEST_GIVEN_UP)] == [str(deadly)]


async def test_f06_a_request_that_the_grace_was_too_short_for_waits_again_uncounted(lab: Lab) -> None:
    """A stop is no death: three restarts during a long run must not be its end."""

    async def crawl(_: Services) -> Ended:
        await asyncio.Event().wait()
        raise AssertionError

    lab.hands.duty = crawl
    request_id = await lab.ask()
    loops = {loop.name: loop for loop in lab.ring.loops}
    working = asyncio.ensure_future(lab.loops.keep(loops["work"]))
    async with lab.turning("requests"):
        await lab.until(lab.ring.jobs)
    working.cancel()
    await asyncio.wait({working})
    [row] = await lab.query("SELECT attempts, taken_at, finished_at FROM run_requests WHERE id = $1", request_id)
    assert row == {"attempts": 0, "taken_at": None, "finished_at": None}


async def test_f30_a_lost_database_is_no_death_of_a_loop(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are taken the moment it is back, not after a dead loop's backoff."""
    waiting, failures = lab.house.requests.waiting, [DatabaseUnreachable("away")]

    async def waiting_in_the_end() -> Any:
        if failures:
            raise failures.pop()
        return await waiting()

    async def duty(_: Services) -> Ended:
        return Ended(ok=True)

    lab.hands.duty = duty
    monkeypatch.setattr(lab.house.requests, "waiting", waiting_in_the_end)
    async with lab.turning("requests", "work"):
        assert (await lab.ended(await lab.ask())).ok
    assert [each["loop"] for each in lab.events(LogEvent.LOOP_POSTPONED)] == ["requests"]
    assert lab.events(LogEvent.LOOP_DIED) == []


# --- looking after it


async def test_an_idle_minute_of_recovery_leaves_no_trace(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    owners = lab.house.services.recoveries.owners

    async def counted(*arguments: Any) -> Any:
        nonlocal looks
        looks += 1
        return await owners(*arguments)

    monkeypatch.setattr(lab.house.services.recoveries, "owners", counted)
    async with lab.turning("recovery", "work"):
        await lab.until(lambda: looks)
    assert lab.events(LogEvent.JOB_STARTED, LogEvent.RECOVERY_STARTED) == []
    assert await lab.query("SELECT id FROM runs") == []


async def test_o09_a_long_rest_is_no_silence(
    tmp_path: Path, database_url: str, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With recoveries looked for once an hour the loop must not count as dead, nor the daemon be killed for it."""
    async with open_lab(tmp_path, database_url, replica, daemon={"recovery_every": "1h"}) as lab:
        rests: list[float] = []

        async def sleep(seconds: float) -> bool:
            rests.append(seconds)
            if len(rests) == 60:
                lab.daemon.stop.ask("an hour has passed")
            await asyncio.sleep(0)
            return lab.daemon.stop.is_asked

        monkeypatch.setattr(lab.daemon.stop, "sleep", sleep)
        [loop] = [each for each in lab.ring.loops if each.name == "recovery"]
        beats: list[int] = []
        await loop.run(lambda: beats.append(len(rests)))
        assert set(rests) == {60.0}
        assert len(beats) == 60
        assert loop.stale_after_seconds > 60


async def test_o18_a_source_is_judged_as_soon_as_its_run_has_ended(
    tmp_path: Path, database_url: str, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "PROGRESS_SECONDS", 0.02)
    async with (
        open_lab(tmp_path, database_url, replica, schedule=NOW_AND_THEN) as lab,
        lab.turning("schedule", "work", "sources", "progress"),
    ):
        await lab.event(LogEvent.JOB_FINISHED, job=REFRESH, ok=True)
        await lab.until(lambda: [each.state for each in lab.ring.sources()] == [SourceState.OK])
        [row] = await lab.query("SELECT ok, run_id FROM scheduled_runs WHERE name = $1", REFRESH)
        assert row["ok"]
        [kept] = await lab.query("SELECT progress FROM runs WHERE id = $1", row["run_id"])
        assert kept["progress"]


async def test_f18_a_full_store_pauses_downloads_and_what_was_refused_comes_with_the_room(
    lab: Lab, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F18, R125: refused without a request to the site, counted as nobody's attempt, fetched when there is room."""
    room = False

    async def has_room(_: LocalFileStore) -> bool:
        return room

    monkeypatch.setattr(LocalFileStore, "has_room", has_room)
    monkeypatch.setattr(vitals, "STORAGE_SECONDS", 0.02)
    async with lab.turning("image store", "requests", "work", "recovery"):
        await lab.until(lambda: lab.daemon.state().storage_full_at)
        ended = await lab.ended(await lab.ask(limit=2))
        assert ended.outcome["finish_reason"] == "storage_full"
        assert pictures_asked_for(replica) == []
        rows = await lab.query("SELECT status, error_type, reason, retry_count, failure_streak FROM images")
        assert rows
        assert {tuple(row.values()) for row in rows} == {("failed", "storage_error", "disk_full", 0, 0)}
        check = next(each for each in lab.daemon.state().checks if each.name == "image store")
        assert "downloads pause" in check.detail
        room = True
        await lab.event(LogEvent.STORAGE_RECOVERED)
        assert (await lab.event(LogEvent.JOB_FINISHED, job="recovery"))["ok"]
        assert {row["status"] for row in await lab.query("SELECT status FROM images")} == {"uploaded"}
        assert pictures_asked_for(replica)


async def test_f08_a_folder_that_counts_after_a_restart_is_not_looked_at_before(
    lab: Lab, tmp_path: Path, database_url: str, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """storage.path was changed to one that is not there yet: the store that is open has room all the same."""
    looks: list[bool] = []
    monkeypatch.setattr(vitals, "STORAGE_SECONDS", 0.02)
    reload_with(lab, tmp_path, database_url, replica, storage={"path": str(tmp_path / "elsewhere")})
    assert lab.daemon.state().restart_keys == ("storage.path",)
    [loop] = [each for each in lab.ring.loops if each.name == "image store"]
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(loop.run(lambda: looks.append(lab.daemon.state().storage_full_at is None)))
        await lab.until(lambda: len(looks) > 2)
        lab.daemon.stop.ask("the test is over")
    assert set(looks) == {True}


def pictures_asked_for(replica: Replica) -> list[str]:
    return [seen.path for seen in replica.site.log.requests() if seen.path in replica.site.gallery]


# --- telling people


class Watch:
    """A watch for pings and a webhook in one."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.bodies: list[bytes] = []

    async def __call__(self, exchange: Exchange) -> None:
        self.paths.append(exchange.path)
        self.bodies.append(await exchange.reader.readexactly(int(exchange.headers.get("content-length", 0))))
        await exchange.send(response())


@pytest.mark.parametrize(("ok", "end"), [(True, "/ping"), (False, "/ping/fail")])
async def test_a_watch_hears_of_the_start_and_the_end_of_each_run(
    tmp_path: Path, database_url: str, replica: Replica, ok: bool, end: str
) -> None:
    """From the first catch-up on, which begins before anything else has."""
    watch = Watch()

    async def duty(_: Services) -> Ended:
        return Ended(ok)

    async with (
        raw_server(watch) as server,
        open_lab(
            tmp_path, database_url, replica, schedule=NOW_AND_THEN, notify={"ping_url": server.url("/ping")}
        ) as lab,
    ):
        lab.hands.duty = duty
        async with lab.turning("schedule", "work", "notices"):
            await lab.event(LogEvent.JOB_FINISHED, job=REFRESH)
        assert watch.paths == ["/ping/start", end]


async def test_f30_a_daemon_that_waits_for_its_database_since_its_start_tells_people(
    tmp_path: Path, database_url: str, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can be asked what was told before, and nothing can be kept: told once all the same."""
    monkeypatch.setattr(telling, "LOOK_SECONDS", 0.02)
    watch = Watch()
    async with (
        raw_server(watch) as server,
        open_lab(tmp_path, database_url, replica, notify={"urls": server.url("/hook"), "after_failures": 2}) as lab,
    ):
        lab.daemon.ring = None
        lab.daemon.started_at -= dt.timedelta(minutes=6)
        monkeypatch.setattr(lab.daemon, "_phase", Phase.WAITING)
        async with lab.turning("notices"):
            await lab.until(lambda: watch.paths)
            lab.daemon.ring = lab.ring
            monkeypatch.setattr(lab.daemon, "_phase", Phase.READY)
            await lab.until(lambda: len(watch.paths) == 2)
            async with asyncio.timeout(30):
                while not await lab.query("SELECT FROM notices WHERE resolved_at IS NOT NULL"):
                    await asyncio.sleep(0.01)
        assert b"database_lost" in watch.bodies[0]
        assert b'"resolved":true' in watch.bodies[1].replace(b" ", b"")
