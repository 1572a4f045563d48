"""How images are chosen for review: by id, or by what failed where and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trivia_scraper.cli.grammar import run_option
from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageStatus

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import Figures
    from trivia_scraper.domain.review import ReviewFilter, ReviewRow

Command = TypeVar("Command", bound=Callable[..., Any])


def error_type(_: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """A type of the table of images.md 6; a misspelt one is told its neighbour."""
    known = [each.value for each in ErrorType]
    if given is None or given in known:
        return given
    near = get_close_matches(given, known, n=1)
    meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
    raise click.BadParameter(f"no error type {given!r}: {meant}", param=parameter)


def _age(_: click.Context, parameter: click.Parameter, given: str | None) -> dt.timedelta | None:
    from trivia_scraper.settings.values import parse_duration

    if given is None:
        return None
    try:
        return parse_duration(given)
    except ValueError as error:
        raise click.BadParameter(str(error), param=parameter) from None


def filter_options(command: Command) -> Command:
    """IDs, and the options that choose images by what failed."""
    for add in (
        click.argument("image_ids", nargs=-1, type=click.IntRange(min=1), metavar="[ID]…"),
        run_option("--owner", metavar="SLUG", help="Of this venue or performer."),
        run_option("--provider", metavar="SLUG", help="From this source or photo provider."),
        run_option("--type", "error_type", callback=error_type, metavar="TYPE", help="Whose last error is this."),
        run_option("--host", metavar="HOST", help="From this host."),
        run_option("--older-than", callback=_age, metavar="7d", help="Whose last error is older than this."),
        run_option("--status", type=click.Choice([each.value for each in ImageStatus]), help="In this state."),
        run_option(
            "--class", "failure_class", type=click.Choice([each.value for each in FailureClass]),
            help="Of this class; else permanent and ambiguous.",
        ),
    )[::-1]:  # fmt: skip
        command = add(command)
    return command


def filter_of(flags: dict[str, Any], now: dt.datetime, *, deleted: bool = False) -> ReviewFilter:
    """The flags as a filter."""
    from trivia_scraper.domain.review import ReviewFilter

    age = flags.get("older_than")
    status, failure_class = flags.get("status"), flags.get("failure_class")
    return ReviewFilter(
        image_ids=tuple(dict.fromkeys(flags["image_ids"])),
        owner=flags.get("owner"),
        provider=flags.get("provider"),
        error_type=flags.get("error_type"),
        host=flags.get("host"),
        status=ImageStatus(status) if status else None,
        failure_class=FailureClass(failure_class) if failure_class else None,
        failed_before=now - age if age is not None else None,
        batch=flags.get("batch"),
        deleted=deleted,
    )


async def select(figures: Figures, wanted: ReviewFilter, limit: int | None = None) -> Sequence[ReviewRow]:
    """The images that a filter means. Raises NotFound for an id that names none."""
    from trivia_scraper.cli.endings import NotFound

    rows = await figures.reviews.select(wanted, limit)
    if limit is None and wanted.only_ids:
        missing = sorted(set(wanted.image_ids) - {row.id for row in rows})
        if missing:
            told = ", ".join(map(str, missing))
            raise NotFound(f"no image {told}", "`trivia-scraper review list` shows those that wait for a decision")
    return rows
