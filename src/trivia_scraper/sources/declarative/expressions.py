"""Field expressions: how one text is found in an item (sources.md 11.2).

An expression is a list of lookups, tried in order until one gives a value that is not blank. A lookup selects
in HTML (`css@attribute`) or JSON (a path), then takes a group, joins all matches, or maps the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.sources.declarative.paths import Path, leaf_texts
from trivia_scraper.sources.declarative.patterns import Pattern
from trivia_scraper.sources.document import Document, Element
from trivia_scraper.text.cleaning import decode_entities

TEXT_LIMIT: Final = 20_000
MATCH_LIMIT: Final = 1_000

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]")
_ADDRESS: Final = re.compile(r"(?:https?:)?//\S*$|/\S*$", re.IGNORECASE)


class Step(Protocol):
    """How texts are found in an item of one dialect."""

    def texts(self, item: object) -> Iterator[str]:
        """Every text, blank ones too, as a reader sees it."""

    def raw(self, item: object) -> Iterator[str]:
        """Every text as it stands, with its markup."""

    def holds(self, item: object) -> bool:
        """Whether there is anything at all."""


@dataclass(frozen=True, slots=True)
class CssStep:
    """`selector`, `selector@attribute`, `@attribute` of the item itself, `.` for the item's text."""

    selector: str
    attribute: str

    def texts(self, item: object) -> Iterator[str]:
        """Text or attribute of each match; the others are not looked for where the first one is enough."""
        first = self._first(item)
        if first is None:
            return
        yield self._said(first)
        for element in self._matches(item)[1:]:
            yield self._said(element)

    def raw(self, item: object) -> Iterator[str]:
        """HTML has no other text than the visible one."""
        return self.texts(item)

    def holds(self, item: object) -> bool:
        """An element that matches is there, even an empty one; an attribute must have a value."""
        return any(self.texts(item)) if self.attribute else bool(self._matches(item))

    def _first(self, item: object) -> Element | None:
        if not isinstance(item, Element):
            return None
        return item.select_one(self.selector) if self.selector else item

    def _said(self, element: Element) -> str:
        return (element.attribute(self.attribute) or "") if self.attribute else element.text()

    def _matches(self, item: object) -> Sequence[Element]:
        if not isinstance(item, Element):
            return ()
        if not self.selector:
            return (item,)
        return item.select(self.selector)[:MATCH_LIMIT]


@dataclass(frozen=True, slots=True)
class PathStep:
    """A path into a JSON value; what it finds has its entities decoded and its markup read as text."""

    path: Path

    def texts(self, item: object) -> Iterator[str]:
        """The texts and numbers that the path leads to."""
        return map(readable, self.raw(item))

    def raw(self, item: object) -> Iterator[str]:
        """As they stand."""
        for value in self.path.values(item):
            yield from leaf_texts(value)

    def holds(self, item: object) -> bool:
        """Anything but nothing: not null, false, 0, "" or an empty list."""
        return any(value and value not in ("0", "false") for value in self.path.values(item))


@dataclass(frozen=True, slots=True)
class Lookup:
    """One way to a value. `html` is looked up in what the steps found, read as HTML."""

    steps: tuple[Step, ...] = ()
    html: CssStep | None = None
    regex: Pattern | None = None
    join: str | None = None
    const: str | None = None
    map: Mapping[str, str] | None = None

    def value(self, item: object, known: Mapping[str, str]) -> str | None:
        """The value, or None."""
        if self.const is not None:
            return filled(self.const, known)
        if self.join is not None:
            return self.join.join(self.every(item, known))[:TEXT_LIMIT] or None
        for text in self._texts(item):
            taken = self._taken(text)
            if taken:
                return taken
        return None

    def every(self, item: object, known: Mapping[str, str]) -> Iterator[str]:
        """Every value that is not blank."""
        if self.const is not None:
            texts: Iterable[str | None] = (filled(self.const, known),)
        else:
            texts = map(self._taken, self._texts(item))
        return (text for text in texts if text)

    def holds(self, item: object) -> bool:
        """Whether it finds anything: for a status or an empty page, where an element needs no text."""
        if self.regex is not None or self.html is not None or self.const is not None:
            return any(self.every(item, {}))
        return any(step.holds(item) for step in self.steps)

    def _texts(self, item: object) -> Iterator[str]:
        for step in self.steps:
            if self.html is None:
                yield from step.texts(item)
                continue
            for fragment in filter(None, map(parse_fragment, step.raw(item))):
                yield from self.html.texts(fragment)

    def _taken(self, text: str) -> str | None:
        taken: str | None = text.strip()[:TEXT_LIMIT]
        if taken and self.regex is not None:
            taken = self.regex.taken_from(taken)
        if taken and self.map is not None:
            taken = self.map.get(taken.casefold(), taken)
        return taken or None


@dataclass(frozen=True, slots=True)
class Expression:
    """Lookups in order. `shown` is the expression as an operator wrote it, `needs` the fields its constants name."""

    shown: str
    lookups: tuple[Lookup, ...]

    @property
    def needs(self) -> frozenset[str]:
        """The fields named in {braces} of a constant: they are read first."""
        return frozenset(
            name for lookup in self.lookups if lookup.const for name in _PLACEHOLDER.findall(lookup.const)
        )

    def value(self, item: object, known: Mapping[str, str]) -> str | None:
        """The first value that is not blank, or None. Never raises."""
        for lookup in self.lookups:
            value = lookup.value(item, known)
            if value:
                return value
        return None

    def every(self, item: object) -> Iterator[str]:
        """Every value of every lookup: what a skip rule looks at."""
        for lookup in self.lookups:
            yield from lookup.every(item, {})

    def holds(self, item: object) -> bool:
        """Whether any lookup finds anything."""
        return any(lookup.holds(item) for lookup in self.lookups)


def filled(template: str, known: Mapping[str, str]) -> str | None:
    """A constant with its {fields} filled in, or None where one of them is unknown."""
    names = _PLACEHOLDER.findall(template)
    if not names:
        return template
    if any(not known.get(name) for name in names):
        return None
    return _PLACEHOLDER.sub(lambda match: known[match[1]], template)


def readable(text: str) -> str:
    """A feed's text as a reader sees it: entities decoded, markup gone. Addresses keep their `&` as they are."""
    if _ADDRESS.match(text):
        return text.replace("&amp;", "&")
    if _MARKUP.search(text):
        fragment = parse_fragment(text)
        return fragment.text() if fragment is not None else ""
    return decode_entities(text)


def parse_fragment(markup: str) -> Document | None:
    """HTML inside a value, or None where it is empty or would stall the parser."""
    if not markup.strip():
        return None
    try:
        return Document.parse(markup, url="")
    except PageShapeChanged:
        return None
