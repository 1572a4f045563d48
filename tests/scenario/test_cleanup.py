"""Files and rows compared at night, over a store that a real run has filled (safety.md 9, F26, F27, images.md 9)."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from support.cleaning import DAY, FILES, HOUR, clean, clean_reading_all, everything, later
from support.house import House, make_options
from support.program import Program, environment_for
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.cleaning import CleanupRequest
from trivia_scraper.domain.errors import DatabaseUnreachable, SetupError, StorageUnavailable
from trivia_scraper.domain.file_sweeps import SweepReport
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.pipeline.cleanup import clean_up
from trivia_scraper.pipeline.recovery import recover
from trivia_scraper.pipeline.undoing import undo_cleanup

STRAY = "venues/nobody/hero-0123456789ab.jpg"
ALL_DUE = RecoveryRequest(include_ambiguous=False, all_due=True)


@pytest.fixture
async def filled(house: House) -> House:
    """A store with the pictures of two venues."""
    await house.run(sources=("quizmeisters",), limit=2)
    assert await house.problems() == []
    return house


def place(house: House, key: str, body: bytes = b"a stray file") -> Path:
    """Put a file where no row knows it."""
    path = house.settings.image_dir / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


async def stored(house: House, role: str = "hero") -> dict[str, Any]:
    """A row with a file."""
    rows = await house.query(
        "SELECT * FROM images WHERE storage_key IS NOT NULL AND role = $1 ORDER BY id LIMIT 1", role
    )
    return rows[0]


async def row_of(house: House, image_id: int) -> dict[str, Any]:
    """The same row now."""
    [row] = await house.query("SELECT * FROM images WHERE id = $1", image_id)
    return row


def path_of(house: House, key: str) -> Path:
    """Where a key lies."""
    return house.settings.image_dir / key


def swept(report: Any) -> SweepReport:
    """The part about files."""
    assert isinstance(report.files, SweepReport), report.failed_parts
    return report.files


async def test_a_store_in_order_stays_as_it_is(filled: House) -> None:
    before = filled.files
    report = await clean_reading_all(filled)
    files = swept(report)
    assert report.ok
    assert files == SweepReport(files=len(before), rows=files.rows, rehashed=files.rows)
    assert files.rows >= 2
    assert filled.files == before
    assert await filled.problems() == []


class TestOrphans:
    async def test_a_file_without_a_row_is_set_aside_and_told(self, filled: House) -> None:
        path = place(filled, STRAY)
        report = await clean(filled, FILES)
        assert (swept(report).quarantined, swept(report).quarantined_bytes) == (1, len(b"a stray file"))
        assert not path.exists()
        kept = path_of(filled, f".quarantine/{report.run}/{STRAY}")
        assert kept.read_bytes() == b"a stray file"
        [line] = await filled.query("SELECT * FROM quarantine")
        assert (line["storage_key"], line["cleanup_run"], line["ended_at"]) == (STRAY, report.run, None)
        assert line["moved_at"] is not None
        [told] = filled.events("file.quarantined")
        assert told["path"] == STRAY
        assert await filled.problems() == []

    async def test_what_is_not_an_hour_old_is_left_alone(self, filled: House) -> None:
        path = place(filled, STRAY)
        assert swept(await clean(filled, FILES, 0 * HOUR, dry_run=True)).quarantined == 0
        assert swept(await clean(filled, FILES, 0 * HOUR)).quarantined == 0
        assert path.exists()

    async def test_a_file_that_work_has_announced_is_left_alone(self, filled: House) -> None:
        path = place(filled, STRAY)
        await filled.services.ledger.announce_files([STRAY])
        assert swept(await clean(filled, FILES)).quarantined == 0
        assert path.exists()

    async def test_a_file_that_gets_its_row_between_look_and_move_stays(self, filled: House) -> None:
        """The move looks once more, under the key's lock."""
        row = await stored(filled)
        path = place(filled, STRAY)
        real = filled.services.quarantine

        class Racing:
            """A row appears right after the survey."""

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            async def set_aside(self, *arguments: Any, **keywords: Any) -> bool:
                await filled.query("UPDATE images SET thumb_key = $2 WHERE id = $1", row["id"], STRAY)
                return await real.set_aside(*arguments, **keywords)

        report = await clean_up(make_options(), later(filled, quarantine=Racing()), FILES)
        assert swept(report).quarantined == 0
        assert path.exists()
        assert await filled.query("SELECT FROM quarantine") == []

    async def test_so_many_that_the_database_may_be_a_foreign_one_are_held(self, filled: House) -> None:
        """A store of which a fifth has no row: nothing is touched until a person says so."""
        for number in range(30):
            place(filled, f"venues/other-{number}/hero-0123456789ab.jpg")
        before = filled.files
        report = await clean(filled, FILES)
        assert not report.ok
        assert filled.files == before
        [sentence] = swept(report).held
        assert sentence.startswith("30 of ")
        assert filled.events("cleanup.held")[0]["why"] == sentence
        assert swept(await clean(filled, CleanupRequest(FILES.parts, accepts_many=True))).quarantined == 30

    async def test_d1_what_is_no_picture_by_its_name_stays(self, filled: House) -> None:
        """A folder that is served may hold its owner's robots.txt: the sweep would delete it after a week."""
        path = place(filled, "robots.txt", b"User-agent: *")
        assert swept(await clean(filled, FILES)).quarantined == 0
        assert path.exists()

    async def test_what_the_disk_keeps_at_its_root_is_not_looked_into(self, filled: House) -> None:
        """A disk of the store's own has a folder that only root may read."""
        place(filled, "lost+found/hero-0123456789ab.jpg")
        files = swept(await clean(filled, FILES))
        assert (files.files, files.quarantined) == (len(filled.files), 0)

    async def test_a_store_that_lists_late_loses_no_line_of_the_quarantine(self, filled: House) -> None:
        """What the move itself said counts, though the file does not show in its new place yet."""
        place(filled, STRAY)
        real = filled.services.files

        async def stat(key: str) -> Any:
            return None if key.startswith(".quarantine/") else await real.stat(key)

        filled.services.quarantine._files = _With(real, stat=stat)  # type: ignore[attr-defined]
        assert swept(await clean(filled, FILES)).quarantined == 1
        [line] = await filled.query("SELECT moved_at FROM quarantine")
        assert line["moved_at"] is not None


