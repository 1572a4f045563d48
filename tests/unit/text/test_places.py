"""Addresses, postcodes, towns, zones and positions (sources.md 8.4, 2.3, 3.3)."""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.text.address import AddressParts, one_line, split_address
from trivia_scraper.text.coordinates import Position, read_position
from trivia_scraper.text.localities import accept_locality
from trivia_scraper.text.postcodes import read_postcode
from trivia_scraper.text.zones import country_at, currency_of, zone_at, zone_of, zone_of_region

ADDRESSES = {
    "3.3-empty-town-in-london": (
        "GB", "45 Wexcombe Gardens, England SW9 8DR, United Kingdom",
        AddressParts("45 Wexcombe Gardens", "London", "England", "SW9 8DR"),
    ),
    "3.3-town-glued-to-england": (
        "GB", "290 Garrick Road, London England E14 3AG, United Kingdom",
        AddressParts("290 Garrick Road", "London", "England", "E14 3AG"),
    ),
    "3.3-town-of-several-words": (
        "GB", "Silver Hill, Chalfont Saint Sample England SL9 9HH, United Kingdom",
        AddressParts("Silver Hill", "Chalfont Saint Sample", "England", "SL9 9HH"),
    ),
    "3.3-england-by-itself": (
        "GB", "3-4 Sample St, Chelmsford, England, CM2 0HU",
        AddressParts("3-4 Sample St", "Chelmsford", "England", "CM2 0HU"),
    ),
    "3.3-empty-town-elsewhere-is-unknown": (
        "GB", "The Barn, Church Lane, England SL9 9HH",
        AddressParts("The Barn, Church Lane", None, "England", "SL9 9HH"),
    ),
    "3.3-no-fake-city": (
        "GB", "12 High Road, Wembley England HA9 0HP", AddressParts("12 High Road", "Wembley", "England", "HA9 0HP"),
    ),
    "4.3-lines": (
        "GB", "47 Sample Hill\r\nLondon\r\nEC4M 7JZ", AddressParts("47 Sample Hill", "London", None, "EC4M 7JZ"),
    ),
    "4.3-no-town": (
        "GB", "Unit 15, Uplands Park, Sample Ln,  E17 5QJ",
        AddressParts("Unit 15, Uplands Park, Sample Ln", "London", None, "E17 5QJ"),
    ),
    "3.3-london-said": (
        "GB",
        "1 High Street, London, England W1F 8PU, United Kingdom",
        AddressParts("1 High Street", "London", "England", "W1F 8PU"),
    ),
    "P1-outward-code-alone": ("GB", "5 Main St, Derry, BT48", AddressParts("5 Main St", "Derry", None, "BT48")),
    "scotland": (
        "GB", "1-3 Sample Street, Edinburgh, Scotland, eh6 6bt",
        AddressParts("1-3 Sample Street", "Edinburgh", "Scotland", "EH6 6BT"),
    ),
    "2.3-state-in-full": (
        "AU", "15/3 Sample Rd, Buderim, Queensland, 4556, AU",
        AddressParts("15/3 Sample Rd", "Buderim", "QLD", "4556"),
    ),
    "P3-state-and-postcode-tail": (
        "AU", "9 Sample St, Darwin City NT 0800, Australia", AddressParts("9 Sample St", "Darwin City", "NT", "0800"),
    ),
    "2.3-street-glued-to-suburb": (
        "AU", "10 Sample St Newtown NSW 2042", AddressParts("10 Sample St Newtown", None, "NSW", "2042"),
    ),
    "P1-four-digits-without-a-state": ("AU", "4556 Sample Rd", AddressParts("4556 Sample Rd", None, None, None)),
    "6.4-two-lines": (
        "US", "2355 W Sample Ave.\nDenver, CO 80211", AddressParts("2355 W Sample Ave.", "Denver", "CO", "80211"),
    ),
    "6.2-no-comma": (
        "US", "1898 Sample Court Boulder, CO 80301-1234",
        AddressParts("1898 Sample Court", "Boulder", "CO", "80301-1234"),
    ),
    "a-house-is-no-zip": ("US", "11675 FM 21, Sampleton, TX", AddressParts("11675 FM 21", "Sampleton", "TX", None)),
    "5.5-no-state": ("US", "316 Sample St, Boston, 02114", AddressParts("316 Sample St", "Boston", None, "02114")),
    "canada": ("CA", "1 Sample St, Toronto, ON M5V 2T6", AddressParts("1 Sample St", "Toronto", "ON", "M5V 2T6")),
    "P3-dublin-2": ("IE", "12 Test St, Dublin 2, D02 XY45", AddressParts("12 Test St", "Dublin", None, "D02 XY45")),
    "5.5-dubais-fake-zip": ("AE", "Shop 2, Dubai, 00000", AddressParts("Shop 2", "Dubai", None, None)),
    "P1-polish": ("PL", "ul. Długa 5, 80-831 Gdańsk", AddressParts("ul. Długa 5", "Gdańsk", None, "80-831")),
    "other-country": ("CY", "Sample 'A, Germasogeia", AddressParts("Sample 'A", "Germasogeia", None, None)),
    "empty": ("GB", "", AddressParts(None, None, None, None)),
}  # fmt: skip


