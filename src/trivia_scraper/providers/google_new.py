"""Places API (New): one place's photos, and a photo's bytes behind a redirect (images.md 5.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.pages import ImageRequest, Page, PageRequest
from trivia_scraper.domain.photo_provider import (
    ListedPhoto,
    ListingAnswer,
    ListingRefusal,
    PhotoSubject,
    ProviderAccount,
)
from trivia_scraper.providers.answers import (
    LONGEST_SIDE,
    Unreadable,
    is_refused,
    listing_page,
    path_segment,
    pixels_of,
    read_body,
    read_photos,
    refuse,
    refuse_shape,
    refuse_status,
)
from trivia_scraper.providers.attribution import google_credit
from trivia_scraper.providers.google_place_types import refuse_address
from trivia_scraper.sources.json_reading import member, text_of

STEP: Final = "google_new"
OWN_ADDRESS: Final = "https://places.googleapis.com"
KEY_HEADER: Final = "X-Goog-Api-Key"
# The types tell a business from a street address (R110).
FIELDS: Final = "photos,types"

_NAME: Final = re.compile(r"places/(?!\.+/)[\w.~=-]{1,300}/photos/(?!\.+$)([\w.~=-]{1,1400})", re.ASCII)
_NOT_ENABLED: Final = frozenset({"SERVICE_DISABLED", "API_KEY_SERVICE_BLOCKED"})
_NOT_ENABLED_WORDS: Final = ("has not been used in project", "it is disabled")


def bases(account: ProviderAccount) -> tuple[str, ...]:
    """Where this interface lies: as configured, and Google's own address."""
    return account.base_url, OWN_ADDRESS


def listing_request(subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
    """GET /v1/places/{id} with key and field mask as headers."""
    url = f"{account.base_url or OWN_ADDRESS}/v1/places/{path_segment(subject.provider_id)}"
    return listing_page(url, STEP, {**_key(account), "X-Goog-FieldMask": FIELDS})


def read_listing(page: Page, account: ProviderAccount, classic: PageRequest | None) -> ListingAnswer | ListingRefusal:
    """photos[], or what `error` says. `classic` is what to ask where this interface is not enabled."""
    body = read_body(page)
    if is_refused(page) or member(body, "error") is not None:
        return _refusal(page, body, account, classic)
    if isinstance(body, Unreadable):
        return refuse_shape(page, account, body.why)
    # A place that has nothing of what was asked for is an empty object.
    if not isinstance(body, dict) or (body and not body.keys() & {"photos", "types"}):
        return refuse_shape(page, account, "no place")
    base = account.base_url or OWN_ADDRESS
    return refuse_address(body.get("types"), page, account) or read_photos(
        body.get("photos"), lambda item: _photo(item, base), page, account
    )


def photo_request(url: str, account: ProviderAccount) -> ImageRequest:
    """A stored address of this interface, with the key as a header: it stays behind at the redirect."""
    return ImageRequest(url, None, headers=_key(account), is_service=True)


def _key(account: ProviderAccount) -> dict[str, str]:
    return {KEY_HEADER: account.key} if account.key else {}


def _photo(item: object, base: str) -> ListedPhoto | None:
    name = _NAME.fullmatch(text_of(member(item, "name")) or "")
    if name is None:
        return None
    url = f"{base}/v1/{name.group()}/media?maxWidthPx={LONGEST_SIDE}&maxHeightPx={LONGEST_SIDE}"
    width, height = pixels_of(member(item, "widthPx")), pixels_of(member(item, "heightPx"))
    return ListedPhoto(name.group(1), url, width, height, *google_credit(member(item, "authorAttributions")))


def _refusal(page: Page, body: object, account: ProviderAccount, classic: PageRequest | None) -> ListingRefusal:
    said = text_of(member(body, "error", "message"))
    status = text_of(member(body, "error", "status"))
    reasons = set(_reasons(member(body, "error", "details")))
    message = f"{account.slug} answered HTTP {page.status_code} {status or ''}: {said or 'without a word'}"
    if page.status_code == 429 or status == "RESOURCE_EXHAUSTED":
        return refuse(page, account, ErrorType.RATE_LIMITED, message)
    if page.status_code == 403 and _is_not_enabled(reasons, said or ""):
        return refuse(page, account, ErrorType.FORBIDDEN, message, try_instead=classic)
    if any(reason.startswith("API_KEY_") for reason in reasons) or status == "UNAUTHENTICATED":
        return refuse(page, account, ErrorType.AUTH_ERROR, message)
    if not is_refused(page):
        return refuse_shape(page, account, message)
    return refuse_status(page, account, said)


def _is_not_enabled(reasons: set[str], said: str) -> bool:
    return bool(reasons & _NOT_ENABLED) or any(words in said for words in _NOT_ENABLED_WORDS)


def _reasons(details: object) -> Iterator[str]:
    for each in details if isinstance(details, list) else ():
        reason = text_of(member(each, "reason"))
        if reason:
            yield reason
