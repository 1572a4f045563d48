"""The weekly report as text and as a document."""

from __future__ import annotations

from typing import Any

from trivia_scraper.cli.output import view_document
from trivia_scraper.cli.tables import say, show
from trivia_scraper.domain.weekly import WeeklyReport
from trivia_scraper.policy.weekly_figures import days_table, figures_table, moment, patterns_table, targets_table


def weekly_document(report: WeeklyReport) -> dict[str, Any]:
    """The JSON form."""
    return view_document(report)


def show_weekly(report: WeeklyReport, color_mode: str) -> None:
    """The text form."""
    say(f"week {moment(report.since)} to {moment(report.until)} (UTC)", color_mode, "head")
    for title, table in (
        ("", figures_table(report)),
        ("targets", targets_table(report.targets)),
        ("recovery by day", days_table(report.success_by_day)),
        ("failures by provider, type and host", patterns_table(report.patterns)),
    ):
        say("", color_mode)
        if title:
            say(title, color_mode, "head")
        if table.rows:
            show(table, color_mode)
        else:
            say("nothing", color_mode, "dim")
    say("", color_mode)
    for alert in report.alerts:
        say(f"{alert.level.value}: {alert.message}", color_mode, "bad")
    missed = sum(target.is_met is False for target in report.targets)
    say(f"{missed} targets missed" if missed else "no target missed", color_mode, "bad" if missed else "good")
