"""Recovery over real Postgres, real files and the replica's real faults (images.md 8; R144-R164, R188, R189)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from support.galleries import StillClock
from support.house import House, make_options, open_house
from support.replica import running_replica
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.recovery import NOTHING_TO_DO, QueuedHow, RecoveryEnd, RecoveryReport, RecoveryRequest
from trivia_scraper.pipeline.recovery import queue_recovery, recover, recover_owner, recover_waiting
from trivia_scraper.ports import OwnerLocks, Services

SOURCE = "quizmeisters"
ALL_DUE = RecoveryRequest(include_ambiguous=False, all_due=True)
WITH_AMBIGUOUS = RecoveryRequest(include_ambiguous=True, all_due=True)


def all_pictures(replica: Replica) -> list[str]:
    """Where the pictures of the source's venues lie, each once."""
    site = replica.site
    return list(dict.fromkeys(site.image_path(SOURCE, venue.hero) for venue in site.venues(SOURCE) if venue.hero))


class Lab:
    """A house whose pictures failed when they were found, and a clock that only sleeping moves."""

    def __init__(self, house: House, clock: StillClock | None = None) -> None:
        self.clock = clock or StillClock()
        self.house = house
        house.services = replace(house.services, clock=self.clock, sleep=self.clock.sleep, random=lambda: 0.0)
        self.options = make_options(retry_failed_only=True)

    @property
    def services(self) -> Services:
        return replace(self.house.services, run_id=uuid4())

    def break_pictures(self, status: int, *paths: str, **how: Any) -> None:
        """From now on these pictures are answered so."""
        for path in paths:
            switch = ImageSwitch(path=path, fault=ImageFault.STATUS, status=status, **how)
            self.house.replica.site.flip(switch)

    def heal(self) -> None:
        """Every picture is well again."""
        self.house.replica.site.switches.images.clear()

    def picture_paths(self) -> list[str]:
        """Where the pictures of the source lie."""
        return all_pictures(self.house.replica)

    async def failing(self, status: int, number: int = 1, **how: Any) -> list[dict[str, Any]]:
        """The rows of this many pictures that a run could not have."""
        self.break_pictures(status, *self.picture_paths()[:number], **how)
        await self.house.run(sources=(SOURCE,))
        rows = await self.rows("status <> 'uploaded'")
        assert len(rows) == number
        return rows

    async def failing_by_person(self) -> dict[str, Any]:
        """A stored picture of a host that is a failure by now which waits for a person."""
        [row, *_] = await self.house.query(
            "UPDATE images SET status = 'failed', storage_key = NULL, thumb_key = NULL, sha256 = NULL,"
            " error_type = 'server_error' WHERE id = (SELECT id FROM images WHERE owner_kind = 'performer'"
            " AND status = 'uploaded' ORDER BY id LIMIT 1) RETURNING *"
        )
        return row

    async def rows(self, condition: str = "true") -> list[dict[str, Any]]:
        return await self.house.query(f"SELECT * FROM images WHERE {condition} ORDER BY id")

    async def row(self, image_id: int) -> dict[str, Any]:
        [row] = await self.rows(f"id = {image_id}")
        return row

    async def recover(self, request: RecoveryRequest = ALL_DUE, **options: Any) -> RecoveryReport:
        self.house.replica.site.log.reset()
        self.house.capture.entries.clear()
        return await recover(request, make_options(retry_failed_only=True, **options), self.services)

    def asked(self) -> list[str]:
        """What was asked of the replica since the last recovery began."""
        return [seen.path for seen in self.house.replica.site.log.requests()]

    def later(self, seconds: float) -> None:
        self.clock.let_pass(dt.timedelta(seconds=seconds))

    async def due_in(self, image_id: int, seconds: float) -> None:
        """From now on this failure is due then."""
        due = self.clock.now() + dt.timedelta(seconds=seconds)
        await self.house.query("UPDATE images SET next_retry_at = $2 WHERE id = $1", image_id, due)


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica(16) as running:
        yield running


