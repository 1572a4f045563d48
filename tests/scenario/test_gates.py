"""New work waits at a closed gate (`Services.gate`): this process may not write just now, and takes nothing up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from support.house import House, make_options
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.recovery import OwnerRef, RecoveryRequest
from trivia_scraper.pipeline.cleanup import clean_up
from trivia_scraper.pipeline.enriching_many import enrich_venues
from trivia_scraper.pipeline.recovery import recover, recover_waiting
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.pipeline.verifying import verify_oldest
from trivia_scraper.ports import Services

KEY = "quizmeisters"


Work = Callable[[Services, str], Awaitable[object]]
"""Something that takes up new work; it is told the slug of a venue."""


class Gate:
    """Closed until it is opened; whether somebody waits at it, and how often it was passed."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self.reached = asyncio.Event()
        self.passed = 0

    async def __call__(self) -> None:
        self.reached.set()
        await self._open.wait()
        self.passed += 1

    def open(self) -> None:
        self._open.set()


async def _due_image(house: House) -> None:
    await house.query(
        "UPDATE images SET status = 'failed', storage_key = NULL, thumb_key = NULL, sha256 = NULL, retry_count = 0,"
        " error_type = 'rate_limited', next_retry_at = now() WHERE id = (SELECT min(id) FROM images)"
    )


async def _queued(house: House) -> None:
    await _due_image(house)
    [row] = await house.query("SELECT owner_kind, owner_id FROM images ORDER BY id LIMIT 1")
    await house.services.recoveries.queue(
        OwnerRef(OwnerKind(row["owner_kind"]), row["owner_id"]), None, include_ambiguous=False, is_bulk=True,
        requested_by="a test", at=house.services.clock.now(), options=make_options(),
    )  # fmt: skip


async def _aged(house: House) -> None:
    await house.query("UPDATE images SET verified_at = now() - interval '30 days'")


async def _nothing(_: House) -> None:
    return


ALL_DUE = RecoveryRequest(include_ambiguous=False, all_due=True)


@pytest.mark.parametrize(
    ("prepare", "work", "trace"),
    [
        (
            _nothing,
            lambda services, _: refresh(make_options(sources=(KEY,), limit=3, force_update=True), services),
            "SELECT count(*) AS n FROM venues HAVING count(*) > 1",
        ),
        (
            _due_image,
            lambda services, _: recover(ALL_DUE, make_options(), services),
            "SELECT FROM images WHERE retry_count > 0",
        ),
        (
            _queued,
            lambda services, _: recover_waiting(make_options(), services),
            "SELECT FROM recovery_requests WHERE started_at IS NOT NULL",
        ),
        (
            _due_image,
            lambda services, _: clean_up(make_options(), services),
            "SELECT FROM recovery_requests UNION ALL SELECT FROM statistics_snapshots",
        ),
        (
            _nothing,
            lambda services, slug: enrich_venues(make_options(venues=(slug,)), services),
            "enrichment.started",
        ),
        (
            _aged,
            lambda services, _: verify_oldest(10, make_options(), services),
            "SELECT FROM images WHERE verified_at > now() - interval '1 day'",
        ),
    ],
    ids=["visits", "recovery", "waiting recoveries", "cleanup", "enrichment", "verification"],
)
async def test_work_waits_at_a_closed_gate_and_goes_on_when_it_opens(
    house: House,
    prepare: Callable[[House], Awaitable[None]],
    work: Work,
    trace: str,
) -> None:
    """`trace`: a statement that finds what the work has done, or the event that it logs first."""
    await house.run(sources=(KEY,), limit=1)
    await prepare(house)
    gate = Gate()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        task = group.create_task(_at(gate, work, house))
        await gate.reached.wait()
        assert await _found(trace, house) == []
        assert not task.done()
        gate.open()
    assert gate.passed > 0
    assert await _found(trace, house) != []


async def _found(trace: str, house: House) -> list[dict[str, Any]]:
    return await house.query(trace) if trace.startswith("SELECT") else house.events(trace)


async def _at(gate: Gate, work: Work, house: House) -> None:
    [venue] = await house.venues()
    await work(replace(house.services, run_id=uuid4(), gate=gate), venue.slug)
