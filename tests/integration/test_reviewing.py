"""Images under review, decisions about them, and their audit, against a real database (images.md 12; R228)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from support.image_shelf import NOON, Shelf
from trivia_scraper.domain.errors import RowRejected
from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.review import PlannedAction, ReviewAction, ReviewFilter, ReviewPlan
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.policy.reviewing import Circumstances, decide
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.reviewing import PostgresReviewReader, PostgresReviews

HOUR = dt.timedelta(hours=1)
DELETE, FORCE_RETRY = ReviewAction.DELETE, ReviewAction.FORCE_RETRY


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


@pytest.fixture
def reader(database: Database) -> PostgresReviewReader:
    return PostgresReviewReader(database, DEFAULT_CLASSES)


@pytest.fixture
def book(database: Database) -> PostgresReviews:
    return PostgresReviews(database, 1)


async def plan(
    reader: PostgresReviewReader,
    action: ReviewAction,
    *ids: int,
    new_type: ErrorType | None = None,
    at: dt.datetime = NOON,
) -> ReviewPlan:
    """What the command line would show of these images."""
    wanted = ReviewFilter(image_ids=ids)
    facts = Circumstances(at, DEFAULT_CLASSES, new_type)
    actions = [PlannedAction(row, decide(action, row, facts)) for row in await reader.select(wanted)]
    return ReviewPlan(uuid4(), "ann", action, wanted.document(), actions)


@pytest.fixture
async def town(shelf: Shelf) -> dict[str, int]:
    """Images by what they are."""
    crown, host = await shelf.venue("crown"), await shelf.performer("ann")
    merged = await shelf.venue("old-crown", merged_into=crown)
    await shelf.image(merged, "permanently_failed", "gone")
    return {
        "closed": await shelf.image(crown, "permanently_failed", "gone", provider_url="https://A.example/1"),
        "third": await shelf.image(crown, "failed", "rate_limited", retry_count=3, provider="here"),
        "waiting": await shelf.image(crown, "failed", "rate_limited", error_at=NOON - 50 * HOUR),
        "unclear": await shelf.image(crown, "failed", "server_error", provider_url="https://b.example:81/2"),
        "stored": await shelf.image(crown, "uploaded"),
        "host": await shelf.image(host, "permanently_failed", "not_found", owner_kind="performer"),
        "deleted": await shelf.image(crown, "permanently_failed", "gone", deleted_at=NOON),
    }


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, {"closed", "third", "unclear", "host"}),
        ({"failure_class": FailureClass.TRANSIENT}, {"waiting"}),
        ({"failure_class": FailureClass.AMBIGUOUS}, {"unclear"}),
        ({"status": ImageStatus.PERMANENTLY_FAILED}, {"closed", "host"}),
        ({"status": ImageStatus.FAILED}, {"third", "waiting", "unclear"}),
        ({"status": ImageStatus.UPLOADED}, {"stored"}),
        ({"error_type": "gone"}, {"closed"}),
        ({"provider": "here"}, {"third"}),
        ({"host": "a.EXAMPLE"}, {"closed"}),
        ({"host": "b.example"}, {"unclear"}),
        ({"owner": "ann"}, {"host"}),
        ({"owner": "crown", "failure_class": FailureClass.PERMANENT}, {"closed", "third"}),
        ({"failed_before": NOON - 48 * HOUR, "status": ImageStatus.FAILED}, {"waiting"}),
        ({"deleted": True}, {"deleted"}),
    ],
    ids=[
        "r228-what-waits", "r228-class", "r228-ambiguous", "r193-permanently_failed", "failed", "stored", "r228-type",
        "r228-provider", "r228-host", "r228-host-with-port", "r202-drill-down-host", "r202-drill-down-venue",
        "r228-age", "tombstones",
    ],
)  # fmt: skip
async def test_r228_images_are_chosen(
    town: dict[str, int], reader: PostgresReviewReader, chosen: dict[str, Any], names: set[str]
) -> None:
    found = {row.id for row in await reader.select(ReviewFilter(**chosen))}
    assert {name for name, number in town.items() if number in found} == names
    assert len(found) == len(names)


async def test_r187_failures_can_be_listed_by_id_latest_first_with_their_class(
    town: dict[str, int], reader: PostgresReviewReader
) -> None:
    rows = await reader.select(ReviewFilter(image_ids=(town["waiting"], town["third"], town["stored"], 999_999)))
    assert [row.id for row in rows] == [town["third"], town["waiting"], town["stored"]]
    assert [row.failure_class for row in rows] == [FailureClass.PERMANENT, FailureClass.TRANSIENT, None]
    assert (rows[0].owner, rows[0].host) == ("crown", "places.example")
    assert len(await reader.select(ReviewFilter(), limit=2)) == 2


async def test_r202_a_venue_leads_to_its_failures(town: dict[str, int], reader: PostgresReviewReader) -> None:
    """R205: a name of nobody has none."""
    found = await reader.select(ReviewFilter(owner="crown", status=ImageStatus.FAILED))
    assert {row.id for row in found} == {town["third"], town["waiting"], town["unclear"]}
    assert {row.owner for row in found} == {"crown"}
    assert await reader.select(ReviewFilter(owner="'; DROP TABLE images; --")) == []


async def test_r228_a_decision_changes_the_row_and_is_audited(
    town: dict[str, int], shelf: Shelf, reader: PostgresReviewReader, book: PostgresReviews
) -> None:
    decision = await plan(reader, FORCE_RETRY, town["closed"])
    await shelf.execute("UPDATE images SET failure_streak = 7, version = version WHERE id = $1", town["closed"])
    written = await book.apply(decision, decision.accepted, NOON)
    assert set(written) == {town["closed"]}
    [row] = await reader.select(ReviewFilter(image_ids=(town["closed"],)))
    assert (row.status, row.retry_count, row.next_retry_at, row.finalized_at) == (ImageStatus.FAILED, 0, NOON, None)
    assert row.failure_streak == 7  # waits keep growing across re-openings (R227)
    [line] = await reader.history(image_id=town["closed"])
    assert (line.batch, line.at, line.who, line.action) == (decision.batch, NOON, "ann", "force_retry")
    assert (line.owner, line.chosen) == ("crown", {"image_ids": [town["closed"]]})
    assert (line.before["status"], line.before["error_type"]) == ("permanently_failed", "gone")
    assert (line.after["status"], line.after["next_retry_at"]) == ("failed", NOON.isoformat())


async def test_saying_it_again_after_a_lost_commit_changes_nothing(
    town: dict[str, int], shelf: Shelf, reader: PostgresReviewReader, book: PostgresReviews
) -> None:
    decision = await plan(reader, DELETE, town["closed"], town["unclear"])
    first = await book.apply(decision, decision.accepted, NOON)
    again = await book.apply(decision, decision.accepted, NOON)
    assert set(first) == set(again) == {town["closed"], town["unclear"]}
    assert len(await reader.history()) == 2
    assert await shelf.value("SELECT version FROM images WHERE id = $1", town["closed"]) == 2


async def test_a_row_that_changed_since_it_was_shown_is_left_alone(
    town: dict[str, int], shelf: Shelf, reader: PostgresReviewReader, book: PostgresReviews
) -> None:
    decision = await plan(reader, DELETE, town["closed"], town["unclear"])
    await shelf.execute("UPDATE images SET version = version + 1 WHERE id = $1", town["closed"])
    assert set(await book.apply(decision, decision.accepted, NOON)) == {town["unclear"]}
    [row] = await reader.select(ReviewFilter(image_ids=(town["closed"],)))
    assert row.deleted_at is None
    assert [line.image_id for line in await reader.history()] == [town["unclear"]]


async def test_r218_a_deletion_intends_its_files_and_can_be_given_back(
    town: dict[str, int], shelf: Shelf, reader: PostgresReviewReader, book: PostgresReviews
) -> None:
    await shelf.execute("UPDATE images SET thumb_key = 'venues/x/t.jpg' WHERE id = $1", town["stored"])
    decision = await plan(reader, DELETE, town["stored"])
    [before] = [each.row for each in decision.accepted]
    await book.apply(decision, decision.accepted, NOON)
    [tombstone] = await reader.select(ReviewFilter(image_ids=(town["stored"],)))
    assert (tombstone.keys, tombstone.sha256, tombstone.deleted_why) == ((), None, "review")
    intents = await shelf.rows("SELECT storage_key, kind FROM file_intents ORDER BY storage_key")
    assert intents == [{"storage_key": key, "kind": "collect"} for key in sorted(before.keys)]
    assert await book.give_back(decision, before, NOON + HOUR)
    [row] = await reader.select(ReviewFilter(image_ids=(town["stored"],)))
    assert (row.keys, row.sha256, row.deleted_at) == (before.keys, before.sha256, None)
    assert await shelf.value("SELECT count(*) FROM file_intents") == 0
    assert await reader.history() == []
    assert not await book.give_back(decision, before, NOON + HOUR)


async def test_what_the_database_refuses_is_refused_whole(
    town: dict[str, int], shelf: Shelf, reader: PostgresReviewReader, book: PostgresReviews
) -> None:
    """Between preview and action another hero came in: the restored one has no place any more."""
    crown = await shelf.value("SELECT id FROM venues WHERE slug = 'crown'")
    hero = await shelf.image(crown, "failed", "gone", role="hero", deleted_at=NOON)
    decision = await plan(reader, ReviewAction.RESTORE, hero, town["deleted"])
    assert len(decision.accepted) == 2
    await shelf.image(crown, "uploaded", role="hero")
    with pytest.raises(RowRejected):
        await book.apply(decision, decision.accepted, NOON)
    assert await reader.history() == []


async def test_a_batch_is_found_again_for_taking_it_back(
    town: dict[str, int], reader: PostgresReviewReader, book: PostgresReviews
) -> None:
    decision = await plan(reader, DELETE, town["closed"], town["host"])
    await book.apply(decision, decision.accepted, NOON)
    rows = await reader.select(ReviewFilter(batch=decision.batch, deleted=True))
    assert {row.id for row in rows} == {town["closed"], town["host"]}
    assert await reader.select(ReviewFilter(batch=UUID(int=0), deleted=True)) == []
    assert [line.image_id for line in await reader.history(batch=decision.batch, limit=1)] == [town["host"]]
