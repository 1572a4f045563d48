"""How much there is at the moment of the question: gauges, out of what storage read and what the daemon says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, SummaryMetricFamily
from prometheus_client.core import Metric as Family

from trivia_scraper.domain.gauges import AGE_BOUNDS, AgeClasses, DirectoryFigures, PoolFigures, StoreFigures
from trivia_scraper.domain.live import DaemonState
from trivia_scraper.domain.schedules import JobKind
from trivia_scraper.domain.source_health import SourceState
from trivia_scraper.metrics.catalogue import BY_NAME, OTHER

_JOBS: Final = frozenset(JobKind)
_STATES: Final = frozenset(SourceState)


@dataclass(frozen=True, slots=True)
class Levels:
    """What was read last; None = not read yet, and then not told."""

    store: StoreFigures | None = None
    directory: DirectoryFigures | None = None
    free_bytes: int | None = None


def daemon_families(state: DaemonState, commit: str) -> Iterator[Family]:
    """What the daemon says of itself."""
    yield _gauge("build_info", [((state.version, commit), 1)])
    yield _gauge("ready", [((), state.is_ready)])
    yield _gauge("event_loop_lag_seconds", [((), state.loop_lag_seconds)])
    yield _gauge("heartbeat_age_seconds", [((loop.name,), loop.beat_age_seconds) for loop in state.loops])
    due: dict[str, float] = {}
    for slot in state.next_slots:
        kind = job_kind(slot.job)
        due[kind] = min(due.get(kind, slot.due_at.timestamp()), slot.due_at.timestamp())
    yield _gauge("schedule_next_run_timestamp_seconds", [((kind,), at) for kind, at in due.items()])
    yield _gauge("config_reload_success", [((), not state.settings_error)])


def job_kind(job: str) -> str:
    """ "refresh:question_one" → "refresh": one series a kind, however many sources there are."""
    kind = re.split(r"\W", job, maxsplit=1)[0]
    return kind if kind in _JOBS else OTHER


def pool_families(figures: PoolFigures) -> Iterator[Family]:
    """The pool of database connections."""
    yield _gauge("db_pool_connections", [(("in_use",), figures.in_use), (("idle",), figures.idle)])
    metric = BY_NAME["db_pool_wait_seconds"]
    yield SummaryMetricFamily(metric.full_name, metric.meaning, figures.waits, figures.waited_seconds)
    metric = BY_NAME["db_reconnects_total"]
    yield CounterMetricFamily(metric.full_name, metric.meaning, figures.reconnects)


def stored_families(levels: Levels, sources: frozenset[str]) -> Iterator[Family]:
    """What is stored. A source that is not among `sources` is of the past: it has no state and no last run."""
    if levels.free_bytes is not None:
        yield _gauge("storage_free_bytes", [((), levels.free_bytes)])
    if levels.store is not None:
        yield from _store_families(levels.store, sources)
    if levels.directory is not None:
        yield from _directory_families(levels.directory, sources)


def _store_families(figures: StoreFigures, sources: frozenset[str]) -> Iterator[Family]:
    ours = {slug: each for slug, each in sorted(figures.sources.items()) if slug in sources}
    states = {slug: each.state if each.state in _STATES else OTHER for slug, each in ours.items()}
    yield _gauge("source_state", [((slug, state), 1) for slug, state in states.items()])
    ended = {slug: each.last_complete_at for slug, each in ours.items()}
    yield _gauge(
        "run_last_success_timestamp_seconds", [((slug,), at.timestamp()) for slug, at in ended.items() if at]
    )
    yield _gauge("dead_images", [((), figures.dead_images)])
    yield _gauge("breakers", [((state,), number) for state, number in figures.breakers.items()])
    yield _gauge("file_intents", [((), figures.file_intents)])
    if figures.orphan_files is not None and figures.missing_files is not None:
        yield _gauge("orphan_files", [((), figures.orphan_files)])
        yield _gauge("missing_files", [((), figures.missing_files)])


def _directory_families(figures: DirectoryFigures, sources: frozenset[str]) -> Iterator[Family]:
    yield _gauge("images", [((state,), number) for state, number in figures.images.items()])
    yield _gauge("storage_bytes", [((), figures.stored_bytes)])
    venues = _folded(figures.venues, sources)
    yield _gauge("venues", [((slug,), number) for slug, number in venues.items()])
    fresh = _folded({name: each.fresh for name, each in figures.ages.items()}, sources)
    stored = _folded({name: each.total for name, each in figures.ages.items()}, sources)
    yield _gauge("images_fresh_ratio", [((slug,), fresh[slug] / total) for slug, total in stored.items() if total])
    yield _ages(figures.ages.values())


def _folded(numbers: Mapping[str, int], known: frozenset[str]) -> Mapping[str, int]:
    folded: Counter[str] = Counter()
    for name, number in sorted(numbers.items()):
        folded[name if name in known else OTHER] += number
    return folded


def _ages(classes: Iterable[AgeClasses]) -> Family:
    classes = tuple(classes)
    sums = [sum(numbers) for numbers in zip(*(each.counts for each in classes), strict=True)]
    counts = accumulate(sums or [0] * (len(AGE_BOUNDS) + 1))
    bounds = [*(f"{bound:.1f}" for bound in AGE_BOUNDS), "+Inf"]
    metric = BY_NAME["image_age_seconds"]
    buckets = list(zip(bounds, counts, strict=True))
    return HistogramMetricFamily(metric.full_name, metric.meaning, buckets, sum(each.age_seconds for each in classes))


def _gauge(name: str, values: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    metric = BY_NAME[name]
    family = GaugeMetricFamily(metric.full_name, metric.meaning, labels=metric.label_names)
    for labels, value in values:
        family.add_metric(labels, value)
    return family
