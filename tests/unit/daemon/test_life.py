"""The daemon's life around a store of the test's own making: starts, stops, reloads, a loop that is blocked."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from support.house import capturing_log, house_settings
from trivia_scraper.bootstrap import SystemClock
from trivia_scraper.daemon import life
from trivia_scraper.daemon.life import Daemon, Ring
from trivia_scraper.daemon.loops import Beat, Loop
from trivia_scraper.daemon.notifying import Notifier
from trivia_scraper.daemon.reloading import LiveSettings
from trivia_scraper.domain.errors import DatabaseUnreachable, InstanceLocked, SetupError
from trivia_scraper.domain.gauges import PoolFigures
from trivia_scraper.domain.live import DaemonState, Phase
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.metrics import Metrics, built_from
from trivia_scraper.settings import LoadedSettings, Settings
from trivia_scraper.storage.status_figures import PostgresStatusFigures


@dataclass
class Told:
    """Stands in for `Notifier`: what systemd hears."""

    messages: list[str] = field(default_factory=list)
    watchdog_interval: float | None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.messages.append(" ".join([name, *map(str, arguments)]))

    @property
    def order(self) -> list[str]:
        """Without what is repeated all along."""
        return [each for each in self.messages if each.split()[0] not in ("status", "watchdog", "extend_timeout")]


class Hands(SystemClock):
    """A clock that jumps ahead, as it looks to a loop that something has blocked."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class Life:
    """A daemon in the test's own process. `begun` is set once its ring turns."""

    def __init__(self, folder: Path) -> None:
        self.log, self.capture = capturing_log()
        self.told, self.clock = Told(), Hands()
        self.left: list[int] = []
        self.begun = asyncio.Event()
        self.changed: Callable[[Settings], None] = lambda _: None
        settings = house_settings(folder, "postgresql://nobody@127.0.0.1:1/none", {}, {})
        loaded = LoadedSettings(settings, {}, (), ())
        self.daemon = Daemon(
            "all", LiveSettings(settings, lambda: loaded, self.log), lambda _: None, cast(Notifier, self.told),
            self.log, clock=self.clock, leave=self.left.append,
        )  # fmt: skip

    def ring(self, *loops: Loop) -> Ring:
        async def turn(beat: Beat) -> None:
            beat()
            self.begun.set()
            await self.daemon.stop.wait()

        return Ring(
            loops=(*loops, Loop("turns", turn)),
            epoch=lambda: 7,
            holds_store=lambda: True,
            settings_changed=lambda settings: self.changed(settings),
            figures=cast(PostgresStatusFigures, None),
            pool_figures=PoolFigures,
            source_slugs=lambda: (),
        )

    def opening(self, *loops: Loop) -> Callable[[], AbstractAsyncContextManager[Ring]]:
        @asynccontextmanager
        async def open_it() -> AsyncIterator[Ring]:
            yield self.ring(*loops)

        return open_it

    async def live(
        self, opening: Callable[[], AbstractAsyncContextManager[Ring]] | None = None, outer: Sequence[Loop] = ()
    ) -> None:
        async with asyncio.timeout(20):
            await self.daemon.live(outer, opening or self.opening())

    def events(self, event: LogEvent) -> list[dict[str, Any]]:
        return [dict(entry) for entry in self.capture.entries if entry["event"] == event]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)


@pytest.fixture
def life_of(tmp_path: Path) -> Iterator[Life]:
    living = Life(tmp_path)
    yield living
    living.daemon.last_resort.disarm()


async def test_f05_a_stop_in_good_order(life_of: Life) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(life_of.live())
        await life_of.begun.wait()
        assert life_of.daemon.state().is_ready
        os.kill(os.getpid(), signal.SIGTERM)
    assert life_of.told.order == ["ready", "stopping"]
    assert life_of.daemon.state().phase is Phase.STOPPED
    assert life_of.left == []


async def test_f05_a_stop_while_the_store_is_being_opened_waits_for_nothing(life_of: Life) -> None:
    """An embedded server that starts, a migration, a predecessor that is waited for: STOPPING, and never READY."""
    opening, undone = asyncio.Event(), []

    @asynccontextmanager
    async def open_slowly() -> AsyncIterator[Ring]:
        try:
            opening.set()
            await asyncio.Event().wait()
        finally:
            undone.append(True)
        yield life_of.ring()

    async with asyncio.TaskGroup() as group:
        group.create_task(life_of.live(open_slowly))
        await opening.wait()
        assert life_of.daemon.state().phase is Phase.STARTING
        await life_of.until(lambda: any(each.startswith("extend_timeout") for each in life_of.told.messages))
        life_of.daemon.stop.ask("SIGTERM")
    assert undone
    assert life_of.told.order == ["stopping"]
    assert not life_of.events(LogEvent.DAEMON_READY)


