"""Phone numbers in international form (safety.md 8, H128)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import phonenumbers

from trivia_scraper.text.cleaning import clean_line

DIGITS_LIMIT: Final = 20
_LENGTH_LIMIT: Final = 60
_LEAST_DIGITS: Final = 6


# Index and page state the same number, and reading one takes as long as reading the rest of the page's facts.
@lru_cache(maxsize=1024)
def read_phone(text: str | None, country: str) -> str | None:
    """ "07 5373 5003" in AU → "+61 7 5373 5003". A text that is no valid number there stays as written.

    None for text without at least 6 digits, with more than 20, or longer than 60 characters.
    """
    if not text or len(text) > _LENGTH_LIMIT:
        return None
    cleaned = clean_line(text, _LENGTH_LIMIT).text
    digits = len(re.findall(r"[0-9]", cleaned))
    if not _LEAST_DIGITS <= digits <= DIGITS_LIMIT:
        return None
    try:
        number = phonenumbers.parse(cleaned, country)
    except phonenumbers.NumberParseException:
        return cleaned
    if not phonenumbers.is_valid_number(number):
        return cleaned
    formatted: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return formatted
