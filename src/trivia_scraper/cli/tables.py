"""Tables for people: with rich on a terminal, the same in plain text elsewhere. Cells are made printable here."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from trivia_scraper.cli.output import one_line
from trivia_scraper.cli.terminal import rich_console
from trivia_scraper.domain.tables import Column as Column
from trivia_scraper.domain.tables import Table as Table

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {"good": "green", "bad": "red", "dim": "dim", "head": "bold"}


def show(table: Table, color_mode: str) -> None:
    """Write a table to stdout."""
    clean = Table(table.columns, tuple(tuple(map(one_line, row)) for row in table.rows), table.emphasis)
    console = rich_console(sys.stdout, color_mode)
    if console is None:
        click.echo(plain_text(clean))
    else:
        _show_rich(clean, console)


def say(text: str, color_mode: str, style: str = "") -> None:
    """Write one line to stdout, styled where colour is wanted. A long line is the terminal's to wrap."""
    console = rich_console(sys.stdout, color_mode)
    if console is None:
        click.echo(one_line(text))
    else:
        console.print(one_line(text), style=_STYLES.get(style, style) or None, soft_wrap=True)


def plain_text(table: Table) -> str:
    """Columns two blanks apart under a rule; no colour, no trailing blanks."""
    heads = tuple(column.title for column in table.columns)
    widths = [max(map(width_of, cells)) for cells in zip(heads, *table.rows, strict=True)]
    rule = tuple("-" * width for width in widths)
    lines = (_plain_row(row, widths, table.columns) for row in (heads, rule, *table.rows))
    return "\n".join(lines)


def width_of(text: str) -> int:
    """Columns that a terminal gives this text: wide characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _plain_row(row: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    cells = []
    for text, width, column in zip(row, widths, columns, strict=True):
        gap = " " * (width - width_of(text))
        cells.append(gap + text if column.right else text + gap)
    return "  ".join(cells).rstrip()


def _show_rich(table: Table, console: Console) -> None:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    grid = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in table.columns:
        grid.add_column(Text(column.title), justify="right" if column.right else "left", overflow="fold")
    styles = dict(table.emphasis)
    for number, row in enumerate(table.rows):
        grid.add_row(*(Text(cell) for cell in row), style=_STYLES.get(styles.get(number, "")))
    console.print(grid)
