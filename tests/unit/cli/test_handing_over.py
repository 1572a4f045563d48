"""Whoever waits for the daemon: what a lost database means to them, and that leaving tells the daemon (O27)."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import click
import pytest

from support.house import make_options
from trivia_scraper.bootstrap import SystemClock
from trivia_scraper.bootstrap.asking import Counter
from trivia_scraper.cli import working
from trivia_scraper.cli.endings import HandedBack
from trivia_scraper.cli.handing_over import _Follower
from trivia_scraper.cli.progress import Counting
from trivia_scraper.cli.signals import StopRequest
from trivia_scraper.domain.errors import DatabaseUnreachable, StorageUnavailable
from trivia_scraper.domain.requests import RequestKind, RequestState, RunRequest
from trivia_scraper.policy.following import Patience
from trivia_scraper.storage.holders import Holder

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
DAEMON = Holder(1, "a host", "daemon")
PATIENCE = Patience(look=0.0)
BEGUN = RequestState(UUID(int=1), taken_at=NOON, finished_at=None, ok=None, stop_asked_at=None)
ENDED = dataclasses.replace(BEGUN, finished_at=NOON, ok=True, outcome={"ok": True})
AWAY = DatabaseUnreachable("database: away")


def asked(**options: Any) -> RunRequest:
    return RunRequest(uuid4(), RequestKind.REFRESH, make_options(**options), {}, "somebody", NOON)


@dataclass
class Desk:
    """Gives these sights, one a look, and then the last one again; a look takes `seconds`."""

    sights: Sequence[tuple[RequestState | Exception, Holder | None]]
    seconds: float = 1.0
    looks: int = 0
    stops: list[UUID] = field(default_factory=list)

    def now(self) -> float:
        return self.looks * self.seconds

    async def state(self, _: UUID) -> RequestState:
        seen, _holder = self._sight()
        self.looks += 1
        if isinstance(seen, Exception):
            raise seen
        return seen

    async def holder(self) -> Holder | None:
        return self.sights[min(self.looks, len(self.sights)) - 1][1]

    async def ask_to_stop(self, request_id: UUID, _: dt.datetime) -> None:
        self.stops.append(request_id)

    def _sight(self) -> tuple[RequestState | Exception, Holder | None]:
        return self.sights[min(self.looks, len(self.sights) - 1)]

    def follower(self, stop: StopRequest) -> _Follower:
        desk: Any = self
        counter = Counter(desk, self.holder, SystemClock())
        return _Follower(asked(), counter, Counting(), stop, lambda _: None, PATIENCE, self.now)


async def test_f34_a_database_that_was_away_is_no_daemon_that_went() -> None:
    """For 55 s nobody answers, then the daemon takes 15 s to take its lock again."""
    desk = Desk([(BEGUN, DAEMON), *[(AWAY, None)] * 55, *[(BEGUN, None)] * 15, (BEGUN, DAEMON), (ENDED, DAEMON)])
    assert await desk.follower(StopRequest()).until_ended() == {"ok": True}
    assert desk.stops == []


async def test_f34_a_database_that_stays_away_ends_the_waiting_and_says_that_the_work_goes_on() -> None:
    """Whatever its silence is called: a server that hangs is no store of pictures that cannot be written."""
    desk = Desk([(BEGUN, DAEMON), (StorageUnavailable("database: no answer"), None)])
    with pytest.raises(DatabaseUnreachable, match="does not answer for 60 s") as told:
        await desk.follower(StopRequest()).until_ended()
    assert desk.stops == []
    assert "the daemon goes on with this" in told.value.hint


async def test_o27_a_daemon_that_went_is_waited_for_no_longer_than_that() -> None:
    desk = Desk([(BEGUN, DAEMON), (BEGUN, None)])
    with pytest.raises(HandedBack, match="none came within 60 s"):
        await desk.follower(StopRequest()).until_ended()
    assert len(desk.stops) == 1


async def test_o27_who_leaves_at_once_has_told_the_daemon_all_the_same() -> None:
    """Both signals come between two looks."""
    desk, stop = Desk([(BEGUN, DAEMON)]), StopRequest()
    follower = desk.follower(stop)
    stop.first = signal.SIGINT
    await follower.leave()
    await follower.leave()
    assert desk.stops == [follower.request.id], "once"


async def test_o27_who_is_cut_without_a_wish_stops_nothing() -> None:
    desk = Desk([(BEGUN, DAEMON)])
    await desk.follower(StopRequest()).leave()
    assert desk.stops == []


async def test_o27_leaving_takes_no_longer_than_a_moment_of_a_silent_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("trivia_scraper.cli.handing_over.LEAVE_SECONDS", 0.0)
    desk, stop = Desk([(BEGUN, DAEMON)]), StopRequest()
    stop.first = signal.SIGINT
    monkeypatch.setattr(desk, "ask_to_stop", never)
    await desk.follower(stop).leave()


@pytest.mark.parametrize(
    "options", [{"venues": ("the-crown", "a\udcff")}, {"providers": ("\udcff",)}, {"sources": ("\udcff",)}]
)
def test_bytes_that_are_no_text_are_refused_before_anything_is_opened(options: dict[str, Any]) -> None:
    work = working.Work(RequestKind.REFRESH, make_options(**options), lambda *_: None)
    with pytest.raises(click.UsageError, match="is no text in UTF-8"):
        working._request(work)
