"""What `status` reads from a real database (operations.md 3, P13)."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest

from support.image_shelf import NOON, Shelf
from trivia_scraper.bootstrap import tell_status
from trivia_scraper.domain.source_health import SourceState
from trivia_scraper.domain.status import status_document
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.storage import status_figures
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.queries import sql
from trivia_scraper.storage.status_figures import PostgresStatusFigures
from unit.cli.status_samples import state

HOUR = dt.timedelta(hours=1)
IDS = [UUID(int=number) for number in range(1, 9)]


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


@pytest.fixture
def figures(database: Database) -> PostgresStatusFigures:
    return PostgresStatusFigures(database, DEFAULT_CLASSES)


async def test_p13_freshness_counts_stored_pictures_by_when_they_were_verified(
    shelf: Shelf, figures: PostgresStatusFigures
) -> None:
    venue = await shelf.venue("crown")
    for hours, provider in ((1, "question_one"), (7 * 24 - 1, "question_one"), (7 * 24 + 1, "here"), (900, "here")):
        await shelf.image(venue, "uploaded", verified_at=NOON - hours * HOUR, provider=provider)
    await shelf.image(venue, "uploaded", provider="here")
    await shelf.image(venue, "failed", "not_found", verified_at=NOON)
    await shelf.image(venue, "uploaded", verified_at=NOON, deleted_at=NOON, storage_key=None, sha256=None)
    together, by_provider = await figures.freshness(NOON)
    assert (together.images, together.fresh, together.oldest_seconds) == (5, 2, None)
    assert [(each.provider, each.images, each.fresh) for each in by_provider] == [
        ("here", 3, 0),
        ("question_one", 2, 2),
    ]
    assert together.p50_seconds == (7 * 24 + 1) * 3600 or together.p50_seconds == 8 * 86_400


@pytest.mark.parametrize(("rest_per_work", "second"), [(1e9, 1), (0.0, 2)], ids=["a costly count", "a cheap one"])
async def test_p13_freshness_is_not_counted_at_every_look(
    shelf: Shelf, figures: PostgresStatusFigures, monkeypatch: pytest.MonkeyPatch, rest_per_work: float, second: int
) -> None:
    monkeypatch.setattr(status_figures, "_REST_PER_WORK", rest_per_work)
    venue = await shelf.venue("crown")
    await shelf.image(venue, "uploaded", verified_at=NOON)
    assert (await figures.read([], NOON)).freshness.images == 1
    await shelf.image(venue, "uploaded", verified_at=NOON)
    assert (await figures.read([], NOON)).freshness.images == second


@pytest.mark.new_database
async def test_p13_freshness_reads_an_index_and_not_the_table(database: Database) -> None:
    async with database.acquire() as session:
        # What an empty table's plan would be says nothing of a large one's.
        await session.connection.execute("SET enable_seqscan = off")
        rows = await session.connection.fetch(f"EXPLAIN {sql('stats/image_ages')}", NOON)
        await session.connection.execute("RESET enable_seqscan")
    assert any("images_verified" in row[0] for row in rows)


async def test_an_empty_database_has_its_figures_too(figures: PostgresStatusFigures) -> None:
    document = status_document(None, await figures.read(["question_one"], NOON), NOON)["database"]
    [source] = document["sources"]
    assert (source["slug"], source["state"], source["ok"]) == ("question_one", "unread", True)
    assert document["freshness"]["all"]["ratio"] == 1.0
    assert document["failures"] == {"by_class": {"transient": 0, "permanent": 0, "ambiguous": 0}, "by_type": {}}
    assert (document["last_run"], document["unfinished_runs"], document["open_issues"]) == (None, [], 0)


async def test_everything_that_waits_or_is_wrong_is_there(shelf: Shelf, figures: PostgresStatusFigures) -> None:
    venue, host = await shelf.venue("crown"), await shelf.performer("ann")
    await shelf.images(venue, (2, "failed", "rate_limited"), (1, "permanently_failed", "not_found"))
    await shelf.image(host, "failed", "server_error", owner_kind="performer")
    await shelf.execute(
        "INSERT INTO breakers (host, open_until, updated_at) VALUES ('cdn.example', $1, $2), ('old.example', $2, $2)",
        NOON + HOUR, NOON - HOUR,
    )  # fmt: skip
    for number in range(12):
        await shelf.execute(
            "INSERT INTO issues (kind, source, subject, message, at) VALUES ('look_alike', NULL, $1, 'same?', $2)",
            str(number), NOON + number * HOUR,
        )  # fmt: skip
    await shelf.execute("UPDATE issues SET resolved_at = $1 WHERE subject = '3'", NOON)
    await shelf.execute(
        "INSERT INTO notices (condition, kind, subject, message, severity, times_in_row, first_seen_at, last_seen_at,"
        " sent_at, resolved_at) VALUES ('a:x', 'a', 'x', 'over', 'warning', 1, $1, $1, $1, $1),"
        " ('b:x', 'b', 'x', 'slow', 'warning', 3, $1, $1, $1, NULL),"
        " ('c:x', 'c', 'x', 'full', 'critical', 3, $1, $1, NULL, NULL)",
        NOON,
    )
    await shelf.execute(
        "INSERT INTO run_requests (id, kind, options, details, requested_by, requested_at, taken_at, finished_at)"
        " VALUES ($1, 'refresh', '{}', '{}', 'ann', $3, NULL, NULL), ($2, 'cleanup', '{}', '{}', 'bob', $3, $3, $3)",
        IDS[0], IDS[1], NOON,
    )  # fmt: skip
    await shelf.execute(
        "INSERT INTO runs (id, options, epoch, pid, host, started_at, finished_at, ok, finish_reason, progress,"
        " progress_at) VALUES"
        " ($1, '{}', 1, 7, 'h', $5, $5, true, 'done', NULL, NULL),"
        " ($2, '{}', 1, 7, 'h', $6, $6, false, 'done', NULL, NULL),"
        " ($3, '{}', 2, 8, 'h', $6, NULL, NULL, NULL, $8, $6),"
        " ($4, '{}', 2, 9, 'h', $7, NULL, NULL, NULL, NULL, NULL)",
        *IDS[2:6], NOON - 2 * HOUR, NOON - HOUR / 2, NOON - 3 * HOUR,
        {"question_one": {"planned": 10, "done": 5, "new_word": 1}},
    )  # fmt: skip
    found = status_document(None, await figures.read([], NOON), NOON)["database"]
    assert found["failures"]["by_class"] == {"transient": 2, "permanent": 1, "ambiguous": 1}
    assert found["failures"]["by_type"] == {"rate_limited": 2, "not_found": 1, "server_error": 1}
    assert [each["host"] for each in found["breakers"]] == ["cdn.example"]
    assert (found["open_issues"], len(found["issues"]), found["issues"][0]["subject"]) == (11, 10, "11")
    assert [(each["condition"], each["sent_at"]) for each in found["notices"]] == [
        ("c:x", None),
        ("b:x", "2026-09-09T12:00:00Z"),
    ]
    assert [(each["requested_by"], each["taken_at"]) for each in found["requests"]] == [("ann", None)]
    assert (found["last_run"]["id"], found["last_run"]["ok"]) == (str(IDS[3]), False)
    [unfinished] = found["unfinished_runs"]
    assert (unfinished["id"], unfinished["percent"], unfinished["done"]) == (str(IDS[4]), 50.0, 5)


async def test_a_source_whose_runs_are_of_before_has_a_state(shelf: Shelf, figures: PostgresStatusFigures) -> None:
    """Rows of an earlier version know neither coverage nor why a run was ended."""
    await shelf.execute(
        "INSERT INTO sources (slug, first_run_at, last_run_at, last_verdict, last_complete_at)"
        " VALUES ('question_one', $1, $1, 'complete', $1)",
        NOON,
    )
    for number, listed in enumerate((4, 10, 12, 11)):
        await shelf.execute(
            "INSERT INTO runs (id, options, epoch, pid, host, started_at) VALUES ($1, '{}', 1, 7, 'h', $2)",
            IDS[number], NOON - number * HOUR,
        )  # fmt: skip
        await shelf.execute(
            "INSERT INTO source_runs (run_id, source, verdict, listed, report, finished_at)"
            " VALUES ($1, 'question_one', 'complete', $2, '{\"visited\": 3, \"failed\": 0}', $3)",
            IDS[number], listed, NOON - number * HOUR,
        )  # fmt: skip
    [health] = await figures.healths(["question_one"], NOON)
    assert (health.state, health.listed, health.usual_listed) == (SourceState.DEGRADED, 4, 11)
    assert health.last_success_at == NOON


async def test_f30_a_daemon_without_its_database_tells_of_itself_at_once(database: Database) -> None:
    """While the database is known to be away nobody waits for it; when it is lost just now, the rest is told."""
    figures = PostgresStatusFigures(database, DEFAULT_CLASSES)
    well = await tell_status(state(), figures, ["question_one"], NOON)
    assert [each["slug"] for each in well["database"]["sources"]] == ["question_one"]
    await database.close()
    lost = await tell_status(state(), figures, ["question_one"], NOON + dt.timedelta(hours=1))
    known = await tell_status(state(database_lost_at=NOON), figures, ["question_one"], NOON)
    unopened = await tell_status(state(), None, [], NOON)
    for document in (lost, known, unopened):
        assert (document["daemon"]["pid"], document["database"]) == (321, None)
