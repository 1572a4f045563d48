"""A description that has been checked: every selector, path and pattern ready to use. Values only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import EventStatus
from trivia_scraper.sources.declarative.expressions import Expression
from trivia_scraper.sources.declarative.paths import Path
from trivia_scraper.sources.declarative.patterns import Pattern
from trivia_scraper.sources.declarative.schema import DefaultsTable, DetailTable, IndexTable

CALENDARS: Final = frozenset({"ics", "tribe", "squarespace"})


@dataclass(frozen=True, slots=True)
class SkipRule:
    """Drops an item whose field, or what an expression finds in it, matches."""

    shown: str
    field: str | None
    expression: Expression | None
    pattern: Pattern

    def refuses(self, source: object, fields: Mapping[str, str]) -> str:
        """Why an item is dropped, or ""."""
        values: Iterable[str] = ()
        if self.field is not None:
            values = (fields[self.field],) if self.field in fields else ()
        elif self.expression is not None:
            values = self.expression.every(source)
        return f"{self.shown} matches {self.pattern.text!r}" if any(map(self.pattern.found_in, values)) else ""


@dataclass(frozen=True, slots=True)
class KeepRule:
    """Keeps only items in which the expression finds a word, or something that matches."""

    expression: Expression
    contains: str
    pattern: Pattern | None

    def refuses(self, source: object) -> str:
        """Why an item is not kept, or ""."""
        values = self.expression.every(source)
        if self.pattern is not None:
            kept = any(map(self.pattern.found_in, values))
        else:
            kept = any(self.contains in value.casefold() for value in values)
        return "" if kept else f"{self.expression.shown} is not one to keep"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are quizzes, by their text: `match` must be found, `skip_match` must not."""

    match: Pattern | None = None
    skip_match: Pattern | None = None

    def refuses(self, text: str) -> str:
        """Why an entry of this text is none of ours, or ""."""
        if self.match is not None and not self.match.found_in(text):
            return f"does not match {self.match.text!r}"
        if self.skip_match is not None and self.skip_match.found_in(text):
            return f"matches skip_match {self.skip_match.text!r}"
        return ""


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """`[index]`, ready. `table` is the table as written; fields with constants that need others stand last."""

    table: IndexTable
    fields: Mapping[str, Expression]
    group: Mapping[str, Expression]
    weekdays: Mapping[int, Expression]
    skip: tuple[SkipRule, ...]
    keep: KeepRule | None
    drop: Mapping[str, Pattern]
    status: Mapping[EventStatus, Expression]
    wanted: Wanted
    next: Expression | None
    empty: Expression | None
    paths: tuple[Path, ...]
    html_path: Path | None
    success: Path | None
    nonce: Pattern | None

    @property
    def is_calendar(self) -> bool:
        """Whether the items are events that a reader of structured data finds."""
        return is_calendar(self.table)

    @property
    def reads_html(self) -> bool:
        """Whether fields are CSS selectors; otherwise they are paths."""
        return reads_html(self.table)


@dataclass(frozen=True, slots=True)
class DetailPlan:
    """`[detail]`, ready."""

    table: DetailTable
    fields: Mapping[str, Expression]
    drop: Mapping[str, Pattern]
    status: Mapping[EventStatus, Expression]
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """A whole description, ready: what `DeclaredSource` runs on."""

    path: str
    key: str
    name: str
    home: str
    enabled: bool
    accept_language: str
    index_interval_seconds: float
    per_host_interval_seconds: float | None
    freshness: dt.timedelta | None
    index_url: str
    defaults: DefaultsTable
    index: IndexPlan
    detail: DetailPlan | None


def is_calendar(table: IndexTable) -> bool:
    """Whether the items of such an index are events that a reader of structured data finds."""
    return table.kind in CALENDARS or table.events is not None


def reads_html(table: IndexTable) -> bool:
    """Whether the items of such an index are HTML elements."""
    if table.events is not None:
        return False
    return table.kind == "html" or table.html_path is not None or (table.kind == "ajax" and table.body == "html")
