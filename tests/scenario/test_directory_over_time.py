"""Venues and events over several runs: limits, freshness, sightings, moves, disappearance (sources.md 9, E1-E7)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from support.house import House, capturing_log, make_options, open_house
from support.replica import running_replica
from trivia_scraper.bootstrap import release_source
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import ScheduleShown
from trivia_scraper.domain.directory import EventView
from trivia_scraper.domain.errors import PageForbidden
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.outcomes import FinishReason, IndexVerdict, RunReport, SkipReason, SourceReport
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.ports import Fetcher

BOTH = ("quizmeisters", "question_one")


async def only_event(house: House, source: str, position: int = 0) -> tuple[str, EventView]:
    """Key and event of a venue with one evening."""
    venues = [venue for venue in await house.venues(source) if len(venue.events) == 1]
    event = venues[position].events[0]
    return event.sources[0].url.rstrip("/").rpartition("/")[2], event


async def event_now(house: House, source: str, key: str) -> list[EventView]:
    """The events that a key shows, closed ones last."""
    return [
        event
        for venue in await house.venues(source)
        for event in venue.events
        if any(sighting.url.rstrip("/").endswith(f"/{key}") for sighting in event.sources)
    ]


async def test_both_sources_are_stored_whole(tmp_path: Path, database_url: str) -> None:
    """Every venue complete, both Question One indexes equal, a second run changes nothing (5.4 of the next issue)."""
    async with running_replica() as replica, open_house(tmp_path, database_url, replica) as house:
        first = await house.run(sources=BOTH)
        assert first.failures == []
        for slug in BOTH:
            report = first.sources[slug]
            assert report.verdict is IndexVerdict.COMPLETE
            assert report.listed == len(replica.site.venues(slug))
            assert report.visited == report.listed
        venues = await house.venues()
        for venue in venues:
            assert venue.name
            assert venue.address
            assert venue.postcode
            assert venue.timezone
            assert venue.events
            assert all(event.currency in ("AUD", "GBP") for event in venue.events)
        assert any(event.status == "paused" for venue in venues for event in venue.events)  # on break: kept
        assert any(event.fee_minor is None for venue in venues for event in venue.events)  # absent fee: unknown
        assert {event.frequency for venue in venues for event in venue.events} == {"weekly", "biweekly", "monthly"}
        before = {venue.slug: venue.updated_at for venue in venues}

        second = await house.run(sources=BOTH, force_update=True)
        assert [(s.created, s.updated) for s in second.sources.values()] == [(0, 0), (0, 0)]
        assert {venue.slug: venue.updated_at for venue in await house.venues()} == before


async def test_the_html_archive_yields_the_same_venues_as_the_feed(tmp_path: Path, database_url: str) -> None:
    """sources.md 3.1: two equivalent index forms; which one is read follows from what the address returns."""
    async with running_replica() as replica:
        archive = {"question_one": {"index_url": replica.url("question_one", "/venues/")}}
        async with open_house(tmp_path, database_url, replica) as house:
            feed = await house.run(sources=("question_one",))
            before = {(v.slug, e.weekday, e.start_time) for v in await house.venues() for e in v.events}
        async with open_house(tmp_path, database_url, replica, sources=archive) as house:
            html = await house.run(sources=("question_one",), force_update=True)
            after = {(v.slug, e.weekday, e.start_time) for v in await house.venues() for e in v.events}
        assert html.sources["question_one"].listed == feed.sources["question_one"].listed
        assert html.sources["question_one"].index_pages > 1
        assert (html.sources["question_one"].created, html.sources["question_one"].updated) == (0, 0)
        assert before == after


async def test_limit_counts_real_visits_and_fresh_ones_are_skipped(house: House) -> None:
    """N6, O27: limit N visits N stale listings; what was read lately is skipped and says so."""
    first = (await house.run(sources=("quizmeisters",), limit=3)).sources["quizmeisters"]
    assert (first.visited, first.left_by_limit) == (3, 9)
    second = (await house.run(sources=("quizmeisters",), limit=3)).sources["quizmeisters"]
    assert second.visited == 3
    assert second.skipped[SkipReason.FRESH] == 3
    assert second.left_by_limit == 6
    assert len(await house.venues()) == 6


async def test_seen_moves_although_the_detail_is_skipped(house: House) -> None:
    """E4: the index proves that it exists: last_seen_at moves, last_processed_at does not."""
    await house.run(sources=("quizmeisters",), limit=2)
    before = [sighting for venue in await house.venues() for event in venue.events for sighting in event.sources]
    report = await house.run(sources=("quizmeisters",), limit=1)
    assert report.sources["quizmeisters"].skipped[SkipReason.FRESH] == 2
    after = {s.url: s for venue in await house.venues() for event in venue.events for s in event.sources}
    for sighting in before:
        assert after[sighting.url].last_seen_at > sighting.last_seen_at
        assert after[sighting.url].last_processed_at == sighting.last_processed_at


async def test_a_moved_weekday_moves_the_event(house: House) -> None:
    """E2: the same row gets another weekday, in the same run; nothing is left behind running."""
    await house.run(sources=("question_one",))
    key, event = await only_event(house, "question_one")
    moved = event.weekday % 7 + 1
    house.replica.site.flip(VenueSwitch(provider="question_one", key=key, weekday=moved))
    report = await house.run(sources=("question_one",), force_update=True)
    assert report.sources["question_one"].updated == 1
    [now] = await event_now(house, "question_one", key)
    assert (now.id, now.weekday, now.status) == (event.id, moved, "active")
    [change] = await house.query("SELECT kind, before, after FROM changes WHERE event_id = $1", event.id)
    assert change["kind"] == "event_moved"


async def test_changed_time_and_fee_update_the_event(house: House) -> None:
    """E2, E3, R47."""
    await house.run(sources=("question_one",))
    key, event = await only_event(house, "question_one")
    start = dt.time(21, 15) if event.start_time != "21:15" else dt.time(18, 30)
    house.replica.site.flip(VenueSwitch(provider="question_one", key=key, start=start, fee="£5.50"))
    await house.run(sources=("question_one",), force_update=True)
    [now] = await event_now(house, "question_one", key)
    assert (now.id, now.start_time, now.fee_minor) == (event.id, f"{start:%H:%M}", 550)


async def test_a_vanished_event_closes_after_three_runs_and_returns(tmp_path: Path, database_url: str) -> None:
    """E6, O21: missing is not deleted; the third complete run closes; being seen again re-opens the same row."""
    async with running_replica() as replica, open_house(tmp_path, database_url, replica) as house:
        await house.run(sources=("question_one",))
        key, event = await only_event(house, "question_one")
        replica.site.flip(VenueSwitch(provider="question_one", key=key, vanished=True))
        for expected in ("active", "active", "closed"):
            report = await house.run(sources=("question_one",))
            [now] = await event_now(house, "question_one", key)
            assert now.status == expected
        assert report.sources["question_one"].closed == 1
        replica.site.clear()
        await house.run(sources=("question_one",))
        [back] = await event_now(house, "question_one", key)
        assert (back.id, back.status) == (event.id, "active")


async def test_a_mass_disappearance_is_held_for_a_person(house: House) -> None:
    """E6, F52: more than a fifth at once closes nothing, ever, and opens an issue."""
    await house.run(sources=("question_one",))
    gone = [venue.key for venue in house.replica.site.venues("question_one")][:4]
    for key in gone:
        house.replica.site.flip(VenueSwitch(provider="question_one", key=key, vanished=True))
    for _ in range(4):
        report = await house.run(sources=("question_one",))
        assert report.sources["question_one"].closed == 0
    assert report.sources["question_one"].held >= 4
    assert all(event.status != "closed" for venue in await house.venues() for event in venue.events)
    [issue] = await house.query("SELECT source, message FROM issues WHERE kind = 'mass_disappearance'")
    assert "vanished at once" in issue["message"]
    assert "sources release question_one" in issue["message"]


async def test_a_held_disappearance_counts_once_a_person_released_it(house: House) -> None:
    """E6: after `sources release` the events close like any other: at their third miss, the first being granted."""
    await house.run(sources=("question_one",))
    for key in [venue.key for venue in house.replica.site.venues("question_one")][:4]:
        house.replica.site.flip(VenueSwitch(provider="question_one", key=key, vanished=True))
    held = (await house.run(sources=("question_one",))).sources["question_one"].held
    log, _ = capturing_log()
    assert await release_source(house.settings, log, "question_one") == held
    closed = [(await house.run(sources=("question_one",))).sources["question_one"].closed for _ in range(3)]
    assert closed == [0, held, 0]
    assert await house.query("SELECT 1 FROM issues WHERE kind = 'mass_disappearance' AND resolved_at IS NULL") == []


async def running(house: House) -> int:
    """How many events are not closed."""
    return sum(event.status != "closed" for venue in await house.venues() for event in venue.events)


async def assert_nothing_lost(house: House, switch: IndexSwitch) -> RunReport:
    """Run four times against a misbehaving index: more often than what closes an event."""
    await house.run()
    before = await running(house)
    house.replica.site.flip(switch)
    for _ in range(4):
        report = await house.run()
    assert await running(house) == before > 0
    return report


async def test_html_instead_of_json_is_named_and_loses_nothing(house: House) -> None:
    """Issue 8.6: the page is kept for a fixture, the failure says what was looked for."""
    report = await assert_nothing_lost(house, IndexSwitch(provider="quizmeisters", fault=IndexFault.HTML))
    [failure] = report.failures
    assert (failure.subject, failure.error_type) == ("index", ErrorType.INVALID_RESPONSE)
    assert "JSON" in failure.message
    assert report.sources["quizmeisters"].verdict is IndexVerdict.FAILED
    kept = list((house.settings.image_dir / ".store" / "unread-pages" / "quizmeisters").glob("*.page"))
    assert len(kept) == 1


async def test_an_empty_index_retires_nothing(house: House) -> None:
    """H132, N9: zero yield is suspect, not true."""
    report = await assert_nothing_lost(house, IndexSwitch(provider="quizmeisters", fault=IndexFault.EMPTY))
    assert report.sources["quizmeisters"].verdict is IndexVerdict.SUSPECT
    assert report.sources["quizmeisters"].warnings == ["the index lists nothing (zero yield)"]


async def test_success_false_and_truncated_json_are_failures(house: House) -> None:
    """sources.md 2.1: `success: false` is an error, not an empty list."""
    for fault in (IndexFault.REFUSED, IndexFault.TRUNCATED):
        report = await assert_nothing_lost(house, IndexSwitch(provider="quizmeisters", fault=fault))
        assert [failure.subject for failure in report.failures] == ["index"]


async def test_one_broken_source_does_not_stop_the_other(house: House) -> None:
    """N7, O10: 503 for ever on one index; the other source is read as always."""
    house.replica.site.flip(IndexSwitch(provider="quizmeisters", fault=IndexFault.STATUS, status=503))
    report = await house.run()
    assert report.sources["quizmeisters"].verdict is IndexVerdict.FAILED
    assert report.sources["question_one"].visited == 12
    assert [failure.attempts for failure in report.failures] == [3]


async def test_a_page_without_its_schedule_fails_alone(house: House) -> None:
    """PageShapeChanged names what was looked for; the siblings are stored; nothing is guessed (T7)."""
    key = house.replica.site.venues("question_one")[0].key
    house.replica.site.flip(VenueSwitch(provider="question_one", key=key, schedule_shown=ScheduleShown.NOWHERE))
    report = await house.run(sources=("question_one",))
    assert report.sources["question_one"].failed == 1
    [failure] = report.failures
    assert failure.error_type is ErrorType.INVALID_RESPONSE
    assert report.sources["question_one"].created == 11


async def test_a_stop_leaves_the_rest_for_the_next_run(tmp_path: Path, database_url: str, replica: Replica) -> None:
    """O30: max_time takes up no further listing; the reason is in the report, nothing is half done."""
    async with open_house(tmp_path, database_url, replica) as house:
        report = await house.run(sources=("quizmeisters",), max_time_seconds=0.000001)
        assert report.finish_reason is FinishReason.MAX_TIME
        assert report.failures == []
        assert await house.venues() == []
        assert await house.problems() == []


async def test_a_stop_in_the_middle_finishes_what_was_begun(house: House) -> None:
    """safety.md 12, O30: the listings taken up are stored whole, the others are counted as interrupted."""
    asked = iter(range(1_000))
    services = replace(house.services, stopping=lambda: next(asked) > 4, run_id=uuid4())
    report = await refresh(make_options(sources=("quizmeisters",)), services)
    source = report.sources["quizmeisters"]
    assert report.finish_reason is FinishReason.INTERRUPTED
    assert source.visited + source.skipped[SkipReason.INTERRUPTED] == source.listed == 12
    assert 0 < source.visited == len(await house.venues("quizmeisters")) < 12
    assert await house.problems() == []


class DisallowingFetcher:
    """robots.txt says no to every address that contains `word`."""

    def __init__(self, inner: Fetcher, word: str) -> None:
        self._inner = inner
        self._word = word
        self.download_image = inner.download_image

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        if self._word in request.url:
            raise PageForbidden("robots.txt disallows it", reason=Reason.ROBOTS)
        return await self._inner.fetch_page(
            request, accept_language=accept_language, deadline_seconds=deadline_seconds
        )


async def run_disallowing(house: House, word: str) -> SourceReport:
    """A run of Quizmeisters under such a robots.txt; nothing may count as failed."""
    fetcher = DisallowingFetcher(house.services.fetcher, word)
    services = replace(house.services, fetcher=fetcher, run_id=uuid4())
    report = await refresh(make_options(sources=("quizmeisters",), force_update=True), services)
    assert report.failures == []
    assert report.ok
    return report.sources["quizmeisters"]


async def test_n2_a_disallowed_page_is_reported_and_is_no_failure(house: House) -> None:
    """N2: robots.txt is obeyed: details are skipped with the reason, an index makes the source *disallowed*."""
    await house.run(sources=("quizmeisters",))
    details = await run_disallowing(house, "/venues/")
    assert (details.skipped[SkipReason.ROBOTS], details.visited, details.listed) == (12, 0, 12)
    index = await run_disallowing(house, "/locations")
    assert index.verdict is IndexVerdict.DISALLOWED
    assert "robots.txt disallows" in index.warnings[0]
    assert await running(house) == 13


async def test_a_bug_in_one_index_leaves_the_other_source_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N7: a parser that raises what no parser may raise costs its own source, is told, and ends the run properly."""

    def broken(page: Page) -> IndexReading:
        raise KeyError("results")

    source = house.services.sources["quizmeisters"]
    monkeypatch.setattr(type(source), "read_index", lambda self, page: broken(page))
    report = await house.run()
    assert [(f.source, f.error_type) for f in report.failures] == [("quizmeisters", ErrorType.UNKNOWN_ERROR)]
    assert report.sources["question_one"].visited == 12
    [row] = await house.query("SELECT ok, finished_at FROM runs")
    assert row["ok"] is False
    assert row["finished_at"] is not None


