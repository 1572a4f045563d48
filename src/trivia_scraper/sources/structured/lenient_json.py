"""JSON as content systems print it into pages: what a browser's own tools forgive is mended (sources.md 11.3).

Mended: comments, trailing and doubled commas, raw control characters and impossible escapes inside strings, odd
white space between tokens, comment and CDATA wrappers, a text that was escaped as HTML. One pass over tokens
that never goes back: a string is one token, so nothing inside it is taken for a comment or a comma.
"""

from __future__ import annotations

import html
import re
from typing import Final

from trivia_scraper.sources.json_reading import parse_json

# Far beyond any real block; what must be mended beyond that is somebody's attack on our patience.
MENDING_LIMIT: Final = 1024 * 1024

_TOKEN: Final = re.compile(
    r'(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*(?:"|\\?\Z))'
    r"|(?P<comment>//[^\r\n\u2028\u2029]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*(?:\*/|\Z)|<!--|-->|<!\[CDATA\[|\]\]>)"
    r"|(?P<comma>,)"
    r"|(?P<close>[\]}])"
    r"|(?P<space>[\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2060\ufeff]++)"
    r"|(?P<other>[^\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2060\ufeff\",\]}/<-]++|.)",
    re.DOTALL,
)
_BAD_IN_STRING: Final = re.compile(r"\\(?:u(?![0-9a-fA-F]{4})|[^\"\\/bfnrtu])|[\x00-\x1f]", re.DOTALL)
_ESCAPE_PAIR: Final = re.compile(r"\\u[0-9a-fA-F]{4}|\\[\"\\/bfnrt]|" + _BAD_IN_STRING.pattern, re.DOTALL)
_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def parse_lenient_json(text: str) -> object:
    """Parse JSON, mending it where it must be. Raises ValueError where that is not enough, whatever is wrong."""
    try:
        return parse_json(text)
    except ValueError:
        if len(text) > MENDING_LIMIT:
            raise
        return parse_json(mended_json(text))


def mended_json(text: str) -> str:
    """The text with everything mended that this module knows; linear in its length."""
    if '"' not in text and "&quot;" in text:
        text = html.unescape(text.replace("&#", "&amp;#"))
    pieces: list[str] = []
    comma_waits = False
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "comma":
                comma_waits = bool(pieces)
                continue
            case "comment" | "space":
                pieces.append(" ")
                continue
            case "string":
                piece = _ESCAPE_PAIR.sub(_mended_escape, token.group())
            case _:
                piece = token.group()
        if comma_waits:
            # A comma counts only once something follows that it can separate.
            if token.lastgroup != "close":
                pieces.append(",")
            comma_waits = False
        pieces.append(piece)
    return "".join(pieces).strip().removesuffix(";")


def _mended_escape(match: re.Match[str]) -> str:
    found = match.group()
    if found[0] != "\\":
        return _NAMED.get(found, f"\\u{ord(found):04x}")
    if _BAD_IN_STRING.fullmatch(found) is None:
        return found
    return _mended_pair(found[1])


def _mended_pair(character: str) -> str:
    # "\'" is an apostrophe that needed no escape; a backslash before a line end continues the line.
    if character == "u":
        return "\\\\u"
    return _NAMED.get(character, "" if character < " " else character)
