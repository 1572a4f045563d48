"""What recovery saved against enriching anew: listings that nobody had to pay for (images.md 12, R230). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trivia_scraper.domain.photo_provider import ProviderAccount
from trivia_scraper.domain.statistics import rate_pct
from trivia_scraper.domain.weekly import AvoidedListings, SavedCalls


def saved_calls(
    avoided: Sequence[AvoidedListings], accounts: Mapping[str, ProviderAccount], made: int, made_cost: float
) -> SavedCalls:
    """Count and price the listings that were not made.

    accounts  the enabled providers by slug: a full enrichment would have asked no other
    made      listings that were made in the same time, and what they cost
    """
    counted = [each for each in avoided if each.provider in accounts]
    listings = sum(each.listings for each in counted)
    return SavedCalls(
        listings=listings,
        cost=round(sum(_price(each, accounts[each.provider]) for each in counted), 4),
        by_provider={each.provider: each.listings for each in counted},
        made=made,
        made_cost=round(made_cost, 4),
        fewer_pct=rate_pct(listings, listings + made) if listings + made else None,
    )


def _price(avoided: AvoidedListings, account: ProviderAccount) -> float:
    return account.cost_per_request * avoided.listings + account.cost_per_image * avoided.photos
