"""A page as a flat list of elements in order, so that what repeats can be found without walking the tree again."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from trivia_scraper.sources.document import Document, Element

NODES: Final = 20_000
LEAST_MEMBERS: Final = 3
LEAST_ROWS: Final = 2
MOST_PARTS: Final = 150

_USABLE_CLASS: Final = re.compile(r"-?[A-Za-z_][A-Za-z0-9_-]{1,60}")
_SKIPPED: Final = frozenset(
    {"nav", "footer", "select", "script", "style", "template", "noscript", "svg", "head", "iframe", "object", "video"}
)


@dataclass(slots=True)
class Node:
    """One element. Its descendants are the nodes from its own place + 1 up to `end`."""

    element: Element
    tag: str
    classes: tuple[str, ...]
    attributes: dict[str, str]
    parent: int
    place: int
    end: int = 0
    ordinal: int = 1
    line: str = field(default="")

    @property
    def selector(self) -> str:
        """Tag with id or first class."""
        identity = self.attributes.get("id", "")
        if _USABLE_CLASS.fullmatch(identity) and not re.search(r"[0-9]{2}", identity):
            return f"{self.tag}#{identity}"
        return f"{self.tag}.{self.classes[0]}" if self.classes else self.tag


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of one kind that stand beside each other, and the selector that finds them."""

    selector: str
    members: tuple[int, ...]


class Outline:
    """The shown elements of a page in order; navigation and footers are left out."""

    def __init__(self, document: Document) -> None:
        self.nodes: list[Node] = []
        body = document.select_one("body") or document
        self._walk(body)

    def _walk(self, body: Element) -> None:
        stack: list[tuple[Element, int, int]] = [(body, -1, 1)]
        closing: list[int] = []
        while stack and len(self.nodes) < NODES:
            element, parent, ordinal = stack.pop()
            while closing and closing[-1] != parent:
                self.nodes[closing.pop()].end = len(self.nodes)
            place = len(self.nodes)
            attributes = element.attributes()
            classes = tuple(name for name in attributes.get("class", "").split() if _USABLE_CLASS.fullmatch(name))
            self.nodes.append(Node(element, element.tag, classes, attributes, parent, place, ordinal=ordinal))
            closing.append(place)
            children = list(enumerate(element.children(), start=1))
            kept = [(child, place, at) for at, child in children if not self._is_apart(child, element)]
            stack.extend(reversed(kept))
        for place in closing:
            self.nodes[place].end = len(self.nodes)

    @staticmethod
    def _is_apart(child: Element, parent: Element) -> bool:
        return child.tag in _SKIPPED or (child.tag == "header" and parent.tag == "body")

    def inside(self, place: int) -> list[Node]:
        """The descendants of a node, in order."""
        return self.nodes[place + 1 : self.nodes[place].end]

    def text(self, place: int) -> str:
        """The visible text of a node on one line."""
        node = self.nodes[place]
        node.line = node.line or node.element.line()
        return node.line

    def groups(self) -> list[Group]:
        """What repeats: at least three elements (two table rows) of one tag and class or place, none in another."""
        found: dict[str, list[int]] = defaultdict(list)
        for node in self.nodes[1:]:
            for selector in self._selectors(node):
                found[selector].append(node.place)
        return [Group(selector, tuple(members)) for selector, members in found.items() if self._is_list(members)]

    def _selectors(self, node: Node) -> list[str]:
        named = [f"{node.tag}.{name}" for name in node.classes]
        return named if named and node.tag not in ("tr", "li") else [*named, self._by_place(node)]

    def _by_place(self, node: Node) -> str:
        """An element without a class of its own, by its nearest ancestors that have a name."""
        steps = [node.tag]
        at = node.parent
        while at >= 0 and len(steps) < 5:
            above = self.nodes[at]
            steps.append(above.selector)
            if above.selector != above.tag:
                break
            at = above.parent
        return " > ".join(reversed(steps))

    def _is_list(self, members: list[int]) -> bool:
        least = LEAST_ROWS if self.nodes[members[0]].tag == "tr" else LEAST_MEMBERS
        if len(members) < least:
            return False
        apart = all(self.nodes[one].end <= other for one, other in pairwise(members))
        parts = sum(self.nodes[place].end - place for place in members)
        return apart and parts <= MOST_PARTS * len(members)
