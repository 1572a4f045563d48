"""The desk between people and the daemon, and the connection that wakes it, over a real database (O27)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.house import House, make_options
from support.postgres import recording_log
from trivia_scraper.domain.cleaning import WHOLE_CLEANUP
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.request_details import cleanup_details
from trivia_scraper.domain.requests import CHANNEL, RequestKind, RunRequest
from trivia_scraper.pipeline.cleanup import due_now
from trivia_scraper.pipeline.requests import execute
from trivia_scraper.storage.background import running_beside
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.listening import listen
from trivia_scraper.storage.requests import PostgresRequestDesk, holder_of_store

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
EPOCH = 7
DEADLINE_SECONDS = 30.0


def request(**changes: Any) -> RunRequest:
    stated: dict[str, Any] = {
        "id": uuid4(),
        "kind": RequestKind.REFRESH,
        "options": make_options(),
        "details": {},
        "requested_by": "somebody@a host, process 1",
        "requested_at": NOON,
    }
    return RunRequest(**{**stated, **changes})


async def script(database: Database, text: str, *arguments: object) -> Any:
    async with database.acquire() as session:
        return await session.connection.fetchval(text, *arguments)


async def add_epoch(database: Database, epoch: int) -> None:
    """A process that may write under this number."""
    await script(
        database,
        "INSERT INTO store_epochs (epoch, role, pid, host, taken_at) VALUES ($1, 'daemon', 1, 'a host', $2)",
        epoch,
        NOON,
    )


@pytest.fixture
async def desk(database: Database) -> PostgresRequestDesk:
    """The desk of a daemon that is alive."""
    await add_epoch(database, EPOCH)
    return PostgresRequestDesk(database, EPOCH)


async def filed(desk: PostgresRequestDesk, **changes: Any) -> UUID:
    made = request(**changes)
    await desk.file(made)
    return made.id


# --- filing -----------------------------------------------------------------------------------------------------


words = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), max_size=4)


@st.composite
def any_options(draw: st.DrawFn) -> RefreshOptions:
    force = draw(st.booleans())
    return RefreshOptions(
        force_refresh_images=force,
        force_update=draw(st.booleans()),
        clean_first=force and draw(st.booleans()),
        retry_failed_only=draw(st.booleans()),
        dry_run=draw(st.booleans()),
        limit=draw(st.none() | st.integers(1, 10**12)),
        sources=tuple(draw(words)),
        venues=tuple(draw(words)),
        providers=tuple(draw(words)),
        max_time_seconds=draw(st.none() | st.floats(0, 1e12, exclude_min=True)),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(options=st.lists(any_options(), max_size=8))
async def test_o27_options_survive_from_filing_to_waiting_unchanged(
    desk: PostgresRequestDesk, options: list[RefreshOptions]
) -> None:
    asked = [request(options=each, requested_at=NOON + number * SECOND) for number, each in enumerate(options)]
    for each in asked:
        await desk.file(each)
    assert list(await desk.waiting()) == asked
    for each in asked:
        await desk.ask_to_stop(each.id, NOON)


async def test_filing_the_same_id_again_changes_nothing(desk: PostgresRequestDesk) -> None:
    first = request(options=make_options(limit=1))
    await desk.file(first)
    await desk.file(request(id=first.id, options=make_options(limit=2)))
    assert list(await desk.waiting()) == [first]


async def test_what_ended_a_month_ago_goes(desk: PostgresRequestDesk) -> None:
    old, young = await filed(desk), await filed(desk)
    await desk.finish(old, True, {"ok": True}, NOON - dt.timedelta(days=31))
    await desk.finish(young, True, {"ok": True}, NOON - dt.timedelta(days=29))
    await filed(desk)
    assert await desk.state(old) is None
    assert await desk.state(young) is not None


async def test_one_that_cannot_be_read_is_ended_and_the_others_wait(
    desk: PostgresRequestDesk, database: Database
) -> None:
    broken, unknown = await filed(desk), await filed(desk, kind=RequestKind.CLEANUP, details={"parts": ["all"]})
    await script(database, "UPDATE run_requests SET options = options - 'limit' WHERE id = $1", broken)
    good = await filed(desk, requested_at=NOON + SECOND)
    assert [each.id for each in await desk.waiting()] == [good]
    for request_id, named in ((broken, "limit"), (unknown, "parts")):
        state = await desk.state(request_id)
        assert state is not None
        assert state.ok is False
        assert state.outcome["error"]["code"] == "configuration"
        assert named in state.outcome["error"]["message"]


# --- working ----------------------------------------------------------------------------------------------------


async def test_a_request_from_filing_to_its_end(desk: PostgresRequestDesk) -> None:
    request_id = await filed(desk)
    assert await desk.take(request_id, NOON)
    assert list(await desk.waiting()) == []
    progress = {"zebra": {"planned": 2}, "ant": {"planned": 1}}
    assert await desk.note_progress(request_id, progress, NOON) is False
    begun = await desk.state(request_id)
    assert begun is not None
    assert (begun.taken_at, begun.finished_at, list(begun.progress)) == (NOON, None, ["zebra", "ant"])

    outcome = {"ok": False, "z": 1, "a": {"y": [], "b": None}}
    await desk.finish(request_id, False, outcome, NOON + SECOND)
    ended = await desk.state(request_id)
    assert ended is not None
    assert (ended.finished_at, ended.ok) == (NOON + SECOND, False)
    assert json.dumps(ended.outcome) == json.dumps(outcome), "in its own order, to be printed alike"
    await desk.finish(request_id, True, {"ok": True}, NOON)
    assert await desk.state(request_id) == ended, "what has ended stays so"
    assert not await desk.take(request_id, NOON)


async def test_one_of_two_daemons_gets_it(desk: PostgresRequestDesk, database: Database) -> None:
    await add_epoch(database, EPOCH + 1)
    other = PostgresRequestDesk(database, EPOCH + 1)
    ids = [await filed(desk) for _ in range(8)]
    for request_id in ids:
        got = await asyncio.gather(desk.take(request_id, NOON), other.take(request_id, NOON))
        assert sorted(got) == [False, True]
    assert await script(database, "SELECT max(attempts) FROM run_requests") == 1


async def test_asking_again_after_a_lost_commit_counts_once(desk: PostgresRequestDesk, database: Database) -> None:
    request_id = await filed(desk)
    assert await desk.take(request_id, NOON)
    assert await desk.take(request_id, NOON)
    assert not await desk.take(request_id, NOON + SECOND), "that is another attempt, and this one goes on"
    assert await script(database, "SELECT attempts FROM run_requests") == 1


async def test_work_of_a_process_that_is_shut_out_or_unknown_waits_again(
    desk: PostgresRequestDesk, database: Database
) -> None:
    await add_epoch(database, EPOCH + 1)
    successor = PostgresRequestDesk(database, EPOCH + 1)
    shut_out, unknown, alive = await filed(desk), await filed(desk), await filed(successor)
    assert await desk.take(shut_out, NOON)
    assert await PostgresRequestDesk(database, 1_000).take(unknown, NOON)
    assert await successor.take(alive, NOON)
    await script(database, "SELECT fence($1, $2)", EPOCH, NOON)

    waiting = {each.id: each.attempts for each in await successor.waiting()}
    assert waiting == {shut_out: 1, unknown: 1}
    assert await desk.note_progress(shut_out, {}, NOON) is False, "until somebody else has it"
    assert await successor.take(shut_out, NOON + SECOND)
    assert await desk.note_progress(shut_out, {"late": {}}, NOON) is True, "it is another's: stop"
    await desk.finish(shut_out, True, {"ok": True}, NOON)
    state = await desk.state(shut_out)
    assert state is not None
    assert (state.finished_at, state.progress) == (None, {})


async def test_put_back_waits_again_and_does_not_count(desk: PostgresRequestDesk) -> None:
    asked = request()
    await desk.file(asked)
    await desk.take(asked.id, NOON)
    for _ in range(2):  # the second after a lost commit
        await desk.put_back(asked.id)
    assert list(await desk.waiting()) == [asked]


async def test_a_cleanup_of_the_day_that_a_stop_cut_off_is_done_to_its_end_by_the_next_daemon(house: House) -> None:
    """Its due time is taken by then, by nobody but this request."""
    asked = request(
        kind=RequestKind.CLEANUP,
        options=make_options(retry_failed_only=True),
        details=cleanup_details(WHOLE_CLEANUP, of_the_day=True),
    )
    ok, cut_off = await execute(asked, replace(house.services, stopping=lambda: True))
    assert (ok, cut_off["interrupted"]) == (False, True)
    ok, rest = await execute(asked, house.services)
    assert (ok, rest["interrupted"]) == (True, False)
    taken = await house.services.slots.record("cleanup", due_now(house.services))
    assert taken is not None
    assert taken.ok is True
    _, other = await execute(replace(asked, id=uuid4(), requested_by="somebody else"), house.services)
    assert other["done_already"]["ok"] is True


async def test_stopping_what_is_worked_on_is_a_wish(desk: PostgresRequestDesk) -> None:
    request_id = await filed(desk)
    await desk.take(request_id, NOON)
    await desk.ask_to_stop(request_id, NOON)
    await desk.ask_to_stop(request_id, NOON + SECOND)
    state = await desk.state(request_id)
    assert state is not None
    assert (state.stop_asked_at, state.finished_at) == (NOON, None)
    assert await desk.note_progress(request_id, {}, NOON) is True


async def test_stopping_what_nobody_works_on_ends_it(desk: PostgresRequestDesk, database: Database) -> None:
    never_begun, cut_off = await filed(desk), await filed(desk)
    await desk.take(cut_off, NOON)
    await script(database, "SELECT fence($1, $2)", EPOCH, NOON)
    for request_id in (never_begun, cut_off):
        await PostgresRequestDesk(database).ask_to_stop(request_id, NOON)
        state = await desk.state(request_id)
        assert state is not None
        assert (state.finished_at, state.ok, state.outcome["error"]["code"]) == (NOON, False, "interrupted")
    assert list(await desk.waiting()) == []


async def test_there_is_no_such_request(desk: PostgresRequestDesk) -> None:
    nobodys = uuid4()
    assert await desk.state(nobodys) is None
    assert not await desk.take(nobodys, NOON)
    await desk.ask_to_stop(nobodys, NOON)
    await desk.put_back(nobodys)
    await desk.finish(nobodys, True, {"ok": True}, NOON)


async def test_nobody_holds_the_store(database: Database) -> None:
    assert await holder_of_store(database) is None


# --- being woken ------------------------------------------------------------------------------------------------


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not holds():
            await asyncio.sleep(0.01)


async def test_o27_filing_wakes_who_listens_once_it_is_committed(
    desk: PostgresRequestDesk, database: Database
) -> None:
    seen: list[int] = []

    def woken() -> None:
        seen.append(len(seen))

    async with running_beside(listen(database, CHANNEL, woken, recording_log())):
        await until(lambda: len(seen) == 1)  # once at the beginning: some came before
        request_id = await filed(desk)
        await until(lambda: len(seen) == 2)
        assert [each.id for each in await desk.waiting()] == [request_id]


async def test_f40_a_cut_listener_listens_again_and_wakes_for_what_it_missed(
    desk: PostgresRequestDesk, database: Database, database_url: str
) -> None:
    seen: list[int] = []
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        await filed(desk)  # while nobody listens
        await asyncio.sleep(0)

    admin = await asyncpg.connect(database_url)
    try:
        async with running_beside(
            listen(database, CHANNEL, lambda: seen.append(len(seen)), recording_log(), sleep=wait)
        ):
            for times in (1, 2, 3):
                await until(lambda times=times: len(seen) == times)
                await admin.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name LIKE '%listener'"
                )
            await until(lambda: len(seen) == 4)
            await filed(desk)
            await until(lambda: len(seen) == 5)
    finally:
        await admin.close()
    assert len(waits) == 3
    assert len(await desk.waiting()) == 4