async def test_a_renamed_page_keeps_its_event_without_flapping(house: House) -> None:
    """E6: the old key's sighting goes when the new key still shows the evening; nothing closes and re-opens."""
    await house.run(sources=("question_one",))
    await house.query(
        "INSERT INTO event_sources (event_id, source, key, url, first_seen_at, last_seen_at) "
        "SELECT event_id, source, 'old-name', url, first_seen_at, last_seen_at FROM event_sources LIMIT 1 RETURNING 1"
    )
    for _ in range(5):
        report = await house.run(sources=("question_one",))
        assert report.sources["question_one"].closed == 0
        assert report.sources["question_one"].held == 0
    assert await house.query("SELECT 1 FROM event_sources WHERE key = 'old-name'") == []
    assert await house.query("SELECT 1 FROM changes WHERE kind IN ('vanished', 'event_returned')") == []


async def test_a_dry_run_shows_the_plan_and_writes_nothing(house: House) -> None:
    """O31: the plan names what a real run would visit, and the store stays empty."""
    report = await house.run(dry_run=True, limit=2)
    assert [len(report.sources[slug].plan) for slug in BOTH] == [2, 2]
    assert await house.query("SELECT count(*) AS n FROM runs") == [{"n": 0}]
    assert await house.venues() == []
    assert house.files == {}


async def test_venue_selects_one_listing_whatever_its_freshness(house: House) -> None:
    """O06, D7: `--venue` with --force-update visits exactly that venue; unforced it is fresh and says so (R28)."""
    await house.run(sources=("question_one",))
    slug = (await house.venues())[0].slug
    report = await house.run(venues=(slug,), force_update=True)
    assert sum(source.visited for source in report.sources.values()) == 1
    report = await house.run(venues=(slug,))
    assert report.sources["question_one"].skipped[SkipReason.FRESH] == 1
    report = await house.run(venues=(slug,), force_refresh_images=True)  # D7: bypasses freshness
    assert report.sources["question_one"].visited == 1


async def test_same_name_at_two_postcodes_stays_two_venues(tmp_path: Path, database_url: str) -> None:
    """sources.md 4.4, V1: name alone never matches."""
    async with running_replica() as replica, open_house(tmp_path, database_url, replica) as house:
        await house.run(sources=("quizmeisters",))
        names = [venue.name for venue in await house.venues()]
        doubled = {name for name in names if names.count(name) > 1}
        assert doubled
        for name in doubled:
            postcodes = [venue.postcode for venue in await house.venues() if venue.name == name]
            assert len(set(postcodes)) == len(postcodes)
