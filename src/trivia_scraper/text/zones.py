"""Country, time zone and currency of a place (sources.md P5, P6): coordinates first, then what the text says."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import tzfpy

from trivia_scraper.text.coordinates import Position
from trivia_scraper.text.regions import state_code

# Countries beyond P6 where British and American quizzes are held: country, its zone, its money of 100 parts.
_ELSEWHERE: Final = (
    ("AT", "Europe/Vienna", "EUR"), ("BE", "Europe/Brussels", "EUR"),
    ("CH", "Europe/Zurich", "CHF"), ("CZ", "Europe/Prague", "CZK"), ("DE", "Europe/Berlin", "EUR"),
    ("DK", "Europe/Copenhagen", "DKK"), ("ES", "Europe/Madrid", "EUR"), ("FI", "Europe/Helsinki", "EUR"),
    ("FR", "Europe/Paris", "EUR"), ("GI", "Europe/Gibraltar", "GIP"), ("GR", "Europe/Athens", "EUR"),
    ("HK", "Asia/Hong_Kong", "HKD"), ("IT", "Europe/Rome", "EUR"), ("LU", "Europe/Luxembourg", "EUR"),
    ("MT", "Europe/Malta", "EUR"), ("NL", "Europe/Amsterdam", "EUR"), ("NO", "Europe/Oslo", "NOK"),
    ("NZ", "Pacific/Auckland", "NZD"), ("PT", "Europe/Lisbon", "EUR"),
    ("QA", "Asia/Qatar", "QAR"), ("SE", "Europe/Stockholm", "SEK"), ("SG", "Asia/Singapore", "SGD"),
    ("TH", "Asia/Bangkok", "THB"), ("ZA", "Africa/Johannesburg", "ZAR"),
)  # fmt: skip
_CURRENCIES: Final = MappingProxyType(
    {country: money for country, _, money in _ELSEWHERE}
    | {"GB": "GBP", "IE": "EUR", "US": "USD", "CA": "CAD", "AU": "AUD", "AE": "AED", "CY": "EUR", "PL": "PLN"}
    # The crown's islands have the pound, and pubs; they are no part of GB.
    | {"IM": "GBP", "JE": "GBP", "GG": "GBP"}
)
_ONE_ZONE: Final = MappingProxyType(
    {country: zone for country, zone, _ in _ELSEWHERE}
    | {
        "GB": "Europe/London",
        "IE": "Europe/Dublin",
        "AE": "Asia/Dubai",
        "CY": "Asia/Nicosia",
        "PL": "Europe/Warsaw",
        "IM": "Europe/Isle_of_Man",
        "JE": "Europe/Jersey",
        "GG": "Europe/Guernsey",
    }
)
_AUSTRALIAN: Final = MappingProxyType(
    {
        "ACT": "Australia/Sydney",
        "NSW": "Australia/Sydney",
        "VIC": "Australia/Melbourne",
        "TAS": "Australia/Hobart",
        "QLD": "Australia/Brisbane",
        "SA": "Australia/Adelaide",
        "NT": "Australia/Darwin",
        "WA": "Australia/Perth",
    }
)


def _shared(zone: str, regions: str) -> dict[str, str]:
    return dict.fromkeys(regions.split(), zone)


_AMERICAN: Final = MappingProxyType(
    _shared("America/Los_Angeles", "CA WA OR NV")
    | _shared("America/Denver", "MT CO UT NM WY ID")
    | _shared("America/Chicago", "TX IL MN MO KS OK LA TN WI IA NE AR AL MS ND SD")
    | _shared("America/New_York", "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV")
    | {"AZ": "America/Phoenix", "AK": "America/Anchorage", "HI": "Pacific/Honolulu"}
)
_CANADIAN: Final = MappingProxyType(
    {
        "BC": "America/Vancouver",
        "AB": "America/Edmonton",
        "SK": "America/Regina",
        "MB": "America/Winnipeg",
        "ON": "America/Toronto",
        "QC": "America/Toronto",
        "NB": "America/Halifax",
        "NS": "America/Halifax",
        "PE": "America/Halifax",
        "NL": "America/St_Johns",
        "YT": "America/Whitehorse",
        "NT": "America/Yellowknife",
        "NU": "America/Iqaluit",
    }
)
_BY_REGION: Final = MappingProxyType({"AU": _AUSTRALIAN, "US": _AMERICAN, "CA": _CANADIAN})
_COUNTRY_OF: Final = MappingProxyType(
    {zone: country for country, zone in _ONE_ZONE.items()}
    | dict.fromkeys(_CANADIAN.values(), "CA")
    | dict.fromkeys(_AMERICAN.values(), "US")
    | {
        "Asia/Famagusta": "CY",
        "Atlantic/Canary": "ES",
        "Africa/Ceuta": "ES",
        "Atlantic/Madeira": "PT",
        "Atlantic/Azores": "PT",
        "America/Detroit": "US",
        "America/Boise": "US",
        "America/Menominee": "US",
        "America/Juneau": "US",
        "America/Sitka": "US",
        "America/Metlakatla": "US",
        "America/Yakutat": "US",
        "America/Nome": "US",
        "America/Adak": "US",
        "America/Moncton": "CA",
        "America/Glace_Bay": "CA",
        "America/Goose_Bay": "CA",
        "America/Montreal": "CA",
        "America/Swift_Current": "CA",
        "America/Dawson_Creek": "CA",
        "America/Fort_Nelson": "CA",
        "America/Inuvik": "CA",
        "America/Atikokan": "CA",
        "America/Blanc-Sablon": "CA",
        "America/Cambridge_Bay": "CA",
        "America/Creston": "CA",
        "America/Dawson": "CA",
        "America/Rankin_Inlet": "CA",
        "America/Resolute": "CA",
    }
)


def zone_at(position: Position) -> str | None:
    """The IANA zone of a position, or None at sea."""
    zone: str = tzfpy.get_tz(position.longitude, position.latitude)
    return zone if zone and not zone.startswith("Etc/") else None


def country_of_zone(zone: str) -> str | None:
    """The country whose clock this is, for the countries we know sources in; else None."""
    if zone.startswith("Australia/"):
        return "AU"
    if zone.startswith(("America/Indiana/", "America/Kentucky/", "America/North_Dakota/")):
        return "US"
    return _COUNTRY_OF.get(zone)


def country_at(position: Position) -> str | None:
    """The country of a position, or None where it is none of ours."""
    zone = zone_at(position)
    return country_of_zone(zone) if zone else None


def zone_of_region(country: str, region: str | None = None) -> str | None:
    """The zone by country and, where it has several, by state or province ("QLD", "Colorado"); else None."""
    if country in _ONE_ZONE:
        return _ONE_ZONE[country]
    zones = _BY_REGION.get(country)
    code = state_code(region, country)
    return zones.get(code) if zones and code else None


def zone_of(position: Position | None, country: str, region: str | None = None) -> str | None:
    """P5: the zone at the coordinates where it belongs to `country`, else the one of country and region."""
    zone = zone_at(position) if position else None
    if zone and country_of_zone(zone) == country:
        return zone
    return zone_of_region(country, region)


def currency_of(country: str) -> str | None:
    """ISO 4217 code of a country's money (P6), or None for a country we do not know."""
    return _CURRENCIES.get(country)
