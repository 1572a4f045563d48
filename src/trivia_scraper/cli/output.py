"""What goes to stdout: JSON documents and tables. Everything else goes to stderr (operations.md O28)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import click

from trivia_scraper.domain.documents import json_text as json_text
from trivia_scraper.domain.documents import redacted as redacted


def print_json(document: Mapping[str, Any]) -> None:
    """One object on stdout, `schema` first."""
    click.echo(json_text(document))


def note(text: str) -> None:
    """A remark for people, on stderr."""
    click.echo(one_line(text), err=True)


def one_line(text: str) -> str:
    """Text that may come from a site, safe to show: see `logs.printable`."""
    from trivia_scraper.logs import printable

    return printable(text)


def view_document(view: Any) -> dict[str, Any]:
    """A view's fields under their own names: the contract of `domain.directory`."""
    return dataclasses.asdict(view)


def stamp(at: dt.datetime | None) -> str:
    """A time for a table: UTC, to the minute; "-" when there is none."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M") if at else "-"


def human_bytes(size: int | None) -> str:
    """Bytes as people read them, powers of 1000."""
    if size is None:
        return "-"
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")
