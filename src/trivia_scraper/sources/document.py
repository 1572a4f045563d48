"""HTML behind one small interface. The only module that knows selectolax (operations.md 12).

Everything that comes out is plain text and addresses; markup that would stall a parser is refused first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Self

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.markup_check import length_danger, markup_danger

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_SPACES: Final = re.compile(r"\s+")
_UNSHOWN: Final = frozenset({"script", "style", "template", "noscript", "head"})
_BREAKING: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
        "table", "td", "th", "tr", "ul",
    }
)  # fmt: skip


class Element:
    """One element of a page."""

    __slots__ = ("_node",)

    def __init__(self, node: LexborNode) -> None:
        self._node = node

    def select(self, css: str) -> tuple[Element, ...]:
        """Every descendant that matches, once each, in page order."""
        found = self._node.css(css)
        if "," in css:  # selectolax gives an element once for every branch that it matches
            found = list({node.mem_id: node for node in found}.values())
        return tuple(Element(node) for node in found)

    def select_one(self, css: str) -> Element | None:
        """The first descendant that matches, or None."""
        node = self._node.css_first(css)
        return None if node is None else Element(node)

    def attribute(self, name: str) -> str | None:
        """An attribute's value, stripped; None where it is missing or blank."""
        value = self._node.attributes.get(name)
        return (value.strip() or None) if value else None

    @property
    def tag(self) -> str:
        """The element's name, lower case."""
        return str(self._node.tag or "")

    def attributes(self) -> dict[str, str]:
        """Every attribute that has a value, in page order; values as they stand."""
        return {name: value for name, value in self._node.attributes.items() if value}

    def children(self) -> tuple[Element, ...]:
        """The child elements, in page order; text and comments are none."""
        return tuple(Element(node) for node in self._node.iter() if node.is_element_node)

    def under_headings(self, css: str, heading: str) -> Iterator[tuple[Element | None, Element]]:
        """Every descendant that matches `css`, with the nearest element before it that matches `heading`."""
        headings = {node.mem_id for node in self._node.css(heading)}
        waiting = {node.mem_id for node in self._node.css(css)}
        above: Element | None = None
        for node in self._node.css(f"{heading}, {css}"):
            if node.mem_id in headings:
                above = Element(node)
            if node.mem_id in waiting:
                waiting.remove(node.mem_id)
                yield above, Element(node)

    def classes(self) -> frozenset[str]:
        """The element's class names."""
        return frozenset((self.attribute("class") or "").split())

    def has(self, name: str) -> bool:
        """Whether the attribute stands there at all, with or without a value."""
        return name in self._node.attributes

    def script_text(self) -> str:
        """What stands in the element as it is written, for a script: `text` shows none of it."""
        return self._node.text(deep=True)

    def text(self) -> str:
        """The visible text: one line for each block or `br`, spaces collapsed, blank lines dropped."""
        only = self._node.child
        if only is not None and only.is_text_node and only.next is None and self._node.tag not in _UNSHOWN:
            return _SPACES.sub(" ", only.text_content or "").strip()
        lines = "".join(_texts(self._node)).split("\n")
        return "\n".join(line for raw in lines if (line := raw.strip()))

    def line(self) -> str:
        """The visible text on one line."""
        return self.text().replace("\n", " ")


class Document(Element):
    """A parsed page."""

    __slots__ = ()

    @classmethod
    def of(cls, page: Page) -> Self:
        """Parse a page. Raises as `parse` does."""
        return cls.parse(page.text, url=page.url, guarded=page.guarded)

    @classmethod
    def parse(cls, markup: str, *, url: str, guarded: bool = True) -> Self:
        """Parse markup. Raises PageShapeChanged(PARSE_TIMEOUT) for markup that would stall the parser.

        guarded  False where whoever waits for the parser can kill it: then only length counts (safety.md 7.3)
        """
        danger = markup_danger(markup) if guarded else length_danger(markup)
        if danger is not None:
            raise insane_markup(f"page refused before parsing: {danger}", url)
        try:
            root = LexborHTMLParser(_SURROGATES.sub("\ufffd", markup)).root
        except SelectolaxError as error:  # it needs more memory than a worker may use
            raise insane_markup(f"page given up while parsing: {error}", url) from error
        if root is None:
            raise PageShapeChanged("page is empty", looked_for="HTML", url=url)
        return cls(root)

    def meta(self, name: str) -> str | None:
        """The content of the first `<meta>` whose property or name this is, e.g. "og:title"."""
        for element in self.select("meta"):
            if name in (element.attribute("property"), element.attribute("name")):
                content = element.attribute("content")
                if content:
                    return content
        return None


def insane_markup(message: str, url: str) -> PageShapeChanged:
    """The error for markup that no parser can be asked to read (safety.md 7.3)."""
    return PageShapeChanged(message, looked_for="sane markup", url=url, reason=Reason.PARSE_TIMEOUT)


def is_selector(css: str) -> bool:
    """Whether this is a CSS selector that `select` understands."""
    try:
        LexborHTMLParser("").css(css)
    except SelectolaxError:
        return False
    return True


def first_text(elements: Sequence[Element]) -> str | None:
    """The text of the first element that has any, on one line."""
    return next((line for element in elements if (line := element.line())), None)


def _texts(root: LexborNode) -> list[str]:
    """The pieces of visible text in order, "\n" where a block begins or ends."""
    pieces: list[str] = []
    # Iterative, because depth is the page's choice; a block is visited twice: a break follows its content too.
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, closing = stack.pop()
        if node.is_text_node:
            pieces.append(_SPACES.sub(" ", node.text_content or ""))
            continue
        tag = node.tag
        if not node.is_element_node or tag in _UNSHOWN:
            continue
        if tag in _BREAKING:
            pieces.append("\n")
            if closing:
                continue
            stack.append((node, True))
        elif closing:
            continue
        stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))
    return pieces
