"""Images one by one: identity, switch, failure, the same photo twice, tombstones (images.md 2, 3, 5.4, 8)."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from support.house import make_options
from support.photo_desk import NOON, RUN, PhotoDesk, failure, photo, picture
from trivia_scraper.domain.catalog import ImageSave
from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageRef, ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.outcomes import ImageOutcomeKind
from trivia_scraper.domain.photos import AttemptKind, PhotoOutcomeKind, PhotoSave, PhotoSaved
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.ledger import save_image

LATER = NOON + dt.timedelta(minutes=5)


@pytest.fixture
async def desk(database: Database) -> PhotoDesk:
    return await PhotoDesk(database).open()


async def test_r149_r209_a_stored_photo_is_a_row_that_points_at_its_file(desk: PhotoDesk) -> None:
    await desk.rows("INSERT INTO file_intents VALUES ($1, 'put', 1, now())", picture().storage_key)
    saved = await desk.store(photo(), picture())
    row = await desk.known(saved.image_id)
    assert (saved.kind, row.status, row.storage_key) == (PhotoOutcomeKind.NEW, "uploaded", picture().storage_key)
    assert row.quality_score == pytest.approx(0.636)
    assert (row.attribution, row.attribution_url) == ("Ann Other", "https://photos.example/ann")
    assert await desk.attempts(row.id) == [("download", "new")]
    assert await desk.intents() == {}


async def test_r75_a_failure_keeps_all_that_is_known_of_it(desk: PhotoDesk) -> None:
    saved = await desk.fail(photo(), failure(), next_retry_at=LATER, retry_after_seconds=300.0)
    row = await desk.known(saved.image_id)
    assert (row.status, row.error_type, row.status_code) == ("failed", "rate_limited", 429)
    assert (row.retry_count, row.next_retry_at, row.error_at) == (0, LATER, desk.at)
    assert row.provider_url == photo().url
    [attempt] = await desk.rows("SELECT * FROM image_attempts")
    assert (attempt["attempt"], attempt["retry_after_seconds"]) == (3, 300.0)


async def test_r133_r152_a_permanent_failure_closes_at_once(desk: PhotoDesk) -> None:
    saved = await desk.fail(photo(), failure(ErrorType.NOT_FOUND, status_code=404), closes=True)
    row = await desk.known(saved.image_id)
    assert (saved.kind, row.status, row.finalized_at) == (PhotoOutcomeKind.CLOSED, "permanently_failed", desk.at)
    assert row.next_retry_at is None


async def test_r150_r151_a_recovery_counts_itself_good_or_bad(desk: PhotoDesk) -> None:
    first = await desk.fail(photo(), next_retry_at=LATER)
    for count in (1, 2):
        known = await desk.known(first.image_id)
        again = await desk.fail(photo(), known=known, kind=AttemptKind.RECOVERY, next_retry_at=LATER)
        assert (again.retry_count, again.next_retry_at) == (count, LATER)
    row = await desk.known(first.image_id)
    assert (row.failure_streak, row.retried_at, row.status) == (2, desk.at, "failed")
    last = await desk.fail(photo(), known=row, kind=AttemptKind.RECOVERY, closes=True)
    assert (last.kind, last.retry_count) == (PhotoOutcomeKind.CLOSED, 3)
    assert (await desk.known(first.image_id)).error_type == "rate_limited"
    assert [kind for kind, _ in await desk.attempts(first.image_id)] == ["download", *["recovery"] * 3]


async def test_r149_a_recovered_photo_has_no_trace_of_its_error(desk: PhotoDesk) -> None:
    failed = await desk.fail(photo(), next_retry_at=LATER)
    known = await desk.known(failed.image_id)
    saved = await desk.store(photo(), picture(), known, kind=AttemptKind.RECOVERY)
    row = await desk.known(failed.image_id)
    assert (saved.kind, saved.image_id, saved.retry_count) == (PhotoOutcomeKind.RECOVERED, known.id, 1)
    assert (row.status, row.retry_count, row.retried_at, row.failure_streak) == ("uploaded", 1, desk.at, 0)
    assert (row.error_type, row.error, row.next_retry_at, row.status_code, row.error_at) == (None,) * 5


@pytest.mark.parametrize("first", ["stored", "failed"])
async def test_r112_r113_failed_and_stored_of_one_photo_are_one_row(desk: PhotoDesk, first: str) -> None:
    before = await (desk.store(photo(), picture()) if first == "stored" else desk.fail(photo()))
    after = await desk.store(photo(), picture("bb"))
    assert before.image_id == after.image_id
    assert [row.storage_key for row in await desk.living()] == [picture("bb").storage_key]


async def test_r114_success_beats_a_later_failure(desk: PhotoDesk) -> None:
    stored = await desk.store(photo(), picture())
    failed = await desk.fail(photo(), failure(ErrorType.NOT_FOUND), await desk.known(stored.image_id), closes=True)
    row = await desk.known(stored.image_id)
    assert (failed.kind, row.status, row.storage_key) == (PhotoOutcomeKind.KEPT, "uploaded", picture().storage_key)
    assert (row.refresh_failed_at, row.error_type) == (desk.at, "not_found")


async def test_d1_a_replacement_lets_the_old_file_go_by_an_intent(desk: PhotoDesk) -> None:
    stored = await desk.store(photo(), picture())
    old = picture()
    again = await desk.store(photo(), picture("bb"), await desk.known(stored.image_id), kind=AttemptKind.REFRESH)
    assert (again.kind, set(again.superseded)) == (PhotoOutcomeKind.REPLACED, {old.storage_key, old.thumb_key})
    assert await desk.intents() == dict.fromkeys((old.storage_key, old.thumb_key), "collect")


async def test_a_file_that_went_away_before_its_row_is_refused(desk: PhotoDesk) -> None:
    desk.absent = {picture().storage_key}
    with pytest.raises(StorageUnavailable, match="gone before its row was written"):
        await desk.store(photo(), picture())
    assert await desk.living() == []


@pytest.mark.parametrize("ending", ["stored", "failed"])
async def test_f31_the_same_save_again_after_a_lost_commit_changes_nothing(desk: PhotoDesk, ending: str) -> None:
    known = await desk.known((await desk.fail(photo())).image_id)
    save = desk.save_of(photo(), known, kind=AttemptKind.RECOVERY)
    save = replace(save, new=picture()) if ending == "stored" else replace(save, failure=failure())
    told = [await desk.ledger.save_photo(save, RUN, LATER, make_options()) for _ in range(3)]
    assert [each.kind for each in told] == [PhotoOutcomeKind.RECOVERED if ending == "stored" else "failed"] * 3
    assert (await desk.known(known.id)).retry_count == 1
    assert len(await desk.attempts(known.id)) == 2


async def test_r115_a_photo_under_a_newer_name_keeps_its_row(desk: PhotoDesk) -> None:
    """An expired photo reference: the next listing brings another one for the same bytes (images.md 2)."""
    stored = await desk.store(photo("old"), picture())
    again = await desk.store(photo("new"), picture())
    [row] = await desk.living()
    assert (again.kind, again.image_id) == (PhotoOutcomeKind.SAME_PHOTO, stored.image_id)
    assert (row.identity, row.provider_url) == (photo("new").identity, photo("new").url)
    gallery = await desk.ledger.gallery(desk.venue.id)
    assert [found.id for name in ("old", "new") if (found := gallery.find(photo(name).identity))] == [row.id] * 2
    assert again.superseded == ()


async def test_equal_bytes_of_two_providers_are_one_entry_with_two_references(desk: PhotoDesk) -> None:
    """R219 and issue 4.2."""
    stored = await desk.store(photo(), picture())
    other = photo("f1", provider="foursquare")
    again = await desk.store(other, picture())
    [row] = await desk.living()
    assert (again.kind, row.id, row.provider) == (PhotoOutcomeKind.SAME_PHOTO, stored.image_id, "google_places")
    gallery = await desk.ledger.gallery(desk.venue.id)
    assert gallery.references == {other.identity: row.id}
    assert gallery.find(other.identity) == row


BETTER = picture("ab", dhash=0x0123_4567_89AB_CDEF, width=2048, height=1536)
SMALLER = picture("cd", dhash=0x0123_4567_89AB_CDEC, width=800, height=600)


async def test_a_nearly_equal_smaller_photo_is_a_reference_and_its_file_goes(desk: PhotoDesk) -> None:
    await desk.store(photo(), BETTER)
    again = await desk.store(photo("f1", provider="foursquare"), SMALLER)
    [row] = await desk.living()
    assert row.storage_key == BETTER.storage_key
    assert set(again.superseded) == {SMALLER.storage_key, SMALLER.thumb_key}


async def test_a_nearly_equal_better_photo_takes_the_entry_over(desk: PhotoDesk) -> None:
    stored = await desk.store(photo("f1", provider="foursquare"), SMALLER)
    again = await desk.store(photo(), BETTER)
    [row] = await desk.living()
    assert (row.id, row.storage_key, row.provider) == (stored.image_id, BETTER.storage_key, "google_places")
    assert set(again.superseded) == {SMALLER.storage_key, SMALLER.thumb_key}
    assert (await desk.ledger.gallery(desk.venue.id)).references == {"foursquare:id:f1": row.id}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(SMALLER, dhash=0x0123_4567_89AB_3210), id="another hash"),
        pytest.param(replace(SMALLER, height=1200), id="another shape"),
        pytest.param(replace(SMALLER, dhash=0), id="no contrast"),
        pytest.param(replace(SMALLER, is_blank=True), id="blank"),
        pytest.param(replace(SMALLER, dhash=None), id="no hash"),
    ],
)
async def test_photos_that_only_look_alike_stay_two(desk: PhotoDesk, other: object) -> None:
    await desk.store(photo(), BETTER)
    await desk.store(photo("b"), other)  # type: ignore[arg-type]
    assert len(await desk.living()) == 2


async def test_a_failed_photo_that_turns_out_to_be_another_one_becomes_its_reference(desk: PhotoDesk) -> None:
    stored = await desk.store(photo(), picture())
    other = photo("f1", provider="foursquare")
    known = await desk.known((await desk.fail(other)).image_id)
    saved = await desk.store(other, picture(), known, kind=AttemptKind.RECOVERY)
    assert (saved.kind, saved.image_id) == (PhotoOutcomeKind.SAME_PHOTO, stored.image_id)
    assert [row.id for row in await desk.living()] == [stored.image_id]
    assert (await desk.known(known.id)).deleted_at == desk.at
    assert (await desk.ledger.gallery(desk.venue.id)).references == {other.identity: stored.image_id}
    assert (await desk.known(stored.image_id)).storage_key == picture().storage_key


async def test_a_tombstone_is_brought_back_by_no_listing(desk: PhotoDesk) -> None:
    stored = await desk.store(photo(), picture())
    await desk.rows(
        "UPDATE images SET deleted_at = now(), storage_key = NULL, thumb_key = NULL, sha256 = NULL WHERE id = $1",
        stored.image_id,
    )
    again = await desk.store(photo(), picture("bb"))
    assert (again.kind, again.image_id) == (PhotoOutcomeKind.VANISHED, None)
    assert set(again.superseded) == {picture("bb").storage_key, picture("bb").thumb_key}
    assert await desk.living() == []


async def test_r156_a_row_that_changed_meanwhile_is_left_alone(desk: PhotoDesk) -> None:
    """A person's decision during a download counts more than the download."""
    known = await desk.known((await desk.fail(photo())).image_id)
    await desk.rows("UPDATE images SET version = version + 1, error_type = 'gone' WHERE id = $1", known.id)
    for save in (desk.save_of(photo(), known, new=picture()), desk.save_of(photo(), known, failure=failure())):
        assert (await desk.write(save)).kind is PhotoOutcomeKind.VANISHED
    assert (await desk.known(known.id)).error_type == "gone"


