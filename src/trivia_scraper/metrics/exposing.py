"""`Metrics`: everything that can be measured, and the page that Prometheus reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

from prometheus_client.core import Metric as Family
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from trivia_scraper.domain.gauges import DirectoryFigures, PoolFigures, StoreFigures
from trivia_scraper.domain.live import DaemonState
from trivia_scraper.domain.outcomes import RunReport
from trivia_scraper.metrics.counting import Counts
from trivia_scraper.metrics.levels import Levels, daemon_families, pool_families, stored_families

UNKNOWN: Final = "unknown"


class Metrics:
    """Built once by a daemon. `counts` is told what happens, `show_…` what there is.

    sources  slugs that may be labels: the sources of this installation and the photo providers
    commit   what the program was built from, or "unknown"
    """

    def __init__(self, sources: Collection[str], commit: str) -> None:
        self.counts = Counts()
        self._sources = frozenset(sources)
        self._commit = commit
        self._levels = Levels()

    def know_sources(self, sources: Collection[str]) -> None:
        """After a reload: other sources may be labels from now on."""
        self._sources = frozenset(sources)

    def show_store(self, figures: StoreFigures) -> None:
        """What is cheap to count, as it is now."""
        self._levels = replace(self._levels, store=figures)

    def show_directory(self, figures: DirectoryFigures) -> None:
        """What takes a look at every image, as it is now."""
        self._levels = replace(self._levels, directory=figures)

    def show_free_bytes(self, free_bytes: int) -> None:
        """Free space in the image store's folder, as it is now."""
        self._levels = replace(self._levels, free_bytes=free_bytes)

    def note_run(self, report: RunReport) -> None:
        """A run is over."""
        self.counts.run_ended(report, self._sources)

    def exposition(self, state: DaemonState, pool: PoolFigures | None, accept: str) -> tuple[bytes, str]:
        """The page and its media type: OpenMetrics where `accept` asks for it, else the plain text form.

        pool  of the open database; None = it is not open yet
        """
        encode, media_type = choose_encoder(accept)
        return encode(_Page(tuple(self._families(state, pool)))), media_type

    def _families(self, state: DaemonState, pool: PoolFigures | None) -> Iterator[Family]:
        yield from daemon_families(state, self._commit)
        yield from self.counts.families()
        yield from stored_families(self._levels, self._sources)
        if pool is not None:
            yield from pool_families(pool)


class _Page(Collector):
    """Families that were collected already, in the form in which the encoders of the library want them."""

    def __init__(self, families: tuple[Family, ...]) -> None:
        self._families = families

    def collect(self) -> tuple[Family, ...]:
        return self._families


def built_from() -> str:
    """The commit that pip installed the package from, as pip noted it (PEP 610), or "unknown"."""
    try:
        noted = distribution("trivia-scraper").read_text("direct_url.json")
    except PackageNotFoundError:
        return UNKNOWN
    commit = json.loads(noted or "{}").get("vcs_info", {}).get("commit_id", "")
    return commit if isinstance(commit, str) and commit else UNKNOWN
