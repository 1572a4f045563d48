"""`run`: one pass over the sources. The edge where flags become the one `RefreshOptions` of this run."""

from __future__ import annotations

import asyncio
import signal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand, run_option
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.cli.progress import Counting
    from trivia_scraper.cli.signals import StopRequest
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.domain.outcomes import RunReport
    from trivia_scraper.roster import Roster
    from trivia_scraper.settings import LoadedSettings, Settings


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
@click.pass_obj
def run(invocation: Invocation, /, **flags: Any) -> int:
    """Reads the index of each source, visits the venues that are due, and keeps their pictures fresh.

    A table of what happened goes to stdout, progress and logs to stderr.
    """
    if flags["clean_first"] and not flags["force_refresh_images"]:
        raise click.UsageError("--clean-first deletes pictures before fetching them: it needs --force-refresh-images")
    from trivia_scraper.roster import load_roster

    loaded = invocation.load_settings()
    options = refresh_options(flags)
    if options.retry_failed_only:
        return _recover_instead(options, invocation, loaded)
    check_sources(options, load_roster(loaded.settings))
    from trivia_scraper.cli.signals import StopRequest

    stop = StopRequest()
    report = _refresh(options, invocation, loaded, stop)
    _tell(report, invocation)
    return exit_code_of_run(report, stop.first)


def _recover_instead(options: RefreshOptions, invocation: Invocation, loaded: LoadedSettings) -> int:
    """Retry-only beats every other option (images.md 5.1); venues, sources, time and dry run still narrow it."""
    from trivia_scraper.cli.retry import check_names, recover_and_tell
    from trivia_scraper.domain.recovery import RecoveryRequest

    check_names(options, loaded)
    request = RecoveryRequest(include_ambiguous=False, all_due=not options.venues)
    return recover_and_tell(request, options, invocation, loaded)


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


def exit_code_of_run(report: RunReport, stopped_by: signal.Signals | None) -> ExitCode:
    """The verdict for shell and scheduler (operations.md 3)."""
    from trivia_scraper.domain.outcomes import FinishReason

    if report.finish_reason is FinishReason.STORAGE_FULL:
        return ExitCode.STORAGE
    if report.finish_reason is FinishReason.DATABASE_LOST:
        return ExitCode.DATABASE
    if stopped_by is signal.SIGINT:
        return ExitCode.INTERRUPTED
    return ExitCode.OK if report.ok else ExitCode.SOME_FAILED


def _refresh(options: RefreshOptions, invocation: Invocation, loaded: LoadedSettings, stop: StopRequest) -> RunReport:
    from trivia_scraper.cli.progress import open_progress

    log_format = invocation.effective_format(loaded.settings.log.format)
    run_id = uuid4()
    with open_progress(quiet=bool(invocation.quiet), log_format=log_format, color_mode=invocation.color) as progress:
        log = invocation.open_log(loaded).bind(run_id=str(run_id))
        return asyncio.run(_refresh_once(options, loaded.settings, run_id, progress, log, stop))


async def _refresh_once(
    options: RefreshOptions,
    settings: Settings,
    run_id: UUID,
    progress: Counting,
    log: FilteringBoundLogger,
    stop: StopRequest,
) -> RunReport:
    from trivia_scraper.bootstrap import open_services
    from trivia_scraper.cli.progress import keep_showing
    from trivia_scraper.pipeline.run import refresh

    with stop.listen():
        async with (
            open_services(settings, run_id=run_id, progress=progress, log=log, stopping=stop.is_made) as services,
            asyncio.TaskGroup() as group,
        ):
            showing = group.create_task(keep_showing(progress))
            try:
                return await refresh(options, services)
            finally:
                showing.cancel()


def _tell(report: RunReport, invocation: Invocation) -> None:
    if invocation.json:
        from trivia_scraper.cli.output import print_json, redacted
        from trivia_scraper.domain.reports import report_document

        print_json(redacted(report_document(report)))
    else:
        from trivia_scraper.cli.report_view import show_report

        show_report(report, invocation.color)
