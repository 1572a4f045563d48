"""Geeks Who Drink as it publishes: a nonce page, blocks by AJAX, a page and a quiz list a venue (sources.md 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from trivia_scraper.demo.geeks_who_drink_blocks import BADGE, VENUES, blocks_of, moment_of
from trivia_scraper.demo.picture_names import hex_id
from trivia_scraper.demo.places_abroad import COUNTRY_OF
from trivia_scraper.demo.places_america import AMERICA
from trivia_scraper.demo.provider import Answer, clock_12, text
from trivia_scraper.demo.speed_quizzing import SpeedQuizzing
from trivia_scraper.demo.world import (
    Blueprint,
    Cadence,
    Quirk,
    ReplicaVenue,
    ScheduleShown,
    invent_venues,
    slug_of,
)

INDEX_PATH: Final = VENUES
AJAX_PATH: Final = "/wp-admin/admin-ajax.php"
NONCE: Final = hex_id("geeks who drink", 10)
_BOUNDS: Final = tuple(f"bounds[{side}]" for side in ("northLat", "southLat", "westLong", "eastLong"))
_MARKER: Final = '<span class="time-moment-date" data-time="2026-07-15T18:00:00+00:00"></span>'

_QUIRKS: Final = {
    2: frozenset({Quirk.AT_SIGN}),
    3: frozenset({Quirk.TWO_WEEKDAYS}),
    4: frozenset({Quirk.OTHER_ENTRIES}),
    5: frozenset({Quirk.SHARED_HOST}),
    6: frozenset({Quirk.NO_PICTURE}),
    7: frozenset({Quirk.SAME_NAME}),
    8: frozenset({Quirk.STARTS_LATER}),
    9: frozenset({Quirk.PLACEHOLDER}),
    11: frozenset({Quirk.SHARED_HOST, Quirk.NO_PHONE}),
    12: frozenset({Quirk.BIWEEKLY}),
    13: frozenset({Quirk.BRANCH}),
    14: frozenset({Quirk.SAME_FILE_NAME}),
    15: frozenset({Quirk.REMARK}),
    16: frozenset({Quirk.MONTHLY_FIRST}),
    17: frozenset({Quirk.PLACEHOLDER}),
    18: frozenset({Quirk.NO_HOST}),
    20: frozenset({Quirk.MONTHLY_FIRST_AND_THIRD}),
    22: frozenset({Quirk.SAME_NAME}),
    23: frozenset({Quirk.PICTURE_WITHOUT_HOST}),
    24: frozenset({Quirk.SAME_FILE_NAME}),
    25: frozenset({Quirk.PLACEHOLDER, Quirk.NO_DESCRIPTION}),
    26: frozenset({Quirk.HOST_WITHOUT_PICTURE}),
    27: frozenset({Quirk.NO_POSITION}),
    28: frozenset({Quirk.OTHER_ENTRIES}),
    30: frozenset({Quirk.MONTHLY_LAST}),
    31: frozenset({Quirk.STARTS_LATER}),
    33: frozenset({Quirk.PLACEHOLDER}),
}
_SHARED: Final = 10  # a pub of SpeedQuizzing's too
_STATES_OF_THEIRS: Final = {"Pittsford": "NY", "Beacon Hill": "MA", "Wilmington": "NC", "Tempe": "AZ", "Bend": "OR"}
_ORDINALS: Final = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", -1: "Last"}


class GeeksWhoDrink:
    """The American provider. A pub with two evenings has two ids, the second with its weekday in brackets."""

    slug = "geeks_who_drink"
    index_path = INDEX_PATH
    refusal = None
    placeholder_paths = (BADGE,)

    def page_url(self, key: str, base: str) -> str:
        """/venues/<id>/."""
        return f"{base}{INDEX_PATH}{key}/"

    def invent(self, count: int, *, plain: bool) -> tuple[ReplicaVenue, ...]:
        """`count` ids: pubs of the United States and Canada."""
        blueprint = Blueprint(self.slug, "US", AMERICA, "(303) 555-0", 40, _picture_place, _QUIRKS, plain)
        pubs = [_named(venue) for venue in invent_venues(blueprint, count)]
        if not plain and count > _SHARED:
            pubs[_SHARED] = _as_theirs(pubs[_SHARED])
        return tuple(entry for pub in pubs for entry in _ids(pub))[:count]

    def index(self, path: str, query: Mapping[str, str], venues: Sequence[ReplicaVenue], base: str) -> Answer | None:
        """The page with the nonce, or the blocks for those who bring it; WordPress's own refusals for others."""
        if path == INDEX_PATH:
            return _nonce_page(base)
        if path != AJAX_PATH or query.get("action", "mb_display_mapped_events") != "mb_display_mapped_events":
            return None
        if not query:
            return Answer("0", status=400)
        if query.get("nonce") != NONCE:
            return Answer("-1", status=403)
        if any(not query.get(bound) for bound in _BOUNDS):
            return Answer("")
        return Answer("\n".join(block for venue in venues for block in blocks_of(venue, base)) or "0")

    def venue_key(self, path: str) -> str | None:
        """The id of /venues/<id>/."""
        key = path.removeprefix(INDEX_PATH).removesuffix("/")
        return key if path.startswith(INDEX_PATH) and key.isdigit() else None

    def page(self, venue: ReplicaVenue, base: str) -> Answer:
        """The page of one id."""
        story = "".join(f"<p>{text(paragraph)}</p>" for paragraph in venue.paragraphs)
        return Answer(
            f'<!DOCTYPE html>\n<html lang="en-US"><head><title>{text(venue.name)} - Geeks Who Drink</title></head>\n'
            "<body>"
            f'<img class="header__logo" src="{base}{BADGE}" alt="Geeks Who Drink">\n<div class="venueHero">\n'
            f'  <div class="venueHero__address">{_address_lines(venue)}</div>\n'
            f'  <div class="venueHero__phone">{text(venue.phone or "")}</div>\n'
            f'  <div class="venueHero__time">{_page_time(venue)}\n    {_MARKER}</div>\n</div>\n'
            f'<div class="venue__description">{story}</div>\n'
            f'<div class="venue__fee">{text(venue.fee or "")}</div>\n'
            f'<div class="venue__social">{_social(venue)}</div>\n'
            '<h2 class="quiz__title">Last week</h2><table><tr><td>Quizteama Aguilera</td><td>61</td></tr></table>\n'
            "</body></html>\n"
        )

    def companion_key(self, path: str, query: Mapping[str, str]) -> str | None:
        """The id whose quizzes are asked for."""
        asks_for_quizzes = path == AJAX_PATH and query.get("action") == "mb_display_venue_events"
        return query.get("venue", "") if asks_for_quizzes else None

    def companion(self, venue: ReplicaVenue, base: str) -> Answer:
        """The latest quizzes of one id with their hosts."""
        return Answer(f'<div class="quizzes__list">{_quiz(venue, base)}</div>')


