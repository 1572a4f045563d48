"""Image records of an older application in a real ledger (images.md 3; R76-R78, R81, R84, R212, R222)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.image_shelf import NOON, Shelf
from trivia_scraper.domain.errors import RowRejected, StorageUnavailable
from trivia_scraper.domain.importing import ImportReport, RejectReason
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.providers.image_records import read_records
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.directory import PostgresReader
from trivia_scraper.storage.importing import BATCH, import_images
from trivia_scraper.storage.merging import merge_venues

LATER = NOON + dt.timedelta(days=1)


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A photo that the older application has stored."""
    return {
        "venue": "the-crown", "provider": "foursquare", "photo_id": f"p{number}", "status": "uploaded",
        "url": f"https://ik.example/{number}.jpg", "provider_url": f"https://4s.example/{number}.jpg?key=c4nary",
        "width": 1600, "height": 1200, "fetched_at": "2025-11-03T12:00:00Z", **changes,
    }  # fmt: skip


def failed(number: int = 1, **changes: Any) -> dict[str, Any]:
    details = {"error_type": "rate_limited", "error": "429 at https://x.example/?token=c4nary", "status_code": 429}
    return record(number, **{"status": "failed", "retry_count": 2, "url": None, "error_details": details, **changes})


def lines(records: Iterable[dict[str, Any] | bytes]) -> Iterator[bytes]:
    return (each if isinstance(each, bytes) else json.dumps(each).encode() for each in records)


class Importer:
    """Imports records, and shows what the ledger has."""

    def __init__(self, database: Database, shelf: Shelf) -> None:
        self.database = database
        self.shelf = shelf

    async def run(
        self, *records: dict[str, Any] | bytes, dry_run: bool = False, at: dt.datetime = NOON
    ) -> ImportReport:
        return await import_images(self.database, read_records(lines(records)), at, dry_run=dry_run)

    async def rows(self) -> list[dict[str, Any]]:
        return await self.shelf.rows("SELECT * FROM images ORDER BY id")

    async def row(self) -> dict[str, Any]:
        [row] = await self.rows()
        return row


@pytest.fixture
async def importer(database: Database) -> Importer:
    shelf = Shelf(database)
    await shelf.venue("the-crown", name="The Crown", name_key="crown")
    await shelf.venue("the-bell", name="The Bell", name_key="bell")
    return Importer(database, shelf)


async def test_r84_a_stored_picture_of_another_application_is_a_link(importer: Importer) -> None:
    report = await importer.run(record())
    row = await importer.row()
    assert (report.read, report.imported, report.rejected_count) == (1, {ImageStatus.EXTERNAL: 1}, 0)
    assert (row["status"], row["provider_url"]) == ("external", "https://ik.example/1.jpg")
    assert (row["identity"], row["provider_photo_id"]) == ("foursquare:id:p1", "p1")
    assert (row["storage_key"], row["sha256"], row["retry_count"], row["error_type"]) == (None, None, 0, None)
    assert (row["quality_score"], row["scoring_version"], row["position"]) == (pytest.approx(0.636), "1.0", 1)
    assert row["fetched_at"] == dt.datetime(2025, 11, 3, 12, tzinfo=dt.UTC)


async def test_r222_a_failed_record_stays_failed_with_its_error_and_counts(importer: Importer) -> None:
    await importer.run(failed(retried_at="2025-11-03T12:00:00Z"))
    row = await importer.row()
    assert (row["status"], row["error_type"], row["status_code"]) == ("failed", "rate_limited", 429)
    assert (row["retry_count"], row["failure_streak"], row["next_retry_at"]) == (2, 2, None)
    assert row["provider_url"] == "https://4s.example/1.jpg"
    assert "c4nary" not in repr(row)


async def test_r222_a_closed_record_stays_closed(importer: Importer) -> None:
    await importer.run(
        failed(1, status="permanently_failed", finalized_at="2025-11-04T00:00:00Z"),
        failed(2, status="permanently_failed", error_details=None),
    )
    rows = await importer.rows()
    assert [row["status"] for row in rows] == ["permanently_failed"] * 2
    assert [row["finalized_at"] for row in rows] == [dt.datetime(2025, 11, 4, tzinfo=dt.UTC), NOON]
    assert rows[1]["error_type"] == "unknown_error"


async def test_r222_the_same_file_again_adds_and_changes_nothing(importer: Importer) -> None:
    many = [record(1), failed(2), failed(3, status="permanently_failed"), record(4, role="hero"), record(5)]
    first = await importer.run(*many)
    before = await importer.rows()
    again = await importer.run(*many, at=LATER)
    assert (sum(first.imported.values()), again.imported, again.known) == (5, {}, 5)
    assert await importer.rows() == before


