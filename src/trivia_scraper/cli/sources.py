"""`sources list` and the other commands about providers: which are read, what one of them says, what is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.sources_add import add
from trivia_scraper.cli.sources_pause import known_source, pause, resume
from trivia_scraper.cli.sources_test import test
from trivia_scraper.domain.source_health import SourceState

if TYPE_CHECKING:
    from trivia_scraper.domain.source import Source
    from trivia_scraper.domain.source_health import SourceHealth
    from trivia_scraper.roster import Roster
    from trivia_scraper.settings import LoadedSettings, Settings

BROKEN: Final = "broken"
OFF: Final = "off"
_STATES: Final = (BROKEN, OFF, *(state.value for state in SourceState))
_NOT_TO_MARK: Final = frozenset({SourceState.OK.value, SourceState.UNREAD.value})


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One provider; what its parser or description would say is None where it cannot be used.

    described_in  the file of a declared source, else None
    problem       the first mistake in that file, else None
    health        its state by its last runs, why and since when; None = nobody asked the database, or it is off
    last_success_at, listed, usual_listed  its last complete run; listings of the newest one, and what is usual
    """

    slug: str
    name: str | None
    home: str | None
    readable: bool
    enabled: bool
    index_url: str | None
    described_in: str | None = None
    problem: str | None = None
    health: str | None = None
    why: str = ""
    since: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    listed: int | None = None
    usual_listed: int | None = None

    @property
    def state(self) -> str:
        """In words."""
        if self.problem:
            return "broken"
        if not self.enabled:
            return "off"
        return f"declared in {Path(self.described_in).name}" if self.described_in else "enabled"

    @property
    def states(self) -> frozenset[str]:
        """The words that `--state` finds it by: "broken" for all that cannot be read, and its own."""
        if self.problem:
            return frozenset({BROKEN})
        if not self.enabled:
            return frozenset({OFF})
        state = next((state for state in SourceState if state.value == self.health), None)
        return frozenset({BROKEN} if state and state.is_broken else ()) | {self.health or SourceState.UNREAD.value}


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
    "list",
    short_help="List the providers, whether they are read, and how they fare.",
    examples=("trivia-scraper sources list", "trivia-scraper sources list --state broken"),
)
@click.option(
    "--state", "wanted", multiple=True, metavar="STATE", type=click.Choice(_STATES),
    help="Only those in this state: broken, off, ok, degraded, zero_yield …; repeatable.",
)  # fmt: skip
@click.pass_obj
def list_sources(invocation: Invocation, /, wanted: tuple[str, ...]) -> None:
    """Lists every provider by slug: built in or declared, enabled or off, how its last runs went, its index."""
    from trivia_scraper.cli.output import note, print_json

    loaded = invocation.load_settings()
    rows = with_health(source_rows(loaded.settings), invocation, loaded)
    found = [row for row in rows if not wanted or row.states.intersection(wanted)]
    if invocation.json:
        print_json({"ok": True, "sources": [asdict(row) for row in found]})
        return
    _show(found, invocation.color)
    for row in found:
        if row.problem or row.why:
            note(f"{row.slug}: {row.problem or row.why}")


def _show(found: Sequence[SourceRow], color: str) -> None:
    from trivia_scraper.cli.output import stamp
    from trivia_scraper.cli.tables import Column, Table, show

    rows = tuple(
        (row.slug, row.state, row.health or "-", stamp(row.last_success_at), row.index_url or "-") for row in found
    )
    emphasis = tuple(
        (number, "dim" if OFF in row.states else "bad")
        for number, row in enumerate(found)
        if not row.states & _NOT_TO_MARK
    )
    titles = ("source", "state", "fares", "last complete (UTC)", "index")
    show(Table(tuple(map(Column, titles)), rows, emphasis), color)


def with_health(rows: Sequence[SourceRow], invocation: Invocation, loaded: LoadedSettings) -> Sequence[SourceRow]:
    """The same rows with what the database says of the enabled ones; without it the list is told all the same."""
    import asyncio

    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import note
    from trivia_scraper.domain.errors import TriviaScraperError

    slugs = [row.slug for row in rows if row.enabled]
    if not bootstrap.has_database(loaded.settings):
        return rows
    log = invocation.open_log(loaded, only_looks=True)

    async def ask() -> Sequence[SourceHealth]:
        async with bootstrap.open_figures(loaded.settings, log) as figures:
            return await figures.status.healths(slugs, figures.clock.now())

    try:
        healths = {health.slug: health for health in asyncio.run(ask())}
    except TriviaScraperError as error:
        note(f"how they fare is not known: {error.message}")
        return rows
    return [_with(row, healths[row.slug]) if row.slug in healths else row for row in rows]


def _with(row: SourceRow, health: SourceHealth) -> SourceRow:
    return replace(
        row,
        health=health.state.value,
        why=health.why,
        since=health.since,
        last_success_at=health.last_success_at,
        listed=health.listed,
        usual_listed=health.usual_listed,
    )


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
sources.add_command(pause)
sources.add_command(resume)


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

    loaded = invocation.load_settings()
    source = known_source(loaded.settings, source)
    log = invocation.open_log(loaded, only_looks=True)
    released = asyncio.run(bootstrap.release_source(loaded.settings, log, source))
    if invocation.json:
        print_json({"ok": True, "source": source, "released": released})
    elif released:
        left = loaded.settings.limits.complete_runs_before_missing - 1
        click.echo(f"{released} events of {source} count as missed once; {left} more complete runs close them")
    else:
        click.echo(f"no event of {source} is held; the size of its index is judged anew")
