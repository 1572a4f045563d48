"""Quizmeisters as it publishes: one StoreRocket JSON and a Webflow page a venue (sources.md 2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from trivia_scraper.demo.picture_names import hex_id
from trivia_scraper.demo.places import AUSTRALIA
from trivia_scraper.demo.provider import Answer, clock_12, text
from trivia_scraper.demo.world import (
    Blueprint,
    Cadence,
    Evening,
    Quirk,
    ReplicaHost,
    ReplicaVenue,
    ScheduleShown,
    distinct_key,
    invent_venues,
    slug_of,
)

INDEX_PATH: Final = "/api/user/demo/locations"
_PAGES: Final = "/venues/"
_JSON: Final = "application/json"

_QUIRKS: Final = {
    3: frozenset({Quirk.TWO_WEEKDAYS}),
    5: frozenset({Quirk.SHARED_HOST}),
    6: frozenset({Quirk.NO_PICTURE}),
    7: frozenset({Quirk.SAME_NAME}),
    9: frozenset({Quirk.PLACEHOLDER}),
    11: frozenset({Quirk.SHARED_HOST, Quirk.NO_PHONE}),
    12: frozenset({Quirk.BIWEEKLY}),
    13: frozenset({Quirk.ON_BREAK}),
    14: frozenset({Quirk.SAME_FILE_NAME}),
    16: frozenset({Quirk.MONTHLY_FIRST}),
    17: frozenset({Quirk.SHARED_HOST}),
    18: frozenset({Quirk.NO_HOST}),
    19: frozenset({Quirk.NO_DESCRIPTION}),
    20: frozenset({Quirk.MONTHLY_FIRST_AND_THIRD}),
    22: frozenset({Quirk.SAME_NAME}),
    23: frozenset({Quirk.PICTURE_WITHOUT_HOST}),
    24: frozenset({Quirk.SAME_FILE_NAME}),
    26: frozenset({Quirk.HOST_WITHOUT_PICTURE}),
    28: frozenset({Quirk.OTHER_FIELD}),
    30: frozenset({Quirk.MONTHLY_LAST}),
    33: frozenset({Quirk.NO_PICTURE, Quirk.NO_HOST}),
}

_GENERIC: Final = "Every table is a team: thirty questions, three rounds and one champion. Free to play, all welcome."
_LOREM: Final = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. Suspendisse varius enim in eros elementum."
_ORDINALS: Final = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", -1: "Last"}
_ORDINAL_WORDS: Final = {1: "First", 2: "Second", 3: "Third", 4: "Fourth", -1: "Last"}


class Quizmeisters:
    """The Australian provider."""

    slug = "quizmeisters"
    index_path = INDEX_PATH
    refusal = '{"success": false, "message": "Unauthorized."}'
    placeholder_paths = ("/placeholder.jpg", "/images/placeholder.jpg")

    def page_url(self, key: str, base: str) -> str:
        """/venues/<state>-<slug>."""
        return f"{base}{_PAGES}{key}"

    def invent(self, count: int, *, plain: bool) -> tuple[ReplicaVenue, ...]:
        """Pubs of all eight states and territories; keys such as "qld-the-golden-lion"."""
        blueprint = Blueprint(self.slug, "AU", AUSTRALIA, "07 5550 0", 0, _picture_place, _QUIRKS, plain)
        taken: set[str] = set()
        venues = invent_venues(blueprint, count)
        return tuple(replace(venue, key=_key(venue, taken), street=_street(venue)) for venue in venues)

    def index(self, path: str, _query: Mapping[str, str], venues: Sequence[ReplicaVenue], base: str) -> Answer | None:
        """All locations in one JSON document."""
        if path != INDEX_PATH:
            return None
        locations = [_location(venue, base) for venue in venues]
        return Answer(json.dumps({"success": True, "results": {"locations": locations}}), _JSON)

    def venue_key(self, path: str) -> str | None:
        """The last segment of /venues/<state>-<slug>."""
        key = path.removeprefix(_PAGES).removesuffix("/")
        return key if path.startswith(_PAGES) and "/" not in key else None

    def page(self, venue: ReplicaVenue, base: str) -> Answer:
        """The Webflow page of one venue."""
        parts = (_hero(venue, base), _block(venue), _descriptions(venue), _host(venue.host, base), _links(venue))
        return Answer(
            "<!DOCTYPE html><html data-wf-domain=\"www.quizmeisters.com\"><head><meta charset=\"utf-8\">"
            f"<title>{text(venue.name)} | Quizmeisters</title></head>\n<body>\n"
            + "\n".join(chain.from_iterable((*parts, _on_break(venue))))
            + "\n</body></html>\n"
        )  # fmt: skip


def schedule_text(evenings: Sequence[Evening], spelling: int) -> str:
    """Day and time as the index spells them: "Wednesdays at 7pm", "1st and 3rd Mondays at 7:30pm" …"""
    first = evenings[0]
    time = clock_12(first.start.hour, first.start.minute)
    if len(evenings) > 1:
        return f"{' & '.join(f'{evening.day}s' for evening in evenings)} at {time}"
    if first.cadence is Cadence.BIWEEKLY:
        return f"Every other {first.day} at {time}"
    if len(first.ordinals) > 1:
        return f"{' and '.join(_ORDINALS[week] for week in first.ordinals)} {first.day}s at {time}"
    if first.ordinals:
        return f"{_ORDINAL_WORDS[first.ordinals[0]]} {first.day} of the month at {time}"
    return _WEEKLY[spelling % len(_WEEKLY)](first)


_WEEKLY: Final[tuple[Callable[[Evening], str], ...]] = (
    lambda e: f"{e.day}s at {clock_12(e.start.hour, e.start.minute)}",
    lambda e: f"{e.day} nights at {clock_12(e.start.hour, e.start.minute)}",
    lambda e: f"{e.day}s {e.start:%I:%M %p}".replace(" 0", " "),
    lambda e: f"{e.day} at {clock_12(e.start.hour, e.start.minute, separator='.')}",
    lambda e: f"{e.day}s at {e.start:%H:%M}",
    lambda e: f"{e.day.upper()}S AT {clock_12(e.start.hour, e.start.minute, suffixes=('AM', 'PM'))}",
    lambda e: f"{e.day}s, {clock_12(e.start.hour, e.start.minute, suffixes=(' am', ' pm'))}",
)


def _key(venue: ReplicaVenue, taken: set[str]) -> str:
    short = f"{venue.place.region_code}-{venue.slug}"
    return distinct_key(short, f"{short}-{slug_of(venue.place.name)}", taken)


def _street(venue: ReplicaVenue) -> str:
    unit = f"{venue.spelling % 20 + 1}/" if venue.spelling % 5 == 2 else ""
    return unit + venue.street


def _address(venue: ReplicaVenue) -> str:
    return f"{venue.street}, {venue.place.name}, {venue.place.region}, {venue.postcode}, AU"


def _picture_place(number: int, file_name: str) -> str:
    # Webflow keeps the uploaded name behind an object id; a folder of its own keeps equal names apart.
    site, upload = hex_id("quizmeisters"), hex_id(f"quizmeisters:{number}")
    return f"/cdn/{site}/{upload}/{file_name}" if number % 2 == 0 else f"/cdn/{site}/{upload}_{file_name}"


def _location(venue: ReplicaVenue, base: str) -> dict[str, Any]:
    place, number = venue.place, venue.spelling
    is_text = number % 3 != 1  # positions come as text, and now and then as numbers
    return {
        "id": 100_000 + number,
        "slug": venue.slug,
        "name": venue.name,
        "address": _address(venue),
        "address_line_1": venue.street,
        "city": place.city,
        "state": place.region,
        "country": "AU",
        "lat": f"{venue.latitude:.7f}" if is_text else venue.latitude,
        "lng": f"{venue.longitude:.7f}" if is_text else venue.longitude,
        "phone": venue.phone,
        "postcode": venue.postcode,
        "url": f"{base}{_PAGES}{venue.key}",
        "cover_image": None,
        "visible": True,
        "filters": [],
        "fields": _fields(venue),
    }


def _fields(venue: ReplicaVenue) -> list[dict[str, Any]] | None:
    if venue.schedule_shown is not ScheduleShown.EVERYWHERE:
        return None if venue.spelling % 2 else []
    name = "Survey Says" if Quirk.OTHER_FIELD in venue.quirks else "Trivia"
    other = {"id": 7, "name": "Bingo", "pivot_field_value": "Sundays at 3pm"}
    schedule = {"id": 3, "name": name, "pivot_field_value": schedule_text(venue.evenings, venue.spelling)}
    return [other, schedule] if venue.spelling % 4 == 3 else [schedule]


def _hero(venue: ReplicaVenue, base: str) -> tuple[str, ...]:
    if venue.hero:
        source = venue.hero.href(base)
    else:
        source = f"{base}/images/placeholder.jpg" if Quirk.PLACEHOLDER in venue.quirks else ""
    return (f'<div class="venue-hero"><img class="venue-photo" src="{text(source)}" loading="lazy" alt=""></div>',)


def _block(venue: ReplicaVenue) -> tuple[str, ...]:
    return (
        '<div class="venue-block">',
        f'  <h1 class="venue-name">{text(venue.name)}</h1>',
        f'  <p class="paragraph">{text(venue.phone or "")}</p>',
        f'  <p class="paragraph">{text(_address(venue))}</p>',
        "</div>",
    )


def _descriptions(venue: ReplicaVenue) -> tuple[str, ...]:
    own = venue.paragraphs or ((_LOREM,) if venue.spelling % 2 else ())
    rows = (
        ("", own),
        (" trivia-generic", (_GENERIC,)),
        (" bingo-generic", ("Eyes down for bingo!",)),
        (" survey-generic", ("Survey says: be there.",)),
    )
    return tuple(
        f'<div class="venue-description{extra} w-richtext">{"".join(f"<p>{text(p)}</p>" for p in paragraphs)}</div>'
        for extra, paragraphs in rows
    )


def _host(host: ReplicaHost | None, base: str) -> tuple[str, ...]:
    name = text(host.name) if host else ""
    source = text(host.picture.href(base)) if host and host.picture else ""
    shown = f'  <img class="host-image" src="{source}" alt="">' if source else ""
    return (
        '<div class="host-info">',
        f'  <div class="host-name">{name}</div><div class="host-name">{name}</div>',  # the responsive copy
        shown,
        f'  <img class="host-image placeholder w-condition-invisible" src="{text(base)}/placeholder.jpg" alt="">',
        "</div>",
    )


def _links(venue: ReplicaVenue) -> tuple[str, ...]:
    links = [(f"https://www.{venue.slug}.example/{slug_of(venue.place.name)}/", "website")]
    if venue.spelling % 2 == 0:
        links.append((f"https://www.facebook.com/{venue.key}.demo", "facebook"))
    if venue.spelling % 3 == 0:
        links.append((f"https://www.instagram.com/{venue.key}.demo", "instagram"))
    rows = (f'  <a href="{text(url)}"><img src="" alt="{kind} icon"></a>' for url, kind in links)
    return ('<div class="icon-block">', *rows, "</div>")


def _on_break(venue: ReplicaVenue) -> tuple[str, ...]:
    if not venue.on_break:
        return ()
    return ('<div class="on-break"><p>Trivia is taking a short break here and will be back soon.</p></div>',)
