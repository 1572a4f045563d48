"""A day of the daemon's schedule in minutes, with faults: `python -m bench.soak [HOURS]` (G9; issue 5, 6.5).

The real `Daemon` in this process by a clock that is pushed ahead while there is nothing to do: every source each
hour, verification twice an hour, recovery each minute, a cleanup and a snapshot a day, against the replica in a
process of its own. Meanwhile pictures are limited, changed, slow, broken or gone, indexes fail, venues move, the
database is shut for a moment under work, and the disk is full for two hours. Wanted: RSS grows by less than 1 MB an
hour of the clock, descriptors and tasks are where they were, every slot of the schedule has its row, and rows and
files agree.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.hurrying import living_daemon
from bench.mischief import Ballast, RemoteSite, SiteMischief, summed_up
from bench.replica import served_replica
from bench.soaking import LOOK_SECONDS, Events, Sample, Soak, clock_at_minute, open_door, silent_log
from trivia_scraper.bootstrap import check_database
from trivia_scraper.policy.jobs import planned_jobs
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import Settings, settings_from
from trivia_scraper.sources import SOURCES
from trivia_scraper.storage.embedded import run_embedded

HOURS = 24
PACE = 360.0
VENUES = 12
WARM_UP_HOURS = 6
WANTED_MB_PER_HOUR = 1.0
SPARE = 4
"""So many descriptors or tasks more are a connection that happens to be open, not a leak."""


def settings_of(folder: Path, database_url: str, index_urls: Mapping[str, str], min_free: int) -> Settings:
    """A store that is visited hourly, and whose images are asked for anew each time."""
    return settings_from(
        {
            "database": {"url": database_url, "acquire_timeout": "1s"},
            "storage": {"path": str(folder / "images"), "min_free": f"{min_free} B"},
            "http": {"allow_networks": ["127.0.0.0/8"], "per_host_interval": "0s"},
            "refresh": {"freshness": "30m", "backoff": "0s"},
            "images": {"revalidate_after": "always"},
            "schedule": {"refresh": "0 * * * *", "verify": "20,50 * * * *", "jitter": "0s", "weekly_report": ""},
            "cleanup": {"time": "04:10"},
            "web": {"listen": ""},
            # A source without a replica would be read where it really lives.
            "sources": {
                slug: {"index_url": index_urls.get(slug, ""), "enabled": slug in index_urls} for slug in SOURCES
            },
        },
        state_dir=folder / "state",
    )  # fmt: skip


def missing_slots(settings: Settings, begin: dt.datetime, end: dt.datetime, rows: Sequence[Any]) -> list[str]:
    """Slots of the schedule that nobody took, merged or skipped, or that have not ended."""
    kept = {(row["name"], row["due_at"]): row for row in rows}
    missing = []
    for job in planned_jobs(settings, load_roster(settings).sections):
        due_at = job.crontab.latest_until(begin)
        while due_at is not None and due_at <= end:
            row = kept.get((job.name, due_at))
            if row is None or (row["finished_at"] is None and row["merged_into"] is None):
                missing.append(f"{job.name} at {due_at:%d %H:%M}: {'no row' if row is None else 'not ended'}")
            due_at = job.crontab.next_after(due_at)
    return missing


def growth_mb_per_hour(samples: Sequence[Sample]) -> float:
    """The slope of RSS over the hours after the first ones, by least squares."""
    late = samples[WARM_UP_HOURS:]
    return statistics.linear_regression([each.hour for each in late], [each.rss_mb for each in late]).slope


async def measure(folder: Path, hours: int, seed: int = 5) -> dict[str, Any]:
    """Soak, and say what came of it."""
    events, chance = Events(), random.Random(seed)
    log = silent_log(events)
    clock = clock_at_minute(5)
    begin = clock.now()
    with served_replica(VENUES, 0.2) as site:
        async with run_embedded(folder / "postgres", None, log) as server:
            url = server.url
            settings = settings_of(folder, url, site["index_urls"], Ballast.wanted_free(folder))
            mischief = SiteMischief(RemoteSite(site["base_url"]), chance)
            async with open_door(url, server.host / ".s.PGSQL.5432") as door:
                soak = Soak(clock, PACE * LOOK_SECONDS, events, chance, mischief, door, Ballast(folder / "ballast"))
                started = asyncio.get_running_loop().time()
                async with living_daemon(settings, clock, PACE, log) as daemon:
                    await soak.watch(daemon, begin, hours)
                    end = clock.now()
                seconds = asyncio.get_running_loop().time() - started
                slots = await door.admin.fetch("SELECT * FROM scheduled_runs")
            consistency = await check_database(settings, log)
    missing = missing_slots(settings, begin, end, slots)
    return {
        "hours": hours,
        "seconds": round(seconds, 1),
        "samples": [asdict(each) for each in soak.samples],
        "rss_mb_per_hour": growth_mb_per_hour(soak.samples) if hours > WARM_UP_HOURS + 1 else None,
        "descriptors_more": grown([each.descriptors for each in soak.samples]),
        "tasks_more": grown([each.tasks for each in soak.samples]),
        "slots": len(slots),
        "merged": sum(row["merged_into"] is not None for row in slots),
        "slots_missing": missing,
        "problems": [*consistency.problems, *(f"intent left behind: {key}" for key in consistency.pending)],
        "crashes": events.crashes,
        "mischief": dict(soak.mischief),
        "events": dict(events.counts.most_common()),
    }


def grown(values: Sequence[int]) -> float:
    """By how much the median of the last third is above that of the first."""
    third = max(1, len(values) // 3)
    return statistics.median(values[-third:]) - statistics.median(values[:third])


def rows(figures: Mapping[str, Any]) -> Iterator[str]:
    """The samples as a Markdown table, and what happened."""
    samples = figures["samples"]
    columns = list(samples[0])
    yield "| " + " | ".join(column.replace("_", " ") for column in columns) + " |"
    yield "|---" * len(columns) + "|"
    for sample in samples:
        yield (
            "| " + " | ".join(format(sample[each], ".1f" if each.endswith("mb") else "d") for each in columns) + " |"
        )
    yield f"{figures['hours']} hours of the clock in {figures['seconds']} s; {figures['slots']} slots,"
    yield f"of them {figures['merged']} merged into a run that was not over"
    yield "trouble: " + summed_up(Counter(figures["mischief"]))
    yield "events: " + summed_up(Counter(figures["events"]))
    yield from (f"  {line}" for key in ("crashes", "problems", "slots_missing") for line in figures[key])


def goals(figures: Mapping[str, Any]) -> list[tuple[str, float, str, bool]]:
    """Goal, value, what is wanted, whether it is met (safety.md G9)."""
    slope = figures["rss_mb_per_hour"]
    reached = [] if slope is None else [("RSS growth, MB an hour", slope, "< 1", slope < WANTED_MB_PER_HOUR)]
    return [
        *reached,
        *(
            (f"more {name} at the end", figures[f"{name}_more"], f"<= {SPARE}", figures[f"{name}_more"] <= SPARE)
            for name in ("descriptors", "tasks")
        ),
        *(
            (name, len(figures[key]), "0", not figures[key])
            for name, key in (
                ("slots of the schedule without an end", "slots_missing"),
                ("rows and files that disagree", "problems"),
                ("unexpected errors", "crashes"),
            )
        ),
    ]


def main() -> None:
    """Print the figures; with a job on standard input, as JSON."""
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else HOURS
    with tempfile.TemporaryDirectory(prefix="trivia-soak-") as name:
        figures = asyncio.run(measure(Path(name), hours))
    if len(sys.argv) == 1 and not sys.stdin.isatty():
        print(json.dumps(figures))
        return
    print("\n".join(rows(figures)))
    for goal, value, wanted, met in goals(figures):
        print(f"{'met   ' if met else 'MISSED'} {goal}: {value:.2f} ({wanted})")


if __name__ == "__main__":
    main()
