"""The open check of operations.md 5: embedded PostgreSQL, workers and HTTP inside the unit's sandbox."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from support.other_user import OrdinaryUser, ordinary_user
from support.unit_sandbox import sandboxed, why_not
from trivia_scraper.cli.systemd_units import SERVICE, shipped_unit

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

FORBIDDEN = """
import ctypes, mmap, os, resource, socket
refused = []
for name, attempt in {
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 0),
    "owner": lambda: os.chown(".", os.getuid(), os.getgid()),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "affinity": lambda: os.sched_setaffinity(0, {0}),
}.items():
    try:
        attempt()
    except PermissionError:
        refused.append(name)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
socket.socket().close()
print(*refused)
"""


@pytest.fixture
def user() -> OrdinaryUser:
    return ordinary_user()


@pytest.fixture
def folder(user: OrdinaryUser) -> Iterator[Path]:
    """A folder of that user, below no folder that it may not enter."""
    with TemporaryDirectory(prefix="trivia-unit-", dir="/tmp") as name:
        os.chown(name, user.uid, user.gid)
        yield Path(name)


async def in_the_unit(
    user: OrdinaryUser, folder: Path, environment: dict[str, str], *words: str
) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of this interpreter with these words, as a process of the unit."""
    process = await asyncio.create_subprocess_exec(
        *sandboxed(shipped_unit(SERVICE), user.python, [user.python, *words]),
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": user.import_path, **environment}, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, **user.process_arguments,
    )  # fmt: skip
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_sandbox_refuses_what_the_unit_refuses(user: OrdinaryUser, folder: Path) -> None:
    code, out, err = await in_the_unit(user, folder, {}, "-c", FORBIDDEN)
    assert (code, out.split()) == (0, ["priority", "owner", "netlink", "affinity"]), err


async def test_a_first_run_with_the_embedded_database_needs_nothing_that_the_unit_forbids(
    user: OrdinaryUser, folder: Path, replica: Any
) -> None:
    """initdb, server, keeper, a worker with its limits, look-up, download, decoding, files."""
    environment = {
        "STATE_DIRECTORY": str(folder / "state"),
        "CONFIGURATION_DIRECTORY": str(folder / "etc"),
        "XDG_CONFIG_HOME": str(folder / "etc"),
        "TRIVIA__SOURCES__QUESTION_ONE__INDEX_URL": replica.index_urls["question_one"],
        "TRIVIA__HTTP__ALLOW_NETWORKS": '["127.0.0.0/8"]',
        "TRIVIA__HTTP__PER_HOST_INTERVAL": "0s",
        "TRIVIA__STORAGE__MIN_FREE": "1 MB",
    }
    words = ("-m", "trivia_scraper", "run", "--source", "question_one", "--limit", "1", "--json")
    code, out, err = await in_the_unit(user, folder, environment, *words)
    assert code == 0, err
    source = json.loads(out)["sources"]["question_one"]
    assert (source["visited"], source["failed"]) == (1, 0)
    pictures = [path for path in (folder / "state" / "images").rglob("*-*.*") if path.is_file()]
    assert pictures
    assert {path.stat().st_uid for path in pictures} == {user.uid}
