"""What the photo providers' modules share: asking, reading JSON, refusing in their own words (images.md 5.7).

Nothing here raises, whatever a body holds: an answer that cannot be read is a refusal of type `invalid_response`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus, urlsplit

from trivia_scraper.domain.errors import InvalidUrl, PageShapeChanged
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.photo_provider import ListedPhoto, ListingAnswer, ListingRefusal, ProviderAccount
from trivia_scraper.domain.redaction import MASK, redact_text, strip_secrets
from trivia_scraper.policy.statuses import error_type_of, has_body
from trivia_scraper.policy.urls import host_of, origin_of
from trivia_scraper.sources.json_reading import read_json
from trivia_scraper.text.cleaning import clean_line
from trivia_scraper.text.web_addresses import web_address

CALL_SECONDS: Final = 10.0
"""Longest for one call of a provider (images.md 5.2)."""
LONGEST_SIDE: Final = 1_600
"""Pixels that a provider is asked for at most, where it can be asked."""
MESSAGE_LIMIT: Final = 300

_EVERY_REFUSAL: Final = frozenset(range(400, 600))
_MOST_PIXELS: Final = 100_000
_PIXELS: Final = re.compile(r"[0-9]{1,6}")
_PHOTO_ID: Final = re.compile(r"[!-~]{1,512}")
# A shorter key is no secret, and would be found in every text.
_LEAST_KEY: Final = 6


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A body that is no JSON, and why."""

    why: str


def listing_page(
    url: str, step: str, headers: Mapping[str, str], context: Mapping[str, str] | None = None
) -> PageRequest:
    """A request for a listing: its refusals are read as well, since providers say in the body what is wrong."""
    return PageRequest(
        url,
        step=step,
        kind="detail",
        headers={"Accept": "application/json", **headers},
        accept_status=_EVERY_REFUSAL,
        context=context or {},
        deadline_seconds=CALL_SECONDS,
        is_service=True,
    )


def read_body(page: Page) -> object:
    """The JSON of an answer, or `Unreadable`."""
    try:
        return read_json(page.text, looked_for="a listing", url="")
    except PageShapeChanged as error:
        return Unreadable(error.message)


def is_refused(page: Page) -> bool:
    """Whether the status says no."""
    return not has_body(page.status_code)


def read_answer(page: Page, account: ProviderAccount, said: Callable[[object], str | None]) -> object:
    """The JSON of an answer, or the `ListingRefusal` that it is: by its status, or because it is no JSON.

    said  what the provider says for itself in such a body
    """
    body = read_body(page)
    if is_refused(page):
        return refuse_status(page, account, said(body))
    return refuse_shape(page, account, body.why) if isinstance(body, Unreadable) else body


def refuse(
    page: Page,
    account: ProviderAccount,
    error_type: ErrorType,
    message: str,
    *,
    repeats: bool = False,
    try_instead: PageRequest | None = None,
) -> ListingRefusal:
    """A refusal with a message that holds no key, on one line."""
    said = clean_line(without_key(message, account.key), MESSAGE_LIMIT).text
    return ListingRefusal(error_type, said, page.status_code, page.retry_after_seconds, repeats, try_instead)


def refuse_status(page: Page, account: ProviderAccount, said: str | None) -> ListingRefusal:
    """The refusal that a status is (images.md 6), with what the provider said about it."""
    answered = f"{account.slug} answered HTTP {page.status_code}"
    return refuse(page, account, error_type_of(page.status_code), f"{answered}: {said}" if said else answered)


def refuse_shape(page: Page, account: ProviderAccount, why: str) -> ListingRefusal:
    """The refusal of an answer that is not what the provider's documents promise."""
    return refuse(page, account, ErrorType.INVALID_RESPONSE, f"{account.slug} answered something unknown: {why}")


def read_photos(
    items: object, read: Callable[[object], ListedPhoto | None], page: Page, account: ProviderAccount
) -> ListingAnswer | ListingRefusal:
    """The photos of a list, or of None, which means that there are none.

    One without a usable address is left out alone (R80); a list of nothing but such has a shape we do not know.
    """
    if items is None:
        return ListingAnswer(())
    if not isinstance(items, list):
        return refuse_shape(page, account, "photos that are no list")
    found = [photo for photo in map(read, items) if photo is not None and not holds_key(photo.url, account.key)]
    if items and not found:
        return refuse_shape(page, account, f"{len(items)} photos without a usable address")
    return ListingAnswer(tuple(found))


def safe_address(value: object) -> str | None:
    """An absolute http(s) address without secrets, or None for anything else."""
    address = web_address(value) if isinstance(value, str) else None
    return None if address is None else strip_secrets(address)


def photo_id_of(value: object) -> str | None:
    """A photo's id as the provider writes it, or None where it has none that can be one."""
    return value if isinstance(value, str) and _PHOTO_ID.fullmatch(value) else None


def pixels_of(value: object) -> int | None:
    """A side in pixels, also where it is written as text; None for what no picture has."""
    if isinstance(value, str) and _PIXELS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= _MOST_PIXELS else None


def lies_below(url: str, bases: Iterable[str]) -> bool:
    """Whether an address lies at or below one of these bases: only then may it be sent a key. "" is no base."""
    return any(_lies_below(url, base) for base in bases if base)


def is_served_by(url: str, domains: tuple[str, ...], bases: Iterable[str]) -> bool:
    """Whether a photo is served by a provider itself: by one of its domains, or by the host of one of its bases."""
    try:
        host, hosts = host_of(url), {host_of(base) for base in bases if base}
    except InvalidUrl:
        return False
    return host in hosts or any(host == domain or host.endswith(f".{domain}") for domain in domains)


def path_segment(text: str) -> str:
    """An id as one segment of a path."""
    return quote(text, safe="")


def without_key(text: str, key: str) -> str:
    """A provider's words without the key, as it is or escaped, and without secrets in URLs."""
    for spelling in _spellings(key):
        text = text.replace(spelling, MASK)
    return redact_text(text)


def holds_key(text: str, key: str) -> bool:
    """Whether a text shows the key, as it is or escaped."""
    return any(spelling in text for spelling in _spellings(key))


def _spellings(key: str) -> tuple[str, ...]:
    return (key, quote(key, safe=""), quote_plus(key)) if len(key) >= _LEAST_KEY else ()


def _lies_below(url: str, base: str) -> bool:
    try:
        if origin_of(url) != origin_of(base):
            return False
        return f"{urlsplit(url).path}/".startswith(f"{urlsplit(base).path.rstrip('/')}/")
    except (InvalidUrl, ValueError):
        return False
