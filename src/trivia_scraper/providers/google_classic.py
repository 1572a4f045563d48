"""Places API, the classic one: its refusals come inside a 200, its key stands in the query (images.md 5.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

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
    listing_page,
    photo_id_of,
    pixels_of,
    read_answer,
    read_photos,
    refuse,
    refuse_shape,
)
from trivia_scraper.providers.attribution import markup_credit
from trivia_scraper.providers.google_place_types import refuse_address
from trivia_scraper.sources.json_reading import member, text_of

STEP: Final = "google_classic"
OWN_ADDRESS: Final = "https://maps.googleapis.com"
DETAILS_PATH: Final = "/maps/api/place/details/json"
PHOTO_PATH: Final = "/maps/api/place/photo"
FIELDS: Final = "photos,type"

_EMPTY: Final = frozenset({"OK", "ZERO_RESULTS"})
# REQUEST_DENIED can hide rate limiting, and UNKNOWN_ERROR is Google's word for "try again".
_REFUSALS: Final[Mapping[str, tuple[ErrorType, bool]]] = {
    "OVER_QUERY_LIMIT": (ErrorType.RATE_LIMITED, False),
    "OVER_DAILY_LIMIT": (ErrorType.RATE_LIMITED, False),
    "RESOURCE_EXHAUSTED": (ErrorType.RATE_LIMITED, False),
    "REQUEST_DENIED": (ErrorType.AUTH_ERROR, True),
    "INVALID_REQUEST": (ErrorType.HTTP_ERROR, False),
    "NOT_FOUND": (ErrorType.NOT_FOUND, False),
    "UNKNOWN_ERROR": (ErrorType.SERVER_ERROR, True),
}


def bases(account: ProviderAccount) -> tuple[str, ...]:
    """Where this interface lies: as configured, and Google's own address."""
    return account.classic_base_url, OWN_ADDRESS


def listing_request(subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
    """GET …/details/json for one place. Its URL holds the key: not for storing."""
    asked = {"place_id": subject.provider_id, "fields": FIELDS, **_key(account)}
    return listing_page(f"{_base(account)}{DETAILS_PATH}?{urlencode(asked, safe=',')}", STEP, {})


def read_listing(page: Page, account: ProviderAccount) -> ListingAnswer | ListingRefusal:
    """result.photos[], or what `status` and `error_message` say."""
    body = read_answer(page, account, _said)
    if isinstance(body, ListingRefusal):
        return body
    status = text_of(member(body, "status"))
    if status not in _EMPTY:
        return _refusal(page, account, status, _said(body))
    result = member(body, "result")
    if not isinstance(result, dict | None):
        return refuse_shape(page, account, "a result that is no object")
    return refuse_address(member(result, "types"), page, account) or read_photos(
        member(result, "photos"), lambda item: _photo(item, _base(account)), page, account
    )


def photo_request(url: str, account: ProviderAccount) -> ImageRequest:
    """A stored address of this interface, with the key in the query, where the interface wants it."""
    key = urlencode(_key(account))
    return ImageRequest(f"{url}{'&' if '?' in url else '?'}{key}" if key else url, None, is_service=True)


def _base(account: ProviderAccount) -> str:
    return account.classic_base_url or OWN_ADDRESS


def _key(account: ProviderAccount) -> dict[str, str]:
    return {"key": account.key} if account.key else {}


def _photo(item: object, base: str) -> ListedPhoto | None:
    reference = photo_id_of(member(item, "photo_reference"))
    if reference is None:
        return None
    width, height = pixels_of(member(item, "width")), pixels_of(member(item, "height"))
    asked = {"maxwidth": min(width or LONGEST_SIDE, LONGEST_SIDE), "photo_reference": reference}
    credit = markup_credit(member(item, "html_attributions"))
    return ListedPhoto(reference, f"{base}{PHOTO_PATH}?{urlencode(asked)}", width, height, *credit)


def _said(body: object) -> str | None:
    return text_of(member(body, "error_message"))


def _refusal(page: Page, account: ProviderAccount, status: str | None, said: str | None) -> ListingRefusal:
    if status is None or status not in _REFUSALS:
        return refuse_shape(page, account, f"status {status}" if status else "no status")
    error_type, repeats = _REFUSALS[status]
    message = f"{account.slug} answered {status}" + (f": {said}" if said else "")
    return refuse(page, account, error_type, message, repeats=repeats)
