"""Where SpeedQuizzing's invented pubs stand: British towns of their own, Ireland, America, the Emirates, Cyprus,
Australia. Real towns at their real positions; the pubs do not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trivia_scraper.demo.places import Place

_Row = tuple[str, str, str, float, float]


def _places(*rows: _Row) -> tuple[Place, ...]:
    """Rows of quarter, town, postcode or its first half, position."""
    return tuple(Place(quarter, "", "", postcode, lat, lon, town) for quarter, town, postcode, lat, lon in rows)


_BY_COUNTRY: Final = MappingProxyType(
    {
        "GB": _places(
            ("Leith", "Edinburgh", "EH6", 55.9720, -3.1730), ("Ipswich", "Ipswich", "IP1", 52.0570, 1.1480),
            ("Waterside", "Derry", "BT48", 54.9970, -7.3090), ("Hindley", "Wigan", "WN2", 53.5330, -2.5780),
            ("Bury", "Bury", "BL9", 53.5930, -2.2970), ("Burslem", "Burslem", "ST6", 53.0440, -2.1980),
            ("Swadlincote", "Swadlincote", "DE11", 52.7720, -1.5570), ("Bexley", "Bexley", "DA5", 51.4410, 0.1490),
        ),
        "IE": _places(
            ("Temple Bar", "Dublin 2", "D02", 53.3455, -6.2640), ("Cork", "Cork", "T12", 51.8980, -8.4750),
            ("Maynooth", "Celbridge", "W23", 53.3380, -6.5390),
        ),
        "US": _places(
            ("Pittsford", "Perinton", "14534", 43.0910, -77.5150),
            ("Beacon Hill", "Boston", "02114", 42.3600, -71.0650),
            ("Wilmington", "Wilmington", "28403", 34.2240, -77.8860), ("Tempe", "Tempe", "85281", 33.4260, -111.9400),
            ("Bend", "Bend", "97701", 44.0580, -121.3150),
        ),
        "AE": _places(
            ("Jumeirah Lakes", "Dubai", "00000", 25.0690, 55.1410),
            ("Corniche", "Abu Dhabi", "00000", 24.4790, 54.3530),
        ),
        "CY": _places(("Germasogeia", "Germasogeia", "", 34.7070, 33.0830),),
        "AU": _places(
            ("Manly", "Manly", "", -33.7970, 151.2860), ("Noosa Heads", "Noosa Heads", "", -26.3960, 153.0900),
        ),
    }
)  # fmt: skip

COUNTRY_OF: Final[Mapping[Place, str]] = MappingProxyType(
    {place: country for country, places in _BY_COUNTRY.items() for place in places}
)


def _turn_about() -> tuple[Place, ...]:
    """A British place, then one of the others by turns, so that a world of twelve has several countries."""
    rest = sorted(
        ((turn, country, place) for country, places in _BY_COUNTRY.items() for turn, place in enumerate(places)),
        key=lambda each: each[0],
    )
    abroad = [place for _, country, place in rest if country != "GB"]
    british = list(_BY_COUNTRY["GB"])
    return tuple(place for i in range(len(abroad)) for place in (*british[i : i + 1], abroad[i]))


PLACES: Final = _turn_about()
