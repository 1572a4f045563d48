"""`sources pause` and `sources resume`: a person leaves a source out of runs for a while (operations.md 3)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.settings import Settings


@click.command(
    "pause",
    cls=HelpfulCommand,
    short_help="Leave a source out of runs for a while.",
    examples=(
        "trivia-scraper sources pause question_one",
        'trivia-scraper sources pause question_one --why "they asked us to wait until May"',
    ),
)
@click.argument("source", metavar="SLUG")
@click.option("--why", default="", metavar="TEXT", help="Shown wherever the source is.")
@click.pass_obj
def pause(invocation: Invocation, /, source: str, why: str) -> None:
    """The daemon reads it no more, and `run` only when --source names it. What is stored stays as it is.

    A run that reads it just now goes on to its end.
    """
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.person import person

    loaded = invocation.load_settings()
    source = known_source(loaded.settings, source)
    log = invocation.open_log(loaded, only_looks=True)
    health = asyncio.run(bootstrap.pause_source(loaded.settings, log, source, person(), why))
    if invocation.json:
        print_json({"ok": True, "source": source, "state": health.state, "why": health.why})
    else:
        click.echo(f"{source} is left out of runs until: trivia-scraper sources resume {source}")


@click.command(
    "resume",
    cls=HelpfulCommand,
    short_help="Read a paused source again.",
    examples=("trivia-scraper sources resume question_one",),
)
@click.argument("source", metavar="SLUG")
@click.pass_obj
def resume(invocation: Invocation, /, source: str) -> None:
    """From the next slot of its schedule and the next `run` on it is read again."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import print_json

    loaded = invocation.load_settings()
    source = known_source(loaded.settings, source)
    log = invocation.open_log(loaded, only_looks=True)
    was_paused, health = asyncio.run(bootstrap.resume_source(loaded.settings, log, source))
    if invocation.json:
        print_json({"ok": True, "source": source, "resumed": was_paused, "state": health.state, "why": health.why})
    elif was_paused:
        click.echo(f"{source} is read again; its state: {health.state.value}")
    else:
        click.echo(f"{source} was not paused")


def known_source(settings: Settings, source: str) -> str:
    """The slug of a source that this installation has. Raises SetupError, which suggests the nearest."""
    from difflib import get_close_matches

    from trivia_scraper.domain.errors import SetupError
    from trivia_scraper.roster import load_roster

    slugs = load_roster(settings).sources
    if source in slugs:
        return source
    near = get_close_matches(source, slugs, 1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise SetupError(f"no source is called {source!r}{meant}", hint="trivia-scraper sources list")
