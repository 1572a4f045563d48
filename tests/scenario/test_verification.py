"""Stored pictures that were asked for longest ago are verified by themselves, conditionally (operations.md 11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from support.house import House, make_options
from trivia_scraper.demo.request_log import RequestSeen
from trivia_scraper.demo.switches import ImageFault, ImageSwitch, plain_path
from trivia_scraper.domain.directory import ImageView
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.verification import VerificationReport
from trivia_scraper.pipeline.verifying import verify_oldest
from trivia_scraper.policy.breaking import host_of
from trivia_scraper.ports import Services
from trivia_scraper.storage.queries import sql

KEY = "quizmeisters"
ALL = 1000


async def stored(house: House, listings: int = 3) -> Sequence[ImageView]:
    """Pictures of so many listings, verified longer ago the smaller their id, all of them due."""
    await house.run(sources=(KEY,), limit=listings)
    await house.query("UPDATE images SET verified_at = now() - interval '30 days' + id * interval '1 hour'")
    house.replica.site.log.reset()
    house.capture.entries.clear()
    return sorted(await house.images(), key=lambda image: image.id)


async def verify(
    house: House, limit: int = ALL, services: Services | None = None, **changes: Any
) -> VerificationReport:
    """One verification under a run id of its own, without waits."""
    return await verify_oldest(
        limit, make_options(**changes), replace(services or house.services, run_id=uuid4(), sleep=_no_wait)
    )


async def _no_wait(_: float) -> None:
    return


def pictures_asked(house: House) -> list[RequestSeen]:
    """Requests for pictures since the log was emptied."""
    return [seen for seen in house.replica.site.log.requests() if seen.path in house.replica.site.gallery]


def fault(house: House, image: ImageView, kind: ImageFault, **more: Any) -> None:
    """Let its site misbehave."""
    assert image.provider_url is not None
    house.replica.site.flip(ImageSwitch(path=image.provider_url, fault=kind, **more))


async def row(house: House, image_id: int) -> Mapping[str, Any]:
    """One row as it is now."""
    [found] = await house.query("SELECT * FROM images WHERE id = $1", image_id)
    return found


async def test_the_oldest_are_asked_whether_they_have_changed_and_nothing_is_written_anew(house: House) -> None:
    images, files = await stored(house), house.files
    report = await verify(house, limit=2)
    asked = pictures_asked(house)
    assert [seen.path for seen in asked] == [plain_path(image.provider_url or "") for image in images[:2]]
    assert [(seen.is_conditional, seen.status, seen.body_sent) for seen in asked] == [(True, 304, False)] * 2
    assert report.counts == {"chosen": 2, "unchanged": 2, "replaced": 0, "failed": 0, "not_asked": 0, "left": 0}
    assert report.bytes_received == 0
    assert house.files == files
    moved = [(await row(house, image.id))["verified_at"] >= report.started_at for image in images]
    assert moved == [True, True] + [False] * (len(images) - 2)
    [told] = house.events("images.verified")
    assert (told["unchanged"], told["finish_reason"], told["ok"]) == (2, "done", True)
    rest = await verify(house)
    assert rest.chosen == len(images) - 2
    assert (await verify(house)).chosen == 0


async def test_new_bytes_are_judged_and_switched_and_equal_ones_are_not_stored_again(house: House) -> None:
    changed, blank, same, *_ = await stored(house)
    files = house.files
    fault(house, changed, ImageFault.CHANGE_BYTES)
    fault(house, blank, ImageFault.BLANK)
    fault(house, same, ImageFault.IGNORE_CONDITIONS)
    report = await verify(house, limit=3)
    assert report.counts == {"chosen": 3, "unchanged": 1, "replaced": 1, "failed": 1, "not_asked": 0, "left": 0}
    new = await row(house, changed.id)
    assert new["storage_key"] != changed.storage_key
    assert changed.storage_key not in house.files
    kept = await row(house, blank.id)
    assert (kept["storage_key"], kept["status"], kept["refresh_failed_at"] is not None) == (
        blank.storage_key, "uploaded", True,
    )  # fmt: skip
    untouched = await row(house, same.id)
    assert files[same.storage_key or ""] == house.files[same.storage_key or ""]
    assert untouched["verified_at"] >= report.started_at
    assert await house.problems() == []


async def test_a_failure_keeps_the_good_copy_and_does_not_stand_in_the_way(house: House) -> None:
    gone, *others = await stored(house)
    fault(house, gone, ImageFault.STATUS, status=404)
    report = await verify(house, limit=1)
    assert (report.counts["failed"], report.ok) == (1, True)
    failed = await row(house, gone.id)
    assert (failed["status"], failed["error_type"], failed["retry_count"]) == ("uploaded", "not_found", 0)
    assert gone.storage_key in house.files
    [attempt] = await house.query("SELECT * FROM image_attempts WHERE image_id = $1 AND outcome = 'kept'", gone.id)
    assert (attempt["kind"], attempt["status_code"]) == ("refresh", 404)
    following = await verify(house, limit=1)
    assert following.counts["unchanged"] == 1
    assert (await row(house, others[0].id))["verified_at"] >= following.started_at


async def test_a_missing_file_is_fetched_whole(house: House) -> None:
    lost, *_ = await stored(house)
    assert lost.storage_key is not None
    assert await house.services.files.delete(lost.storage_key)
    report = await verify(house, limit=1)
    assert report.counts["replaced"] == 1
    assert lost.storage_key in house.files
    assert house.events("file.missing")[0]["path"] == lost.storage_key
    assert await house.problems() == []


async def test_what_may_not_be_asked_now_is_left_out(house: House) -> None:
    """Paused sources, hosts that are left alone, providers whose addresses expire or are switched off."""
    images = await stored(house)
    first = images[0]
    await house.query("UPDATE images SET provider = 'google_places' WHERE id = $1", first.id)
    assert (await verify(house, limit=1)).counts["unchanged"] == 1
    assert (await row(house, first.id))["verified_at"] < house.services.clock.now() - dt.timedelta(days=20)

    await house.query("UPDATE sources SET paused_at = now(), paused_by = 'a person' WHERE slug = $1", KEY)
    assert (await verify(house)).chosen == 0
    await house.query("UPDATE sources SET paused_at = NULL, paused_by = NULL")
    await house.query(
        "INSERT INTO breakers (host, failures_in_row, pause_seconds, opened_at, open_until, updated_at)"
        " VALUES ($1, 10, 900, now(), now() + interval '900 s', now())",
        host_of(first.provider_url or ""),
    )
    house.replica.site.log.reset()
    report = await verify(house)
    assert report.chosen > 1
    assert (report.counts["not_asked"], pictures_asked(house)) == (report.chosen, [])
    await house.query("UPDATE breakers SET host = 'cdn.example'")
    await house.query("UPDATE images SET provider_url = 'https://cdn.example/' || id")
    assert (await verify(house)).chosen == 0, "they would stand in the way of others, time after time"
    switched_off = replace(house.services, settings=replace(house.services.settings, enabled_sources=frozenset()))
    assert (await verify(house, services=switched_off)).chosen == 0


async def test_never_a_time_budget_a_stop_and_a_dry_run_ask_nobody(house: House) -> None:
    images = await stored(house)
    settings = house.services.settings
    never = replace(house.services, settings=replace(settings, image_revalidate_after=None))
    assert (await verify(house, services=never)).chosen == 0
    always = replace(house.services, settings=replace(settings, image_revalidate_after=dt.timedelta(0)))
    await house.query("UPDATE images SET verified_at = now() - interval '23 hours' WHERE id > $1", images[0].id)
    assert (await verify(house, services=always, dry_run=True)).chosen == 1, '"always" is about visits'
    assert (await verify(house, limit=0)).chosen == 0
    stopped = await verify(house, services=replace(house.services, stopping=lambda: True))
    assert (stopped.finish_reason, stopped.counts["left"]) == (FinishReason.INTERRUPTED, 1)
    late = await verify(house, max_time_seconds=1e-9)
    assert (late.finish_reason, late.ok) == (FinishReason.MAX_TIME, True)
    assert pictures_asked(house) == []


@pytest.mark.new_database
async def test_the_oldest_are_found_on_an_index(house: House) -> None:
    """However many pictures there are, nothing is sorted: the first so many of the index are enough."""
    statement = "\n".join(line for line in sql("photos/oldest_verified").splitlines() if not line.startswith("--"))
    now = house.services.clock.now()
    connection = await asyncpg.connect(house.database_url)
    try:
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        rows = await connection.fetch(f"EXPLAIN {statement}", now, [KEY], 10, now)
    finally:
        await connection.close()
    plan = "\n".join(row[0] for row in rows)
    assert "Index Scan using images_asked" in plan
    assert "Index Cond" in plan[plan.index("images_asked") :].partition("Filter")[0]
