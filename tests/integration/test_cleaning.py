"""The nightly scan over real tables: what is counted, queued, closed, left; what runs by the clock (images.md 9)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from support.cleaning import DAY, HISTORY, RECOVERY, add_owner, at_noon, clean, everything, later
from support.house import House, make_options
from trivia_scraper.domain.cleaning import WHOLE_CLEANUP, CleanupAction, CleanupPart, CleanupReport, ScheduledRun
from trivia_scraper.domain.errors import DatabaseUnreachable, PermanentError, StorageUnavailable
from trivia_scraper.domain.options import options_from_json
from trivia_scraper.domain.recovery import OwnerRef
from trivia_scraper.pipeline.cleanup import clean_up, clean_up_when_due
from trivia_scraper.pipeline.pruning import take_snapshot
from trivia_scraper.pipeline.scheduled import run_if_due
from trivia_scraper.policy.schedules import latest_due, schedule_of

FAILED, CLOSED = "failed", "permanently_failed"
TRANSIENT = (FAILED, "rate_limited", 0)
PERMANENT = (FAILED, "not_found", 0)
AMBIGUOUS = (FAILED, "server_error", 0)


async def statuses(house: House, slug: str) -> list[str]:
    """States of an owner's images."""
    rows = await house.query(
        "SELECT i.status FROM images i JOIN image_owners o ON o.kind = i.owner_kind AND o.id = i.owner_id"
        " WHERE o.slug = $1 ORDER BY i.id",
        slug,
    )
    return [row["status"] for row in rows]


async def requests(house: House) -> list[dict[str, Any]]:
    """Recoveries that wait."""
    return await house.query("SELECT * FROM recovery_requests WHERE finished_at IS NULL ORDER BY id")


