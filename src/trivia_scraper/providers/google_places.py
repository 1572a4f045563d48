"""Google Places: photos of a place by the new interface (v1), or by the classic one (images.md 5.7).

`api = "auto"` asks the new interface, and the classic one where the new one says that it is not enabled for
this key. A 429 is never such a reason.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.pages import ImageRequest, Page, PageRequest
from trivia_scraper.domain.photo_provider import ListingAnswer, ListingRefusal, PhotoSubject, ProviderAccount
from trivia_scraper.providers import google_classic, google_new
from trivia_scraper.providers.answers import lies_below, refuse_shape


class GooglePlaces:
    """Implements `PhotoProvider` for both interfaces of Google Places."""

    slug: Final = "google_places"
    needs_id: Final = True

    def listing_request(self, subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
        """Place details, photos only. The classic one's URL holds the key: not for storing."""
        if account.api == "classic":
            return google_classic.listing_request(subject, account)
        return google_new.listing_request(subject, account)

    def read_listing(
        self, page: Page, subject: PhotoSubject, account: ProviderAccount
    ) -> ListingAnswer | ListingRefusal:
        """The photos, or a refusal: `try_instead` holds the classic request where the new interface is off."""
        match page.request.step:
            case google_classic.STEP:
                return google_classic.read_listing(page, account)
            case google_new.STEP:
                return google_new.read_listing(page, account, _classic_instead(subject, account))
            case step:
                return refuse_shape(page, account, f"an answer to the step {step}")

    def photo_request(self, url: str, account: ProviderAccount) -> ImageRequest:
        """The photo with the key: as a header of the new interface, in the query of the classic one."""
        if lies_below(url, google_classic.bases(account)) and urlsplit(url).path.endswith(google_classic.PHOTO_PATH):
            return google_classic.photo_request(url, account)
        if lies_below(url, (f"{base}/v1" for base in google_new.bases(account))):
            return google_new.photo_request(url, account)
        return ImageRequest(url, None)

    def notice_request(self, url: str, account: ProviderAccount) -> PageRequest | None:  # noqa: ARG002 - the port's
        """None: Google wants no word of a photo's use."""
        return None


def _classic_instead(subject: PhotoSubject, account: ProviderAccount) -> PageRequest | None:
    """The classic request, where it may be asked: not at Google's own address when the new one lies elsewhere."""
    if account.api != "auto" or (account.base_url and not account.classic_base_url):
        return None
    return google_classic.listing_request(subject, account)
