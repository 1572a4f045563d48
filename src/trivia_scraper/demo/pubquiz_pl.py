"""PubQuiz.pl as it publishes: cities, the venues of each, a shop category of products a venue (sources.md 7)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from trivia_scraper.demo.places_poland import POLAND
from trivia_scraper.demo.polish_words import polish_blurb, polish_host_name, polish_street
from trivia_scraper.demo.provider import Answer, not_found, text
from trivia_scraper.demo.world import (
    QUIRK_CYCLE,
    Blueprint,
    Evening,
    Quirk,
    ReplicaHost,
    ReplicaVenue,
    ScheduleShown,
    distinct_key,
    invent_venues,
    slug_of,
)

INDEX_PATH: Final = "/bilety/"
_CATEGORIES: Final = "/kategoria-produktu/"
_CITY: Final = re.compile(r"/kategoria-produktu/([a-z0-9-]+)/")
_VENUE: Final = re.compile(r"/kategoria-produktu/([a-z0-9-]+/[a-z0-9-]+)/?")
_NO_PICTURE: Final = "/wp-content/uploads/woocommerce-placeholder-300x300.jpg"
_MISSING: Final = "Nie znaleziono strony - PubQuiz.pl"
_MONDAY: Final = dt.date(2026, 7, 13)  # the replica's week: its products begin here
_WEEKS_ON_SALE: Final = 3

_DAYS: Final = ("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela")
_TAB_IDS: Final = ("poniedzialek", "wtorek", "sroda", "czwartek", "piatek", "sobota", "niedziela")
_HOST_LABELS: Final = ("Prowadzący", "Prowadząca", "Prowadzi")
_PRICES: Final = ("15,00 zł", "20,00 zł", "15.0 zł", "12,50 zł", "25,00 zł")
_SPELLINGS: Final = 4

_QUIRKS: Final = {
    2: frozenset({Quirk.NO_FEE}),
    3: frozenset({Quirk.TWO_WEEKDAYS}),
    5: frozenset({Quirk.SHARED_HOST}),
    6: frozenset({Quirk.NO_PICTURE}),
    7: frozenset({Quirk.SAME_NAME}),
    9: frozenset({Quirk.PLACEHOLDER}),
    11: frozenset({Quirk.SHARED_HOST, Quirk.NO_PHONE}),
    14: frozenset({Quirk.SAME_FILE_NAME}),
    16: frozenset({Quirk.STALE_PAGE}),
    17: frozenset({Quirk.SHARED_HOST}),
    18: frozenset({Quirk.NO_HOST}),
    19: frozenset({Quirk.NO_DESCRIPTION}),
    22: frozenset({Quirk.SAME_NAME}),
    24: frozenset({Quirk.SAME_FILE_NAME}),
    27: frozenset({Quirk.TWO_WEEKDAYS}),
    29: frozenset({Quirk.NO_FEE}),
    33: frozenset({Quirk.PLACEHOLDER, Quirk.NO_HOST}),
}


class PubquizPl:
    """The Polish provider: keys are "<city>/<venue>"."""

    slug = "pubquiz_pl"
    index_path = INDEX_PATH
    refusal = None
    placeholder_paths = (_NO_PICTURE,)

    def page_url(self, key: str, base: str) -> str:
        """/kategoria-produktu/<city>/<venue>/."""
        return f"{base}{_CATEGORIES}{key}/"

    def invent(self, count: int, *, plain: bool) -> tuple[ReplicaVenue, ...]:
        """`count` pubs of sixteen cities."""
        blueprint = Blueprint(self.slug, "PL", POLAND, "52 555 0", 60, _picture_place, _QUIRKS, plain)
        taken: set[str] = set()
        return tuple(_polish(venue, taken) for venue in invent_venues(blueprint, count))

    def index(self, path: str, _query: Mapping[str, str], venues: Sequence[ReplicaVenue], base: str) -> Answer | None:
        """The list of cities, or the venues of one."""
        if path == INDEX_PATH:
            return _cities(venues, base)
        found = _CITY.fullmatch(path)
        return _city(found[1], venues, base) if found else None

    def venue_key(self, path: str) -> str | None:
        """The last two segments of /kategoria-produktu/<city>/<venue>/."""
        found = _VENUE.fullmatch(path)
        return found[1] if found else None

    def page(self, venue: ReplicaVenue, base: str) -> Answer:  # noqa: ARG002 - the port's signature
        """The venue's category page, or 404 for a venue that has closed."""
        if Quirk.STALE_PAGE in venue.quirks:
            return not_found(_MISSING)
        story = "".join(f"<p>{text(paragraph)}</p>" for paragraph in venue.paragraphs)
        facts = "".join(f"<li>{text(label)}: {text(value)}</li>" for label, value in _facts(venue))
        sells = venue.schedule_shown is ScheduleShown.EVERYWHERE and not venue.on_break
        return Answer(
            f'<!DOCTYPE html>\n<html lang="pl-PL"><head><title>{text(title_of(venue))}</title></head><body>\n'
            f"<header>Koszyk: {_amount('0,00 zł')}</header>\n"
            f'<div class="sec-text">{story}</div>\n<ul class="checklist">{facts}</ul>\n'
            f'<div class="e-n-tabs">{_products(venue) if sells else ""}</div>\n</body></html>\n'
        )


