"""Text for channels that might read markup in it: one plain line, whatever a site wrote (operations.md 10)."""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.text.cleaning import clean_line

_TAG: Final = re.compile(r"<[^<>]{0,200}>")
# Look-alikes that no channel reads as markup, as a link or as a call of everybody in a room.
_LOOK_ALIKES: Final = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "`": "'", "*": "∗", "@": "＠", "|": "¦"})


def unmarked(text: str, limit: int) -> str:
    """One line of at most `limit` characters without tags, links in brackets, emphasis and mentions."""
    cleaned = clean_line(_TAG.sub(" ", text[: 8 * limit]), limit)
    plain = cleaned.text.translate(_LOOK_ALIKES)
    return f"{plain[: limit - 1]}…" if cleaned.cut else plain
