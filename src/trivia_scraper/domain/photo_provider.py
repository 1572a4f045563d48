"""What a photo provider's module offers: pure builders of requests and parsers of answers (images.md 5.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.pages import ImageRequest, Page, PageRequest


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """How we know a provider, and it us: the settings of `[providers.<slug>]`.

    base_url, classic_base_url  "" = the provider's own address
    api          google_places only: "auto", "new" or "classic"
    cost_…       US dollars
    per_…        most requests in that time; 0 = no limit
    """

    slug: str
    base_url: str
    key: str = field(repr=False)
    priority: int
    cost_per_request: float
    cost_per_image: float
    per_second: int
    per_minute: int
    per_hour: int
    api: str = "new"
    classic_base_url: str = ""


@dataclass(frozen=True, slots=True)
class PhotoSubject:
    """The place whose photos are asked for. `provider_id` is its id at this provider, "" where none is needed."""

    provider_id: str
    name: str
    city: str | None
    country: str


@dataclass(frozen=True, slots=True)
class ListedPhoto:
    """One photo as a provider lists it; `url` holds no secret. `notice_url` must be called when it is used."""

    photo_id: str | None
    url: str
    width: int | None
    height: int | None
    attribution: str | None = None
    attribution_url: str | None = None
    notice_url: str | None = None


@dataclass(frozen=True, slots=True)
class ListingAnswer:
    """What one answer of a listing says.

    photos    in the provider's own order; empty = it says explicitly that there are none
    following the request for the next page, or None
    """

    photos: Sequence[ListedPhoto]
    following: PageRequest | None = None


@dataclass(frozen=True, slots=True)
class ListingRefusal:
    """An answer that says no, in the provider's own words.

    repeats      worth asking again within the rounds although its class is not transient (REQUEST_DENIED)
    try_instead  another way to ask the same provider (the classic interface), or None
    """

    error_type: ErrorType
    message: str
    status_code: int | None = None
    retry_after_seconds: float | None = None
    repeats: bool = False
    try_instead: PageRequest | None = None


class PhotoProvider(Protocol):
    """One provider. Implementations are stateless values in `providers/`."""

    @property
    def slug(self) -> str:
        """Key as in `[providers.<slug>]`."""

    @property
    def needs_id(self) -> bool:
        """Whether a place must be known by an id of this provider."""

    def listing_request(self, subject: PhotoSubject, account: ProviderAccount) -> PageRequest:
        """The first request of a listing. `accept_status` covers every status: `read_listing` judges it."""

    def read_listing(
        self, page: Page, subject: PhotoSubject, account: ProviderAccount
    ) -> ListingAnswer | ListingRefusal:
        """What an answer says. Raises nothing, whatever the body."""

    def photo_request(self, url: str, account: ProviderAccount) -> ImageRequest:
        """The request for the bytes of a stored URL, with the key where the provider wants one."""

    def notice_request(self, url: str, account: ProviderAccount) -> PageRequest | None:
        """The request that tells the provider of a photo's use, or None where it wants none."""
