"""The daemon when its database goes, comes back, or belongs to somebody else; and what systemd hears (6.2, 6.3)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from support.daemon_process import DaemonProcess, running_daemon
from support.pg_proxy import Proxy, proxy_before
from support.postgres import fresh_database, running_server
from support.program import Program, environment_for
from trivia_scraper.demo.server import Replica
from trivia_scraper.storage.cluster import read_postmaster
from trivia_scraper.storage.embedded import EmbeddedServer
from trivia_scraper.storage.holders import Holder, session_name
from trivia_scraper.storage.server_use import Cluster

SOURCE = "quizmeisters"


@pytest.fixture
async def proxy(database_url: str, postgres_server: EmbeddedServer) -> AsyncIterator[Proxy]:
    """A door to a database of the test's own that the test can shut."""
    async with proxy_before(postgres_server.host / ".s.PGSQL.5432", urlsplit(database_url).path[1:]) as opened:
        yield opened


def environment_of(folder: Path, url: str, replica: Replica, **more: str) -> Mapping[str, str]:
    """One source of the replica and this database."""
    return environment_for(
        folder, {SOURCE: replica.index_urls[SOURCE]}, TRIVIA_DATABASE_URL=url,
        TRIVIA__DATABASE__ACQUIRE_TIMEOUT="1s", **more,
    )  # fmt: skip


async def run_of(daemon: DaemonProcess) -> dict[str, object]:
    """How the scheduled run of the source ended."""
    return await daemon.event("job.finished", job=f"refresh:{SOURCE}")


async def venues(database_url: str) -> int:
    """How many venues are stored."""
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM venues WHERE saved_at IS NOT NULL"))
    finally:
        await connection.close()


async def test_f30_a_database_that_is_down_at_the_start_is_waited_for(
    tmp_path: Path, replica: Replica, proxy: Proxy
) -> None:
    """F30: not ready, says what it waits for, never exits; then it works as if nothing had been."""
    proxy.faults.go_down()
    async with running_daemon(tmp_path, environment_of(tmp_path, proxy.url, replica)) as daemon:
        await daemon.event("daemon.waiting")
        code, ready = await daemon.ask("/readyz")
        assert (code, ready["phase"], ready["status"]) == (503, "waiting for database", "waiting for database")
        assert (await daemon.ask("/livez"))[0] == 200
        proxy.faults.is_down = False
        await daemon.event("daemon.ready")
        assert (await run_of(daemon))["ok"]
        assert await daemon.stop() == 0


async def test_f05_a_stop_while_the_database_is_waited_for(tmp_path: Path, replica: Replica, proxy: Proxy) -> None:
    proxy.faults.go_down()
    async with running_daemon(tmp_path, environment_of(tmp_path, proxy.url, replica)) as daemon:
        await daemon.event("daemon.waiting")
        assert await daemon.stop() == 0


async def test_f34_a_database_that_goes_away_during_a_run_loses_no_item(
    tmp_path: Path, replica: Replica, proxy: Proxy, database_url: str
) -> None:
    """F31, F34: the run waits, completes, and every venue is there exactly once."""
    async with running_daemon(tmp_path, environment_of(tmp_path, proxy.url, replica)) as daemon:
        await daemon.event("detail.finished")
        proxy.faults.go_down()
        await daemon.event("database.lost", what="store lock")
        code, ready = await daemon.ask("/readyz")
        assert code == 503
        assert "store lock" in ready["failing"]
        proxy.faults.is_down = False
        await daemon.event("database.back", what="store lock")
        assert (await run_of(daemon))["ok"]
        assert await venues(database_url) == 12
        assert await daemon.stop() == 0
    assert (await Program(tmp_path, environment_of(tmp_path, database_url, replica)).call("db", "check")).code == 0


async def test_f32_f33_the_server_is_restarted_under_a_run(open_folder: Path, replica: Replica) -> None:
    """F33: an immediate end of the postmaster, brought back by its keeper; F32 is the same door, shut more gently."""
    # Without the settings of a server whose data nobody will miss: what was committed must survive this.
    with running_server(open_folder / "pg", {}) as server:
        async with fresh_database(server) as url:
            environment = environment_of(open_folder, url, replica)
            async with running_daemon(open_folder, environment) as daemon:
                await daemon.event("detail.finished")
                postmaster = read_postmaster(Cluster(open_folder / "pg"))
                assert postmaster is not None
                os.kill(postmaster.pid, signal.SIGQUIT)
                await daemon.event("database.lost", what="store lock")
                await daemon.event("database.back", what="store lock")
                assert (await run_of(daemon))["ok"]
                assert await venues(url) == 12
                assert await daemon.stop() == 0


