"""Where Geeks Who Drink's invented pubs stand: America from Hawaii to Atlanta, and Canada. Real towns at their real
positions, some of them where the state does not say the time zone; the pubs do not exist.
"""

from __future__ import annotations

from typing import Final

from trivia_scraper.demo.places import Place

CANADIAN: Final = frozenset({"AB", "BC", "ON"})


def _america(*rows: tuple[str, str, str, float, float]) -> tuple[Place, ...]:
    return tuple(Place(town, "", state, postcode, lat, lon, town) for town, state, postcode, lat, lon in rows)


AMERICA: Final = _america(
    ("Denver", "CO", "80211", 39.7583, -105.0165), ("Honolulu", "HI", "96815", 21.2810, -157.8300),
    ("Seattle", "WA", "98101", 47.6110, -122.3370), ("Vancouver", "BC", "V6B 1A1", 49.2827, -123.1207),
    ("Austin", "TX", "78701", 30.2680, -97.7430), ("Anchorage", "AK", "99501", 61.2170, -149.8800),
    ("Phoenix", "AZ", "85004", 33.4510, -112.0680), ("Toronto", "ON", "M5V 2T6", 43.6450, -79.3950),
    ("El Paso", "TX", "79901", 31.7590, -106.4890), ("Atlanta", "GA", "30303", 33.7530, -84.3900),
    ("Boise", "ID", "83702", 43.6170, -116.2030), ("Louisville", "KY", "40202", 38.2530, -85.7510),
    ("New Orleans", "LA", "70130", 29.9390, -90.0700), ("Calgary", "AB", "T2P 1J9", 51.0480, -114.0690),
    ("Indianapolis", "IN", "46204", 39.7710, -86.1560), ("Portland", "OR", "97205", 45.5200, -122.6900),
    ("Washington", "DC", "20001", 38.9110, -77.0170), ("Detroit", "MI", "48226", 42.3310, -83.0490),
    ("Las Vegas", "NV", "89101", 36.1720, -115.1400), ("Minneapolis", "MN", "55401", 44.9840, -93.2690),
    ("Salt Lake City", "UT", "84101", 40.7560, -111.8960), ("Nashville", "TN", "37203", 36.1500, -86.7900),
    ("Albuquerque", "NM", "87102", 35.0820, -106.6480), ("Omaha", "NE", "68102", 41.2590, -95.9340),
)  # fmt: skip
