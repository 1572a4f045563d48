"""Addresses split into parts (sources.md P1–P4, 2.3, 3.3, 6.2). The published address stays beside them.

What cannot be told stays None: splitting at fixed positions once produced 109 towns that do not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivia_scraper.text.cleaning import ADDRESS_LIMIT, clean_line
from trivia_scraper.text.localities import accept_locality, looks_like_street
from trivia_scraper.text.postcodes import (
    AUSTRALIAN,
    CANADIAN,
    EIRCODE,
    POLISH,
    UK_OUTWARD,
    UK_POSTCODE,
    US_ZIP,
    is_london,
    spelled,
)

_AU_STATES: Final = {
    "australian capital territory": "ACT",
    "new south wales": "NSW",
    "queensland": "QLD",
    "victoria": "VIC",
    "south australia": "SA",
    "western australia": "WA",
    "tasmania": "TAS",
    "northern territory": "NT",
}
_COUNTRY_TAILS: Final = {
    "GB": r"united kingdom|great britain|uk|gb",
    "IE": r"republic of ireland|ireland|ie",
    "US": r"united states of america|united states|usa|us",
    "CA": r"canada",
    "AU": r"australia|au",
    "PL": r"polska|poland|pl",
    "AE": r"united arab emirates|uae|ae",
    "CY": r"cyprus|cy",
}
_UK_NATION: Final = re.compile(r"(?:^|[\s,]+)(england|scotland|wales|northern ireland)[\s,]*$", re.IGNORECASE)
_AU_STATE: Final = re.compile(
    rf"(?:^|[\s,]+)({'|'.join(_AU_STATES)}|{'|'.join(_AU_STATES.values())})[\s,]*$", re.IGNORECASE
)
_AMERICAN_TAIL: Final = re.compile(r"(?:^|[\s,]+)([A-Z]{2})[\s,]+([0-9]{5}(?:-[0-9]{4})?)(?![0-9])")
_CANADIAN_TAIL: Final = re.compile(r"(?:^|[\s,]+)([A-Z]{2})[\s,]+([A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9])(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The parts that an address states. `region` is the state or province code, or the UK nation."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None


def one_line(address: str) -> str:
    """An address as published, on one line: line breaks become commas (P2)."""
    lines = [line.strip(" ,\t") for line in address.replace("\r", "\n").split("\n")]
    return clean_line(", ".join(line for line in lines if line), ADDRESS_LIMIT).text


def split_address(address: str, country: str) -> AddressParts:
    """Split one address of a known country; parts it does not state are None. Never raises."""
    line = _without_country(one_line(address), country)
    match country:
        case "GB":
            return _split_british(line)
        case "AU":
            return _split_australian(line)
        case "US" | "CA":
            return _split_american(line, _AMERICAN_TAIL if country == "US" else _CANADIAN_TAIL, country)
        case "IE":
            return _split_by_postcode(line, EIRCODE)
        case "PL":
            return _split_by_postcode(line, POLISH)
        case _:
            return _split_by_postcode(line, re.compile(r"(?<![0-9])(00000)(?![0-9])"), keep=False)


def _split_british(line: str) -> AddressParts:
    """3.3: out goes the postcode, then the nation; what is left of the last comma part is the town."""
    rest, postcode = _take_last(line, UK_POSTCODE)
    if postcode is None:
        rest, postcode = _take_last(line, UK_OUTWARD)
    rest, nation = _take_nation(rest)
    parts = _parts(rest)
    # ", England SE1 8TB": the town's place is empty, and London's postal areas say which town it is.
    town_is_empty = rest.endswith(",") and nation is not None
    city = None if town_is_empty and postcode and is_london(postcode) else _town_of(parts)
    street = parts[:-1] if city is not None else parts
    if city is None and postcode and is_london(postcode):
        city = "London"
    return AddressParts(", ".join(street) or None, city, nation, postcode)


def _take_nation(text: str) -> tuple[str, str | None]:
    stripped = text.rstrip(" ,")
    nation = _UK_NATION.search(stripped)
    if nation is None:
        return stripped, None
    # The comma before the nation is kept: it tells an empty town from a glued one.
    before = stripped[: nation.start(1)].rstrip()
    return before, nation[1].title()


def _town_of(parts: list[str]) -> str | None:
    """The last part, if there is a street before it and it can be a town."""
    if len(parts) > 1:
        return accept_locality(parts[-1])
    return accept_locality(parts[0]) if parts and parts[0].casefold() == "london" else None


def _split_australian(line: str) -> AddressParts:
    """2.3: "street, suburb, State in full, postcode", also "suburb VIC 3067"."""
    postcode_match = re.search(rf"{AUSTRALIAN.pattern}[\s,]*$", line)
    rest = line[: postcode_match.start()] if postcode_match else line
    state = _AU_STATE.search(rest.rstrip(" ,"))
    if state is None:
        # Four digits are a postcode only behind a state (P1): they may as well be a house.
        return _with_town(line, None, None)
    region = _AU_STATES.get(state[1].casefold(), state[1].upper())
    return _with_town(rest[: state.start()], region, postcode_match[1] if postcode_match else None)


def _split_american(line: str, tail: re.Pattern[str], country: str) -> AddressParts:
    """6.2: the last state and ZIP; the town only where a comma or line break sets it off from the street."""
    found = list(tail.finditer(line))
    if not found:
        rest, postcode = _take_last(line, US_ZIP if country == "US" else CANADIAN)
        return _with_town(rest, None, None if postcode == "00000" else postcode)
    postcode = found[-1][2]
    return _with_town(line[: found[-1].start()], found[-1][1], None if postcode == "00000" else postcode)


def _split_by_postcode(line: str, pattern: re.Pattern[str], *, keep: bool = True) -> AddressParts:
    rest, postcode = _take_last(line, pattern)
    return _with_town(rest, None, postcode if keep else None)


def _with_town(rest: str, region: str | None, postcode: str | None) -> AddressParts:
    parts = _parts(rest)
    city = accept_locality(parts[-1]) if len(parts) > 1 and not looks_like_street(parts[-1]) else None
    street = parts[:-1] if city is not None else parts
    return AddressParts(", ".join(street) or None, city, region, postcode)


def _without_country(line: str, country: str) -> str:
    tail = _COUNTRY_TAILS.get(country)
    return re.sub(rf"[\s,]+(?:{tail})[\s,.]*$", "", line, flags=re.IGNORECASE) if tail else line


def _take_last(line: str, pattern: re.Pattern[str]) -> tuple[str, str | None]:
    """The line without its last postcode, and the postcode."""
    found = list(pattern.finditer(line))
    if not found:
        return line, None
    last = found[-1]
    return f"{line[: last.start()]}{line[last.end() :]}", spelled(last)


def _parts(text: str) -> list[str]:
    return [part for raw in text.split(",") if (part := " ".join(raw.split()))]