@pytest.fixture
async def lab(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[Lab]:
    async with open_house(tmp_path, database_url, replica) as house:
        yield Lab(house)


async def test_r149_a_healed_picture_is_stored_from_its_stored_address(lab: Lab) -> None:
    """R144, R149, R154, R155: no page or listing is asked; the row is uploaded with its key; counted and logged."""
    [failed] = await lab.failing(503)
    assert (failed["status"], failed["retry_count"]) == ("failed", 0)
    lab.heal()

    report = await lab.recover()

    [image] = report.images()
    row = await lab.row(failed["id"])
    assert (image.end, image.retry_count) == (RecoveryEnd.UPLOADED, 1)
    assert (row["status"], row["retry_count"], row["failure_streak"]) == ("uploaded", 1, 0)
    assert row["storage_key"] == image.storage_key
    assert row["storage_key"] in lab.house.files
    assert row["retried_at"] is not None
    assert {row[name] for name in ("error_type", "error", "status_code", "next_retry_at", "finalized_at")} == {None}
    assert [path for path in lab.asked() if "robots" not in path] == [lab.picture_paths()[0]]
    assert report.ok
    assert report.message == "1 newly uploaded, 0 still failed"
    finished = lab.house.events("recovery.finished")
    assert finished[0]["message"] == report.message
    assert await lab.house.problems() == []


async def test_r150_r151_three_failures_with_growing_waits_close_it(lab: Lab) -> None:
    """D3, R145, R147, R150, R151, R227: waits of 2, 4, 8 s stand in the row; the third failure closes; no fourth."""
    [failed] = await lab.failing(503)
    waits, seen = [(failed["next_retry_at"] - failed["error_at"]).total_seconds()], []
    for attempt in (1, 2, 3):
        report = await lab.recover()
        row = await lab.row(failed["id"])
        [image] = report.images()
        assert row["retry_count"] == row["retry_attempt"] == image.retry_count == attempt
        assert row["retried_at"] == row["error_at"]
        assert (row["error_type"], row["status_code"]) == ("service_unavailable", 503)
        seen.append((row["status"], image.end))
        if row["next_retry_at"] is not None:
            waits.append((row["next_retry_at"] - row["error_at"]).total_seconds())
        assert len([path for path in lab.asked() if path == lab.picture_paths()[0]]) == 1
    assert waits == [2.0, 4.0, 8.0]
    assert seen == [
        ("failed", RecoveryEnd.FAILED),
        ("failed", RecoveryEnd.FAILED),
        ("permanently_failed", RecoveryEnd.CLOSED),
    ]
    assert (row["failure_streak"], row["error_type"]) == (3, "service_unavailable")
    assert row["finalized_at"] is not None

    after = await lab.recover()
    assert (list(after.images()), lab.asked(), after.ok) == ([], [], True)
    attempts = await lab.house.query("SELECT kind FROM image_attempts WHERE image_id = $1 ORDER BY id", failed["id"])
    assert [each["kind"] for each in attempts] == ["download", "recovery", "recovery", "recovery"]


async def test_r125_what_our_own_store_refuses_costs_no_attempt_and_is_told(lab: Lab) -> None:
    """R147: three nights of a broken store must not close what its site would give; and nobody calls it "not due"."""
    [failed] = await lab.failing(503)
    lab.heal()
    [venue] = await lab.house.query("SELECT slug FROM venues WHERE id = $1", failed["owner_id"])
    folder = lab.house.settings.image_dir / "venues" / venue["slug"]
    folder.write_bytes(b"a file where the folder should be")

    report = await lab.recover()

    [image] = report.images()
    assert (image.end, image.error_type, image.retry_count) == (RecoveryEnd.FAILED, "storage_error", 0)
    assert "nothing was counted" in image.note
    assert (report.ok, report.message) == (False, "0 newly uploaded, 1 still failed")
    row = await lab.row(failed["id"])
    assert {**row, "listing_key": failed["listing_key"]} == failed, "still transient, still due"
    assert not await lab.rows("status = 'permanently_failed'")
    folder.unlink()
    assert (await lab.recover()).counts["newly_uploaded"] == 1
    assert await lab.house.problems() == []


async def test_r188_a_503_that_asks_for_a_wait_is_due_then(lab: Lab) -> None:
    """D3, R223: Retry-After overrides the backoff, whichever status it came with."""
    [failed] = await lab.failing(503)
    lab.break_pictures(503, lab.picture_paths()[0], retry_after=3600)
    [image] = (await lab.recover()).images()
    row = await lab.row(failed["id"])
    assert (image.end, row["retry_count"]) == (RecoveryEnd.FAILED, 1)
    assert row["next_retry_at"] - row["error_at"] == dt.timedelta(hours=1)
    [wait] = await lab.house.query("SELECT seconds FROM provider_waits")
    assert wait["seconds"] == 3600


@pytest.mark.parametrize("status", [404, 410, 403, 401])
async def test_r152_a_permanent_answer_closes_at_once(lab: Lab, status: int) -> None:
    [failed] = await lab.failing(503)
    lab.break_pictures(status, lab.picture_paths()[0])
    report = await lab.recover()
    row = await lab.row(failed["id"])
    assert (row["status"], row["retry_count"], row["status_code"]) == ("permanently_failed", 1, status)
    assert row["finalized_at"] is not None
    assert row["next_retry_at"] is None
    assert report.counts["closed"] == 1
    assert not report.ok


async def test_r146_r153_what_is_permanent_or_closed_is_never_asked(lab: Lab) -> None:
    """R146, R160: a failed row of a permanent class is closed without a request; a closed one is left as it is."""
    first, second = await lab.failing(503, 2)
    await lab.house.query("UPDATE images SET error_type = 'not_found' WHERE id = $1", first["id"])
    await lab.house.query(
        "UPDATE images SET status = 'permanently_failed', finalized_at = now() WHERE id = $1", second["id"]
    )
    closed = await lab.row(second["id"])
    lab.heal()
    report = await lab.recover()
    row = await lab.row(first["id"])
    assert (row["status"], row["retry_count"], row["error_type"]) == ("permanently_failed", 0, "not_found")
    assert row["finalized_at"] is not None
    assert await lab.row(second["id"]) == closed
    assert lab.asked() == []
    assert [image.end for image in report.images()] == [RecoveryEnd.CLOSED]
    chosen = await lab.recover(RecoveryRequest(include_ambiguous=True, image_ids=(second["id"],)))
    [image] = chosen.images()
    assert (image.end, image.note) == (RecoveryEnd.PASSED_OVER, "it is closed: only review opens it again")


async def test_r159_without_an_address_it_is_closed_as_invalid_url(lab: Lab) -> None:
    [failed] = await lab.failing(500)
    await lab.house.query("UPDATE images SET provider_url = NULL WHERE id = $1", failed["id"])
    await lab.recover()
    row = await lab.row(failed["id"])
    assert (row["status"], row["error_type"], row["status_code"]) == ("permanently_failed", "invalid_url", None)
    assert row["error"] == "no address is stored"


async def test_r145_an_ambiguous_failure_waits_for_a_person(lab: Lab) -> None:
    """D4: 500 is retried only with include_ambiguous, and then it waits again."""
    [failed] = await lab.failing(500)
    assert failed["next_retry_at"] is None
    report = await lab.recover()
    assert (list(report.images()), lab.asked()) == ([], [])
    asked = await lab.recover(WITH_AMBIGUOUS)
    [image] = asked.images()
    row = await lab.row(failed["id"])
    assert (image.end, row["status"], row["retry_count"], row["next_retry_at"]) == (
        RecoveryEnd.FAILED, "failed", 1, None,
    )  # fmt: skip
    lab.heal()
    assert (await lab.recover(WITH_AMBIGUOUS)).counts["newly_uploaded"] == 1


async def test_r158_nothing_to_do_is_success_without_a_write(lab: Lab) -> None:
    [failed] = await lab.failing(503)
    await lab.due_in(failed["id"], 7200)
    before = await lab.row(failed["id"])
    tables = ("image_attempts", "provider_state", "breakers", "runs", "recovery_requests")
    sizes = [await lab.house.query(f"SELECT count(*) FROM {table}") for table in tables]
    [venue] = await lab.house.query("SELECT slug FROM venues WHERE id = $1", failed["owner_id"])
    report = await lab.recover(RecoveryRequest(include_ambiguous=False), venues=(venue["slug"],))
    assert (report.ok, report.message) == (True, NOTHING_TO_DO)
    assert report.counts["not_due"] == 1
    assert await lab.row(failed["id"]) == before
    assert [await lab.house.query(f"SELECT count(*) FROM {table}") for table in tables] == sizes
    assert lab.asked() == []


async def test_r164_one_due_within_a_minute_is_waited_for(lab: Lab) -> None:
    """images.md 2: due within 60 s is waited for, later is not due."""
    soon, late = await lab.failing(503, 2)
    await lab.due_in(soon["id"], 50)
    await lab.due_in(late["id"], 200)
    lab.heal()
    report = await lab.recover(RecoveryRequest(include_ambiguous=False, image_ids=(soon["id"], late["id"])))
    ends = {image.id: image.end for image in report.images()}
    assert ends == {soon["id"]: RecoveryEnd.UPLOADED, late["id"]: RecoveryEnd.NOT_DUE}
    assert [wait for wait in lab.clock.waits if wait > 40] == [50.0]


async def test_r156_every_outcome_is_its_own_transaction_and_touches_no_other_row(lab: Lab) -> None:
    """R156, R129: with a bug in the middle what came before is stored, what comes after is done, others are equal."""
    rows = await lab.failing(503, 3)
    untouched = await lab.rows("status = 'uploaded'")
    lab.heal()
    lab.break_pictures(503, lab.picture_paths()[1])
    report = await lab.recover()
    states = [(await lab.row(row["id"]))["status"] for row in rows]
    assert sorted(states) == ["failed", "uploaded", "uploaded"]
    assert await lab.rows(f"id = ANY (ARRAY{[row['id'] for row in untouched]}::bigint[])") == untouched
    assert report.message == "2 newly uploaded, 1 still failed"
    assert not report.ok


async def test_a_crash_costs_one_owner_and_is_counted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """One owner's bug is logged with its traceback, and the others go on."""
    await lab.failing(503, 3)
    lab.heal()
    services, victims = lab.services, []
    read = services.photos.owner_photos

    async def crash_once(kind: OwnerKind, owner_id: int) -> Any:
        if not victims:
            victims.append(owner_id)
            raise ZeroDivisionError("oops")
        return await read(kind, owner_id)

    monkeypatch.setattr(services.photos, "owner_photos", crash_once)
    report = await recover(ALL_DUE, lab.options, services)
    assert report.counts["crashed"] == 1
    assert report.counts["newly_uploaded"] == 2
    assert not report.ok
    [crash] = lab.house.events("recovery.crashed")
    assert isinstance(crash["exc_info"], ZeroDivisionError)


async def test_r148_r128_a_provider_delay_before_each_download_but_the_first(lab: Lab) -> None:
    rows = await lab.failing(503, 3)
    [venue] = {(row["owner_kind"], row["owner_id"]) for row in rows[:1]}
    await lab.house.query(
        "UPDATE images SET owner_id = $1, provider = provider || id, role = 'gallery' WHERE status = 'failed'",
        venue[1],
    )
    lab.later(10)
    lab.heal()
    report = await lab.recover()
    assert report.counts["newly_uploaded"] == 3
    assert lab.clock.waits[-2:] == [0.1, 0.1]
    assert 0.1 not in lab.clock.waits[:-2]


async def test_r223_a_429_slows_the_provider_down_and_is_remembered(
    lab: Lab, tmp_path: Path, database_url: str, replica: Replica
) -> None:
    """Retry-After is kept too: the row is due then, the host is left alone, and a new process knows it."""
    first, second = await lab.failing(503, 2)
    lab.break_pictures(429, *lab.picture_paths()[:2], retry_after=7200)
    report = await lab.recover()
    ends = sorted(image.end for image in report.images())
    assert ends == [RecoveryEnd.FAILED, RecoveryEnd.NOT_DUE]
    rows = [await lab.row(row["id"]) for row in (first, second)]
    assert sorted(row["retry_count"] for row in rows) == [0, 1]
    for row in rows:
        assert row["next_retry_at"] == lab.clock.now() + dt.timedelta(seconds=7200)
    [state] = await lab.house.query("SELECT provider, delay_ms FROM provider_state")
    assert state == {"provider": SOURCE, "delay_ms": 200}
    [wait] = await lab.house.query("SELECT seconds FROM provider_waits")
    assert wait["seconds"] == 7200


async def test_r225_after_ten_failures_a_host_is_left_alone_across_a_restart(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    """Ten failures in a row open the breaker; the others are not asked and not counted; one probe closes it."""
    async with open_house(tmp_path, database_url, replica) as house:
        lab = Lab(house)
        failed = await lab.failing(503, 12)
        report = await lab.recover()
        rows = await lab.rows("status = 'failed'")
        assert (report.counts["still_failed"], report.counts["not_due"]) == (10, 2)
        assert sorted(row["retry_count"] for row in rows) == [0, 0] + [1] * 10
        [breaker] = await house.query("SELECT * FROM breakers")
        assert (breaker["failures_in_row"], breaker["pause_seconds"]) == (10, 900)
        assert {row["next_retry_at"] for row in rows if not row["retry_count"]} == {breaker["open_until"]}
        [opened] = house.events("breaker.opened")
        assert opened["why"] == "failures"
    chosen = RecoveryRequest(include_ambiguous=False, image_ids=tuple(row["id"] for row in failed))
    async with open_house(tmp_path, database_url, replica) as house:
        again = Lab(house, lab.clock)
        again.later(60)
        report = await again.recover(chosen)
        assert (report.counts["not_due"], again.asked()) == (12, [])
        again.later(900)
        probed = await again.recover(chosen)
        assert sum(image.was_attempted for image in probed.images()) == 1
        [breaker] = await house.query("SELECT * FROM breakers")
        assert breaker["pause_seconds"] == 1800
        again.heal()
        again.later(1800)
        healed = await again.recover()
        assert healed.counts["newly_uploaded"] == 12
        [breaker] = await house.query("SELECT * FROM breakers")
        assert (breaker["failures_in_row"], breaker["open_until"]) == (0, None)
        assert house.events("breaker.closed")


async def test_r139_r141_logs_say_which_attempt_and_what_failed(lab: Lab) -> None:
    """R139, R141, R142, R143: attempt n of 3, owner, provider, type, code, short URL; counts of this recovery."""
    await lab.failing(503)
    report = await lab.recover()
    [failure] = lab.house.events("image.refresh_failed")
    assert failure["recovery_attempt"] == "1/3"
    assert (failure["error_type"], failure["status_code"], failure["provider"]) == (
        "service_unavailable",
        503,
        SOURCE,
    )
    assert failure["owner"] == next(report.images()).owner
    assert len(failure["url"]) <= 80
    assert failure["next_retry_at"] is not None
    *_, finished = lab.house.events("recovery.finished")
    assert finished["message"] == "0 newly uploaded, 1 still failed"
    assert (finished["owners"], finished["still_failed"], finished["closed"]) == (1, 1, 0)


class NotingLocks:
    """Owner's locks that tell when somebody comes to one."""

    def __init__(self, locks: OwnerLocks) -> None:
        self._locks = locks
        self.wanted = asyncio.Event()

    def hold(self, kind: OwnerKind, owner_id: int) -> AbstractAsyncContextManager[None]:
        self.wanted.set()
        return self._locks.hold(kind, owner_id)


async def test_r163_recovery_waits_while_somebody_works_on_the_owner(lab: Lab) -> None:
    """Rows are read when the lock is held: what the other one decided counts."""
    [failed] = await lab.failing(503)
    lab.heal()
    lab.house.replica.site.log.reset()
    request, held = RecoveryRequest(include_ambiguous=False), lab.services.locks
    services = replace(lab.services, locks=NotingLocks(held))
    async with asyncio.TaskGroup() as group, held.hold(OwnerKind.VENUE, failed["owner_id"]):
        task = group.create_task(recover_owner(OwnerKind.VENUE, failed["owner_id"], request, lab.options, services))
        await services.locks.wanted.wait()  # type: ignore[attr-defined]
        await lab.house.query(
            "UPDATE images SET status = 'permanently_failed', version = version + 1 WHERE id = $1", failed["id"]
        )
        assert lab.asked() == []
    assert (await lab.row(failed["id"]))["status"] == "permanently_failed"
    assert (task.result().message, lab.asked()) == (NOTHING_TO_DO, [])


async def test_two_recoveries_at_once_attempt_an_image_once(lab: Lab) -> None:
    """R163: the second finds it stored, or not due."""
    rows = await lab.failing(503, 2)
    lab.house.replica.site.log.reset()
    reports = await asyncio.gather(*(recover(ALL_DUE, lab.options, lab.services) for _ in range(3)))
    assert sum(image.was_attempted for report in reports for image in report.images()) >= 2
    counts = [(await lab.row(row["id"]))["retry_count"] for row in rows]
    asked = [path for path in lab.asked() if path in lab.picture_paths()]
    assert sum(counts) == len(asked)


async def test_a_row_that_changed_under_the_download_is_left_alone(lab: Lab) -> None:
    """R156: the version says so, and nothing is written or lost."""
    [failed] = await lab.failing(503)
    lab.heal()
    services = lab.services
    sleep, house = services.sleep, lab.house

    async def meddle(seconds: float) -> None:
        await house.query("UPDATE images SET deleted_at = now(), version = version + 1 WHERE id = $1", failed["id"])
        await sleep(seconds)

    await lab.due_in(failed["id"], 9)
    report = await recover(ALL_DUE, lab.options, replace(services, sleep=meddle))
    [image] = report.images()
    assert image.end is RecoveryEnd.CHANGED
    assert (await lab.row(failed["id"]))["storage_key"] is None
    assert await house.problems() == []


async def test_a_stop_while_an_image_is_waited_for_leaves_it(lab: Lab) -> None:
    """Whoever asked to stop waits out the minute, and no request begins after it."""
    [failed] = await lab.failing(503)
    await lab.due_in(failed["id"], 50)
    lab.heal()
    services, stops = lab.services, asyncio.Event()

    async def stop_while_waiting(seconds: float) -> None:
        stops.set()
        await services.sleep(seconds)

    lab.house.replica.site.log.reset()
    report = await recover(ALL_DUE, lab.options, replace(services, sleep=stop_while_waiting, stopping=stops.is_set))
    assert (report.finish_reason, lab.asked()) == (FinishReason.INTERRUPTED, [])
    assert [image.end for image in report.images()] == [RecoveryEnd.LEFT]


async def test_a_stop_leaves_the_rest_untouched_and_says_so(lab: Lab) -> None:
    rows = await lab.failing(503, 3)
    lab.later(60)
    lab.heal()
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > 1

    report = await recover(ALL_DUE, lab.options, replace(lab.services, stopping=stopping))
    assert report.finish_reason is FinishReason.INTERRUPTED
    assert not report.ok
    states = [(await lab.row(row["id"]))["status"] for row in rows]
    assert sorted(states) == ["failed", "failed", "uploaded"]


async def test_a_full_disk_costs_no_image_an_attempt(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """R125: our own trouble ends the recovery and is counted against nobody."""
    rows = await lab.failing(503, 2)
    lab.heal()
    services = lab.services

    async def no_room() -> bool:
        return False

    monkeypatch.setattr(services.files, "has_room", no_room)
    report = await recover(ALL_DUE, lab.options, services)
    assert report.finish_reason is FinishReason.STORAGE_FULL
    assert [image.end for image in report.images()] == [RecoveryEnd.LEFT]
    assert [(await lab.row(row["id"]))["retry_count"] for row in rows] == [0, 0]


async def test_r162_unknown_and_repeated_ids_are_named(lab: Lab) -> None:
    """R162, R205 likewise: a clear error, nothing is asked."""
    [failed] = await lab.failing(503)
    with pytest.raises(SetupError, match="no image 9998, 9999"):
        await lab.recover(RecoveryRequest(include_ambiguous=False, image_ids=(failed["id"], 9999, 9998)))
    with pytest.raises(SetupError, match="image 7 is chosen twice"):
        RecoveryRequest(include_ambiguous=False, image_ids=(7, 8, 7))
    with pytest.raises(SetupError, match="201 images are chosen, 200 at most"):
        RecoveryRequest(include_ambiguous=False, image_ids=tuple(range(1, 202)))
    RecoveryRequest(include_ambiguous=False, image_ids=tuple(range(1, 201)))
    with pytest.raises(SetupError, match="no venue 'the-nowhere'"):
        await lab.recover(RecoveryRequest(include_ambiguous=False), venues=("the-nowhere",))
    with pytest.raises(SetupError, match="no failed images are chosen"):
        await lab.recover(RecoveryRequest(include_ambiguous=False))
    assert lab.asked() == []


async def test_chosen_types_and_providers_narrow_a_recovery(lab: Lab) -> None:
    first, second = await lab.failing(503, 2)
    await lab.house.query("UPDATE images SET error_type = 'rate_limited' WHERE id = $1", second["id"])
    lab.heal()
    elsewhere = await lab.recover(ALL_DUE, providers=("google_places",))
    assert (list(elsewhere.images()), lab.asked()) == ([], [])
    request = RecoveryRequest(include_ambiguous=False, all_due=True, error_types=frozenset({ErrorType.RATE_LIMITED}))
    report = await lab.recover(request, sources=(SOURCE,))
    assert [image.id for image in report.images()] == [second["id"]]
    assert (await lab.row(first["id"]))["status"] == "failed"


async def test_a_dry_run_tells_the_plan_and_changes_nothing(lab: Lab) -> None:
    first, second = await lab.failing(503, 2)
    await lab.house.query("UPDATE images SET error_type = 'gone' WHERE id = $1", second["id"])
    before = await lab.rows()
    report = await lab.recover(ALL_DUE, dry_run=True)
    ends = {image.id: image.end for image in report.images()}
    assert ends == {first["id"]: RecoveryEnd.WOULD_RETRY, second["id"]: RecoveryEnd.WOULD_CLOSE}
    assert (await lab.rows(), lab.asked(), report.ok) == (before, [], True)


async def test_a_venue_brings_its_hosts(lab: Lab) -> None:
    """`retry --venue` is about the pictures that a visit of the venue is about."""
    await lab.house.run(sources=(SOURCE,))
    [host, *_] = await lab.rows("owner_kind = 'performer' AND provider_url IS NOT NULL")
    await lab.house.query(
        "UPDATE images SET status = 'failed', storage_key = NULL, thumb_key = NULL, sha256 = NULL,"
        " error_type = 'rate_limited' WHERE id = $1",
        host["id"],
    )
    [venue, *_] = await lab.house.query(
        "SELECT v.slug FROM events e JOIN venues v ON v.id = e.venue_id WHERE e.performer_id = $1", host["owner_id"]
    )
    report = await lab.recover(RecoveryRequest(include_ambiguous=False), venues=(venue["slug"],))
    assert [(image.id, image.end) for image in report.images()] == [(host["id"], RecoveryEnd.UPLOADED)]


async def test_r188_r189_two_nights_bring_ten_of_ten(lab: Lab) -> None:
    """4 of 10 stored, 6 rate-limited: 9 after night one, 10 after night two, and no operator; R190, R194 likewise."""
    pictures = lab.picture_paths()[:10]
    failed = await lab.failing(429, 6)
    ids = [row["id"] for row in failed]
    stored = [row["id"] for row in await lab.rows("status = 'uploaded' AND role = 'hero'")][:4]
    lab.heal()
    lab.break_pictures(429, pictures[2])
    nights = []
    for _ in range(2):
        lab.later(86_400)
        await lab.recover()
        of_ten = await lab.rows(f"id = ANY (ARRAY{ids + stored}::bigint[]) AND status = 'uploaded'")
        nights.append(len(of_ten))
        lab.heal()
    assert nights == [9, 10]


async def test_downloads_that_are_switched_off_are_no_attempt(lab: Lab) -> None:
    """R126: no request, no write."""
    [failed] = await lab.failing(503)
    services = lab.services
    photos = replace(services.settings.photos, download=False)
    report = await recover(
        ALL_DUE, lab.options, replace(services, settings=replace(services.settings, photos=photos))
    )
    [image] = report.images()
    assert (image.end, image.note) == (RecoveryEnd.PASSED_OVER, "downloads are switched off")
    assert await lab.row(failed["id"]) == failed


async def test_the_queue_is_worked_first_and_each_request_gets_its_outcome(lab: Lab) -> None:
    """R154, R161, R162, R214: a chosen ambiguous image is tried, the rest of its class is not."""
    chosen, left = await lab.failing(500, 2)
    lab.heal()
    asked: dict[str, Any] = {"is_bulk": False, "requested_by": "a page", "options": lab.options}
    kind, services = OwnerKind.VENUE, lab.services
    how = [
        await queue_recovery(
            kind, chosen["owner_id"], [chosen["id"]], include_ambiguous=True, services=services, **asked
        ),
        await queue_recovery(kind, left["owner_id"], None, include_ambiguous=False, services=services, **asked),
        await queue_recovery(kind, left["owner_id"], None, include_ambiguous=False, services=services, **asked),
    ]
    assert how == [QueuedHow.QUEUED, QueuedHow.QUEUED, QueuedHow.ALREADY_QUEUED]
    report = await recover_waiting(lab.options, lab.services)
    ends = {image.id: image.end for image in report.images()}
    assert ends == {chosen["id"]: RecoveryEnd.UPLOADED, left["id"]: RecoveryEnd.AMBIGUOUS}
    requests = await lab.house.query("SELECT * FROM recovery_requests ORDER BY id")
    assert [json.loads(each["outcome"])["message"] for each in requests] == [
        "1 newly uploaded, 0 still failed", NOTHING_TO_DO,
    ]  # fmt: skip
    assert all(each["finished_at"] is not None for each in requests)
    assert [entry["how"] for entry in lab.house.events("recovery.queued")] == how


async def test_a_recovery_of_a_venue_answers_the_request_that_waits_for_it(lab: Lab) -> None:
    """Must-show 1: the cleanup queues, a person's `retry` does it, and nothing is left in the queue."""
    [failed] = await lab.failing(503)
    lab.heal()
    await queue_recovery(
        OwnerKind.VENUE, failed["owner_id"], None, include_ambiguous=False, is_bulk=True, requested_by="cleanup",
        options=lab.options, services=lab.services,
    )  # fmt: skip
    [venue] = await lab.house.query("SELECT slug FROM venues WHERE id = $1", failed["owner_id"])
    await lab.recover(RecoveryRequest(include_ambiguous=False), venues=(venue["slug"],))
    [request] = await lab.house.query("SELECT * FROM recovery_requests")
    assert request["finished_at"] is not None
    assert json.loads(request["outcome"])["counts"]["newly_uploaded"] == 1


async def test_r215_a_request_whose_images_vanished_ends_without_a_trace_elsewhere(lab: Lab) -> None:
    [failed] = await lab.failing(503)
    await queue_recovery(
        OwnerKind.VENUE, failed["owner_id"], [failed["id"]], include_ambiguous=False, is_bulk=False,
        requested_by="a page", options=lab.options, services=lab.services,
    )  # fmt: skip
    await lab.house.query("UPDATE images SET deleted_at = now(), version = version + 1 WHERE id = $1", failed["id"])
    report = await lab.recover()
    assert (list(report.images()), lab.asked(), report.ok) == ([], [], True)
    [request] = await lab.house.query("SELECT finished_at FROM recovery_requests")
    assert request["finished_at"] is not None


async def test_a_request_is_left_waiting_when_the_recovery_is_stopped(lab: Lab) -> None:
    [failed] = await lab.failing(503)
    await queue_recovery(
        OwnerKind.VENUE, failed["owner_id"], None, include_ambiguous=False, is_bulk=False, requested_by="a page",
        options=lab.options, services=lab.services,
    )  # fmt: skip
    report = await recover(ALL_DUE, lab.options, replace(lab.services, stopping=lambda: True))
    assert report.finish_reason is FinishReason.INTERRUPTED
    waiting = await lab.house.query("SELECT FROM recovery_requests WHERE started_at IS NULL AND finished_at IS NULL")
    assert len(waiting) == 1


async def test_r226_what_came_to_wait_is_worked_between_two_batches(lab: Lab) -> None:
    """One job takes up so many owners; then whoever waits is served before the next ones."""
    rows = await lab.failing(503, 3)
    person = (await lab.failing_by_person())["id"]
    lab.heal()
    settings = replace(lab.services.settings, recovery_batch_venues=1)
    services = replace(lab.services, settings=settings)
    read, asked = services.photos.owner_photos, []

    async def ask_meanwhile(kind: OwnerKind, owner_id: int) -> Any:
        if not asked:
            asked.append(owner_id)
            row = await lab.row(person)
            await queue_recovery(
                OwnerKind(row["owner_kind"]), row["owner_id"], [person], include_ambiguous=True, is_bulk=False,
                requested_by="a page", options=lab.options, services=services,
            )  # fmt: skip
        return await read(kind, owner_id)

    services.photos.owner_photos = ask_meanwhile  # type: ignore[method-assign]
    report = await recover(ALL_DUE, lab.options, services)
    assert [image.id for image in report.images()][1] == person
    assert {image.id for image in report.images()} == {person, *(row["id"] for row in rows)}
    assert report.counts["newly_uploaded"] == 4
