"""Addresses split into parts (sources.md P1–P4, 2.3, 3.3, 4.3, 5.5, 6.2). The published address stays beside them.

What cannot be told stays None: splitting at fixed positions once produced 109 towns that do not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivia_scraper.text.cleaning import ADDRESS_LIMIT, clean_line
from trivia_scraper.text.glued_towns import split_glued_town
from trivia_scraper.text.localities import accept_locality
from trivia_scraper.text.postcodes import (
    AUSTRALIAN,
    CANADIAN,
    CYPRIOT,
    EIRCODE,
    EIRCODE_ROUTING_KEY,
    POLISH,
    UK_OUTWARD,
    UK_POSTCODE,
    US_ZIP,
    is_london,
    read_uk_outward,
    spelled,
)
from trivia_scraper.text.regions import state_code, state_pattern

_COUNTRY_TAILS: Final = {
    country: re.compile(rf"[\s,]+(?:-\s+)?(?:{names})[\s,.]*$", re.IGNORECASE)
    for country, names in {
        "GB": r"united kingdom|great britain|uk|gb",
        "IE": r"republic of ireland|ireland|ie|eire",
        "US": r"united states of america|united states|usa|us",
        "CA": r"canada",
        "AU": r"australia|au",
        "PL": r"polska|poland|pl",
        "AE": r"united arab emirates|uae|u\.a\.e|ae",
        "CY": r"cyprus|cy",
    }.items()
}
_UK_NATION: Final = re.compile(r"(?:^|[\s,]+)(england|scotland|wales|northern ireland)[\s,]*$", re.IGNORECASE)
_UK_COUNTY: Final = re.compile(
    r"(?:county\s+\w+|co\.?\s+\w+|(?!hampshire$)\w+shire|hampshire|(?:east |west |north |south )?(?:sussex"
    r"|yorkshire)|surrey"
    r"|kent|essex|norfolk|suffolk|cornwall|devon|dorset|somerset|cumbria|rutland|middlesex|middx|merseyside"
    r"|tyne (?:and|&) wear"
    r"|west midlands|greater (?:london|manchester)|isle of wight|herts|bucks|berks|hants|lancs|northants|wilts|glos)",
    re.IGNORECASE,
)
_IRISH_COUNTY: Final = re.compile(r"(?:county|co\.?)\s+[a-z]+", re.IGNORECASE)
_AU_STATE: Final = re.compile(rf"(?:^|[\s,]+)({state_pattern('AU')})[\s,]*$", re.IGNORECASE)
_AMERICAN_TAILS: Final = {
    country: (
        re.compile(rf"(?:^|[\s,]+)({state_pattern(country)})\.?[\s,]+({code})", re.IGNORECASE),
        re.compile(rf"(?<=[^\s,])(?:\s*,\s*({state_pattern(country)})|\s+({codes}))[\s,.]*$", re.IGNORECASE),
    )
    for country, code, codes in (
        ("US", r"[0-9]{5}(?:-[0-9]{4})?(?![0-9])", r"(?-i:[A-Z]{2})"),
        ("CA", r"[A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9](?![A-Z0-9])", r"(?-i:[A-Z]{2})"),
    )
}
_POLISH_VOIVODESHIP: Final = re.compile(r"[\s,]+woj(?:\.|ewództwo)\s+[\w-]+\s*$", re.IGNORECASE)


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
            return _split_american(line, country)
        case "IE":
            return _split_irish(line)
        case "PL":
            return _split_polish(line)
        case "CY":
            return _split_by_postcode(line, CYPRIOT)
        case _:
            return _split_by_postcode(
                line.replace(" - ", ", "), re.compile(r"(?<![0-9])(00000)(?![0-9])"), keep=False
            )


def _split_british(line: str) -> AddressParts:
    """3.3: out goes the postcode, then the nation; what is left of the last comma part is the town."""
    rest, postcode = _take_last(line, UK_POSTCODE)
    if postcode is None:
        rest, postcode = _take_uk_outward(line)
    rest, nation = _take_nation(rest)
    parts = _parts(rest)
    if len(parts) > 1 and _UK_COUNTY.fullmatch(parts[-1]):
        parts.pop()
    # ", England SE1 8TB": the town's place is empty, and London's postal areas say which town it is.
    town_is_empty = rest.endswith(",") and nation is not None
    says_london = bool(parts) and parts[-1].casefold() == "london"
    in_london = postcode is not None and is_london(postcode)
    city = None if town_is_empty and in_london and not says_london else _town_of(parts)
    street = _before_town(parts, city)
    if city is None and in_london:
        city = "London"
    return AddressParts(", ".join(street) or None, city, nation, postcode)


def _take_uk_outward(line: str) -> tuple[str, str | None]:
    """P1: the outward code alone, at the end in capitals or as the last part in any case."""
    rest, comma, last = line.rstrip(" ,").rpartition(",")
    postcode = read_uk_outward(last) if comma else None
    return (rest, postcode) if postcode else _take_last(line, UK_OUTWARD)


def _take_nation(text: str) -> tuple[str, str | None]:
    stripped = text.rstrip(" ,")
    nation = _UK_NATION.search(stripped)
    if nation is None:
        return stripped, None
    # The comma before the nation is kept: it tells an empty town from a glued one.
    before = stripped[: nation.start(1)].rstrip()
    return before, nation[1].title()


def _town_of(parts: list[str]) -> str | None:
    """The last part, if there is a street before it and it can be a town; "burslem, burslem" is one."""
    if len(parts) > 1:
        return accept_locality(parts[-1])
    return accept_locality(parts[0]) if parts and parts[0].casefold() == "london" else None


def _before_town(parts: list[str], city: str | None) -> list[str]:
    """The parts before the town; town parts are often doubled (5.5)."""
    street = list(parts)
    if city is not None:
        street.pop()
        while street and (accept_locality(street[-1]) or "").casefold() == city.casefold():
            street.pop()
    return street


def _split_australian(line: str) -> AddressParts:
    """2.3: "street, suburb, State in full, postcode", also "suburb VIC 3067"."""
    postcode_match = re.search(rf"{AUSTRALIAN.pattern}[\s,]*$", line)
    rest = line[: postcode_match.start()] if postcode_match else line
    state = _AU_STATE.search(rest.rstrip(" ,"))
    if state is None:
        # Four digits are a postcode only behind a state (P1): they may as well be a house.
        return _with_town(line, None, None)
    region = state_code(state[1], "AU")
    return _with_town(rest[: state.start()], region, postcode_match[1] if postcode_match else None)


def _split_american(line: str, country: str) -> AddressParts:
    """6.2, 6.6: the last state and ZIP; the town is set off by a comma, or follows a street that clearly ends."""
    with_code, at_end = _AMERICAN_TAILS[country]
    found = list(with_code.finditer(line))
    if found:
        state, postcode, rest = found[-1][1], found[-1][2].upper(), line[: found[-1].start()]
    else:
        rest, code = _take_last(line, US_ZIP if country == "US" else CANADIAN)
        if code and line.startswith(code):
            rest, code = line, None  # "11675 FM 2154": a house
        rest, postcode = rest.rstrip(" ,"), code or ""
        tail = at_end.search(rest)
        state = (tail[1] or tail[2]) if tail else ""
        if tail and state_code(state, country):
            rest = rest[: tail.start()]
        else:
            state = ""
    region = state_code(state, country)
    kept = None if postcode in ("", "00000") else postcode
    read = _with_glued_town(rest, region, kept)
    if read.city is None and state.casefold() in ("new york", "washington"):
        # "350 5th Ave, New York, 10118" names the town of that name, not its state.
        return AddressParts(read.street, accept_locality(state), None, kept)
    return read


def _with_glued_town(rest: str, region: str | None, postcode: str | None) -> AddressParts:
    read = _with_town(rest, region, postcode)
    parts = _parts(rest)
    if read.city is not None or not parts:
        return read
    glued = split_glued_town(parts[-1])
    if glued is None:
        return read
    return AddressParts(", ".join([*parts[:-1], glued[0]]), glued[1], region, postcode)


def _split_irish(line: str) -> AddressParts:
    """The town stands before the county: "Main Street, Celbridge, Co. Kildare, W23 X2Y1"."""
    rest, postcode = _take_last(line, EIRCODE)
    if postcode is None:
        rest = EIRCODE_ROUTING_KEY.sub("", rest)
    parts = _parts(rest)
    county = parts[-1] if len(parts) > 2 and _IRISH_COUNTY.fullmatch(parts[-1]) else None
    return _with_town(", ".join(parts[:-1] if county else parts), None, postcode)


def _split_polish(line: str) -> AddressParts:
    """The town follows the postcode, or is the one part that is no street: it may stand first."""
    line = _POLISH_VOIVODESHIP.sub("", line)
    codes = list(POLISH.finditer(line))
    if codes:
        before, after = _parts(line[: codes[-1].start()]), _parts(line[codes[-1].end() :])
        city = accept_locality(after[0]) if after else accept_locality(before[-1]) if len(before) > 1 else None
        street = [*before, *after[1:]] if after else _before_town(before, city)
        return AddressParts(", ".join(street) or None, city, None, codes[-1][1])
    parts = _parts(line)
    if len(parts) > 1 and accept_locality(parts[-1]) is None and any(map(str.isdigit, parts[-1])):
        city = accept_locality(parts[0])
        return AddressParts(", ".join(parts[1:] if city else parts) or None, city, None, None)
    return _with_town(line, None, None)


def _split_by_postcode(line: str, pattern: re.Pattern[str], *, keep: bool = True) -> AddressParts:
    rest, postcode = _take_last(line, pattern)
    return _with_town(rest, None, postcode if keep else None)


def _with_town(rest: str, region: str | None, postcode: str | None) -> AddressParts:
    parts = _parts(rest)
    city = accept_locality(parts[-1]) if len(parts) > 1 else None
    return AddressParts(", ".join(_before_town(parts, city)) or None, city, region, postcode)


def _without_country(line: str, country: str) -> str:
    tail = _COUNTRY_TAILS.get(country)
    return tail.sub("", line) if tail else line


def _take_last(line: str, pattern: re.Pattern[str]) -> tuple[str, str | None]:
    """The line without its last postcode, and the postcode."""
    found = list(pattern.finditer(line))
    if not found:
        return line, None
    last = found[-1]
    return f"{line[: last.start()]}{line[last.end() :]}", spelled(last)


def _parts(text: str) -> list[str]:
    return [part for raw in text.split(",") if (part := " ".join(raw.split()))]