async def test_r156_no_other_row_changes(desk: PhotoDesk) -> None:
    known = await desk.known((await desk.fail(photo())).image_id)
    await desk.fail(photo("b"))
    await desk.store(photo("c"), picture("cc"))
    before = [row for row in await desk.living() if row.id != known.id]
    await desk.store(photo(), picture(), known, kind=AttemptKind.RECOVERY)
    assert [row for row in await desk.living() if row.id != known.id] == before


async def test_r163_one_photo_from_eight_tasks_at_once_is_one_row(desk: PhotoDesk) -> None:
    saves = [desk.save_of(photo(), new=picture()) for _ in range(8)]
    await asyncio.gather(*(desk.write(save) for save in saves))
    assert len(await desk.living()) == 1


async def test_r126_downloads_switched_off_leave_a_skipped_row(desk: PhotoDesk) -> None:
    saved = await desk.write(desk.save_of(photo()))
    row = await desk.known(saved.image_id)
    assert (saved.kind, row.status, row.storage_key) == (PhotoOutcomeKind.SKIPPED, ImageStatus.SKIPPED, None)
    assert (row.width, row.height) == (1600, 1200)


async def test_r117_galleries_are_ranked_stored_first_then_best(desk: PhotoDesk) -> None:
    small = await desk.store(photo("small"), picture("a1", width=400, height=300))
    failed = await desk.fail(photo("failed", width=4032, height=3024))
    large = await desk.store(photo("large"), picture("b2", width=4032, height=3024))
    equal = await desk.store(photo("equal"), picture("c3", width=400, height=300))
    for _ in range(2):
        await desk.ledger.rank_gallery(desk.venue.id)
        order = [row.id for row in await desk.living()]
        assert order == [large.image_id, small.image_id, equal.image_id, failed.image_id]
    assert [row.position for row in await desk.living()] == [1, 2, 3, 4]


