"""What a value on a page may be: by the name it goes under, and by how it reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from trivia_scraper.text.coordinates import read_degrees
from trivia_scraper.text.fee import FeeOutcome, read_fee
from trivia_scraper.text.folding import fold
from trivia_scraper.text.localities import looks_like_street
from trivia_scraper.text.postcodes import UK_POSTCODE, US_ZIP, is_british
from trivia_scraper.text.schedule import PHRASE_LIMIT, ScheduleOutcome, read_schedule

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("venuekey", "venueid", "storeid", "eventid", "locationid", "id", "uuid", "slug", "key", "uid"),
    "name": (
        "venuename", "locationname", "storename", "businessname", "venuevenue", "store", "venue", "pubname", "pub",
        "barname", "name", "title", "titlerendered", "posttitle", "label",
    ),
    "url": ("permalink", "detailurl", "pageurl", "venueurl", "url", "link", "href", "fullurl"),
    "address": (
        "fulladdress", "formattedaddress", "displayaddress", "addressfull", "venueaddress", "locationaddress",
        "address", "streetaddress", "addressline1", "address1", "addr", "location", "where", "adres",
    ),
    "street": ("street", "locationaddressstreetaddress"),
    "locality": ("city", "town", "suburb", "locality", "addresslocality", "locationaddressaddresslocality", "miasto"),
    "region": ("state", "province", "region", "county", "addressregion", "locationaddressaddressregion"),
    "postcode": ("postcode", "postalcode", "zip", "zipcode", "locationaddresspostalcode"),
    "country": ("country", "countrycode", "addresscountry", "locationaddressaddresscountry"),
    "lat": ("lat", "latitude", "maplat", "loclat", "geolat", "locationgeolatitude"),
    "lng": ("lng", "lon", "long", "longitude", "maplng", "maplon", "loclong", "loclng", "geolng",
            "locationgeolongitude"),
    "phone": ("phone", "telephone", "tel", "phonenumber", "telefon"),
    "website": ("website", "web", "site", "homepage", "websiteurl"),
    "facebook": ("facebook", "facebookurl"),
    "instagram": ("instagram", "instagramurl"),
    "image": ("image", "photo", "picture", "coverimage", "imageurl", "thumbnail", "thumb", "logo", "img", "imagesrc"),
    "day": ("day", "weekday", "dayofweek", "quizday", "triviaday", "dzien"),
    "time": ("time", "starttime", "quiztime", "triviatime", "eventtime", "godzina"),
    "date": ("date", "eventdate", "startdate", "nextdate"),
    "schedule": ("schedule", "when", "quiznight", "trivianight", "showtime", "frequency"),
    "fee": ("fee", "entryfee", "price", "cost", "entry", "admission", "wpisowe"),
    "host": ("host", "hostname", "quizmaster", "quizhost"),
    "description": ("description", "excerpt", "contentrendered", "excerptrendered", "body", "about"),
}  # fmt: skip
"""Names under which sites keep a field, folded to letters and digits, likeliest first."""

_OPENING: Final = re.compile(r"hours|opening|^(?:mon|tues?|wed|thu|thur|thurs|fri|sat|sun)(?:day)?$")
_PRIZE: Final = re.compile(r"jackpot|prize|rollover|bartab|nagrod")
_MONEY: Final = re.compile(r"[£€$]|\bzł|\bfree\b|\bper (?:person|team)\b|\bgbp\b|\busd\b", re.IGNORECASE)
_TOWN_AND_STATE: Final = re.compile(r",\s*[A-Z]{2,3}\b")


def bare(name: str) -> str:
    """A name as `NAMES` spells it: "data-map_lat" → "maplat"."""
    return re.sub(r"[^a-z0-9]", "", fold(name.removeprefix("data-")))


def is_opening_hours(name: str) -> bool:
    """A locator's `hours` and its seven weekdays are opening hours, never the quiz time (sources.md 11.5)."""
    return _OPENING.search(bare(name)) is not None


def is_prize(name: str) -> bool:
    """Whether a column or class is about what is won."""
    return _PRIZE.search(bare(name)) is not None


def says_weekday(text: str) -> bool:
    """Whether a text names a weekday."""
    return bool(read_schedule(text).weekdays)


def says_time(text: str) -> bool:
    """Whether a text names a time of day."""
    return read_schedule(text).time is not None


def is_schedule(text: str) -> bool:
    """Whether a text says weekday and time."""
    return len(text) <= PHRASE_LIMIT and read_schedule(text).outcome is ScheduleOutcome.FULL


def is_dated(text: str) -> bool:
    """Whether a text speaks of one date rather than of a weekday in general."""
    return read_schedule(text).date is not None


def is_address(text: str) -> bool:
    """Whether a text reads like a postal address: street or postcode, and more than a word."""
    if not 8 <= len(text) <= 200 or is_schedule(text) or _MONEY.search(text):
        return False
    british = UK_POSTCODE.search(text)
    has_postcode = (british is not None and is_british(british)) or (
        US_ZIP.search(text) is not None and _TOWN_AND_STATE.search(text) is not None
    )
    parts = [part.strip() for part in text.split(",")]
    return has_postcode or (len(parts) > 1 and looks_like_street(parts[0]) and bool(re.search(r"[a-z]", text)))


def is_postcode(text: str) -> bool:
    """Whether a text is a British postcode and nothing else."""
    match = UK_POSTCODE.fullmatch(text.strip())
    return match is not None and is_british(match)


def is_fee(text: str) -> bool:
    """Whether a text states an entry fee, or that there is none."""
    # Which dollars these are does not matter here.
    return bool(_MONEY.search(text)) and read_fee(text, "US").outcome is not FeeOutcome.UNKNOWN


def is_position(text: str) -> bool:
    """Whether a text is a number that may be a latitude or longitude; whole numbers are ids."""
    return "." in text and read_degrees(text) is not None


def share(values: Sequence[str], accepted: Callable[[str], bool]) -> float:
    """How many of the values a predicate accepts, 0 … 1; empty ones are not accepted."""
    return sum(bool(value) and accepted(value) for value in values) / len(values) if values else 0.0


def distinct(values: Sequence[str]) -> float:
    """How many of the values differ, 0 … 1."""
    return len(set(filter(None, values))) / len(values) if values else 0.0
