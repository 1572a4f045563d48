"""Advisory locks on files: the kernel frees them when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import SetupError

POLL_SECONDS: Final = 0.01


def open_lock_file(path: Path) -> int:
    """A descriptor of the lock file, made when missing; children never inherit it. Raises SetupError."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise SetupError(f"the lock file {path} cannot be opened: {error.strerror}") from error


def try_lock(descriptor: int, *, exclusive: bool) -> bool:
    """Take the lock if nobody is in the way. A shared lock that fails to become exclusive is lost."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for_lock(descriptor: int, *, exclusive: bool, timeout_seconds: float) -> None:
    """Take the lock, waiting for others to leave. Raises TimeoutError. Blocks: call it in a thread."""
    deadline = time.monotonic() + timeout_seconds
    while not try_lock(descriptor, exclusive=exclusive):
        if time.monotonic() >= deadline:
            raise TimeoutError(f"lock not free within {timeout_seconds:g} s")
        time.sleep(POLL_SECONDS)


@contextmanager
def locked_file(path: Path, *, timeout_seconds: float) -> Iterator[int]:
    """Hold a lock file exclusively for the length of the body."""
    descriptor = open_lock_file(path)
    try:
        wait_for_lock(descriptor, exclusive=True, timeout_seconds=timeout_seconds)
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the file exclusively. Only sound while no holder can appear meanwhile."""
    descriptor = open_lock_file(path)
    try:
        return not try_lock(descriptor, exclusive=False)
    finally:
        os.close(descriptor)
