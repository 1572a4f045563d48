"""How sources fare, over real runs against the replica: yield, coverage, failures, pauses (operations.md O13-O19)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from support.house import House, capturing_log, make_options, open_house
from trivia_scraper.bootstrap import pause_source, release_source, resume_source
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.domain.outcomes import FinishReason, IndexVerdict
from trivia_scraper.domain.source_health import ExpectedRun, SourceHealth, SourceState
from trivia_scraper.pipeline.health import judge_sources
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.storage.status_figures import PostgresStatusFigures

SOURCE = "question_one"
CHANGES = ("source.broken", "source.degraded", "source.recovered")


async def health(house: House) -> SourceHealth:
    [found] = await judge_sources([SOURCE], house.services)
    return found


async def stored(house: House) -> dict[str, Any]:
    [row] = await house.query("SELECT health, health_why, health_since FROM sources WHERE slug = $1", SOURCE)
    return row


async def open_issues(house: House) -> list[str]:
    rows = await house.query("SELECT message FROM issues WHERE kind = 'source_health' AND resolved_at IS NULL")
    return [row["message"] for row in rows]


def changes(house: House) -> list[tuple[str, str, str | None]]:
    return [(entry["event"], entry["state"], entry["was"]) for entry in house.events(*CHANGES)]


async def test_o17_o18_coverage_is_counted_falls_is_told_and_recovers(house: House) -> None:
    """A run without any failure is degraded when its pages state a fact no longer, and recovers with it."""
    for _ in range(4):
        report = await house.run(sources=(SOURCE,), force_update=True)
    source = report.sources[SOURCE]
    assert source.read_pages == source.visited == 12
    assert source.coverage["name"] == source.coverage["schedule"] == 12
    rows = await house.query("SELECT read_pages, coverage::text FROM source_runs")
    assert len(rows) == 4
    assert all(row["read_pages"] == 12 and '"fee"' in row["coverage"] for row in rows)
    assert await health(house) == replace(await health(house), state=SourceState.OK, why="", usual_listed=12)
    assert await open_issues(house) == []

    usual = source.coverage["fee"]
    for venue in house.replica.site.venues(SOURCE):
        house.replica.site.flip(VenueSwitch(provider=SOURCE, key=venue.key, fee=""))
    report = await house.run(sources=(SOURCE,), force_update=True)
    assert (report.ok, report.failures) == (True, [])
    why = f"pages state less than they did: fee 0% instead of {usual / 12:.0%}"
    assert report.sources[SOURCE].warnings == [f"degraded: {why}"]
    assert changes(house) == [("source.degraded", "degraded", "ok")]
    row = await stored(house)
    assert (row["health"], row["health_why"]) == ("degraded", why)
    [issue] = await open_issues(house)
    assert why in issue
    assert f"trivia-scraper sources release {SOURCE}" in issue

    # What follows stays as it is: no further word of it, and the day on which it began.
    await house.run(sources=(SOURCE,), force_update=True)
    assert changes(house) == []
    assert await stored(house) == row

    house.replica.site.clear()
    report = await house.run(sources=(SOURCE,), force_update=True)
    assert report.sources[SOURCE].warnings == []
    assert changes(house) == [("source.recovered", "ok", "degraded")]
    assert await open_issues(house) == []


async def test_o18_what_a_person_released_becomes_what_is_usual(house: House) -> None:
    for _ in range(3):
        await house.run(sources=(SOURCE,), force_update=True)
    for venue in house.replica.site.venues(SOURCE):
        house.replica.site.flip(VenueSwitch(provider=SOURCE, key=venue.key, fee=""))
    await house.run(sources=(SOURCE,), force_update=True)
    assert (await health(house)).state is SourceState.DEGRADED
    await release_source(house.settings, capturing_log()[0], SOURCE)
    assert await open_issues(house) == []
    assert (await health(house)).state is SourceState.OK


@pytest.mark.parametrize(
    ("fault", "status", "state"),
    [
        (IndexFault.STATUS, 404, SourceState.SITE_GONE),
        (IndexFault.STATUS, 503, SourceState.HTTP_ERROR),
        (IndexFault.STATUS, 403, SourceState.BLOCKED),
        (IndexFault.HTML, 500, SourceState.SITE_CHANGED),
    ],
)
async def test_o19_what_an_index_answers_is_the_state_of_its_source(
    house: House, fault: IndexFault, status: int, state: SourceState
) -> None:
    house.replica.site.flip(IndexSwitch(provider=SOURCE, fault=fault, status=status))
    await house.run(sources=(SOURCE,))
    assert changes(house) == [("source.broken", state.value, None)]
    assert (await stored(house))["health"] == state.value
    [issue] = await open_issues(house)
    assert issue.startswith(f"{state.value}: ")


async def test_o19_a_site_that_refuses_connections(tmp_path: Path, database_url: str, replica: Replica) -> None:
    closed = {SOURCE: {"index_url": "http://127.0.0.1:9/"}}
    async with open_house(tmp_path, database_url, replica, sources=closed, http={"ports": [9]}) as house:
        await house.run(sources=(SOURCE,))
        assert (await stored(house))["health"] == SourceState.CONNECTION_REFUSED.value


async def test_o19_a_source_that_crashes_is_recorded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in reading an index ends as a stored run with its state, not as nothing at all."""

    def explode(page: object) -> object:
        raise ZeroDivisionError("in the reader")

    await house.run(sources=(SOURCE,))
    broken = house.services.sources[SOURCE]
    monkeypatch.setattr(type(broken), "read_index", lambda self, page: explode(page))
    report = await house.run(sources=(SOURCE,))
    assert not report.ok
    assert (await stored(house))["health"] == SourceState.CRASHED.value
    assert [entry["event"] for entry in house.events("source.crashed", "source.broken")] == [
        "source.crashed", "source.broken",
    ]  # fmt: skip