class TestScan:
    async def test_r165_r166_every_owner_is_dealt_with_by_the_matrix(self, house: House) -> None:
        mixed = await add_owner(house, "mixed", TRANSIENT, PERMANENT, AMBIGUOUS)
        await add_owner(house, "hopeless", PERMANENT, (FAILED, "rate_limited", 3), (CLOSED, "gone", 1), AMBIGUOUS)
        await add_owner(house, "unclear", AMBIGUOUS, (FAILED, None, 0))
        await add_owner(house, "well", ("skipped", None, 0))
        report = await clean(house, RECOVERY)
        assert report.scan is not None
        assert [(each.slug, each.action) for each in report.scan.owners] == [
            ("mixed", CleanupAction.QUEUE),
            ("hopeless", CleanupAction.CLOSE),
            ("unclear", CleanupAction.LEAVE),
        ]
        assert report.counters == {
            "transient_queued": 1, "permanent_logged": 1, "ambiguous_skipped": 1, "errors": 0,
            "elapsed_ms": report.elapsed_ms,
        }  # fmt: skip
        [waiting] = await requests(house)
        assert (waiting["owner_kind"], waiting["owner_id"], waiting["image_ids"]) == ("venue", mixed, None)
        assert waiting["requested_by"] == "cleanup"
        # The matrix closes what is still failed and permanent; recovery sees to the mixed one's.
        assert await statuses(house, "hopeless") == [CLOSED, CLOSED, CLOSED, FAILED]
        assert await statuses(house, "mixed") == [FAILED, FAILED, FAILED]
        assert await statuses(house, "unclear") == [FAILED, FAILED]

    async def test_r160_closed_images_say_when(self, house: House) -> None:
        await add_owner(house, "hopeless", PERMANENT)
        await clean(house, RECOVERY)
        [row] = await house.query("SELECT finalized_at, next_retry_at, version FROM images")
        assert row["finalized_at"] is not None
        assert (row["next_retry_at"], row["version"]) == (None, 2)

    async def test_r167_performers_are_scanned_like_venues_into_the_same_counters(self, house: House) -> None:
        await add_owner(house, "host", TRANSIENT, kind="performer")
        await add_owner(house, "pub", TRANSIENT)
        report = await clean(house, RECOVERY)
        assert report.counters["transient_queued"] == 2
        assert [row["owner_kind"] for row in await requests(house)] == ["venue", "performer"]

    async def test_r165_merged_unsaved_and_deleted_ones_are_left_out(self, house: House) -> None:
        loser, unsaved = await add_owner(house, "loser", TRANSIENT), await add_owner(house, "unsaved", TRANSIENT)
        deleted, winner = await add_owner(house, "deleted", TRANSIENT), await add_owner(house, "winner")
        await house.query("UPDATE venues SET merged_into = $2 WHERE id = $1", loser, winner)
        await house.query("UPDATE venues SET saved_at = NULL WHERE id = $1", unsaved)
        await house.query("UPDATE images SET deleted_at = now() WHERE owner_id = $1", deleted)
        report = await clean(house, RECOVERY)
        assert sum(report.counters.values()) == report.elapsed_ms
        assert await requests(house) == []

    async def test_r166_the_expected_shape(self, house: House) -> None:
        """images.md 9: 42 found -> queued 35, permanent 7, ambiguous 0, errors 0."""
        for number in range(35):
            await add_owner(house, f"some-{number}", TRANSIENT)
        for number in range(7):
            await add_owner(house, f"hopeless-{number}", PERMANENT)
        report = await clean(house, RECOVERY)
        assert report.counters == {
            "transient_queued": 35, "permanent_logged": 7, "ambiguous_skipped": 0, "errors": 0,
            "elapsed_ms": report.elapsed_ms,
        }  # fmt: skip
        [found] = house.events("cleanup.found")
        assert found["owners"] == 42
        assert len(house.events("cleanup.queued")) == 35
        assert len(house.events("cleanup.permanent")) == 7

    async def test_r168_start_found_a_line_each_and_a_summary(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT, TRANSIENT, PERMANENT)
        await add_owner(house, "hopeless", PERMANENT)
        await add_owner(house, "unclear", AMBIGUOUS)
        report = await clean(house, RECOVERY)
        told = [entry for entry in house.events() if entry["event"].startswith("cleanup.")]
        assert [entry["event"] for entry in told] == [
            "cleanup.started", "cleanup.found", "cleanup.queued", "cleanup.permanent", "cleanup.finished",
        ]  # fmt: skip
        started, _, queued, permanent, finished = told
        assert started["dry_run"] is False
        assert (queued["owner"], queued["transient"], queued["permanent"], queued["ambiguous"]) == ("some", 2, 1, 0)
        assert (permanent["owner"], permanent["permanent"], permanent["closed"]) == ("hopeless", 1, 1)
        assert {name: finished[name] for name in report.counters} == report.counters

    async def test_r173_an_empty_scan_is_logged_and_a_success(self, house: House) -> None:
        report = await clean(house, RECOVERY)
        assert report.ok
        assert report.counters == {
            "transient_queued": 0, "permanent_logged": 0, "ambiguous_skipped": 0, "errors": 0,
            "elapsed_ms": report.elapsed_ms,
        }  # fmt: skip
        assert house.events("cleanup.found")[0]["owners"] == 0
        assert house.events("cleanup.finished")[0]["ok"] is True

    @pytest.mark.parametrize("fault", [ZeroDivisionError("bug"), PermanentError("refused")], ids=repr)
    async def test_r171_an_error_is_counted_with_its_trace_and_the_scan_goes_on(
        self, house: House, fault: Exception
    ) -> None:
        await add_owner(house, "first", TRANSIENT)
        bad = await add_owner(house, "bad", TRANSIENT)
        await add_owner(house, "last", TRANSIENT)
        real = house.services.recoveries

        class Failing:
            """The queue, but one owner's request fails."""

            async def queue(self, owner: OwnerRef, *arguments: Any, **keywords: Any) -> Any:
                if owner.id == bad:
                    raise fault
                return await real.queue(owner, *arguments, **keywords)

        services = later(house, recoveries=Failing())
        report = await clean_up(make_options(), services, RECOVERY)
        assert (report.counters["transient_queued"], report.counters["errors"]) == (2, 1)
        assert not report.ok
        [failed] = house.events("cleanup.owner_failed")
        assert failed["exc_info"] is fault
        assert failed["owner_id"] == bad

    async def test_r171_an_owner_that_went_away_meanwhile_is_an_error(self, house: House) -> None:
        gone = await add_owner(house, "gone", TRANSIENT)
        await add_owner(house, "some", TRANSIENT)
        real = house.services.cleaning

        class Vanishing:
            """The venue goes between the list and the look."""

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            async def failing_owners(self) -> Any:
                owners = await real.failing_owners()
                await house.query("UPDATE venues SET merged_into = $2 WHERE id = $1", gone, gone + 1)
                return owners

        report = await clean_up(make_options(), later(house, cleaning=Vanishing()), RECOVERY)
        assert (report.counters["transient_queued"], report.counters["errors"]) == (1, 1)

    async def test_r165_an_owner_that_recovered_meanwhile_is_not_counted(self, house: House) -> None:
        await add_owner(house, "healed", TRANSIENT)
        real = house.services.cleaning

        class Healing:
            """The last failure goes between the list and the look."""

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            async def failing_owners(self) -> Any:
                owners = await real.failing_owners()
                await house.query("UPDATE images SET status = 'skipped', error_type = NULL")
                return owners

        report = await clean_up(make_options(), later(house, cleaning=Healing()), RECOVERY)
        assert sum(report.counters.values()) == report.elapsed_ms
        assert report.ok

    async def test_a_database_that_is_away_ends_the_cleanup(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT)

        class Away:
            """A queue whose database is gone."""

            async def queue(self, *arguments: Any, **keywords: Any) -> Any:
                raise DatabaseUnreachable("gone")

        with pytest.raises(DatabaseUnreachable):
            await clean_up(make_options(), later(house, recoveries=Away()), RECOVERY)

    async def test_r170_the_queued_recovery_carries_the_options(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT)
        await clean(house, RECOVERY, force_refresh_images=True, providers=("here",))
        [row] = await requests(house)
        carried = make_options(force_refresh_images=True, providers=("here",))
        assert options_from_json(row["options"]) == carried

    async def test_r162_a_cleanup_right_after_another_asks_for_nothing_twice(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT)
        await clean(house, RECOVERY)
        report = await clean(house, RECOVERY)
        assert report.counters["transient_queued"] == 1
        assert house.events("cleanup.queued")[0]["outcome"] == "already_queued"
        assert len(await requests(house)) == 1

    async def test_r187_failures_can_be_listed_while_a_cleanup_holds_the_store(self, house: House) -> None:
        from trivia_scraper.bootstrap import open_reader

        await add_owner(house, "some", TRANSIENT, PERMANENT)
        [owner] = await house.services.cleaning.failing_owners()
        async with (
            house.services.locks.hold(*owner),
            open_reader(house.settings, house.services.log) as reader,
        ):
            listed = await reader.images(status="failed")
        assert [(each.owner, each.error_type) for each in listed] == [("some", "rate_limited"), ("some", "not_found")]