@pytest.mark.parametrize(("others", "expected"), [(3, False), (4, True)])
async def test_a_picture_of_five_owners_is_a_placeholder(desk: PhotoDesk, others: int, expected: bool) -> None:
    crown = desk.venue
    for number in range(others):
        desk.venue = await desk.add_venue(f"pub-{number}")
        await desk.store(photo(), picture())
    found = await desk.ledger.is_placeholder(
        "google_places", picture().source_sha256, picture().dhash, crown.kind, crown.id
    )
    assert found is expected
    of_another = await desk.ledger.is_placeholder(
        "here", picture().source_sha256, picture().dhash, crown.kind, crown.id
    )
    assert not of_another


@pytest.mark.parametrize(("dhash", "expected"), [(0x0123_4567_89AB_CDE0, True), (0x0123_4567_89AB_CD10, False)])
async def test_a_known_placeholder_is_known_by_its_looks(desk: PhotoDesk, dhash: int, expected: bool) -> None:
    await desk.rows("INSERT INTO placeholders VALUES ('google_places', 'ff', $1, 7, now())", 0x0123_4567_89AB_CDEF)
    found = await desk.ledger.is_placeholder("google_places", "00", dhash, desk.venue.kind, desk.venue.id)
    assert found is expected


# --- said again after a lost commit (F31) --------------------------------------------------------------------------


