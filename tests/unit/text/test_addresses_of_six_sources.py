"""Addresses in the shapes the six sources publish, and the countries they prove (sources.md 4.3, 5.5, 6.2, 7.2)."""

from __future__ import annotations

import pytest

from trivia_scraper.text.address import split_address
from trivia_scraper.text.country_words import country_of_text
from trivia_scraper.text.glued_towns import split_glued_town
from trivia_scraper.text.regions import state_code

# country, address, street, city, region, postcode
ADDRESSES = {
    "6.2-no-comma": ("US", "1898 S. Sample Court Boulder, CO 80301", "1898 S. Sample Court", "Boulder", "CO",
        "80301"),
    "6.2-full-state": ("US", "12 Sample St Boulder, Colorado 80301", "12 Sample St", "Boulder", "CO", "80301"),
    "6.2-no-comma-at-all": ("US", "12 Sample St Portland OR 97201", "12 Sample St", "Portland", "OR", "97201"),
    "6.2-no-zip": ("US", "12 Sample St Denver, CO", "12 Sample St", "Denver", "CO", None),
    "6.2-uncertain": ("US", "12 Sample Denver, CO 80202", "12 Sample Denver", None, "CO", "80202"),
    "6.2-last-state-and-zip": (
        "US", "9 CA 90210 Road Salem, OR 97301-1234", "9 CA 90210 Road", "Salem", "OR", "97301-1234",
    ),
    "6.4-two-lines": ("US", "2355 W Sample Ave.\nDenver, CO 80211", "2355 W Sample Ave.", "Denver", "CO", "80211"),
    "new-york": ("US", "35 Sample Ave, New York, NY 10118", "35 Sample Ave", "New York", "NY", "10118"),
    "new-york-without-state": ("US", "35 Sample Ave, New York, 10118", "35 Sample Ave", "New York", None, "10118"),
    "new-york-twice": ("US", "35 Sample Ave, New York, New York 10118", "35 Sample Ave", "New York", "NY", "10118"),
    "5.5-us": (
        "US", "604 Sample Victor Road, Pittsford, Perinton, 14534", "604 Sample Victor Road, Pittsford",
        "Perinton", None,
        "14534",
    ),
    "5.5-lower-case": ("US", "7227 sample street, wilmington", "7227 sample street", "Wilmington", None, None),
    "canada-glued": ("CA", "1 Sample St Toronto, ON M5V 2T6", "1 Sample St", "Toronto", "ON", "M5V 2T6"),
    "canada-full": (
        "CA", "1 Sample St, Vancouver, British Columbia v5k 0a1, Canada", "1 Sample St", "Vancouver", "BC", "V5K 0A1",
    ),
    "canada-french": ("CA", "123 Rue Sample Montréal, QC H2X 3K8", "123 Rue Sample Montréal", None, "QC", "H2X 3K8"),
    "7.2-pl": ("PL", "ul. Próbna 1, Bydgoszcz", "ul. Próbna 1", "Bydgoszcz", None, None),
    "pl-postcode-alone": ("PL", "00-123 Warszawa", None, "Warszawa", None, "00-123"),
    "pl-postcode-in-front": ("PL", "ul. Próbna 5, 85-005 Bydgoszcz", "ul. Próbna 5", "Bydgoszcz", None, "85-005"),
    "pl-no-comma": ("PL", "ul. Próbna 5 80-831 Gdańsk, Polska", "ul. Próbna 5", "Gdańsk", None, "80-831"),
    "pl-town-first": ("PL", "Bydgoszcz, ul. Próbna 1", "ul. Próbna 1", "Bydgoszcz", None, None),
    "pl-voivodeship": ("PL", "Rynek 5, Kraków, woj. małopolskie", "Rynek 5", "Kraków", None, None),
    "pl-uncertain": ("PL", "Próbna 1 Bydgoszcz", "Próbna 1 Bydgoszcz", None, None, None),
    "4.3-crlf": ("GB", "47 Sample Hill\r\nLondon\r\nEC4M 7JZ", "47 Sample Hill", "London", None, "EC4M 7JZ"),
    "4.3-crlf-four-lines": (
        "GB", "The Fox\r\n12 Sample Lane\r\nLeeds\r\nLS1 1AA", "The Fox, 12 Sample Lane", "Leeds", None, "LS1 1AA",
    ),
    "4.3-county": ("GB", "12 Sample St\r\nGuildford\r\nSurrey\r\nGU1 1AA", "12 Sample St", "Guildford", None,
        "GU1 1AA"),
    "4.3-no-town": (
        "GB", "Unit 15, Sample Business Park, Sample Ln,  E17 5QJ", "Unit 15, Sample Business Park, Sample Ln",
        "London",
        None, "E17 5QJ",
    ),
    "4.3-no-town-elsewhere": ("GB", "Unit 15, Sample Ln,  M4 5JG", "Unit 15, Sample Ln", None, None, "M4 5JG"),
    "5.5-doubled": ("GB", "burslem, burslem", None, "Burslem", None, None),
    "5.5-doubled-with-outward": ("GB", "5 Sample St, ipswich, ipswich, IP1", "5 Sample St", "Ipswich", None, "IP1"),
    "5.5-outward-lower-case": ("GB", "14 Sample Road, Wigan, wn2", "14 Sample Road", "Wigan", None, "WN2"),
    "5.5-none": ("GB", "Sample Bull, Bury", "Sample Bull", "Bury", None, None),
    "5.5-eircode": (
        "IE", "Main Street, Celbridge, Co. Kildare, W23 X2Y1", "Main Street", "Celbridge", None, "W23 X2Y1",
    ),
    "5.5-dublin": ("IE", "12 Sample St, Dublin 2, Dublin", "12 Sample St", "Dublin", None, None),
    "5.5-routing-key": ("IE", "Sample Bar, Dublin D02", "Sample Bar", "Dublin", None, None),
    "5.5-dubai": ("AE", "The Sample, dubai, dubai, 00000", "The Sample", "Dubai", None, None),
    "5.5-dubai-dashes": ("AE", "Sample Rd - Dubai - United Arab Emirates", "Sample Rd", "Dubai", None, None),
    "5.5-abu-dhabi": ("AE", "Sample Island, Abu Dhabi, 00000", "Sample Island", "Abu Dhabi", None, None),
    "5.5-cyprus": ("CY", "Sample 'A, Germasogeia", "Sample 'A", "Germasogeia", None, None),
    "cyprus-postcode": ("CY", "Sample 5, Limassol, 4040, Cyprus", "Sample 5", "Limassol", None, "4040"),
}  # fmt: skip