async def test_f40_a_killed_lock_connection_is_taken_again(
    tmp_path: Path, replica: Replica, database_url: str
) -> None:
    """F40: told at once, held again under the same number, and the work goes on."""
    async with running_daemon(tmp_path, environment_of(tmp_path, database_url, replica)) as daemon:
        ready = await daemon.event("daemon.ready")
        await end_lock_session(daemon, database_url)
        await daemon.event("database.lost", what="store lock")
        back = await daemon.event("database.back", what="store lock")
        assert back["epoch"] == ready["epoch"]
        assert (await run_of(daemon))["ok"]
        assert await daemon.stop() == 0


async def end_lock_session(daemon: DaemonProcess, database_url: str) -> None:
    """End, from the server's side, the session that holds the store."""
    name = session_name(Holder(daemon.pid, socket.gethostname(), "daemon"))
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1", name
        )
    finally:
        await connection.close()


async def end_every_session(database_url: str) -> None:
    """End all that the sleeping daemon has open, as a server does with a host that is gone."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def test_f17_f46_a_daemon_that_slept_leaves_when_another_has_the_store(
    tmp_path: Path, replica: Replica, database_url: str
) -> None:
    """F17, F46: stopped, its lock gone, a second daemon elsewhere at work; awake again it writes nothing and ends."""
    first_folder, second_folder = tmp_path / "first", tmp_path / "second"
    first_folder.mkdir()
    second_folder.mkdir()
    async with running_daemon(first_folder, environment_of(first_folder, database_url, replica)) as first:
        await run_of(first)
        first.send(signal.SIGSTOP)
        await end_every_session(database_url)
        second_environment = environment_of(second_folder, database_url, replica)
        async with running_daemon(second_folder, second_environment) as second:
            ready = await second.event("daemon.ready")
            assert ready["epoch"] > first.named("daemon.ready")[0]["epoch"]
            first.send(signal.SIGCONT)
            assert await first.ended() == 11
            assert "another instance" in first.tail()
            assert second.process.returncode is None
            assert await second.stop() == 0


class FakeSystemd:
    """Where systemd would listen: every message in the order of its arrival."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self.messages: list[str] = []

    def receive(self) -> list[str]:
        """All that has come so far."""
        while True:
            try:
                self.messages.append(self._socket.recv(65536).decode())
            except BlockingIOError:
                return self.messages

    def close(self) -> None:
        self._socket.close()


async def test_6_2_systemd_hears_of_every_step_in_order(
    open_folder: Path, replica: Replica, database_url: str
) -> None:
    """READY, WATCHDOG, RELOADING with its time, READY, STOPPING; STATUS all along."""
    systemd = FakeSystemd(open_folder / "notify")
    environment = environment_of(open_folder, database_url, replica)
    try:
        async with running_daemon(
            open_folder, environment, NOTIFY_SOCKET=str(systemd.path), WATCHDOG_USEC="600000"
        ) as daemon:
            await daemon.until(lambda: "READY=1" in systemd.receive(), "READY")
            await run_of(daemon)
            await daemon.until(lambda: "WATCHDOG=1" in systemd.receive(), "WATCHDOG")
            daemon.send(signal.SIGHUP)
            await daemon.event("settings.loaded", need_restart=[])
            await daemon.until(lambda: systemd.receive().count("READY=1") == 2, "READY again")
            assert await daemon.stop() == 0
        messages = systemd.receive()
    finally:
        systemd.close()
    names = [message.split("=")[0] for message in messages]
    order = [name for name in names if name not in ("STATUS", "EXTEND_TIMEOUT_USEC", "WATCHDOG")]
    assert order == ["READY", "RELOADING", "READY", "STOPPING"]
    [reloading] = [message for message in messages if message.startswith("RELOADING")]
    assert int(reloading.split("MONOTONIC_USEC=")[1]) > 0
    statuses = [message for message in messages if message.startswith("STATUS=")]
    assert any("running refresh:quizmeisters" in status for status in statuses)
    assert any(status.startswith("STATUS=idle; next ") for status in statuses)
    assert any("draining" in status for status in statuses)


async def test_the_second_of_two_daemons_started_at_once_goes_away(
    tmp_path: Path, replica: Replica, database_url: str
) -> None:
    """F45: whoever is quicker works, the other names it and exits 11."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    environments = [environment_of(folder, database_url, replica) for folder in folders]
    async with (
        running_daemon(folders[0], environments[0]) as one,
        running_daemon(folders[1], environments[1]) as two,
    ):
        done, _ = await asyncio.wait(
            {asyncio.ensure_future(one.process.wait()), asyncio.ensure_future(two.process.wait())},
            return_when=asyncio.FIRST_COMPLETED, timeout=60,
        )  # fmt: skip
        assert [each.result() for each in done] == [11]
        loser, winner = (one, two) if one.process.returncode is not None else (two, one)
        assert f"daemon {winner.pid} on host" in loser.tail()
        assert await winner.stop() == 0
