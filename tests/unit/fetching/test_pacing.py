"""Politeness (sources.md N1), on a clock that moves only when someone sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from support.fetching import LOOPBACK, FakeClock, public_settings, settings
from trivia_scraper.domain.errors import (
    ImageUnreachable,
    PageGone,
    PageUnreachable,
    RateLimited,
    StorageUnavailable,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.fetching.limits import FetchSettings
from trivia_scraper.fetching.pacing import Pacer
from trivia_scraper.fetching.subjects import Subject
from trivia_scraper.policy.urls import CheckedUrl, examine_url

PATIENCE = 60.0


def url(text: str) -> CheckedUrl:
    return examine_url(text, ports=frozenset({80, 443}), networks=LOOPBACK)


A, B, LOCAL = url("https://a.example.com/x"), url("https://b.example.com/x"), url("http://127.0.0.1:5000/x")


def pacer_of(
    changed: FetchSettings,
    clock: FakeClock,
    random: Callable[[], float] = lambda: 0.0,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> Pacer:
    return Pacer(changed, clock=clock, sleep=sleep or clock.sleep, random=random, log=structlog.get_logger())


async def starts(pacer: Pacer, clock: FakeClock, target: CheckedUrl, count: int, subject: Subject) -> list[float]:
    """Seconds, from now, at which `count` turns at one host began."""
    began, times = clock.seconds, []
    for _ in range(count):
        async with pacer.turn(target, subject, PATIENCE):
            times.append(clock.seconds - began)
    return times


async def fail(pacer: Pacer, target: CheckedUrl, error: TriviaScraperError, subject: Subject = Subject.PAGE) -> None:
    with suppress(type(error)):
        async with pacer.turn(target, subject, PATIENCE):
            raise error


@pytest.mark.parametrize(
    ("changes", "chance", "target", "expected"),
    [
        ({}, 0.0, A, [0, 2, 4, 6]),
        ({}, 0.5, A, [0, 2.5, 5, 7.5]),
        ({"per_host_interval_seconds": 0.0}, 0.0, A, [0, 1, 2, 3]),
        ({"host_intervals": {"a.example.com": 5.0}}, 0.0, A, [0, 5, 10, 15]),
        ({"host_intervals": {"a.example.com": 0.1}}, 0.0, A, [0, 1, 2, 3]),
        ({"host_intervals": {"b.example.com": 5.0}}, 0.0, A, [0, 2, 4, 6]),
        ({"per_host_interval_seconds": 0.0}, 1.0, LOCAL, [0, 0, 0, 0]),
        ({"per_host_interval_seconds": 3.0}, 1.0, LOCAL, [0, 3, 6, 9]),
    ],
)
async def test_n1_interval_between_pages(
    changes: dict[str, Any], chance: float, target: CheckedUrl, expected: list[float]
) -> None:
    """N1, R12: details of one host follow each other at its interval."""
    clock = FakeClock()
    pacer = pacer_of(public_settings(networks=LOOPBACK, **changes), clock, random=lambda: chance)
    assert await starts(pacer, clock, target, 4, Subject.PAGE) == pytest.approx(expected)


async def test_images_do_not_wait_for_the_interval_of_pages() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(), clock)
    await starts(pacer, clock, A, 1, Subject.PAGE)
    assert await starts(pacer, clock, A, 5, Subject.IMAGE) == [0] * 5
    assert await starts(pacer, clock, A, 1, Subject.PAGE) == [2]


async def test_images_of_a_public_host_have_a_pace_of_their_own() -> None:
    """R74: pictures follow each other at a settled pace, each host by itself."""
    clock = FakeClock()
    pacer = pacer_of(public_settings(images_per_second=1.0, networks=LOOPBACK), clock)
    served: list[CheckedUrl] = []

    async def serve(target: CheckedUrl) -> None:
        async with pacer.turn(target, Subject.IMAGE, PATIENCE):
            served.append(target)

    waiting = [asyncio.create_task(serve(target)) for target in (A, A, B, LOCAL, LOCAL)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert served == [A, B, LOCAL, LOCAL]
    waiting[1].cancel()
    await asyncio.wait(waiting)


@pytest.mark.parametrize(
    ("subject", "target", "most"),
    [(Subject.PAGE, A, 1), (Subject.IMAGE, A, 2), (Subject.PAGE, LOCAL, 2), (Subject.IMAGE, LOCAL, 2)],
)
async def test_turns_at_a_time(subject: Subject, target: CheckedUrl, most: int) -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(networks=LOOPBACK, host_intervals={"127.0.0.1": 0.0}), clock)
    inside = highest = 0

    async def hold() -> None:
        nonlocal inside, highest
        async with pacer.turn(target, subject, PATIENCE):
            inside += 1
            highest = max(highest, inside)
            await asyncio.sleep(0)
            inside -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(hold())
    assert highest == most


async def test_pages_and_images_share_the_connections_of_a_host() -> None:
    clock = FakeClock()
    pacer = pacer_of(settings(per_host_connections=1), clock)
    async with pacer.turn(LOCAL, Subject.PAGE, PATIENCE):
        image = asyncio.create_task(starts(pacer, clock, LOCAL, 1, Subject.IMAGE))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not image.done()
    assert await image == [0]


async def test_a_waiting_host_holds_nothing_that_others_need() -> None:
    clock = FakeClock()
    never = asyncio.Event()

    async def sleep_for_ever(seconds: float) -> None:
        await never.wait()

    pacer = pacer_of(public_settings(max_connections=1), clock, sleep=sleep_for_ever)
    pacer.pause(A, 30.0)
    stuck = [asyncio.create_task(starts(pacer, clock, A, 1, subject)) for subject in Subject for _ in range(3)]
    await asyncio.sleep(0)
    assert await starts(pacer, clock, B, 1, Subject.PAGE) == [0]
    for task in stuck:
        task.cancel()
    await asyncio.wait(stuck)


@pytest.mark.parametrize(
    ("asked", "target", "waited"),
    [(17.0, A, 17.0), (None, A, 5.0), (None, LOCAL, 0.0), (0.0, A, 0.0), (9.0, LOCAL, 9.0)],
)
async def test_f50_retry_after_pauses_that_host_only(asked: float | None, target: CheckedUrl, waited: float) -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(networks=LOOPBACK, per_host_interval_seconds=0.0), clock)
    with capture_logs() as logs:
        pacer.pause(target, asked)
    assert [line["event"] for line in logs] == [LogEvent.HOST_PACED]
    assert await starts(pacer, clock, B, 1, Subject.PAGE) == [0]
    assert await starts(pacer, clock, target, 1, Subject.IMAGE) == [waited]


async def test_f50_a_pause_beyond_patience_is_told_instead_of_waited_for() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(), clock)
    pacer.pause(A, 3_600.0)
    with pytest.raises(RateLimited) as caught:
        await starts(pacer, clock, A, 1, Subject.IMAGE)
    assert caught.value.retry_after_seconds == 3_600.0
    assert clock.slept == []


async def test_f50_breaker_opens_probes_and_closes() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(breaker_failures=3, breaker_seconds=30.0), clock)
    for _ in range(3):
        await fail(pacer, A, PageUnreachable("503"))
    opened_at = clock.seconds
    assert await starts(pacer, clock, B, 2, Subject.PAGE) == [0, 2]
    clock.seconds = opened_at
    await fail(pacer, A, PageUnreachable("the probe fails"))
    assert clock.seconds - opened_at == 30.0
    assert await starts(pacer, clock, A, 3, Subject.IMAGE) == [60, 60, 60]


async def test_f50_one_probe_at_a_time_while_half_open() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(breaker_failures=1, breaker_seconds=30.0), clock)
    await fail(pacer, A, ImageUnreachable("503"), Subject.IMAGE)
    asked = 0

    async def probe() -> None:
        nonlocal asked
        async with pacer.turn(A, Subject.IMAGE, PATIENCE):
            asked += 1
            await asyncio.sleep(0)
            raise ImageUnreachable("503")

    await asyncio.gather(*(probe() for _ in range(4)), return_exceptions=True)
    # 30 s, then 60 s after the first probe, then 120 s: more than anyone's patience.
    assert asked == 2
    assert clock.slept == [30.0, 60.0]


async def test_f50_a_host_left_alone_for_long_is_said_to_be_unavailable() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(breaker_failures=1, breaker_seconds=90.0), clock)
    await fail(pacer, A, ImageUnreachable("503"), Subject.IMAGE)
    with pytest.raises(ImageUnreachable) as caught:
        await starts(pacer, clock, A, 1, Subject.IMAGE)
    assert caught.value.error_type is ErrorType.SERVICE_UNAVAILABLE
    with pytest.raises(PageUnreachable):
        await starts(pacer, clock, A, 1, Subject.PAGE)


async def test_pages_that_are_gone_do_not_trip_the_breaker() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(breaker_failures=1, per_host_interval_seconds=1.0), clock)
    for _ in range(5):
        await fail(pacer, A, PageGone("404"))
    assert await starts(pacer, clock, A, 1, Subject.PAGE) == [1]


@pytest.mark.parametrize(("delay", "interval"), [(0.0, 2), (10.0, 10), (600.0, 60)])
async def test_n2_crawl_delay_is_honoured_up_to_a_minute(delay: float, interval: float) -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(), clock)
    pacer.slow_down(A, delay)
    assert await starts(pacer, clock, A, 2, Subject.PAGE) == [0, interval]


async def test_a_repeat_by_the_connector_counts_for_the_pace() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(), clock)
    async with pacer.turn(A, Subject.PAGE, PATIENCE):
        clock.seconds += 1.5
        pacer.page_sent("a.example.com", 443)
    pacer.page_sent("never-heard-of.example.com", 443)
    assert await starts(pacer, clock, A, 1, Subject.PAGE) == [2]


async def test_s02_hosts_are_forgotten_when_there_are_too_many() -> None:
    clock = FakeClock()
    pacer = pacer_of(public_settings(), clock)
    for number in range(3_000):
        await starts(pacer, clock, url(f"https://host{number}.example.com/"), 1, Subject.IMAGE)
    assert len(pacer._hosts) <= 1_000
    pacer.pause(A, 1_000.0)
    for number in range(3_000):
        await starts(pacer, clock, url(f"https://more{number}.example.com/"), 1, Subject.IMAGE)
    with pytest.raises(RateLimited):
        await starts(pacer, clock, A, 1, Subject.IMAGE)


class SharedTurns:
    """Implements `ports.HostTurns` for pacers of several machines, on the test's clock."""

    def __init__(self, clock: FakeClock, losses: int = 0) -> None:
        self.clock = clock
        self.losses = losses
        self.next_at: dict[str, float] = {}
        self.claimed: list[str] = []

    async def claim(self, host: str, interval_seconds: float) -> float:
        if self.losses:
            self.losses -= 1
            raise StorageUnavailable("database: away")
        turn = max(self.next_at.get(host, 0.0), self.clock.seconds)
        self.next_at[host] = turn + interval_seconds
        self.claimed.append(host)
        return turn - self.clock.seconds


