"""`db`: migrate, look at, check, dump and restore the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.settings import Settings

Answer = TypeVar("Answer")


@click.group(
    cls=HelpfulGroup,
    short_help="Migrate, check, dump and restore the database.",
    examples=("trivia-scraper db status", "trivia-scraper db dump directory.dump"),
)
def db() -> None:
    """The database behind the directory: the embedded one, or the server named in the settings."""


def _call(invocation: Invocation, work: Callable[[Settings, FilteringBoundLogger], Awaitable[Answer]]) -> Answer:
    loaded = invocation.load_settings()
    log = invocation.open_log(loaded, only_looks=True)

    async def call() -> Answer:
        return await work(loaded.settings, log)

    return asyncio.run(call())


@db.command("migrate", short_help="Bring the schema up to date.", examples=("trivia-scraper db migrate --dry-run",))
@click.option("--dry-run", is_flag=True, help="Say what would be applied; change nothing.")
@click.pass_obj
def migrate(invocation: Invocation, /, dry_run: bool) -> None:
    """Applies the migrations that the database lacks, in order."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import print_json

    names = _call(invocation, lambda settings, log: bootstrap.migrate_database(settings, log, dry_run=dry_run))
    if invocation.json:
        print_json({"ok": True, "dry_run": dry_run, "migrations": list(names)})
        return
    for name in names:
        click.echo(f"{'would apply' if dry_run else 'applied'} {name}")
    if not names:
        click.echo("the schema is up to date")


@db.command("status", short_help="Show server, schema and row counts.", examples=("trivia-scraper db status --json",))
@click.pass_obj
def status(invocation: Invocation, /) -> None:
    """Shows which server answers, how far its schema is, and what it holds."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import one_line, print_json

    facts = _call(invocation, bootstrap.database_status)
    if invocation.json:
        print_json({"ok": True, "database": dict(facts)})
        return
    for name, value in facts.items():
        click.echo(f"{name:<20} {one_line(_told(value))}")


@db.command("check", short_help="Compare rows with files.", examples=("trivia-scraper db check",))
@click.pass_obj
def check(invocation: Invocation, /) -> ExitCode:
    """Checks that no row names a file that is not there, and no file is without a row. Problems: exit 3."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import one_line, print_json

    found = _call(invocation, bootstrap.check_database)
    problems = found.problems
    if invocation.json:
        print_json({"ok": not problems, "problems": list(problems), "pending": list(found.pending)})
    else:
        for problem in problems:
            click.echo(one_line(problem))
        if found.pending:
            click.echo(f"{len(found.pending)} files are on their way, or wait for the next start to resolve them")
        click.echo(f"{len(problems)} problems" if problems else "ok: rows and files agree")
    return ExitCode.SOME_FAILED if problems else ExitCode.OK


@db.command("url", short_help="Show the database's address.", examples=("trivia-scraper db url --json",))
@click.pass_obj
def url(invocation: Invocation, /) -> None:
    """Shows the address to connect to; a password in it is shown as ***.

    An embedded server listens only while a command uses it.
    """
    from trivia_scraper.cli.output import print_json

    address = _call(invocation, _shown_url)
    if invocation.json:
        print_json({"ok": True, "url": address})
    else:
        click.echo(address)


async def _shown_url(settings: Settings, log: FilteringBoundLogger) -> str:
    from trivia_scraper import bootstrap
    from trivia_scraper.domain.redaction import redact_text

    address = await bootstrap.database_url(settings, log)
    # The embedded server has no password: its address is of use only when whole.
    return address if settings.database.is_embedded else redact_text(address)


@db.command("dump", short_help="Write a backup.", examples=("trivia-scraper db dump directory.dump",))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def dump(invocation: Invocation, /, file: Path) -> None:
    """Writes the whole database to FILE. Pictures are files of their own: copy the image folder beside it."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import human_bytes, print_json

    _call(invocation, lambda settings, log: bootstrap.dump_database(settings, log, file))
    size = file.stat().st_size
    if invocation.json:
        print_json({"ok": True, "file": str(file), "bytes": size})
    else:
        click.echo(f"wrote {file} ({human_bytes(size)})")


@db.command("restore", short_help="Replace the database by a backup.", examples=("trivia-scraper db restore FILE",))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be replaced; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")
@click.pass_obj
def restore(invocation: Invocation, /, file: Path, dry_run: bool, yes: bool) -> None:
    """Replaces what the database holds by what FILE holds. Asks first on a terminal; elsewhere needs --yes."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import human_bytes, print_json

    plan = f"replace the database's content by {file} ({human_bytes(file.stat().st_size)})"
    if not dry_run:
        _confirm(plan, yes=yes)
        _call(invocation, lambda settings, log: bootstrap.restore_database(settings, log, file))
    if invocation.json:
        print_json({"ok": True, "dry_run": dry_run, "file": str(file)})
    else:
        click.echo(f"would {plan}" if dry_run else f"restored {file}")


def _confirm(plan: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"this would {plan}: add --yes")
    click.confirm(f"This will {plan}. Go on?", abort=True, err=True)


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
