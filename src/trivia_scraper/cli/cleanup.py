"""`cleanup`, `cleanup undo` and `cleanup list`: what the daemon does every night, by hand (images.md 9, O31)."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulGroup, run_option
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.working import no_wait_option

if TYPE_CHECKING:
    from trivia_scraper.cli.signals import StopRequest
    from trivia_scraper.cli.working import Work
    from trivia_scraper.domain.cleaning import CleanupRequest
    from trivia_scraper.domain.file_sweeps import UndoReport
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.settings import LoadedSettings

_PARTS = ("recovery", "files", "history")


@click.group(
    cls=HelpfulGroup,
    invoke_without_command=True,
    short_help="Queue recoveries, compare files with rows, prune history.",
    examples=(
        "trivia-scraper cleanup --dry-run",
        "trivia-scraper cleanup --yes",
        "trivia-scraper cleanup --only files --yes --json",
        "trivia-scraper cleanup undo 12",
        "trivia-scraper cleanup list",
    ),
)
@run_option("--dry-run", is_flag=True, help="Show the plan; write nothing.")
@run_option("--only", type=click.Choice(_PARTS), help="Only this part; it does not count as the day's cleanup.")
@run_option("--again", is_flag=True, help="Although the day's cleanup was done already.")
@run_option("--accept-many", is_flag=True, help="Repair files and rows although very many of them differ.")
@run_option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")
@no_wait_option
@click.pass_context
def cleanup(context: click.Context, /, **flags: Any) -> int | None:
    """Does what the daemon does at [cleanup] time: at most once a day, whoever begins.

    Owners whose failures may pass get a recovery in the queue, hopeless pictures are closed. Files and rows are
    compared: files without a row are set aside for a week, missing and damaged ones are downloaded again. Statistics
    are kept, old history goes. Shows the plan and asks on a terminal; elsewhere needs --yes.
    """
    if context.invoked_subcommand is not None:
        _refuse_flags(flags, context.invoked_subcommand)
        return None
    invocation = context.find_object(Invocation)
    assert invocation is not None
    from trivia_scraper.cli.working import finish

    dry_run, of_the_day = flags["dry_run"], flags["only"] is None and not flags["again"]
    asks = not (dry_run or flags["yes"])
    if asks:
        _refuse_without_terminal()
    loaded = invocation.load_settings()
    if asks and not _ask(_work(flags, dry_run=True, of_the_day=of_the_day), invocation, loaded):
        return ExitCode.OK
    work = _work(flags, dry_run=dry_run, of_the_day=of_the_day and not dry_run)
    return finish(work, invocation, loaded, no_wait=flags["no_wait"])


@cleanup.command(
    "undo",
    short_help="Bring back the files that a cleanup set aside.",
    examples=("trivia-scraper cleanup undo 12", "trivia-scraper cleanup undo 12 --dry-run"),
)
@click.argument("run", type=click.IntRange(min=1), metavar="RUN")
@run_option("--dry-run", is_flag=True, help="Say what would come back; change nothing.")
@click.pass_obj
def undo(invocation: Invocation, /, run: int, dry_run: bool) -> int:
    """Brings back the files of one cleanup while the quarantine lasts. A key with another file keeps that one.

    `cleanup list` shows the cleanups. What comes back has no row: a later cleanup sets it aside again unless
    something refers to it by then.
    """
    from trivia_scraper.cli.signals import StopRequest

    stop = StopRequest()
    undone = asyncio.run(_undo(run, dry_run, invocation, stop))
    if stop.first is signal.SIGINT:
        raise click.Abort
    ok = not (undone.taken or undone.gone or undone.errors)
    if invocation.json:
        from trivia_scraper.cli.output import print_json, redacted, view_document

        print_json(redacted({"ok": ok, "dry_run": dry_run, "undo": view_document(undone)}))
    else:
        from trivia_scraper.cli.cleanup_view import show_undo

        show_undo(undone, dry_run, invocation.color)
    return ExitCode.OK if ok else ExitCode.SOME_FAILED


@cleanup.command(
    "list",
    short_help="List past cleanups and what can be brought back.",
    examples=("trivia-scraper cleanup list", "trivia-scraper cleanup list --limit 3 --json"),
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="At most N.")
@click.pass_obj
def list_cleanups(invocation: Invocation, /, limit: int) -> None:
    """Lists cleanups, newest first, with their counters and the files that `cleanup undo` would bring back."""
    from trivia_scraper import bootstrap

    loaded = invocation.load_settings()
    log = invocation.open_log(loaded, only_looks=True)
    runs = asyncio.run(bootstrap.cleanup_runs(loaded.settings, log, limit))
    if invocation.json:
        from trivia_scraper.cli.output import print_json, view_document

        print_json({"ok": True, "cleanups": [view_document(run) for run in runs]})
        return
    from trivia_scraper.cli.cleanup_view import show_cleanups

    show_cleanups(runs, invocation.color)


def cleanup_options(*, dry_run: bool) -> RefreshOptions:
    """The options that recoveries queued by a cleanup carry, every field stated (architecture 4)."""
    from trivia_scraper.domain.options import RefreshOptions

    return RefreshOptions(
        force_refresh_images=False,
        force_update=False,
        clean_first=False,
        retry_failed_only=True,
        dry_run=dry_run,
        limit=None,
        sources=(),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


def _refuse_flags(flags: dict[str, Any], command: str) -> None:
    for name, value in flags.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} belongs to `cleanup` itself, not to `cleanup {command}`")


def _request(flags: dict[str, Any]) -> CleanupRequest:
    from trivia_scraper.domain.cleaning import CleanupPart, CleanupRequest

    parts = frozenset(CleanupPart) if flags["only"] is None else frozenset({CleanupPart(flags["only"])})
    return CleanupRequest(parts, accepts_many=flags["accept_many"])


def _work(flags: dict[str, Any], *, dry_run: bool, of_the_day: bool) -> Work:
    from trivia_scraper.cli.cleanup_view import show_cleanup
    from trivia_scraper.cli.working import Work
    from trivia_scraper.domain.request_details import cleanup_details
    from trivia_scraper.domain.requests import RequestKind

    details = cleanup_details(_request(flags), of_the_day=of_the_day)
    return Work(RequestKind.CLEANUP, cleanup_options(dry_run=dry_run), show_cleanup, details)


def _refuse_without_terminal() -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("this would move and delete files and prune history: add --yes, or --dry-run to look")


def _ask(plan: Work, invocation: Invocation, loaded: LoadedSettings) -> bool:
    """Show the plan and ask; False when the cleanup of this day is done already, which is told instead."""
    from trivia_scraper.cli.cleanup_view import show_cleanup
    from trivia_scraper.cli.working import carry_out, tell

    ended = carry_out(plan, invocation, loaded)
    if "done_already" in ended.document:
        tell(plan, ended.document, invocation)
        return False
    if ended.stopped_by is not None:
        raise click.Abort
    show_cleanup(ended.document, invocation.color, to_stderr=invocation.json)
    click.confirm("Go on?", abort=True, err=True)
    return True


async def _undo(run: int, dry_run: bool, invocation: Invocation, stop: StopRequest) -> UndoReport:
    from uuid import uuid4

    from trivia_scraper.cli.working import working_alone
    from trivia_scraper.pipeline.undoing import undo_cleanup

    loaded = invocation.load_settings()
    log = invocation.open_log(loaded)
    async with working_alone("`cleanup undo`", loaded, uuid4(), stop, log) as services:
        return await undo_cleanup(run, cleanup_options(dry_run=dry_run), services)
