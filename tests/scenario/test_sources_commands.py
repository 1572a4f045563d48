"""A site becomes a source without code: look, write the description, test it, run it (issue 3.2), as processes."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.program import Program, environment_for
from trivia_scraper.demo.server import Replica


@pytest.fixture
async def program(tmp_path: Path, replica: Replica) -> AsyncIterator[Program]:
    """The module over an empty folder, with its own folder of descriptions."""
    declared = {"TRIVIA__DECLARED__PATH": str(tmp_path / "sources.d")}
    called = Program(tmp_path, environment_for(tmp_path, replica.index_urls, **declared))
    yield called
    await called.leaves_no_process()


def paths_asked(replica: Replica) -> list[str]:
    """What was fetched, robots.txt aside."""
    return [seen.path for seen in replica.site.log.requests() if not seen.path.endswith("robots.txt")]


async def test_a_site_becomes_a_source(program: Program, replica: Replica) -> None:
    """Two pages are fetched for the description; it is tested with two more, and then a run reads it."""
    url = replica.url("question_one", "/venues/")
    file = program.folder / "sources.d" / "mirror.toml"

    added = await program.call("sources", "add", url, "--name", "Mirror", "--out", str(file), "--json")
    assert added.code == 0, added.err
    assert added.document["proposals"][0]["index"]["listed"] == 9
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    assert tables["source"]["key"] == "mirror"
    assert tables["defaults"]["country"] == "GB"
    assert {"address", "fee"} <= tables["detail"]["fields"].keys()
    assert len(paths_asked(replica)) == 2

    replica.site.log.reset()
    tested = await program.call("sources", "test", "mirror", "--json")
    assert tested.code == 0, tested.err
    assert len(paths_asked(replica)) == 2
    detail = tested.document["detail"]
    assert detail["venue"]["country"] == "GB"
    assert detail["venue"]["postcode"]
    assert detail["events"][0]["rrule"].startswith("FREQ=")

    listed = await program.call("sources", "list")
    assert "declared in mirror.toml" in listed.out

    ran = await program.call("run", "--source", "mirror", "--limit", "1", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["sources"]["mirror"]["created"] == 1
    stored = await program.call("venues", "list", "--source", "mirror", "--json")
    [venue] = stored.document["venues"]
    assert venue["name"] == detail["venue"]["name"]
    assert venue["postcode"] == detail["venue"]["postcode"]


async def test_one_venue_of_an_address_is_read_with_its_entry(program: Program, replica: Replica) -> None:
    """--url names another page than the index: that is a venue's own, and the index says the rest."""
    index = replica.url("question_one", "/venues/")
    file = program.folder / "sources.d" / "mirror.toml"
    assert (await program.call("sources", "add", index, "--name", "Mirror", "--out", str(file))).code == 0
    provider = replica.site.providers["question_one"]
    venue = replica.site.worlds["question_one"][1]
    url = provider.page_url(venue.key, f"{replica.base_url}/question_one")

    tested = await program.call("sources", "test", "mirror", "--url", url, "--json")
    assert tested.code == 0, tested.err
    assert tested.document["read"][-1] == url
    assert tested.document["detail"]["venue"] is not None


async def test_a_page_that_is_not_there_ends_with_3(program: Program, replica: Replica) -> None:
    missing = replica.url("question_one", "/no/such/page/")
    ended = await program.call("sources", "add", missing, "--json")
    assert ended.code == 3
    assert ended.document["error"]["code"] == "not_found"
    assert len(paths_asked(replica)) == 1


async def test_a_private_address_is_not_contacted(program: Program) -> None:
    """The guards of a run hold here too: nothing is allowed to contact loopback without being told so."""
    ended = await program.call(
        "sources", "add", "http://127.0.0.1:9/venues/", "--json", TRIVIA__HTTP__ALLOW_NETWORKS="[]"
    )
    assert ended.code == 3
    assert ended.document["error"]["code"] == "blocked_address"