class TestMissing:
    async def test_f26_a_file_deleted_behind_our_back_is_downloaded_again(self, filled: House) -> None:
        """F26: no row names a file that is not there; the next recovery brings it back without a listing."""
        row = await stored(filled)
        path_of(filled, row["storage_key"]).unlink()
        report = await clean(filled, FILES)
        assert (swept(report).requeued, swept(report).damaged, swept(report).quarantined) == (1, 0, 0)
        lost = await row_of(filled, row["id"])
        assert (lost["status"], lost["storage_key"], lost["thumb_key"]) == ("failed", None, None)
        assert (lost["reason"], lost["retry_count"], lost["etag"]) == ("file_missing", 0, None)
        assert lost["next_retry_at"] is not None
        assert await filled.problems() == []
        [request] = await filled.query("SELECT * FROM recovery_requests")
        assert (request["image_ids"], request["requested_by"]) == ([row["id"]], "cleanup")
        recovered = await recover(ALL_DUE, make_options(), later(filled))
        assert recovered.counts["newly_uploaded"] == 1
        again = await row_of(filled, row["id"])
        assert (again["status"], again["sha256"], again["error_type"]) == ("uploaded", row["sha256"], None)
        assert await filled.problems() == []

    async def test_r125_it_is_not_counted_against_the_provider(self, filled: House) -> None:
        row = await stored(filled)
        path_of(filled, row["storage_key"]).unlink()
        attempts = await filled.query("SELECT count(*) AS n FROM image_attempts")
        await clean(filled, FILES)
        assert await filled.query("SELECT count(*) AS n FROM image_attempts") == attempts
        assert await filled.query("SELECT FROM breakers WHERE failures_in_row > 0") == []

    async def test_a_picture_recovered_thrice_before_may_be_recovered_again(self, filled: House) -> None:
        row = await stored(filled)
        await filled.query("UPDATE images SET retry_count = 3, failure_streak = 2 WHERE id = $1", row["id"])
        path_of(filled, row["storage_key"]).unlink()
        await clean(filled, FILES)
        assert (await recover(ALL_DUE, make_options(), later(filled))).counts["newly_uploaded"] == 1

    async def test_a_row_of_the_last_hour_is_left_alone(self, filled: House) -> None:
        row = await stored(filled)
        path_of(filled, row["storage_key"]).unlink()
        assert swept(await clean(filled, FILES, 0 * HOUR)).requeued == 0
        assert (await row_of(filled, row["id"]))["status"] == "uploaded"

    async def test_a_file_that_comes_back_before_the_repair_is_no_loss(self, filled: House) -> None:
        row = await stored(filled)
        path = path_of(filled, row["storage_key"])
        body = path.read_bytes()
        path.unlink()
        real = filled.services.quarantine

        class Returning:
            """The file is there again when the repair begins."""

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            async def lose_file(self, *arguments: Any, **keywords: Any) -> Any:
                path.write_bytes(body)
                return await real.lose_file(*arguments, **keywords)

        report = await clean_up(make_options(), later(filled, quarantine=Returning()), FILES)
        assert swept(report).requeued == 0
        assert (await row_of(filled, row["id"]))["version"] == row["version"]

    async def test_a_file_in_the_quarantine_is_brought_back_instead(self, filled: House) -> None:
        """A database that was restored from a dump names files that were set aside since: no download is needed."""
        row = await stored(filled)
        await filled.query("UPDATE images SET storage_key = 'x/1', sha256 = 'y' WHERE id = $1", row["id"])
        first = await clean(filled, FILES)
        assert not path_of(filled, row["storage_key"]).exists()
        await filled.query(
            "UPDATE images SET status = 'uploaded', storage_key = $2, sha256 = $3, thumb_key = $4, error_type = NULL"
            " WHERE id = $1",
            row["id"], row["storage_key"], row["sha256"], row["thumb_key"],
        )  # fmt: skip
        second = await clean(filled, FILES, 4 * HOUR)
        assert (swept(first).quarantined, swept(second).brought_back, swept(second).requeued) == (1, 1, 0)
        assert hashlib.sha256(path_of(filled, row["storage_key"]).read_bytes()).hexdigest() == row["sha256"]

    async def test_r163_the_owner_is_locked_before_its_rows(self, filled: House) -> None:
        """As where photos are saved and venues merged: the other way round the two would wait for each other."""
        row = await stored(filled)
        path_of(filled, row["storage_key"]).unlink()
        connection = await asyncpg.connect(filled.database_url)
        try:
            async with asyncio.TaskGroup() as group, connection.transaction():
                await connection.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended($1 || ':' || $2::bigint::text, 1))",
                    row["owner_kind"], row["owner_id"],
                )  # fmt: skip
                losing = group.create_task(clean(filled, FILES))
                while not await connection.fetchval(
                    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                    " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
                ):
                    assert not losing.done()
                await connection.execute("SELECT FROM images WHERE id = $1 FOR UPDATE NOWAIT", row["id"])
        finally:
            await connection.close()
        assert swept(losing.result()).requeued == 1

    async def test_an_unmounted_store_is_not_downloaded_anew(self, filled: House) -> None:
        """So many pictures without a file: the disk is likelier to be away than each of them to be lost."""
        place(filled, STRAY)
        run = (await clean(filled, FILES)).run
        row = await stored(filled)
        for number in range(30):
            await filled.query(
                "INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, sha256,"
                " created_at, updated_at) VALUES ('venue', $1, 'gallery', 'here', $2, 'uploaded', $3, 'a', now(),"
                " now())",
                row["owner_id"], f"here:{number}", f"venues/x/gallery-{number}.jpg",
            )  # fmt: skip
        report = await clean(filled, FILES, 8 * DAY)
        assert (swept(report).requeued, swept(report).purged) == (0, 0)
        assert swept(report).held == (
            f"30 of {swept(report).rows} pictures have no file: is the image store mounted?",
        )
        assert path_of(filled, f".quarantine/{run}/{STRAY}").exists(), "nothing is deleted for good meanwhile"

    async def test_a_missing_thumbnail_is_made_anew(self, filled: House) -> None:
        row = await stored(filled)
        thumbnail = path_of(filled, row["thumb_key"])
        body = thumbnail.read_bytes()
        thumbnail.unlink()
        report = await clean(filled, FILES)
        assert (swept(report).thumbnails, swept(report).requeued) == (1, 0)
        assert thumbnail.read_bytes() == body
        assert (await row_of(filled, row["id"]))["thumb_key"] == row["thumb_key"]
        assert await filled.problems() == []

    async def test_a_thumbnail_that_cannot_be_made_is_no_longer_named(self, filled: House) -> None:
        """A store without paths, or a picture that cannot be decoded: the next run fetches it anew."""
        row = await stored(filled)
        path_of(filled, row["thumb_key"]).unlink()
        path_of(filled, row["storage_key"]).write_bytes(b"<html>not a picture</html>" * 20)
        await clean(filled, FILES)
        now = await row_of(filled, row["id"])
        assert (now["status"], now["thumb_key"]) == ("uploaded", None)
        assert now["refresh_failed_at"] is not None
        assert await filled.problems() == []