class TestDryRun:
    async def test_o31_a_dry_run_writes_nothing_and_tells_the_plan_of_the_real_one(self, house: House) -> None:
        await house.run(sources=("quizmeisters",), limit=2)
        await add_owner(house, "some", TRANSIENT, PERMANENT)
        await add_owner(house, "hopeless", PERMANENT)
        heroes = (house.settings.image_dir / "venues").rglob("hero-*.jpg")
        next(path for path in heroes if "thumb" not in path.name).unlink()
        stray = house.settings.image_dir / "venues" / "stray" / "hero-1.jpg"
        stray.parent.mkdir()
        stray.write_bytes(b"stray")
        before = await everything(house)
        planned = await clean(house, dry_run=True)
        assert await everything(house) == before
        assert planned.run is None
        done = await clean(house)
        assert done.run is not None
        for name, number in planned.counters.items():
            assert name == "elapsed_ms" or done.counters[name] == number
        assert planned.files is not None
        assert done.files is not None
        assert (planned.files.quarantined, planned.files.requeued) == (1, 1)
        assert (done.files.quarantined, done.files.requeued) == (1, 1)
        assert planned.history == done.history


class TestParts:
    async def test_a_part_that_fails_is_told_and_the_others_go_on(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT)

        class Broken:
            """A store whose listing is refused."""

            def all_files(self, prefix: str = "") -> Any:
                raise StorageUnavailable("the bucket does not answer")

        report = await clean_up(make_options(), later(house, files=Broken()))
        assert report.failed_parts == {"files": "the bucket does not answer"}
        assert not report.ok
        assert report.counters["transient_queued"] == 1
        assert report.history is not None
        [failed] = house.events("cleanup.part_failed")
        assert failed["part"] == "files"
        assert isinstance(failed["exc_info"], StorageUnavailable)

    @pytest.mark.parametrize("part", list(CleanupPart))
    async def test_only_what_was_asked_for_is_done(self, house: House, part: CleanupPart) -> None:
        await add_owner(house, "some", TRANSIENT)
        report = await clean(house, replace(WHOLE_CLEANUP, parts=frozenset({part})))
        done = {
            CleanupPart.RECOVERY: report.scan,
            CleanupPart.FILES: report.files,
            CleanupPart.HISTORY: report.history,
        }
        assert {each for each, came in done.items() if came is not None} == {part}

    async def test_r167_the_report_is_kept(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT)
        report = await clean(house)
        [row] = await house.query("SELECT id, finished_at, report FROM cleanup_runs")
        kept = json.loads(row["report"]) if isinstance(row["report"], str) else row["report"]
        assert row["id"] == report.run
        assert kept["counters"] == report.counters
        assert row["finished_at"] is not None


