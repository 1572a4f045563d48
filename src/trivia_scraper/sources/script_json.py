r"""JSON that is wrapped in JavaScript: JSONP bodies, quoted literals, assigned arrays, `<script id>` blocks.

Where a value really ends is found by reading it, not by a pattern up to the next "')" (sources.md 5.1).
Every reader is one pass over the text; what cannot be read is a ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trivia_scraper.sources.json_reading import JSON_LIMIT

NESTING_LIMIT: Final = 256

_BLANK: Final = " \t\r\n\ufeff"
_CALLBACK: Final = re.compile(r"(?:/\*\*/\s{0,20})?[A-Za-z_$][\w$.]{0,100}\s{0,20}\(")
_ANCHOR_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_WHITE: Final = re.compile(r"\s{0,1000}")

# JavaScript allows no line break inside quotes: a literal that meets one was never closed.
_LITERALS: Final = {
    quote: re.compile(rf"{quote}([^{quote}\\\r\n]*+(?:\\(?:\r\n|[\s\S])[^{quote}\\\r\n]*+)*){quote}")
    for quote in ("'", '"')
}
_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_SHORT_ESCAPES: Final = {
    "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0",
    "\n": "", "\r": "", "\r\n": "", "\u2028": "", "\u2029": "",
}  # fmt: skip

# A string, a comment or a bracket; the open ends keep an unclosed one from being tried again at every quote.
_TOKEN: Final = re.compile(
    r'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*(?:"|\\?\Z)'
    r"|'[^'\\]*+(?:\\[\s\S][^'\\]*+)*(?:'|\\?\Z)"
    r"|`[^`\\]*+(?:\\[\s\S][^`\\]*+)*(?:`|\\?\Z)"
    r"|//[^\r\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*(?:\*/|\Z)"
    r"|[\[\]{}]"
)
_CLOSERS: Final = {"[": "]", "{": "}"}

_SCRIPT: Final = re.compile(r"<script(?=[\s/>])", re.IGNORECASE)
_SCRIPT_END: Final = re.compile(r"</script(?=[\s/>])", re.IGNORECASE)
_ID: Final = re.compile(r"(?:^|[\s/\"'])id\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def unwrap_jsonp(text: str) -> str:
    """The JSON inside `name( … )` or `name( … );`, whatever the callback's name; plain JSON comes back as it is.

    Raises ValueError for a call without its closing bracket: the body is cut off.
    """
    body = _bounded(text).strip(_BLANK)
    call = _CALLBACK.match(body)
    if call is None:
        return body
    inner = body[call.end() :].rstrip(_BLANK + ";")
    if not inner.endswith(")"):
        raise ValueError("the JSONP call is not closed")
    return inner[:-1].strip(_BLANK)


def js_string_literal_after(text: str, anchor: str) -> str:
    r"""The value of the first quoted JavaScript string that stands right behind `anchor`, un-escaped.

    The literal ends at its first unescaped quote. Spaces in and around `anchor` do not matter.
    Raises ValueError where there is no such literal or where it is not closed.
    """
    for at in _ends_of(_bounded(text), anchor):
        quote = text[at : at + 1]
        if quote in _LITERALS:
            literal = _LITERALS[quote].match(text, at)
            if literal is None:
                raise ValueError(f"the string behind {anchor!r} is not closed")
            return _unescaped(literal[1])
    raise ValueError(f"no quoted string behind {anchor!r}")


def balanced_after(text: str, anchor: str) -> str:
    """The array or object that stands right behind `anchor`, from its first to its matching bracket.

    Brackets inside strings, template strings and comments do not count. Raises ValueError where there is
    none, where it is not closed, and where brackets cross or nest deeper than NESTING_LIMIT.
    """
    for at in _ends_of(_bounded(text), anchor):
        if text[at : at + 1] in _CLOSERS:
            return text[at : _end_of_bracket(text, at)]
    raise ValueError(f"no array or object behind {anchor!r}")


def script_by_id(markup: str, script_id: str) -> str:
    """The text of the first `<script id="…">` with this id. Raises ValueError where there is none."""
    at = 0
    while (start := _SCRIPT.search(_bounded(markup), at)) is not None:
        tag_end = markup.find(">", start.end())
        end = _SCRIPT_END.search(markup, tag_end) if tag_end >= 0 else None
        if end is None:
            break
        found = _ID.search(markup, start.end(), tag_end)
        if found is not None and script_id in found.groups():
            return markup[tag_end + 1 : end.start()].strip(_BLANK)
        at = end.end()
    raise ValueError(f"no complete script with the id {script_id!r}")


def _bounded(text: str) -> str:
    if len(text) > JSON_LIMIT:
        raise ValueError(f"longer than {JSON_LIMIT} characters")
    return text


def _ends_of(text: str, anchor: str) -> Iterator[int]:
    """Where each occurrence of `anchor` ends, with the spaces behind it; not as the tail of a longer name."""
    tokens = _ANCHOR_TOKEN.findall(anchor)
    if not tokens:
        raise ValueError("the anchor is blank")
    border = r"(?<![\w$])" if re.match(r"\w", tokens[0]) else ""
    for found in re.finditer(border + r"\s{0,50}".join(map(re.escape, tokens)), text):
        blank = _WHITE.match(text, found.end())
        yield blank.end() if blank else found.end()


def _unescaped(literal: str) -> str:
    if "\\" not in literal:
        return literal
    value = _ESCAPE.sub(_character, literal)
    # A character beyond the basic plane may be written as two escapes.
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(escape: re.Match[str]) -> str:
    braced, four, two, other = escape.groups()
    digits = braced or four or two
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _SHORT_ESCAPES.get(other, other)


def _end_of_bracket(text: str, start: int) -> int:
    waiting: list[str] = []
    for token in _TOKEN.finditer(text, start):
        mark = token.group()
        if mark in _CLOSERS:
            waiting.append(_CLOSERS[mark])
            if len(waiting) > NESTING_LIMIT:
                raise ValueError(f"nested deeper than {NESTING_LIMIT}")
        elif mark in ("]", "}"):
            if waiting.pop() != mark:
                raise ValueError("brackets cross")
            if not waiting:
                return token.end()
    raise ValueError("the array or object is not closed")
