"""One process's use of the embedded server: start or join it, bring it back, leave it, stop it as the last.

Three locks beside the data directory order everything (engine.md 1.2):
start   held exclusively for the length of a start, a revival or a departure; so those never overlap
users   held shared by every using process while it lives; free means the server may end
keeper  held exclusively by the keeper process while it lives

Everything here blocks: `embedded` calls it in a thread.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import SetupError, StorageUnavailable
from trivia_scraper.storage import keeper
from trivia_scraper.storage.cluster import (
    PORT,
    Cluster,
    Postmaster,
    data_directory_argument,
    drop_stale_pid_file,
    prepare_data_directory,
    read_postmaster,
    socket_directory,
)
from trivia_scraper.storage.embedded_binaries import CLEAN_ENVIRONMENT, Binaries, find_binaries, readable_binaries
from trivia_scraper.storage.file_locks import (
    POLL_SECONDS,
    is_locked,
    locked_file,
    open_lock_file,
    try_lock,
    wait_for_lock,
)
from trivia_scraper.storage.server_user import ServerUser, user_for

START_LOCK_SECONDS: Final = 180.0
USERS_LOCK_SECONDS: Final = 90.0
READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 5.0
ORPHAN_SECONDS: Final = 30.0
LOG_LIMIT_BYTES: Final = 1 << 20


class ServerUse:
    """What one process knows of the server. `start` first; `stop` last, and safe to call twice."""

    def __init__(self, data_dir: Path, bin_dir_setting: Path | None, server_options: Mapping[str, str]) -> None:
        self.cluster = Cluster(data_dir.resolve())
        self._bin_dir_setting = bin_dir_setting
        self._server_options = server_options
        self._users: int | None = None

    def start(self) -> tuple[Binaries, Postmaster, bool]:
        """Start or join the server.

        Returns its programs, its postmaster, and whether this was the first start ever. Raises SetupError
        when it cannot work, StorageUnavailable when it does not get ready in time.
        """
        self._make_parent()
        with _starting(self.cluster):
            self._users = open_lock_file(self.cluster.users_lock)
            try:
                wait_for_lock(self._users, exclusive=False, timeout_seconds=USERS_LOCK_SECONDS)
            except TimeoutError as error:
                raise StorageUnavailable("the embedded database is still shutting down") from error
            return self._ensure_running()

    def revive(self) -> None:
        """Start the server again, or wait until its keeper has. Raises StorageUnavailable."""
        with _starting(self.cluster):
            if self._users is None:
                raise StorageUnavailable("the embedded database was given back already")
            try:
                self._ensure_running()
            except SetupError as error:
                raise StorageUnavailable(f"the embedded database does not come back: {error}") from error

    def stop(self) -> bool:
        """Give the server back; as its last user, stop it. Returns whether it was stopped."""
        if self._users is None:
            return False
        try:
            with locked_file(self.cluster.start_lock, timeout_seconds=STOP_SECONDS):
                return try_lock(self._users, exclusive=True) and self._dismiss_keeper()
        except TimeoutError:
            return False  # somebody is just starting: the server stays, or its keeper sees to it
        finally:
            os.close(self._users)
            self._users = None

    def _make_parent(self) -> None:
        try:
            self.cluster.data_dir.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"{self.cluster.data_dir.parent} cannot be made: {error.strerror}") from error

    def _ensure_running(self) -> tuple[Binaries, Postmaster, bool]:
        user = user_for(self.cluster.data_dir)
        found = find_binaries(self._bin_dir_setting, self.cluster.major())
        log_start = 0
        made = False
        if not is_locked(self.cluster.keeper_lock):
            runnable = readable_binaries(found, user)
            made = prepare_data_directory(self.cluster, runnable, user)
            _end_orphan(self.cluster)
            drop_stale_pid_file(self.cluster)
            log_start = _rotate_log(self.cluster.server_log)
            self._launch_keeper(runnable, user)
        return found, self._wait_until_ready(log_start), made

    def _launch_keeper(self, binaries: Binaries, user: ServerUser | None) -> None:
        duty = self._duty(binaries, user)
        with self.cluster.server_log.open("ab") as log:
            answer = subprocess.run(  # noqa: S603 - our own file, run by our own interpreter
                [sys.executable, "-I", "-S", keeper.__file__, json.dumps(asdict(duty))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=CLEAN_ENVIRONMENT,
                start_new_session=True,
                check=False,
            )
        if answer.returncode not in (0, keeper.ALREADY_ON_DUTY):
            raise SetupError(f"the keeper of the embedded database did not start: {self._log_tail(0)}")

    def _duty(self, binaries: Binaries, user: ServerUser | None) -> keeper.Duty:
        socket_dir = socket_directory(self.cluster, user)
        settings = server_settings(binaries.major, self._server_options)
        return keeper.Duty(
            arguments=[
                *(str(binaries.program("postgres")), "-D", str(data_directory_argument(self.cluster, user))),
                *("-k", str(socket_dir or ".")),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            directory=str(self.cluster.data_dir),
            environment=CLEAN_ENVIRONMENT,
            uid=user.uid if user else None,
            gid=user.gid if user else None,
            users_lock=str(self.cluster.users_lock),
            keeper_lock=str(self.cluster.keeper_lock),
            log=str(self.cluster.server_log),
        )

    def _wait_until_ready(self, log_start: int) -> Postmaster:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            postmaster = read_postmaster(self.cluster)
            if postmaster is not None and postmaster.is_ready:
                return postmaster
            if not is_locked(self.cluster.keeper_lock):
                raise SetupError(f"the embedded database does not start: {self._log_tail(log_start)}")
            time.sleep(POLL_SECONDS)
        raise StorageUnavailable(f"the embedded database was not ready within {READY_SECONDS:g} s")

    def _dismiss_keeper(self) -> bool:
        deadline = time.monotonic() + STOP_SECONDS
        _ask_keeper_to_stop(self.cluster)
        while is_locked(self.cluster.keeper_lock):
            if time.monotonic() >= deadline:
                return False  # the keeper goes on stopping it without us
            time.sleep(POLL_SECONDS)
        return True

    def _log_tail(self, start: int) -> str:
        with self.cluster.server_log.open("rb") as log:
            log.seek(start)
            return log.read().decode("utf-8", "replace").strip()[-800:]


@contextmanager
def _starting(cluster: Cluster) -> Iterator[None]:
    """Hold the start lock."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked_file(cluster.start_lock, timeout_seconds=START_LOCK_SECONDS))
        except TimeoutError as error:
            raise StorageUnavailable("another process is starting the embedded database, for too long") from error
        yield