def shared_pacer(clock: FakeClock, turns: SharedTurns, changed: FetchSettings) -> Pacer:
    return Pacer(changed, clock=clock, sleep=clock.sleep, random=lambda: 0.0, log=structlog.get_logger(), turns=turns)


async def test_pages_of_two_machines_take_turns_at_a_host() -> None:
    clock = FakeClock()
    turns = SharedTurns(clock)
    pacers = [shared_pacer(clock, turns, public_settings(per_host_interval_seconds=2.0)) for _ in range(2)]
    times = []
    for number in range(6):
        async with pacers[number % 2].turn(A, Subject.PAGE, PATIENCE):
            times.append(clock.seconds)
    began = times[0]
    assert [round(moment - began) for moment in times] == [0, 2, 4, 6, 8, 10]


async def test_pictures_of_two_machines_share_a_pace_of_their_own() -> None:
    clock = FakeClock()
    turns = SharedTurns(clock)
    pacer = shared_pacer(clock, turns, public_settings(images_per_second=10.0))
    for _ in range(3):
        async with pacer.turn(A, Subject.IMAGE, PATIENCE):
            pass
    assert turns.claimed == ["images of a.example.com"] * 3


async def test_a_host_without_an_interval_is_asked_without_a_claim() -> None:
    clock = FakeClock()
    turns = SharedTurns(clock)
    pacer = shared_pacer(clock, turns, settings(per_host_interval_seconds=0.0))
    await starts(pacer, clock, LOCAL, 3, Subject.PAGE)
    await starts(pacer, clock, LOCAL, 3, Subject.IMAGE)
    assert turns.claimed == []


async def test_F34_while_the_database_is_away_nobody_asks_and_then_goes_on() -> None:
    clock = FakeClock()
    pacer = shared_pacer(clock, SharedTurns(clock, losses=20), public_settings())
    began = clock.seconds
    assert await starts(pacer, clock, A, 1, Subject.PAGE) == [40.0]
    assert clock.seconds - began == 40.0


async def test_a_database_that_stays_away_fails_the_page_for_now() -> None:
    clock = FakeClock()
    pacer = shared_pacer(clock, SharedTurns(clock, losses=99), public_settings())
    with pytest.raises(StorageUnavailable):
        await starts(pacer, clock, A, 1, Subject.PAGE)
