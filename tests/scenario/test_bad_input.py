"""Issue 8.6: what an operator or a site can get wrong. A clear message, the right exit code, and nothing lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.house import open_house
from support.program import Ended, Program, environment_for
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch, IndexFault, IndexSwitch


@dataclass(frozen=True, slots=True)
class Stocked:
    """A store with venues and pictures in it, and what is known of it."""

    program: Program
    replica: Replica
    database_url: str
    venues: list[dict[str, Any]]
    files: dict[str, bytes]

    async def refused(self, *arguments: str, code: int, **changed: str) -> Ended:
        """One command that must end so, as text and as JSON alike, with no traceback and nothing touched."""
        told = await self.program.call(*arguments, **changed)
        assert told.code == code, told.err
        assert "Traceback" not in told.err
        assert told.out == ""
        as_json = await self.program.call(*arguments, "--json", **changed)
        assert as_json.code == code
        document = as_json.document
        assert document["ok"] is False
        assert document["error"]["code"]
        assert document["error"]["message"].splitlines()[0] in told.err
        await self.nothing_is_lost()
        return told

    async def nothing_is_lost(self) -> None:
        """Same venues, same running events, same files; rows and files agree."""
        listed = await self.program.call("venues", "list", "--json")
        assert without_stamps(listed.document["venues"]) == without_stamps(self.venues)
        assert files_of(self.program) == self.files
        checked = await self.program.call("db", "check")
        assert checked.code == 0, checked.out


def without_stamps(venues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Venues without what an index walk moves: when an evening was last seen."""
    return [{**venue, "events": [event_without_stamps(event) for event in venue["events"]]} for venue in venues]


def event_without_stamps(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "sources": [sighting["url"] for sighting in event["sources"]]}


def files_of(program: Program) -> dict[str, bytes]:
    root = program.folder / "state" / "images"
    paths = [path for part in ("venues", "performers") for path in (root / part).rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
async def stocked(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[Stocked]:
    program = Program(tmp_path, environment_for(tmp_path, replica.index_urls, TRIVIA_DATABASE_URL=database_url))
    first = await program.call("run")
    assert first.code == 0, first.err
    venues = (await program.call("venues", "list", "--json")).document["venues"]
    files = files_of(program)
    assert len(venues) > 20
    assert files
    yield Stocked(program, replica, database_url, venues, files)
    await program.leaves_no_process()


def settings_file(stocked: Stocked, text: str) -> str:
    path = stocked.program.folder / "mine.toml"
    path.write_text(text)
    return str(path)


# --- configuration and usage: exit 2 -----------------------------------------------------------------------------


async def test_broken_toml_names_file_line_and_column(stocked: Stocked) -> None:
    path = settings_file(stocked, '[http]\ncontact = "me@example.org"\nread_timeout = = "5s"\n')
    told = await stocked.refused("--config", path, "run", code=2)
    assert f"{path}:3:16" in told.err


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[refresh]\nfreshnes = '5d'\n", ["mine.toml:2", "refresh.freshnes", "did you mean", "freshness"]),
        ("[refrehs]\nfreshness = '5d'\n", ["mine.toml:1", "refrehs", "did you mean", "refresh"]),
        ("[sources.quizmaster]\nenabled = true\n", ["sources.quizmaster", "did you mean", "quizmeisters"]),
    ],
    ids=["key", "section", "source"],
)
async def test_an_unknown_key_says_which_one_was_meant(stocked: Stocked, text: str, wanted: list[str]) -> None:
    told = await stocked.refused("--config", settings_file(stocked, text), "run", code=2)
    assert [words for words in wanted if words not in told.err] == []


async def test_an_unknown_variable_says_which_one_was_meant(stocked: Stocked) -> None:
    told = await stocked.refused("run", code=2, TRIVIA__REFRESH__FRESHNES="5d")
    assert "TRIVIA__REFRESH__FRESHNES" in told.err
    assert "did you mean" in told.err


async def test_an_unknown_source_is_exit_2(stocked: Stocked) -> None:
    told = await stocked.refused("run", "--source", "quizmaster", code=2)
    assert "no source 'quizmaster', did you mean 'quizmeisters'?" in told.err


async def test_o06_an_unknown_venue_is_exit_2_before_any_page_is_fetched(stocked: Stocked) -> None:
    """The nearest slugs are named."""
    near = stocked.venues[0]["slug"]
    stocked.replica.site.log.reset()
    told = await stocked.refused("run", "--venue", f"{near}x", "--force-refresh-images", code=2)
    assert repr(f"{near}x") in told.err
    assert repr(near) in told.err
    assert stocked.replica.site.log.total == 0


async def test_clean_first_alone_is_refused(stocked: Stocked) -> None:
    """D1: without a forced download it would only destroy."""
    told = await stocked.refused("run", "--clean-first", code=2)
    assert "--force-refresh-images" in told.err


# --- what is not there: exits 10, 11, 13 -------------------------------------------------------------------------