@pytest.mark.parametrize(("country", "address", "parts"), ADDRESSES.values(), ids=ADDRESSES)
def test_address(country: str, address: str, parts: AddressParts) -> None:
    assert split_address(address, country) == parts


def test_p2_the_published_address_stays_on_one_line() -> None:
    assert one_line(" 1 High St,\r\n\r\n Leeds ,\nLS1 1AA ") == "1 High St, Leeds, LS1 1AA"


@settings(deadline=None)
@given(st.text(max_size=600), st.sampled_from(["GB", "AU", "US", "CA", "IE", "PL", "AE", "XX"]))
def test_no_address_raises_and_no_city_holds_a_digit(address: str, country: str) -> None:
    city = split_address(address, country).city
    assert city is None or not any(character.isdigit() for character in city)


@pytest.mark.parametrize(
    ("text", "locality"),
    [
        ("Leeds", "Leeds"),
        ("St Albans", "St Albans"),
        ("Dublin 2", "Dublin"),
        ("Abu Dhabi", "Abu Dhabi"),
        ("England E5 8NN", None),
        ("Wembley England", None),
        ("02114", None),
        ("#59", None),
        ("Azattyq Avenue 40A", None),
        ("High Street", None),
        ("Unit Four", None),
        ("Abbotsford VIC 3067", None),
        ("Darwin City NT 0800", None),
        ("Abbotsford VIC", None),
        ("Unit 15", None),
        ("Suite B", None),
        ("Uplands Business Park", None),
        ("ul. Gdańska", None),
        ("England", None),
        ("London United Kingdom", None),
        ("dublin 8", "Dublin"),
        ("Dublin D02", "Dublin"),
        ("burslem", "Burslem"),
        ("STOKE-ON-TRENT", "Stoke-on-Trent"),
        ("king's lynn", "King's Lynn"),
        ("o'fallon", "O'Fallon"),
        ("Federal Way", "Federal Way"),
        ("St. Louis", "St. Louis"),
        ("Queensland", None),
        ("x" * 61, None),
        ("United Kingdom", None),
        ("AU", None),
        ("", None),
        (None, None),
    ],
    ids=repr,
)
def test_p3_localities(text: str | None, locality: str | None) -> None:
    assert accept_locality(text) == locality


@pytest.mark.parametrize(
    ("value", "country", "postcode"),
    [
        ("4556", "AU", "4556"),
        (800, "AU", "0800"),
        ("45560", "AU", None),
        ("sw98dr", "GB", "SW9 8DR"),
        ("80301-1234", "US", "80301-1234"),
        ("00000", "US", None),
        ("80-831", "PL", "80-831"),
        ("d6w xy12", "IE", "D6W XY12"),
        (True, "AU", None),
        (None, "AU", None),
        ("4556", "XX", None),
    ],
    ids=repr,
)
def test_p1_postcodes(value: object, country: str, postcode: str | None) -> None:
    assert read_postcode(value, country) == postcode


