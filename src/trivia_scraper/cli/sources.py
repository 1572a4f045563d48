"""`sources list` and the other commands about providers: which are read, what one of them says, what is held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.sources_add import add
from trivia_scraper.cli.sources_test import test

if TYPE_CHECKING:
    from trivia_scraper.domain.source import Source
    from trivia_scraper.roster import Roster
    from trivia_scraper.settings import Settings


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One provider; what its parser or description would say is None where it cannot be used.

    described_in  the file of a declared source, else None
    problem       the first mistake in that file, else None
    """

    slug: str
    name: str | None
    home: str | None
    readable: bool
    enabled: bool
    index_url: str | None
    described_in: str | None = None
    problem: str | None = None

    @property
    def state(self) -> str:
        """In words."""
        if self.problem:
            return "broken"
        if not self.enabled:
            return "off"
        return f"declared in {Path(self.described_in).name}" if self.described_in else "enabled"


@click.group(
    cls=HelpfulGroup,
    short_help="The providers of trivia nights.",
    examples=(
        "trivia-scraper sources list",
        "trivia-scraper sources add https://example.org/venues/ --out sources.d/example.toml",
        "trivia-scraper sources test example",
    ),
)
def sources() -> None:
    """The providers of trivia nights."""


@sources.command(
    "list", short_help="List the providers and whether they are read.", examples=("trivia-scraper sources list",)
)
@click.pass_obj
def list_sources(invocation: Invocation, /) -> None:
    """Lists every provider by slug: built in or declared, enabled or off, and where its index starts."""
    from trivia_scraper.cli.output import note, print_json
    from trivia_scraper.cli.tables import Column, Table, show

    found = source_rows(invocation.load_settings().settings)
    if invocation.json:
        print_json({"ok": True, "sources": [asdict(row) for row in found]})
        return
    rows = tuple((row.slug, row.name or "-", row.state, row.index_url or "-") for row in found)
    emphasis = tuple((number, "bad" if row.problem else "dim") for number, row in enumerate(found) if not row.enabled)
    show(Table(tuple(map(Column, ("source", "name", "state", "index"))), rows, emphasis), invocation.color)
    for row in found:
        if row.problem:
            note(f"{row.slug}: {row.problem}")


def source_rows(settings: Settings) -> list[SourceRow]:
    """A row a provider: those in code in the order of the settings, those declared, then broken descriptions."""
    from trivia_scraper.roster import load_roster

    roster = load_roster(settings)
    return [*(_row(roster, slug, source) for slug, source in roster.sources.items()), *_broken(roster)]


def _row(roster: Roster, slug: str, source: Source) -> SourceRow:
    from trivia_scraper.domain.redaction import strip_secrets
    from trivia_scraper.sources.declarative import DeclaredSource

    section = roster.sections[slug]
    return SourceRow(
        slug=slug,
        name=source.name,
        home=source.home,
        readable=True,
        enabled=section.enabled,
        index_url=strip_secrets(section.index_url or source.default_index_url),
        described_in=source.path if isinstance(source, DeclaredSource) else None,
    )


def _broken(roster: Roster) -> Iterator[SourceRow]:
    first: dict[str, str] = {}
    for problem in roster.problems:
        first.setdefault(problem.path, str(problem))
    for path, told in first.items():
        yield SourceRow(Path(path).stem, None, None, False, False, None, described_in=path, problem=told)


sources.add_command(add)
sources.add_command(test)


@sources.command(
    "release",
    short_help="Let what is held count, after you have looked.",
    examples=("trivia-scraper sources release question_one",),
)
@click.argument("source", metavar="SLUG")
@click.pass_obj
def release(invocation: Invocation, /, source: str) -> None:
    """A fifth of a source gone at once is held until a person says that it is true: this says it.

    Nothing closes now. The events count as missed once; further complete runs that do not show them close them.
    An index that shrank or grew out of proportion is judged anew from the next run on.
    """
    import asyncio

    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.domain.errors import SetupError
    from trivia_scraper.roster import load_roster

    loaded = invocation.load_settings()
    if source not in load_roster(loaded.settings).sources:
        raise SetupError(f"no source is called {source!r}", hint="trivia-scraper sources list")
    log = invocation.open_log(loaded, only_looks=True)
    released = asyncio.run(bootstrap.release_source(loaded.settings, log, source))
    if invocation.json:
        print_json({"ok": True, "source": source, "released": released})
    elif released:
        left = loaded.settings.limits.complete_runs_before_missing - 1
        click.echo(f"{released} events of {source} count as missed once; {left} more complete runs close them")
    else:
        click.echo(f"no event of {source} is held; the size of its index is judged anew")
