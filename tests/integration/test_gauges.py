"""How much there is, counted by SQL; how busy the pool is."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import LogCapture

from support.fetching import FakeClock
from support.house import capturing_log
from support.live import NOON, make_state
from support.postgres import recording_log, settings_for
from trivia_scraper.bootstrap.gauge_keeping import GaugeKeeper
from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.gauges import AGE_BOUNDS, FRESH_SECONDS, SourceFigures
from trivia_scraper.metrics import Metrics
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.gauges import PostgresGauges
from trivia_scraper.storage.queries import sql

_DIRECTORY = """
INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at, updated_at,
                    merged_into)
SELECT slug, slug, slug, 'GB', 'Europe/London', 'question_one', saved_at, now(), now(), merged_into
FROM (VALUES ('a', now(), NULL::bigint), ('b', now(), NULL), ('claimed', NULL, NULL), ('merged', now(), 1))
    AS v (slug, saved_at, merged_into);
INSERT INTO venue_keys (source, key, venue_id, rule, claimed_at)
SELECT source, key, id, 'new', now()
FROM (VALUES ('question_one', 'a1', 1), ('question_one', 'a2', 1), ('question_one', 'b', 2), ('quizmeisters', 'b', 2),
             ('quizmeisters', 'c', 3), ('quizmeisters', 'm', 4)) AS k (source, key, id);
INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, sha256, bytes, verified_at,
                    deleted_at, created_at, updated_at)
SELECT 'venue', 1, 'gallery', provider, n::text, status, CASE status WHEN 'uploaded' THEN n::text END,
       CASE status WHEN 'uploaded' THEN 'x' END, 100, $NOON$2026-03-01T12:00Z$NOON$::timestamptz - age,
       CASE WHEN buried THEN now() END, now(), now()
FROM (VALUES (1, 'question_one', 'uploaded', interval '5 minutes', false),
             (2, 'question_one', 'uploaded', interval '30 hours', false),
             (3, 'question_one', 'uploaded', NULL, false),
             (4, 'here', 'uploaded', interval '400 days', false),
             (5, 'here', 'permanently_failed', NULL, false),
             (6, 'here', 'permanently_failed', NULL, false),
             (7, 'here', 'permanently_failed', NULL, true),
             (8, 'here', 'failed', NULL, false),
             (9, 'here', 'skipped', NULL, false)) AS i (n, provider, status, age, buried);
"""
_MANY_IMAGES = """
INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, sha256, bytes, verified_at,
                    provider_url, created_at, updated_at)
SELECT 'venue', n, 'gallery', 'here', n::text, CASE WHEN n % 25 = 0 THEN 'permanently_failed' ELSE 'uploaded' END,
       CASE WHEN n % 25 > 0 THEN n::text END, CASE WHEN n % 25 > 0 THEN 'x' END, 100, now(), repeat('x', 300),
       now(), now()
FROM generate_series(10, 3000) AS n
"""
_TROUBLE = """
INSERT INTO sources (slug, first_run_at, last_run_at, last_verdict, last_complete_at, health, paused_at)
VALUES ('question_one', now(), now(), 'complete', $NOON$2026-03-01T12:00Z$NOON$, 'ok', NULL),
       ('quizmeisters', now(), now(), 'empty', NULL, 'zero_yield', NULL),
       ('speed_quizzing', NULL, NULL, NULL, NULL, NULL, NULL),
       ('inquizition', now(), now(), 'complete', NULL, 'ok', now());
INSERT INTO breakers (host, failures_in_row, opened_at, open_until, updated_at)
VALUES ('open.example', 10, now(), $NOON$2026-03-01T13:00Z$NOON$, now()),
       ('half.example', 10, now(), $NOON$2026-03-01T11:00Z$NOON$, now()),
       ('fails.example', 3, NULL, NULL, now()), ('well.example', 0, NULL, NULL, now());
INSERT INTO file_intents (storage_key, kind, epoch, created_at) VALUES ('venues/a/1.jpg', 'put', 1, now());
INSERT INTO cleanup_runs (started_at, report)
VALUES (now(), '{"files": {"quarantined": 9, "requeued": 9}}'),
       (now(), '{"files": {"quarantined": 2, "requeued": 1}}'),
       (now(), '{"files": null}'), (now(), NULL);