async def told_again(desk: PhotoDesk, save: PhotoSave) -> list[PhotoSaved]:
    """The same save three times, as the retry loop says it whose commits went without an answer."""
    return [await desk.ledger.save_photo(save, RUN, LATER, make_options()) for _ in range(3)]


@pytest.mark.parametrize("ending", ["new", "smaller", "equal", "buried", "replaced"])
async def test_f31_said_again_it_is_told_as_the_first_time(desk: PhotoDesk, ending: str) -> None:
    """The kind, the entry and the keys to collect; a smaller copy of a stored photo never replaces it."""
    other = photo("f1", provider="foursquare")
    if ending == "new":
        save = desk.save_of(photo(), new=BETTER)
    elif ending == "replaced":
        known = await desk.known((await desk.store(photo(), picture())).image_id)
        save = desk.save_of(photo(), known, new=BETTER, kind=AttemptKind.REFRESH)
    else:
        await desk.store(photo(), BETTER)
        known = await desk.known((await desk.fail(other)).image_id) if ending == "buried" else None
        new, kind = (
            (BETTER if ending == "equal" else SMALLER),
            AttemptKind.RECOVERY if known else AttemptKind.DOWNLOAD,
        )
        save = desk.save_of(other, known, new=new, kind=kind)
    first, *again = await told_again(desk, save)
    assert again == [first, first]
    assert [row.storage_key for row in await desk.living()] == [BETTER.storage_key]
    lines = await desk.rows("SELECT * FROM image_attempts WHERE run_id = $1", RUN)
    assert [line["outcome"] for line in lines] == [first.kind]


