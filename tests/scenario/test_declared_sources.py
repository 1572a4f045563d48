"""A site described in TOML is read by a run like any other source (sources.md 11)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from support.house import House, open_house
from support.program import Program, environment_for
from support.raw_server import Exchange, raw_server, response
from support.replica import running_replica
from trivia_scraper.demo.server import Replica
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
    async with running_replica() as replica:
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
    async with running_replica(8) as replica:
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


BY_DAYS = """
[source]
key = "by-days"
[defaults]
country = "GB"

[index]
kind = "ajax"
url = "http://127.0.0.1:{port}/wp-admin/admin-ajax.php"
body = "html"
item = ".card"
empty = ".nothing-on"
dates = {{ param = "day", days = 7 }}
params = {{ action = "quizzes" }}
[index.fields]
key = "@data-venue"
name = "h3"
address = "address"
schedule = "time"
fee = ".fee"
"""
CARD = (
    '<article class="card" data-venue="{0}"><h3>The {0}</h3><address>{1} Mill Lane, Durham DH1 3QR</address>'
    '<time>{2}</time><span class="fee">{3} per person</span></article>'
)
NIGHTS = {
    1: [("heron", 1, "Mondays 8pm", "£2")],
    3: [("rook", 2, "Wednesdays, 7.30pm", "£1")],
    5: [("heron", 1, "Fridays 9pm", "£3"), ("rook", 2, "Fridays, 8pm", "£1")],
}
"""What is on, by ISO weekday."""


async def tell_the_day(exchange: Exchange) -> None:
    """The nights of one day, as such a site answers; nothing on the other days."""
    asked = parse_qs(urlsplit(exchange.path).query)
    if "day" not in asked:
        await exchange.send(response(b"", status=b"404 Not Found"))
        return
    nights = NIGHTS.get(dt.date.fromisoformat(asked["day"][0]).isoweekday(), [])
    body = "".join(CARD.format(*night) for night in nights) or '<p class="nothing-on">No quiz tonight</p>'
    await exchange.send(response(body.encode(), b"Content-Type: text/html; charset=utf-8"))


async def test_an_index_by_days_gives_one_venue_with_the_evenings_of_both(tmp_path: Path, database_url: str) -> None:
    """Seven days are asked for; a pub that is on two of them is one venue, whichever day comes first."""
    folder = tmp_path / "state" / "sources.d"
    folder.mkdir(parents=True)
    async with running_replica(8) as replica, raw_server(tell_the_day) as site:
        (folder / "by-days.toml").write_text(BY_DAYS.format(port=site.port))
        async with open_house(tmp_path, database_url, replica) as house:
            report = await house.run(sources=("by-days",))
            assert report.failures == []
            read = report.sources["by-days"]
            assert (read.verdict, read.index_pages, read.created) == (IndexVerdict.COMPLETE, 7, 2)
            assert len({path for path in site.paths if "day=" in path}) == 7
            nights = {
                venue.name: sorted((event.weekday, event.start_time, event.fee_minor) for event in venue.events)
                for venue in await house.venues("by-days")
            }
            assert nights == {
                "The heron": [(1, "20:00", 200), (5, "21:00", 300)],
                "The rook": [(3, "19:30", 100), (5, "20:00", 100)],
            }
            again = await house.run(sources=("by-days",), force_update=True)
            assert (again.sources["by-days"].created, again.sources["by-days"].updated) == (0, 0)


async def test_the_command_line_reads_and_refuses_descriptions(tmp_path: Path) -> None:
    async with running_replica(8) as replica:
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