class TestDamaged:
    async def test_f27_a_flipped_bit_is_found_set_aside_and_downloaded_again(self, filled: House) -> None:
        row = await stored(filled)
        path = path_of(filled, row["storage_key"])
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 1
        path.write_bytes(body)
        report = await clean_reading_all(filled)
        files = swept(report)
        assert (files.damaged, files.requeued, files.quarantined) == (1, 1, 1)
        assert path_of(filled, f".quarantine/{report.run}/{row['storage_key']}").read_bytes() == body
        assert filled.events("file.damaged")[0]["path"] == row["storage_key"]
        assert (await row_of(filled, row["id"]))["reason"] == "file_damaged"
        assert await filled.problems() == []
        assert (await recover(ALL_DUE, make_options(), later(filled))).counts["newly_uploaded"] == 1
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]

    async def test_f27_only_the_chosen_share_is_read(self, filled: House) -> None:
        draws = iter([0.005, 0.5, 0.0099, 0.01, *[0.9] * 100])
        report = await clean_up(make_options(), later(filled, random=lambda: next(draws)), FILES)
        assert swept(report).rehashed == 2

    async def test_a_file_that_was_rewritten_before_the_repair_is_no_damage(self, filled: House) -> None:
        row = await stored(filled)
        path = path_of(filled, row["storage_key"])
        good, real = path.read_bytes(), filled.services.files
        path.write_bytes(b"damaged")
        reads = []

        class Healing:
            """The second reading finds the picture whole."""

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            async def digest(self, key: str) -> str | None:
                if key == row["storage_key"]:
                    reads.append(key)
                    if len(reads) == 2:
                        path.write_bytes(good)
                return await real.digest(key)

        report = await clean_up(make_options(), later(filled, files=Healing(), random=lambda: 0.0), FILES)
        assert swept(report).damaged == 0
        assert (await row_of(filled, row["id"]))["status"] == "uploaded"

    async def test_a_file_that_cannot_be_read_is_told_and_stops_no_other(self, filled: House) -> None:
        row = await stored(filled)
        place(filled, STRAY)
        real = filled.services.files

        async def digest(key: str) -> str | None:
            if key == row["storage_key"]:
                raise StorageUnavailable("the disk has a bad block")
            return await real.digest(key)

        time = later(filled, files=_With(real, digest=digest), random=lambda: 0.0)
        report = await clean_up(make_options(), time, FILES)
        assert (swept(report).errors, swept(report).quarantined) == (1, 1)
        assert not report.ok
        assert filled.events("file.repair_failed")[0]["path"] == row["storage_key"]
        assert (await row_of(filled, row["id"]))["status"] == "uploaded"

    async def test_a_store_of_which_nothing_can_be_read_ends_the_comparison(self, filled: House) -> None:
        row = await stored(filled)
        body = path_of(filled, row["storage_key"]).read_bytes()
        for number in range(6):
            key = f"venues/x/gallery-{number}.jpg"
            place(filled, key, body)
            await filled.query(
                "INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, sha256,"
                " created_at, updated_at) VALUES ('venue', $1, 'gallery', 'here', $2, 'uploaded', $2, $3, now(),"
                " now())",
                row["owner_id"], key, row["sha256"],
            )  # fmt: skip

        async def digest(key: str) -> str | None:
            raise StorageUnavailable("the bucket does not answer")

        time = later(filled, files=_With(filled.services.files, digest=digest), random=lambda: 0.0)
        report = await clean_up(make_options(), time, FILES)
        assert report.failed_parts == {"files": "the bucket does not answer"}