async def test_f31_a_skip_said_again_is_no_failure(desk: PhotoDesk) -> None:
    assert {told.kind for told in await told_again(desk, desk.save_of(photo()))} == {PhotoOutcomeKind.SKIPPED}


# --- one photo, two rows -------------------------------------------------------------------------------------------


async def test_r147_a_recovery_that_finds_another_entry_counts_on_its_own_row(desk: PhotoDesk) -> None:
    """The entry keeps its count, and shows whose bytes it has now (R83); its other names follow to it."""
    old_name = photo("f1", provider="foursquare")
    first = await desk.fail(old_name)
    for _ in range(2):
        await desk.fail(old_name, known=await desk.known(first.image_id), kind=AttemptKind.RECOVERY)
    entry = await desk.known(first.image_id)
    await desk.store(old_name, SMALLER, entry, kind=AttemptKind.RECOVERY)
    assert (await desk.known(entry.id)).retry_count == 3

    better = photo("g1", attribution="Katie Thornbury", attribution_url="https://photos.example/katie")
    failed = await desk.known((await desk.fail(better)).image_id)
    await desk.rows(
        "INSERT INTO image_references (owner_kind, owner_id, role, identity, image_id, provider, why, first_seen_at,"
        " last_seen_at) VALUES ('venue', $1, 'gallery', 'here:id:h1', $2, 'here', '', now(), now())",
        desk.venue.id, failed.id,
    )  # fmt: skip
    saved = await desk.store(better, BETTER, failed, kind=AttemptKind.RECOVERY)

    row, tombstone = await desk.known(entry.id), await desk.known(failed.id)
    assert (saved.kind, saved.image_id, saved.retry_count) == (PhotoOutcomeKind.SAME_PHOTO, entry.id, 1)
    assert (row.retry_count, row.storage_key, row.attribution) == (3, BETTER.storage_key, "Katie Thornbury")
    assert row.provider_url == old_name.url
    assert (tombstone.retry_count, tombstone.retried_at, tombstone.deleted_at) == (1, desk.at, desk.at)
    assert set((await desk.ledger.gallery(desk.venue.id)).references.values()) == {entry.id}


@pytest.mark.parametrize("ending", ["stored", "failed"])
async def test_r211_a_failed_photo_that_is_listed_elsewhere_now_has_that_address(
    desk: PhotoDesk, ending: str
) -> None:
    """Recovery asks the stored address: after another listing that is the newer one."""
    known = await desk.known((await desk.fail(photo())).image_id)
    moved = photo(url="https://elsewhere.example/a.jpg")
    await (desk.store(moved, picture(), known) if ending == "stored" else desk.fail(moved, known=known))
    assert (await desk.known(known.id)).provider_url == moved.url


