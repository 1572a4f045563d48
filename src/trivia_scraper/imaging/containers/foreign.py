"""Bodies that are no picture of ours: which reason they are refused for, and what their text says."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

from trivia_scraper.domain.failures import Reason
from trivia_scraper.imaging.refusal import Refused

EXCERPT_CHARACTERS: Final = 200
_LOOKED_AT: Final = 2048
_DOCUMENTS: Final = ("%!ps", "%pdf")
_SVG: Final = re.compile(r"(<\?xml[^>]*>|<!--.*?-->|<!doctype svg[^>]*>|\s)*<svg[\s>]", re.DOTALL | re.IGNORECASE)
_NEVER_IN_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def refuse_foreign(data: bytes, min_bytes: int) -> Refused:
    """The refusal of a body whose first bytes name none of our formats (H082-H085, H090-H091).

    HTML and other prose → html, with the excerpt that goes to the ledger; SVG, PostScript, PDF and
    everything binary → type; binary bodies of `min_bytes` or fewer → tiny.
    """
    text = _as_text(data[:_LOOKED_AT])
    if text is None:
        if len(data) <= min_bytes:
            return Refused(Reason.TINY, f"{len(data)} bytes")
        return Refused(Reason.TYPE, "neither JPEG, PNG, GIF, WebP nor AVIF")
    if _SVG.match(text) or text.lower().startswith(_DOCUMENTS):
        return Refused(Reason.TYPE, "a document, not a raster picture")
    return Refused(Reason.HTML, "text in place of a picture", excerpt=_excerpt(text))


def _as_text(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    if head[:4].lower() != b"%pdf" and _NEVER_IN_TEXT.search(head):
        return None
    return head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")


def _excerpt(text: str) -> str:
    spaced = re.sub(r"\s+", " ", text).strip()
    return "".join(c for c in spaced if not unicodedata.category(c).startswith("C"))[:EXCERPT_CHARACTERS]
