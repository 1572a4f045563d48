"""Who is recovered first, and the queue of recoveries, over a real database (images.md 7, 8, 12)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from support.house import make_options
from support.photo_desk import NOON, PhotoDesk
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.options import options_to_json
from trivia_scraper.domain.recovery import OwnerRef, QueuedHow, RecoverableOwner, RecoveryRequest
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.policy.priority import priority_score
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.recovering import PostgresRecoveries, queue_recovery, requeue_unfinished

ALL_DUE = RecoveryRequest(include_ambiguous=False, all_due=True)
OPTIONS = make_options(retry_failed_only=True)


class Queue:
    """Owners with images in any state, and the queue over them."""

    def __init__(self, database: Database) -> None:
        self.desk = PhotoDesk(database)
        self.database = database
        self.recoveries = PostgresRecoveries(database, DEFAULT_CLASSES)
        self.images = 0

    async def owner(self, slug: str, *states: str, activity: int = 0, provider: str = "foursquare") -> OwnerRef:
        """A venue with one image in each of these states: "uploaded", or an error type, or "closed:<type>"."""
        venue = await self.desk.add_venue(slug)
        await self.desk.rows("UPDATE venues SET activity = $2 WHERE id = $1", venue.id, activity)
        for state in states:
            await self.image(OwnerRef(OwnerKind.VENUE, venue.id), state, provider=provider)
        return OwnerRef(OwnerKind.VENUE, venue.id)

    async def image(self, owner: OwnerRef, state: str, **changes: Any) -> int:
        self.images += 1
        closed, _, error_type = state.rpartition(":")
        stored = state == "uploaded"
        values: dict[str, Any] = {
            "owner_kind": owner.kind.value,
            "owner_id": owner.id,
            "role": "gallery",
            "provider": "foursquare",
            "identity": f"photo:{self.images}",
            "provider_url": f"https://photos.example/{self.images}.jpg",
            "status": "uploaded" if stored else "permanently_failed" if closed else "failed",
            "storage_key": f"venues/x/gallery-{self.images:012}.jpg" if stored else None,
            "sha256": f"{self.images:064}" if stored else None,
            "error_type": None if stored else error_type,
            "error_at": None if stored else NOON,
            "created_at": NOON,
            "updated_at": NOON,
            **changes,
        }
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        [row] = await self.desk.rows(
            f"INSERT INTO images ({', '.join(values)}) VALUES ({places}) RETURNING id", *values.values()
        )
        return int(row["id"])

    async def owners(self, request: RecoveryRequest = ALL_DUE, **options: Any) -> list[RecoverableOwner]:
        found = await self.recoveries.owners(request, NOON, [], 100, make_options(**options))
        return list(found)

    async def ask(self, owner: OwnerRef, image_ids: list[int] | None = None, **changes: Any) -> QueuedHow:
        stated = {
            "include_ambiguous": False,
            "is_bulk": False,
            "requested_by": "a test",
            "at": NOON,
            "options": OPTIONS,
        }
        return await self.recoveries.queue(owner, image_ids, **{**stated, **changes})

    async def waiting(self) -> list[tuple[int, tuple[int, ...] | None, bool]]:
        found = await self.recoveries.waiting(100)
        return [(each.owner.id, each.image_ids, each.include_ambiguous) for each in found]


@pytest.fixture
async def queue(database: Database) -> Queue:
    return Queue(database)


async def test_r183_r224_the_most_urgent_owner_comes_first(queue: Queue) -> None:
    """Score as policy says, then the oldest failure; what cannot be helped now is not listed."""
    three_of_ten = await queue.owner("three-of-ten", *["rate_limited"] * 3, *["uploaded"] * 7)
    one_of_one = await queue.owner("one-of-one", "network_timeout")
    busy = await queue.owner("busy", "rate_limited", "uploaded", activity=2500)
    older = await queue.owner("older", "rate_limited", "uploaded", activity=2500)
    await queue.desk.rows(
        "UPDATE images SET error_at = $2 WHERE owner_id = $1", older.id, NOON - dt.timedelta(days=1)
    )
    with_closed = await queue.owner("with-closed", "rate_limited", "closed:not_found", "uploaded", "uploaded")
    await queue.owner("ambiguous", "server_error")
    await queue.owner("closed", "closed:not_found")
    await queue.owner("stored", "uploaded")
    later = await queue.owner("later", "rate_limited")
    await queue.desk.rows(
        "UPDATE images SET next_retry_at = $2 WHERE owner_id = $1", later.id, NOON + dt.timedelta(seconds=1)
    )

    found = await queue.owners()

    def score(failed: int, total: int, activity: int = 0) -> float:
        return priority_score(failed, total, has_transient=True, activity=activity)

    expected = {
        one_of_one: score(1, 1), older: score(1, 2, 2500), busy: score(1, 2, 2500), three_of_ten: 80.0,
        with_closed: score(2, 4),
    }  # fmt: skip
    assert {each.owner: each.score for each in found} == pytest.approx(expected)
    assert [each.owner for each in found] == sorted(
        expected, key=lambda owner: (-expected[owner], owner != older, owner.id)
    )


async def test_r224_ambiguous_and_closable_owners_are_listed_where_there_is_something_to_do(queue: Queue) -> None:
    ambiguous = await queue.owner("ambiguous", "server_error")
    closable = await queue.owner("closable", "gone")
    exhausted = await queue.owner("exhausted", "rate_limited")
    await queue.desk.rows(
        "UPDATE images SET retry_count = 3, next_retry_at = $2 WHERE owner_id = $1",
        exhausted.id,
        NOON + dt.timedelta(days=9),
    )
    without_url = await queue.owner("without-url", "server_error")
    await queue.desk.rows("UPDATE images SET provider_url = NULL WHERE owner_id = $1", without_url.id)
    assert {each.owner for each in await queue.owners()} == {closable, exhausted, without_url}
    asked = RecoveryRequest(include_ambiguous=True, all_due=True)
    assert {each.owner for each in await queue.owners(asked)} == {ambiguous, closable, exhausted, without_url}


async def test_r226_owners_come_in_batches_without_those_done(queue: Queue) -> None:
    owners = [await queue.owner(f"pub-{number}", *["rate_limited"] * (9 - number)) for number in range(5)]
    first = await queue.recoveries.owners(ALL_DUE, NOON, [], 2, make_options())
    rest = await queue.recoveries.owners(ALL_DUE, NOON, [each.owner for each in first], 20, make_options())
    assert [each.owner for each in (*first, *rest)] == owners


async def test_r161_a_whole_owner_is_queued_once_in_600_seconds(queue: Queue) -> None:
    owner = await queue.owner("pub", "rate_limited")
    assert await queue.ask(owner) is QueuedHow.QUEUED
    assert await queue.ask(owner, at=NOON + dt.timedelta(hours=9)) is QueuedHow.ALREADY_QUEUED  # it waits still
    [[request_id, *_]] = [list(row.values()) for row in await queue.desk.rows("SELECT id FROM recovery_requests")]
    assert await queue.recoveries.take(request_id, NOON) == (True, None)
    await queue.recoveries.finish(request_id, {"ended": "done"}, NOON, waits_again=False)
    assert await queue.ask(owner, at=NOON + dt.timedelta(seconds=599)) is QueuedHow.ALREADY_QUEUED
    assert await queue.ask(owner, at=NOON + dt.timedelta(seconds=599), include_ambiguous=True) is QueuedHow.QUEUED
    assert await queue.ask(owner, at=NOON + dt.timedelta(seconds=601)) is QueuedHow.ALREADY_QUEUED  # that one does it
    other = await queue.owner("other", "rate_limited")
    assert await queue.ask(other) is QueuedHow.QUEUED


async def test_r161_after_600_seconds_it_is_queued_again(queue: Queue) -> None:
    owner = await queue.owner("pub", "rate_limited")
    await queue.ask(owner)
    [served] = await queue.recoveries.take_covered(owner, include_ambiguous=False, at=NOON)
    await queue.recoveries.finish(served, {}, NOON, waits_again=False)
    assert await queue.ask(owner, at=NOON + dt.timedelta(seconds=601)) is QueuedHow.QUEUED


async def test_r162_chosen_images_are_added_and_never_swallowed(queue: Queue) -> None:
    """Beside a waiting whole owner, joined to a waiting selection, and anew once that one has begun."""
    owner = await queue.owner("pub", "rate_limited", "rate_limited", "server_error")
    first, second, third = [row["id"] for row in await queue.desk.rows("SELECT id FROM images ORDER BY id")]
    await queue.ask(owner)
    assert await queue.ask(owner, [first]) is QueuedHow.QUEUED
    assert await queue.ask(owner, [second, first]) is QueuedHow.JOINED
    assert await queue.ask(owner, [third], include_ambiguous=True) is QueuedHow.QUEUED
    assert sorted(await queue.waiting(), key=str) == sorted(
        [(owner.id, None, False), (owner.id, (first, second), False), (owner.id, (third,), True)], key=str
    )
    [selection] = await queue.desk.rows(
        "SELECT id FROM recovery_requests WHERE image_ids IS NOT NULL AND NOT include_ambiguous"
    )
    assert await queue.recoveries.take(selection["id"], NOON) == (True, (first, second))
    assert await queue.recoveries.take(selection["id"], NOON + dt.timedelta(seconds=1)) == (False, None)
    assert await queue.ask(owner, [third]) is QueuedHow.QUEUED
    assert (owner.id, (third,), False) in await queue.waiting()


async def test_r214_expiring_links_before_people_before_bulk(queue: Queue) -> None:
    """Within one of these the higher score comes first."""
    bulk = await queue.owner("bulk", *["rate_limited"] * 9)
    urgent = await queue.owner("urgent", *["rate_limited"] * 3)
    normal = await queue.owner("normal", "rate_limited")
    expiring = await queue.owner("expiring", "rate_limited", "uploaded", provider="google_places")
    stored_only = await queue.owner("stored", "rate_limited", provider="here")
    await queue.image(stored_only, "uploaded", provider="google_places")
    await queue.ask(bulk, is_bulk=True)
    await queue.ask(normal)
    await queue.ask(urgent)
    await queue.ask(expiring, is_bulk=True)
    await queue.ask(stored_only, is_bulk=True)
    order = [owner_id for owner_id, *_ in await queue.waiting()]
    assert order == [expiring.id, urgent.id, normal.id, bulk.id, stored_only.id]


async def test_r215_job_and_row_are_one_transaction(queue: Queue) -> None:
    """What undoes the row's change undoes its job."""
    owner = await queue.owner("pub", "closed:not_found")

    async def reopen_and_fail() -> None:
        async with queue.database.transaction() as session:
            await session.connection.execute("UPDATE images SET status = 'failed', error_type = 'rate_limited'")
            how = await queue_recovery(
                session, owner, None, include_ambiguous=False, is_bulk=False, requested_by="review", at=NOON,
                options=OPTIONS,
            )  # fmt: skip
            assert how is QueuedHow.QUEUED
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await reopen_and_fail()
    assert await queue.waiting() == []
    [row] = await queue.desk.rows("SELECT status FROM images")
    assert row["status"] == "permanently_failed"


