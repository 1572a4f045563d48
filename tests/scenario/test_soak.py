"""A few hours of the daemon's schedule in seconds, with faults: what `python -m bench.soak` does with a day (G9)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from trivia_scraper.bootstrap import check_database
from trivia_scraper.demo.control import state_of
from trivia_scraper.demo.server import Replica, serve_replica
from trivia_scraper.demo.switches import Switch

REPOSITORY = Path(__file__).parents[2]
TWO = ("question_one", "quizmeisters")
HOURS = 2
PATIENCE_SECONDS = 240.0
PACE = 600.0
PUSH_SECONDS = 150.0
SWITCH: TypeAdapter[Switch] = TypeAdapter(Switch)


class NearSite:
    """Implements `bench.mischief.Site` for a replica in this process."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    def state(self) -> Mapping[str, Any]:
        told = state_of(self._replica.site, self._replica.base_url)
        return {"providers": {slug: told["providers"][slug] for slug in TWO}}

    def flip(self, switch: Mapping[str, Any]) -> None:
        self._replica.site.flip(SWITCH.validate_python(switch))

    def clear(self) -> None:
        self._replica.site.clear()


async def test_g9_hours_of_schedule_under_faults_leave_nothing_behind(
    tmp_path: Path, open_folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G9: every slot has its run, tasks and descriptors return to where they were, rows and files agree."""
    monkeypatch.syspath_prepend(str(REPOSITORY))
    from bench import hurrying, mischief, soak, soaking

    events, chance = soaking.Events(), random.Random(1)
    log, clock = soaking.silent_log(events), soaking.clock_at_minute(5)
    begin = clock.now()
    async with (
        serve_replica(world_size=8, picture_scale=0.1) as replica,
        soaking.open_door(database_url, None) as door,
    ):
        urls = {slug: replica.index_urls[slug] for slug in TWO}
        settings = soak.settings_of(open_folder, database_url, urls, min_free=1_000_000)
        trouble = mischief.SiteMischief(NearSite(replica), chance)
        run = soaking.Soak(clock, PUSH_SECONDS, events, chance, trouble, door, None, chance_of_a_cut=1.0)
        async with hurrying.living_daemon(settings, clock, PACE, log) as daemon:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await run.watch(daemon, begin, HOURS)
            end = clock.now()
        rows = await door.admin.fetch("SELECT name, due_at, finished_at, merged_into FROM scheduled_runs")
        found = await check_database(settings, log)

    assert soak.missing_slots(settings, begin, end, rows) == []
    slots = Counter(row["name"] for row in rows)
    hourly = HOURS + 1  # and the one that was due before the start
    assert slots == {**{f"refresh:{slug}": hourly for slug in TWO}, "verify": 2 * hourly, "cleanup": 1, "snapshot": 1}
    assert run.mischief["database shut"] >= HOURS
    assert events.crashes == []
    first, *_, last = run.samples
    assert last.tasks <= first.tasks + soak.SPARE
    assert last.descriptors <= first.descriptors + soak.SPARE
    assert last.attempts > first.attempts
    assert (found.problems, found.pending) == ((), ())