@pytest.mark.parametrize(
    ("latitude", "longitude", "position"),
    [
        ("-26.6630807", "153.0518295", Position(-26.6630807, 153.0518295)),
        (51, -0.5, Position(51.0, -0.5)),
        (" 51.5 ", "+0.1", Position(51.5, 0.1)),
        (91, 0.1, None),
        (10, 181, None),
        (0, 0, None),
        ("0.0", "-0.0", None),
        (40.7207559, -74.0007613, None),
        (math.nan, 1.0, None),
        (math.inf, 1.0, None),
        (10**400, 1, None),
        ("1e5", "1", None),
        ("51,5", "0.1", None),
        ("٥١", "1", None),
        (True, 1, None),
        (None, "1", None),
        ("", "", None),
    ],
    ids=[
        "text", "numbers", "spaces", "H127-latitude", "H127-longitude", "H127-null-island", "H127-null-island-text",
        "P5-default-pin", "H105-nan", "H105-infinity", "huge", "exponent", "comma", "other-digits", "bool", "none",
        "blank",
    ],
)  # fmt: skip
def test_positions(latitude: object, longitude: object, position: Position | None) -> None:
    assert read_position(latitude, longitude) == position


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone", "country"),
    [
        (-26.66, 153.05, "Australia/Brisbane", "AU"),
        (-31.95, 115.86, "Australia/Perth", "AU"),
        (51.5, -0.12, "Europe/London", "GB"),
        (53.35, -6.26, "Europe/Dublin", "IE"),
        (25.2, 55.27, "Asia/Dubai", "AE"),
        (34.7, 33.05, "Asia/Nicosia", "CY"),
        (39.74, -104.99, "America/Denver", "US"),
        (39.77, -86.16, "America/Indiana/Indianapolis", "US"),
        (49.28, -123.12, "America/Vancouver", "CA"),
        (53.12, 18.0, "Europe/Warsaw", "PL"),
        (48.85, 2.35, "Europe/Paris", "FR"),
        (28.05, -16.72, "Atlantic/Canary", "ES"),
        (35.68, 139.69, "Asia/Tokyo", None),
        (30.0, -40.0, None, None),
    ],
)
def test_p5_zone_and_country_by_position(
    latitude: float, longitude: float, zone: str | None, country: str | None
) -> None:
    position = Position(latitude, longitude)
    assert zone_at(position) == zone
    assert country_at(position) == country


def test_p5_coordinates_come_first_but_only_inside_the_country() -> None:
    perth, dublin = Position(-31.95, 115.86), Position(53.35, -6.26)
    assert zone_of(perth, "AU", "QLD") == "Australia/Perth"
    assert zone_of(dublin, "AU", "QLD") == "Australia/Brisbane"
    assert zone_of(None, "GB") == "Europe/London"
    assert zone_of(None, "AU", None) is None
    assert zone_of(None, "JP", "X") is None


@pytest.mark.parametrize(
    ("country", "region", "zone"),
    [
        ("AU", "qld", "Australia/Brisbane"),
        ("AU", "ACT", "Australia/Sydney"),
        ("US", "AZ", "America/Phoenix"),
        ("US", "HI", "Pacific/Honolulu"),
        ("US", "NY", "America/New_York"),
        ("US", "MS", "America/Chicago"),
        ("CA", "BC", "America/Vancouver"),
        ("PL", None, "Europe/Warsaw"),
        ("US", "Colorado", "America/Denver"),
        ("CA", "Québec", "America/Toronto"),
        ("AU", "South Australia", "Australia/Adelaide"),
        ("IM", None, "Europe/Isle_of_Man"),
    ],
)
def test_p6_zone_by_region(country: str, region: str | None, zone: str) -> None:
    assert zone_of_region(country, region) == zone
    assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    ("country", "currency"),
    [
        ("GB", "GBP"),
        ("IE", "EUR"),
        ("US", "USD"),
        ("CA", "CAD"),
        ("AU", "AUD"),
        ("AE", "AED"),
        ("PL", "PLN"),
        ("FR", "EUR"),
        ("JP", None),
    ],
)
def test_p6_currencies(country: str, currency: str | None) -> None:
    assert currency_of(country) == currency
