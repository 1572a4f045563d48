"""No image is lost: what issue 4 must show, over the replica, the real program, a real database and real files."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from support.galleries import open_gallery_house
from support.house import make_options, open_house
from support.program import MODULE, Program, environment_for
from support.replica import running_replica
from trivia_scraper.demo.request_log import RequestLog, RequestSeen
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch, plain_path
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.pipeline.cleanup import clean_up
from trivia_scraper.pipeline.recovery import recover


def answer_with(replica: Replica, status: int, *paths: str) -> None:
    """These pictures are answered so from now on."""
    for path in paths:
        replica.site.flip(ImageSwitch(path=path, fault=ImageFault.STATUS, status=status))


class Recovering:
    """The program over a store whose pictures failed in a run before it, beside the replica in this process."""

    def __init__(self, folder: Path, database_url: str, replica: Replica) -> None:
        self.folder = folder
        self.database_url = database_url
        self.replica = replica
        self.program = Program(
            folder,
            environment_for(
                folder, replica.index_urls,
                TRIVIA_DATABASE_URL=database_url,
                TRIVIA__STORAGE__PATH=str(folder / "images"),
                TRIVIA__LOOKUP__URL=replica.lookup_url,
                TRIVIA__RECOVERY__BACKOFF_BASE_SECONDS="0.001",
            ),
        )  # fmt: skip

    async def run(self, **options: Any) -> None:
        """One run of the whole house, whose first downloads meet whatever is switched on."""
        async with open_house(self.folder, self.database_url, self.replica) as house:
            await house.run(**options)

    async def rows(self, condition: str = "true") -> list[dict[str, Any]]:
        return await self.query(f"SELECT * FROM images WHERE {condition} ORDER BY id")

    async def query(self, statement: str) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self.database_url)
        try:
            return [dict(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def problems(self) -> list[str]:
        """Rows against files, after whatever the next start repairs."""
        async with open_house(self.folder, self.database_url, self.replica) as house:
            return list(await house.problems())

    async def kill_after(self, pictures: int, *arguments: str) -> None:
        """Run a command and kill it with SIGKILL once this many pictures were sent."""
        enough = _watched(self.replica.site.log, pictures)
        process = await asyncio.create_subprocess_exec(
            *MODULE, *arguments, env=self.program.environment, cwd=self.folder,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(30):
                await enough.wait()
        finally:
            process.kill()
            await process.wait()


def _watched(log: RequestLog, pictures: int) -> asyncio.Event:
    """Set once this many more pictures were sent."""
    enough, left, ended = asyncio.Event(), pictures, log.ended

    def note(seen: RequestSeen, bytes_sent: int) -> None:
        nonlocal left
        ended(seen, bytes_sent)
        left -= seen.status == 200 and bytes_sent > 0 and seen.path.endswith(("jpg", "jpeg", "png", "webp", "gif"))
        if left <= 0:
            enough.set()

    log.ended = note  # type: ignore[method-assign]
    return enough


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica(34) as running:
        yield running


@pytest.fixture
async def recovering(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[Recovering]:
    made = Recovering(tmp_path, database_url, replica)
    yield made
    await made.program.leaves_no_process()


class TestRateLimitedGallery:
    """Must-show 1: ten photos of which six are rate-limited, from the listing to the last byte."""

    async def test_r112_r113_r144_r149_r189_ten_of_ten_in_the_end(
        self, tmp_path: Path, database_url: str, replica: Replica
    ) -> None:
        limited = [f"/photo-cdn/google_places/place-1-10-{number}.jpg" for number in (1, 2, 4, 5, 7, 9)]
        async with open_gallery_house(tmp_path, database_url, replica) as galleries:
            await galleries.open_venue(ids={"google_places": "place-1-10"})
            answer_with(replica, 429, *limited)
            first = await galleries.enrich()
            assert (first.uploaded, first.failure_breakdown) == (4, {"rate_limited": 6})
            failed = [row for row in await galleries.rows() if row["status"] == "failed"]
            assert [(row["error_type"], row["status_code"], row["retry_count"]) for row in failed] == [
                ("rate_limited", 429, 0)
            ] * 6

            cleaned = await clean_up(make_options(), galleries.new_run())
            assert cleaned.counters["transient_queued"] == 1
            assert sum(cleaned.counters[name] for name in ("permanent_logged", "ambiguous_skipped", "errors")) == 0
            [queued] = await galleries.house.query("SELECT * FROM recovery_requests")
            assert (queued["owner_id"], queued["started_at"]) == (first.venue.id, None)

            replica.site.clear()
            galleries.clock.let_pass(dt.timedelta(hours=1))
            calls, downloads = replica.provider_calls(), replica.photo_downloads()
            request = RecoveryRequest(include_ambiguous=False, all_due=True)
            retried = await recover(request, make_options(), galleries.new_run())
            assert retried.message == "6 newly uploaded, 0 still failed"
            assert await galleries.statuses() == ["uploaded"] * 10
            assert replica.provider_calls() == calls, "no provider was asked for a listing"
            assert replica.photo_downloads() == downloads + 6
            [done] = await galleries.house.query("SELECT * FROM recovery_requests")
            assert done["finished_at"] is not None

            before = {row["id"]: row["identity"] for row in await galleries.rows()}
            forced = await galleries.enrich(force_update=True)
            assert (forced.kept, forced.uploaded, forced.failed) == (10, 0, 0)
            assert {row["id"]: row["identity"] for row in await galleries.rows()} == before
            assert len(await galleries.house.query("SELECT * FROM images")) == 10
            assert len(galleries.house.files) == 20
            assert await galleries.house.problems() == []


class TestClosing:
    """Must-show 2: 404 closes at once; a third transient failure closes; 500 stays until somebody includes it."""

    async def test_r145_r147_r151_r152_r160_three_ways_to_end(self, recovering: Recovering) -> None:
        source, replica, program = "quizmeisters", recovering.replica, recovering.program
        site = replica.site
        gone, away, odd = [site.image_path(source, venue.hero) for venue in site.venues(source) if venue.hero][:3]
        answer_with(replica, 503, gone, away, odd)
        await recovering.run(sources=(source,), limit=5)
        by_path = {plain_path(row["provider_url"]): row["id"] for row in await recovering.rows("status = 'failed'")}
        answer_with(replica, 404, gone)
        answer_with(replica, 500, odd)

        first = await program.call("retry", "--all-due", "--json")
        states = {
            row["id"]: (row["status"], row["retry_count"], row["error_type"])
            for row in await recovering.rows("status <> 'uploaded'")
        }
        assert states == {
            by_path[gone]: ("permanently_failed", 1, "not_found"),
            by_path[away]: ("failed", 1, "service_unavailable"),
            by_path[odd]: ("failed", 1, "server_error"),
        }
        assert (first.code, first.document["counts"]["closed"], first.document["counts"]["still_failed"]) == (3, 1, 2)

        await program.call("retry", "--all-due")
        third = await program.call("retry", "--all-due")
        assert "3 of 3" in third.out
        states = {
            row["id"]: (row["status"], row["retry_count"]) for row in await recovering.rows("status <> 'uploaded'")
        }
        assert states == {
            by_path[gone]: ("permanently_failed", 1),
            by_path[away]: ("permanently_failed", 3),
            by_path[odd]: ("failed", 1),
        }

        replica.site.switches.images.clear()
        nothing = await program.call("retry", "--all-due")
        assert (nothing.code, nothing.out) == (0, "no retryable failures\n")
        asked = await program.call("retry", "--all-due", "--include-ambiguous", "--json")
        assert (asked.code, asked.document["message"]) == (0, "1 newly uploaded, 0 still failed")
        [ambiguous] = await recovering.rows(f"id = {by_path[odd]}")
        assert (ambiguous["status"], ambiguous["retry_count"]) == ("uploaded", 2)
        assert {row["status"] for row in await recovering.rows()} == {"uploaded", "permanently_failed"}
        assert await recovering.problems() == []


class TestKilling:
    """Must-show 3: kill -9 in the middle of a recovery of 200 images."""

    async def test_r147_r156_a_killed_recovery_is_finished_by_the_next(self, recovering: Recovering) -> None:
        """Nothing is retried more than three times, nothing is lost, no file is without a row."""
        replica = recovering.replica
        pictures = list(replica.site.gallery.paths)
        answer_with(replica, 503, *pictures)
        await recovering.run()
        failed = [row["id"] for row in await recovering.rows("status = 'failed'")]
        assert len(failed) >= 200
        replica.site.switches.images.clear()
        hopeless = pictures[::60][:3]  # ten failures in a row would rightly have the host left alone
        answer_with(replica, 503, *hopeless)
        replica.site.log.reset()

        await recovering.kill_after(100, "retry", "--all-due")
        stored = len(await recovering.rows("status = 'uploaded'"))
        assert 80 <= stored < 180
        ended = [await recovering.program.call("retry", "--all-due") for _ in range(4)]
        assert (ended[-1].code, ended[-1].out) == (0, "no retryable failures\n")

        rows = await recovering.rows()
        assert sorted(row["id"] for row in rows) == failed
        ends = Counter(row["status"] for row in rows)
        assert set(ends) == {"uploaded", "permanently_failed"}
        assert all(row["retry_count"] == 3 for row in rows if row["status"] == "permanently_failed")
        assert all(row["retry_count"] <= 3 for row in rows)
        tries = await recovering.query(
            "SELECT count(*) FROM image_attempts WHERE kind = 'recovery' GROUP BY image_id"
        )
        assert max(each["count"] for each in tries) <= 3
        assert ends["permanently_failed"] <= len(hopeless)
        # The picture on its way when the process was killed is asked for once more.
        asked = Counter(seen.path for seen in replica.site.log.requests() if seen.path in replica.site.gallery)
        assert sum(asked.values()) - sum(each["count"] for each in tries) <= 1
        assert await recovering.problems() == []
