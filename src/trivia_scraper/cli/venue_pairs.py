"""`venues duplicates`, `merge`, `unmerge` and `not-duplicate`: a person decides whether two venues are one."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.domain.directory import DuplicateScan, MergeReport, PairedVenue, PairView, UnmergeReport
    from trivia_scraper.settings import Settings

Answer = TypeVar("Answer")


@click.command(
    "duplicates",
    cls=HelpfulCommand,
    short_help="List pairs of venues that may be one.",
    examples=("trivia-scraper venues duplicates", "trivia-scraper venues duplicates --rescan --json"),
)
@click.option("--rescan", is_flag=True, help="Compare all venues first; else only what runs noticed.")
@click.option("--all", "decided", is_flag=True, help="Also pairs that are decided.")
@click.pass_obj
def duplicates(invocation: Invocation, /, rescan: bool, decided: bool) -> None:
    """Lists pairs with how sure it is that both are one place, the surest first, and what speaks for and against it.

    Nothing is merged here: `venues merge A B` or `venues not-duplicate A B` settles a pair.
    """
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import note, print_json, view_document

    scan, pairs = _call(
        invocation,
        lambda settings, log: bootstrap.duplicate_pairs(settings, log, rescan=rescan, decided=decided),
        only_looks=True,
    )
    if invocation.json:
        told = None if scan is None else view_document(scan)
        print_json({"ok": True, "scan": told, "pairs": [view_document(pair) for pair in pairs]})
        return
    _show_pairs(pairs, invocation.color)
    note(_summary(pairs, scan))


@click.command(
    "merge",
    cls=HelpfulCommand,
    short_help="Make one venue of two.",
    examples=(
        "trivia-scraper venues merge the-crown crown-inn --dry-run",
        "trivia-scraper venues merge the-crown crown-inn --keep the-crown",
    ),
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--keep", metavar="SLUG", help="Which of the two stays; else the more complete one.")
@click.option("--dry-run", is_flag=True, help="Say what would move; change nothing.")
@click.pass_obj
def merge(invocation: Invocation, /, a: str, b: str, keep: str | None, dry_run: bool) -> None:
    """Moves evenings, sightings, listings and pictures to the record that stays, and fills what it lacks.

    The other slug leads to it from then on. `venues unmerge` undoes it.
    """
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import print_json, view_document

    merged = _call(
        invocation,
        lambda settings, log: bootstrap.merge_venues(settings, log, a, b, keep=keep, dry_run=dry_run),
    )
    if invocation.json:
        print_json({"ok": True, "dry_run": dry_run, "merge": view_document(merged)})
        return
    _say_all(_merge_lines(merged, dry_run), invocation)


@click.command(
    "unmerge",
    cls=HelpfulCommand,
    short_help="Undo a merge.",
    examples=("trivia-scraper venues unmerge crown-inn",),
)
@click.argument("slug")
@click.pass_obj
def unmerge(invocation: Invocation, /, slug: str) -> None:
    """Makes a merged venue one of its own again. What has changed since the merge stays as it is now."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import print_json, view_document

    parted = _call(invocation, lambda settings, log: bootstrap.unmerge_venue(settings, log, slug))
    if invocation.json:
        print_json({"ok": True, "unmerge": view_document(parted)})
        return
    _say_all(_unmerge_lines(parted), invocation)


@click.command(
    "not-duplicate",
    cls=HelpfulCommand,
    short_help="Say that two venues are two.",
    examples=("trivia-scraper venues not-duplicate the-crown the-crown-tap",),
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--undo", is_flag=True, help="Take that back.")
@click.pass_obj
def not_duplicate(invocation: Invocation, /, a: str, b: str, undo: bool) -> None:
    """A pair that is called different stays different: no later comparison lists it again."""
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.output import print_json

    pair = _call(invocation, lambda settings, log: bootstrap.call_different(settings, log, a, b, undo=undo))
    state = "open" if undo else "different"
    if invocation.json:
        print_json({"ok": True, "venues": list(pair), "state": state})
        return
    said = "may be one again" if undo else "are two venues"
    _say_all([f"{pair[0]} and {pair[1]} {said}"], invocation)


def _call(
    invocation: Invocation,
    work: Callable[[Settings, FilteringBoundLogger], Awaitable[Answer]],
    *,
    only_looks: bool = False,
) -> Answer:
    loaded = invocation.load_settings()
    log = invocation.open_log(loaded, only_looks=only_looks)

    async def call() -> Answer:
        return await work(loaded.settings, log)

    return asyncio.run(call())


def _say_all(lines: Iterable[str], invocation: Invocation) -> None:
    from trivia_scraper.cli.tables import say

    for line in lines:
        say(line, invocation.color)


def _show_pairs(pairs: Sequence[PairView], color_mode: str) -> None:
    from trivia_scraper.cli.tables import Column, Table, show

    columns = (Column("sure", right=True), *map(Column, ("band", "venue", "place", "state", "why")))
    rows = tuple(row for pair in pairs for row in _rows(pair))
    dim = tuple((number, "dim") for number, row in enumerate(rows) if number % 2)
    show(Table(columns, rows, dim), color_mode)


def _rows(pair: PairView) -> tuple[tuple[str, ...], tuple[str, ...]]:
    first, second = pair.venues
    return (
        (f"{math.floor(pair.score * 100) / 100:.2f}", pair.band, first.slug, _place(first), pair.state, pair.why),
        ("", "", second.slug, _place(second), "", ""),
    )


def _place(venue: PairedVenue) -> str:
    where = venue.address or ", ".join(filter(None, (venue.postcode, venue.city))) or "-"
    return f"{venue.name}, {where} ({', '.join(venue.sources)})"


def _summary(pairs: Sequence[PairView], scan: DuplicateScan | None) -> str:
    waiting = sum(pair.state == "open" for pair in pairs)
    if scan is None:
        return f"{waiting:,} pairs wait for a decision; --rescan compares all venues"
    return f"{waiting:,} pairs wait for a decision; {scan.compared:,} compared, {scan.dropped:,} no longer alike"


def _merge_lines(merged: MergeReport, dry_run: bool) -> Iterator[str]:
    yield f"{'would merge' if dry_run else 'merged'} {merged.loser} into {merged.winner}, which stays"
    yield f"  evenings   {merged.events_moved} moved, {merged.events_closed} known twice: the fresher one stays"
    yield f"  listings   {', '.join(merged.listings) or '-'}"
    yield f"  filled in  {', '.join(merged.facts) or '-'}"
    yield f"  pictures   {merged.images_moved} moved, {merged.images_left} stay unused: that place is taken"
    if not dry_run:
        yield f"`trivia-scraper venues unmerge {merged.loser}` undoes it"


def _unmerge_lines(parted: UnmergeReport) -> Iterator[str]:
    yield f"{parted.loser} is a venue of its own again, apart from {parted.winner}"
    yield f"  evenings   {parted.events}"
    yield f"  listings   {', '.join(parted.listings) or '-'}"
    yield f"  pictures   {parted.images}"
