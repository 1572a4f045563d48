"""Facts on a venue's own page by their labels: a word before them, an icon beside them, or a class that speaks.

None of the providers whose pages are known states its evenings for machines (sources.md 11.1): they write "Adres: …",
or a calendar icon and a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from trivia_scraper.sources.declarative import detecting_words as words
from trivia_scraper.sources.declarative.detecting_outline import Node, Outline
from trivia_scraper.sources.declarative.detecting_toml import TomlValue
from trivia_scraper.sources.document import Document

TEXT_LIMIT: Final = 250
_PARTS: Final = 12
_CONTAINERS: Final = frozenset({"li", "p", "tr", "div", "span", "td", "dd", "section", "address"})

_LABELS: Final[Mapping[str, str]] = {
    "schedule": r"quiz night|trivia night|when|day (?:and|&) time|quiz times?|schedule|termin",
    "day": r"quiz day|day|dzień",
    "time": r"start time|quiz time|starts?|time|godzina",
    "address": r"address|where|location|find us|adres|miejsce",
    "fee": r"entry fee|entry|entrance|fee|cost|price|wpisowe|wstęp",
    "phone": r"telephone|phone|tel|call|telefon",
    "host": r"quiz ?master|hosted by|host|prowadzący",
}
_ICONS: Final = (
    ("schedule", re.compile(r"calendar|clock|\btime|schedule")),
    ("address", re.compile(r"\bpin\b|map|marker|location")),
    ("fee", re.compile(r"\btag\b|ticket|money|pound|dollar|coin|price")),
    ("phone", re.compile(r"phone|\btel\b")),
    ("website", re.compile(r"\blink\b|globe|website")),
)
_ICON: Final = 'use[href], i[class], span[class*="icon"], span[class*="fa-"]'
_ICON_CLASS: Final = re.compile(r"(?:fa|icon|bi|glyphicon)-[a-z0-9-]+")
_CLASSES: Final[Mapping[str, frozenset[str]]] = {
    "schedule": frozenset({"schedule", "when", "datetime", "quiztime"}),
    "day": frozenset({"day", "weekday"}),
    "time": frozenset({"time", "starttime"}),
    "address": frozenset({"address", "addr", "location"}),
    "fee": frozenset({"fee", "price", "cost", "entry"}),
    "host": frozenset({"host", "quizmaster", "hostname"}),
}


def labelled_facts(document: Document, wanted: Collection[str]) -> dict[str, TomlValue]:
    """Expressions for the wanted fields that the page labels, in the order they are looked for."""
    outline = Outline(document)
    found: dict[str, TomlValue] = {}
    for way in (_by_icon, _by_word, _by_class):
        for field, expression in way(outline):
            if field in wanted:
                found.setdefault(field, expression)
    if "schedule" in found:
        found.pop("day", None)
        found.pop("time", None)
    if "phone" in wanted and document.select_one('a[href^="tel:"]'):
        found.setdefault("phone", 'a[href^="tel:"]')
    return found


def _small(outline: Outline) -> Iterator[tuple[Node, str]]:
    """Elements of one short text, the inner ones first where they share it."""
    for node in reversed(outline.nodes):
        if node.tag in _CONTAINERS and node.end - node.place <= _PARTS:
            text = outline.text(node.place)
            if 1 < len(text) <= TEXT_LIMIT:
                yield node, text


def _by_icon(outline: Outline) -> Iterator[tuple[str, TomlValue]]:
    in_page_order = reversed([(node, text) for node, text in _small(outline) if _accepts_any(text)])
    for node, text in in_page_order:
        icons = node.element.select(_ICON)
        if len(icons) != 1:
            continue
        target = icons[0].attribute("href")
        mark = target.rpartition("#")[2] if target else _icon_class(icons[0].attribute("class") or "")
        field = next((name for name, pattern in _ICONS if mark and pattern.search(mark)), None)
        if field == "website" and node.element.select_one("a[href]") is None:
            continue
        if field and mark and re.fullmatch(r"[\w-]+", mark) and _ACCEPTS[field](text):
            inner = f'use[href$="#{mark}"]' if target else f".{mark}"
            yield field, f"{_own(node)}:has({inner}){' a@href' if field == 'website' else ''}"


def _icon_class(classes: str) -> str:
    found = _ICON_CLASS.search(classes)
    return found[0] if found else ""


def _by_word(outline: Outline) -> Iterator[tuple[str, TomlValue]]:
    for node, text in _small(outline):
        for field, label in _LABELS.items():
            said = re.match(rf"({label})\s{{0,3}}(?::|[–-]\s|(?=\s))\s{{0,3}}(.{{2,200}})", text, re.IGNORECASE)
            # A row or an entry has its label in a cell of its own; elsewhere only a colon makes a label of a word.
            if said and (":" in said[0][: len(said[1]) + 4] or node.tag == "tr") and _ACCEPTS[field](said[2]):
                spoken = re.escape(said[1]).replace(r"\ ", " ")
                yield field, {"select": _own(node), "regex": rf"^{spoken}\s*[:–-]?\s*(.+)"}


def _by_class(outline: Outline) -> Iterator[tuple[str, TomlValue]]:
    for node in outline.nodes:
        text = outline.text(node.place) if node.classes and node.end - node.place <= _PARTS else ""
        for name in node.classes if 2 < len(text) <= TEXT_LIMIT else ():
            tokens = {token.lower() for token in re.split(r"[-_]+|(?<=[a-z])(?=[A-Z])", name)}
            for field, speaking in _CLASSES.items():
                if tokens & speaking and _ACCEPTS[field](text):
                    yield field, f".{name}"


def _own(node: Node) -> str:
    return f".{node.classes[0]}" if node.classes else node.tag


def _accepts_any(text: str) -> bool:
    return any(accepts(text) for accepts in _ACCEPTS.values())


def _is_phone(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= 7


def _is_host(text: str) -> bool:
    return len(text) < 60 and not words.is_schedule(text)


def _is_place(text: str) -> bool:
    return words.is_address(text) or ("," in text and any(map(str.isdigit, text)) and not words.is_schedule(text))


_ACCEPTS: Final[Mapping[str, Callable[[str], bool]]] = {
    "schedule": words.is_schedule,
    "day": lambda text: len(text) < 40 and words.says_weekday(text),
    "time": lambda text: len(text) < 40 and words.says_time(text),
    "address": _is_place,
    "fee": words.is_fee,
    "phone": _is_phone,
    "host": _is_host,
    "website": lambda text: len(text) < 80,
}