"""


async def fill(url: str, *scripts: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for script in scripts:
            await connection.execute(script)
    finally:
        await connection.close()


async def test_every_image_and_venue_is_counted_where_it_belongs(database: Database, database_url: str) -> None:
    await fill(database_url, _DIRECTORY)
    figures = await PostgresGauges(database).directory(NOON)
    assert figures.images == {"uploaded": 4, "permanently_failed": 2, "failed": 1, "skipped": 1}
    assert figures.venues == {"question_one": 2, "quizmeisters": 1}
    assert figures.stored_bytes == 400
    ages = figures.ages["question_one"]
    counted = {bound: number for bound, number in zip((*AGE_BOUNDS, None), ages.counts, strict=True) if number}
    assert counted == {3_600.0: 1, 172_800.0: 1, None: 1}
    assert (ages.fresh, ages.total, ages.age_seconds) == (2, 3, 300 + 30 * 3_600)
    assert (figures.ages["here"].fresh, figures.ages["here"].total) == (0, 1)
    assert FRESH_SECONDS in AGE_BOUNDS


async def test_an_empty_directory_has_figures_too(database: Database) -> None:
    gauges = PostgresGauges(database)
    directory, store = await gauges.directory(NOON), await gauges.store(NOON)
    assert (directory.images, directory.ages, directory.stored_bytes, directory.venues) == ({}, {}, 0, {})
    assert (store.sources, store.dead_images, store.orphan_files) == ({}, 0, None)


async def test_trouble_is_counted_by_its_kind(database: Database, database_url: str) -> None:
    await fill(database_url, _DIRECTORY, _TROUBLE)
    figures = await PostgresGauges(database).store(NOON)
    assert figures.sources == {
        "question_one": SourceFigures("ok", NOON),
        "quizmeisters": SourceFigures("zero_yield", None),
        "speed_quizzing": SourceFigures("unread", None),
        "inquizition": SourceFigures("paused", None),
    }
    assert figures.dead_images == 2
    assert figures.breakers == {"open": 1, "half_open": 1, "closed": 1}
    assert (figures.file_intents, figures.orphan_files, figures.missing_files) == (1, 2, 1)


@pytest.mark.new_database
async def test_o16_what_counts_images_reads_an_index(database_url: str) -> None:
    await fill(database_url, _DIRECTORY, _MANY_IMAGES)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("VACUUM (ANALYZE) images")
        # Of the few images here nobody would use an index; the question is whether one has all that is asked.
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        for name, arguments in (
            ("gauges/image_states", ()),
            ("gauges/image_ages", (NOON, [NOON])),
            ("gauges/store", (NOON,)),
        ):
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql(name)}", *arguments))
            assert re.search(r"Index Only Scan using images_\w+ on images", plan), name
            assert "Seq Scan on images" not in plan, name
    finally:
        await connection.close()


def make_keeper(database: Database, folder: Path, clock: Any) -> tuple[GaugeKeeper, Metrics, LogCapture]:
    log, capture = capturing_log()
    metrics = Metrics(("question_one", "quizmeisters"), "unknown")
    return GaugeKeeper(metrics, database, folder, clock, log), metrics, capture


def page(metrics: Metrics) -> str:
    return metrics.exposition(make_state(), None, "text/plain")[0].decode()


async def test_gauges_follow_the_database_and_a_look_at_every_image_rests(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    clock = FakeClock(tick_seconds=1)  # so that the first look takes a second
    keeper, metrics, capture = make_keeper(database, tmp_path, clock)
    await keeper.refresh()
    assert "trivia_scraper_dead_images 0.0" in page(metrics)
    await fill(database_url, _DIRECTORY, _TROUBLE)
    await keeper.refresh()
    assert "trivia_scraper_dead_images 2.0" in page(metrics)
    assert 'trivia_scraper_source_state{source="quizmeisters",state="zero_yield"} 1.0' in page(metrics)
    assert 'trivia_scraper_images{state="uploaded"}' not in page(metrics)
    clock.seconds += 500
    await keeper.refresh()
    assert 'trivia_scraper_images{state="uploaded"} 4.0' in page(metrics)
    assert 'trivia_scraper_venues{source="question_one"} 2.0' in page(metrics)
    assert "trivia_scraper_storage_free_bytes" in page(metrics)
    assert not capture.entries


async def test_gauges_that_cannot_be_read_stay_and_the_others_are_read(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    keeper, metrics, capture = make_keeper(database, tmp_path / "gone", FakeClock())
    await fill(database_url, _DIRECTORY)
    await keeper.refresh()
    assert "trivia_scraper_dead_images 2.0" in page(metrics)
    assert "trivia_scraper_storage_free_bytes" not in page(metrics)
    assert [entry["event"] for entry in capture.entries] == ["gauges.not_read"]
    await database.close()
    await keeper.refresh()
    assert "trivia_scraper_dead_images 2.0" in page(metrics)
    assert [entry["event"] for entry in capture.entries] == ["gauges.not_read"] * 4


async def test_f37_waits_for_a_free_connection_are_counted(database_url: str) -> None:
    settings = settings_for(database_url, pool_max=1, acquire_timeout_seconds=0.05)
    async with open_database(settings, recording_log()) as database:
        before = database.pool_figures()
        assert (before.in_use, before.idle, before.waits, before.reconnects) == (0, 1, 0, 0)
        async with database.acquire():
            assert (database.pool_figures().in_use, database.pool_figures().idle) == (1, 0)
            with pytest.raises(StorageUnavailable):
                await database.fetchval("session/backend_pid")
        after = database.pool_figures()
        assert after.waits == 1
        assert after.waited_seconds > 0
        assert database.fenced(1).pool_figures() == after


async def test_f31_a_connection_that_was_lost_and_made_anew_is_one_reconnect(
    database: Database, database_url: str
) -> None:
    async def lose_connection() -> None:
        async with database.acquire() as session:
            pid = await session.fetchval("session/backend_pid")
            await fill(database_url, f"SELECT pg_terminate_backend({pid}, 5000)")
            await session.fetchval("session/backend_pid")

    with pytest.raises(StorageUnavailable):
        await lose_connection()
    assert database.pool_figures().reconnects == 0
    await asyncio.gather(*(database.fetchval("session/backend_pid") for _ in range(2)))
    assert database.pool_figures().reconnects == 1
