"""One measured run of the real thing, from `open_services` to the report: `python -m bench.refresh`."""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import structlog

from trivia_scraper.bootstrap import open_services
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome, ImageOutcome, RunReport, SourceReport
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.settings import Settings, settings_from
from trivia_scraper.sources import SOURCES

TICK_SECONDS = 0.005


class Quiet:
    """Implements `ports.Progress`."""

    def source_planned(self, source: str, planned: int, listed: int) -> None: ...
    def detail_finished(self, source: str, outcome: DetailOutcome) -> None: ...
    def image_finished(self, source: str, outcome: ImageOutcome) -> None: ...
    def source_finished(self, source: str, report: SourceReport) -> None: ...


class Observer:
    """Watches the process while it works: loop stalls, memory of the main process and of the image workers."""

    def __init__(self) -> None:
        self.stalls: list[float] = []
        self.peak_rss = 0
        self.peak_worker_rss = 0
        self.rss_over_time: list[int] = []

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch while the context is open."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._watch_loop()), group.create_task(self._watch_memory())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def _watch_loop(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            self.stalls.append(time.perf_counter() - before - TICK_SECONDS)

    async def _watch_memory(self) -> None:
        process = psutil.Process()
        while True:
            rss = process.memory_info().rss
            self.peak_rss = max(self.peak_rss, rss)
            self.rss_over_time.append(rss)
            workers = [child.memory_info().rss for child in process.children(recursive=True) if _is_worker(child)]
            self.peak_worker_rss = max(self.peak_worker_rss, *workers, 0)
            await asyncio.sleep(0.1)


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "python" in process.name() and "keeper" not in " ".join(process.cmdline())
    except psutil.Error:
        return False


def settings_of(job: dict[str, Any]) -> Settings:
    """Settings of the run: no politeness towards ourselves, thumbnails as the job says."""
    folder = Path(job["folder"])
    return settings_from(
        {
            "database": {"data_dir": str(folder / "postgres")},
            "storage": {"path": str(folder / "images"), "min_free": "1 MB"},
            "http": {
                "allow_networks": ["127.0.0.0/8"],
                "per_host_interval": "0s",
                "per_host_connections": job["at_once"],
            },
            "refresh": {"concurrency": job["at_once"]},
            "images": {"thumbnail": job["thumbnail"], "revalidate_after": "always"},
            "sources": {
                slug: {"index_url": job["index_url"]} if slug == "quizmeisters" else {"enabled": False}
                for slug in SOURCES
            },
        },
        state_dir=folder / "state",
    )


async def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Run once; figures count from the first request to the report."""
    log = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr), wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR)
    )
    options = RefreshOptions(
        force_refresh_images=False,
        force_update=True,
        clean_first=False,
        retry_failed_only=False,
        dry_run=False,
        limit=None,
        sources=("quizmeisters",),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )
    observer = Observer()
    async with open_services(
        settings_of(job), run_id=uuid4(), progress=Quiet(), log=log, stopping=lambda: False
    ) as services:
        cpu, started = time.process_time(), time.perf_counter()
        async with observer.watching():
            report = await refresh(options, services)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return figures(report, observer, seconds, cpu)


def figures(report: RunReport, observer: Observer, seconds: float, cpu: float) -> dict[str, Any]:
    """What is reported of a run."""
    source = report.sources["quizmeisters"]
    images = sum(source.images.values())
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    stalls = sorted(observer.stalls)
    return {
        "failures": [f"{failure.url}: {failure.message} ({failure.attempts})" for failure in report.failures[:5]],
        "outcomes": {kind.value: number for kind, number in source.images.items() if number},
        "seconds": seconds,
        "venues_per_second": source.visited / seconds,
        "images_per_second": images / seconds,
        "main_cpu_ms_per_image": cpu * 1000 / images,
        "children_cpu_ms_per_image": (workers.ru_utime + workers.ru_stime) * 1000 / images,
        "peak_rss_mb": observer.peak_rss / 1e6,
        "peak_worker_rss_mb": observer.peak_worker_rss / 1e6,
        "stall_p99_ms": stalls[int(len(stalls) * 0.99)] * 1000,
        "stall_max_ms": stalls[-1] * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(json.load(sys.stdin)))))
