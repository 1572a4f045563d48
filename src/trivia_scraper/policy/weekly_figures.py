"""The weekly report in figures and tables, the same for a terminal and for its page. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from trivia_scraper.domain.statistics import FailurePattern, rate_pct
from trivia_scraper.domain.tables import Column, Table
from trivia_scraper.domain.weekly import LastCleanup, RecoveryDay, TargetVerdict, WeeklyReport

VERDICTS: Final = {True: "met", False: "missed", None: "not measured"}
_COUNTERS: Final = ("transient_queued", "permanent_logged", "ambiguous_skipped", "errors")


def figures(report: WeeklyReport) -> list[tuple[str, str]]:
    """(what, value): the week in a few lines."""
    recovered, saved, permanent = report.recovered, report.saved, report.permanent
    rate = "-" if report.success_rate_pct is None else f"{report.success_rate_pct:.1f} %"
    return [
        ("venues recovered", f"{recovered.venues_recovered:,}"),
        ("performers recovered", f"{recovered.performers_recovered:,}"),
        ("images recovered", f"{recovered.images_recovered:,} of {recovered.images_retried:,} retried"),
        ("retry success rate", rate),
        ("permanent failures, new", f"{permanent.new:,} (the week before: {permanent.new_before:,})"),
        ("permanent failures, all", f"{permanent.total:,}"),
        ("venues with failures now", f"{report.summary.total_venues_with_failures:,}"),
        ("failed images now", f"{report.summary.total_failed_images:,}"),
        ("listing calls saved", f"{saved.listings:,} ({saved.made:,} were made)"),
        ("cost saved", f"{saved.cost:.2f} USD ({saved.made_cost:.2f} USD were spent)"),
        ("recoveries waiting", f"{report.waiting_recoveries:,}"),
        ("last cleanup", cleanup_in_words(report.last_cleanup)),
    ]


def figures_table(report: WeeklyReport) -> Table:
    """The week in a few lines."""
    return Table((Column("figure"), Column("value")), tuple(figures(report)))


def targets_table(targets: Sequence[TargetVerdict]) -> Table:
    """One line a target."""
    rows = tuple((target.name, target.wanted, target.reached or "-", VERDICTS[target.is_met]) for target in targets)
    marks = {True: "good", False: "bad", None: "dim"}
    emphasis = tuple((number, marks[target.is_met]) for number, target in enumerate(targets))
    return Table(tuple(map(Column, ("target", "wanted", "reached", ""))), rows, emphasis)


def days_table(days: Sequence[RecoveryDay]) -> Table:
    """One line a day and provider."""
    columns = (Column("day"), Column("provider"), *(Column(name, right=True) for name in ("tried", "stored", "%")))
    rows = tuple(
        (f"{day.day:%Y-%m-%d}", day.provider, f"{day.made:,}", f"{day.succeeded:,}", f"{_rate(day):.1f}")
        for day in days
    )
    return Table(columns, rows)


def patterns_table(patterns: Sequence[FailurePattern]) -> Table:
    """One line a provider, type and host."""
    columns = (
        *map(Column, ("provider", "error type", "host")),
        *(Column(n, right=True) for n in ("images", "owners")),
    )
    rows = tuple(
        (each.provider, each.error_type or "no type", each.host or "-", f"{each.count:,}", f"{each.owners:,}")
        for each in patterns
    )
    return Table(columns, rows)


def by_day(report: WeeklyReport) -> list[tuple[dt.date, int, int]]:
    """(day, made, succeeded) over all providers, for every day of the week."""
    totals: dict[dt.date, list[int]] = defaultdict(lambda: [0, 0])
    for each in report.success_by_day:
        totals[each.day][0] += each.made
        totals[each.day][1] += each.succeeded
    last = (report.until - dt.timedelta(microseconds=1)).date()
    count = (last - report.since.date()).days + 1
    days = [last - dt.timedelta(days=count - 1 - number) for number in range(count)]
    return [(day, totals[day][0], totals[day][1]) for day in days]


def by_provider(report: WeeklyReport) -> list[tuple[str, int, int]]:
    """(provider, made, succeeded) over the week, the most tried first."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in report.success_by_day:
        totals[each.provider][0] += each.made
        totals[each.provider][1] += each.succeeded
    return sorted(((name, *counts) for name, counts in totals.items()), key=lambda each: (-each[1], each[0]))  # type: ignore[misc]


def cleanup_in_words(cleanup: LastCleanup | None) -> str:
    """When it ended and its four counters."""
    if cleanup is None:
        return "never"
    counters = cleanup.report.get("counters", cleanup.report)
    told = ""
    if isinstance(counters, dict):
        told = ", ".join(f"{counters[name]} {name.replace('_', ' ')}" for name in _COUNTERS if name in counters)
    return f"{moment(cleanup.finished_at)}{f': {told}' if told else ''}"


def _rate(day: RecoveryDay) -> float:
    return rate_pct(day.succeeded, day.made)


def moment(at: dt.datetime) -> str:
    """A time for people: UTC, to the minute."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}"
