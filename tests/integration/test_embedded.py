"""The embedded server, for real: started, shared, crashed, orphaned, and gone afterwards (engine.md 1)."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from support.postgres import recording_log
from support.processes import command_line, exit_of, needs_pidfd, owner_of, processes_about, wait_for_exit
from trivia_scraper.domain.errors import SetupError, StorageUnavailable
from trivia_scraper.storage import embedded_binaries
from trivia_scraper.storage.cluster import Cluster, parse_postmaster, read_postmaster, serves
from trivia_scraper.storage.connecting import DatabaseSettings
from trivia_scraper.storage.database import open_database
from trivia_scraper.storage.embedded import EmbeddedServer, run_embedded
from trivia_scraper.storage.server_use import ServerUse, keeper_pid, server_settings
from trivia_scraper.storage.server_user import ServerUser, may_reach

FAST = {"fsync": "off"}
AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="only root hands the server to another user")
USER_PROCESS = Path(__file__).parents[1] / "support" / "server_user_process.py"
SOURCES = Path(__file__).parents[2] / "src"

pytestmark = needs_pidfd


@pytest.fixture
def data_dir(open_folder: Path) -> Iterator[Path]:
    """A place for a cluster; afterwards no process may be left that has to do with it."""
    yield open_folder / "state" / "postgres"
    assert {pid: command_line(pid) for pid in processes_about(open_folder)} == {}


async def ask(server: EmbeddedServer, query: str) -> object:
    """One value, by a connection of its own."""
    connection = await asyncpg.connect(**server.endpoint().arguments)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@dataclass(frozen=True)
class Told:
    """What another process said of the server it uses."""

    process: subprocess.Popen[str]
    postmaster: int
    keeper: int
    made: bool
    uid: int


def third_party_folders() -> list[str]:
    """Where our dependencies are; without the standard library, since another interpreter has its own."""
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]


@contextmanager
def another_process(data_dir: Path, *, python: str = sys.executable, user: str | None = None) -> Iterator[Told]:
    """A second user of the server; leaves in an orderly way when the body ends, if it still lives."""
    process = subprocess.Popen(
        [python, str(USER_PROCESS), str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        user=user,
        extra_groups=[] if user else None,
        cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": ":".join([str(SOURCES), *third_party_folders()])},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Told(process, **json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(30)


# --- one process ---------------------------------------------------------------------------------------


async def test_it_starts_answers_and_is_gone_afterwards(data_dir: Path) -> None:
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        postmaster = read_postmaster(Cluster(data_dir))
        keeper = keeper_pid(Cluster(data_dir))
        assert postmaster is not None
        assert keeper is not None
        assert await ask(server, "SELECT current_setting('server_version')") == server.version
        assert await ask(server, "SELECT current_setting('listen_addresses')") == ""
        assert await ask(server, "SELECT datlocprovider::text || datcollate FROM pg_database LIMIT 1") == "bC"
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE((server.host / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert not Path(f"/proc/{postmaster.pid}").exists()
    await exit_of(keeper)
    assert not (data_dir / "postmaster.pid").exists()


async def test_data_stay_from_one_use_to_the_next(data_dir: Path) -> None:
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS number")
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        assert await ask(server, "SELECT number FROM kept") == 7


async def test_the_server_sees_nothing_of_our_environment(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIA_CANARY", "canary-4711")
    monkeypatch.setenv("PGPORT", "1")
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        assert await ask(server, "SELECT 1") == 1
        postmaster = read_postmaster(Cluster(data_dir))
        assert postmaster is not None
        for pid in (postmaster.pid, keeper_pid(Cluster(data_dir))):
            assert b"canary-4711" not in Path(f"/proc/{pid}/environ").read_bytes()


async def test_a_data_directory_far_down_gets_a_short_socket(data_dir: Path) -> None:
    deep = data_dir.parent / ("d" * 90) / "postgres"
    async with run_embedded(deep, None, recording_log(), FAST) as server:
        socket = server.host / ".s.PGSQL.5432"
        assert len(os.fsencode(socket)) < 100
        assert stat.S_IMODE(server.host.stat().st_mode) == 0o700
        assert await ask(server, "SELECT 1") == 1
        # One that joins finds the same socket.
        async with run_embedded(deep, None, recording_log(), FAST) as joined:
            assert joined.host == server.host
    shutil.rmtree(server.host)


async def test_a_wrong_major_version_names_pg_dump(data_dir: Path) -> None:
    data_dir.mkdir(parents=True)
    (data_dir / "PG_VERSION").write_text("9\n")
    if AS_ROOT:
        shutil.chown(data_dir / "PG_VERSION", "nobody")
        shutil.chown(data_dir, "nobody")
    with pytest.raises(SetupError, match="written by PostgreSQL 9") as caught:
        async with run_embedded(data_dir, None, recording_log()):
            pass
    assert "pg_dump" in caught.value.hint
    assert [entry.name for entry in data_dir.iterdir()] == ["PG_VERSION"]


async def test_a_directory_with_other_things_in_it_is_left_alone(data_dir: Path) -> None:
    data_dir.mkdir(parents=True)
    (data_dir / "thesis.txt").write_text("irreplaceable")
    with pytest.raises(SetupError, match="no database can be made"):
        async with run_embedded(data_dir, None, recording_log()):
            pass
    assert (data_dir / "thesis.txt").read_text() == "irreplaceable"


async def test_what_a_killed_initdb_left_is_cleared_away(data_dir: Path) -> None:
    half_made = data_dir.with_name("postgres.new")
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        assert await ask(server, "SELECT 1") == 1
    assert not half_made.exists()


async def test_a_server_that_cannot_start_is_given_up_with_its_own_words(data_dir: Path) -> None:
    with pytest.raises(SetupError, match="shared_buffers"):
        async with run_embedded(data_dir, None, recording_log(), {"shared_buffers": "much"}):
            pass
    assert data_dir.with_name("postgres.log").read_text().count("FATAL") == 6  # once, and five times again


async def test_a_pid_that_belongs_to_another_program_by_now_is_no_obstacle(data_dir: Path) -> None:
    async with run_embedded(data_dir, None, recording_log(), FAST):
        recorded = (data_dir / "postmaster.pid").read_text().splitlines()
    bystander = subprocess.Popen(
        ["/bin/sleep", "60"], user=data_dir.stat().st_uid if AS_ROOT else None, extra_groups=[] if AS_ROOT else None
    )
    try:
        (data_dir / "postmaster.pid").write_text("\n".join([str(bystander.pid), *recorded[1:]]) + "\n")
        assert read_postmaster(Cluster(data_dir)) is None
        async with run_embedded(data_dir, None, recording_log(), FAST) as server:
            assert await ask(server, "SELECT 1") == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


async def test_a_start_that_is_cancelled_leaves_nothing(data_dir: Path) -> None:
    async def use() -> None:
        async with run_embedded(data_dir, None, recording_log(), FAST):
            raise AssertionError("cancelled before this")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(use())
        group.create_task(_cancel_soon(task))
    assert task.cancelled()
    assert keeper_pid(Cluster(data_dir)) is None


async def _cancel_soon(task: asyncio.Task[None]) -> None:
    await asyncio.sleep(0)  # one turn: the thread is on its way
    task.cancel()


# --- users ---------------------------------------------------------------------------------------------


@only_root
async def test_root_hands_the_server_to_another_user_and_opens_no_directory(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    data_dir = home / ".local" / "share" / "trivia-scraper" / "postgres"
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        postmaster = read_postmaster(Cluster(data_dir))
        assert postmaster is not None
        assert owner_of(postmaster.pid) not in (0, home.stat().st_uid)
        assert await ask(server, "CREATE TABLE t AS SELECT generate_series(1, 1000)") is None
        assert await ask(server, "SELECT count(*) FROM t") == 1000
        assert not may_reach(ServerUser("nobody", pwd.getpwnam("nobody").pw_uid, 0), data_dir.parent)
    assert (stat.S_IMODE(home.stat().st_mode), home.stat().st_uid) == (0o700, 0)
    assert processes_about(open_folder) == []


@only_root
async def test_a_cluster_keeps_its_owner_when_better_users_appear(data_dir: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trivia_scraper.storage.server_user.CANDIDATES", ("nobody",))
        async with run_embedded(data_dir, None, recording_log(), FAST):
            pass
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        postmaster = read_postmaster(Cluster(data_dir))
        assert postmaster is not None
        assert owner_of(postmaster.pid) == pwd.getpwnam("nobody").pw_uid
        assert await ask(server, "SELECT 1") == 1


@only_root
async def test_programs_below_a_private_home_run_from_a_readable_copy(
    open_folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    package = embedded_binaries.find_binaries(None, None).bin_dir.parents[1]
    shutil.copytree(package / "pginstall", private / package.name / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), private / f"{package.name}.libs", symlinks=True)
    monkeypatch.setattr(embedded_binaries, "COPY_FOLDERS", (open_folder / "copies",))
    setting = private / package.name / "pginstall" / "bin"

    async with run_embedded(data_dir, setting, recording_log(), FAST) as server:
        postmaster = read_postmaster(Cluster(data_dir))
        assert postmaster is not None
        assert str(open_folder / "copies") in command_line(postmaster.pid)
        assert server.bin_dir == setting
        assert await ask(server, "SELECT 1") == 1
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def _python_for_everybody() -> str | None:
    """An interpreter of our version that the user nobody can run."""
    nobody = ServerUser("nobody", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
    version = "{}.{}".format(*sys.version_info)
    for path in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        if Path(path).exists() and may_reach(nobody, Path(path)):
            return path
    return None


@only_root
def test_an_ordinary_user_runs_its_own_server(data_dir: Path) -> None:
    python = _python_for_everybody()
    if python is None or not may_reach(ServerUser("nobody", 65534, 65534), SOURCES):
        pytest.skip("no interpreter of this version that the user nobody can run")
    data_dir.parent.mkdir(parents=True)
    shutil.chown(data_dir.parent, "nobody")
    with another_process(data_dir, python=python, user="nobody") as told:
        assert told.uid == pwd.getpwnam("nobody").pw_uid
        assert {owner_of(told.postmaster), owner_of(told.keeper)} == {told.uid}
        assert command_line(told.postmaster).split()[1:3] == ["-D", str(data_dir)]
    wait_for_exit(told.keeper)


@only_root
async def test_root_serves_a_cluster_of_an_ordinary_user_as_that_user(data_dir: Path) -> None:
    data_dir.parent.mkdir(parents=True)
    shutil.chown(data_dir.parent, "nobody")
    await test_a_cluster_keeps_its_owner_when_better_users_appear(data_dir)


# --- several processes ---------------------------------------------------------------------------------


async def test_two_processes_share_one_server_and_the_last_one_stops_it(data_dir: Path) -> None:
    with another_process(data_dir) as told:
        async with run_embedded(data_dir, None, recording_log(), FAST) as server:
            postmaster = read_postmaster(Cluster(data_dir))
            assert postmaster is not None
            assert (postmaster.pid, keeper_pid(Cluster(data_dir))) == (told.postmaster, told.keeper)
            assert await ask(server, "SELECT 1") == 1
        assert await asyncio.to_thread(serves, told.postmaster, data_dir)
    assert told.process.returncode == 0
    assert not serves(told.postmaster, data_dir)


async def test_many_that_start_at_once_get_one_server(data_dir: Path) -> None:
    uses = [ServerUse(data_dir, None, FAST) for _ in range(6)]
    try:
        started = await asyncio.gather(*(asyncio.to_thread(use.start) for use in uses))
        assert len({postmaster.pid for _, postmaster, _ in started}) == 1
        assert sum(made for _, _, made in started) == 1
    finally:
        stopped = [use.stop() for use in uses]
    assert stopped == [False] * 5 + [True]


# --- crashes -------------------------------------------------------------------------------------------


async def test_f33_a_killed_postmaster_is_back_with_its_data(data_dir: Path) -> None:
    async with run_embedded(data_dir, None, recording_log()) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS number")
        killed = read_postmaster(Cluster(data_dir))
        assert killed is not None
        os.kill(killed.pid, signal.SIGKILL)
        await server.revive()
        again = read_postmaster(Cluster(data_dir))
        assert again is not None
        assert again.pid != killed.pid
        assert await ask(server, "SELECT number FROM kept") == 7


async def test_a_killed_keeper_takes_the_server_along_and_both_come_back(data_dir: Path) -> None:
    async with run_embedded(data_dir, None, recording_log()) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS number")
        keeper, postmaster = keeper_pid(Cluster(data_dir)), read_postmaster(Cluster(data_dir))
        assert keeper is not None
        assert postmaster is not None
        os.kill(keeper, signal.SIGKILL)
        await exit_of(postmaster.pid)
        await server.revive()
        assert keeper_pid(Cluster(data_dir)) not in (None, keeper)
        assert await ask(server, "SELECT number FROM kept") == 7


async def test_a_killed_keeper_and_postmaster_come_back_together(data_dir: Path) -> None:
    async with run_embedded(data_dir, None, recording_log()) as server:
        keeper, postmaster = keeper_pid(Cluster(data_dir)), read_postmaster(Cluster(data_dir))
        assert keeper is not None
        assert postmaster is not None
        os.kill(keeper, signal.SIGKILL)
        os.kill(postmaster.pid, signal.SIGKILL)
        await server.revive()
        assert await ask(server, "SELECT 1") == 1


async def test_nothing_survives_its_killed_user(data_dir: Path) -> None:
    with another_process(data_dir) as told:
        told.process.kill()
        await exit_of(told.postmaster)
        await exit_of(told.keeper)


async def test_a_successor_of_a_killed_user_starts_at_once(data_dir: Path) -> None:
    with another_process(data_dir) as told:
        told.process.kill()
        told.process.wait()
        async with run_embedded(data_dir, None, recording_log(), FAST) as server:
            assert await ask(server, "SELECT 1") == 1


async def test_f33_the_pool_reconnects_after_a_crash(data_dir: Path) -> None:
    settings = DatabaseSettings(url="embedded", data_dir=data_dir)
    async with open_database(settings, recording_log()) as database:
        first = await database.fetchval("session/backend_pid")
        killed = read_postmaster(Cluster(data_dir))
        assert killed is not None
        os.kill(killed.pid, signal.SIGKILL)
        await exit_of(killed.pid)
        answers = []
        for _ in range(3):  # the pooled connection is dead: at most one call may find that out
            try:
                answers.append(await database.fetchval("session/backend_pid"))
            except StorageUnavailable:
                continue
        assert len(answers) >= 2
        assert first not in answers


async def test_nobody_can_revive_what_was_given_back(data_dir: Path) -> None:
    async with run_embedded(data_dir, None, recording_log(), FAST) as server:
        pass
    with pytest.raises(StorageUnavailable, match="given back"):
        await server.revive()
    assert keeper_pid(Cluster(data_dir)) is None


# --- pure ----------------------------------------------------------------------------------------------

COMPLETE = ["4711", "/data", "1700000000", "5432", "/run/pg", "", "  16039944  4", "ready   "]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (COMPLETE, (4711, Path("/run/pg"), True)),
        ([*COMPLETE[:4], ".", *COMPLETE[5:]], (4711, Path("/data"), True)),
        ([*COMPLETE[:7], "starting"], (4711, Path("/run/pg"), False)),
        (COMPLETE[:6], (4711, Path("/run/pg"), False)),
        (COMPLETE[:3], None),
        ([], None),
        (["x", *COMPLETE[1:]], None),
    ],
)
def test_postmaster_pid_lines(lines: list[str], expected: tuple[int, Path, bool] | None) -> None:
    postmaster = parse_postmaster(lines, Path("/data"))
    assert (postmaster and (postmaster.pid, postmaster.socket_dir, postmaster.is_ready)) == expected


@pytest.mark.parametrize(
    ("major", "present", "absent"),
    [
        (13, {"jit"}, {"io_method", "client_connection_check_interval"}),
        (15, {"client_connection_check_interval"}, {"io_method"}),
        (18, {"io_method", "client_connection_check_interval"}, set()),
    ],
)
def test_server_settings_fit_the_version(major: int, present: set[str], absent: set[str]) -> None:
    settings = server_settings(major, {"fsync": "off"})
    assert present <= settings.keys()
    assert not absent & settings.keys()
    assert (settings["fsync"], settings["listen_addresses"]) == ("off", "")
