"""Which sources an installation reads: built-in ones and those of its folder of descriptions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from trivia_scraper.roster import Roster, load_roster
from trivia_scraper.settings import settings_from
from trivia_scraper.sources import SOURCES

ARMS = """
[source]
key = "arms"
name = "The Example Arms"
{more}
[index]
kind = "ics"
url = "https://arms.example/calendar.ics"
match = "quiz"
[index.fields]
name = {{ const = "The Example Arms" }}
[defaults]
country = "GB"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.d").mkdir()
    return tmp_path / "sources.d"


def roster_of(folder: Path, **sections: Any) -> Roster:
    return load_roster(settings_from(sections, state_dir=folder.parent))


def test_without_a_folder_there_are_the_built_in_ones(tmp_path: Path) -> None:
    roster = load_roster(settings_from({}, state_dir=tmp_path / "nowhere"))
    assert roster.sources == SOURCES
    assert roster.enabled == tuple(SOURCES)
    assert roster.problems == ()


def test_a_description_is_a_source_like_the_others(folder: Path) -> None:
    (folder / "arms.toml").write_text(ARMS.format(more='freshness = "2d"\nper_host_interval = "3s"'))
    (folder / "notes.txt").write_text("not a description")
    roster = roster_of(folder)
    assert roster.enabled == (*SOURCES, "arms")
    assert roster.sources["arms"].name == "The Example Arms"
    section = roster.sections["arms"]
    assert (section.freshness, section.per_host_interval) == (dt.timedelta(days=2), dt.timedelta(seconds=3))


def test_a_description_may_be_switched_off(folder: Path) -> None:
    (folder / "arms.toml").write_text(ARMS.format(more="enabled = false"))
    roster = roster_of(folder)
    assert "arms" in roster.sources
    assert "arms" not in roster.enabled


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'[index]\nkind = "htm"\n', ":2:1: index.kind"),
        (b"[index\n", ":1:"),
        (b"# caf\xe9\n", "not UTF-8"),
        (b"#" * (1024 * 1024 + 1), "larger than"),
        (ARMS.format(more="").replace('"arms"', '"quizmeisters"').encode(), "built-in"),
    ],
)
def test_a_broken_description_stops_no_other(folder: Path, content: bytes, told: str) -> None:
    (folder / "arms.toml").write_text(ARMS.format(more=""))
    (folder / "bad.toml").write_bytes(content)
    roster = roster_of(folder)
    assert roster.enabled == (*SOURCES, "arms")
    assert list(roster.broken) == ["bad"]
    assert roster.broken["bad"].startswith(f"{folder / 'bad.toml'}:")
    assert told in roster.broken["bad"]


def test_a_folder_that_cannot_be_entered_is_told(folder: Path) -> None:
    (folder / "gone.toml").symlink_to(folder / "nothing")
    assert "cannot be read" in roster_of(folder).broken["gone"]


def test_the_folder_is_a_setting(folder: Path) -> None:
    other = folder.parent / "elsewhere"
    other.mkdir()
    (other / "arms.toml").write_text(ARMS.format(more=""))
    assert "arms" in roster_of(folder, declared={"path": str(other)}).sources
    assert "arms" in roster_of(folder, declared={"path": "elsewhere"}).sources
