"""Texts of structured data made plain: entities decoded however often they were escaped, tags taken out, bounded."""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.json_reading import text_of
from trivia_scraper.text.cleaning import (
    ADDRESS_LIMIT,
    DESCRIPTION_LIMIT,
    NAME_LIMIT,
    clean_line,
    clean_text,
    decode_entities,
)
from trivia_scraper.text.web_addresses import resolved_address

# A name may stand in markup: what is read for it is longer than what is kept of it.
_MARKUP_FACTOR: Final = 8
_ROUNDS: Final = 3
# Only complete references: "?a=1&copy=2" is no copyright sign. Bounded: 5,000 digits are no character.
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_TAG: Final = re.compile(r"<(?:/?[a-zA-Z]|!--)[^<>]*>")


def plain_line(value: object, limit: int = ADDRESS_LIMIT) -> str | None:
    """A string or number as one line of plain text of at most `limit` characters; None for everything else."""
    text = _without_markup(value, limit)
    return None if text is None else clean_line(text, limit).text or None


def plain_text(value: object, limit: int = DESCRIPTION_LIMIT) -> str | None:
    """Like `plain_line`, with line breaks where the markup had blocks."""
    text = _without_markup(value, limit)
    return None if text is None else clean_text(text, limit).text or None


def plain_address(value: object, base: str) -> str | None:
    """An absolute http(s) address, resolved against `base`; None for what is none."""
    text = text_of(value)
    return None if text is None else resolved_address(decoded(text[: _MARKUP_FACTOR * ADDRESS_LIMIT]), base)


def name_and_address(text: str | None) -> tuple[str | None, str | None]:
    """A location in one text: "The Crown, 1 High Street" is a name and an address. Lines divide it like commas.

    What begins with a number is an address; a text without a comma is one if it has a number in it, else a name.
    """
    first, mark, rest = (text or "").partition("\n" if "\n" in (text or "") else ",")
    if first.strip()[:1].isdigit() or (not mark and any(character.isdigit() for character in first)):
        return None, plain_line(", ".join(line for line in (text or "").split("\n") if line))
    address = ", ".join(line for line in rest.split("\n") if line.strip())
    return plain_line(first, 2 * NAME_LIMIT), plain_line(address)


def decoded(text: str) -> str:
    """Entities decoded until none are left, at most three times: "&amp;lt;p&amp;gt;" is a tag (11.6.8)."""
    for _ in range(_ROUNDS):
        plainer = _REFERENCE.sub(lambda match: decode_entities(match.group()), text)
        if plainer == text:
            break
        text = plainer
    return text


def _without_markup(value: object, limit: int) -> str | None:
    text = text_of(value)
    if text is None:
        return None
    text = decoded(text[: _MARKUP_FACTOR * limit])
    if _TAG.search(text) is None:
        return text
    try:
        return Document.parse(text, url="").text()
    except PageShapeChanged:
        return _TAG.sub(" ", text)
