"""`cleanup`, `cleanup undo` and `cleanup list`: what the daemon does every night, by hand (images.md 9, O31)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulGroup, run_option
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.domain.cleaning import CleanupReport, CleanupRequest, ScheduledRun
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.ports import Services

Answer = TypeVar("Answer")

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
    is_of_the_day = flags["only"] is None and not flags["again"]
    end = _clean(_request(flags), invocation, is_of_the_day=is_of_the_day, dry_run=flags["dry_run"], yes=flags["yes"])
    return _tell(end, invocation)


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
    from trivia_scraper.pipeline.undoing import undo_cleanup

    undone = _with_services(
        invocation, lambda services: undo_cleanup(run, cleanup_options(dry_run=dry_run), services)
    )
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


def _clean(
    request: CleanupRequest, invocation: Invocation, *, is_of_the_day: bool, dry_run: bool, yes: bool
) -> CleanupReport | ScheduledRun:
    """The cleanup, its plan with a dry run, or who has done the cleanup of this day."""
    from trivia_scraper.pipeline.cleanup import clean_up, clean_up_when_due, done_already

    options = cleanup_options(dry_run=dry_run)
    if not (dry_run or yes):
        _refuse_without_terminal()
        taken = _with_services(invocation, done_already) if is_of_the_day else None
        if taken is not None:
            return taken
        _confirm(request, invocation)
    if dry_run or not is_of_the_day:
        return _with_services(invocation, lambda services: clean_up(options, services, request))
    return _with_services(invocation, lambda services: clean_up_when_due(_holder(), request, options, services))


def _refuse_without_terminal() -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("this would move and delete files and prune history: add --yes, or --dry-run to look")


def _confirm(request: CleanupRequest, invocation: Invocation) -> None:
    from trivia_scraper.cli.cleanup_view import show_report
    from trivia_scraper.pipeline.cleanup import clean_up

    options = cleanup_options(dry_run=True)
    plan = _with_services(invocation, lambda services: clean_up(options, services, request))
    show_report(plan, invocation.color, to_stderr=invocation.json)
    click.confirm("Go on?", abort=True, err=True)


def _holder() -> str:
    return f"process {os.getpid()} on host {socket.gethostname()}"


def _with_services(invocation: Invocation, work: Callable[[Services], Awaitable[Answer]]) -> Answer:
    from trivia_scraper.cli.signals import StopRequest

    loaded, stop, run_id = invocation.load_settings(), StopRequest(), uuid4()
    log = invocation.open_log(loaded).bind(run_id=str(run_id))

    async def call() -> Answer:
        from trivia_scraper.bootstrap import open_services
        from trivia_scraper.cli.progress import Counting

        with stop.listen():
            async with open_services(
                loaded.settings, run_id=run_id, progress=Counting(), log=log, stopping=stop.is_made
            ) as services:
                return await work(services)

    answer = asyncio.run(call())
    if stop.first is signal.SIGINT:
        raise click.Abort
    return answer


def _tell(end: CleanupReport | ScheduledRun, invocation: Invocation) -> ExitCode:
    from trivia_scraper.cli import cleanup_view
    from trivia_scraper.cli.output import print_json, redacted
    from trivia_scraper.domain.cleaning import ScheduledRun

    if isinstance(end, ScheduledRun):
        if invocation.json:
            print_json({"ok": True, "done_already": cleanup_view.taken_document(end)})
        else:
            cleanup_view.show_taken(end, invocation.color)
        return ExitCode.OK
    if invocation.json:
        print_json(redacted({"ok": end.ok, **end.document(), **cleanup_view.plan_document(end)}))
    else:
        cleanup_view.show_report(end, invocation.color)
    return ExitCode.OK if end.ok else ExitCode.SOME_FAILED
