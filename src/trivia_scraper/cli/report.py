"""`report`: the week's recovery and failures, and the reports of runs that ended (images.md 10, operations.md 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.stats import ask_figures

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import Figures
    from trivia_scraper.domain.weekly import WeeklyReport

REPORT_HOUR: Final = dt.time(6, 0)
MONDAY: Final = 0


@click.group(
    cls=HelpfulGroup,
    short_help="The week, and runs that ended.",
    examples=("trivia-scraper report weekly", "trivia-scraper report last"),
)
def report() -> None:
    """What was achieved: the weekly report, and again what a run told when it ended."""


@report.command(
    "weekly",
    short_help="Recovered, lost, saved; targets met and missed.",
    examples=(
        "trivia-scraper report weekly",
        "trivia-scraper report weekly --html -o week.html",
        "trivia-scraper report weekly --week-of 2026-11-12 --json",
    ),
)
@click.option("--html", "as_html", is_flag=True, help="One page of HTML with charts.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write here.")
@click.option(
    "--week-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="The week, from Monday 06:00 UTC, that this day is in; else the last seven days.",
)  # fmt: skip
@click.pass_obj
def weekly(invocation: Invocation, /, as_html: bool, output: Path | None, week_of: dt.datetime | None) -> None:
    """Tells what recovery brought back in seven days, how often retries work, what is lost for good, which providers,
    errors and hosts fail, what recovery saved against asking providers again, and which targets are met.
    """
    from trivia_scraper.cli.output import note, print_json, redacted

    if as_html and invocation.json:
        raise click.UsageError("--html and --json are two forms of one report: choose one")
    if output is not None and not (as_html or invocation.json):
        raise click.UsageError("-o writes a page or a document: add --html or --json")
    found = ask_figures(invocation, lambda figures: _weekly(figures, week_of))
    if output is not None:
        _write(output, _page(found) if as_html else _json(found))
        note(f"wrote {output}")
        if invocation.json:
            print_json({"ok": True, "file": str(output)})
    elif as_html:
        click.echo(_page(found))
    elif invocation.json:
        from trivia_scraper.cli.weekly_view import weekly_document

        print_json(redacted({"ok": True, "report": weekly_document(found)}))
    else:
        from trivia_scraper.cli.weekly_view import show_weekly

        show_weekly(found, invocation.color)


async def _weekly(figures: Figures, week_of: dt.datetime | None) -> WeeklyReport:
    now = figures.clock.now()
    until = now if week_of is None else end_of_week(week_of.date())
    if week_of is not None and until - dt.timedelta(days=7) > now:
        raise click.UsageError(f"the week of {week_of:%Y-%m-%d} has not begun")
    return await figures.weekly.report(until, now)


def end_of_week(day: dt.date) -> dt.datetime:
    """Monday 06:00 UTC after this day: when the report of its week is due (images.md 10)."""
    monday = day + dt.timedelta(days=7 - (day.weekday() - MONDAY) % 7)
    return dt.datetime.combine(monday, REPORT_HOUR, dt.UTC)


def _page(found: WeeklyReport) -> str:
    from trivia_scraper.pipeline.reporting.weekly_page import weekly_page

    return weekly_page(found)


def _json(found: WeeklyReport) -> str:
    from trivia_scraper.cli.output import json_text, redacted
    from trivia_scraper.cli.weekly_view import weekly_document

    return json_text(redacted({"ok": True, "report": weekly_document(found)}))


def _write(file: Path, text: str) -> None:
    """Whole or not at all: a page that somebody has open is never half a page."""
    from trivia_scraper.domain.errors import SetupError

    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise SetupError(f"cannot write {file}: {error.strerror}", hint="choose another place with -o") from error


@report.command(
    "freshness",
    short_help="How long ago stored pictures were verified.",
    examples=("trivia-scraper report freshness", "trivia-scraper report freshness --json"),
)
@click.pass_obj
def freshness(invocation: Invocation, /) -> None:
    """Tells which share of the stored pictures was verified at its site in the last 7 days, and how old they are."""
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.domain.status import freshness_document

    together, by_provider = ask_figures(invocation, lambda figures: figures.status.freshness(figures.clock.now()))
    lines = [freshness_document(each) for each in (together, *by_provider)]
    if invocation.json:
        print_json({"ok": True, "all": lines[0], "by_provider": lines[1:]})
        return
    from trivia_scraper.cli.status_view import freshness_table, freshness_words
    from trivia_scraper.cli.tables import say, show

    say(freshness_words(lines[0]), invocation.color)
    if together.images:
        show(freshness_table(lines), invocation.color)


@report.command("last", short_help="What the last run told.", examples=("trivia-scraper report last --json",))
@click.pass_obj
def last(invocation: Invocation, /) -> None:
    """Shows the report of the run that ended last, as it was shown then."""
    from trivia_scraper.cli.endings import NotFound

    found = ask_figures(invocation, lambda figures: figures.runs.last())
    if found is None:
        raise NotFound("no run has ended yet", "`trivia-scraper run` makes one")
    _show_run(found, invocation)


@report.command("run", short_help="What one run told.", examples=("trivia-scraper report run 4f2a91c0",))
@click.argument("run_id", metavar="ID")
@click.pass_obj
def run(invocation: Invocation, /, run_id: str) -> None:
    """Shows the report of one run; the first characters of its id are enough."""
    _show_run(ask_figures(invocation, lambda figures: _run(figures, run_id)), invocation)


async def _run(figures: Figures, beginning: str) -> Mapping[str, Any]:
    from trivia_scraper.cli.endings import NotFound

    named = await figures.runs.named(beginning)
    if len(named) != 1:
        hint = "more characters tell them apart" if named else "`trivia-scraper venues history` names runs"
        raise NotFound(f"{'several runs begin' if named else 'no run begins'} with {beginning!r}", hint)
    found = await figures.runs.of(named[0])
    if found is None:
        raise NotFound(f"run {named[0]} has no report", "it is still at work, or was cut off")
    return found


def _show_run(document: Mapping[str, Any], invocation: Invocation) -> None:
    from trivia_scraper.cli.output import print_json, redacted
    from trivia_scraper.cli.report_view import show_report
    from trivia_scraper.domain.stored_reports import report_from_document

    if invocation.json:
        print_json(redacted({"ok": True, "report": dict(document)}))
    else:
        show_report(report_from_document(document), invocation.color)
