"""A daemon that has nothing to do: `python -m bench.daemon [SECONDS]` (issue 5, 6.5).

The real process with its embedded Postgres, twice: one that never worked, and one that has read every source of the
replica once. After a while to settle, CPU time, memory, descriptors and threads over a minute; what belongs to
Postgres and to the worker processes apart. Wanted of the daemon itself: less than 1 % of a core, less than 120 MB.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.replica import served_replica
from trivia_scraper.sources import SOURCES

SECONDS = 60.0
SETTLING_SECONDS = 75.0
PATIENCE_SECONDS = 300.0
WANTED_CPU_PCT = 1.0
WANTED_RSS_MB = 120.0


def environment_of(folder: Path, index_urls: Mapping[str, str], refresh: str) -> dict[str, str]:
    """A store of its own whose only planned work is `refresh`: a crontab line, or "" for none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRIVIA", "NOTIFY"))}
    return {
        **kept,
        "HOME": str(folder),
        "CONFIGURATION_DIRECTORY": str(folder / "machine"),
        "XDG_CONFIG_HOME": str(folder / "user"),
        "STATE_DIRECTORY": str(folder / "state"),
        "TRIVIA__WEB__LISTEN": "127.0.0.1:0",
        "TRIVIA__HTTP__ALLOW_NETWORKS": '["127.0.0.0/8"]',
        "TRIVIA__HTTP__PER_HOST_INTERVAL": "0s",
        "TRIVIA__STORAGE__MIN_FREE": "1 MB",
        "TRIVIA__CLEANUP__ENABLED": "false",
        "TRIVIA__SCHEDULE__JITTER": "0s",
        **{f"TRIVIA__SCHEDULE__{name}": "" for name in ("VERIFY", "SNAPSHOT", "WEEKLY_REPORT", "ENRICHMENT")},
        **{f"TRIVIA__SOURCES__{slug.upper()}__SCHEDULE": refresh or "never" for slug in SOURCES},
        # A source without a replica would be read where it really lives.
        **{f"TRIVIA__SOURCES__{slug.upper()}__ENABLED": "false" for slug in SOURCES if slug not in index_urls},
        **{f"TRIVIA__SOURCES__{slug.upper()}__INDEX_URL": url for slug, url in index_urls.items()},
    }


@contextmanager
def running_daemon(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[psutil.Process, Path]]:
    """The daemon's process and its log; it is stopped at the end."""
    log = folder / "daemon.log"
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "trivia_scraper", "--log-format", "json", "daemon"],
            env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip
    try:
        yield psutil.Process(process.pid), log
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def until(condition: Callable[[], bool], log: Path) -> None:
    """Wait until it is so; gives up with the end of the daemon's log."""
    for _ in range(int(PATIENCE_SECONDS / 0.2)):
        if condition():
            return
        time.sleep(0.2)
    raise SystemExit("waited in vain:\n" + "\n".join(log.read_text("utf-8").splitlines()[-10:]))


def told(log: Path, event: str) -> int:
    """How often the daemon logged it."""
    lines = log.read_text("utf-8").split("\n")[:-1]
    return sum(json.loads(line)["event"] == event for line in lines if line.startswith("{"))


def others_of(daemon: psutil.Process, folder: Path) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """The processes of its Postgres, with the keeper; and its workers, with the server that forks them."""
    postgres = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if any(word.endswith("keeper.py") for word in words) and any(str(folder) in word for word in words):
            postgres += [process, *process.children(recursive=True)]
    return postgres, [each for each in daemon.children(recursive=True) if each not in postgres]


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """CPU time of those that live."""
    seconds = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system
    return seconds


def own_mb(processes: Sequence[psutil.Process]) -> float:
    """Memory that no other process shares, in MB."""
    return sum(process.memory_full_info().uss for process in processes if process.is_running()) / 1e6


def status_kb(daemon: psutil.Process, field: str) -> int:
    """One line of /proc/<pid>/status, in KiB."""
    lines = Path(f"/proc/{daemon.pid}/status").read_text("utf-8").splitlines()
    [value] = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return int(value)


