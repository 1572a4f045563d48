"""Identities: of an image (D2), of a name (matching key)."""

from __future__ import annotations

import re

from trivia_scraper.domain.models import ImageRef
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.policy.naming import plain_letters
from trivia_scraper.policy.urls import normalise_url


def image_identity(ref: ImageRef) -> str:
    """D2: provider + stable photo id, else provider + normalised URL without secrets."""
    if ref.photo_id:
        return f"{ref.provider}:id:{ref.photo_id}"
    return f"{ref.provider}:url:{normalise_url(strip_secrets(ref.url))}"


def name_key(name: str) -> str:
    """One spelling for matching: no case, diacritics, punctuation or leading article.

    A name of nothing but punctuation is its own key: "!!!" is not "???".
    """
    spelled = plain_letters(name).casefold().replace("&", " and ").replace("'", "").replace("’", "")
    words = re.sub(r"[^\w]+", " ", spelled).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words) or name.strip()


def postcode_key(postcode: str | None) -> str | None:
    """A postcode for comparing: upper case without spaces; None stays None."""
    return re.sub(r"\s+", "", postcode).upper() or None if postcode else None