def title_of(venue: ReplicaVenue) -> str:
    """A tile's title; some still have the shop's prefix."""
    prefix = {4: "PubQuiz.pl - ", 10: "Pub Quiz - "}.get(venue.spelling % QUIRK_CYCLE, "")
    return f"{prefix}{venue.name}"


def dates_of(evening: Evening) -> tuple[dt.date, ...]:
    """The dates on sale, three weeks of them."""
    first = _MONDAY + dt.timedelta(days=evening.weekday - 1)
    return tuple(first + dt.timedelta(weeks=week) for week in range(_WEEKS_ON_SALE))


def address_of(venue: ReplicaVenue) -> str:
    """The address, with or without the postcode."""
    town = f"{venue.postcode} {venue.place.city}" if venue.spelling % 3 else venue.place.city
    return f"{venue.street}, {town}"


def _polish(venue: ReplicaVenue, taken: set[str]) -> ReplicaVenue:
    number = venue.spelling
    shared = Quirk.SHARED_HOST in venue.quirks
    host = ReplicaHost(polish_host_name(number - number % QUIRK_CYCLE if shared else number), None)
    short = f"{venue.place.region_code}/{_segment(venue.name)}"
    return replace(
        venue,
        key=distinct_key(short, f"{short}-{venue.place.region_code}", taken),
        street=f"{polish_street(number)} {venue.street.split()[0]}",
        fee=None if Quirk.NO_FEE in venue.quirks else _PRICES[number % len(_PRICES)],
        host=None if Quirk.NO_HOST in venue.quirks else host,
        paragraphs=polish_blurb(venue.name, venue.place.city, number) if venue.paragraphs else (),
    )


def _segment(name: str) -> str:
    # WordPress writes l for ł, which has no decomposition.
    return slug_of(name.replace("ł", "l").replace("Ł", "L"))


def _picture_place(number: int, file_name: str) -> str:
    return f"/wp-content/uploads/2025/{number % 12 + 1:02d}/{number}/{file_name}"


def _cities(venues: Sequence[ReplicaVenue], base: str) -> Answer:
    cities = {venue.place.region_code: venue.place.name for venue in venues}
    league = [("liga-miast", "Liga Miast")] if cities else []
    pills = "\n".join(
        f'<a class="category-pill" href="{base}{_CATEGORIES}{segment}/">{text(name)}</a>'
        for segment, name in [*cities.items(), *league]
    )
    return Answer(
        '<!DOCTYPE html>\n<html lang="pl-PL"><head><title>Bilety - PubQuiz.pl</title></head><body>\n'
        f'<div class="shop-page-categories">\n{pills}\n</div>\n</body></html>\n'
    )