@pytest.mark.parametrize("row", ADDRESSES.values(), ids=ADDRESSES)
def test_address(row: tuple[str, str, str | None, str | None, str | None, str | None]) -> None:
    country, address, *expected = row
    parts = split_address(address, country)
    assert [parts.street, parts.city, parts.region, parts.postcode] == expected


GLUED = {
    "4001 Tejon St Denver": "Denver",
    "1415 5th Ave NE Seattle": "Seattle",
    "100 1st Ave S Seattle": "Seattle",
    "221 N. Rangeline Rd. Carmel": "Carmel",
    "123 Main St Ste 100 Salt Lake City": "Salt Lake City",
    "123 Broadway #5 Denver": "Denver",
    "123 Broadway Denver": "Denver",
    "1600 Wynkoop St 2nd Floor Denver": "Denver",
    "Bldg C Boulder": "Boulder",
    "12345 Highway 71 W Bee Cave": "Bee Cave",
    "5601 FM 1960 Houston": "Houston",
    "2000 I-35 Round Rock": "Round Rock",
    "500 16th Street Mall Denver": "Denver",
    "1401 St Charles Ave New Orleans": "New Orleans",
    "100 Washington Ave St. Louis": "St. Louis",
    "500 E Court St Kankakee": "Kankakee",
    "32925 1st Ave S Federal Way": "Federal Way",
    "9 Elm Street Truth or Consequences": "Truth or Consequences",
    # more than one reading: nothing is guessed
    "500 Main St Paul": None,
    "100 Main Street North Little Rock": None,
    "8000 Sample Blvd W Hollywood": None,
    "9201 Lexington Dr Circle Pines": None,
    "1 Avenue of the Americas New York": None,
    "123 Avenue A Austin": None,
    "123 Union Denver": None,
    "123 Main St": None,
    "Main St": None,
    "123 Main St 5 Denver": None,
    "Boulder": None,
    "": None,
}