async def test_r222_a_dry_run_counts_the_same_and_writes_nothing(importer: Importer) -> None:
    await importer.run(failed(1))
    many = [record(1), *(record(number) for number in range(2, BATCH + 50)), failed(3), b"{", record(9, venue="x")]
    before = await importer.rows()
    told = await importer.run(*many, dry_run=True, at=LATER)
    assert await importer.rows() == before
    done = await importer.run(*many, at=LATER)
    assert (told.read, told.imported, told.improved, told.known) == (
        done.read, done.imported, done.improved, done.known,
    )  # fmt: skip
    assert (told.rejected, told.unknown_owners) == (done.rejected, done.unknown_owners)
    assert (done.improved, done.known, done.rejected_count) == (1, 1, 2)


async def test_r222_an_import_that_broke_off_is_finished_by_another(importer: Importer) -> None:
    many = [record(number) for number in range(1, 2 * BATCH + 1)]

    def breaking() -> Iterator[dict[str, Any]]:
        yield from many[: BATCH + 10]
        raise StorageUnavailable("the database went away")

    with pytest.raises(StorageUnavailable) as broken:
        await import_images(importer.database, read_records(lines(breaking())), NOON, dry_run=False)
    assert "again" in broken.value.hint
    assert len(await importer.rows()) == BATCH
    report = await importer.run(*many, at=LATER)
    assert (report.imported, report.known) == ({ImageStatus.EXTERNAL: BATCH}, BATCH)
    assert len(await importer.rows()) == 2 * BATCH


@pytest.mark.parametrize("existing", ["uploaded", "failed", "permanently_failed", "skipped"])
async def test_r222_a_row_of_ours_is_never_overwritten(importer: Importer, existing: str) -> None:
    venue = await importer.shelf.value("SELECT id FROM venues WHERE slug = 'the-crown'")
    error = "not_found" if "failed" in existing else None
    await importer.shelf.image(venue, existing, error, identity="foursquare:id:p1", provider="foursquare")
    before = await importer.rows()
    report = await importer.run(record(), failed())
    assert (report.imported, report.improved, report.known) == ({}, 0, 2)
    assert await importer.rows() == before


async def test_a_picture_that_a_person_deleted_does_not_come_back(importer: Importer) -> None:
    venue = await importer.shelf.value("SELECT id FROM venues WHERE slug = 'the-crown'")
    for role, name in (("gallery", "p1"), ("hero", "p2")):
        await importer.shelf.image(
            venue, "failed", "not_found", identity=f"foursquare:id:{name}", provider="foursquare", role=role,
            deleted_at=NOON,
        )  # fmt: skip
    report = await importer.run(record(1), record(2, role="hero"))
    assert (report.imported, report.known) == ({}, 2)


async def test_another_name_of_a_known_photo_is_known(importer: Importer) -> None:
    venue = await importer.shelf.value("SELECT id FROM venues WHERE slug = 'the-crown'")
    image = await importer.shelf.image(venue, "uploaded")
    await importer.shelf.execute(
        "INSERT INTO image_references (owner_kind, owner_id, role, identity, image_id, provider, why, first_seen_at,"
        " last_seen_at) VALUES ('venue', $1, 'gallery', 'foursquare:id:p1', $2, 'foursquare', 'test', $3, $3)",
        venue, image, NOON,
    )  # fmt: skip
    assert (await importer.run(record())).known == 1


@pytest.mark.parametrize("order", ["failed-first", "stored-first"])
@pytest.mark.parametrize("apart", [0, BATCH], ids=["one-batch", "two-batches"])
async def test_r112_r114_failed_and_stored_of_one_photo_are_one_row(
    importer: Importer, order: str, apart: int
) -> None:
    """The older application kept both; whatever their order, success beats failure."""
    first, last = (failed(1), record(1)) if order == "failed-first" else (record(1), failed(1))
    between = [record(number, venue="the-bell") for number in range(2, apart + 2)]
    many = [first, *between, last]
    report = await importer.run(*many)
    rows = await importer.rows()
    [row] = [each for each in rows if each["identity"] == "foursquare:id:p1"]
    assert (row["status"], row["error_type"], row["retry_count"]) == (
        "external", None, 0,
    )  # fmt: skip
    assert sum(report.imported.values()) + report.improved + report.known == report.read
    assert report.improved == (1 if apart and order == "failed-first" else 0)
    again = await importer.run(*many, at=LATER)
    assert (again.imported, again.improved) == ({}, 0)
    assert await importer.rows() == rows


