"""`run`: one pass over the sources. The edge where flags become the one `RefreshOptions` of this run."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from trivia_scraper.cli.grammar import HelpfulCommand, run_option
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.working import no_wait_option

if TYPE_CHECKING:
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.roster import Roster
    from trivia_scraper.settings import LoadedSettings


def _seconds(_: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    from trivia_scraper.settings import parse_duration

    try:
        seconds = parse_duration(value).total_seconds()
    except ValueError as error:
        raise click.BadParameter(str(error), param=parameter) from error
    if not seconds:
        raise click.BadParameter("must be more than zero", param=parameter)
    return seconds


@click.command(
    cls=HelpfulCommand,
    short_help="Read the sources once, refresh pictures, then exit.",
    examples=(
        "trivia-scraper run",
        "trivia-scraper run --force-refresh-images --limit 1",
        "trivia-scraper run --source question_one --max-time 30m --json",
        "trivia-scraper run --venue the-crown-inn --force-update",
    ),
)
@run_option("--source", "sources", multiple=True, metavar="SLUG", help="Only this source; repeatable.")
@run_option("--venue", "venues", multiple=True, metavar="SLUG", help="Only this venue; repeatable.")
@run_option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N listings of each source.")
@run_option("--force-refresh-images", is_flag=True, help="Download every picture anew, whatever is stored.")
@run_option("--force-update", is_flag=True, help="Visit venues although they were visited lately.")
@run_option("--clean-first", is_flag=True, help="Delete pictures before downloading; needs --force-refresh-images.")
@run_option("--retry-failed-only", is_flag=True, help="Read no site: only try failed pictures that are due again.")
@run_option("--dry-run", is_flag=True, help="Read indexes and say what would be visited; change nothing.")
@run_option(
    "--max-time", "max_time_seconds", callback=_seconds, metavar="30m", help="Take up no new venue after this."
)
@no_wait_option
@click.pass_obj
def run(invocation: Invocation, /, **flags: Any) -> int:
    """Reads the index of each source, visits the venues that are due, and keeps their pictures fresh.

    A table of what happened goes to stdout, progress and logs to stderr. While a daemon holds the store, it does the
    run, and this command follows it.
    """
    if flags["clean_first"] and not flags["force_refresh_images"]:
        raise click.UsageError("--clean-first deletes pictures before fetching them: it needs --force-refresh-images")
    from trivia_scraper.roster import load_roster

    loaded = invocation.load_settings()
    options = refresh_options(flags)
    if options.retry_failed_only:
        return _recover_instead(options, invocation, loaded, no_wait=flags["no_wait"])
    check_sources(options, load_roster(loaded.settings))
    from trivia_scraper.cli.working import Work, finish
    from trivia_scraper.domain.requests import RequestKind

    return finish(Work(RequestKind.REFRESH, options, show_run), invocation, loaded, no_wait=flags["no_wait"])


def _recover_instead(
    options: RefreshOptions, invocation: Invocation, loaded: LoadedSettings, *, no_wait: bool
) -> int:
    """Retry-only beats every other option (images.md 5.1); venues, sources, time and dry run still narrow it."""
    from trivia_scraper.cli.retry import check_names, recover_and_tell
    from trivia_scraper.domain.recovery import RecoveryRequest

    check_names(options, loaded)
    request = RecoveryRequest(include_ambiguous=False, all_due=not options.venues)
    return recover_and_tell(request, options, invocation, loaded, no_wait=no_wait)


def refresh_options(flags: dict[str, Any]) -> RefreshOptions:
    """The flags as *the* options of this run, every field stated (architecture 4)."""
    from trivia_scraper.domain.options import RefreshOptions

    return RefreshOptions(
        force_refresh_images=flags["force_refresh_images"],
        force_update=flags["force_update"],
        clean_first=flags["clean_first"],
        retry_failed_only=flags["retry_failed_only"],
        dry_run=flags["dry_run"],
        limit=flags["limit"],
        sources=tuple(dict.fromkeys(flags["sources"])),
        venues=tuple(dict.fromkeys(flags["venues"])),
        providers=(),
        max_time_seconds=flags["max_time_seconds"],
    )


def check_sources(options: RefreshOptions, roster: Roster) -> None:
    """Refuse sources that do not exist (usage), whose description is broken, or that are switched off."""
    from trivia_scraper.domain.errors import SetupError

    for slug in options.sources:
        if slug in roster.broken:
            raise SetupError(roster.broken[slug])
        if slug not in roster.sources:
            near = get_close_matches(slug, roster.sources, n=1)
            raise click.UsageError(f"no source {slug!r}{f', did you mean {near[0]!r}?' if near else ''}")
        if not roster.sections[slug].enabled:
            raise SetupError(f"source {slug!r} is switched off in the settings", hint=_how_to_enable(slug))
    if not roster.enabled:
        raise SetupError(
            "every source is switched off in the settings", hint="`trivia-scraper sources list` shows them"
        )


def _how_to_enable(slug: str) -> str:
    from trivia_scraper.sources import SOURCES

    if slug in SOURCES:
        return f"TRIVIA__SOURCES__{slug.upper()}__ENABLED=true enables it"
    return "set enabled = true in the [source] table of its description"


def show_run(document: Mapping[str, Any], color_mode: str) -> None:
    """The closing view of a run's report."""
    from trivia_scraper.cli.report_view import show_report
    from trivia_scraper.domain.stored_reports import report_from_document

    show_report(report_from_document(document), color_mode)
