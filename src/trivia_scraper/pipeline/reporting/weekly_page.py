"""The weekly report as one page of HTML: no scripts, nothing from outside, everything escaped."""

from __future__ import annotations

import datetime as dt
from typing import Any

from trivia_scraper.domain.statistics import rate_pct
from trivia_scraper.domain.tables import Table
from trivia_scraper.domain.weekly import WeeklyReport
from trivia_scraper.policy.charts import Bar, Point, bar_chart, line_chart
from trivia_scraper.policy.weekly_figures import (
    VERDICTS,
    by_day,
    by_provider,
    days_table,
    figures,
    patterns_table,
    targets_table,
)

MOST_BARS = 10


def weekly_page(report: WeeklyReport) -> str:
    """The whole document."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("trivia_scraper.pipeline.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("weekly.html").render(_values(report))


def _values(report: WeeklyReport) -> dict[str, Any]:
    from markupsafe import Markup

    charts = {"success": _success(report), "providers": _providers(report), "patterns": _patterns(report)}
    return {
        "report": report,
        "since": f"{report.since:%Y-%m-%d}",
        "until": f"{report.until:%Y-%m-%d %H:%M}",
        "figures": figures(report),
        "targets": [(target, VERDICTS[target.is_met]) for target in report.targets],
        "missed": sum(target.is_met is False for target in report.targets),
        # Made by `charts`, which escapes every text: the one thing on the page that is not escaped here.
        "charts": {name: Markup(svg) for name, svg in (charts | {"trend": _trend(report)}).items()},  # noqa: S704
        "tables": {
            "targets": _cells(targets_table(report.targets)),
            "days": _cells(days_table(report.success_by_day)),
            "patterns": _cells(patterns_table(report.patterns)),
        },
    }


def _cells(table: Table) -> dict[str, Any]:
    return {"heads": [(column.title, column.right) for column in table.columns], "rows": table.rows}


def _success(report: WeeklyReport) -> str:
    points = [_rate_of(day, made, succeeded) for day, made, succeeded in by_day(report)]
    return line_chart("success", "Retry success by day, per cent of attempts", points, highest=100.0)


def _rate_of(day: dt.date, made: int, succeeded: int) -> Point:
    if not made:
        return Point(f"{day:%d %b}", None, "nothing tried")
    rate = rate_pct(succeeded, made)
    return Point(f"{day:%d %b}", rate, f"{rate:.0f} %")


def _providers(report: WeeklyReport) -> str:
    bars = [
        Bar(name, rate_pct(succeeded, made), f"{rate_pct(succeeded, made):.0f} % of {made:,}")
        for name, made, succeeded in by_provider(report)
    ]
    return bar_chart("providers", "Retry success by provider, per cent of attempts", bars, highest=100.0)


def _patterns(report: WeeklyReport) -> str:
    bars = [
        Bar(f"{each.provider}, {each.error_type or 'no type'}, {each.host or '-'}", each.count, f"{each.count:,}")
        for each in report.patterns[:MOST_BARS]
    ]
    return bar_chart("patterns", "Failed images by provider, error type and host", bars, label_width=380)


def _trend(report: WeeklyReport) -> str:
    points = [Point(f"{each.day:%d %b}", each.failed_images, f"{each.failed_images:,}") for each in report.trend]
    return line_chart("trend", "Failed images, day by day", points)
