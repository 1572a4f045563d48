"""`sources list`: which providers this version reads, which are switched on, where their index starts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.settings import Settings


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One provider; what a parser would know is None where this version has none."""

    slug: str
    name: str | None
    home: str | None
    readable: bool
    enabled: bool
    index_url: str | None

    @property
    def state(self) -> str:
        """In words."""
        if not self.readable:
            return "not in this version"
        return "enabled" if self.enabled else "off"


@click.group(
    cls=HelpfulGroup,
    short_help="The providers of trivia nights.",
    examples=("trivia-scraper sources list", "trivia-scraper sources list --json"),
)
def sources() -> None:
    """The providers of trivia nights."""


@sources.command(
    "list", short_help="List the providers and whether they are read.", examples=("trivia-scraper sources list",)
)
@click.pass_obj
def list_sources(invocation: Invocation, /) -> None:
    """Lists every provider by slug: readable by this version, enabled in the settings, index address."""
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.tables import Column, Table, show

    found = source_rows(invocation.load_settings().settings)
    if invocation.json:
        print_json({"ok": True, "sources": [asdict(row) for row in found]})
        return
    rows = tuple((row.slug, row.name or "-", row.state, row.index_url or "-") for row in found)
    dim = tuple((number, "dim") for number, row in enumerate(found) if not row.enabled)
    show(Table(tuple(map(Column, ("source", "name", "state", "index"))), rows, dim), invocation.color)


def source_rows(settings: Settings) -> list[SourceRow]:
    """A row a provider, in the order of the settings."""
    from trivia_scraper.domain.redaction import strip_secrets
    from trivia_scraper.sources import SOURCES

    rows = []
    for slug, section in settings.sources.by_slug().items():
        source = SOURCES.get(slug)
        index_url = section.index_url or (source.default_index_url if source else "")
        rows.append(
            SourceRow(
                slug=slug,
                name=source.name if source else None,
                home=source.home if source else None,
                readable=source is not None,
                enabled=section.enabled,
                index_url=strip_secrets(index_url) if index_url else None,
            )
        )
    return rows


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

    loaded = invocation.load_settings()
    if source not in loaded.settings.sources.by_slug():
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