def _named(venue: ReplicaVenue) -> ReplicaVenue:
    name = venue.name
    if Quirk.AT_SIGN in venue.quirks:
        name = f"{name} @ The {venue.place.name} Exchange"
    elif Quirk.BRANCH in venue.quirks:
        name = f"{name} ({venue.place.name})"
    fee = "Free to play" if venue.spelling % 2 else None
    return replace(venue, key=str(3_110_000 + 7 * venue.spelling), name=name, fee=fee)


def _as_theirs(pub: ReplicaVenue) -> ReplicaVenue:
    """The same pub as one of another provider: its name, place and position, with an evening of ours."""
    theirs = next(
        venue
        for venue in SpeedQuizzing().invent(40, plain=False)
        if COUNTRY_OF.get(venue.place) == "US" and not venue.quirks
    )
    return replace(
        pub,
        name=theirs.name,
        place=replace(theirs.place, region_code=_STATES_OF_THEIRS[theirs.place.name]),
        street=theirs.street,
        postcode=theirs.postcode,
        latitude=theirs.latitude,
        longitude=theirs.longitude,
    )


def _ids(pub: ReplicaVenue) -> tuple[ReplicaVenue, ...]:
    first, *others = pub.evenings
    quirks = pub.quirks | {Quirk.SECOND_EVENING}
    return (
        replace(pub, evenings=(first,)),
        *(
            replace(pub, key=str(int(pub.key) + number), evenings=(each,), quirks=quirks)
            for number, each in enumerate(others, 1)
        ),
    )


def _picture_place(number: int, file_name: str) -> str:
    return f"/wp-content/uploads/venues/{3_110_000 + 7 * number}/{file_name}"


def _nonce_page(base: str) -> Answer:
    return Answer(
        '<!DOCTYPE html>\n<html lang="en-US"><head><title>Find a Quiz - Geeks Who Drink</title>\n'
        f'<script id="main-js-extra">\nvar WP_URL = {{"ajaxUrl":"{base}{AJAX_PATH}","gwdNonce":"{NONCE}"}};\n'
        '</script></head><body><div class="find__map"></div><div class="find__results"></div></body></html>\n'
    )


def _page_time(venue: ReplicaVenue) -> str:
    evening = venue.evenings[0]
    if venue.schedule_shown is not ScheduleShown.EVERYWHERE:
        return ""
    clock = clock_12(evening.start.hour, evening.start.minute, suffixes=(" am", " pm"))
    if evening.cadence is Cadence.BIWEEKLY:
        return f"Every other {evening.day} at {clock}"
    if evening.ordinals:
        return " &amp; ".join(f"{_ORDINALS[week]} {evening.day} at {clock}" for week in evening.ordinals)
    return f"<span>{evening.day}s at </span>{moment_of(venue, clock if venue.spelling % 3 == 0 else '')}"


def _address_lines(venue: ReplicaVenue) -> str:
    place = f"{venue.place.city}, {venue.place.region_code} {venue.postcode}"
    query = f"{venue.latitude},{venue.longitude}"
    site = f' <a href="https://www.{slug_of(venue.name)}.example/">Website</a>' if venue.spelling % 4 else ""
    return f'{text(venue.street)}<br>{text(place)} <a href="https://maps.google.com/?q={query}">Map It</a>{site}'


def _social(venue: ReplicaVenue) -> str:
    networks = ("facebook", "instagram") if venue.spelling % 2 == 0 else ()
    return " ".join(f'<a href="https://{each}.com/gwd{venue.key}.demo">{each}</a>' for each in networks)


def _quiz(venue: ReplicaVenue, base: str) -> str:
    host = venue.host
    prefix = ("With Quizmaster: ", "With Quizmaster: With Quizmaster: ", "With Bingo Caller: ")[
        {5: 1, 19: 2}.get(venue.spelling % 40, 0)
    ]
    name = f"<p>{prefix}{text(host.name)}</p>" if host and host.name else ""
    picture = f'<img src="{text(host.picture.href(base))}">' if host and host.picture else ""
    return (
        f'<div class="quizzes__meta"> <div class="quiz__avatar">{picture}</div>'
        f' <div class="quiz__master">{name}</div> </div>'
    )