class TestSchedule:
    async def test_r169_at_most_once_a_day_over_all_daemons(self, house: House) -> None:
        """Two daemons at the same moment: one cleans up, the other learns who does."""
        await add_owner(house, "some", TRANSIENT)
        services = at_noon(house)
        ends = await asyncio.gather(
            clean_up_when_due("process 1 on a", WHOLE_CLEANUP, make_options(), services),
            clean_up_when_due("process 2 on b", WHOLE_CLEANUP, make_options(), services),
        )
        [report] = [end for end in ends if isinstance(end, CleanupReport)]
        [taken] = [end for end in ends if isinstance(end, ScheduledRun)]
        assert report.counters["transient_queued"] == 1
        assert taken.holder in ("process 1 on a", "process 2 on b")
        assert len(await house.query("SELECT FROM cleanup_runs")) == 1

    async def test_r169_a_second_call_on_the_same_day_says_so(self, house: House) -> None:
        services = at_noon(house)
        assert isinstance(await clean_up_when_due("a", WHOLE_CLEANUP, make_options(), services), CleanupReport)
        again = await clean_up_when_due("b", WHOLE_CLEANUP, make_options(), services)
        assert isinstance(again, ScheduledRun)
        assert (again.name, again.holder, again.ok) == ("cleanup", "a", True)
        assert again.finished_at is not None
        assert again.due_at == latest_due(schedule_of("04:00", "daily"), services.clock.now())
        assert [entry["is_ours"] for entry in house.events("schedule.taken")] == [True, False]

    async def test_f48_after_ten_days_of_absence_one_cleanup_is_caught_up(self, house: House) -> None:
        """F48, R169: the host slept over many due times; then each day has its own again."""
        ran = []
        for days in (0, 10, 10.5, 11):
            end = await clean_up_when_due("a", WHOLE_CLEANUP, make_options(), at_noon(house, days))
            ran.append(isinstance(end, CleanupReport))
        assert ran == [True, True, False, True]
        rows = await house.query("SELECT due_at FROM scheduled_runs ORDER BY due_at")
        assert [row["due_at"] - rows[0]["due_at"] for row in rows] == [0 * DAY, 10 * DAY, 11 * DAY]

    async def test_r169_work_that_fails_is_recorded_and_not_begun_again(self, house: House) -> None:
        due = dt.datetime(2026, 3, 10, 4, tzinfo=dt.UTC)

        async def work() -> Any:
            raise ZeroDivisionError("https://user:secret@db.example/x")

        with pytest.raises(ZeroDivisionError):
            await run_if_due("cleanup", due, "a", work, house.services)
        taken = await run_if_due("cleanup", due, "b", work, house.services)
        assert isinstance(taken, ScheduledRun)
        assert taken.ok is False
        [row] = await house.query("SELECT outcome::text AS outcome FROM scheduled_runs")
        assert "secret" not in row["outcome"]

    def test_r172_the_setting_says_whether_and_how_often(self, house: House) -> None:
        cleanup = house.services.settings.cleanup
        assert cleanup.enabled
        assert cleanup.schedule == schedule_of("04:00", "daily")