class TestUndo:
    async def test_undo_brings_every_file_back(self, filled: House) -> None:
        paths = [place(filled, f"venues/nobody-{number}/hero-1.jpg") for number in range(3)]
        before = filled.files
        report = await clean(filled, FILES)
        assert report.run is not None
        assert not any(path.exists() for path in paths)
        undone = await undo_cleanup(report.run, make_options(), later(filled))
        assert len(undone.restored) == 3
        assert (undone.taken, undone.gone, undone.errors) == ((), (), {})
        assert filled.files == before
        assert {line["ended_how"] for line in await filled.query("SELECT ended_how FROM quarantine")} == {"restored"}
        assert (await undo_cleanup(report.run, make_options(), later(filled))).restored == ()

    async def test_undo_takes_no_other_files_place(self, filled: House) -> None:
        path = place(filled, STRAY)
        report = await clean(filled, FILES)
        assert report.run is not None
        path.write_bytes(b"somebody else's")
        undone = await undo_cleanup(report.run, make_options(), later(filled))
        assert undone.taken == (STRAY,)
        assert path.read_bytes() == b"somebody else's"
        assert path_of(filled, f".quarantine/{report.run}/{STRAY}").exists()

    async def test_undo_of_a_file_that_is_gone_says_so(self, filled: House) -> None:
        place(filled, STRAY)
        report = await clean(filled, FILES)
        assert report.run is not None
        path_of(filled, f".quarantine/{report.run}/{STRAY}").unlink()
        assert (await undo_cleanup(report.run, make_options(), later(filled))).gone == (STRAY,)

    async def test_a_dry_undo_writes_nothing(self, filled: House) -> None:
        place(filled, STRAY)
        report = await clean(filled, FILES)
        assert report.run is not None
        before = await everything(filled)
        undone = await undo_cleanup(report.run, make_options(dry_run=True), later(filled))
        assert undone.restored == (STRAY,)
        assert await everything(filled) == before

    async def test_an_undo_that_is_asked_to_stop_does_the_rest_next_time(self, filled: House) -> None:
        for number in range(3):
            place(filled, f"venues/nobody-{number}/hero-1.jpg")
        report = await clean(filled, FILES)
        assert report.run is not None
        asked = iter([False, True, True])
        undone = await undo_cleanup(report.run, make_options(), later(filled, stopping=lambda: next(asked)))
        assert (len(undone.restored), len(undone.errors)) == (1, 2)
        assert len((await undo_cleanup(report.run, make_options(), later(filled))).restored) == 2

    async def test_a_database_that_goes_away_ends_an_undo(self, filled: House) -> None:
        place(filled, STRAY)
        report = await clean(filled, FILES)
        assert report.run is not None

        async def restore(*_: Any) -> str:
            raise DatabaseUnreachable("gone")

        away = later(filled, quarantine=_With(filled.services.quarantine, restore=restore))
        with pytest.raises(DatabaseUnreachable):
            await undo_cleanup(report.run, make_options(), away)

    async def test_an_unknown_cleanup_is_told(self, filled: House) -> None:
        with pytest.raises(SetupError, match="no cleanup 99"):
            await undo_cleanup(99, make_options(), later(filled))