def _city(segment: str, venues: Sequence[ReplicaVenue], base: str) -> Answer:
    here = [venue for venue in venues if venue.place.region_code == segment]
    # The tabs "all" and "this week" show the same venue twice.
    tiles = "\n".join(_tile(venue, base) for venue in (*here, *here[:1]))
    return Answer(
        f'<!DOCTYPE html>\n<html lang="pl-PL"><head><title>{segment} - PubQuiz.pl</title></head><body>\n'
        f'<div class="e-n-tabs"><div class="e-n-tabs-content"><ul class="products">\n{tiles}\n</ul></div></div>\n'
        "</body></html>\n"
    )


def _tile(venue: ReplicaVenue, base: str) -> str:
    source = (
        venue.hero.href(base) if venue.hero else f"{base}{_NO_PICTURE}" if Quirk.PLACEHOLDER in venue.quirks else ""
    )
    picture = f'<img src="{text(source)}" alt="">' if source else ""
    count = f' <mark class="count">({_WEEKS_ON_SALE})</mark>' if venue.spelling % 5 == 2 else ""
    return (
        f'<li class="product-category product"><a href="{base}{_CATEGORIES}{venue.key}/">{picture}\n'
        f'  <h2 class="woocommerce-loop-category__title">{text(title_of(venue))}{count}</h2></a></li>'
    )


def _facts(venue: ReplicaVenue) -> list[tuple[str, str]]:
    label = _HOST_LABELS[venue.spelling % len(_HOST_LABELS)]
    facts = [
        ("Adres", address_of(venue)),
        ("Telefon", venue.phone or ""),
        (label, venue.host.name if venue.host else ""),
        ("Drużyny", "do sześciu osób"),
    ]
    return [(name, value) for name, value in facts if value]


def _products(venue: ReplicaVenue) -> str:
    """Products under tabs, in brackets, or both: the site has had all three."""
    spelling = venue.spelling % _SPELLINGS
    if spelling == 1:
        heading = "".join(_tab(evening) for evening in venue.evenings)
        panels = "".join(
            f'<div role="tabpanel" aria-labelledby="{_TAB_IDS[evening.weekday - 1]}">\n'
            f"{_dated(venue, evening, '')}</div>"
            for evening in venue.evenings
        )
        return f'<div class="e-n-tabs-heading">{heading}</div><div class="e-n-tabs-content">{panels}</div>'
    tabs = [_tab(evening) if spelling != 3 else "" for evening in venue.evenings]
    brackets = [f"[{_DAYS[evening.weekday - 1].upper()}] " if spelling != 2 else "" for evening in venue.evenings]
    return "".join(
        tab + _dated(venue, evening, bracket)
        for tab, evening, bracket in zip(tabs, venue.evenings, brackets, strict=True)
    )


def _tab(evening: Evening) -> str:
    day = evening.weekday - 1
    return f'<button id="{_TAB_IDS[day]}" class="e-n-tab-title">{_DAYS[day].capitalize()}</button>\n'


def _dated(venue: ReplicaVenue, evening: Evening, bracket: str) -> str:
    return "".join(
        f'<h3 class="product-title">{date:%Y.%m.%d} {bracket}{text(venue.name)} {evening.start:%H:%M}</h3>\n'
        f"{_price(venue)}\n"
        for date in reversed(dates_of(evening))
    )


def _price(venue: ReplicaVenue) -> str:
    if venue.fee is None:
        return ""
    shown = f'<span class="product-price price">{_amount(venue.fee)}</span>'
    if venue.spelling % 2:
        return shown
    plain = venue.fee.removesuffix("zł").strip().replace(",", ".").removesuffix(".00")
    return f'{shown}\n<p class="iworks-omnibus" data-iwo-price="{text(plain)}">Najniższa cena z 30 dni</p>'


def _amount(price: str) -> str:
    number = price.removesuffix("zł").strip()
    symbol = '<span class="woocommerce-Price-currencySymbol">zł</span>'
    return f'<span class="woocommerce-Price-amount amount">{text(number)}&nbsp;{symbol}</span>'
