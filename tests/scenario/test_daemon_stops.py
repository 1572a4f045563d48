"""Daemons stopped and killed at moments that nobody chose: the store stays consistent (issue 5, 6.1; G5, G10).

A check tries a few; TRIVIA_TEST_STOPS=all tries 50 stops and 20 kills.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from support.daemon_process import DaemonProcess, running_daemon
from support.house import make_options
from support.postgres import fresh_database, running_server
from support.program import Program, environment_for
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.options import options_to_json

SOURCE = "quizmeisters"
ALL = os.environ.get("TRIVIA_TEST_STOPS") == "all"
STOPS, KILLS = (50, 20) if ALL else (2, 2)
MOST_EVENTS = 260
"""About as many lines as a whole forced run logs."""


async def ask_for_forced_run(database_url: str) -> UUID:
    """File what `run --force-refresh-images --force-update` hands to a daemon."""
    run_id, options = uuid4(), make_options(force_refresh_images=True, force_update=True)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO run_requests (id, kind, options, details, requested_by, requested_at)"
            " VALUES ($1, 'refresh', $2, '{}', 'a test', now())",
            run_id,
            options_to_json(options),
        )
    finally:
        await connection.close()
    return run_id


async def left_over(database_url: str) -> list[dict[str, object]]:
    """Requests that have not ended."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT id, attempts FROM run_requests WHERE finished_at IS NULL")
        return [dict(row) for row in rows]
    finally:
        await connection.close()


async def until_line(daemon: DaemonProcess, number: int) -> None:
    """Until the log has so many lines, or the daemon has nothing left to do."""

    def is_there() -> bool:
        events = daemon.events
        # A request that daemons were killed over three times is not begun again, and rightly so.
        ended = daemon.named("request.given_up") or [
            event for event in daemon.named("job.finished") if event.get("job") == "refresh"
        ]
        return len(events) >= number or bool(ended)

    await daemon.until(is_there, f"line {number}")


@pytest.mark.parametrize(
    ("number", "times"), [(signal.SIGTERM, STOPS), (signal.SIGKILL, KILLS)], ids=["stopped", "killed"]
)
async def test_6_1_a_daemon_ended_at_any_moment_leaves_a_consistent_store(
    open_folder: Path, replica: Replica, number: signal.Signals, times: int
) -> None:
    chance = random.Random(int(number))
    with running_server(open_folder / "pg") as server:
        async with fresh_database(server) as url:
            environment = environment_for(
                open_folder, {SOURCE: replica.index_urls[SOURCE]}, TRIVIA_DATABASE_URL=url,
                TRIVIA__SCHEDULE__VERIFY="", TRIVIA__SCHEDULE__SNAPSHOT="", TRIVIA__SCHEDULE__WEEKLY_REPORT="",
                TRIVIA__CLEANUP__ENABLED="false",
            )  # fmt: skip
            program = Program(open_folder, environment)
            for turn in range(times):
                if not await left_over(url):
                    await ask_for_forced_run(url)
                async with running_daemon(open_folder, environment, name=f"turn-{turn}") as daemon:
                    await until_line(daemon, chance.randrange(1, MOST_EVENTS))
                    code = await daemon.stop(number)
                    assert code == (0 if number is signal.SIGTERM else -signal.SIGKILL), daemon.tail()
                checked = await program.call("db", "check", "--json")
                assert json.loads(checked.out)["ok"], (turn, checked.out)
            await ask_for_forced_run(url)
            async with running_daemon(open_folder, environment, name="last") as daemon:
                await wait_for_all(url, daemon)
                assert await daemon.stop() == 0
            checked = await program.call("db", "check", "--json")
            document = json.loads(checked.out)
            assert (document["ok"], document.get("pending", [])) == (True, []), checked.out


async def wait_for_all(database_url: str, daemon: DaemonProcess) -> None:
    """Until every request has ended."""
    async with asyncio.timeout(60):
        while await left_over(database_url):
            assert daemon.process.returncode is None, daemon.tail()
            await asyncio.sleep(0.05)
