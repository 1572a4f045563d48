"""Commands while a daemon holds the store: handed over, executed exactly as asked, told as if done here (O27)."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from support.desk_daemon import DeskDaemon, running_daemon
from support.house import capturing_log, make_options, open_house
from support.program import MODULE, Program, environment_for
from support.replica import running_replica
from trivia_scraper.cli import handing_over, working
from trivia_scraper.cli.endings import HandedBack
from trivia_scraper.cli.enrich_view import show_enrichment
from trivia_scraper.cli.progress import Counting, Lines
from trivia_scraper.cli.run import show_run
from trivia_scraper.cli.signals import StopRequest
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.cleaning import WHOLE_CLEANUP, CleanupPart, CleanupRequest
from trivia_scraper.domain.options import options_from_json
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.domain.request_details import cleanup_details, recovery_details
from trivia_scraper.domain.requests import RequestKind, RunRequest
from trivia_scraper.policy.following import Patience

SOURCE = "quizmeisters"
SECONDS = 60.0


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica(2) as running:
        yield running


@pytest.fixture
def program(tmp_path: Path, database_url: str, replica: Replica) -> Program:
    """The command line over the store that the daemon holds."""
    return Program(
        tmp_path,
        environment_for(
            tmp_path, replica.index_urls, TRIVIA_DATABASE_URL=database_url,
            TRIVIA__STORAGE__PATH=str(tmp_path / "images"),
        ),
    )  # fmt: skip


async def query(url: str, statement: str, *arguments: object) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(statement, *arguments)]
    finally:
        await connection.close()


async def until(url: str, condition: str) -> None:
    """Wait until the one request is so."""
    async with asyncio.timeout(SECONDS):
        while not await query(url, f"SELECT FROM run_requests WHERE {condition}"):
            await asyncio.sleep(0.05)


def asked(kind: RequestKind, details: Mapping[str, Any] | None = None, **options: Any) -> RunRequest:
    stated = make_options(**options)
    return dataclasses.replace(
        working._request(working.Work(kind, stated, show_run)), details={} if details is None else details
    )


class Waiting:
    """Whoever asks in this process, and what is remarked to them."""

    def __init__(self, daemon: DeskDaemon) -> None:
        self.daemon = daemon
        self.stop = StopRequest()
        self.progress = Counting()
        self.remarks: list[str] = []

    async def hand_over(self, request: RunRequest, **how: Any) -> Mapping[str, Any]:
        log, _ = capturing_log()
        terms = {"no_wait": False, "patience": Patience(look=0.02), **how}
        async with asyncio.timeout(SECONDS):
            return await handing_over.hand_over(
                request, self.daemon.settings, self.progress, self.stop, log, self.remarks.append, **terms
            )


# --- the program ------------------------------------------------------------------------------------------------


async def test_o27_a_forced_run_is_executed_exactly_as_asked_and_told_as_if_it_were_done_here(
    tmp_path: Path, database_url: str, replica: Replica, program: Program
) -> None:
    async with open_house(tmp_path, database_url, replica) as house:
        await house.run(limit=1, sources=(SOURCE,))
    replica.site.log.reset()
    words = ("run", "--force-refresh-images", "--limit", "1", "--source", SOURCE, "--json")
    async with running_daemon(tmp_path, database_url, replica) as daemon:
        ended = await program.call(*words, TRIVIA_LOG_LEVEL="info")
    assert ended.code == 0, ended.err
    pictures = [seen for seen in replica.site.log.requests() if "/cdn/" in seen.path]
    assert len(pictures) == len({seen.path for seen in pictures}) == 2, "hero and profile, each once"
    assert not any(seen.is_conditional for seen in pictures)
    assert all(seen.is_no_cache and seen.body_sent for seen in pictures)

    [row] = await query(
        database_url, "SELECT id, options::text, requested_by, attempts, outcome::text FROM run_requests"
    )
    options = make_options(force_refresh_images=True, limit=1, sources=(SOURCE,))
    assert options_from_json(row["options"]) == options
    assert options_from_json(json.dumps(ended.document["options"])) == options
    assert UUID(ended.document["run_id"]) == row["id"]
    assert "process" in row["requested_by"]
    assert row["attempts"] == 1
    assert ended.out == json.dumps({"schema": 1, **json.loads(row["outcome"])}) + "\n", "byte for byte"
    assert ended.document["sources"][SOURCE]["images"]["unchanged_hash"] == 2
    [run] = await query(database_url, "SELECT ok FROM runs WHERE id = $1", row["id"])
    assert run["ok"] is True
    assert f"holds the store and does this, as run {row['id']}" in ended.err
    assert "run.handed_over" in ended.err
    assert daemon.times_woken >= 2, "at its start, and by the notification"


async def test_o27_the_first_interrupt_asks_the_daemon_to_stop(
    tmp_path: Path, database_url: str, replica: Replica, program: Program
) -> None:
    async with running_daemon(tmp_path, database_url, replica, is_open=False) as daemon:
        process = await asyncio.create_subprocess_exec(
            *MODULE, "run", "--source", SOURCE, env=program.environment, cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await until(database_url, "taken_at IS NOT NULL")
        process.send_signal(signal.SIGINT)
        await until(database_url, "stop_asked_at IS NOT NULL")
        async with asyncio.timeout(SECONDS):
            await daemon.knows_of_stop.wait()
            daemon.gate.set()
            out, err = await process.communicate()
        assert process.returncode == 130
        assert "stopped on request: what was begun was finished" in out.decode()
        assert "SIGINT: the daemon is asked to stop this" in err.decode()
        [row] = await query(database_url, "SELECT outcome->>'finish_reason' AS reason FROM run_requests")
        assert row["reason"] == "interrupted"


async def test_undo_wants_the_store_to_itself_and_says_how(
    tmp_path: Path, database_url: str, replica: Replica, program: Program
) -> None:
    async with running_daemon(tmp_path, database_url, replica):
        ended = await program.call("cleanup", "undo", "1", "--json")
    assert ended.code == 11
    assert ended.document["error"]["code"] == "instance_locked"
    assert "daemon" in ended.document["error"]["message"]
    assert "stop the daemon" in ended.document["error"]["hint"]
    assert await query(database_url, "SELECT FROM run_requests") == []


# --- the same within this process -------------------------------------------------------------------------------


@pytest.fixture
async def daemon(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[DeskDaemon]:
    async with running_daemon(tmp_path, database_url, replica) as running:
        yield running


async def test_o27_what_cannot_be_done_comes_back_as_it_would_be_told_here(daemon: DeskDaemon) -> None:
    """A venue, an image, a source that do not exist: exit 2 with the same words and hints."""
    for request, words in (
        (asked(RequestKind.REFRESH, venues=("no-such-pub",)), "no venue is called 'no-such-pub'"),
        (asked(RequestKind.REFRESH, sources=("nowhere",)), "no source is called 'nowhere'"),
        (asked(RequestKind.RECOVERY, recovery_details(RecoveryRequest(False, (17,)))), "no image 17"),
        (asked(RequestKind.RECOVERY, recovery_details(RecoveryRequest(False))), "no failed images are chosen"),
        (asked(RequestKind.ENRICHMENT, venues=("no-such-pub",)), "no venue 'no-such-pub'"),
        (asked(RequestKind.CLEANUP, {"parts": "all"}), "details of a request"),
    ):
        with pytest.raises(HandedBack, match=words) as told:
            await Waiting(daemon).hand_over(request)
        assert told.value.code == "configuration"


async def test_o27_every_kind_is_handed_over(
    daemon: DeskDaemon, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run, recovery, cleanup of the day, a part of it, enrichment; dry runs too. Views take the outcomes."""
    ask = Waiting(daemon).hand_over
    planned = await ask(asked(RequestKind.REFRESH, dry_run=True, sources=(SOURCE,)))
    show_run(planned, "never")
    assert "would visit" in capsys.readouterr().out
    assert planned["options"]["dry_run"] is True
    refreshed = await ask(asked(RequestKind.REFRESH, sources=(SOURCE,)))
    assert refreshed["sources"][SOURCE]["created"] == 2

    all_due = recovery_details(RecoveryRequest(include_ambiguous=False, all_due=True))
    assert (await ask(asked(RequestKind.RECOVERY, all_due)))["message"] == "no retryable failures"

    of_the_day = cleanup_details(WHOLE_CLEANUP, of_the_day=True)
    plan = await ask(asked(RequestKind.CLEANUP, of_the_day, dry_run=True))
    assert (plan["dry_run"], plan["run"], plan["plan"]["files"]) == (True, None, [])
    done = await ask(asked(RequestKind.CLEANUP, of_the_day))
    assert (done["ok"], done["dry_run"], done["owners"]) == (True, False, 0)
    for dry_run in (False, True):
        again = await ask(asked(RequestKind.CLEANUP, of_the_day, dry_run=dry_run))
        assert again["done_already"]["ok"] is True
    files = CleanupRequest(frozenset({CleanupPart.FILES}), accepts_many=True)
    part = await ask(asked(RequestKind.CLEANUP, cleanup_details(files, of_the_day=False)))
    assert (part["run"] > done["run"], part["owners"], part["history"]) == (True, None, None)

    slugs = tuple(row["slug"] for row in await query(database_url, "SELECT slug FROM venues ORDER BY slug"))
    enriched = await ask(asked(RequestKind.ENRICHMENT, retry_failed_only=True, venues=slugs, limit=1))
    assert (enriched["ok"], enriched["chosen"]) == (True, 1)
    assert [each["venue"]["slug"] for each in enriched["venues"]] == [slugs[0]]
    show_enrichment(enriched, "never")
    assert "1 of 1 venues" in " ".join(capsys.readouterr().err.split())


