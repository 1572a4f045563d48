"""kill -9 at each step of the nightly sweep: no file is lost, no picture is forgotten, and the next one finishes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

LAB = Path(__file__).parents[1] / "support" / "cleanup_lab.py"
READS = ("file:open", "sql:begin", "files/lock_keys", "lock_owner", "stored_rows", "unreferenced", "is_needed",
         "held_copy", "standing_images")  # fmt: skip
"""Looking changes nothing: dying there is dying before the next step that does."""


class Lab:
    """Talks to one laboratory, and fills its store."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, connection: Any) -> None:
        self._process = process
        self.images = folder / "images"
        self.connection = connection
        self._count = 0

    async def ask(self, mode: str, at: int = 0) -> dict[str, Any]:
        """One cleanup in the laboratory."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"mode": mode, "at": at}).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        assert answer, f"the laboratory ended at {mode} {at}"
        return dict(json.loads(answer))

    async def break_things(self) -> Breakage:
        """A file without a row, a row without its file, a row with a damaged file."""
        self._count += 1
        slug = f"pub-{self._count}"
        orphan = self._write(f"venues/{slug}/hero-0123456789ab.jpg", f"orphan {slug}".encode())
        venue = await self.connection.fetchval(
            "INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at,"
            " updated_at) VALUES ($1, $1, $1, 'GB', 'UTC', 'x', now(), now(), now()) RETURNING id",
            slug,
        )
        missing = await self._row(venue, f"venues/{slug}/gallery-aaaaaaaaaaaa.jpg", "never written")
        damaged_key = f"venues/{slug}/gallery-bbbbbbbbbbbb.jpg"
        damaged = await self._row(venue, damaged_key, "what it was")
        self._write(damaged_key, f"damaged {slug}".encode())
        return Breakage(slug, orphan, damaged_key, [missing, damaged])

    def _write(self, key: str, body: bytes) -> str:
        path = self.images / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return key

    async def _row(self, venue: int, key: str, content: str) -> int:
        row: int = await self.connection.fetchval(
            "INSERT INTO images (owner_kind, owner_id, role, provider, identity, provider_url, status, storage_key,"
            " sha256, created_at, updated_at) VALUES ('venue', $1, 'gallery', 'here', $2, 'https://p.example/x.jpg',"
            " 'uploaded', $2, $3, now(), now()) RETURNING id",
            venue, key, hashlib.sha256(content.encode()).hexdigest(),
        )  # fmt: skip
        return row

    async def assert_mended(self, broken: Breakage, what: str) -> None:
        """The next cleanup leaves everything in order, and nothing lost."""
        ended = await self.ask("recover")
        assert ended.get("problems") == [], f"{what}: {ended}"
        held = {
            row["storage_key"]: row["quarantine_key"]
            for row in await self.connection.fetch(
                "SELECT * FROM quarantine WHERE moved_at IS NOT NULL AND ended_at IS NULL"
            )
        }
        assert await self.connection.fetchval("SELECT count(*) FROM quarantine WHERE moved_at IS NULL") == 0, what
        for key, body in ((broken.orphan, f"orphan {broken.slug}"), (broken.damaged, f"damaged {broken.slug}")):
            assert (self.images / held[key]).read_bytes() == body.encode(), what
            assert not (self.images / key).exists(), what
        rows = await self.connection.fetch("SELECT status, reason FROM images WHERE id = ANY ($1)", broken.images)
        assert {row["status"] for row in rows} == {"failed"}, what
        assert {row["reason"] for row in rows} == {"file_missing", "file_damaged"}, what
        asked = await self.connection.fetch("SELECT image_ids FROM recovery_requests WHERE finished_at IS NULL")
        assert set(broken.images) <= {image for row in asked for image in row["image_ids"]}, what


class Breakage:
    """What is out of order."""

    def __init__(self, slug: str, orphan: str, damaged: str, images: list[int]) -> None:
        self.slug = slug
        self.orphan = orphan
        self.damaged = damaged
        self.images = images


@asynccontextmanager
async def open_lab(folder: Path, database_url: str) -> AsyncIterator[Lab]:
    """A laboratory over an empty store of the test's own."""
    config = json.dumps({"folder": str(folder), "database_url": database_url})
    import_path = os.pathsep.join(filter(None, (str(LAB.parents[1]), os.environ.get("PYTHONPATH"))))
    connection = await asyncpg.connect(database_url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(LAB), config, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": import_path},
    )  # fmt: skip
    try:
        yield Lab(process, folder, connection)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await connection.close()


async def test_f01_sigkill_at_every_step_of_the_sweep(tmp_path: Path, database_url: str) -> None:
    """F01, F26, F27: killed before each statement and each change of the disk, from the first repair on."""
    async with open_lab(tmp_path, database_url) as lab:
        for _ in range(2):  # the first one makes folders that the others find
            broken = await lab.break_things()
            seams = (await lab.ask("count"))["seams"]
            await lab.assert_mended(broken, "never killed")
        first = next(number for number, name in enumerate(seams) if name.endswith("quarantine/announce"))
        steps = [number for number in range(first, len(seams)) if not any(part in seams[number] for part in READS)]
        assert {"file:rename"} < {seams[number] for number in steps}
        for number in steps[:: 3 if os.environ.get("TRIVIA_TEST_CRASHES") == "sample" else 1]:
            broken = await lab.break_things()
            ended = await lab.ask("kill", number + 1)
            assert ended == {"killed": signal.SIGKILL}, f"{seams[number]}: {ended}"
            await lab.assert_mended(broken, f"killed before {number + 1}: {seams[number]}")
