"""Unsplash: stock pictures found by a venue's name and town; the photographer must be named (images.md 5.7)."""

from __future__ import annotations

from dataclasses import replace
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
    lies_below,
    listing_page,
    photo_id_of,
    pixels_of,
    read_answer,
    read_photos,
    refuse_shape,
    safe_address,
)
from trivia_scraper.providers.attribution import unsplash_credit
from trivia_scraper.sources.json_reading import member, text_of

OWN_ADDRESS: Final = "https://api.unsplash.com"
PHOTO_DOMAINS: Final = ("unsplash.com",)
PER_PAGE: Final = 5
MOST_PAGES: Final = 2
"""Ten pictures, as many as the other providers list: a search goes on for thousands of pages."""
NOTICE_STEP: Final = "unsplash_download"

_PAGE: Final = "page"


class Unsplash:
    """Implements `PhotoProvider`."""

    slug: Final = "unsplash"
    needs_id: Final = False

    def listing_request(self, subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
        """GET /search/photos for name and town, landscape pictures, the key as a header."""
        return self._page(1, subject, account)

    def read_listing(
        self, page: Page, subject: PhotoSubject, account: ProviderAccount
    ) -> ListingAnswer | ListingRefusal:
        """results[] of a page; `following` while there are more pages, two at most."""
        body = read_answer(page, account, _said)
        if isinstance(body, ListingRefusal):
            return body
        results = member(body, "results")
        if not isinstance(results, list):
            return refuse_shape(page, account, _said(body) or "no results")
        answer = read_photos(results, _photo, page, account)
        number = _number_of(page.request)
        pages = member(body, "total_pages")
        goes_on = results and isinstance(pages, int) and number < min(pages, MOST_PAGES)
        if isinstance(answer, ListingRefusal) or not goes_on:
            return answer
        return replace(answer, following=self._page(number + 1, subject, account))

    def photo_request(self, url: str, account: ProviderAccount) -> ImageRequest:
        """The picture as it lies there: its host wants no key."""
        return ImageRequest(url, None, is_service=is_served_by(url, PHOTO_DOMAINS, (account.base_url,)))

    def notice_request(self, url: str, account: ProviderAccount) -> PageRequest | None:
        """Tells Unsplash that a picture is used; None for an address that is not Unsplash's interface."""
        if not lies_below(url, (account.base_url, OWN_ADDRESS)):
            return None
        return listing_page(url, NOTICE_STEP, _headers(account))

    def _page(self, number: int, subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
        asked: dict[str, str | int] = {
            "query": ", ".join(filter(None, (subject.name.strip(), (subject.city or "").strip()))),
            "per_page": PER_PAGE,
            "orientation": "landscape",
        }
        if number > 1:
            asked[_PAGE] = number
        url = f"{account.base_url or OWN_ADDRESS}/search/photos?{urlencode(asked)}"
        return listing_page(url, self.slug, _headers(account), {_PAGE: str(number)})


def _headers(account: ProviderAccount) -> dict[str, str]:
    key = {"Authorization": f"Client-ID {account.key}"} if account.key else {}
    return {**key, "Accept-Version": "v1"}


def _number_of(request: PageRequest) -> int:
    number = request.context.get(_PAGE, "")
    return int(number) if number.isdecimal() and len(number) < 6 else 1


def _said(body: object) -> str | None:
    errors = member(body, "errors")
    said = [text for text in map(text_of, errors) if text] if isinstance(errors, list) else []
    return " ".join(said) or None


def _photo(item: object) -> ListedPhoto | None:
    url = safe_address(member(item, "urls", "regular")) or safe_address(member(item, "urls", "small"))
    if url is None:
        return None
    credit, link = unsplash_credit(member(item, "user"))
    return ListedPhoto(
        photo_id_of(member(item, "id")),
        url,
        pixels_of(member(item, "width")),
        pixels_of(member(item, "height")),
        credit,
        link,
        safe_address(member(item, "links", "download_location")),
    )
