"""The country that an address tells, where coordinates do not (sources.md 5.5, P5).

Nothing is concluded from five digits alone, and no country is the default: without evidence the answer is None.
"""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.text.cleaning import ADDRESS_LIMIT, clean_line
from trivia_scraper.text.folding import fold, words
from trivia_scraper.text.localities import accept_locality
from trivia_scraper.text.postcodes import (
    CANADIAN,
    EIRCODE,
    POLISH,
    UK_POSTCODE,
    is_british,
    is_irish,
    read_uk_outward,
)
from trivia_scraper.text.regions import state_code, state_pattern

_COUNTRY_NAMES: Final = {
    "united kingdom": "GB", "great britain": "GB", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "ireland": "IE", "republic of ireland": "IE", "eire": "IE",
    "united states": "US", "united states of america": "US", "usa": "US", "u.s.a": "US",
    "canada": "CA", "australia": "AU", "poland": "PL", "polska": "PL", "cyprus": "CY",
    "united arab emirates": "AE", "uae": "AE", "u.a.e": "AE",
    "isle of man": "IM", "jersey": "JE", "guernsey": "GG",
}  # fmt: skip
_COUNTRY_TAIL: Final = re.compile(
    rf"(?:^|[\s,-])({'|'.join(map(re.escape, sorted(_COUNTRY_NAMES, key=len, reverse=True)))})[\s.,]*$"
)
_IRISH_PLACES: Final = words(
    "dublin|cork|galway|limerick|waterford|kilkenny|drogheda|dundalk|navan|ennis|tralee|carlow|naas|athlone"
    "|portlaoise|mullingar|wexford|letterkenny|celbridge|clonmel|sligo|maynooth|leixlip|killarney|tallaght"
    "|blanchardstown|dun laoghaire|malahide|balbriggan|greystones|tullamore|cobh|castlebar|midleton|mallow|ballina"
    "|arklow|gorey|tramore|monaghan|longford|roscommon|cavan|lucan|clondalkin|carrigaline|nenagh|thurles|tuam"
    "|ballinasloe|westport|kinsale|skerries|rathmines|ballincollig|dungarvan|enniscorthy|portarlington|donegal",
    "|",
)
_IRISH_COUNTY: Final = re.compile(
    r"\b(?:co\.?|county)\s+(?:carlow|cavan|clare|cork|donegal|dublin|galway|kerry|kildare|kilkenny|laois|leitrim|limerick"
    r"|longford|louth|mayo|meath|monaghan|offaly|roscommon|sligo|tipperary|waterford|westmeath|wexford|wicklow)\b"
)
_DUBLIN_DISTRICT: Final = re.compile(r"dublin\s+(?:[0-9]{1,2}w?|d[0-9]{2}|d6w)")
_EMIRATES: Final = re.compile(
    r"\b(?:dubai|abu dhabi|uae|u\.a\.e|united arab emirates|sharjah|ajman|ras al khaimah|fujairah|al ain)\b"
)
_CYPRIOT_PLACES: Final = words(
    "limassol|lemesos|nicosia|lefkosia|larnaca|larnaka|paphos|pafos|ayia napa|agia napa|protaras|paralimni"
    "|germasogeia|kato paphos|peyia|polis chrysochous",
    "|",
)
_AMERICAN_ZIP_TAIL: Final = re.compile(
    rf"(?:^|[\s,])({state_pattern('US')})[\s,]+[0-9]{{5}}(?:-[0-9]{{4}})?[\s,]*$", re.IGNORECASE
)
_FIVE_DIGITS: Final = re.compile(r"(?<![0-9])(?!00000)[0-9]{5}(?:-[0-9]{4})?[\s,]*$")
_AUSTRALIAN_TAIL: Final = re.compile(rf"(?:^|[\s,])(?:{state_pattern('AU')})[\s,]+[0-9]{{4}}[\s,]*$", re.IGNORECASE)
_CODE_TAIL: Final = re.compile(r",\s*([A-Z]{2,3})[\s,.]*$")
_AMERICAN_NAMES_OF_TOWNS_ABROAD: Final = frozenset({"washington", "georgia", "victoria"})


def country_of_text(address: str | None) -> str | None:
    """ISO 3166 code of the country an address states or proves, or None: never a default. Never raises."""
    line = clean_line((address or "").replace("\n", ", ").replace("\r", " "), ADDRESS_LIMIT).text
    if not line:
        return None
    folded = fold(line)
    named = _COUNTRY_TAIL.search(folded)
    if named:
        return _COUNTRY_NAMES[named[1]]
    return _by_postcode(line, folded) or _by_place(line, folded)


def _by_postcode(line: str, folded: str) -> str | None:
    """What only one country writes: a whole postcode, or a state and its code of digits."""
    if any(is_irish(match) for match in EIRCODE.finditer(line)):
        return "IE"
    if any(is_british(match) for match in UK_POSTCODE.finditer(line)):
        return "GB"
    if _AMERICAN_ZIP_TAIL.search(folded):
        return "US"
    if _AUSTRALIAN_TAIL.search(folded):
        return "AU"
    return "CA" if CANADIAN.search(line) else None


def _by_place(line: str, folded: str) -> str | None:
    parts = [part.strip(" .") for part in folded.split(",") if part.strip(" .")]
    five_digits = _FIVE_DIGITS.search(folded) is not None
    if not five_digits and (_IRISH_COUNTY.search(folded) or any(_is_irish_place(part) for part in parts[-3:])):
        # "Dublin, OH" is American; its state is what stands last.
        return _by_state(line, parts) or "IE"
    if _EMIRATES.search(folded) and not five_digits:
        return "AE"
    if any(part in _CYPRIOT_PLACES for part in parts[-3:]):
        return "CY"
    if parts and len(parts) > 1 and read_uk_outward(parts[-1]):
        return "GB"
    return _by_state(line, parts) or ("PL" if not five_digits and _is_polish(line, folded) else None)


def _is_irish_place(part: str) -> bool:
    return part in _IRISH_PLACES or _DUBLIN_DISTRICT.fullmatch(part) is not None


def _by_state(line: str, parts: list[str]) -> str | None:
    """A state or province that stands last: in full, or as a code of its own behind a comma."""
    if not parts:
        return None
    code = _CODE_TAIL.search(line)
    if code:
        # WA, NT and SA are states of more than one country.
        owners = [country for country in ("US", "CA", "AU") if state_code(code[1], country)]
        return owners[0] if len(owners) == 1 else None
    name = parts[-1]
    if len(name) > 3 and len(parts) > 1 and name not in _AMERICAN_NAMES_OF_TOWNS_ABROAD:
        return next((country for country in ("US", "CA", "AU") if state_code(name, country)), None)
    return None


def _is_polish(line: str, folded: str) -> bool:
    """ "85-005 Bydgoszcz", or "ul. Gdańska 1"; "94-110 Leokane Street" is a house in Hawaii."""
    behind = [line[match.end() :].partition(",")[0] for match in POLISH.finditer(line)]
    return any(accept_locality(place) for place in behind) or re.search(r"(?:^|[\s,])ul\.\s", folded) is not None
