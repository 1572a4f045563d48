"""Who took a photo, as plain text and one link (images.md 3, R83): escaped when shown, never markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from trivia_scraper.providers.answers import safe_address
from trivia_scraper.sources.json_reading import member
from trivia_scraper.text.cleaning import clean_line, decode_entities

NAME_LIMIT: Final = 200
UNSPLASH_REFERRAL: Final = {"utm_source": "trivia_scraper", "utm_medium": "referral"}

_MARKUP_LIMIT: Final = 2_000
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_LINK: Final = re.compile(r"\bhref\s{0,5}=\s{0,5}[\"']([^\"']{1,2000})[\"']", re.IGNORECASE)

Credit = tuple[str | None, str | None]
"""Text and link, either of them None."""


def google_credit(authors: object) -> Credit:
    """`authorAttributions` of the new interface: every name, and the link of the first who has one."""
    if not isinstance(authors, list):
        return None, None
    names = [_line(member(author, "displayName")) for author in authors]
    links = [_google_link(member(author, "uri")) for author in authors]
    return _joined(names, links)


def markup_credit(attributions: object) -> Credit:
    """`html_attributions` of Google's classic interface: links, of which text and address are kept."""
    if not isinstance(attributions, list):
        return None, None
    written = [each[:_MARKUP_LIMIT] for each in attributions if isinstance(each, str)]
    names = [_line(_TAG.sub("", each)) for each in written]
    found = [_LINK.search(each) for each in written]
    links = [_google_link(decode_entities(each.group(1))) if each else None for each in found]
    return _joined(names, links)


def unsplash_credit(user: object) -> Credit:
    """The photographer's name and profile: naming them with this link is a condition of use (R83)."""
    name = _line(member(user, "name")) or _line(member(user, "username"))
    profile = safe_address(member(user, "links", "html"))
    return f"Photo by {name} on Unsplash" if name else "Photo on Unsplash", with_referral(
        profile or "https://unsplash.com/"
    )


def with_referral(url: str) -> str:
    """The address with the parameters that tell Unsplash who sent its visitor."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(UNSPLASH_REFERRAL))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _joined(names: Sequence[str | None], links: Sequence[str | None]) -> Credit:
    shown = clean_line(", ".join(dict.fromkeys(name for name in names if name)), NAME_LIMIT).text
    return shown or None, next((link for link in links if link), None)


def _line(value: object) -> str | None:
    return clean_line(decode_entities(value), NAME_LIMIT).text or None if isinstance(value, str) else None


def _google_link(value: object) -> str | None:
    # Google writes its authors' pages without a scheme.
    return safe_address(f"https:{value}" if isinstance(value, str) and value.startswith("//") else value)
