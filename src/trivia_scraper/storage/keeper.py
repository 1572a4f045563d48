"""The keeper: one small process that owns the embedded server, so that no crash leaves it orphaned.

Run as `python -I -S <this file> <duty as JSON>`, hence the standard library only and no import of ours.
It starts postgres as its child, starts it again after a crash, and ends it when nobody holds the users
lock any more, which the kernel also frees for a process that was killed (engine.md 1, S06).

It takes the keeper lock before it leaves its launcher: when the launcher's child has exited with 0, a
keeper is on duty. Exit 3 means that another one already was.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

POLL_SECONDS = 0.1
CRASHES_ALLOWED = 5
STEADY_SECONDS = 60.0
"""A server that ran this long is healthy: crashes before that no longer count."""
FAST_SHUTDOWN_SECONDS = 60.0
ALREADY_ON_DUTY = 3
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Duty:
    """What to keep: the server's arguments and user, the locks, and the file for its messages."""

    arguments: list[str]
    directory: str
    environment: dict[str, str]
    uid: int | None
    gid: int | None
    users_lock: str
    keeper_lock: str
    log: str


class Keeper:
    """The one loop, and the server it keeps."""

    def __init__(self, duty: Duty) -> None:
        self.duty = duty
        self.asked_to_stop = False
        self.pid = os.getpid()
        self.libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
        # The messages file is opened before the first crash may need it, by the user who started us.
        self.log = open(duty.log, "ab", buffering=0)  # noqa: SIM115 - open as long as this process
        self.users = os.open(duty.users_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def run(self) -> int:
        """Keep the server until it is no longer wanted; returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        crashes = 0
        while True:
            started = time.monotonic()
            if not self._keep_one(self._start()):
                return 0
            crashes = 1 if time.monotonic() - started > STEADY_SECONDS else crashes + 1
            if crashes > CRASHES_ALLOWED:
                return 1
            time.sleep(POLL_SECONDS * crashes)

    def _keep_one(self, server: subprocess.Popen[bytes]) -> bool:
        """Watch one server process; True when it ended by itself, False when we ended it."""
        while server.poll() is None:
            if self.asked_to_stop or self._is_unused():
                self._stop(server)
                return False
            time.sleep(POLL_SECONDS)
        return not self.asked_to_stop

    def _is_unused(self) -> bool:
        """Whether nobody uses the server: then the lock is ours until we exit, and newcomers wait for that."""
        try:
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        switches = self.duty.uid is not None
        return subprocess.Popen(  # noqa: S603 - what our own launcher asked for, no shell
            self.duty.arguments,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            cwd=self.duty.directory,
            env=self.duty.environment,
            preexec_fn=self._die_with_keeper,
            user=self.duty.uid,
            group=self.duty.gid,
            extra_groups=[] if switches else None,
        )

    def _die_with_keeper(self) -> None:
        """In the child: a fast shutdown when the keeper is killed. Set after the change of user, which clears it."""
        if self.libc is not None:
            self.libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != self.pid:
                os._exit(1)  # the keeper died before the line above could count

    def _stop(self, server: subprocess.Popen[bytes]) -> None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(FAST_SHUTDOWN_SECONDS)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()

    def _ask_to_stop(self, *_: object) -> None:
        self.asked_to_stop = True


def main(duty: Duty) -> int:
    """Go on duty in a process of our own. Returns in the launcher's child and, later, in the keeper."""
    lock = os.open(duty.keeper_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return ALREADY_ON_DUTY
    child = os.fork()
    if child:
        os.ftruncate(lock, 0)
        os.write(lock, f"{child}\n".encode())
        return 0
    os.setsid()
    return Keeper(duty).run()


if __name__ == "__main__":
    sys.exit(main(Duty(**json.loads(sys.argv[1]))))