@pytest.mark.parametrize(("text", "town"), GLUED.items(), ids=GLUED)
def test_6_6_a_town_glued_to_its_street(text: str, town: str | None) -> None:
    split = split_glued_town(text)
    assert (split[1] if split else None) == town
    assert split is None or " ".join(split) == text


COUNTRIES = {
    "Main Street, Celbridge, Co. Kildare, W23 X2Y1": "IE",
    "Sample Bar, Temple Bar, Dublin": "IE",
    "Sample Bar, Dublin 8": "IE",
    "Sample Bar, Galway": "IE",
    "Sample Bar, Ireland": "IE",
    "Sample Bar, Belfast, Northern Ireland": "GB",
    "Sample Bar, Dublin, OH 43017": "US",
    "Sample Bar, Dublin, OH": "US",
    "Sample Bar, Limerick, 19468": None,
    "1-3 Sample Street, Edinburgh, EH6 6BT": "GB",
    "1-3 sample street, edinburgh, eh6 6bt": "GB",
    "Sample Bull, Derry, BT48": "GB",
    "Dublin Road, Enniskillen, BT74 6HN": "GB",
    "A38 Park Road, Sampleton": None,
    "Apt B1 2nd floor, Denver": None,
    "Sample Bull, Bury": None,
    "burslem, burslem": None,
    "The Sample, Dubai Marina, dubai, 00000": "AE",
    "Sample Island, Abu Dhabi": "AE",
    "Sample Tower, UAE": "AE",
    "Little Dubai, Leeds, LS1 1AA": "GB",
    "604 Sample Road, Perinton, 14534": None,
    "316 Sample Street, Boston, 02114": None,
    "7227 sample street, wilmington": None,
    "1 Sample St, Boulder, CO 80301": "US",
    "1 Sample St, Boulder, Colorado": "US",
    "1 Sample St, San Diego, CA": "US",
    "1 Sample St, Toronto, ON": "CA",
    "1 Sample St, Toronto, M5V 2T6": "CA",
    "1 Sample St, Canada": "CA",
    "1 Sample St, Perth, WA": None,
    "1 Sample St, Perth, WA 6000": "AU",
    "1 Sample St, Seattle, WA 98101": "US",
    "1 Sample St, Newtown, New South Wales, 2042": "AU",
    "1 Sample St, Buderim, Queensland": "AU",
    "1 Sample St, Newtown, NSW": "AU",
    "1 Sample St, Australia": "AU",
    "Sample 'A, Germasogeia": "CY",
    "Sample Str, Limassol, Cyprus": "CY",
    "ul. Próbna 5, 85-005 Bydgoszcz": "PL",
    "ul. Próbna 1, Bydgoszcz": "PL",
    "94-110 Sample Street, Waipahu": None,
    "4556": None,
    "12345": None,
    "": None,
}


@pytest.mark.parametrize(("address", "country"), COUNTRIES.items(), ids=COUNTRIES)
def test_5_5_country_of_text(address: str, country: str | None) -> None:
    assert country_of_text(address) == country


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("Colorado", "US", "CO"),
        ("co", "US", "CO"),
        ("New  York", "US", "NY"),
        ("D.C.", "US", "DC"),
        ("District of Columbia", "US", "DC"),
        ("Ontario", "CA", "ON"),
        ("Québec", "CA", "QC"),
        ("Newfoundland & Labrador", "CA", "NL"),
        ("new south wales", "AU", "NSW"),
        ("Ontario", "US", None),
        ("XX", "US", None),
        ("England", "GB", None),
        ("", "US", None),
        (None, "US", None),
    ],
    ids=repr,
)
def test_state_codes(text: str | None, country: str, code: str | None) -> None:
    assert state_code(text, country) == code