async def test_o29_the_progress_of_the_daemon_is_shown_here(daemon: DeskDaemon) -> None:
    waiting = Waiting(daemon)
    waiting.progress = Lines()
    await waiting.hand_over(asked(RequestKind.REFRESH, sources=(SOURCE,)))
    tally = waiting.progress.tallies[SOURCE]
    assert (tally.planned, tally.done, tally.failed) == (2, 2, 0)
    assert tally.images >= 2
    assert len(waiting.remarks) == 1


async def test_o27_no_wait_returns_once_it_is_begun_and_the_daemon_goes_on(
    daemon: DeskDaemon, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.gate.clear()
    request = asked(RequestKind.REFRESH, sources=(SOURCE,))
    accepted = await Waiting(daemon).hand_over(request, no_wait=True)
    assert accepted == {"ok": True, "run_id": str(request.id), "accepted": "begun"}
    handing_over.show_accepted(accepted, "never")
    told = capsys.readouterr()
    assert told.out == f"run {request.id}: the daemon has begun\n"
    assert "trivia-scraper status" in told.err

    behind = asked(RequestKind.REFRESH, sources=(SOURCE,), dry_run=True)
    accepted = await Waiting(daemon).hand_over(behind, no_wait=True, patience=Patience(look=0.02, accept=0.0))
    assert accepted["accepted"] == "waiting"
    daemon.gate.set()
    await until(database_url, f"id = '{request.id}' AND ok")
    await until(database_url, f"id = '{behind.id}' AND ok")


async def test_o27_a_stop_before_its_turn_takes_it_back(daemon: DeskDaemon) -> None:
    daemon.gate.clear()
    await Waiting(daemon).hand_over(asked(RequestKind.REFRESH, sources=(SOURCE,)), no_wait=True)
    second = Waiting(daemon)
    second.stop.first = signal.SIGINT
    with pytest.raises(HandedBack, match="taken back before anybody had begun") as told:
        await second.hand_over(asked(RequestKind.REFRESH, sources=(SOURCE,)))
    assert told.value.code == "interrupted"
    daemon.gate.set()


async def test_o27_a_second_signal_before_the_next_look_leaves_nothing_that_nobody_wants(
    daemon: DeskDaemon, database_url: str
) -> None:
    daemon.gate.clear()
    waiting = Waiting(daemon)
    patience = Patience(look=SECONDS)
    following = asyncio.create_task(
        waiting.hand_over(asked(RequestKind.REFRESH, sources=(SOURCE,)), patience=patience)
    )
    await until(database_url, "taken_at IS NOT NULL")
    waiting.stop.first = signal.SIGINT
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    await until(database_url, "stop_asked_at IS NOT NULL")
    daemon.gate.set()


async def test_o27_work_that_daemons_died_over_comes_back_with_an_error(
    daemon: DeskDaemon, database_url: str
) -> None:
    request = asked(RequestKind.REFRESH, sources=(SOURCE,))
    daemon.woken.clear()
    gone = daemon.house.lock.epoch - 1_000
    await query(
        database_url,
        "INSERT INTO run_requests (id, kind, options, details, requested_by, requested_at, taken_at, epoch, attempts)"
        " VALUES ($1, 'refresh', $2::text::jsonb, '{}', 'a test', now(), now(), $3, 3)",
        request.id, request.options.model_dump_json(), gone,
    )  # fmt: skip
    with pytest.raises(HandedBack, match="was begun 3 times") as told:
        await Waiting(daemon).hand_over(request)
    assert told.value.code == "gave_up"
    assert not replica_was_asked(daemon)


def replica_was_asked(daemon: DeskDaemon) -> bool:
    return bool([entry for entry in daemon.capture.entries if entry["event"] == "run.started"])


# --- when the daemon goes away ----------------------------------------------------------------------------------


async def test_o27_whoever_waits_gets_the_outcome_of_the_next_daemon(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    request = asked(RequestKind.REFRESH, sources=(SOURCE,))
    async with asyncio.TaskGroup() as group:
        async with running_daemon(tmp_path, database_url, replica, is_open=False) as first:
            waiting = Waiting(first)
            patience = Patience(look=0.02, silence=0.0, give_up=SECONDS)
            outcome = group.create_task(waiting.hand_over(request, patience=patience))
            await until(database_url, "taken_at IS NOT NULL")
        await until(database_url, "taken_at IS NULL AND attempts = 0")
        async with asyncio.timeout(SECONDS):
            while not any("is not there any more" in remark for remark in waiting.remarks):
                await asyncio.sleep(0.05)
        async with running_daemon(tmp_path, database_url, replica):
            document = await outcome
    assert document["ok"] is True
    assert document["run_id"] == str(request.id)
    assert document["sources"][SOURCE]["created"] == 2


async def test_o27_when_none_comes_back_the_request_is_taken_back(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    async with running_daemon(tmp_path, database_url, replica) as daemon:
        pass
    request = asked(RequestKind.REFRESH, sources=(SOURCE,))
    with pytest.raises(HandedBack, match="the daemon went away and none came") as told:
        await Waiting(daemon).hand_over(request, patience=Patience(look=0.02, silence=0.1, give_up=0.2))
    assert told.value.code == "daemon_gone"
    [row] = await query(database_url, "SELECT ok, outcome->'error'->>'code' AS code FROM run_requests")
    assert (row["ok"], row["code"]) == (False, "interrupted"), "no later daemon does it unasked"
