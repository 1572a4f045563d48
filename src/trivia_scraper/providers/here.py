"""HERE: a place by its id, which often has no images (images.md 5.7)."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from trivia_scraper.domain.pages import ImageRequest, Page, PageRequest
from trivia_scraper.domain.photo_provider import (
    ListedPhoto,
    ListingAnswer,
    ListingRefusal,
    PhotoSubject,
    ProviderAccount,
)
from trivia_scraper.providers.answers import (
    is_served_by,
    listing_page,
    pixels_of,
    read_answer,
    read_photos,
    refuse_shape,
    safe_address,
)
from trivia_scraper.sources.json_reading import member, text_of

OWN_ADDRESS: Final = "https://lookup.search.hereapi.com"
PHOTO_DOMAINS: Final = ("hereapi.com",)

_WORDS: Final = ("error_description", "title", "error", "cause")


class Here:
    """Implements `PhotoProvider`."""

    slug: Final = "here"
    needs_id: Final = True

    def listing_request(self, subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
        """GET /v1/lookup. Its URL holds the key, which this interface takes nowhere else: not for storing."""
        asked = {"id": subject.provider_id, **({"apiKey": account.key} if account.key else {})}
        return listing_page(f"{account.base_url or OWN_ADDRESS}/v1/lookup?{urlencode(asked)}", self.slug, {})

    def read_listing(
        self,
        page: Page,
        subject: PhotoSubject,  # noqa: ARG002 - the port's
        account: ProviderAccount,
    ) -> ListingAnswer | ListingRefusal:
        """images[] of a place. 404: HERE does not know the place, so there are none."""
        if page.status_code == 404:
            return ListingAnswer(())
        body = read_answer(page, account, _said)
        if isinstance(body, ListingRefusal):
            return body
        if not isinstance(body, dict) or not body.keys() & {"id", "images"}:
            return refuse_shape(page, account, _said(body) or "no place")
        return read_photos(body.get("images"), _photo, page, account)

    def photo_request(self, url: str, account: ProviderAccount) -> ImageRequest:
        """The image where it lies, mostly on somebody else's host: no key."""
        return ImageRequest(url, None, is_service=is_served_by(url, PHOTO_DOMAINS, (account.base_url,)))

    def notice_request(self, url: str, account: ProviderAccount) -> PageRequest | None:  # noqa: ARG002 - the port's
        """None: HERE wants no word of an image's use."""
        return None


def _said(body: object) -> str | None:
    return next((said for said in (text_of(member(body, word)) for word in _WORDS) if said), None)


def _photo(item: object) -> ListedPhoto | None:
    url = safe_address(member(item, "url")) or safe_address(member(item, "src"))
    if url is None:
        return None
    return ListedPhoto(None, url, pixels_of(member(item, "width")), pixels_of(member(item, "height")))
