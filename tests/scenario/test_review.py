"""A person decides about real pictures of a real run: files, rows, audit, what the next run makes of it (R228)."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from support.house import House, make_options
from support.image_shelf import Shelf
from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.review import PlannedAction, ReviewAction, ReviewFilter, ReviewPlan, ReviewReport
from trivia_scraper.pipeline.reviewing import carry_out
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.policy.reviewing import Circumstances, decide
from trivia_scraper.storage.files import LocalFileStore
from trivia_scraper.storage.reviewing import PostgresReviewReader

DELETE, RESTORE = ReviewAction.DELETE, ReviewAction.RESTORE


def reader(house: House) -> PostgresReviewReader:
    return PostgresReviewReader(house._database, DEFAULT_CLASSES)


async def act(
    house: House, action: ReviewAction, wanted: ReviewFilter, new_type: ErrorType | None = None, **services: object
) -> ReviewReport:
    """Preview and action, as the command does them."""
    facts = Circumstances(house.services.clock.now(), DEFAULT_CLASSES, new_type)
    actions = [PlannedAction(row, decide(action, row, facts)) for row in await reader(house).select(wanted)]
    plan = ReviewPlan(uuid4(), "ann", action, wanted.document(), actions)
    return await carry_out(plan, make_options(), replace(house.services, **services))  # type: ignore[arg-type]


async def one_stored_picture(house: House) -> int:
    report = await house.run(limit=1, sources=("quizmeisters",))
    assert report.ok
    image = next(each for each in await house.images(status="uploaded") if each.role == "hero")
    return image.id


async def test_r228_delete_takes_the_file_and_leaves_a_tombstone(house: House) -> None:
    image_id = await one_stored_picture(house)
    [before] = await reader(house).select(ReviewFilter(image_ids=(image_id,)))
    assert set(before.keys) <= set(house.files)
    report = await act(house, DELETE, ReviewFilter(image_ids=(image_id,)))
    assert (list(report.done), report.failed, report.left) == ([image_id], {}, {})
    assert not set(before.keys) & set(house.files)
    assert await house.problems() == []
    assert [entry["path"] for entry in house.events("image.old_deleted")] == list(before.keys)
    [finished] = house.events("review.finished")
    assert (finished["who"], finished["done"], finished["failed"]) == ("ann", 1, 0)


async def test_r208_clearing_all_of_a_venue_is_logged_picture_by_picture(house: House) -> None:
    image_id = await one_stored_picture(house)
    [hero] = await reader(house).select(ReviewFilter(image_ids=(image_id,)))
    report = await act(house, DELETE, ReviewFilter(owner=hero.owner, status=ImageStatus.UPLOADED))
    assert report.done
    lines = await reader(house).history(batch=report.batch)
    assert {line.image_id for line in lines} == set(report.done)
    assert {(line.who, line.action, line.owner) for line in lines} == {("ann", "delete", hero.owner)}
    assert lines[0].chosen == {"owner": hero.owner, "status": "uploaded"}
    assert lines[0].before["storage_key"]
    assert await house.problems() == []


async def test_r218_a_file_that_cannot_be_removed_keeps_its_row(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Object first, tombstone only if that worked: the row refers to its file again, and nothing is pending."""
    image_id = await one_stored_picture(house)
    [before] = await reader(house).select(ReviewFilter(image_ids=(image_id,)))
    stored = house.files

    async def refuse(_: object, key: str) -> bool:
        raise StorageUnavailable(f"permission denied: {key}")

    monkeypatch.setattr(LocalFileStore, "delete", refuse)
    report = await act(house, DELETE, ReviewFilter(image_ids=(image_id,)))
    assert report.done == ()
    assert "permission denied" in report.failed[image_id]
    assert house.files == stored
    [row] = await reader(house).select(ReviewFilter(image_ids=(image_id,)))
    assert (row.deleted_at, row.keys, row.status) == (None, before.keys, ImageStatus.UPLOADED)
    assert await reader(house).history() == []
    assert await house.problems() == []
    assert [entry["image"] for entry in house.events("review.failed")] == [image_id]


async def test_r218_what_is_given_back_has_its_place_in_the_gallery_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(house._database)
    venue = await shelf.venue("crown")
    ids = [await shelf.image(venue, "uploaded", position=place, quality_score=1.0 / place) for place in (1, 2)]

    async def refuse(_: object, key: str) -> bool:
        raise StorageUnavailable(f"permission denied: {key}")

    monkeypatch.setattr(LocalFileStore, "delete", refuse)
    report = await act(house, DELETE, ReviewFilter(image_ids=(ids[0],)))
    assert set(report.failed) == {ids[0]}
    assert await shelf.rows("SELECT id, position FROM images WHERE deleted_at IS NULL ORDER BY id") == [
        {"id": ids[0], "position": 1},
        {"id": ids[1], "position": 2},
    ]


