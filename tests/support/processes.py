"""Watching processes that a test started, without polling the clock: Linux tells when a process ends."""

from __future__ import annotations

import asyncio
import os
import select
from pathlib import Path

import pytest

needs_pidfd = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="pidfd_open is Linux only")


def wait_for_exit(pid: int, timeout_seconds: float = 20.0) -> None:
    """Return once process `pid` has ended, a child of ours or not. Fails the test after the time limit."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([descriptor], [], [], timeout_seconds)
    finally:
        os.close(descriptor)
    assert ended, f"process {pid} is still running: {command_line(pid)}"


async def exit_of(pid: int, timeout_seconds: float = 20.0) -> None:
    """`wait_for_exit` beside the event loop."""
    await asyncio.to_thread(wait_for_exit, pid, timeout_seconds)


def command_line(pid: int) -> str:
    """The arguments of a process, "" when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def owner_of(pid: int) -> int:
    """The user id a process runs as."""
    return Path(f"/proc/{pid}").stat().st_uid


def processes_about(path: Path) -> list[int]:
    """Every living process that names `path` in its command line or works inside it."""
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _is_about(pid, path)]


def _is_about(pid: int, path: Path) -> bool:
    if pid == os.getpid():
        return False
    try:
        works_inside = Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(path)
    except OSError:
        works_inside = False
    return works_inside or str(path) in command_line(pid)
