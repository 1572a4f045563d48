"""Who publishes a page, and in which country: names for a new source, and defaults that the page gives evidence for.

A country is proposed by what venues' texts show (postcodes, currency signs) or by the host's ending. The `lang`
attribute alone is only mentioned: themes are shipped with the language of their maker.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative.detecting_bodies import is_markup
from trivia_scraper.sources.declarative.detecting_toml import remark, toml_value
from trivia_scraper.sources.document import Document
from trivia_scraper.text.cleaning import clean_line
from trivia_scraper.text.country_words import country_of_text
from trivia_scraper.text.folding import fold
from trivia_scraper.text.postcodes import POLISH, UK_POSTCODE, is_british
from trivia_scraper.text.regions import state_pattern
from trivia_scraper.text.zones import currency_of, zone_of_region

EVIDENCE_LIMIT: Final = 200_000
KEY_LIMIT: Final = 40

_BY_ENDING: Final = {
    "uk": "GB", "au": "AU", "ie": "IE", "pl": "PL", "us": "US", "ca": "CA", "cy": "CY", "ae": "AE",
}  # fmt: skip
_ZONE_EXAMPLES: Final = {"US": "America/New_York", "CA": "America/Toronto", "AU": "Australia/Sydney"}
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}[-_]([A-Z]{2})")
_AMERICAN: Final = re.compile(rf"(?<![A-Za-z])({state_pattern('US')}),?\s{{1,3}}[0-9]{{5}}(?![0-9])", re.IGNORECASE)
_AUSTRALIAN: Final = re.compile(rf"(?<![A-Za-z])({state_pattern('AU')}),?\s{{1,3}}[0-9]{{4}}(?![0-9])", re.IGNORECASE)
_TOWN_AND_STATE: Final = re.compile(
    r"[A-Z][a-z]{2,20}, (A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    r"|T[NX]|UT|V[AT]|W[AIVY])(?=[<\"'\n\\])"
)
_STATED_COUNTRY: Final = re.compile(
    r'"(?:address_?|venue_?)?country(?:_?code)?"\s{0,5}:\s{0,5}"([A-Za-z .]{2,40})"', re.IGNORECASE
)
_BY_CODE: Final = {
    **{code: code for code in ("GB", "US", "AU", "IE", "PL", "CA", "CY", "AE")}, "UK": "GB", "USA": "US",
}  # fmt: skip
_BRITISH_MONEY: Final = re.compile(r"£|&pound;|\\u00a3")
_TITLE_SEPARATOR: Final = re.compile(r"\s+[|–—•»-]\s+")
_NAME_LIMIT: Final = 100
_LAST_LABELS: Final = frozenset({"com", "co", "org", "net", "gov", "edu", "www"})


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """The tables `[source]` and `[defaults]` as far as the page gives them.

    missing  remark lines for the defaults that the page has no evidence of
    """

    key: str
    name: str
    home: str
    language: str | None
    defaults: dict[str, str]
    missing: tuple[str, ...]


def site_facts(url: str, pages: Sequence[Page], *, name: str | None, taken: Collection[str]) -> SiteFacts:
    """What a source at `url` is called, and which defaults its pages speak for; the first is the one at `url`."""
    document = _document(pages[0] if pages else None)
    evidence = "\n".join(page.text[:EVIDENCE_LIMIT] for page in pages)
    parts = urlsplit(url)
    host = (parts.hostname or "site").removeprefix("www.")
    shown = clean_line(name or (document and _title(document, host)) or host, _NAME_LIMIT).text or host
    countries = dict(_countries(host, evidence))
    language = document.select_one("html[lang]") if document else None
    said = language.attribute("lang") if language else None
    defaults = _defaults(next(iter(countries)) if len(countries) == 1 else None, evidence)
    return SiteFacts(
        key=_free_key(name, host, taken),
        name=shown,
        home=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        language=said,
        defaults=defaults,
        missing=tuple(_missing(defaults, countries, said)),
    )


def _document(page: Page | None) -> Document | None:
    if page is None or not is_markup(page):
        return None
    try:
        return Document.parse(page.text, url=page.url)
    except PageShapeChanged:
        return None


def _title(document: Document, host: str) -> str | None:
    """The site's own name, else the part of the title that the host's name speaks of."""
    site_name = document.meta("og:site_name")
    if site_name:
        return site_name
    title = document.select_one("title")
    parts = _TITLE_SEPARATOR.split(title.line()) if title else []
    spoken = [
        part
        for part in parts
        if (letters := _letters(part)) and (letters in _letters(host) or _main(host) in letters)
    ]
    return spoken[-1] if spoken else None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _main(host: str) -> str:
    """The label of a host that is the site's name: "quiz.example.co.uk" → "example"."""
    labels = [label for label in host.split(".")[:-1] if label not in _LAST_LABELS]
    return labels[-1] if labels else host