class TestPurge:
    async def test_after_seven_days_the_quarantine_is_emptied(self, filled: House) -> None:
        place(filled, STRAY)
        first = await clean(filled, FILES)
        kept = path_of(filled, f".quarantine/{first.run}/{STRAY}")
        assert swept(await clean(filled, FILES, 7 * DAY)).purged == 0  # set aside two hours from now
        assert kept.exists()
        assert swept(await clean(filled, FILES, 7 * DAY + 3 * HOUR)).purged == 1
        assert not kept.exists()
        assert [line["ended_how"] for line in await filled.query("SELECT ended_how FROM quarantine")] == ["purged"]
        assert first.run is not None
        assert (await undo_cleanup(first.run, make_options(), later(filled))).restored == ()

    async def test_a_copy_that_a_row_needs_is_brought_back_and_not_purged(self, filled: House) -> None:
        """A row turns up on the very night when its file's time is over: mended first, deleted last."""
        row = await stored(filled)
        await filled.query("UPDATE images SET storage_key = 'x/1.jpg', sha256 = 'y' WHERE id = $1", row["id"])
        await clean(filled, FILES)
        await filled.query(
            "UPDATE images SET status = 'uploaded', storage_key = $2, sha256 = $3, thumb_key = $4, error_type = NULL"
            " WHERE id = $1",
            row["id"], row["storage_key"], row["sha256"], row["thumb_key"],
        )  # fmt: skip
        report = await clean(filled, FILES, 8 * DAY)
        assert (swept(report).brought_back, swept(report).requeued, swept(report).errors) == (1, 0, 0)
        assert hashlib.sha256(path_of(filled, row["storage_key"]).read_bytes()).hexdigest() == row["sha256"]
        [line] = await filled.query("SELECT ended_how FROM quarantine WHERE storage_key = $1", row["storage_key"])
        assert line["ended_how"] == "restored"

    async def test_no_copy_goes_while_a_row_has_no_other_file(self, filled: House) -> None:
        """Whoever asks: the last look is under the key's lock."""
        row = await stored(filled)
        place(filled, STRAY)
        report = await clean(filled, FILES)
        assert report.run is not None
        await filled.query("UPDATE images SET thumb_key = $2 WHERE id = $1", row["id"], STRAY)
        entries = await filled.services.quarantine.of_run(report.run)
        assert entries is not None
        assert not await filled.services.quarantine.purge(entries[0], filled.services.clock.now())
        assert path_of(filled, entries[0].quarantine_key).exists()

    async def test_r218_the_file_goes_first_and_the_line_only_if_that_worked(self, filled: House) -> None:
        place(filled, STRAY)
        await clean(filled, FILES)

        async def refuse(key: str) -> bool:
            raise StorageUnavailable("the disk refuses")

        filled.services.quarantine._files = _With(filled.services.files, delete=refuse)  # type: ignore[attr-defined]
        report = await clean(filled, FILES, 8 * DAY)
        assert (swept(report).purged, swept(report).errors) == (0, 1)
        assert not report.ok
        assert [line["ended_how"] for line in await filled.query("SELECT ended_how FROM quarantine")] == [None]
        assert filled.events("file.repair_failed")[0]["path"].endswith(STRAY)
        filled.services.quarantine._files = filled.services.files  # type: ignore[attr-defined]
        assert swept(await clean(filled, FILES, 8 * DAY)).purged == 1


