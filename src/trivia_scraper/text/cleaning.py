"""Scraped text made harmless (safety.md 8): what is stored, logged or shown went through here first."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

NAME_LIMIT: Final = 200
ADDRESS_LIMIT: Final = 500
DESCRIPTION_LIMIT: Final = 10_000
MARKS_PER_CHARACTER: Final = 3

_ESCAPE_SEQUENCES: Final = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")
_LINE_ENDS: Final = re.compile("\r\n?|[\u2028\u2029]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_INVISIBLE: Final = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_BLANK_LINES: Final = re.compile(r"\n{3,}")

_JOINER: Final = "\u200d"


# More digits than any character has; Python refuses to read thousands of them.
_IMPOSSIBLE_REFERENCE: Final = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")


@dataclass(frozen=True, slots=True)
class CleanText:
    """Text that may be kept. `cut` says that it was longer than its limit."""

    text: str
    cut: bool


def decode_entities(text: str) -> str:
    """HTML entities and character references as characters. Never raises."""
    if "&" not in text:
        return text
    return html.unescape(_IMPOSSIBLE_REFERENCE.sub("\ufffd", text))


def clean_text(value: str, limit: int) -> CleanText:
    """Clean prose that may have several lines; at most `limit` characters, cut on a grapheme border.

    Idempotent. Line ends become LF, at most one blank line stays between paragraphs.
    """
    if len(value) <= limit and value.isascii() and value.isprintable() and "  " not in value:
        return CleanText(value.strip(" "), cut=False)
    # Bounded before anything costly: normalising long runs of combining marks is quadratic.
    bound = 4 * limit + 4096
    text = _ESCAPE_SEQUENCES.sub("", value[:bound])
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    text = _INVISIBLE.sub("", _SURROGATES.sub("\ufffd", text))
    if not text.isascii():
        text = _limit_marks(unicodedata.normalize("NFC", _limit_marks(text)))
    text = "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))
    text = _BLANK_LINES.sub("\n\n", text).strip()
    kept = _cut_on_grapheme(text, limit)
    return CleanText(kept, cut=len(kept) < len(text) or len(value) > bound)


def clean_line(value: str, limit: int) -> CleanText:
    """Like `clean_text`, on one line: for names, addresses and everything else that has no paragraphs."""
    return clean_text(_LINE_ENDS.sub("\n", value).replace("\n", " "), limit)


def paragraphs_joined(paragraphs: list[str]) -> str:
    """Non-blank paragraphs joined by a blank line."""
    return "\n\n".join(paragraph for paragraph in map(str.strip, paragraphs) if paragraph)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")


def _limit_marks(text: str) -> str:
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if character > "\u02ff" and _is_mark(character) else 0
        if run <= MARKS_PER_CHARACTER:
            kept.append(character)
    return "".join(kept)


def _cut_on_grapheme(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = limit
    while end > 0 and _joins(text, end):
        end -= 1
    return text[: end or limit].rstrip()


def _joins(text: str, at: int) -> bool:
    """Whether a cut before text[at] would split one visible character."""
    before, after = text[at - 1], text[at]
    if before == _JOINER or after == _JOINER or unicodedata.category(after).startswith("M"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    if "\u1160" <= after <= "\u11ff":
        return True
    return _is_flag_half(before) and _is_flag_half(after) and _flag_halves_before(text, at) % 2 == 1


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start > 0 and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start