async def test_o19_an_empty_index_is_zero_yield(house: House) -> None:
    empty = "quizmeisters"
    await house.run(sources=(empty,), limit=1)
    house.replica.site.flip(IndexSwitch(provider=empty, fault=IndexFault.EMPTY))
    report = await house.run(sources=(empty,))
    assert report.sources[empty].verdict in (IndexVerdict.EMPTY, IndexVerdict.SUSPECT)
    [found] = await judge_sources([empty], house.services)
    assert (found.state, found.listed, found.usual_listed) == (SourceState.ZERO_YIELD, 0, 12)


async def test_o10_overdue_is_told_by_whoever_knows_the_schedule_and_ends_with_the_next_run(house: House) -> None:
    await house.run(sources=(SOURCE,))
    now = house.services.clock.now()
    late = replace(house.services, clock=_Later(now + dt.timedelta(hours=5)))
    expected = {SOURCE: ExpectedRun(now + dt.timedelta(hours=3), dt.timedelta(minutes=5))}
    [found] = await judge_sources([SOURCE], late, expected=expected)
    assert (found.state, found.since) == (SourceState.OVERDUE, now + dt.timedelta(hours=3))
    # Who does not know the schedule still tells it, until the source was read.
    figures = PostgresStatusFigures(house._database, DEFAULT_CLASSES)
    [seen] = await figures.healths([SOURCE], late.clock.now())
    assert (seen.state, seen.why) == (SourceState.OVERDUE, found.why)
    await refresh(make_options(sources=(SOURCE,)), replace(late, run_id=uuid4()))
    assert (await stored(house))["health"] == SourceState.OK.value


class _Later:
    """A clock that has gone on."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now

    def now(self) -> dt.datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0


async def test_a_paused_source_is_left_out_unless_it_is_named(house: House) -> None:
    log, lines = capturing_log()
    await pause_source(house.settings, log, SOURCE, "ann", "they asked us")
    assert [entry["event"] for entry in lines.entries][-1] == "source.paused"
    report = await house.run(limit=1)
    left_out = report.sources[SOURCE]
    assert (left_out.verdict, left_out.listed) == (IndexVerdict.PAUSED, 0)
    [told] = left_out.warnings
    assert "by ann, they asked us" in told
    assert f"trivia-scraper sources resume {SOURCE}" in told
    assert report.sources["quizmeisters"].visited == 1
    assert (report.ok, report.finish_reason) == (True, FinishReason.LIMIT)
    assert not [seen for seen in house.replica.site.log.requests() if SOURCE in seen.path]
    assert (await health(house)).state is SourceState.PAUSED
    assert list(await house.services.runs.paused_sources()) == [SOURCE]

    named = await house.run(sources=(SOURCE,), limit=1)
    assert named.sources[SOURCE].visited == 1
    assert (await stored(house))["health"] == SourceState.PAUSED.value

    assert (await resume_source(house.settings, log, SOURCE))[0] is True
    assert (await resume_source(house.settings, log, SOURCE))[0] is False
    assert (await health(house)).state is SourceState.OK
    assert (await house.run(limit=1)).sources[SOURCE].visited == 1
