"""`enrich` and `venues identify` as an operator calls them: processes, environment, a real database, the replica."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from support.house import open_house
from support.program import Program, environment_for
from support.replica import running_replica
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch

SOURCE = "quizmeisters"


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica(2) as running:
        yield running


@pytest.fixture
async def program(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[Program]:
    """The program over a directory with one venue; Foursquare and HERE are enabled, HERE without a key."""
    async with open_house(tmp_path, database_url, replica) as house:
        await house.run(sources=(SOURCE,), limit=1)
    called = Program(
        tmp_path,
        environment_for(
            tmp_path, replica.index_urls,
            TRIVIA_DATABASE_URL=database_url,
            TRIVIA__STORAGE__PATH=str(tmp_path / "images"),
            TRIVIA__PROVIDERS__FOURSQUARE__ENABLED="true",
            TRIVIA__PROVIDERS__FOURSQUARE__BASE_URL=replica.photo_api_urls["foursquare"],
            TRIVIA__PROVIDERS__FOURSQUARE__PER_SECOND="0",
            TRIVIA__PROVIDERS__HERE__ENABLED="true",
            TRIVIA__PROVIDERS__HERE__BASE_URL=replica.photo_api_urls["here"],
            FOURSQUARE_API_KEY=replica.photo_keys["foursquare"],
        ),
    )  # fmt: skip
    yield called
    await called.leaves_no_process()


async def query(url: str, statement: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def test_a_gallery_from_the_first_id_to_the_last_photo(
    program: Program, database_url: str, replica: Replica
) -> None:
    [venue] = await query(database_url, "SELECT slug FROM venues")
    slug = venue["slug"]
    stated = await program.call("venues", "identify", slug, "foursquare", "place-4-3")
    assert (stated.code, stated.out) == (0, f"noted: {slug} is known as foursquare place-4-3\n")

    planned = await program.call("enrich", "--stale", "--dry-run", "--json")
    assert planned.code == 0, planned.err
    [told] = planned.document["venues"]
    assert (told["planned_providers"], told["status"]) == (["foursquare"], "skipped")
    assert replica.provider_calls() == 0

    path = "/photo-cdn/foursquare/original/place-4-3-2.jpg"
    replica.site.flip(ImageSwitch(path=path, fault=ImageFault.STATUS, status=503))
    first = await program.call("enrich", "--venue", slug)
    assert first.code == 3
    head, rule, row, _, summary, failure, following = first.out.splitlines()
    assert head.split() == ["venue", "status", "listed", "uploaded", "failed", "stored", "cost", "providers"]
    assert set(rule) == {"-", " "}
    assert row.split()[:7] == [slug, "success", "3", "2", "1", "3/4", "0.0000"], "the gallery and the hero"
    assert "foursquare 3, here not asked: missing_key" in row
    assert summary.endswith("2 of 3 photos stored: 2 new, 1 failed (service_unavailable 1)")
    assert "of foursquare: failed: service_unavailable (HTTP 503), again from " in failure
    assert (
        following == f"{slug}: next: the nightly cleanup fetches 1 again, or now: trivia-scraper retry --venue {slug}"
    )
    assert replica.photo_keys["foursquare"] not in first.out + first.err

    replica.site.clear()
    calls = replica.provider_calls()
    retried = await program.call("enrich", "--venue", slug, "--retry-failed-only", "--json")
    assert retried.code == 0, retried.err
    [told] = retried.document["venues"]
    assert (told["mode"], told["images_uploaded"], told["venue"]["slug"]) == ("retry_only", 1, slug)
    assert replica.provider_calls() == calls

    forced = await program.call("enrich", "--venue", slug, "--force", "--provider", "foursquare", "--json")
    [told] = forced.document["venues"]
    assert (told["images_kept"], told["images_uploaded"], told["venue_totals"]) == (
        3, 0, {"uploaded": 4, "failed": 0, "total": 4},
    )  # fmt: skip
    stale = await program.call("enrich", "--json")
    assert (stale.code, stale.document["venues"]) == (0, [])
    assert (stale.document["total"], stale.document["stale"], stale.document["filtered"]) == (1, 0, 1)
    mistyped = await program.call("enrich", "--venue", f"{slug}x")
    assert (mistyped.code, mistyped.out) == (2, "")
    assert mistyped.err.splitlines()[-2:] == [f"error: no venue '{slug}x'", f"hint: did you mean {slug}?"]
