"""The program as an operator runs it (O26, issue 8): a process, the environment, the embedded Postgres, a replica."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from support.other_user import ordinary_user
from support.processes import processes_about
from support.program import Program, environment_for
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.sources import SOURCES

VENUE_KEYS = {
    "slug", "name", "address", "postcode", "city", "country", "latitude", "longitude", "timezone", "phone", "website",
    "events",
}  # fmt: skip
EVENT_KEYS = {
    "weekday", "start_time", "frequency", "fee_minor", "currency", "status", "performer", "description", "sources",
}  # fmt: skip
SIGHTING_KEYS = {"source", "url", "last_seen_at"}
IMAGE_KEYS = {
    "id", "owner_kind", "owner", "role", "provider", "provider_url", "status", "storage_key", "path", "thumb_path",
    "sha256", "width", "height", "bytes", "fetched_at", "error_type", "status_code", "retry_count", "next_retry_at",
}  # fmt: skip
RUN_KEYS = {"schema", "ok", "run_id", "options", "sources", "failures"}
SOURCE_KEYS = {"listed", "visited", "skipped", "created", "updated", "unchanged", "failed", "images"}
COUNTED_IMAGES = {"new", "replaced", "unchanged_304", "unchanged_hash", "fresh_skipped", "rejected", "failed"}
FAILURE_KEYS = {"source", "venue", "url", "error_type", "status_code", "next"}
FORCED = ("run", "--force-refresh-images", "--limit", "1")


@pytest.fixture
async def program(tmp_path: Path, replica: Replica) -> AsyncIterator[Program]:
    """The module over an empty folder; nothing of it may be running when the test is over."""
    called = Program(tmp_path, environment_for(tmp_path, replica.index_urls))
    yield called
    await called.leaves_no_process()


def stored(folder: Path) -> dict[str, tuple[int, int]]:
    """Stored files by key: (inode, modification time in ns)."""
    root = folder / "state" / "images"
    paths = [path for part in ("venues", "performers") for path in (root / part).rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def bodies_sent(replica: Replica) -> int:
    """How many pictures went over the wire."""
    return sum(seen.body_sent for seen in replica.site.log.requests() if seen.path in replica.site.gallery)


def image_counts(report: Mapping[str, Any]) -> dict[str, int]:
    """Image outcomes over all sources that occurred."""
    total: dict[str, int] = {}
    for source in report["sources"].values():
        for kind, number in source["images"].items():
            total[kind] = total.get(kind, 0) + number
    return {kind: number for kind, number in total.items() if number}


async def test_o26_the_main_job_end_to_end(program: Program, replica: Replica) -> None:
    """O26, issue 8.1-8.2: forced twice, then unforced; one store all along, each call a process of its own.

    R3 (forced into an empty store), R45, R55 (each file is read and is what its row says).
    """
    first = await program.call(*FORCED, "--json")
    assert first.code == 0, first.err
    check_run(first.document, forced=True)
    number = image_counts(first.document)["new"]
    before = stored(program.folder)
    assert len(before) == 2 * number > 0  # each picture with its thumbnail

    replica.site.log.reset()
    second = await program.call(*FORCED)
    assert second.code == 0, second.err
    assert "refresh.enabled" in second.err
    after = stored(program.folder)
    assert after.keys() == before.keys()
    assert all(after[key][0] != inode and after[key][1] > at for key, (inode, at) in before.items())  # R45
    assert bodies_sent(replica) == number

    replica.site.log.reset()
    unforced = await program.call("run", "--limit", "1", "--force-update", "--json")
    assert unforced.code == 0, unforced.err
    check_run(unforced.document, forced=False)
    assert image_counts(unforced.document) == {"fresh_skipped": number}
    assert bodies_sent(replica) == 0
    assert stored(program.folder) == after

    await check_venues(program)
    await check_images(program, set(after))
    assert (await program.call("db", "check")).code == 0


def check_run(report: Mapping[str, Any], *, forced: bool) -> None:
    """The contract of `run --json`: more keys may come, these stay."""
    assert report.keys() >= RUN_KEYS
    assert (report["schema"], report["ok"], report["failures"]) == (1, True, [])
    assert report["options"]["force_refresh_images"] is forced
    assert report["sources"].keys() == SOURCES.keys()
    for source in report["sources"].values():
        assert source.keys() >= SOURCE_KEYS
        assert source["images"].keys() >= COUNTED_IMAGES
        assert source["listed"] == source["visited"] + source["skipped"] > 10
        assert source["visited"] == source["created"] + source["updated"] + source["unchanged"] == 1


async def check_venues(program: Program) -> None:
    """The contract of `venues list --json`."""
    listed = await program.call("venues", "list", "--json")
    assert listed.code == 0, listed.err
    venues = listed.document["venues"]
    assert len(venues) == len(SOURCES)
    for venue in venues:
        assert isinstance(venue["latitude"], float)
        assert isinstance(venue["longitude"], float)
        assert venue.keys() >= VENUE_KEYS
        assert all(venue[key] for key in ("slug", "name", "address", "city", "timezone"))
        assert venue["events"]
        for event in venue["events"]:
            check_event(event)
    shown = await program.call("venues", "show", venues[0]["slug"], "--json")
    assert shown.document["venue"] == venues[0]


def check_event(event: Mapping[str, Any]) -> None:
    assert event.keys() >= EVENT_KEYS
    assert event["weekday"] in range(1, 8)
    datetime.strptime(event["start_time"], "%H:%M")  # noqa: DTZ007 - a venue's wall clock
    assert len(event["currency"]) == 3
    [sighting] = event["sources"]
    assert sighting.keys() >= SIGHTING_KEYS
    assert datetime.fromisoformat(sighting["last_seen_at"]).tzinfo is not None


async def check_images(program: Program, keys: set[str]) -> None:
    """The contract of `images list --json`: what a row says lies on disk."""
    listed = await program.call("images", "list", "--json")
    assert listed.code == 0, listed.err
    images = listed.document["images"]
    for image in images:
        assert image.keys() >= IMAGE_KEYS
        assert (image["status"], image["error_type"], image["retry_count"]) == ("uploaded", None, 0)
        body = Path(image["path"]).read_bytes()
        assert (len(body), sha256(body).hexdigest()) == (image["bytes"], image["sha256"])
        assert image["path"] == str(program.folder / "state" / "images" / image["storage_key"])
        assert Path(image["thumb_path"]).is_file()
        assert datetime.fromisoformat(image["fetched_at"]).tzinfo is not None
    assert {image["storage_key"] for image in images} < keys
    shown = await program.call("images", "show", str(images[0]["id"]), "--json")
    assert shown.document["image"] == images[0]
    assert shown.document["attempts"]


async def test_issue_8_3_a_failing_picture_is_exit_3_and_the_old_one_stays(
    program: Program, replica: Replica
) -> None:
    """Issue 8.3, D1: named in the report and in `images list`; the file that served goes on serving."""
    only = ("--source", "quizmeisters")
    assert (await program.call(*FORCED, *only)).code == 0
    [hero] = (await program.call("images", "list", "--role", "hero", "--json")).document["images"]
    before = stored(program.folder)
    replica.site.flip(ImageSwitch(path=hero["provider_url"], fault=ImageFault.STATUS, status=500))

    failed = await program.call(*FORCED, *only, "--json")

    assert failed.code == 3
    assert failed.document["ok"] is False
    [failure] = failed.document["failures"]
    assert failure.keys() >= FAILURE_KEYS
    assert (failure["error_type"], failure["status_code"]) == ("server_error", 500)
    assert (failure["source"], failure["venue"], failure["url"]) == (
        "quizmeisters", hero["owner"], hero["provider_url"],
    )  # fmt: skip
    assert failure["next"]
    assert image_counts(failed.document)["failed"] == 1
    [now] = (await program.call("images", "list", "--role", "hero", "--json")).document["images"]
    assert (now["status"], now["sha256"], now["error_type"]) == ("uploaded", hero["sha256"], "server_error")
    assert now["status_code"] == 500
    assert stored(program.folder)[hero["storage_key"]] == before[hero["storage_key"]]
    assert (await program.call("db", "check")).code == 0
    told = await program.call(*FORCED, *only)
    assert told.code == 3
    assert "500" in told.out + told.err


async def test_t14_verify_refresh_says_yes_by_venue_and_by_address(program: Program) -> None:
    """R64, images.md 4.4: exit 0, each step told, one verdict."""
    assert (await program.call("run", "--limit", "1", "--source", "quizmeisters")).code == 0
    [venue] = (await program.call("venues", "list", "--json")).document["venues"]
    by_slug = await program.call("verify-refresh", "--venue", venue["slug"])
    assert by_slug.code == 0, by_slug.out + by_slug.err
    assert "FAIL" not in by_slug.out
    assert by_slug.out.splitlines()[-1].startswith("verified")
    address = venue["events"][0]["sources"][0]["url"]
    by_address = await program.call("verify-refresh", address, "--json")
    assert by_address.code == 0, by_address.err
    assert (by_address.document["ok"], by_address.document["url"]) == (True, address)
    assert all(step["ok"] for step in by_address.document["steps"])
    checked = (await program.call("db", "check", "--json")).document
    assert (checked["ok"], checked["problems"]) == (True, [])


async def test_the_console_script_is_the_module(program: Program) -> None:
    """Issue 2: `trivia-scraper …` and `python -m trivia_scraper …` are the same."""
    script = Path(sys.executable).with_name("trivia-scraper")
    if not os.access(script, os.X_OK):
        pytest.skip("the package is not installed: there is no console script")
    as_script = replace(program, words=(str(script),))
    for words in (("--help",), ("run", "--help"), ("sources", "list", "--json"), ("config", "path"), ("nonsense",)):
        by_script, by_module = await as_script.call(*words), await program.call(*words)
        assert by_script == by_module
    report = (await as_script.call(*FORCED, "--json")).document
    check_run(report, forced=True)


async def test_no_process_is_left_behind(program: Program) -> None:
    """The embedded server ends with the last command that uses it, workers with theirs; a kept one is none."""
    for words in (FORCED, ("venues", "list"), ("db", "status")):
        assert (await program.call(*words)).code == 0
        await program.leaves_no_process()
        assert processes_about(program.folder) == []
        assert not (program.folder / "state" / "postgres" / "postmaster.pid").exists()


@pytest.fixture
def everybodys_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("everybodys_umask")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
async def test_o26_as_an_ordinary_user(open_folder: Path, replica: Replica) -> None:
    """A fresh machine, "maybe root and maybe not": everything belongs to the user who runs it."""
    user = ordinary_user()
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, user.uid, user.gid)
    environment = environment_for(home, replica.index_urls, PYTHONPATH=user.import_path)
    words = (user.python, "-m", "trivia_scraper")
    program = Program(home, environment, words, user.process_arguments)
    try:
        first = await program.call(*FORCED, "--json")
        assert first.code == 0, first.err
        check_run(first.document, forced=True)
        before = stored(home)
        assert (await program.call(*FORCED)).code == 0
        after = stored(home)
        assert after.keys() == before.keys()
        assert all(after[key][1] > at for key, (_, at) in before.items())
        assert (await program.call("db", "check")).code == 0
        owners = {path.lstat().st_uid for path in home.rglob("*")}
        assert owners == {user.uid}
    finally:
        await program.leaves_no_process()
