"""Lists in plain HTML: the element that repeats with a name and an evening, or with links of one kind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.redaction import is_secret_parameter
from trivia_scraper.sources.declarative import detecting_words as words
from trivia_scraper.sources.declarative.detecting_card_fields import CardFields, CardReader
from trivia_scraper.sources.declarative.detecting_finding import Finding, detail_tables
from trivia_scraper.sources.declarative.detecting_outline import Group, Outline
from trivia_scraper.sources.declarative.detecting_toml import TomlValue
from trivia_scraper.sources.document import Document
from trivia_scraper.text.web_addresses import resolved_address, without_query
from trivia_scraper.text.weekdays import read_weekdays

SAMPLE: Final = 8
CANDIDATES: Final = 40
ENOUGH: Final = 0.4
PAGES: Final = 40

_TIME: Final = re.compile(r"(?<![0-9])[0-2]?[0-9](?:[:.][0-5][0-9]|\s?[ap]\.?m)", re.IGNORECASE)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEIGHTS: Final = {
    "name": 0.3, "schedule": 0.35, "day": 0.2, "time": 0.15, "url": 0.15, "address": 0.15, "image": 0.03,
    "lat": 0.05, "lng": 0.05, "fee": 0.02, "postcode": 0.02, "key": 0.02,
}  # fmt: skip
_NEXT: Final = (
    'link[rel="next"]', 'a[rel="next"]', "a.next", ".next a", ".nav-next a", "a.next-page", 'a[aria-label*="Next"]',
)  # fmt: skip
_LABEL: Final = 80
_OTHER_GAMES: Final = re.compile(r"\b(?:bingo|singo|feud|karaoke|poker)\b", re.IGNORECASE)
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True)
class _Cards:
    group: Group
    read: CardFields
    worth: float


def repeated_cards(page: Page, document: Document) -> Iterator[Finding]:
    """The best list of the page, if there is one."""
    outline = Outline(document)
    described = [_described(outline, group, page.url) for group in _likely(outline)]
    best = _best(described)
    if best is not None:
        yield _finding(page, document, outline, best)


def _likely(outline: Outline) -> list[Group]:
    """The groups worth a closer look, those that speak of evenings first."""
    ranked = []
    for group in outline.groups():
        texts = [outline.text(place)[:2_000] for place in _sample(group)]
        evenings = words.share(texts, lambda text: bool(read_weekdays(text)) or _TIME.search(text) is not None)
        links = sum(_has_link(outline, place) for place in _sample(group)) / len(texts)
        if words.distinct(texts) > 0.5 and (evenings >= 0.5 or links >= 0.6):
            ranked.append((evenings, links, len(group.members), group))
    ranked.sort(key=lambda one: one[:3], reverse=True)
    return [group for *_, group in ranked[:CANDIDATES]]


def _has_link(outline: Outline, place: int) -> bool:
    return "href" in outline.nodes[place].attributes or any(
        "href" in node.attributes for node in outline.inside(place)
    )


def _sample(group: Group) -> tuple[int, ...]:
    """Some members from all over the list: the first are often the odd ones."""
    step = max(1, len(group.members) // SAMPLE)
    return group.members[::step][:SAMPLE]


def _described(outline: Outline, group: Group, url: str) -> _Cards:
    read = CardReader(outline, _sample(group), url, _heads(outline, group)).read()
    worth = sum(_WEIGHTS.get(field, 0.0) * fill for field, fill in read.fills.items())
    return _Cards(group, read, worth)


def _heads(outline: Outline, group: Group) -> dict[int, str]:
    """The heads of a table's columns, by column."""
    first = outline.nodes[group.members[0]]
    if first.tag != "tr":
        return {}
    at = first.parent
    while at >= 0 and outline.nodes[at].tag != "table":
        at = outline.nodes[at].parent
    cells = [node for node in outline.inside(at) if node.tag == "th"] if at >= 0 else []
    return {node.ordinal: outline.text(node.place) for node in reversed(cells)}


def _best(described: Sequence[_Cards]) -> _Cards | None:
    """Of those that say about as much, the one with most members, then the outermost."""
    usable = [cards for cards in described if _is_usable(cards)]
    if not usable:
        return None
    top = max(cards.worth for cards in usable)
    close = [cards for cards in usable if cards.worth > top - 0.06]
    return max(
        close, key=lambda cards: (len(cards.group.members), -cards.group.members[0], -len(cards.group.selector))
    )


def _is_usable(cards: _Cards) -> bool:
    """A name, and either an evening or the page that may tell it."""
    fields = cards.read.fields.keys()
    evening = "schedule" in fields or {"day", "time"} <= fields
    return "name" in fields and (evening or "url" in fields or "time" in fields) and cards.worth >= ENOUGH


