"""What the daemon feels of itself: a database that does not answer, a store without room or without a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from support.house import capturing_log
from trivia_scraper.bootstrap import SystemClock
from trivia_scraper.daemon import vitals as vitals_module
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.daemon.vitals import Vitals
from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.log_events import LogEvent


class HastyStop(Stop):
    """A stop whose waits take no time, and which is asked for when the answers are used up."""

    async def sleep(self, seconds: float) -> bool:
        await asyncio.sleep(0)
        return self.is_asked


class Body:
    """Vitals with answers given beforehand; an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.log, self.capture = capturing_log()
        self.stop = HastyStop()
        self.vitals = Vitals(SystemClock(), self.stop, Stop(), self.log)
        self.answers = list(answers)
        self.recovered = 0

    async def answer(self) -> Any:
        answer = self.answers.pop(0)
        if not self.answers:
            self.stop.ask("no more answers")
        if isinstance(answer, Exception):
            raise answer
        return await answer() if callable(answer) else answer

    async def recover(self) -> None:
        self.recovered += 1

    @property
    def events(self) -> list[str]:
        return [entry["event"] for entry in self.capture.entries]


async def test_f18_a_full_store_is_told_once_and_recovered_once() -> None:
    body = Body(True, False, False, True, True)
    await body.vitals.watch_storage(body.answer, body.recover, lambda: None)
    assert body.events == [LogEvent.STORAGE_FULL, LogEvent.STORAGE_RECOVERED]
    assert (body.recovered, body.vitals.storage_full_at) == (1, None)


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), StorageUnavailable("no answer")])
async def test_a_disk_that_is_gone_is_trouble_of_the_store_and_no_death_of_a_loop(error: Exception) -> None:
    body = Body(error)
    await body.vitals.watch_storage(body.answer, body.recover, lambda: None)
    assert body.vitals.storage_full_at is not None
    assert str(error) in body.vitals.storage_error


async def test_f43_a_database_that_says_nothing_is_lost_and_told_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vitals_module, "DATABASE_SECONDS", 0.01)
    silence: Callable[[], Awaitable[object]] = asyncio.Event().wait
    body = Body(1, silence, 1)
    await body.vitals.watch_database(body.answer, lambda: None)
    assert body.events == [LogEvent.DATABASE_LOST, LogEvent.DATABASE_BACK]
    assert "no answer" in body.capture.entries[0]["error"]
    assert body.vitals.database_lost_at is None
