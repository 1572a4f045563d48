"""Tables as CSV on stdout, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import dataclasses
import sys
from collections.abc import Iterable
from typing import Any, Final

from trivia_scraper.cli.output import one_line

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def print_csv(kind: type, views: Iterable[Any]) -> None:
    """A head of field names and a line for each view. Lists within a cell are parted by blanks."""
    names = [field.name for field in dataclasses.fields(kind)]
    write_csv(names, ([getattr(view, name) for name in names] for view in views))


def write_csv(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """A head and rows, in UTF-8, a line each."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([cell(value) for value in row] for row in rows)


def cell(value: Any) -> Any:
    """A value as a spreadsheet may read it: scraped text that looks like a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, tuple | list):
        return cell(" ".join(map(str, value)))
    text = one_line(value if isinstance(value, str) else _plain(value))
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _plain(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
