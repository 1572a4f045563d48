"""`stats`: what failed where, how urgent it is, and how well venues are supplied with pictures (images.md 10)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.domain.models import OwnerKind

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import Figures
    from trivia_scraper.cli.tables import Table

Answer = TypeVar("Answer")
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(
    cls=HelpfulGroup,
    short_help="What failed where, and how well venues are supplied.",
    examples=("trivia-scraper stats summary", "trivia-scraper stats failures --city Leeds --csv"),
)
def stats() -> None:
    """Figures about failed pictures and about coverage. Each is a table, --json, or --csv for a spreadsheet."""


def _owner_option(command: Command) -> Command:
    kinds = click.Choice([kind.value for kind in OwnerKind])
    return click.option("--owner", type=kinds, default="venue", help="Whose pictures; venue.")(command)


def _csv_option(command: Command) -> Command:
    return click.option("--csv", "as_csv", is_flag=True, help="CSV on stdout.")(command)


@stats.command(
    "failures",
    short_help="Venues with failed pictures.",
    examples=("trivia-scraper stats failures", "trivia-scraper stats failures --owner performer --json"),
)
@_owner_option
@click.option("--city", metavar="CITY", help="Only venues of this city.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N venues.")
@_csv_option
@click.pass_obj
def failures(invocation: Invocation, /, owner: str, city: str | None, limit: int | None, as_csv: bool) -> None:
    """Lists who has at least one failed picture: most failures first, then the higher share of all its pictures."""
    from trivia_scraper.cli.stats_view import failures_table
    from trivia_scraper.domain.statistics import OwnerFailures

    kind = OwnerKind(owner)
    found = ask_figures(
        invocation, lambda figures: figures.statistics.venues_with_failures(kind, city=city, limit=limit)
    )
    _tell_list(invocation, "failures", owner, OwnerFailures, found, failures_table(found), as_csv)


@stats.command(
    "breakdown", short_help="Failures by provider and error type.", examples=("trivia-scraper stats breakdown --csv",)
)
@_owner_option
@_csv_option
@click.pass_obj
def breakdown(invocation: Invocation, /, owner: str, as_csv: bool) -> None:
    """Counts failed pictures by provider and error type, the most first."""
    from trivia_scraper.cli.stats_view import breakdown_table
    from trivia_scraper.domain.statistics import FailureGroup

    kind = OwnerKind(owner)
    found = ask_figures(invocation, lambda figures: figures.statistics.failure_breakdown(kind))
    _tell_list(invocation, "breakdown", owner, FailureGroup, found, breakdown_table(found), as_csv)


@stats.command(
    "candidates",
    short_help="Venues that have some pictures and lack others.",
    examples=("trivia-scraper stats candidates --min-failures 3",),
)
@_owner_option
@click.option("--min-failures", type=click.IntRange(min=1), default=1, metavar="N", help="At least N failed; 1.")
@click.option("--limit", type=click.IntRange(min=1), default=100, metavar="N", help="At most N venues; 100.")
@_csv_option
@click.pass_obj
def candidates(invocation: Invocation, /, owner: str, min_failures: int, limit: int, as_csv: bool) -> None:
    """Lists who has both stored pictures and failed ones that are not closed; the rate is of these two."""
    from trivia_scraper.cli.stats_view import candidates_table
    from trivia_scraper.domain.statistics import PartialFailure

    kind = OwnerKind(owner)
    found = ask_figures(
        invocation,
        lambda figures: figures.statistics.partial_failure_candidates(kind, min_failures=min_failures, limit=limit),
    )
    _tell_list(invocation, "candidates", owner, PartialFailure, found, candidates_table(found), as_csv)


@stats.command(
    "priority",
    short_help="Whose failures are the most urgent.",
    examples=("trivia-scraper stats priority --limit 10",),
)
@_owner_option
@click.option("--limit", type=click.IntRange(min=1), default=50, metavar="N", help="At most N venues; 50.")
@_csv_option
@click.pass_obj
def priority(invocation: Invocation, /, owner: str, limit: int, as_csv: bool) -> None:
    """Lists venues in the order of recovery: 10 a failure, plus the failure rate in per cent, plus
    20 if one may pass by itself, plus visits in 30 days / 100."""
    from trivia_scraper.cli.stats_view import priority_table
    from trivia_scraper.domain.statistics import PriorityOwner

    kind = OwnerKind(owner)
    found = ask_figures(invocation, lambda figures: figures.statistics.high_priority_venues(kind, limit=limit))
    _tell_list(invocation, "priority", owner, PriorityOwner, found, priority_table(found), as_csv)


@stats.command(
    "summary",
    short_help="All failures together.",
    examples=("trivia-scraper stats summary", "trivia-scraper stats summary --json"),
)
@_owner_option
@_csv_option
@click.pass_obj
def summary(invocation: Invocation, /, owner: str, as_csv: bool) -> None:
    """Totals, the average failure rate, the classes, the most frequent error types, alerts that hold now."""
    from trivia_scraper.cli.csv_output import write_csv
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.stats_view import read_summary, show_summary, summary_document, summary_rows

    kind = OwnerKind(owner)
    refuse_both(invocation, as_csv)
    told = ask_figures(invocation, lambda figures: read_summary(figures, kind))
    if as_csv:
        write_csv(("figure", "value"), summary_rows(told))
    elif invocation.json:
        print_json({"ok": True, "owner": owner, **summary_document(told)})
    else:
        show_summary(told, invocation.color)


@stats.command(
    "quality",
    short_help="How well venues are supplied with pictures.",
    examples=("trivia-scraper stats quality", "trivia-scraper stats quality --city Leeds --json"),
)
@_owner_option
@click.option("--city", metavar="CITY", help="Only venues of this city.")
@_csv_option
@click.pass_obj
def quality(invocation: Invocation, /, owner: str, city: str | None, as_csv: bool) -> None:
    """Venues with and without pictures, by provider, enriched in 7 days, without a position or any provider id."""
    from trivia_scraper.cli.csv_output import write_csv
    from trivia_scraper.cli.output import print_json, view_document
    from trivia_scraper.cli.stats_view import quality_rows, show_pairs

    kind = OwnerKind(owner)
    refuse_both(invocation, as_csv)
    found = ask_figures(invocation, lambda figures: figures.statistics.quality_stats(figures.clock.now(), city, kind))
    if as_csv:
        write_csv(("figure", "value"), quality_rows(found))
    elif invocation.json:
        print_json({"ok": True, "owner": owner, "quality": view_document(found)})
    else:
        show_pairs(quality_rows(found), invocation.color)


def ask_figures(invocation: Invocation, question: Callable[[Figures], Awaitable[Answer]]) -> Answer:
    """Open the figures for reading, ask, close. Raises SetupError, DatabaseUnreachable, SchemaTooNew."""
    loaded = invocation.load_settings()
    log = invocation.open_log(loaded, only_looks=True)

    async def answer() -> Answer:
        from trivia_scraper import bootstrap

        async with bootstrap.open_figures(loaded.settings, log) as figures:
            return await question(figures)

    return asyncio.run(answer())


def _tell_list(
    invocation: Invocation, name: str, owner: str, kind: type, views: Sequence[Any], table: Table, as_csv: bool
) -> None:
    from trivia_scraper.cli.csv_output import print_csv
    from trivia_scraper.cli.output import note, print_json, view_document
    from trivia_scraper.cli.tables import show

    refuse_both(invocation, as_csv)
    if as_csv:
        print_csv(kind, views)
    elif invocation.json:
        print_json({"ok": True, "owner": owner, name: [view_document(view) for view in views]})
    elif views:
        show(table, invocation.color)
        note(f"{len(views):,} lines")
    else:
        note("nothing failed")


def refuse_both(invocation: Invocation, as_csv: bool) -> None:
    """CSV or JSON, not both."""
    if as_csv and invocation.json:
        raise click.UsageError("--csv and --json are two forms of one answer: choose one")
