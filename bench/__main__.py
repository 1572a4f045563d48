"""`make bench`: 300 venues × 2 images of about 150 kB, everything on this machine, each figure in one run.

Prints a table and writes docs/performance.json beside what docs/performance.md tells about it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import parsing, recovery, statistics
from bench.replica import served_replica

AT_ONCE = 16
VENUES = 300
MANY_VENUES = 3_000
RESULTS = Path(__file__).parents[1] / "docs" / "performance.json"


def measured(module: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """Run one measurement in a fresh process."""
    run = subprocess.run(
        [sys.executable, "-m", module], input=json.dumps(job), capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(f"{module} failed:\n{run.stderr}")
    figures: dict[str, Any] = json.loads(run.stdout)
    return figures


def measure_all(folder: Path) -> dict[str, dict[str, Any]]:
    """Every figure, the bare loops first."""
    figures: dict[str, dict[str, Any]] = {}
    with served_replica(VENUES) as site:
        for name, at_once in (("bare, 1 at once", 1), (f"bare, {AT_ONCE} at once", AT_ONCE)):
            job = {"images": site["images"], "folder": str(folder / f"bare-{at_once}"), "at_once": at_once}
            figures[name] = measured("bench.bare", job)
        for thumbnail in (0, 300):
            named = f"{'no ' if not thumbnail else ''}thumbnails"
            job = {"index_url": site["index_url"], "folder": str(folder / named), "at_once": AT_ONCE}
            for step in ("cold", "304s"):
                figures[f"{step}, {named}"] = measured("bench.refresh", {**job, "thumbnail": thumbnail})
    with served_replica(MANY_VENUES) as site:
        job = {"index_url": site["index_url"], "folder": str(folder / "many"), "at_once": AT_ONCE, "thumbnail": 0}
        figures[f"cold, {MANY_VENUES} venues, no thumbnails"] = measured("bench.refresh", job)
    return figures


def measure_reading() -> dict[str, dict[str, Any]]:
    """Reading alone, without network and store: pages of every source, a long listing, phrases."""
    return {
        "parsing": measured("bench.parsing", {}),
        "listing": measured("bench.declared", {}),
        "prose": measured("bench.prose", {}),
    }


COLUMNS = (
    ("venues/s", "venues_per_second", ".0f"),
    ("images/s", "images_per_second", ".0f"),
    ("main CPU ms/image", "main_cpu_ms_per_image", ".2f"),
    ("bare CPU ms/image", "cpu_ms_per_image", ".2f"),
    ("RSS MB", "peak_rss_mb", ".0f"),
    ("worker MB", "peak_worker_rss_mb", ".0f"),
    ("stall p99 ms", "stall_p99_ms", ".1f"),
)


def table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures as a Markdown table."""
    lines = ["| run | " + " | ".join(name for name, _, _ in COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, row in figures.items():
        cells = [format(row[key], spec) if key in row else "" for _, key, spec in COLUMNS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def goals(figures: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, float, str, bool]]:
    """(goal, reached, wanted, met) of the issue that asked for them; ratios within this very run."""
    cold, again = figures["cold, no thumbnails"], figures["304s, no thumbnails"]
    many = figures[f"cold, {MANY_VENUES} venues, no thumbnails"]
    default, default_again = figures["cold, thumbnails"], figures["304s, thumbnails"]
    bare, one = figures[f"bare, {AT_ONCE} at once"], figures["bare, 1 at once"]
    of_bare = cold["images_per_second"] / bare["images_per_second"]
    of_one = cold["images_per_second"] / one["images_per_second"]
    growth = many["peak_rss_mb"] / cold["peak_rss_mb"]
    return [
        ("images/s of the bare loop, as many at once", of_bare, ">= 0.5", of_bare >= 0.5),
        ("images/s of the bare loop, one at a time", of_one, ">= 0.5", of_one >= 0.5),
        ("peak RSS of the main process, MB", many["peak_rss_mb"], "<= 160", many["peak_rss_mb"] <= 160),
        ("RSS at 3,000 venues / at 300", growth, "<= 1.25", growth <= 1.25),
        ("loop stall p99, ms", cold["stall_p99_ms"], "<= 50", cold["stall_p99_ms"] <= 50),
        *(
            (f"venues/s of the second run / {name}", ratio, ">= 4", ratio >= 4)
            for name, ratio in (
                ("cold", default_again["venues_per_second"] / default["venues_per_second"]),
                ("cold without thumbnails", again["venues_per_second"] / cold["venues_per_second"]),
            )
        ),
    ]


def reading_goals(reading: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, float, str, bool]]:
    """As `goals`; these are figures of this machine, not ratios, since the issue gave them so."""
    listing, phrases = reading["listing"]["cpu_ms"], reading["prose"]["phrases_per_second"]
    slowest = reading["prose"]["slowest_ms"]
    return [
        ("a listing of 252 kB and 1,000 cards, CPU ms", listing, "< 60", listing < 60),
        ("schedule phrases/s", phrases, "> 20,000", phrases > 20_000),
        ("the slowest hostile phrase, ms", slowest, "< 5", slowest < 5),
    ]


def main() -> None:
    """Measure, tell, keep."""
    reading = measure_reading()
    print("\n".join(parsing.rows(reading["parsing"])))
    print()
    counted = measured("bench.statistics", {})
    print("\n".join(statistics.rows(counted)))
    print()
    recovered = measured("bench.recovery", {})
    print("\n".join(recovery.rows(recovered)))
    print()
    with tempfile.TemporaryDirectory(prefix="trivia-bench-") as folder:
        figures = measure_all(Path(folder))
    print(table(figures))
    print()
    reached = [*goals(figures), *reading_goals(reading), *statistics.goals(counted), *recovery.goals(recovered)]
    for goal, value, wanted, met in reached:
        print(f"{'met   ' if met else 'MISSED'} {goal}: {value:.2f} ({wanted})")
    failed = {name: row["failures"] for name, row in figures.items() if row.get("failures")}
    kept = {
        "figures": figures,
        "reading": reading,
        "statistics": counted,
        "recovery": recovered,
        "goals": [list(goal) for goal in reached],
    }
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    if failed:
        raise SystemExit(f"some images failed, the figures mean nothing: {failed}")


if __name__ == "__main__":
    main()
