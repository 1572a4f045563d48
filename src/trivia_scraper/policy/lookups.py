"""What is asked of the address look-up, and when (sources.md P4, V8): one line an address, found once for ever."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Final

from trivia_scraper.domain.lookups import KnownLookup, LookupOutcome
from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.policy.places import is_doorstep_postcode

LONGEST_QUERY: Final = 300

_COUNTRY_NAMES: Final = {
    "GB": "united kingdom",
    "IE": "ireland",
    "US": "united states",
    "CA": "canada",
    "AU": "australia",
    "AE": "united arab emirates",
    "CY": "cyprus",
    "PL": "poland",
    "IM": "isle of man",
    "JE": "jersey",
    "GG": "guernsey",
}


def lookup_query(venue: VenueFacts) -> str | None:
    """The address as one line "street, town, postcode, country" in lower case; None for nothing but a name.

    A town or a district alone is no address: what is found for it is its middle, where no pub stands. One
    spelling for each address, so that venues and sources that share it share one question.
    """
    city, postcode = _plain(venue.city or ""), _plain(venue.postcode or "")
    around = (city, postcode, _COUNTRY_NAMES.get(venue.country, venue.country.casefold()))
    published = _plain(venue.street or venue.address or "")
    parts = [_plain(part.replace(postcode, "")) if postcode else _plain(part) for part in published.split(",")]
    if not is_doorstep_postcode(venue.postcode) and set(parts) <= {*around, ""}:
        return None
    query = ", ".join(part for part in dict.fromkeys((*parts, *around)) if part)
    return query[:LONGEST_QUERY].rstrip(" ,")


def may_ask(known: KnownLookup | None, now: dt.datetime, retry_after: dt.timedelta) -> bool:
    """Whether the service may be asked: never asked, or without success and long enough ago.

    A stamp of the future comes from a clock that was wrong: it holds nothing back.
    """
    if known is None:
        return True
    if known.outcome is LookupOutcome.FOUND:
        return False
    return not dt.timedelta(0) <= now - known.asked_at < retry_after


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(folded.split()).strip(" ,")
