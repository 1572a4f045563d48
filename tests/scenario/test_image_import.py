"""An operator imports image records of an older application: processes of their own, one killed in between (R222)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from support.image_shelf import Shelf
from support.program import Program, environment_for
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.importing import BATCH

OLDER = Path(__file__).with_name("older_images.jsonl")


@pytest.fixture
async def shelf(database: Database) -> Shelf:
    shelf = Shelf(database)
    await shelf.venue("the-crown", name="The Crown", name_key="crown", city="York")
    return shelf


@pytest.fixture
async def program(tmp_path: Path, database_url: str) -> AsyncIterator[Program]:
    """The module over the test's own database; it needs no site."""
    called = Program(
        tmp_path, environment_for(tmp_path, {"question_one": "http://127.0.0.1:9/"}, TRIVIA_DATABASE_URL=database_url)
    )
    yield called
    await called.leaves_no_process()


async def images(shelf: Shelf) -> Sequence[dict[str, Any]]:
    return await shelf.rows("SELECT * FROM images ORDER BY id")


async def test_r84_r222_an_operator_looks_imports_and_imports_again(program: Program, shelf: Shelf) -> None:
    before = sha256(OLDER.read_bytes()).hexdigest()
    looked = await program.call("images", "import", str(OLDER), "--dry-run", "--json")
    assert (looked.code, looked.document["import"]["imported"]) == (0, {
        "failed": 2, "permanently_failed": 1, "external": 2,
    }), looked.err  # fmt: skip
    assert await images(shelf) == []
    imported = await program.call("images", "import", str(OLDER), "--json")
    assert imported.document["import"] == {**looked.document["import"], "dry_run": False}
    rows = await images(shelf)
    assert "C4nary" not in repr(rows) + imported.out + imported.err
    again = await program.call("images", "import", str(OLDER))
    assert again.out == "imported 0 of 5\n  known already        5, which stay as they are\nnot used: place_id (1)\n"
    assert await images(shelf) == rows
    assert sha256(OLDER.read_bytes()).hexdigest() == before


async def test_r222_an_import_that_was_killed_is_finished_by_the_next(program: Program, shelf: Shelf) -> None:
    """Batch by batch from a pipe; what a kill leaves is whole batches."""
    many = [
        {"venue": "the-crown", "provider": "here", "url": f"https://h.example/{number}.jpg", "status": "failed"}
        for number in range(3 * BATCH // 2)
    ]
    lines = [f"{json.dumps(record)}\n".encode() for record in many]
    process = await asyncio.create_subprocess_exec(
        *program.words, "images", "import", "-", env=program.environment, cwd=program.folder,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        process.stdin.transport.set_write_buffer_limits(high=0)
        # More blank lines than any pipe holds: when they are gone, the batch before them is in.
        process.stdin.write(b"".join(lines[: BATCH + 100]) + (b" " * 65_000 + b"\n") * 64)
        await process.stdin.drain()
    finally:
        process.kill()
        await process.wait()
    process.stdin.close()
    assert len(await images(shelf)) == BATCH
    whole = program.folder / "older.jsonl"
    whole.write_bytes(b"".join(lines) + b"{\n")
    finished = await program.call("images", "import", str(whole), "--json")
    assert finished.code == 3
    told = finished.document["import"]
    assert (told["imported"], told["known"]) == ({"failed": len(many) - BATCH}, BATCH)
    assert told["rejected"]["not_json"] == {
        "count": 1, "lines": [len(many) + 1], "why": "no JSON, cut off, or nested too deep",
    }  # fmt: skip
    assert len({row["identity"] for row in await images(shelf)}) == len(await images(shelf)) == len(many)