async def test_f30_what_is_waited_for_is_told(life_of: Life) -> None:
    tries = 0

    @asynccontextmanager
    async def open_in_vain() -> AsyncIterator[Ring]:
        nonlocal tries
        tries += 1
        raise DatabaseUnreachable("no route to postgresql://me:secret@db")
        yield life_of.ring()

    async with asyncio.TaskGroup() as group:
        group.create_task(life_of.live(open_in_vain))
        await life_of.until(lambda: life_of.daemon.phase is Phase.WAITING)
        [check] = [each for each in life_of.daemon.state().checks if each.name == "database"]
        assert "no route to" in check.detail
        assert "secret" not in check.detail
        life_of.daemon.stop.ask("SIGTERM")
    assert (tries, life_of.told.order) == (1, ["stopping"])


@pytest.mark.parametrize("error", [InstanceLocked("held by another"), SetupError("no"), ValueError("a bug")])
async def test_what_ends_a_daemon_comes_out_as_itself(life_of: Life, error: Exception) -> None:
    @asynccontextmanager
    async def refuse() -> AsyncIterator[Ring]:
        raise error
        yield life_of.ring()

    with pytest.raises(type(error)) as raised:
        await life_of.live(refuse)
    assert raised.value is error
    assert life_of.events(LogEvent.DAEMON_STOPPED)
    assert life_of.told.order == []


async def test_f46_a_loop_that_finds_the_store_taken_ends_the_daemon(life_of: Life) -> None:
    async def find(beat: Beat) -> None:
        raise InstanceLocked("another has it")

    with pytest.raises(InstanceLocked, match="another has it"):
        await life_of.live(life_of.opening(Loop("finder", find)))
    assert life_of.told.order == ["ready", "stopping"]


async def test_f06_f07_what_hangs_in_a_drain_is_left_behind(life_of: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that does not let itself be cancelled: the process leaves after the grace, or at once if asked twice."""
    armed: list[float] = []
    monkeypatch.setattr(life_of.daemon.last_resort, "arm", armed.append)
    hung = asyncio.Event()

    async def hang(beat: Beat) -> None:
        while not hung.is_set():
            try:
                await hung.wait()
            except asyncio.CancelledError:
                continue

    async with asyncio.TaskGroup() as group:
        group.create_task(life_of.live(life_of.opening(Loop("stubborn", hang))))
        await life_of.begun.wait()
        life_of.daemon.stop.ask("SIGTERM")
        await life_of.until(lambda: armed)
        life_of.daemon.stop.ask("SIGTERM")
        await life_of.until(lambda: len(armed) == 2)
        hung.set()
    assert armed == [25.0, life.HURRY_SECONDS]


async def test_f06_a_listener_that_does_not_end_is_cut(life_of: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "OUTER_SECONDS", 0)

    async def serve(beat: Beat) -> None:
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(life_of.live(outer=[Loop("web", serve)]))
        await life_of.begun.wait()
        life_of.daemon.stop.ask("SIGTERM")
    assert life_of.events(LogEvent.DAEMON_STOPPED)


async def test_f08_a_reload_that_fails_in_a_loop_still_tells_systemd_that_it_is_over(life_of: Life) -> None:
    def refuse(_: Settings) -> None:
        raise ValueError("a bug")

    life_of.changed = refuse
    async with asyncio.TaskGroup() as group:
        group.create_task(life_of.live())
        await life_of.begun.wait()
        with pytest.raises(ValueError, match="a bug"):
            life_of.daemon.reload()
        life_of.daemon.stop.ask("SIGTERM")
    assert life_of.told.order == ["ready", "reloading", "ready", "stopping"]


async def test_f08_a_reload_before_the_start_has_ended_is_no_news_for_systemd(life_of: Life) -> None:
    """READY after a reload would say that the daemon has started."""
    assert life_of.daemon.reload().error == ""
    assert life_of.told.order == []


async def test_f11_a_blocked_loop_gives_no_sign_of_life_and_the_lag_tells(life_of: Life) -> None:
    """F11: the event loop stood still for 5 s: no WATCHDOG=1, and event_loop_lag_seconds shows it."""
    life_of.told.watchdog_interval = 0.005

    def signs_of_life() -> int:
        return life_of.told.messages.count("watchdog")

    async with asyncio.TaskGroup() as group:
        group.create_task(life_of.live())
        await life_of.begun.wait()
        await life_of.until(lambda: signs_of_life() > 1)
        life_of.clock.ahead = 6.0  # nothing could run meanwhile: a second's sleep ends 5 s late
        before = signs_of_life()
        await life_of.until(lambda: len(life_of.events(LogEvent.WATCHDOG_WITHHELD)) > 2)
        assert signs_of_life() == before
        assert exposed_lag(life_of.daemon.state()) >= 4.9
        life_of.daemon.stop.ask("SIGTERM")
    assert all("event loop" in each["why"] for each in life_of.events(LogEvent.WATCHDOG_WITHHELD))


def exposed_lag(state: DaemonState) -> float:
    page, _ = Metrics(frozenset(), built_from()).exposition(state, None, "")
    [line] = [
        each for each in page.decode().splitlines() if each.startswith("trivia_scraper_event_loop_lag_seconds ")
    ]
    return float(line.split()[1])
