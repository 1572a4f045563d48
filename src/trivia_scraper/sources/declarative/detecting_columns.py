"""Every selector that means something inside one card, and what it finds there, as the expressions would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trivia_scraper.sources.declarative.detecting_outline import Node, Outline

HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
IMAGE_ATTRIBUTES: Final = ("src", "data-src", "data-lazy-src")
_SPEAKING_TAGS: Final = frozenset((*HEADINGS, "a", "strong", "b", "em", "time", "address", "p", "small", "dt", "dd"))
_PLACED_TAGS: Final = frozenset({"td", "p", "div", "span", "li", "dd"})
_SEVERAL: Final = 6


def column_values(outline: Outline, place: int) -> Iterator[tuple[str, str]]:
    """Selector → value inside one card: the first one that is not empty, as the expressions read it."""
    found: dict[str, str] = {".": outline.text(place)}
    for name, value in outline.nodes[place].attributes.items():
        if name == "href" or name.startswith("data-"):
            found.setdefault(f"@{name}", value.strip())
    for node in outline.inside(place):
        text = outline.text(node.place)
        for css in _selectors(outline, node, place):
            if not found.get(css):
                found[css] = text
            for name, value in node.attributes.items():
                if name in ("href", "datetime", *IMAGE_ATTRIBUTES) or name.startswith("data-"):
                    found[f"{css}@{name}"] = found.get(f"{css}@{name}") or value.strip()
    return iter(found.items())


def _selectors(outline: Outline, node: Node, item: int) -> Iterator[str]:
    yield from (f".{name}" for name in node.classes[:_SEVERAL])
    if node.tag in _SPEAKING_TAGS or node.tag == "img":
        yield node.tag
    if node.tag == "td" or (node.tag in _PLACED_TAGS and not node.classes and node.ordinal <= _SEVERAL):
        yield f"{node.tag}:nth-child({node.ordinal})"
    above = outline.nodes[node.parent]
    if not node.classes and above.place > item and above.classes:
        yield f".{above.classes[0]} {node.tag}"
    if node.tag == "a":
        if node.attributes.get("href", "").startswith("tel:"):
            yield 'a[href^="tel:"]'
        at = node.parent
        while at > item:
            if outline.nodes[at].tag in HEADINGS:
                yield f"{outline.nodes[at].tag} a"
            at = outline.nodes[at].parent
