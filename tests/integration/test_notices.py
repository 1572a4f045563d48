"""Telling an operator, end to end: real book, real webhook on loopback, a database that goes away (O13, F30)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg
import pytest

from support.house import capturing_log, house_settings
from support.pg_proxy import proxy_before
from support.postgres import recording_log, settings_for
from support.raw_server import Exchange, raw_server, response
from trivia_scraper.bootstrap.notifying import Lookout
from trivia_scraper.domain.errors import DatabaseUnreachable
from trivia_scraper.domain.live import DaemonState, Phase
from trivia_scraper.domain.notices import Condition, ConditionKind, Message, Notice, Sighting
from trivia_scraper.domain.weekly import AlertLevel
from trivia_scraper.fetching.channels import open_channels
from trivia_scraper.pipeline.notices import Audience, NoticeMemory, announce, ping
from trivia_scraper.policy.notifying import QuietHours, Terms
from trivia_scraper.ports import Services
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.embedded import EmbeddedServer
from trivia_scraper.storage.notices import PostgresNoticeBook

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
CANARY = "c4nary"
BROKEN = Condition(ConditionKind.SOURCE_BROKEN, "question_one", "question_one: site gone", AlertLevel.CRITICAL)
ZERO = Condition(ConditionKind.SOURCE_ZERO_YIELD, "question_one", "question_one: zero yield")
LOST = Condition(ConditionKind.DATABASE_LOST, "database", "the database is away", AlertLevel.CRITICAL)
WELL = DaemonState(
    version="1", role="all", pid=1, host="quiz", epoch=7, started_at=NOON - dt.timedelta(days=30), phase=Phase.READY,
    status_line="idle", loops=(), jobs=(), next_slots=(), checks=(), loop_lag_seconds=0.0,
)  # fmt: skip
HOOK = f"/services/T01/{CANARY}"


@dataclass
class Time:
    """A clock that looks move by a minute; waits take no time."""

    at: dt.datetime = NOON

    def now(self) -> dt.datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


@dataclass
class Inbox:
    """A webhook: what it got, and the status that it answers with."""

    status: bytes = b"200 OK"
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    async def __call__(self, exchange: Exchange) -> None:
        body = await exchange.reader.readexactly(int(exchange.headers.get("content-length", 0)))
        self.paths.append(exchange.path)
        if body:
            self.got.append(json.loads(body))
        await exchange.send(response(status=self.status))

    @property
    def told(self) -> list[tuple[str, bool]]:
        return [(one["kind"], one["resolved"]) for one in self.got]


@dataclass
class Desk:
    """One process that looks around each minute and tells."""

    audience: Audience
    book: Any
    inbox: Inbox
    time: Time = field(default_factory=Time)
    memory: NoticeMemory = field(default_factory=NoticeMemory)
    judged: frozenset[ConditionKind] = frozenset(ConditionKind)
    failures: int = 0

    def __post_init__(self) -> None:
        self.log, self.capture = capturing_log()
        self.audience = replace(self.audience, failed=self._count)

    def _count(self) -> None:
        self.failures += 1

    @property
    def services(self) -> Services:
        # All that telling needs of them.
        parts = SimpleNamespace(clock=self.time, sleep=self.time.sleep, random=lambda: 0.0, log=self.log)
        return cast(Services, parts)

    async def look(self, *conditions: Condition, times: int = 1, away: bool = False) -> Sequence[Message]:
        told: list[Message] = []
        for _ in range(times):
            sighting = Sighting(conditions, self.judged, database_is_away=away)
            told += await announce(sighting, self.book, self.memory, self.audience, self.services)
            self.time.at += dt.timedelta(minutes=1)
        return told

    def events(self, name: str) -> list[dict[str, Any]]:
        return [dict(entry) for entry in self.capture.entries if entry["event"] == name]


@asynccontextmanager
async def desk(database: Database, inboxes: int = 1, **terms: Any) -> AsyncIterator[Desk]:
    inbox = Inbox()
    async with raw_server(inbox) as server:
        urls = [server.url(HOOK)] * inboxes
        async with open_channels(urls, server.url(f"/ping/{CANARY}"), "1.2") as channels:
            audience = Audience(channels.usable, channels.pings, "quiz", Terms(**terms), lambda: None)
            yield Desk(audience, PostgresNoticeBook(database), inbox)


async def rows(desk: Desk) -> list[Notice]:
    return list(await PostgresNoticeBook(desk.book._database).notices())


async def test_o13_told_after_three_looks_once_and_when_it_is_over(database: Database) -> None:
    async with desk(database) as at:
        await at.look(BROKEN, times=2)
        assert at.inbox.told == []
        [sent] = await at.look(BROKEN, times=10)
        assert sent.title == "trivia-scraper on quiz: source broken (question_one)"
        await at.look(times=5)
        assert at.inbox.told == [("source_broken", False), ("source_broken", True)]
        assert at.inbox.got[1]["message"] == "no longer: question_one: site gone"
        [row] = await rows(at)
        assert (row.sends, row.first_seen_at, row.is_over) == (1, NOON, True)
        assert [entry["log_level"] for entry in at.events("notice.sent")] == ["warning"]
        assert [entry["log_level"] for entry in at.events("notice.resolved")] == ["info"]


async def test_o13_a_new_process_goes_on_where_the_last_one_was(database: Database) -> None:
    async with desk(database) as first:
        await first.look(BROKEN, times=3)
        assert first.inbox.told == [("source_broken", False)]
    async with desk(database) as second:
        second.time.at = first.time.at
        await second.look(BROKEN, times=5)
        assert second.inbox.told == []
        await second.look(times=3)
        assert second.inbox.told == [("source_broken", True)]


async def test_o13_what_another_state_replaces_is_not_told_to_be_over(database: Database) -> None:
    async with desk(database) as at:
        await at.look(BROKEN, times=3)
        await at.look(ZERO, times=3)
        await at.look(times=3)
    assert at.inbox.told == [("source_broken", False), ("source_zero_yield", False), ("source_zero_yield", True)]


async def test_what_could_not_be_looked_at_is_not_over(database: Database) -> None:
    async with desk(database) as at:
        await at.look(BROKEN, times=3)
        at.judged = frozenset({ConditionKind.LOOP_DIED})
        await at.look(times=10)
        assert at.inbox.told == [("source_broken", False)]


async def test_f30_a_lost_database_is_told_and_its_return_too(database: Database) -> None:
    async with desk(database) as at:
        await at.look(BROKEN, times=3)
        at.judged = frozenset({ConditionKind.DATABASE_LOST, ConditionKind.STORAGE_FULL})
        book, at.book = at.book, None  # touching it would fail
        await at.look(LOST, times=30, away=True)
        assert at.inbox.told == [("source_broken", False), ("database_lost", False)]
        at.book, at.judged = book, frozenset(ConditionKind)
        await at.look(BROKEN, times=4)
        assert at.inbox.told[2:] == [("database_lost", True)]
        known = {row.kind: row for row in await rows(at)}
        assert known["database_lost"].sends == 1
        assert known["database_lost"].is_over
        assert not known["source_broken"].is_over


async def test_f30_a_book_that_fails_stops_nothing_and_is_written_later(database: Database) -> None:
    class Torn(PostgresNoticeBook):
        """Loses the database in the middle of it all."""

        is_torn = True

        async def save(self, notices: Sequence[Notice], at: dt.datetime) -> None:
            if self.is_torn:
                raise DatabaseUnreachable("the database does not answer")
            await super().save(notices, at)

    async with desk(database) as at:
        at.book = torn = Torn(database)
        await at.look(LOST, times=5)
        assert at.inbox.told == [("database_lost", False)]
        assert at.events("notice.unsaved")
        assert await rows(at) == []
        torn.is_torn = False
        await at.look(LOST, times=2)
        [row] = await rows(at)
        assert (row.sends, row.times_in_row) == (1, 7)


async def test_a_failing_channel_is_a_warning_and_what_nobody_took_is_due_again(database: Database) -> None:
    async with desk(database, after_failures=1) as at:
        at.inbox.status = b"500 Oops"
        assert await at.look(BROKEN, times=2) == []
        assert at.failures == 2
        [first, _] = at.events("notify.failed")
        assert (first["log_level"], first["what"]) == ("warning", "source_broken")
        assert first["error"] == "channel 1 (127.0.0.1) answered HTTP 500"
        at.inbox.status = b"200 OK"
        assert len(await at.look(BROKEN, times=2)) == 1


async def test_one_channel_that_fails_does_not_make_the_others_hear_it_twice(database: Database) -> None:
    async with desk(database, after_failures=1) as at, open_channels(["http://127.0.0.1:9/x"], "", "1.2") as dead:
        at.audience = replace(at.audience, channels=[*at.audience.channels, *dead.usable])
        await at.look(BROKEN, times=3)
        assert at.inbox.told == [("source_broken", False)]
        assert at.failures == 1


async def test_an_unexpected_fault_of_a_channel_is_named_by_its_kind_only(database: Database) -> None:
    class Faulty:
        name = "channel 1 (faulty)"

        async def send(self, message: Message) -> None:
            raise RuntimeError(f"https://hooks.example/{CANARY}")

    async with desk(database, after_failures=1) as at:
        at.audience = replace(at.audience, channels=[Faulty(), *at.audience.channels])
        assert len(await at.look(BROKEN)) == 1
        [entry] = at.events("notify.failed")
        assert entry["error"] == "unexpected RuntimeError"
        assert CANARY not in str(at.capture.entries)


async def test_without_a_channel_the_log_is_told(database: Database) -> None:
    async with desk(database, inboxes=0, after_failures=1) as at:
        assert len(await at.look(BROKEN, times=3)) == 1
        [entry] = at.events("notice.sent")
        assert (entry["message"], entry["channels"]) == ("question_one: site gone", 0)


async def test_a_digest_tells_all_of_a_flood_at_once(database: Database) -> None:
    flood = [Condition(ConditionKind.LOOP_DIED, f"loop {number}", f"loop {number} died") for number in range(7)]
    async with desk(database, after_failures=2) as at:
        await at.look(*flood, times=4)
        [digest] = at.inbox.got
        assert (digest["kind"], digest["subject"]) == ("digest", "7 begun, 0 over")
        assert all(condition.message in digest["message"] for condition in flood)
        assert all(row.sends == 1 for row in await rows(at))
        await at.look(*flood[:2], times=4)
        assert at.inbox.told == [("digest", False), *[("loop_died", True)] * 5]


async def test_the_night_is_quiet_but_for_the_gravest(database: Database) -> None:
    async with desk(database, quiet=QuietHours(dt.time(11), dt.time(13)), after_failures=1) as at:
        await at.look(BROKEN, LOST, times=60)
        assert at.inbox.told == [("database_lost", False)]
        await at.look(BROKEN, LOST)
        assert at.inbox.told == [("database_lost", False), ("source_broken", False)]


async def test_no_secret_and_no_markup_leaves_in_a_message_or_stays_in_a_row(database: Database) -> None:
    hostile = Condition(
        ConditionKind.SOURCE_BROKEN,
        "question_one",
        f"<script>x</script> [click](https://q.example/?key={CANARY}) postgresql://app:{CANARY}@db/x @everyone"
        + "\x1b[31m long" * 200,
    )
    async with desk(database, after_failures=1) as at:
        await at.look(hostile)
        at.inbox.status = b"500 Oops"
        await at.look(LOST, hostile)
        [message] = at.inbox.got[:1]
        assert len(message["message"]) <= 300
        assert not set("<>[]@\x1b") & set(message["message"])
        stored = str(await rows(at)) + str(at.capture.entries) + str(at.inbox.got)
        assert CANARY not in stored


async def test_what_is_over_for_three_months_is_forgotten(database: Database) -> None:
    async with desk(database, after_failures=1) as at:
        await at.look(BROKEN)
        await at.look()
        at.time.at += dt.timedelta(days=91)
        await at.look(LOST)
        assert [row.kind for row in await rows(at)] == ["database_lost"]


@pytest.mark.parametrize("event", ["start", "success", "failure"])
async def test_a_ping_is_tried_once_and_never_raises(database: Database, event: Any) -> None:
    async with desk(database) as at:
        assert await ping(event, at.audience, at.services)
        at.inbox.status = b"503 Busy"
        assert not await ping(event, at.audience, at.services)
        assert len(at.inbox.paths) == 2
        assert at.failures == 1
        [entry] = at.events("notify.failed")
        assert entry["what"] == event
        assert CANARY not in str(entry)
        assert await ping(event, replace(at.audience, pings=None), at.services)


class TestLookout:
    """What is read from the database for the look of each minute."""

    async def test_r229_breakers_held_cleanups_and_alerts_are_found(self, tmp_path: Path, database_url: str) -> None:
        settings, now = house_settings(tmp_path, database_url, {}, {}), NOON
        connection = await asyncpg.connect(database_url)
        await connection.execute(
            "INSERT INTO breakers (host, failures_in_row, opened_at, open_until, updated_at) VALUES"
            " ('cdn.example', 12, $1::timestamptz - interval '2 hours', $1, $1),"
            " ('ok.example', 1, NULL, NULL, $1)",
            now,
        )
        await connection.execute(
            "INSERT INTO cleanup_runs (started_at, finished_at, report) VALUES"
            " ($1::timestamptz - interval '3 days', $1::timestamptz - interval '3 days', $2::jsonb)",
            now,
            json.dumps({"files": {"held": ["4,000 of 5,000 files have no row"]}}),
        )
        await connection.close()
        async with open_database(settings_for(database_url), recording_log()) as database:
            sighting = await Lookout().look(WELL, [], 10, settings, database, Time())
            assert {condition.key for condition in sighting.conditions} == {
                "breaker_open:cdn.example",
                "deletion_held:files",
                "cleanup_missed:",
                "storage_low:images",
            }
            assert sighting.judged == frozenset(ConditionKind)
        away = await Lookout().look(WELL, [], None, settings, None, Time())
        assert away.database_is_away
        assert not away.conditions

    async def test_f30_a_database_that_is_gone_is_not_waited_for(
        self, tmp_path: Path, postgres_server: EmbeddedServer, database_url: str
    ) -> None:
        settings, lookout, clock = house_settings(tmp_path, database_url, {}, {}), Lookout(), Time()
        name = urlsplit(database_url).path[1:]
        async with (
            proxy_before(postgres_server.host / ".s.PGSQL.5432", name) as proxy,
            open_database(settings_for(proxy.url), recording_log()) as database,
        ):
            assert not (await lookout.look(WELL, [], None, settings, database, clock)).database_is_away
            proxy.faults.answer_bytes = 0
            gone = await lookout.look(WELL, [], None, settings, database, clock)
        assert gone.database_is_away
        assert ConditionKind.BREAKER_OPEN not in gone.judged
        assert clock.at == NOON
