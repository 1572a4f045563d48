"""The report of the week as files that the clock makes: whole, the last 26, the same as `report weekly --json`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from support.house import capturing_log, house_settings
from trivia_scraper.bootstrap.weekly import write_weekly_report
from trivia_scraper.domain.errors import StorageFull
from trivia_scraper.ports import Services
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.report_files import KEPT, ReportFolder

MONDAY = dt.datetime(2026, 3, 9, 6, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


class TuesdayMorning:
    """Implements `ports.Clock`: a daemon that catches up a day late."""

    def now(self) -> dt.datetime:
        return MONDAY + dt.timedelta(days=1)

    def monotonic(self) -> float:
        return 0.0


async def test_r191_the_week_before_the_slot_lies_in_the_state_folder(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    log, capture = capturing_log()
    services = cast(Services, SimpleNamespace(clock=TuesdayMorning(), log=log))
    settings = house_settings(tmp_path, database_url, {}, {})
    written = await write_weekly_report(MONDAY, settings, database, services)
    folder = tmp_path / "state" / "reports"
    assert sorted(path.name for path in folder.iterdir()) == ["weekly-2026-03-09.html", "weekly-2026-03-09.json"]
    assert written.document() == {"files": [str(path) for path in written.files]}
    document = json.loads((folder / "weekly-2026-03-09.json").read_text("utf-8"))
    assert (document["schema"], document["ok"]) == (1, True)
    assert document["report"]["since"] == "2026-03-02T06:00:00Z"
    assert document["report"]["until"] == "2026-03-09T06:00:00Z"
    page = (folder / "weekly-2026-03-09.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    assert [entry["event"] for entry in capture.entries] == ["report.written"]


async def test_the_last_half_year_is_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "monthly-2020-01-01.json").write_text("another series")
    shelf = ReportFolder(tmp_path)
    gone = 0
    for number in range(KEPT + 3):
        day = (MONDAY + number * WEEK).date()
        _, dropped = await shelf.keep(f"weekly-{day}", {".html": "page", ".json": "{}"})
        gone += dropped
    assert gone == 6
    weeks = sorted(path.name for path in tmp_path.glob("weekly-*.json"))
    assert len(weeks) == len(list(tmp_path.glob("weekly-*.html"))) == KEPT
    assert weeks[0] == "weekly-2026-03-30.json"
    assert {path.name for path in tmp_path.iterdir()} >= {"notes.txt", "monthly-2020-01-01.json"}


async def test_a_report_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    shelf = ReportFolder(tmp_path)
    await shelf.keep("weekly-2026-03-09", {".json": "first"})
    (tmp_path / ".weekly-2026-03-09.json.part").mkdir()  # stands in the way of the next one
    with pytest.raises(StorageFull, match="cannot be kept"):
        await shelf.keep("weekly-2026-03-09", {".json": "second"})
    assert (tmp_path / "weekly-2026-03-09.json").read_text() == "first"
