"""RSS 2.0 read safely: no DTD, no entities of its own, no tree (sources.md 3.1; safety.md 7).

An HTML parser would treat `<link>` as void and lose the address, so this is XML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from trivia_scraper.domain.errors import PageShapeChanged

FEED_LIMIT: Final = 4 * 1024 * 1024
_DEPTH_LIMIT: Final = 64
_ITEM_LIMIT: Final = 10_000

_ROOT: Final = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]{0,200}\?>)?\s*(?:<\?[^>]{0,500}\?>\s*|<!--.{0,2000}?-->\s*)*<rss[\s>]", re.DOTALL
)
# What XML 1.0 forbids: one stray control character must not cost the whole feed.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One `<item>`: the text of its direct children, stripped; "" where there is none."""

    title: str
    link: str
    description: str


def is_feed(text: str) -> bool:
    """Whether a document is an RSS feed, judged by its root element."""
    return _ROOT.match(text) is not None


def read_feed(text: str, *, url: str) -> tuple[FeedItem, ...]:
    """The items of an RSS feed in order. Raises PageShapeChanged for anything that is not a plain feed."""
    if len(text) > FEED_LIMIT:
        raise PageShapeChanged("feed is too long", looked_for="RSS", url=url)
    collector = _ItemCollector()
    parser = ElementTree.XMLParser(target=collector)  # noqa: S314 - a DOCTYPE, and with it every entity, is refused
    try:
        parser.feed(_FORBIDDEN.sub("", text).lstrip("\ufeff \t\r\n"))
        parser.close()
    except (ElementTree.ParseError, _Refused) as error:
        raise PageShapeChanged(f"feed cannot be read: {error}", looked_for="RSS", url=url) from error
    return collector.items


class _Refused(Exception):
    """The feed uses something that a feed has no need of."""


class _ItemCollector:
    """Collects items while the parser runs, so that no tree of hostile depth is ever built."""

    _FIELDS: Final = ("title", "link", "description")

    def __init__(self) -> None:
        self._path: list[str] = []
        self._fields: dict[str, list[str]] = {}
        self._items: list[FeedItem] = []

    def doctype(self, _name: str, _public_id: str | None, _system: str | None) -> None:
        raise _Refused("a DOCTYPE is not allowed")

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) > _DEPTH_LIMIT or len(self._items) > _ITEM_LIMIT:
            raise _Refused("too deep or too many items")
        if tag == "item":
            self._fields = {name: [] for name in self._FIELDS}

    def data(self, text: str) -> None:
        if len(self._path) >= 2 and self._path[-2] == "item" and self._path[-1] in self._fields:
            self._fields[self._path[-1]].append(text)

    def end(self, tag: str) -> None:
        self._path.pop()
        if tag == "item":
            self._items.append(FeedItem(*("".join(self._fields[name]).strip() for name in self._FIELDS)))

    def close(self) -> None:
        """The parser calls this at the end of a complete document."""

    @property
    def items(self) -> tuple[FeedItem, ...]:
        return tuple(self._items)