@pytest.mark.parametrize("why", ["of a stored photo", "of another name"])
async def test_r78_a_failure_leaves_an_address_that_is_not_its_own_alone(desk: PhotoDesk, why: str) -> None:
    moved = photo(url="https://elsewhere.example/a.jpg")
    if why == "of a stored photo":
        known = await desk.known((await desk.store(photo(), picture())).image_id)
    else:
        known = await desk.known((await desk.fail(photo())).image_id)
        moved = photo("f1", provider="foursquare")
    await desk.fail(moved, known=known)
    assert (await desk.known(known.id)).provider_url == photo().url


# --- what went away meanwhile (R215) -------------------------------------------------------------------------------


async def test_r215_a_row_that_is_no_more_is_not_made_again(desk: PhotoDesk) -> None:
    known = await desk.known((await desk.fail(photo())).image_id)
    await desk.rows("DELETE FROM images WHERE id = $1", known.id)
    saved = await desk.store(photo(), picture(), known, kind=AttemptKind.RECOVERY)
    assert (saved.kind, set(saved.superseded)) == (
        PhotoOutcomeKind.VANISHED, {picture().storage_key, picture().thumb_key},
    )  # fmt: skip
    assert await desk.living() == []


async def test_r163_a_photo_whose_venue_was_merged_meanwhile_is_left_to_the_other_venue(desk: PhotoDesk) -> None:
    """What moved is recovered there; what is new would be found by nobody."""
    known, inn = await desk.known((await desk.fail(photo())).image_id), await desk.add_venue("the-inn")
    await desk.rows("UPDATE venues SET merged_into = $2 WHERE id = $1", desk.venue.id, inn.id)
    await desk.rows("UPDATE images SET owner_id = $2 WHERE id = $1", known.id, inn.id)
    for save in (
        desk.save_of(photo(), known, new=picture()),
        desk.save_of(photo(), known, failure=failure()),
        desk.save_of(photo("b"), new=picture("bb")),
        desk.save_of(photo("b"), failure=failure()),
        desk.save_of(photo("b")),
    ):
        assert (await desk.write(save)).kind is PhotoOutcomeKind.VANISHED
    assert await desk.living() == []
    assert await desk.known(known.id) == replace(known, owner_id=inn.id, owner_slug="the-inn")


# --- a slot --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("named", "count"), [("old.jpg", 3), ("new.jpg", 0)])
async def test_r147_r211_another_picture_of_a_slot_has_its_own_three_recoveries(
    desk: PhotoDesk, named: str, count: int
) -> None:
    """A source that names another picture, which fails too: recovery must not close it untried."""

    async def fail(name: str) -> dict[str, Any]:
        ref = ImageRef(OwnerKind.VENUE, ImageRole.HERO, "quizmeisters", f"https://q.example/{name}")
        save = ImageSave(
            owner=desk.venue, venue="the-crown", ref=ref, identity=name, provider_url=ref.url, listing_key="1",
            keeps_old=False, old_key=None, outcome=ImageOutcomeKind.FAILED, new=None, failure=failure(), etag=None,
            last_modified=None, status_code=None, attempts=3, duration_ms=1, bytes_received=0, next_retry_at=LATER,
        )  # fmt: skip
        async with desk.database.transaction() as session:
            await save_image(session, save, RUN, NOON)
        [row] = await desk.rows("SELECT * FROM images")
        return row

    await fail("old.jpg")
    await desk.rows("UPDATE images SET status = 'permanently_failed', retry_count = 3, failure_streak = 3")
    row = await fail(named)
    assert (row["status"], row["retry_count"], row["failure_streak"]) == ("failed", count, count)
    assert row["provider_url"] == f"https://q.example/{named}"
