"""A linear look at markup before any parser sees it (safety.md 7.2).

HTML parsers take quadratic and worse time on some nestings and cannot be stopped from inside. This check
counts what makes them slow, over the raw text, in one pass that never goes back.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

PAGE_LIMIT: Final = 4 * 1024 * 1024
OPEN_LIMIT: Final = 512
ATTRIBUTE_LIMIT: Final = 256
FORMATTING_LIMIT: Final = 256
TAG_LIMIT: Final = 200_000
# Unclosed formatting is opened again in every following block: the product is what costs.
REOPENING_LIMIT: Final = 500_000

_TAG: Final = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]*)|!--)")
_ATTRIBUTE: Final = re.compile(r"[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|(?![\"'])[^\s>]*))?")
# A whole tag as most are written, told at a glance; any other is taken apart attribute by attribute.
_PLAIN_TAG: Final = re.compile(r'<(/?)([a-zA-Z][^\s/>]*+)(?:\s++[a-zA-Z][\w:-]*+(?:="[^"<>]*+")?)*\s*+(/?)>')
_PLAIN_LENGTH: Final = 2 * ATTRIBUTE_LIMIT  # too short to hold more attributes than the limit
_COMMENT_END: Final = re.compile(r"(?<=<!)--?>|--!?>")
_SCRIPT_END: Final = re.compile(r"</script", re.IGNORECASE)

_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
# A sibling closes these by itself, in linear time (measured); `option` is not among them: it is quadratic.
_SELF_CLOSING: Final = frozenset({"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot"})
_FORMATTING: Final = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_FOREIGN: Final = frozenset({"svg", "math"})
# Inside these a drawing holds HTML again; from there on nobody but a parser knows what is what.
_HTML_IN_DRAWING: Final = frozenset(
    {"foreignobject", "desc", "title", "annotation-xml", "mi", "mo", "mn", "ms", "mtext"}
)
_DRAWING: Final = frozenset(
    {
        "circle", "clippath", "defs", "ellipse", "g", "image", "line", "lineargradient", "mask", "path", "polygon",
        "polyline", "radialgradient", "rect", "stop", "symbol", "use",
    }
)  # fmt: skip


def length_danger(markup: str) -> str | None:
    """Why this markup must not be parsed anywhere, or None."""
    return f"longer than {PAGE_LIMIT} characters" if len(markup) > PAGE_LIMIT else None


def markup_danger(markup: str) -> str | None:
    """Why this markup must not be parsed in the loop, or None. One pass, linear in its length."""
    if (danger := length_danger(markup)) is not None:
        return danger
    tally = _Tally()
    position = 0
    while (position := markup.find("<", position)) >= 0:
        tag = _PLAIN_TAG.match(markup, position)
        if tag is not None and tag.end() - position <= _PLAIN_LENGTH:
            attributes, position = 0, tag.end()
        elif (tag := _TAG.match(markup, position)) is None:
            position += 1
            continue
        elif tag[2] is None:
            position = _end_of_comment(markup, position)
            continue
        else:
            attributes, position = _pass_attributes(markup, tag.end())
        name = tag[2].lower()
        danger = (
            tally.close(name) if tag[1] else tally.open(name, attributes, markup[position - 2 : position] == "/>")
        )
        if danger:
            return danger
        if name == "script" and not tag[1] and tally.scripts_are_text:
            end = _SCRIPT_END.search(markup, position)
            position = end.start() if end else len(markup)
    return None


class _Tally:
    """What is open at one point of the markup. End tags count only for a tag of their own name."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._depth = 0
        self._formatting = 0
        self._tags = 0
        self._reopening = 0
        self._in_drawing = False
        self._drawing_holds_html = False

    @property
    def scripts_are_text(self) -> bool:
        """Inside a drawing the content of a script is markup like any other."""
        return not self._drawing_holds_html and not any(self._open[name] for name in _FOREIGN)

    def open(self, name: str, attributes: int, ends_itself: bool) -> str | None:
        self._tags += 1
        self._reopening += self._formatting
        self._note_drawing(name)
        # "/>" closes a tag inside a drawing only; elsewhere a parser ignores it.
        closed = name in _VOID or name in _SELF_CLOSING or (ends_itself and self._in_drawing)
        if not closed:
            self._open[name] += 1
            self._depth += 1
            self._formatting += name in _FORMATTING
        return self._danger(attributes)

    def _note_drawing(self, name: str) -> None:
        if name in _HTML_IN_DRAWING:
            self._drawing_holds_html |= any(self._open[outer] for outer in _FOREIGN)
        self._in_drawing = name in _FOREIGN or (self._in_drawing and name in _DRAWING)

    def close(self, name: str) -> str | None:
        self._tags += 1
        if self._open[name]:
            self._open[name] -= 1
            self._depth -= 1
            self._formatting -= name in _FORMATTING
        if name in _FOREIGN:
            self._in_drawing = False
        return self._danger(0)

    def _danger(self, attributes: int) -> str | None:
        if self._depth > OPEN_LIMIT:
            return f"more than {OPEN_LIMIT} open tags"
        if attributes > ATTRIBUTE_LIMIT:
            return f"more than {ATTRIBUTE_LIMIT} attributes on a tag"
        if self._formatting > FORMATTING_LIMIT or self._reopening > REOPENING_LIMIT:
            return "too many unclosed formatting elements"
        return f"more than {TAG_LIMIT} tags" if self._tags > TAG_LIMIT else None


def _pass_attributes(markup: str, position: int) -> tuple[int, int]:
    """How many attributes follow (counting stops beyond the limit), and where the tag ends."""
    count = 0
    while count <= ATTRIBUTE_LIMIT and (attribute := _ATTRIBUTE.match(markup, position)) is not None:
        count += 1
        position = attribute.end()
    end = markup.find(">", position)
    return count, len(markup) if end < 0 else end + 1


def _end_of_comment(markup: str, start: int) -> int:
    end = _COMMENT_END.search(markup, start + 2)
    return end.end() if end else len(markup)