def server_settings(major: int, overrides: Mapping[str, str]) -> dict[str, str]:
    """The `-c` settings of a server for one small daemon: local only, little memory, no replication. Pure."""
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_permissions": "0700",
        "max_connections": "40",
        "shared_buffers": "64MB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "256MB",
        "max_parallel_workers_per_gather": "0",
        "jit": "off",
        "log_checkpoints": "off",
    }
    if major >= 14:
        settings["client_connection_check_interval"] = "1000"  # a killed client's query and locks end with it
    if major >= 18:
        settings["io_method"] = "sync"  # no I/O worker processes
    return settings | dict(overrides)


def keeper_pid(cluster: Cluster) -> int | None:
    """The process id of the keeper on duty, or None."""
    if not is_locked(cluster.keeper_lock):
        return None
    text = cluster.keeper_lock.read_text(encoding="ascii").strip()
    return int(text) if text.isdigit() else None


def _ask_keeper_to_stop(cluster: Cluster) -> None:
    pid = keeper_pid(cluster)
    if pid is not None:
        with suppress(ProcessLookupError, PermissionError):  # else it finds the users lock free by itself
            os.kill(pid, signal.SIGTERM)


def _end_orphan(cluster: Cluster) -> None:
    """Shut down a server whose keeper was killed, so that the next one has a keeper again."""
    began = time.monotonic()
    while (postmaster := read_postmaster(cluster)) is not None:
        waited = time.monotonic() - began
        if waited > 2 * ORPHAN_SECONDS:
            raise StorageUnavailable(f"a PostgreSQL without keeper, process {postmaster.pid}, does not end")
        with suppress(ProcessLookupError):
            os.kill(postmaster.pid, signal.SIGQUIT if waited > ORPHAN_SECONDS else signal.SIGINT)
        time.sleep(5 * POLL_SECONDS)


def _rotate_log(path: Path) -> int:
    """Put a log that grew too long aside; returns where new lines will begin."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return 0
    if size <= LOG_LIMIT_BYTES:
        return size
    path.replace(path.with_name(f"{path.name}.old"))
    return 0
