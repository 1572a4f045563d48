"""Slugs (V6) and storage keys (D8): no scraped character ever reaches a path (safety.md 9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from typing import Final

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.domain.models import ImageRole, OwnerKind

SLUG_LENGTH: Final = 80
_FOLDER: Final = {OwnerKind.VENUE: "venues", OwnerKind.PERFORMER: "performers"}
_UNDECOMPOSED: Final = str.maketrans(
    {
        "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE",
        "œ": "oe", "Œ": "OE",
    }
)  # fmt: skip
_IMAGE_NAME: Final = re.compile(r"\.(jpe?g|png|gif|webp|avif)\Z", re.IGNORECASE)


def plain_letters(text: str) -> str:
    """Text without diacritics, compatibility forms folded: "Środa Ｂar" → "Sroda Bar"."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return bare.translate(_UNDECOMPOSED)


def slugify(text: str) -> str:
    """`[a-z0-9-]{1,80}` from any text; a text without Latin letters or digits gets a stable hash name."""
    spelled = plain_letters(text).casefold().replace("&", " and ").replace("'", "").replace("’", "")
    slug = re.sub(r"[^a-z0-9]+", "-", spelled).strip("-")[:SLUG_LENGTH].strip("-")
    return slug or f"x-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def slug_candidates(name: str, *qualifiers: str | None) -> Iterator[str]:
    """Slugs in order of preference (V6): name, name-city, name-city-postcode, then a counter. Endless.

    A city that the name spells already is not said twice.
    """
    parts = [name]
    yield slugify(name)
    for qualifier in qualifiers:
        if qualifier and f"-{slugify(qualifier)}-" not in f"-{slugify(' '.join(parts))}-":
            parts.append(qualifier)
            yield slugify(" ".join(parts))
    for number in count(2):
        ending = f"-{number}"
        yield slugify(" ".join(parts))[: SLUG_LENGTH - len(ending)].strip("-") + ending


def owner_prefix(kind: OwnerKind, slug: str) -> str:
    """The directory of an owner's images, with a trailing slash (R30)."""
    return f"{_FOLDER[kind]}/{slug}/"


def image_key(kind: OwnerKind, slug: str, role: ImageRole, digest: str, image_format: ImageFormat) -> str:
    """D8: `venues/<slug>/<role>-<first 12 hex of sha256>.<ext>`; the extension comes from the bytes."""
    return f"{owner_prefix(kind, slug)}{role.value}-{digest[:12]}.{image_format.value}"


def thumbnail_key(main_key: str, image_format: ImageFormat) -> str:
    """The thumbnail beside its image: `-thumb` before the extension (D8)."""
    return f"{main_key.rpartition('.')[0]}-thumb.{image_format.value}"


def is_image_name(key: str) -> bool:
    """Whether a file may be cleaned as an image: known extensions in any case, nothing else (R31)."""
    return _IMAGE_NAME.search(key) is not None
