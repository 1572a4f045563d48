"""What the tests of the photo providers share: an account, a place, pages as a fetcher would hand them over."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.photo_provider import ListingAnswer, ListingRefusal, PhotoSubject, ProviderAccount
from trivia_scraper.providers.registry import PHOTO_PROVIDERS

KEY = "c4n4ry-s3cr3t/+&=é"
PUB = PhotoSubject("ChIJ-pub_1", "The Crown", "Leeds", "GB")


def account(slug: str, **changes: Any) -> ProviderAccount:
    """An account at the provider's own address."""
    stated: dict[str, Any] = {
        "slug": slug, "base_url": "", "key": KEY, "priority": 1, "cost_per_request": 0.0, "cost_per_image": 0.0,
        "per_second": 0, "per_minute": 0, "per_hour": 0,
    }  # fmt: skip
    return ProviderAccount(**{**stated, **changes})


def page_of(request: PageRequest, body: object, status: int = 200, retry_after: float | None = None) -> Page:
    """An answer; a body that is no text is written as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    size = len(text.encode("utf-8", "replace"))
    return Page(request, request.url, status, text, "application/json", size, retry_after_seconds=retry_after)


def read(
    slug: str,
    body: object,
    status: int = 200,
    *,
    subject: PhotoSubject = PUB,
    retry_after: float | None = None,
    **changes: Any,
) -> ListingAnswer | ListingRefusal:
    """What the first answer of a listing says."""
    provider, asked = PHOTO_PROVIDERS[slug], account(slug, **changes)
    request = provider.listing_request(subject, asked)
    return provider.read_listing(page_of(request, body, status, retry_after), subject, asked)


def answered(reading: ListingAnswer | ListingRefusal) -> ListingAnswer:
    """A reading that is no refusal."""
    assert isinstance(reading, ListingAnswer), reading
    return reading


def refused(reading: ListingAnswer | ListingRefusal) -> ListingRefusal:
    """A reading that is one."""
    assert isinstance(reading, ListingRefusal), reading
    return reading


def parameters(url: str) -> dict[str, str]:
    """The query of a URL."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True))
