"""The program as a process of its own: real database, real files, a replica of the sites on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from support.postgres import recording_log
from trivia_scraper.bootstrap import open_services
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.progress import Counting
from trivia_scraper.settings import settings_from
from trivia_scraper.sources import SOURCES

CANARY = "c4nary"


@pytest.fixture
def environment(tmp_path: Path, database_url: str, replica: Any) -> dict[str, str]:
    """Settings by environment only: our folders, the test's database, the replica's indexes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIVIA")}
    indexes = {f"TRIVIA__SOURCES__{slug.upper()}__INDEX_URL": url for slug, url in replica.index_urls.items()}
    return kept | indexes | {
        "CONFIGURATION_DIRECTORY": str(tmp_path / "machine"),
        "XDG_CONFIG_HOME": str(tmp_path / "user"),
        "STATE_DIRECTORY": str(tmp_path / "state"),
        "TRIVIA_DATABASE_URL": database_url,
        "TRIVIA__STORAGE__PATH": str(tmp_path / "images"),
        "TRIVIA__HTTP__ALLOW_NETWORKS": '["127.0.0.0/8"]',
        "TRIVIA__HTTP__PER_HOST_INTERVAL": "0s",
    }  # fmt: skip


async def program(environment: dict[str, str], here: Path, *words: str) -> tuple[int, str, str]:
    """Run `python -m trivia_scraper` with these words: exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "trivia_scraper", *words,
        env=environment, cwd=here, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_o26_forced_run_with_limit_1(environment, tmp_path):
    """O26, R73: a process of its own over all sources, and what it logged."""
    code, out, err = await program(environment, tmp_path, "run", "--force-refresh-images", "--limit", "1", "--json")
    assert code == ExitCode.OK, err
    report = json.loads(out)
    assert report["finish_reason"] == "limit"
    assert {slug: source["visited"] for slug, source in report["sources"].items()} == dict.fromkeys(SOURCES, 1)
    assert "refresh.enabled" in err

    code, out, _ = await program(environment, tmp_path, "images", "list", "--status", "uploaded", "--json")
    images = json.loads(out)["images"]
    assert images
    assert [os.path.getsize(image["path"]) for image in images] == [image["bytes"] for image in images]

    code, out, _ = await program(environment, tmp_path, "venues", "list")
    assert code == ExitCode.OK
    assert len(out.splitlines()) == 2 + sum(source["created"] for source in report["sources"].values())


async def test_log_lines_are_json_when_asked_and_stdout_stays_data(environment, tmp_path):
    words = ("run", "--limit", "1", "--source", "question_one", "--log-format", "json", "--json")
    code, out, err = await program(environment, tmp_path, *words)
    assert code == ExitCode.OK
    assert len(out.splitlines()) == 1
    lines = [json.loads(line) for line in err.splitlines()]
    run_id = json.loads(out)["run_id"]
    assert {line["run_id"] for line in lines} == {run_id}
    assert "run.finished" in {line["event"] for line in lines}
    assert not [line for line in lines if "undeclared" in line]


async def test_second_instance_is_exit_11(environment, tmp_path, database_url):
    values = {"database": {"url": database_url}, "storage": {"path": environment["TRIVIA__STORAGE__PATH"]}}
    settings = settings_from(values, state_dir=tmp_path / "state")
    log = recording_log()
    async with open_services(settings, run_id=uuid4(), progress=Counting(), log=log, stopping=lambda: False):
        code, out, _ = await program(environment, tmp_path, "run", "--limit", "1", "--json")
    assert code == ExitCode.LOCKED
    assert json.loads(out)["error"]["code"] == "instance_locked"


@pytest.mark.parametrize("words", [("run", "--limit", "1"), ("venues", "list"), ("db", "status")], ids=" ".join)
async def test_no_database_is_exit_10_and_tells_no_secret(environment, tmp_path, words):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    away = environment | {"TRIVIA_DATABASE_URL": f"postgresql://app:{CANARY}@127.0.0.1:{port}/x"}
    code, out, err = await program(away, tmp_path, *words, "--json", "-vv")
    assert code == ExitCode.DATABASE
    assert json.loads(out)["error"]["code"] == "db_unreachable"
    assert CANARY not in out + err
