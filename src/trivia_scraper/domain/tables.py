"""A table as cells of text, wherever it is shown: on a terminal, on a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; numbers stand to the right."""

    title: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, row by row. `emphasis` maps a row's number to "good", "bad" or "dim"."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    emphasis: tuple[tuple[int, str], ...] = ()
