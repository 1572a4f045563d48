"""A PostgreSQL data directory and what stands beside it: locks, log, socket, and who serves it right now."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.storage.embedded_binaries import CLEAN_ENVIRONMENT, Binaries
from trivia_scraper.storage.server_user import ServerUser, may_reach

PORT: Final = 5432  # only the name of the socket file: the server listens on no network address
SUPERUSER: Final = "postgres"
SOCKET_NAME: Final = f".s.PGSQL.{PORT}"
SOCKET_PATH_LIMIT: Final = 100
INITDB_SECONDS: Final = 120.0
_WORKING_DIRECTORY: Final = Path("/proc/self/cwd")


@dataclass(frozen=True, slots=True)
class Cluster:
    """The paths of one data directory; `data_dir` is absolute."""

    data_dir: Path

    def beside(self, suffix: str) -> Path:
        """A file of ours next to the data directory: PostgreSQL's own folder stays PostgreSQL's."""
        return self.data_dir.with_name(f"{self.data_dir.name}.{suffix}")

    @property
    def start_lock(self) -> Path:
        return self.beside("start.lock")

    @property
    def users_lock(self) -> Path:
        return self.beside("users.lock")

    @property
    def keeper_lock(self) -> Path:
        return self.beside("keeper.lock")

    @property
    def server_log(self) -> Path:
        return self.beside("log")

    def major(self) -> int | None:
        """The major version in PG_VERSION, or None while there is no cluster. Raises SetupError."""
        try:
            text = (self.data_dir / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SetupError(f"{self.data_dir} cannot be read: {error.strerror}") from error
        if not text.isdigit():
            raise SetupError(f"{self.data_dir}/PG_VERSION says {text!r}, which is no version of PostgreSQL")
        return int(text)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a running server wrote to postmaster.pid."""

    pid: int
    socket_dir: Path
    is_ready: bool


def read_postmaster(cluster: Cluster) -> Postmaster | None:
    """The server of this data directory, if the recorded process is alive and really serves it.

    A pid alone proves nothing: after a crash it may be a zombie, or belong to another program by now.
    """
    try:
        lines = (cluster.data_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    postmaster = parse_postmaster(lines, cluster.data_dir)
    return postmaster if postmaster is not None and serves(postmaster.pid, cluster.data_dir) else None


def parse_postmaster(lines: list[str], data_dir: Path) -> Postmaster | None:
    """Lines 1, 5 and 8 of postmaster.pid: pid, socket directory, status. None while it is being written. Pure."""
    if len(lines) < 5 or not lines[0].strip().isdigit():
        return None
    ready = len(lines) >= 8 and lines[7].strip() == "ready"
    return Postmaster(int(lines[0]), data_dir / lines[4].strip(), ready)


def serves(pid: int, data_dir: Path) -> bool:
    """Whether process `pid` is a postgres of this data directory: by command line, and by working directory."""
    if not Path("/proc/self/cwd").exists():
        return str(data_dir) in _command_line_by_ps(pid)
    try:
        names_postgres = b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return names_postgres and _works_in(Path(f"/proc/{pid}"), data_dir)


def _works_in(process: Path, data_dir: Path) -> bool:
    try:
        return os.path.samefile(process / "cwd", data_dir)
    except OSError:  # gone, or another user's
        return False


def drop_stale_pid_file(cluster: Cluster) -> bool:
    """Remove a postmaster.pid whose number belongs to another program by now; returns whether it did.

    PostgreSQL would refuse to start for as long as that program lives, which in a container, where the
    same small numbers come back at each start, may be for ever. Only for the holder of the start lock,
    with no keeper on duty; and never while any process still works inside the data directory.
    """
    proc = Path("/proc")
    if not (proc / "self/cwd").exists() or any(_works_in(entry, cluster.data_dir) for entry in proc.glob("[0-9]*")):
        return False
    stale = [cluster.data_dir / name for name in ("postmaster.pid", f"{SOCKET_NAME}.lock")]
    found = [path for path in stale if path.exists()]
    for path in found:
        path.unlink()
    return bool(found)


def _command_line_by_ps(pid: int) -> str:
    answer = subprocess.run(  # noqa: S603 - fixed program, a number as argument
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
    )
    return answer.stdout if "postgres" in answer.stdout else ""


def data_directory_argument(cluster: Cluster, user: ServerUser | None) -> Path:
    """How the server is told where its data is.

    PostgreSQL enters its data directory by absolute path. Below a home that only root may enter it could
    not, so there it is started *inside* the directory and told to use its working directory: /proc/self/cwd
    leads there without passing the parents, and no permission of anybody's directory is changed.
    """
    if user is None or may_reach(user, cluster.data_dir):
        return cluster.data_dir
    if not _WORKING_DIRECTORY.exists():
        raise SetupError(
            f"the user {user.name}, who must run PostgreSQL in place of root, cannot reach {cluster.data_dir}",
            hint="set database.data_dir to a directory below /var/lib, or run as another user",
        )
    return _WORKING_DIRECTORY


def prepare_data_directory(cluster: Cluster, binaries: Binaries, user: ServerUser | None) -> bool:
    """Make the cluster if there is none; returns whether it was made. Raises SetupError.

    Made beside its place and renamed, so that an initdb that was killed leaves nothing half-made in the way.
    """
    if cluster.major() is not None:
        return False
    unfinished = Cluster(cluster.beside("new"))
    shutil.rmtree(unfinished.data_dir, ignore_errors=True)
    try:
        unfinished.data_dir.mkdir(mode=0o700)
        if user is not None:
            os.chown(unfinished.data_dir, user.uid, user.gid)
        _run_initdb(unfinished, binaries, user)
        unfinished.data_dir.rename(cluster.data_dir)
        _sync_directory(cluster.data_dir.parent)
    except OSError as error:
        raise SetupError(f"no database can be made in {cluster.data_dir}: {error}") from error
    return True


def _run_initdb(cluster: Cluster, binaries: Binaries, user: ServerUser | None) -> None:
    answer = subprocess.run(  # noqa: S603 - a located program, no shell
        [
            *(str(binaries.program("initdb")), "-D", str(data_directory_argument(cluster, user))),
            *("-U", SUPERUSER, "-A", "trust", "-E", "UTF8", *locale_arguments(binaries.major)),
        ],
        capture_output=True,
        text=True,
        timeout=INITDB_SECONDS,
        cwd=cluster.data_dir,
        env=CLEAN_ENVIRONMENT,
        **(user.process_arguments() if user else {}),
    )
    if answer.returncode != 0:
        raise SetupError(f"initdb failed: {(answer.stderr or answer.stdout).strip()[-500:]}")


def locale_arguments(major: int) -> list[str]:
    """C collation everywhere, and Unicode character classes where the server has them built in (17 on). Pure."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    return ["--locale=C", *builtin]


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def socket_directory(cluster: Cluster, user: ServerUser | None) -> Path | None:
    """Where the socket goes: None for the data directory itself, a short private one when its path is too long."""
    if len(os.fsencode(cluster.data_dir / SOCKET_NAME)) < SOCKET_PATH_LIMIT:
        return None
    tag = hashlib.sha256(os.fsencode(cluster.data_dir)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir(), f"trivia-pg-{os.geteuid()}-{tag}")
    owner = user.uid if user else os.geteuid()
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner, os.geteuid()):
        raise SetupError(f"{folder} was made by another user and is not trusted with the database's socket")
    if user is not None:
        os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)
    return folder