def _finding(page: Page, document: Document, outline: Outline, cards: _Cards) -> Finding:
    fields = dict(cards.read.fields)
    tables: dict[str, dict[str, TomlValue]] = {"fields": fields}
    heading = _day_heading(outline, cards) if not {"schedule", "day"} & fields.keys() else None
    if heading:
        tables["group"] = {"select": heading, "day": {"regex": "(.+)"}}
    if cards.read.drop:
        tables["drop"] = dict(cards.read.drop)
    status = _cancelled(outline, cards.group)
    if status:
        tables["status"] = {"cancelled_once": status}
    others = _other_games(outline, cards)
    if others:
        tables["skip"] = {others[0]: "|".join(others[1:])}
    speaks = bool({"schedule", "day"} & fields.keys()) or heading is not None
    whole = speaks and ("schedule" in fields or "time" in fields) and "address" in fields
    first = _first_detail(page, outline, cards)
    return Finding(
        kind="ajax" if "admin-ajax.php" in page.url else "html",
        confidence=min(0.92, cards.worth + 0.1 * (heading is not None)) if speaks else min(0.4, cards.worth),
        why=tuple(_reasons(cards, heading)),
        index=_index(page, document, cards.group),
        tables=_request_tables(page) | tables,
        detail={} if whole or first is None else detail_tables(),
        gaps=tuple(_gaps(fields, speaks=speaks, has_detail=first is not None)),
    )


def _index(page: Page, document: Document, group: Group) -> dict[str, TomlValue]:
    asked = "admin-ajax.php" in page.url
    method = {"method": "POST"} if page.request.form else {}
    index: dict[str, TomlValue] = (
        {"kind": "ajax", "url": without_query(page.url), "body": "html", **method}
        if asked
        else {"kind": "html", "url": page.url}
    )
    index["item"] = group.selector
    onward = _next_link(page, document)
    if onward:
        index |= {"next": onward, "max_pages": PAGES}
    return index


def _request_tables(page: Page) -> dict[str, dict[str, TomlValue]]:
    """The query of an admin-ajax address becomes its parameters; a date in it is asked for the coming days."""
    if "admin-ajax.php" not in page.url:
        return {}
    asked = dict(page.request.form or parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
    day = next((name for name, value in asked.items() if _DATE.fullmatch(value)), None)
    params: dict[str, TomlValue] = {
        name: value for name, value in asked.items() if name != day and not is_secret_parameter(name)
    }
    tables: dict[str, dict[str, TomlValue]] = {"params": params} if params else {}
    return tables | ({"dates": {"param": day, "days": 7}} if day else {})


def _next_link(page: Page, document: Document) -> str | None:
    for css in _NEXT:
        link = document.select_one(css)
        address = resolved_address(link.attribute("href"), page.url) if link else None
        if address and address != page.url and urlsplit(address).netloc == urlsplit(page.url).netloc:
            return f"{css}@href"
    return None


def _day_heading(outline: Outline, cards: _Cards) -> str | None:
    """The heading tag whose texts name weekdays above the cards."""
    for tag in _HEADINGS:
        days = [node.place for node in outline.nodes if node.tag == tag and read_weekdays(outline.text(node.place))]
        if len(days) > 1 and days[0] < cards.group.members[0]:
            return tag
    return None


def _cancelled(outline: Outline, group: Group) -> str | None:
    """The label of a date that does not take place."""
    for place in group.members:
        for node in outline.inside(place):
            for name in node.classes:
                if "cancel" in name.lower() and "cancel" in outline.text(node.place).lower():
                    return f".{name}"
    return None


def _other_games(outline: Outline, cards: _Cards) -> list[str]:
    """Where some of the cards, and not all, say that they are another game; then the games that they name."""
    used = {css for css in cards.read.fields.values() if isinstance(css, str)}
    said: dict[str, dict[int, str]] = defaultdict(dict)
    for place in cards.group.members:
        for node in outline.inside(place):
            game = _OTHER_GAMES.search(outline.text(node.place)) if len(outline.text(node.place)) < _LABEL else None
            for name in node.classes if game else ():
                said[f".{name}"][place] = game[0].lower() if game else ""
    labels = [css for css, games in said.items() if css not in used and len(games) < len(cards.group.members)]
    return [labels[-1], *sorted(set(said[labels[-1]].values()))] if labels else []


def _first_detail(page: Page, outline: Outline, cards: _Cards) -> str | None:
    css = cards.read.fields.get("url")
    if not isinstance(css, str):
        return None
    selector, _, attribute = css.rpartition("@")
    element = outline.nodes[cards.group.members[0]].element
    found = element.select_one(selector) if selector else element
    address = resolved_address(found.attribute(attribute) if found else None, page.url)
    return address if address and without_query(address) != without_query(page.url) else None


def _reasons(cards: _Cards, heading: str | None) -> Iterator[str]:
    evenings = {"schedule", "day", "time"} & cards.read.fields.keys()
    what = "weekday and time" if "schedule" in evenings else " and ".join(sorted(evenings)) or "a link"
    yield f"{len(cards.group.members)} elements {cards.group.selector!r} with a name and {what}"
    if heading:
        yield f"the weekday stands in the {heading} above them"


def _gaps(fields: dict[str, TomlValue], *, speaks: bool, has_detail: bool) -> Iterator[tuple[str, str]]:
    stated = "below [detail.fields], unless the detail pages state it for machines (JSON-LD, microdata)"
    if not speaks:
        yield 'schedule = "…"', stated if has_detail else "below [index.fields]: no weekday and time in the items"
    if "address" not in fields:
        yield 'address = "…"', stated if has_detail else "below [index.fields]: no address in the items"