async def test_r228_restore_fetches_the_picture_again(house: House) -> None:
    image_id = await one_stored_picture(house)
    deleted = await act(house, DELETE, ReviewFilter(image_ids=(image_id,)))
    restored = await act(house, RESTORE, ReviewFilter(batch=deleted.batch, deleted=True))
    assert restored.done == (image_id,)
    [row] = await reader(house).select(ReviewFilter(image_ids=(image_id,)))
    assert (row.status, row.error_type, row.keys) == (ImageStatus.FAILED, "network_error", ())
    await house.run(limit=1, sources=("quizmeisters",), retry_failed_only=False, force_update=True)
    [row] = await reader(house).select(ReviewFilter(image_ids=(image_id,)))
    assert row.status is ImageStatus.UPLOADED
    assert set(row.keys) <= set(house.files)
    assert await house.problems() == []


async def test_r228_restore_takes_back_what_a_batch_deleted_and_nothing_else(house: House) -> None:
    shelf = Shelf(house._database)
    venue = await shelf.venue("crown")
    image_id = await shelf.image(venue, "permanently_failed", "gone")
    retried = await act(house, ReviewAction.FORCE_RETRY, ReviewFilter(image_ids=(image_id,)))
    deleted = await act(house, DELETE, ReviewFilter(image_ids=(image_id,)))
    assert await reader(house).select(ReviewFilter(batch=retried.batch, deleted=True)) == []
    [row] = await reader(house).select(ReviewFilter(batch=deleted.batch, deleted=True))
    assert row.id == image_id


async def test_r228_thousands_in_batches_and_one_bad_row_stops_no_other(house: House) -> None:
    shelf = Shelf(house._database)
    venue = await shelf.venue("crown")
    await shelf.execute(
        "INSERT INTO images (owner_kind, owner_id, role, provider, identity, provider_url, status, error_type,"
        " error_at, created_at, updated_at)"
        " SELECT 'venue', $1, 'gallery', 'here', 'p-' || n, 'https://gone.example/' || n, 'permanently_failed',"
        " 'gone', now(), now(), now() FROM generate_series(1, 2500) AS n",
        venue,
    )
    await shelf.image(venue, "failed", "gone", role="hero", provider="here", provider_url="https://gone.example/h")
    wanted = ReviewFilter(host="gone.example")
    gone = await act(house, DELETE, wanted)
    assert (len(gone.done), gone.failed) == (2501, {})
    rows = await reader(house).select(ReviewFilter(batch=gone.batch, deleted=True))
    facts = Circumstances(house.services.clock.now(), DEFAULT_CLASSES)
    plan = ReviewPlan(uuid4(), "ann", RESTORE, {}, [PlannedAction(row, decide(RESTORE, row, facts)) for row in rows])
    # Between preview and action another hero comes in: this one row the database refuses.
    await shelf.image(venue, "failed", "gone", role="hero", provider="here", provider_url="https://new.example/h")
    report = await carry_out(plan, make_options(), house.services)
    assert (len(report.done), len(report.failed)) == (2500, 1)
    assert "images_slot" in next(iter(report.failed.values()))
    assert len(await reader(house).history(batch=plan.batch)) == 2500


async def test_r228_positions_close_the_gap_that_a_deleted_photo_leaves(house: House) -> None:
    shelf = Shelf(house._database)
    venue = await shelf.venue("crown")
    ids = [
        await shelf.image(venue, "permanently_failed", "gone", position=place, quality_score=1.0 / place)
        for place in (1, 2, 3)
    ]
    await act(house, DELETE, ReviewFilter(image_ids=(ids[1],)))
    assert await shelf.rows("SELECT id, position FROM images WHERE deleted_at IS NULL ORDER BY position") == [
        {"id": ids[0], "position": 1},
        {"id": ids[2], "position": 2},
    ]


async def test_no_listing_brings_a_deleted_picture_back(house: House) -> None:
    """images.md 3: a deleted row stays as a tombstone."""
    image_id = await one_stored_picture(house)
    [before] = await reader(house).select(ReviewFilter(image_ids=(image_id,)))
    await act(house, DELETE, ReviewFilter(image_ids=(image_id,)))
    await house.run(limit=1, sources=("quizmeisters",), force_update=True)
    living = [image for image in await house.images() if image.provider_url == before.provider_url]
    assert living == []
    await house.run(limit=1, sources=("quizmeisters",), force_refresh_images=True)
    assert [image for image in await house.images() if image.provider_url == before.provider_url] == []
    assert await house.problems() == []
