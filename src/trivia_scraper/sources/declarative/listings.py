"""Facts of one entry → a Listing with a stable key, or the reason why it is none (sources.md 11.2, 11.6)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.models import Listing
from trivia_scraper.sources.declarative.facts import (
    Facts,
    Found,
    evenings_in,
    joined,
    text_in,
    texts_of,
    with_evenings,
)
from trivia_scraper.sources.declarative.place import position_of, published_address
from trivia_scraper.sources.declarative.plan import SourcePlan
from trivia_scraper.sources.reading import INDEX_NAME_LIMIT
from trivia_scraper.text.cleaning import clean_line
from trivia_scraper.text.folding import fold
from trivia_scraper.text.frequency import read_cadence
from trivia_scraper.text.names import read_venue_title
from trivia_scraper.text.weekdays import read_weekdays

KEY_LIMIT: Final = 120
_LETTERS: Final = re.compile(r"[^a-z0-9]+")
_SCHEDULE: Final = ("schedule", "day", "time", "date")


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One entry of an index, read: exactly one of `listing`, `rejected` and `skipped` says what became of it."""

    facts: Facts
    listing: Listing | None = None
    rejected: str = ""
    skipped: str = ""


def named(facts: dict[str, Found], plan: SourcePlan) -> dict[str, Found]:
    """The facts with a venue's name instead of a post's title: "PUB QUIZ – The Fox, Reading – Every Thursday".

    What the title says besides goes into `area`, a hint for matching that is no stored city, and into `frequency`.
    """
    found = facts.get("name")
    if found is None:
        return facts
    whole = clean_line(found.value, INDEX_NAME_LIMIT).text
    title = None if plan.index.is_calendar else read_venue_title(whole, limit=INDEX_NAME_LIMIT)
    if title is None:
        return {**facts, "name": Found(whole, found.origin)} if whole else _without(facts, "name")
    read = {**facts, "name": Found(title.name, found.origin)}
    if title.locality:
        read["area"] = Found(title.locality, found.origin)
    says_more = whole not in (title.name, f"{title.name}, {title.locality}")
    if says_more and (read_cadence(whole).frequency or read_weekdays(whole, abbreviations=False)):
        read.setdefault("frequency", Found(whole, found.origin))
    return read


def missing_field(facts: Facts, defaults: Facts, plan: SourcePlan) -> str:
    """The first required field that neither the item nor the defaults have, or ""."""
    required = plan.index.table.require
    if required is not None:
        return next((name for name in required if not _has(name, facts) and name not in defaults), "")
    named_later = plan.detail is not None and "name" in plan.detail.fields
    if "name" not in facts and "name" not in defaults and not named_later:
        return "name"
    if "key" in facts or "url" in facts:
        return ""
    declared = [name for name in ("url", "key") if name in plan.index.fields]
    return " or ".join(declared)


def listing_of(facts: Facts, plan: SourcePlan, index_url: str) -> Listing:
    """The listing of one entry. Its `stated` holds every fact, for the reading of the detail."""
    key = _key(facts, plan, index_url)
    position = position_of(facts)
    return Listing(
        source=plan.key,
        key=key,
        url=text_in(facts, "url") or f"{_shown_index(plan, index_url)}#{key}",
        name=text_in(facts, "name") or f"{plan.name} {key}",
        address=published_address(facts) or None,
        locality=text_in(facts, "locality") or text_in(facts, "area"),
        postcode=text_in(facts, "postcode"),
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        phone=text_in(facts, "phone"),
        website=text_in(facts, "website"),
        schedule_text=text_in(facts, "schedule") or _day_and_time(facts),
        fee_text=text_in(facts, "fee"),
        frequency_text=text_in(facts, "frequency"),
        description=text_in(facts, "description"),
        image_url=text_in(facts, "image"),
        stated=texts_of(facts),
    )


def united(items: Iterable[ReadItem], plan: SourcePlan, index_url: str) -> list[ReadItem]:
    """Entries of one key and one name are one venue with several evenings; other names get keys of their own."""
    places: dict[str, int] = {}
    result: list[ReadItem] = []
    for item in items:
        listing = item.listing
        if listing is None:
            result.append(item)
            continue
        at = places.get(listing.key)
        if at is not None and not _is_same(result[at], item) and "key" not in item.facts:
            listing = replace(listing, key=place_key(item.facts))
            at = places.get(listing.key)
        if at is None:
            places[listing.key] = len(result)
            result.append(replace(item, listing=listing))
        elif _is_same(result[at], item):
            result[at] = _together(result[at], item, plan, index_url)
        else:
            result.append(ReadItem(item.facts, rejected="the key of another venue"))
    return result


