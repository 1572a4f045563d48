"""Text as the readers compare it: without case, diacritics and typographic variants (sources.md T1)."""

from __future__ import annotations

import unicodedata
from typing import Final

_LOOK_ALIKES: Final = str.maketrans({"ł": "l", "Ł": "l", "’": "'", "‘": "'", "`": "'", "‐": "-", "‑": "-", "−": "-"})


def fold(text: str) -> str:
    """Lower case, no diacritics (ł → l too), no-break spaces as spaces. For comparing only, never stored."""
    if text.isascii():
        return text.lower().replace("`", "'")
    decomposed = unicodedata.normalize("NFKD", text.translate(_LOOK_ALIKES))
    plain = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return plain.casefold().translate(_LOOK_ALIKES)


def words(listed: str, separator: str | None = None) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(listed.split(separator))