def _free_key(name: str | None, host: str, taken: Collection[str]) -> str:
    wanted = name or (host if host.replace(".", "").isdigit() else _main(host))
    slug = re.sub(r"[^a-z0-9]+", "-", fold(wanted))[:KEY_LIMIT].strip("-") or "site"
    known = {key.replace("_", "-") for key in taken}
    return (
        slug
        if slug not in known
        else next(free for number in range(2, 1000) if (free := f"{slug}-{number}") not in known)
    )


def _countries(host: str, shown: str) -> Iterator[tuple[str, str]]:
    """Countries with what speaks for each, the host's ending first."""
    ending = host.rpartition(".")[2]
    if ending in _BY_ENDING:
        yield _BY_ENDING[ending], f"the host ends in .{ending}"
    for said in dict.fromkeys(_STATED_COUNTRY.findall(shown)):
        stated = country_of_text(f"-, {said}") if len(said) > 3 else _BY_CODE.get(said.upper())
        if stated:
            yield stated, f"a country field that says {said}"
    for country, example in _postcodes(shown):
        yield country, f"addresses like {example}"
    if _BRITISH_MONEY.search(shown):
        yield "GB", "prices in £"
    if shown.count("zł") > 1:
        yield "PL", "prices in zł"


def _postcodes(text: str) -> Iterator[tuple[str, str]]:
    """Countries whose addresses stand in the text, each with an example; the weaker marks need company."""
    for country, pattern, least in _POSTCODES:
        found = {match[0] for match in pattern.finditer(text) if country != "GB" or _is_certain(match)}
        if len(found) >= least:
            yield country, min(found)


def _is_certain(match: re.Match[str]) -> bool:
    """A British postcode as people write it: hashes and ids have no space in them."""
    return is_british(match) and match[0].isupper() and " " in match[0]


_POSTCODES: Final = (
    ("GB", UK_POSTCODE, 1),
    ("US", _AMERICAN, 1),
    ("US", _TOWN_AND_STATE, 2),
    ("AU", _AUSTRALIAN, 1),
    ("PL", POLISH, 3),
)


def _defaults(country: str | None, text: str = "") -> dict[str, str]:
    if country is None:
        return {}
    zone = zone_of_region(country) or _zone_of_states(country, text)
    facts = {"country": country, "timezone": zone, "currency": currency_of(country)}
    return {key: value for key, value in facts.items() if value}


def _zone_of_states(country: str, text: str) -> str | None:
    """The zone, where every state in the page's addresses has the same one."""
    patterns = {"US": (_AMERICAN, _TOWN_AND_STATE), "AU": (_AUSTRALIAN,)}.get(country, ())
    states = {match[1] for pattern in patterns for match in pattern.finditer(text)}
    zones = {zone_of_region(country, state) for state in states}
    return zones.pop() if len(zones) == 1 else None


def _missing(defaults: dict[str, str], countries: dict[str, str], language: str | None) -> Iterator[str]:
    """What a person has to fill in, as lines that need only their "#" removed once they are true."""
    region = _LANGUAGE.fullmatch(language or "")
    # "en-US" is what WordPress says everywhere.
    guess = region[1] if region and region[1] != "US" else None
    guessed = _defaults(guess)
    why = f'the page says only lang="{language}"' if guess else "nothing on the page says it"
    if len(countries) > 1:
        why = "the page speaks for " + "; ".join(f"{key} ({reason})" for key, reason in countries.items())
    country = defaults.get("country") or guess or "GB"
    zone = _ZONE_EXAMPLES.get(country, "Europe/London")
    for key, example in (("country", country), ("timezone", zone), ("currency", currency_of(country) or "GBP")):
        if key not in defaults:
            reason = why if "country" not in defaults else "the country has several"
            yield remark(
                f"{key} = {toml_value(guessed.get(key, example))}", f"fill in unless venues say it: {reason}"
            )
