"""Foursquare Places: photos of a place, popular ones first, in one answer (images.md 5.7)."""

from __future__ import annotations

from typing import Final

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
    path_segment,
    photo_id_of,
    pixels_of,
    read_answer,
    read_photos,
    refuse_shape,
    safe_address,
)
from trivia_scraper.sources.json_reading import member, text_of

OWN_ADDRESS: Final = "https://places-api.foursquare.com"
API_VERSION: Final = "2025-06-17"
MOST_PHOTOS: Final = 10
PHOTO_DOMAINS: Final = ("4sqi.net", "foursquare.com")


class Foursquare:
    """Implements `PhotoProvider`."""

    slug: Final = "foursquare"
    needs_id: Final = True

    def listing_request(self, subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
        """GET /places/{id}/photos, the key as a bearer token."""
        place = path_segment(subject.provider_id)
        url = f"{account.base_url or OWN_ADDRESS}/places/{place}/photos?limit={MOST_PHOTOS}&sort=POPULAR"
        key = {"Authorization": f"Bearer {account.key}"} if account.key else {}
        return listing_page(url, self.slug, {**key, "X-Places-Api-Version": API_VERSION})

    def read_listing(
        self,
        page: Page,
        subject: PhotoSubject,  # noqa: ARG002 - the port's
        account: ProviderAccount,
    ) -> ListingAnswer | ListingRefusal:
        """A list of photos. 404: Foursquare does not know the place, so there are none."""
        if page.status_code == 404:
            return ListingAnswer(())
        body = read_answer(page, account, _said)
        if isinstance(body, ListingRefusal):
            return body
        if not isinstance(body, list):
            return refuse_shape(page, account, _said(body) or "no list")
        return read_photos(body, _photo, page, account)

    def photo_request(self, url: str, account: ProviderAccount) -> ImageRequest:
        """The photo as it lies there: its host wants no key."""
        return ImageRequest(url, None, is_service=is_served_by(url, PHOTO_DOMAINS, (account.base_url,)))

    def notice_request(self, url: str, account: ProviderAccount) -> PageRequest | None:  # noqa: ARG002 - the port's
        """None: Foursquare wants no word of a photo's use."""
        return None


def _said(body: object) -> str | None:
    return text_of(member(body, "message"))


def _photo(item: object) -> ListedPhoto | None:
    prefix, suffix = member(item, "prefix"), member(item, "suffix")
    if not isinstance(prefix, str) or not isinstance(suffix, str):
        return None
    url = safe_address(f"{prefix}original{suffix}")
    if url is None:
        return None
    # The version of 2025 renamed a place's "id"; a photo's goes by either name.
    photo_id = photo_id_of(member(item, "id")) or photo_id_of(member(item, "fsq_photo_id"))
    return ListedPhoto(photo_id, url, pixels_of(member(item, "width")), pixels_of(member(item, "height")))