async def test_an_imported_row_that_was_retried_since_is_ours(importer: Importer) -> None:
    await importer.run(failed())
    await importer.shelf.execute("UPDATE images SET retry_count = 3, updated_at = $1, version = 2", LATER)
    before = await importer.rows()
    assert (await importer.run(record(), at=LATER + dt.timedelta(days=1))).known == 1
    assert await importer.rows() == before


async def test_r81_bad_records_cost_themselves_and_are_told_by_line(importer: Importer) -> None:
    report = await importer.run(
        record(1), b"{", b"", record(2, url=None, provider_url=None), b"\xff", b"x" * (1024 * 1024 + 1), record(3),
        record(4, venue="nowhere"), record(5, venue=None, venue_id=1), b'{"venue": "the-crown\x00"}',
    )  # fmt: skip
    lines_of = {reason: rejected.lines for reason, rejected in report.rejected.items()}
    assert lines_of == {
        RejectReason.NOT_JSON: (2,),
        RejectReason.NO_URL: (4,),
        RejectReason.NOT_UTF8: (5,),
        RejectReason.TOO_LONG: (6,),
        RejectReason.UNKNOWN_OWNER: (8,),
        RejectReason.NUMBER_ALONE: (9,),
        RejectReason.NUL: (10,),
    }
    assert (report.read, sum(report.imported.values()), report.rejected_count) == (9, 2, 7)
    assert report.unknown_owners == ("nowhere",)
    assert [row["identity"] for row in await importer.rows()] == ["foursquare:id:p1", "foursquare:id:p3"]


async def test_owners_by_slug_name_number_and_as_part_of_another_venue(importer: Importer) -> None:
    shelf = importer.shelf
    ids = {row["slug"]: row["id"] for row in await shelf.rows("SELECT id, slug FROM venues")}
    host = await shelf.performer("ann")
    await merge_venues(importer.database, "the-bell", "the-crown", NOON, keep="the-crown")
    report = await importer.run(
        record(1, venue="the-bell"),
        record(2, venue=None, name="the bell", city="leeds"),
        record(3, venue=None, name="The Crown", venue_id=ids["the-crown"]),
        record(4, venue=None, performer="ann"),
        record(5, venue=None, name="The Crown", venue_id=ids["the-bell"]),
    )
    rows = await importer.rows()
    assert [(row["owner_kind"], row["owner_id"], row["role"]) for row in rows] == [
        *[("venue", ids["the-crown"], "gallery")] * 3,
        ("performer", host, "profile"),
    ]
    assert report.unknown_owners == (f"The Crown (number {ids['the-bell']})",)


async def test_r117_an_imported_gallery_is_ranked_best_first(importer: Importer) -> None:
    await importer.run(
        failed(1, width=4032, height=3024), record(2, width=400, height=300), record(3, width=2048, height=1536)
    )
    rows = await importer.rows()
    assert {row["identity"]: row["position"] for row in rows} == {
        "foursquare:id:p3": 1, "foursquare:id:p2": 2, "foursquare:id:p1": 3,
    }  # fmt: skip


async def test_r76_r77_the_database_refuses_a_sixth_status(importer: Importer) -> None:
    await importer.run(record(), at=NOON)
    for status in ("failed", "permanently_failed", "skipped", "external"):
        await importer.shelf.execute("UPDATE images SET status = $1", status)
    for status in ("pending", "", "Failed"):
        with pytest.raises(RowRejected, match="images_status_check"):
            await importer.shelf.execute("UPDATE images SET status = $1", status)


def served(key: str) -> str:
    return f"https://pictures.example/{key}"


async def test_r78_r212_what_is_shown_is_the_stored_copy_else_the_original_else_nothing(importer: Importer) -> None:
    venue = await importer.shelf.value("SELECT id FROM venues WHERE slug = 'the-bell'")
    stored = await importer.shelf.image(venue, "uploaded", storage_key="venues/the-bell/gallery-1.jpg")
    closed = await importer.shelf.image(venue, "permanently_failed", "invalid_url", provider_url=None)
    await importer.run(record(1), failed(2))
    reader = PostgresReader(importer.database, lambda key: Path("/srv") / key, served)
    shown = {image.id: image.url for image in await reader.images()}
    assert shown.pop(stored) == "https://pictures.example/venues/the-bell/gallery-1.jpg"
    assert shown.pop(closed) is None
    assert sorted(url or "" for url in shown.values()) == ["https://4s.example/2.jpg", "https://ik.example/1.jpg"]