async def test_r215_what_has_vanished_is_not_queued(queue: Queue) -> None:
    owner = await queue.owner("pub", "rate_limited")
    [image] = await queue.desk.rows("UPDATE images SET deleted_at = now() RETURNING id")
    assert await queue.ask(owner) is QueuedHow.GONE
    assert await queue.ask(owner, [image["id"]]) is QueuedHow.GONE
    assert await queue.ask(OwnerRef(OwnerKind.VENUE, 4711)) is QueuedHow.GONE
    assert await queue.waiting() == []


async def test_options_of_a_request_come_back_as_they_were(queue: Queue) -> None:
    """R9, D10: they cross as one JSON document."""
    owner = await queue.owner("pub", "rate_limited")
    filed = make_options(retry_failed_only=True, providers=("here",), max_time_seconds=7.5)
    await queue.ask(owner, options=filed)
    [back] = await queue.recoveries.waiting(1)
    assert back.options == filed
    [row] = await queue.desk.rows("SELECT options FROM recovery_requests")
    stored = row["options"]
    assert (json.loads(stored) if isinstance(stored, str) else stored) == json.loads(options_to_json(filed))


async def test_what_a_killed_process_had_begun_waits_again(queue: Queue) -> None:
    """With a request of the same kind filed meanwhile they become one; nothing is lost."""
    owner = await queue.owner("pub", "rate_limited", "rate_limited")
    first, second = [row["id"] for row in await queue.desk.rows("SELECT id FROM images ORDER BY id")]
    await queue.ask(owner)
    await queue.ask(owner, [first])
    for request in await queue.recoveries.waiting(9):
        assert (await queue.recoveries.take(request.id, NOON))[0]
    await queue.ask(owner, [second])
    assert await requeue_unfinished(queue.database, NOON) == 2
    assert sorted(await queue.waiting(), key=str) == sorted(
        [(owner.id, None, False), (owner.id, (first, second), False)], key=str
    )
    assert await requeue_unfinished(queue.database, NOON) == 0


async def test_a_request_that_was_stopped_halfway_waits_again(queue: Queue) -> None:
    owner = await queue.owner("pub", "rate_limited")
    await queue.ask(owner)
    [request] = await queue.recoveries.waiting(1)
    await queue.recoveries.take(request.id, NOON)
    await queue.recoveries.finish(request.id, {"ended": "stopped"}, NOON, waits_again=True)
    assert await queue.waiting() == [(owner.id, None, False)]