def look(daemon: psutil.Process, folder: Path, seconds: float) -> dict[str, float]:
    """What it uses over so many seconds."""
    postgres, workers = others_of(daemon, folder)
    before, switches = [cpu_seconds(each) for each in ([daemon], postgres, workers)], daemon.num_ctx_switches()
    started = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - started
    after = [cpu_seconds(each) for each in ([daemon], postgres, workers)]
    cpu, postgres_cpu, workers_cpu = (
        100 * (late - early) / passed for early, late in zip(before, after, strict=True)
    )
    return {
        "cpu_pct": cpu,
        "wakeups_per_second": (daemon.num_ctx_switches().voluntary - switches.voluntary) / passed,
        "rss_mb": daemon.memory_info().rss / 1e6,
        "anonymous_mb": status_kb(daemon, "RssAnon") * 1024 / 1e6,
        "descriptors": daemon.num_fds(),
        "threads": daemon.num_threads(),
        "postgres_cpu_pct": postgres_cpu,
        "postgres_own_mb": own_mb(postgres),
        "workers": len(workers),
        "workers_cpu_pct": workers_cpu,
        "workers_own_mb": own_mb(workers),
    }


def measure(seconds: float) -> dict[str, dict[str, float]]:
    """Both daemons, one after the other."""
    figures: dict[str, dict[str, float]] = {}
    an_hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    with served_replica(40, 0.2) as site:
        for name, refresh in (("never worked", ""), ("after a run", f"{an_hour_ago:%M %H} * * *")):
            with tempfile.TemporaryDirectory(prefix="trivia-bench-") as name_of_folder:
                folder = Path(name_of_folder)
                environment = environment_of(folder, site["index_urls"], refresh)
                with running_daemon(folder, environment) as (daemon, log):
                    runs = len(site["index_urls"]) if refresh else 0
                    until(lambda: told(log, "daemon.ready") == 1, log)
                    until(lambda: told(log, "job.finished") >= runs, log)  # noqa: B023 - called at once
                    time.sleep(SETTLING_SECONDS)
                    figures[name] = look(daemon, folder, seconds)
    return figures


COLUMNS: Sequence[tuple[str, str, str]] = (
    ("CPU %", "cpu_pct", ".2f"),
    ("wake-ups/s", "wakeups_per_second", ".1f"),
    ("RSS MB", "rss_mb", ".0f"),
    ("anonymous MB", "anonymous_mb", ".0f"),
    ("descriptors", "descriptors", ".0f"),
    ("threads", "threads", ".0f"),
    ("Postgres CPU %", "postgres_cpu_pct", ".2f"),
    ("Postgres MB", "postgres_own_mb", ".0f"),
    ("workers", "workers", ".0f"),
    ("workers CPU %", "workers_cpu_pct", ".2f"),
    ("workers MB", "workers_own_mb", ".0f"),
)


def rows(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The figures as a Markdown table."""
    yield "| daemon | " + " | ".join(name for name, _, _ in COLUMNS) + " |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    for name, row in figures.items():
        yield f"| {name} | " + " | ".join(format(row[key], spec) for _, key, spec in COLUMNS) + " |"


def goals(figures: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, float, str, bool]]:
    """Goal, value, what is wanted, whether it is met (issue 5, 6.5)."""
    reached = []
    for name, row in figures.items():
        cpu, rss = row["cpu_pct"], row["rss_mb"]
        reached += [
            (f"CPU of an idle daemon, {name}, %", cpu, "< 1", cpu < WANTED_CPU_PCT),
            (f"RSS of an idle daemon, {name}, MB", rss, "< 120", rss < WANTED_RSS_MB),
        ]
    return reached


def main() -> None:
    """Print the figures; with a job on standard input, as JSON."""
    figures = measure(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
    if len(sys.argv) == 1 and not sys.stdin.isatty():
        print(json.dumps(figures))
        return
    print("\n".join(rows(figures)))
    for goal, value, wanted, met in goals(figures):
        print(f"{'met   ' if met else 'MISSED'} {goal}: {value:.2f} ({wanted})")


if __name__ == "__main__":
    main()
