"""Which photos of a listing are fetched first: those whose links expire (images.md R214). Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

from trivia_scraper.policy.recovering import EXPIRING_PROVIDERS

_EXPIRING_PARAMETERS: Final = frozenset({"expires", "expiry", "expiration", "exp", "se", "oe"})


def expires_soon(provider: str, url: str) -> bool:
    """Whether a link stops working by itself: its provider's do, or it says so."""
    return provider in EXPIRING_PROVIDERS or any(name in _EXPIRING_PARAMETERS for name in _parameters(url))


def _parameters(url: str) -> list[str]:
    try:
        return [name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)]
    except ValueError:
        return []
