"""Statistics as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trivia_scraper.cli.output import stamp, view_document
from trivia_scraper.cli.tables import Column, Table, say, show

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import Figures
    from trivia_scraper.domain.models import OwnerKind
    from trivia_scraper.domain.statistics import (
        FailedUploads,
        FailureClasses,
        FailureGroup,
        OwnerFailures,
        PartialFailure,
        PriorityOwner,
        QualityStats,
        Snapshot,
        SummaryStats,
    )
    from trivia_scraper.domain.weekly import Alert

NO_TYPE = "no type"


def failures_table(found: Sequence[OwnerFailures]) -> Table:
    """One line an owner."""
    columns = (*_words("slug", "city"), *_numbers("pictures", "stored", "failed", "open", "closed", "rate %"))
    rows = tuple(
        (
            each.slug,
            each.city or "-",
            f"{each.total_images:,}",
            f"{each.uploaded_count:,}",
            f"{each.failed_count:,}",
            f"{each.failed:,}",
            f"{each.permanently_failed:,}",
            f"{each.failure_rate_pct:.1f}",
        )
        for each in found
    )
    return Table(columns, rows)


def breakdown_table(found: Sequence[FailureGroup]) -> Table:
    """One line a provider and type."""
    rows = tuple((each.provider, each.error_type or NO_TYPE, f"{each.count:,}") for each in found)
    return Table((*_words("provider", "error type"), *_numbers("pictures")), rows)


def candidates_table(found: Sequence[PartialFailure]) -> Table:
    """One line an owner."""
    columns = (*_words("slug", "city"), *_numbers("stored", "failed", "rate %"), *_words("error types"))
    rows = tuple(
        (
            each.slug,
            each.city or "-",
            f"{each.uploaded_count:,}",
            f"{each.failed_count:,}",
            f"{each.failure_rate_pct:.1f}",
            ", ".join(each.error_types) or NO_TYPE,
        )
        for each in found
    )
    return Table(columns, rows)


def priority_table(found: Sequence[PriorityOwner]) -> Table:
    """One line an owner, the most urgent first."""
    columns = (
        *_numbers("score"), *_words("slug", "city"), *_numbers("failed", "of", "rate %"),
        *_words("may pass", "oldest failure (UTC)"),
    )  # fmt: skip
    rows = tuple(
        (
            f"{each.score:.1f}",
            each.slug,
            each.city or "-",
            f"{each.failed_count:,}",
            f"{each.total_images:,}",
            f"{each.failure_rate_pct:.1f}",
            "yes" if each.has_transient else "no",
            stamp(each.oldest_failure_at),
        )
        for each in found
    )
    return Table(columns, rows)


@dataclass(frozen=True, slots=True)
class Summary:
    """What `stats summary` tells."""

    summary: SummaryStats
    classes: FailureClasses
    box: FailedUploads | None
    alerts: Sequence[Alert]
    snapshot: Snapshot | None


async def read_summary(figures: Figures, kind: OwnerKind) -> Summary:
    """Ask for it all."""
    now = figures.clock.now()
    return Summary(
        await figures.statistics.summary_stats(kind),
        await figures.statistics.failure_classification_summary(kind),
        await figures.statistics.failed_uploads(kind),
        await figures.weekly.alerts(now),
        await figures.weekly.last_snapshot(now),
    )


def summary_document(told: Summary) -> dict[str, Any]:
    """The JSON form. The snapshot is told without its figures."""
    snapshot = told.snapshot
    return {
        "summary": view_document(told.summary),
        "classes": view_document(told.classes),
        "failed_uploads": None if told.box is None else view_document(told.box),
        "alerts": [view_document(alert) for alert in told.alerts],
        "snapshot": None
        if snapshot is None
        else {
            "taken_at": snapshot.taken_at,
            "age_seconds": round(snapshot.age_seconds),
            "is_stale": snapshot.is_stale,
        },
    }


def summary_rows(told: Summary) -> Iterator[tuple[str, Any]]:
    """(figure, value), for CSV and for the table."""
    summary, classes = told.summary, told.classes
    yield "venues with failures", summary.total_venues_with_failures
    yield "failed images", summary.total_failed_images
    yield "stored images of these venues", summary.total_uploaded_images
    yield "average failure rate %", summary.average_failure_rate
    yield "may pass (transient): images", classes.transient.images
    yield "may pass (transient): venues", summary.venues_with_transient
    yield "cannot pass (permanent): images", classes.permanent.images
    yield "cannot pass (permanent): venues", summary.venues_with_permanent
    yield "nobody can tell (ambiguous): images", classes.ambiguous.images
    yield "nobody can tell (ambiguous): venues", summary.venues_with_ambiguous
    for each in summary.top_error_types:
        yield f"type {each.error_type or NO_TYPE}", each.count


def show_summary(told: Summary, color_mode: str) -> None:
    """The table, what can be done, and alerts."""
    show_pairs(summary_rows(told), color_mode)
    if told.box is not None:
        say(
            f"{told.box.transient:,} can be retried: `trivia-scraper retry --all-due`; "
            f"{told.box.permanent + told.box.ambiguous:,} need review: `trivia-scraper review list`",
            color_mode,
        )
    for alert in told.alerts:
        say(f"{alert.level.value}: {alert.message}", color_mode, "bad")
    if told.snapshot is not None:
        stale = ", stale" if told.snapshot.is_stale else ""
        say(f"last snapshot {stamp(told.snapshot.taken_at)} UTC{stale}", color_mode, "dim")


def quality_rows(found: QualityStats) -> Iterator[tuple[str, Any]]:
    """(figure, value), for CSV and for the table."""
    yield "in all", found.total
    yield "with pictures", found.with_images
    yield "without pictures", found.without_images
    yield "coverage %", found.coverage_pct
    for provider, count in found.venues_per_provider.items():
        yield f"with pictures from {provider}", count
    yield "enriched in the last 7 days", found.enriched_in_7_days
    yield "without a position", found.missing_coordinates
    yield "without an id at any photo provider", found.missing_ids
    yield "without a position or an id", found.missing_coordinates_or_ids


def show_pairs(rows: Iterable[tuple[str, Any]], color_mode: str) -> None:
    """Figures under each other."""
    told = tuple((name, f"{value:,}") for name, value in rows)
    show(Table((*_words("figure"), *_numbers("value")), told), color_mode)


def _words(*titles: str) -> tuple[Column, ...]:
    return tuple(map(Column, titles))


def _numbers(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, right=True) for title in titles)