async def test_a_closed_database_port_is_exit_10(stocked: Stocked) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    stocked.replica.site.log.reset()
    away = f"postgresql://app:c4nary@127.0.0.1:{port}/trivia"
    told = await stocked.refused("run", "--force-refresh-images", code=10, TRIVIA_DATABASE_URL=away)
    assert "127.0.0.1" in told.err
    assert str(port) in told.err
    assert "c4nary" not in told.err
    assert stocked.replica.site.log.total == 0


async def test_f22_an_image_store_that_cannot_be_written_is_exit_13(stocked: Stocked) -> None:
    """F22: before any page is fetched; the path is named."""
    below_a_file = stocked.program.folder / "file" / "images"
    below_a_file.parent.write_bytes(b"")
    stocked.replica.site.log.reset()
    told = await stocked.refused("run", code=13, TRIVIA__STORAGE__PATH=str(below_a_file))
    assert str(below_a_file) in told.err
    assert stocked.replica.site.log.total == 0


async def test_f45_a_second_instance_is_exit_11_and_the_first_goes_on(stocked: Stocked) -> None:
    """F45: it names the holder; also for another file store with the same database, and the other way round."""
    folder = stocked.program.folder
    storage = {"path": str(folder / "state" / "images")}
    async with open_house(folder, stocked.database_url, stocked.replica, storage=storage) as house:
        told = await stocked.refused("run", "--force-refresh-images", code=11)
        assert f"run {os.getpid()} on host" in told.err
        elsewhere = str(folder / "other-images")
        assert (await stocked.program.call("run", TRIVIA__STORAGE__PATH=elsewhere)).code == 11
        assert (await house.run(limit=1, force_update=True)).ok
    assert (await stocked.program.call("run", "--limit", "1", "--force-update")).code == 0


# --- what a site gets wrong: exit 3, nothing retired -------------------------------------------------------------


async def test_html_in_place_of_json_is_exit_3_and_the_page_is_kept(stocked: Stocked) -> None:
    stocked.replica.site.flip(IndexSwitch(provider="quizmeisters", fault=IndexFault.HTML))
    for _ in range(4):
        ended = await stocked.program.call("run", "--json")
        assert ended.code == 3
    [failure] = ended.document["failures"]
    assert (failure["source"], failure["subject"], failure["error_type"]) == (
        "quizmeisters", "index", "invalid_response",
    )  # fmt: skip
    assert ended.document["sources"]["quizmeisters"]["verdict"] == "failed"
    assert ended.document["sources"]["question_one"]["verdict"] == "complete"
    kept = list((stocked.program.folder / "state" / "images" / ".store" / "unread-pages" / "quizmeisters").iterdir())
    assert sorted(path.suffix for path in kept) == [".json", ".page"]
    assert "<html" in next(path for path in kept if path.suffix == ".page").read_text().lower()
    await stocked.nothing_is_lost()


async def test_h132_an_empty_index_retires_nothing(stocked: Stocked) -> None:
    """H132, N9: more often than what closes an event; a warning says that the index yields nothing."""
    stocked.replica.site.flip(IndexSwitch(provider="quizmeisters", fault=IndexFault.EMPTY))
    for _ in range(4):
        ended = await stocked.program.call("run", "--json")
        report = ended.document["sources"]["quizmeisters"]
        assert (report["verdict"], report["listed"], report["closed"]) == ("suspect", 0, 0)
        assert report["warnings"]
    await stocked.nothing_is_lost()


@pytest.mark.parametrize("fault", [ImageFault.HTML, ImageFault.TRUNCATED, ImageFault.EMPTY, ImageFault.TINY])
async def test_rubbish_in_place_of_pictures_is_exit_3_and_the_good_ones_stay(
    stocked: Stocked, fault: ImageFault
) -> None:
    """D1, R39, R51: a replacement that is worse never replaces."""
    for path in [seen.path for seen in stocked.replica.site.log.requests()]:
        if path in stocked.replica.site.gallery:
            stocked.replica.site.flip(ImageSwitch(path=path, fault=fault))
    ended = await stocked.program.call("run", "--force-refresh-images", "--json")
    assert ended.code == 3
    assert len(ended.document["failures"]) > 10
    await stocked.nothing_is_lost()


# --- interrupted -------------------------------------------------------------------------------------------------


async def test_an_interrupt_is_exit_130_and_nothing_is_half_done(stocked: Stocked) -> None:
    """SIGINT in the middle of downloads: what is in progress ends, the rest waits for the next run."""
    for path in [seen.path for seen in stocked.replica.site.log.requests()]:
        if path in stocked.replica.site.gallery:
            stocked.replica.site.flip(ImageSwitch(path=path, fault=ImageFault.STATUS, status=503))
    process = await asyncio.create_subprocess_exec(
        *stocked.program.words, "run", "--force-refresh-images", "--log-format", "json",
        env={**stocked.program.environment, "TRIVIA__REFRESH__BACKOFF": "1s"}, cwd=stocked.program.folder,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"retry.scheduled" not in await process.stderr.readline():
            assert process.returncode is None
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 130
    await stocked.nothing_is_lost()
