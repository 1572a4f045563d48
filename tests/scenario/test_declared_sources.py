"""A site described in TOML is read by a run like any other source (sources.md 11)."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.house import House, open_house
from support.program import Program, environment_for
from trivia_scraper.demo.server import Replica, serve_replica
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.outcomes import IndexVerdict

ARCHIVE = """
[source]
key = "archive"
name = "The archive"
home = "{base}/question_one"

[defaults]
country = "GB"
timezone = "Europe/London"
currency = "GBP"

[index]
kind = "html"
url = "{base}/question_one/venues/"
item = "a.media-card"
next = "link[rel=next]@href"
max_pages = 40

[index.fields]
key = {{ select = "@href", regex = "/venues/([^/]+)/" }}
url = "@href"
name = "h3"
schedule = ".excerpt"
image = "img@src"

[index.drop]
image = "/assets/images/placeholder/"

[detail]
fallbacks = ["jsonld", "microdata", "opengraph"]
require = ["address", "schedule"]

[detail.fields]
schedule = '.text-with-icon:has(use[href$="#calendar"]) .text-with-icon__text'
address = '.text-with-icon:has(use[href$="#pin"]) .text-with-icon__text'
fee = '.text-with-icon:has(use[href$="#tag"]) .text-with-icon__text'
website = '.text-with-icon:has(use[href$="#link"]) a@href'
description = {{ select = ".post-content-area p", join = "\\n\\n" }}
"""


def describe(folder: Path, replica: Replica) -> None:
    (folder / "state" / "sources.d").mkdir(parents=True)
    (folder / "state" / "sources.d" / "archive.toml").write_text(ARCHIVE.format(base=replica.base_url))


async def evenings_of(house: House, source: str) -> set[tuple[str, int, str, int | None]]:
    return {
        (venue.postcode or "", event.weekday, event.start_time, event.fee_minor)
        for venue in await house.venues(source)
        for event in venue.events
    }


async def test_a_declared_site_yields_what_code_yields(tmp_path: Path, database_url: str) -> None:
    """The same venues, evenings and fees as the module for that site; a second run changes nothing."""
    async with serve_replica() as replica:
        describe(tmp_path, replica)
        async with open_house(tmp_path, database_url, replica) as house:
            declared = await house.run(sources=("archive",))
            assert declared.failures == []
            assert declared.sources["archive"].verdict is IndexVerdict.COMPLETE
            mine = await evenings_of(house, "archive")
            again = await house.run(sources=("archive",), force_update=True)
            assert (again.sources["archive"].created, again.sources["archive"].updated) == (0, 0)
            # The module reads the same pubs: each is recognised, none is made twice.
            built_in = await house.run(sources=("question_one",))
            assert built_in.failures == []
            assert built_in.sources["question_one"].created == 0
            assert await evenings_of(house, "question_one") == mine
            assert any(image.provider == "archive" for image in await house.images())


async def test_a_broken_description_is_told_and_the_others_are_read(tmp_path: Path, database_url: str) -> None:
    async with serve_replica(8) as replica:
        describe(tmp_path, replica)
        (tmp_path / "state" / "sources.d" / "broken.toml").write_text('[index]\nkind = "htm"\n')
        async with open_house(tmp_path, database_url, replica) as house:
            report = await house.run(limit=1)
            assert report.sources["archive"].visited == 1
            [failure] = report.failures
            assert (failure.source, failure.subject) == ("broken", "description")
            assert "broken.toml:2:1: index.kind" in failure.message
            assert report.sources["broken"].verdict is IndexVerdict.FAILED
            assert [e["source"] for e in house.events(LogEvent.SOURCE_BROKEN)] == ["broken"]
            with pytest.raises(SetupError, match=r"broken\.toml:2:1"):
                await house.run(sources=("broken",))


async def test_the_command_line_reads_and_refuses_descriptions(tmp_path: Path) -> None:
    async with serve_replica(8) as replica:
        environment = environment_for(tmp_path, replica.index_urls)
        folder = tmp_path / "described"
        folder.mkdir()
        program = Program(tmp_path, {**environment, "TRIVIA__DECLARED__PATH": str(folder)})
        (folder / "archive.toml").write_text(ARCHIVE.format(base=replica.base_url))
        ended = await program.call("run", "--source", "archive", "--limit", "1", "--json")
        assert ended.code == 0, ended.err
        assert ended.document["sources"]["archive"]["visited"] == 1
        (folder / "archive.toml").write_text("[index]\nkind = 'htm'\n")
        refused = await program.call("run", "--source", "archive")
        assert refused.code == 2
        assert "archive.toml:2:1: index.kind" in refused.err
        assert "Traceback" not in refused.err