class _With:
    """A store of which some calls are others."""

    def __init__(self, real: Any, **calls: Any) -> None:
        self._real = real
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return self._calls.get(name) or getattr(self._real, name)


async def test_one_file_that_cannot_be_moved_stops_no_other(filled: House) -> None:
    for number in range(3):
        place(filled, f"venues/nobody-{number}/hero-1.jpg")
    real = filled.services.files

    async def move(key: str, target: str) -> bool:
        if "nobody-1" in key:
            raise StorageUnavailable("the disk refuses")
        return await real.move(key, target)

    filled.services.quarantine._files = _With(real, move=move)  # type: ignore[attr-defined]
    report = await clean(filled, FILES)
    assert (swept(report).quarantined, swept(report).errors) == (2, 1)
    filled.services.quarantine._files = real  # type: ignore[attr-defined]
    again = await clean(filled, FILES)
    assert (swept(again).quarantined, swept(again).errors) == (1, 0)


class TestPlaceholders:
    async def show(self, house: House, owners: int, *, sha: str, dhash: int, provider: str = "here") -> None:
        """So many venues with one picture."""
        for number in range(owners):
            [venue] = await house.query(
                "INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at,"
                " updated_at) VALUES ($1, 'x', 'x', 'GB', 'UTC', 'x', now(), now(), now()) RETURNING id",
                f"{sha}-{dhash & 0xFFFF}-{provider.replace('_', '-')}-{number}",
            )
            await house.query(
                "INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, sha256,"
                " source_sha256, dhash, created_at, updated_at)"
                " VALUES ('venue', $1, 'gallery', $2, 'i', 'uploaded', $3, 'a', $4, $5, now(), now())",
                venue["id"], provider, f"venues/{venue['id']}/x.jpg", sha, dhash,
            )  # fmt: skip

    async def test_a_picture_of_five_owners_of_one_provider_is_marked_and_told(self, house: House) -> None:
        await self.show(house, 5, sha="five", dhash=0x0F0F)
        await self.show(house, 4, sha="four", dhash=0x7777_0000_0000)
        await self.show(house, 3, sha="two-providers", dhash=0x3333_0000_0000_0000)
        await self.show(house, 3, sha="two-providers", dhash=0x3333_0000_0000_0000, provider="foursquare")
        marked = await house.services.history.mark_placeholders(house.services.clock.now())
        assert [(each.provider, each.source_sha256, each.owners, each.is_new) for each in marked] == [
            ("here", "five", 5, True)
        ]
        assert await house.services.history.mark_placeholders(house.services.clock.now()) == []

    async def test_a_picture_encoded_anew_for_each_owner_is_one_as_well(self, house: House) -> None:
        """dHashes within 4 bits of one that two share; a farther one does not count."""
        telling = 0x0123_4567_89AB_CDEF
        await self.show(house, 2, sha="a", dhash=telling)
        for number in range(3):
            await self.show(house, 1, sha=f"b{number}", dhash=telling ^ (0b1111 >> number))
        await self.show(house, 1, sha="far", dhash=telling ^ 0b11111)
        marked = await house.services.history.mark_placeholders(house.services.clock.now())
        assert [(each.source_sha256, each.owners) for each in marked] == [("a", 5)]

    @pytest.mark.parametrize("dhash", [0, -1, 0x0F0F_0F0F_0F0F_0F0F, 0x1F1F_1F1F_0F0F_0707])
    async def test_a_gradient_or_a_plain_area_is_no_likeness(self, house: House, dhash: int) -> None:
        """Nearly any picture may have such a hash: different bytes are different pictures then."""
        for number in range(6):
            await self.show(house, 2, sha=f"plain-{number}", dhash=dhash)
        assert await house.services.history.mark_placeholders(house.services.clock.now()) == []
        await self.show(house, 5, sha="logo", dhash=dhash)
        await house.services.history.mark_placeholders(house.services.clock.now())
        assert await house.query("SELECT source_sha256, dhash FROM placeholders") == [
            {"source_sha256": "logo", "dhash": None}
        ]

    async def test_a_sweep_whose_last_look_fails_tells_all_the_same_what_it_did(self, filled: House) -> None:
        place(filled, STRAY)

        async def refuse(at: Any) -> Any:
            raise StorageUnavailable("the statement took too long")

        history = _With(filled.services.history, mark_placeholders=refuse)
        report = await clean_up(make_options(), later(filled, history=history), FILES)
        assert (swept(report).quarantined, swept(report).errors) == (1, 1)

    async def test_the_nightly_sweep_reports_them_once(self, house: House) -> None:
        await self.show(house, 5, sha="five", dhash=1)
        report = await clean(house, FILES, 0 * HOUR)
        assert swept(report).placeholders == 1
        assert house.events("placeholder.found")[0]["owners"] == 5
        assert swept(await clean(house, FILES, 0 * HOUR)).placeholders == 0
        rows = await house.query("SELECT status FROM images")
        assert {row["status"] for row in rows} == {"uploaded"}


async def test_o31_r169_by_hand_as_a_person_does_it(tmp_path: Path, database_url: str, replica: Replica) -> None:
    """The real program: once a day, and taken back."""
    environment = environment_for(
        tmp_path, replica.index_urls, TRIVIA_DATABASE_URL=database_url, TRIVIA__STORAGE__PATH=str(tmp_path / "images")
    )
    program = Program(tmp_path, environment)
    stray = tmp_path / "images" / STRAY
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"a stray file")
    os.utime(stray, (0, 0))
    done = await program.call("cleanup", "--yes", "--json")
    assert (done.code, done.document["files"]["quarantined"], stray.exists()) == (0, 1, False)
    again = await program.call("cleanup", "--yes", "--json")
    assert again.document["done_already"]["ok"] is True
    undone = await program.call("cleanup", "undo", str(done.document["run"]))
    assert (undone.code, stray.read_bytes()) == (0, b"a stray file")