def together(first: Listing, second: Listing) -> Listing:
    """Two listings of one key as one, with the evenings of both: an index by days shows a venue on several pages."""
    facts, others = facts_of(first), facts_of(second)
    both = with_evenings(joined(facts, others), [*evenings_in(facts), *evenings_in(others)], "several entries")
    return replace(first, stated=texts_of(both))


def facts_of(listing: Listing) -> dict[str, Found]:
    """The facts that a listing carries, as `listing_of` put them in."""
    return {name: Found(text, "index") for name, text in listing.stated.items()}


def slug_of(text: str) -> str:
    """ "Rx Pizza & Bar" → "rx-pizza-bar"."""
    return _LETTERS.sub("-", fold(text)).strip("-")[:KEY_LIMIT].strip("-")


def _shown_index(plan: SourcePlan, index_url: str) -> str:
    """The page a person would open: of a feed or an API that is the provider's own site."""
    kind = plan.index.table.kind
    if kind in ("html", "script_json") or plan.index.table.script is not None or index_url != plan.index_url:
        return index_url.partition("#")[0]
    return plan.index.table.page or plan.home


def _has(name: str, facts: Facts) -> bool:
    if name == "schedule":
        return any(part in facts for part in (*_SCHEDULE, "evenings"))
    return name in facts


def _key(facts: Facts, plan: SourcePlan, index_url: str) -> str:
    """The declared key, else the path of the venue's own page, else its name and place (11.6)."""
    declared = clean_line(text_in(facts, "key") or "", 4 * KEY_LIMIT).text
    if declared:
        return declared if len(declared) <= KEY_LIMIT else f"{declared[: KEY_LIMIT - 13]}-{_digest(declared, 12)}"
    return _page_key(text_in(facts, "url") or "", (index_url, plan.home)) or place_key(facts)


def _page_key(url: str, own: tuple[str, str]) -> str:
    """The path of a page on the provider's own site; "" where it is somebody else's, or the index itself."""
    parts = urlsplit(url)
    site = {(urlsplit(page).hostname or "").removeprefix("www.") for page in own}
    path = parts.path.strip("/")
    if (
        (parts.hostname or "").removeprefix("www.") not in site
        or not path
        or path == urlsplit(own[0]).path.strip("/")
    ):
        return ""
    path = f"{path}?{parts.query}" if parts.query else path
    return path if len(path) <= KEY_LIMIT else f"{path[: KEY_LIMIT - 13]}-{_digest(path, 12)}"


def place_key(facts: Facts) -> str:
    """Name and a short hash of the place: two venues of one name are two keys, and spelling changes nothing."""
    position = position_of(facts)
    place = fold(published_address(facts)) or (
        f"{position.latitude:.3f},{position.longitude:.3f}" if position else ""
    )
    place = _LETTERS.sub("", place) if not position or published_address(facts) else place
    name = slug_of(text_in(facts, "name") or "")
    hashed = _digest(place, 6) if place else ""
    return "-".join(part for part in (name, hashed) if part) or _digest(json.dumps(texts_of(facts)), 12)


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:length]


def _is_same(first: ReadItem, second: ReadItem) -> bool:
    """Whether two entries of one key are one venue: equal names, and no two different addresses."""
    names = {slug_of(text_in(item.facts, "name") or "") for item in (first, second)}
    addresses = {slug_of(published_address(item.facts)) for item in (first, second)} - {""}
    return len(names) == 1 and len(addresses) < 2


def _together(first: ReadItem, second: ReadItem, plan: SourcePlan, index_url: str) -> ReadItem:
    evenings = [*evenings_in(first.facts), *evenings_in(second.facts)]
    facts = with_evenings(joined(first.facts, second.facts), evenings, "several entries")
    key = first.listing.key if first.listing else ""
    return ReadItem(facts, replace(listing_of(facts, plan, index_url), key=key))


def _day_and_time(facts: Facts) -> str | None:
    parts = [text for name in ("day", "time") if (text := text_in(facts, name))]
    return " ".join(dict.fromkeys(parts)) or None


def _without(facts: Mapping[str, Found], name: str) -> dict[str, Found]:
    return {other: found for other, found in facts.items() if other != name}