class TestHistory:
    async def test_r220_a_snapshot_a_day_of_which_five_are_kept(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT)
        for days in range(7):
            await clean(house, HISTORY, days * DAY)
        snapshots = await house.query("SELECT taken_at FROM statistics_snapshots ORDER BY taken_at")
        assert len(snapshots) == 5
        assert snapshots[-1]["taken_at"] - snapshots[0]["taken_at"] > 3 * DAY
        days = await house.query("SELECT day, figures::text AS figures FROM daily_figures ORDER BY day")
        assert len(days) == 7
        assert "venue" in days[0]["figures"]

    async def test_r220_a_cleanup_keeps_the_day_only_if_nobody_has(self, house: House) -> None:
        services = at_noon(house)
        assert (await take_snapshot(services)).document() == {"day": f"{services.clock.now():%Y-%m-%d}"}
        [before] = await house.query("SELECT taken_at FROM statistics_snapshots")
        cleaned = await clean_up(make_options(), services, HISTORY)
        assert cleaned.history is not None
        assert not cleaned.history.snapshot
        assert await house.query("SELECT taken_at FROM statistics_snapshots") == [before]
        next_day = await clean_up(make_options(), at_noon(house, 1), HISTORY)
        assert next_day.history is not None
        assert next_day.history.snapshot
        assert len(await house.query("SELECT taken_at FROM statistics_snapshots")) == 2

    async def test_r220_a_cleanup_beside_a_snapshot_of_its_own_keeps_none(self, house: House) -> None:
        without = replace(HISTORY, keeps_statistics=False)
        for dry_run in (True, False):
            cleaned = await clean_up(make_options(dry_run=dry_run), at_noon(house), without)
            assert cleaned.history is not None
            assert not cleaned.history.snapshot
        assert await house.query("SELECT day FROM daily_figures") == []

    async def test_r206_run_history_outlives_the_pruning_of_jobs(self, house: House) -> None:
        venue = await add_owner(house, "some", TRANSIENT)
        [image] = await house.query("SELECT id FROM images")
        now = house.services.clock.now()
        await house.query(
            "INSERT INTO enrichment_runs (run_id, venue_id, mode, status, context, discovered, uploaded, failed,"
            " venue_uploaded, venue_failed, venue_total, summary, started_at, duration_ms)"
            " VALUES (gen_random_uuid(), $1, 'forced', 'success', '{}', 1, 1, 0, 1, 0, 1, 'all', $2, 5)",
            venue, now - 3000 * DAY,
        )  # fmt: skip
        for age in (1, 29, 31):
            await house.query(
                "INSERT INTO recovery_requests (owner_kind, owner_id, include_ambiguous, priority, options,"
                " requested_by, requested_at, started_at, finished_at)"
                " VALUES ('venue', $1, false, 3, '{}', 'x', $2, $2, $2)",
                venue, now - age * DAY,
            )  # fmt: skip
            await house.query("INSERT INTO provider_requests (provider, kind, at) VALUES ('here', 'photo', $1)",
                              now - age * DAY)  # fmt: skip
            await house.query("INSERT INTO provider_waits (provider, at, seconds) VALUES ('here', $1, 3)",
                              now - age * DAY)  # fmt: skip
        for age in (1, 179, 181):
            await house.query(
                "INSERT INTO image_attempts (image_id, run_id, kind, at, outcome, attempt)"
                " VALUES ($1, gen_random_uuid(), 'download', $2, 'failed', 1)",
                image["id"], now - age * DAY,
            )  # fmt: skip
        planned = await clean(house, HISTORY, dt.timedelta(0), dry_run=True)
        report = await clean(house, HISTORY, dt.timedelta(0))
        assert report.history == planned.history
        assert report.history is not None
        assert (report.history.attempts, report.history.recovery_requests) == (1, 1)
        assert report.history.provider_requests == 2
        assert len(await house.query("SELECT FROM enrichment_runs")) == 1
        for table, left in (("recovery_requests", 2), ("provider_requests", 2), ("provider_waits", 2),
                            ("image_attempts", 2)):  # fmt: skip
            assert len(await house.query(f"SELECT FROM {table}")) == left, table

    async def test_o17_what_a_baseline_is_made_of_stays(self, house: House) -> None:
        """Runs older than 90 days go, but of each source its ten newest complete ones, and its ten newest others."""
        now = house.services.clock.now()
        await house.query("INSERT INTO sources VALUES ('s', $1, $1, $1, 1, 'complete')", now)
        for age in range(80, 100):
            for verdict in ("complete", "partial"):
                [run] = await house.query(
                    "INSERT INTO runs (id, options, epoch, pid, host, started_at, finished_at)"
                    " VALUES (gen_random_uuid(), '{}', 1, 1, 'h', $1, $1) RETURNING id",
                    now - (age + 0.5) * DAY,
                )
                await house.query(
                    "INSERT INTO source_runs (run_id, source, verdict, listed, report, finished_at)"
                    " VALUES ($1, 's', $2, $3, '{}', $4)",
                    run["id"], verdict, age, now - (age + 0.5) * DAY,
                )  # fmt: skip
        before = await house.services.runs.baseline("s")
        planned = await clean(house, HISTORY, dt.timedelta(0), dry_run=True)
        report = await clean(house, HISTORY, dt.timedelta(0))
        assert report.history == planned.history
        assert report.history is not None
        assert report.history.runs == 20
        assert await house.services.runs.baseline("s") == before

    async def test_what_ran_by_the_clock_long_ago_goes_but_the_last_of_each_job(self, house: House) -> None:
        now, slots = house.services.clock.now(), house.services.slots
        for name, ages in (("cleanup", (1, 89, 91, 200)), ("weekly_report", (100, 107))):
            for age in ages:
                assert await slots.claim(name, now - age * DAY, "a", uuid4(), now - age * DAY)
        planned = await clean(house, HISTORY, dt.timedelta(0), dry_run=True)
        report = await clean(house, HISTORY, dt.timedelta(0))
        assert report.history == planned.history
        assert report.history is not None
        assert report.history.runs == 3
        rows = await house.query("SELECT name, due_at FROM scheduled_runs ORDER BY name, due_at DESC")
        assert [(row["name"], (now - row["due_at"]).days) for row in rows] == [
            ("cleanup", 1), ("cleanup", 89), ("weekly_report", 100),
        ]  # fmt: skip

    async def test_r194_nothing_has_to_be_configured(self, house: House) -> None:
        await add_owner(house, "some", TRANSIENT)
        assert (await clean(house)).ok
