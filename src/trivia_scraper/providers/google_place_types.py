"""Which Google place ids are no business: a street address has photos too, of whatever stands there (R110)."""

from __future__ import annotations

from typing import Final

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.photo_provider import ListingRefusal, ProviderAccount
from trivia_scraper.providers.answers import refuse

ADDRESS_TYPES: Final = ("street_address", "premise", "subpremise", "route")


def refuse_address(types: object, page: Page, account: ProviderAccount) -> ListingRefusal | None:
    """The refusal of an id whose place is an address, or None. Types that are missing say nothing."""
    found = next((each for each in ADDRESS_TYPES if isinstance(types, list) and each in types), None)
    if found is None:
        return None
    message = f"the Google place id belongs to a {found}, not to a business: give the venue the id of its business"
    return refuse(page, account, ErrorType.NOT_FOUND, message)
