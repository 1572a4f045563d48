"""The root command and the last border: whatever happens below ends here as an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import click

from trivia_scraper import __version__
from trivia_scraper.cli.grammar import ENVIRONMENT_PREFIX, LazyGroup
from trivia_scraper.cli.invocation import Invocation

PROGRAM: Final = "trivia-scraper"

COMMANDS: Final = {
    "run": ("trivia_scraper.cli.run:run", "Read the sources once, refresh pictures, then exit."),
    "retry": ("trivia_scraper.cli.retry:retry", "Try failed pictures again from their stored addresses."),
    "enrich": ("trivia_scraper.cli.enrich:enrich", "Fill venues' galleries from photo providers."),
    "verify-refresh": ("trivia_scraper.cli.verify:verify_refresh", "Prove that a forced refresh replaces the file."),
    "cleanup": ("trivia_scraper.cli.cleanup:cleanup", "Queue recoveries, compare files with rows, prune history."),
    "daemon": ("trivia_scraper.cli.daemon:daemon", "Work by the schedule until stopped."),
    "demo": ("trivia_scraper.cli.demo:demo", "A real run against replica sites on this machine."),
    "init": ("trivia_scraper.cli.init:init", "Write a commented config.toml, and the units of a service."),
    "config": ("trivia_scraper.cli.config:config", "Check and show the settings."),
    "doctor": ("trivia_scraper.cli.doctor:doctor", "Check this installation and say what to do next."),
    "db": ("trivia_scraper.cli.db:db", "Migrate, check, dump and restore the database."),
    "sources": ("trivia_scraper.cli.sources:sources", "The providers of trivia nights."),
    "venues": ("trivia_scraper.cli.venues:venues", "What is known of the venues."),
    "images": ("trivia_scraper.cli.images:images", "What is known of the pictures."),
    "stats": ("trivia_scraper.cli.stats:stats", "What failed where, and how well venues are supplied."),
    "review": ("trivia_scraper.cli.review:review", "Decide about failed pictures that wait for a person."),
    "status": ("trivia_scraper.cli.status:status", "What runs now, what runs next, how sources and pictures fare."),
    "report": ("trivia_scraper.cli.report:report", "The week, and runs that ended."),
    "parse": ("trivia_scraper.cli.parse:parse", "Read a phrase as the sources' readers do."),
}


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from trivia_scraper.cli.output import print_json

    if context.find_root().ensure_object(Invocation).json:
        print_json({"ok": True, "version": __version__})
    else:
        click.echo(f"{PROGRAM} {__version__}")
    context.exit()


@click.command(
    cls=LazyGroup,
    lazy=COMMANDS,
    at_root=True,
    examples=(
        "trivia-scraper demo",
        "trivia-scraper run --force-refresh-images --limit 1",
        "trivia-scraper images list --status failed",
    ),
)
@click.option("--version", is_flag=True, expose_value=False, callback=_show_version, help="Show the version.")
def cli() -> None:
    """Keeps a directory of pub-quiz and trivia nights true, and its pictures fresh."""


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Never raises for anything an operator can cause."""
    import sys

    from trivia_scraper.cli.endings import exit_code_of

    given = list(sys.argv[1:] if arguments is None else arguments)
    invocation = Invocation()
    try:
        # Not `cli.main`, which has endings of its own for pipes, interrupts and usage errors.
        with cli.make_context(PROGRAM, list(given), obj=invocation, auto_envvar_prefix=ENVIRONMENT_PREFIX) as context:
            result: Any = cli.invoke(context)
        sys.stdout.flush()
        return int(result or 0)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except BaseException as error:  # noqa: BLE001 - the last border: everything becomes an exit code and a message
        return int(exit_code_of(error, invocation, given))
    finally:
        _close_log()


def _close_log() -> None:
    import sys

    # Only if some command has opened it: help must not import structlog.
    logs = sys.modules.get("trivia_scraper.logs")
    if logs is not None:
        logs.close_logging()
    _forget_what_nobody_reads()


def _forget_what_nobody_reads() -> None:
    """A log whose reader has gone is no failure of the command: the interpreter would end with 120 for it (F16)."""
    import os
    import sys

    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
