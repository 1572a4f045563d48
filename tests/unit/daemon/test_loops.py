"""Loops that die, loops that fall silent, and what the others see of it (O09, S16)."""

from __future__ import annotations

import asyncio

import pytest

from support.house import capturing_log
from trivia_scraper.daemon.loops import Beat, Loop, Loops, backoff_seconds
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.domain.errors import StoreFenced
from trivia_scraper.domain.log_events import LogEvent


class Hands:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class HastyStop(Stop):
    """A stop whose waits take no time; the waits are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> bool:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        return self.is_asked


async def test_o09_a_loop_that_dies_is_told_and_started_again_with_growing_waits() -> None:
    stop, (log, capture) = HastyStop(), capturing_log()
    loops = Loops(stop, Hands(), log)
    lives = 0

    async def run(beat: Beat) -> None:
        nonlocal lives
        lives += 1
        beat()
        if lives == 5:
            stop.ask("enough")
            return
        raise ValueError(f"life {lives}")

    await loops.keep(Loop("poorly", run))
    assert stop.slept == [0.5, 1.0, 2.0, 4.0]
    died = [entry for entry in capture.entries if entry["event"] == LogEvent.LOOP_DIED]
    assert [str(entry["exc_info"]) for entry in died] == [f"life {number}" for number in (1, 2, 3, 4)]
    assert len([entry for entry in capture.entries if entry["event"] == LogEvent.LOOP_RESTARTED]) == 4
    [state] = loops.states()
    assert (state.state, state.restarts, state.last_error) == ("stopped", 4, "ValueError: life 4")


async def test_o09_while_a_loop_is_down_its_state_is_not_fresh() -> None:
    seen: list[bool] = []

    class Looking(HastyStop):
        async def sleep(self, seconds: float) -> bool:
            seen.append(loops.states()[0].is_fresh)
            self.ask("seen")
            return True

    loops = Loops(Looking(), Hands(), capturing_log()[0])

    async def run(beat: Beat) -> None:
        raise ValueError

    await loops.keep(Loop("poorly", run))
    assert seen == [False]


async def test_a_loop_that_ends_by_itself_counts_as_dead() -> None:
    stop, (log, capture) = HastyStop(), capturing_log()

    async def run(beat: Beat) -> None:
        if stop.slept:
            stop.ask("seen")

    await Loops(stop, Hands(), log).keep(Loop("lazy", run))
    assert [entry["event"] for entry in capture.entries if entry["event"] == LogEvent.LOOP_DIED] == [
        LogEvent.LOOP_DIED
    ]


async def test_o09_silence_makes_a_loop_stale() -> None:
    hands, stop = Hands(), Stop()
    loops = Loops(stop, hands, capturing_log()[0])
    beats: list[Beat] = []

    async def run(beat: Beat) -> None:
        beats.append(beat)
        await stop.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(loops.keep(Loop("quiet", run, stale_after_seconds=30)))
        await asyncio.sleep(0)
        hands.now += 30
        assert loops.states()[0].is_fresh
        hands.now += 1
        assert not loops.states()[0].is_fresh
        beats[0]()
        assert loops.states()[0].is_fresh
        stop.ask("end")


async def test_a_loop_that_lived_long_begins_with_the_shortest_wait_again() -> None:
    hands, stop = Hands(), HastyStop()
    lives = 0

    async def run(beat: Beat) -> None:
        nonlocal lives
        lives += 1
        if lives == 4:
            hands.now += 500
        if lives == 6:
            stop.ask("enough")
        raise ValueError

    await Loops(stop, hands, capturing_log()[0]).keep(Loop("poorly", run))
    assert stop.slept == [0.5, 1.0, 2.0, 0.5, 1.0, 2.0]


async def test_f46_another_instance_ends_the_daemon_and_starts_no_loop_again() -> None:
    stop = HastyStop()
    fenced = StoreFenced("another instance took the store over")

    async def run(beat: Beat) -> None:
        raise fenced

    await Loops(stop, Hands(), capturing_log()[0]).keep(Loop("writer", run))
    assert stop.error is fenced
    assert stop.is_asked
    assert not stop.is_urgent
    assert stop.slept == []


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (7, 32), (8, 60), (9, 60), (1000, 60)])
def test_backoff(failures: int, seconds: float) -> None:
    assert backoff_seconds(failures) == seconds


async def test_a_second_request_to_stop_is_urgent() -> None:
    stop = Stop()
    stop.ask("SIGTERM")
    assert (stop.is_asked, stop.is_urgent, stop.reason) == (True, False, "SIGTERM")
    stop.ask("SIGINT")
    assert (stop.is_urgent, stop.reason) == (True, "SIGTERM")
    await stop.wait_at_once()
    assert await stop.sleep(60)
