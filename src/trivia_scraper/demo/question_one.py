"""Question One as it publishes: a WordPress feed, an archive of cards, and a page a post (sources.md 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from trivia_scraper.demo.places import BRITAIN
from trivia_scraper.demo.provider import Answer, clock_12, not_found, numeric, text
from trivia_scraper.demo.world import (
    Blueprint,
    Cadence,
    Evening,
    Quirk,
    ReplicaVenue,
    ScheduleShown,
    distinct_key,
    invent_venues,
    slug_of,
)

FEED_PATH: Final = "/venues/feed/"
ARCHIVE_PATH: Final = "/venues/"
ITEMS_A_PAGE: Final = 10
CARDS_A_PAGE: Final = 9
_RSS: Final = "application/rss+xml; charset=UTF-8"
_ARCHIVE_PAGE: Final = re.compile(r"/venues/(?:page/(\d+)/)?")
_POST: Final = re.compile(r"/venues/([a-z0-9-]+)/?")
_THEME: Final = "/wp-content/themes/questionone/assets/images"

_QUIRKS: Final = {
    2: frozenset({Quirk.NO_FEE}),
    4: frozenset({Quirk.MISSPELT_PREFIX}),
    6: frozenset({Quirk.NO_PICTURE}),
    7: frozenset({Quirk.SAME_NAME}),
    9: frozenset({Quirk.NO_FEE, Quirk.NO_PICTURE}),
    12: frozenset({Quirk.BIWEEKLY}),
    14: frozenset({Quirk.SAME_FILE_NAME}),
    16: frozenset({Quirk.MONTHLY_FIRST}),
    18: frozenset({Quirk.TWO_WEEKDAYS}),
    19: frozenset({Quirk.NO_DESCRIPTION, Quirk.NO_PHONE}),
    21: frozenset({Quirk.NO_FEE}),
    22: frozenset({Quirk.SAME_NAME}),
    24: frozenset({Quirk.SAME_FILE_NAME}),
    26: frozenset({Quirk.NO_FEE}),
    27: frozenset({Quirk.BIWEEKLY}),
    30: frozenset({Quirk.MONTHLY_LAST}),
    33: frozenset({Quirk.PLACEHOLDER}),
}
_FEES: Final = ("£2", "£2", "£2 per person", "£1", "£2", "Free entry", "£1.5", "2", "£2", "£5.50", "£3")
_ORDINAL_WORDS: Final = {1: "First", 2: "Second", 3: "Third", 4: "Fourth", -1: "Last"}


class QuestionOne:
    """The British provider. A pub with two evenings has two posts, the second with "-2" in its address."""

    slug = "question_one"
    index_path = FEED_PATH
    refusal = None
    placeholder_paths = (f"{_THEME}/placeholder/default-post_image.jpg",)

    def page_url(self, key: str, base: str) -> str:
        """/venues/<slug>/."""
        return f"{base}{ARCHIVE_PATH}{key}/"

    def invent(self, count: int, *, plain: bool) -> tuple[ReplicaVenue, ...]:
        """`count` posts: pubs of London and the country."""
        blueprint = Blueprint(self.slug, "GB", BRITAIN, "020 7946 0", 8, _picture_place, _QUIRKS, plain)
        taken: set[str] = set()
        posts = (post for venue in invent_venues(blueprint, count) for post in _posts(venue, taken))
        return tuple(posts)[:count]

    def index(self, path: str, query: Mapping[str, str], venues: Sequence[ReplicaVenue], base: str) -> Answer | None:
        """A page of the feed or of the archive; 404 past the end of either."""
        if path == FEED_PATH:
            return _feed(_page_number(query.get("paged")), venues, base)
        found = _ARCHIVE_PAGE.fullmatch(path)
        return _archive(_page_number(found[1]), venues, base) if found else None

    def venue_key(self, path: str) -> str | None:
        """The last segment of /venues/<slug>/."""
        found = _POST.fullmatch(path)
        return found[1] if found else None

    def page(self, venue: ReplicaVenue, base: str) -> Answer:
        """The post of one venue and weekday."""
        title = title_of(venue)
        facts = "\n".join(_fact(base, name, inner) for name, inner in _facts(venue) if inner)
        story = "".join(f"<p>{text(paragraph)}</p>" for paragraph in venue.paragraphs)
        return Answer(
            f'<!DOCTYPE html><html lang="en-AU"><head><title>{text(title)} - Question One</title></head><body>\n'
            f'<header><img src="{base}{_THEME}/logo.svg" alt="Question One"></header>\n'
            f'<div class="post-heading-area"><img src="{text(_picture(venue, base))}" alt="">\n'
            f'<h1 class="post-heading-area__title">{numeric(title)}</h1></div>\n{facts}\n'
            f'<div class="post-content-area">{story}</div>\n</body></html>\n'
        )


def title_of(venue: ReplicaVenue) -> str:
    """A post's title: prefix, pub, area and cadence in the site's many spellings."""
    evening, pub = venue.evenings[0], f"{venue.name}, {venue.place.name}"
    if Quirk.MISSPELT_PREFIX in venue.quirks:
        return f"PUB QUIIZ – {pub} – Every {evening.day}"
    if evening.cadence is Cadence.BIWEEKLY:
        return f"PUB QUIZ – {pub} – {_BIWEEKLY[venue.spelling % 2].format(evening.day)}"
    if evening.ordinals:
        return f"PUB QUIZ – {pub} – {_ORDINAL_WORDS[evening.ordinals[0]]} {evening.day} of the Month"
    pattern = _WEEKLY_TITLES[venue.spelling % len(_WEEKLY_TITLES)]
    return pattern.format(name=venue.name, area=venue.place.name, day=evening.day, time=_dotted(evening))


_BIWEEKLY: Final = ("Every Other {}", "Fortnightly {}s")
_WEEKLY_TITLES: Final = (
    "PUB QUIZ – {name}, {area} – Every {day}",
    "PUB QUIZ – {name}, {area} – {day}s",
    "{name}, {area}",
    "PUB QUIZ – {name} – {area} – {day}s",
    "{name}, {area} Every {day}",
    "PUB QUIZ – {name}, {area} – Every {day} {time}",
    "{name}, {area}, Every {day}",
    "PUB QUIZ - {name} - {area}",
)


def schedule_text(evening: Evening, spelling: int) -> str:
    """Day and time on the page: mostly "Sunday 19:30", here and there as in former years."""
    # What is not weekly says so in its title only; the page must not contradict it with "Every Sunday".
    style = spelling if evening.cadence is Cadence.WEEKLY else 0
    return _SCHEDULES[style % len(_SCHEDULES)](evening)


_SCHEDULES: Final[tuple[Callable[[Evening], str], ...]] = (
    lambda e: f"{e.day} {e.start:%H:%M}",
    lambda e: f"{e.day}s at {clock_12(e.start.hour, e.start.minute)}",
    lambda e: f"{e.day} {e.start:%H:%M}",
    lambda e: f"{e.day}s, {_dotted(e)}",
    lambda e: f"{e.day} {e.start:%H:%M}",
    lambda e: f"Every {e.day} at {clock_12(e.start.hour, e.start.minute)}",
    lambda e: f"{e.day} {e.start:%H:%M} (arrive by 18:00 for a table)",
    lambda e: f"{e.day} {e.start:%H:%M}\n  Book: 020 7946 0999",
)


def _posts(venue: ReplicaVenue, taken: set[str]) -> tuple[ReplicaVenue, ...]:
    fee = None if Quirk.NO_FEE in venue.quirks else _FEES[venue.spelling % len(_FEES)]
    first = replace(venue, fee=fee, host=None, evenings=venue.evenings[:1])
    key = distinct_key(slug_of(title_of(first)), slug_of(f"{venue.name} {venue.place.name}"), taken)
    others = (replace(first, key=distinct_key(key, key, taken), evenings=(each,)) for each in venue.evenings[1:])
    return replace(first, key=key), *others


def _picture_place(number: int, file_name: str) -> str:
    # WordPress files by month, and numbers a name that is taken there.
    year, month = 2024 + number // 12 % 3, number % 12 + 1
    number_in_month = number // 36
    folder = f"/wp-content/uploads/{year}/{month:02d}"
    return f"{folder}/{file_name}" if not number_in_month else f"{folder}/{number_in_month}/{file_name}"


def _page_number(text_of_number: str | None) -> int:
    return int(text_of_number) if text_of_number and text_of_number.isdigit() else 1


def _feed(number: int, venues: Sequence[ReplicaVenue], base: str) -> Answer:
    posts = venues[(number - 1) * ITEMS_A_PAGE : number * ITEMS_A_PAGE] if number > 0 else ()
    if not posts and number != 1:
        return not_found("Page not found - Question One")
    items = "".join(_item(venue, base) for venue in posts)
    return Answer(
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"\n'
        '\txmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        "<channel>\n\t<title>Venues Archive - Question One</title>\n"
        f'\t<atom:link href="{base}{FEED_PATH}" rel="self" type="application/rss+xml" />\n'
        f"\t<link>{base}{ARCHIVE_PATH}</link>\n{items}</channel>\n</rss>\n",
        _RSS,
    )


def _item(venue: ReplicaVenue, base: str) -> str:
    tail = "?utm_source=rss&utm_medium=feed" if venue.spelling % 3 == 2 else ""
    link = numeric(f"{base}{ARCHIVE_PATH}{venue.key}/{tail}")
    excerpt = venue.paragraphs[0] if venue.paragraphs else ""
    return (
        f"\t<item>\n\t\t<title>{numeric(title_of(venue))}</title>\n\t\t<link>{link}</link>\n"
        f'\t\t<guid isPermaLink="false">{base}/?post_type=venue&#038;p={2000 + venue.spelling}</guid>\n'
        f"\t\t<description><![CDATA[<p>{text(excerpt)}</p>]]></description>\n\t</item>\n"
    )


def _archive(number: int, venues: Sequence[ReplicaVenue], base: str) -> Answer:
    cards = venues[(number - 1) * CARDS_A_PAGE : number * CARDS_A_PAGE] if number > 0 else ()
    if not cards and number != 1:
        return not_found("Page not found - Question One")
    has_next = number * CARDS_A_PAGE < len(venues)
    following = f'<link rel="next" href="{base}{ARCHIVE_PATH}page/{number + 1}/" />\n' if has_next else ""
    return Answer(
        f'<!DOCTYPE html><html lang="en-AU"><head><title>Venues - Question One</title>\n{following}</head><body>\n'
        f'<div class="post-listing__posts">\n{"".join(_card(venue, base) for venue in cards)}</div>\n</body></html>\n'
    )


def _card(venue: ReplicaVenue, base: str) -> str:
    evening = venue.evenings[0]
    when = "" if venue.schedule_shown is ScheduleShown.NOWHERE else f"{evening.day} {evening.start:%H:%M}"
    return (
        f'<a class="media-card media-card--content-left" href="{base}{ARCHIVE_PATH}{venue.key}/">\n'
        f'  <figure class="media-card__image-bg"><img src="{text(_picture(venue, base))}" alt="" /></figure>\n'
        f'  <div class="media-card__content"><h3>{numeric(title_of(venue))}</h3>\n'
        f'    <div class="excerpt"><div>{when}</div></div></div>\n</a>\n'
    )


def _picture(venue: ReplicaVenue, base: str) -> str:
    return venue.hero.href(base) if venue.hero else f"{base}{_THEME}/placeholder/default-post_image.jpg"


def _facts(venue: ReplicaVenue) -> tuple[tuple[str, str], ...]:
    shows_schedule = venue.schedule_shown is ScheduleShown.EVERYWHERE
    website = f"https://www.{venue.slug}.example/" if venue.spelling % 5 != 4 else ""
    return (
        ("calendar", text(schedule_text(venue.evenings[0], venue.spelling)) if shows_schedule else ""),
        ("tag", text(venue.fee or "")),
        ("pin", text(address_of(venue))),
        ("link", f'<a href="{website}" target="_blank">Visit Website</a>' if website else ""),
        ("phone", text(venue.phone or "")),
    )


def address_of(venue: ReplicaVenue) -> str:
    """The address with the town glued to "England" and the postcode, or left out, as the site writes it."""
    in_london = venue.place.city == "London"
    if in_london and venue.spelling % 2:
        return f"{venue.street}, England {venue.postcode}, United Kingdom"
    if venue.spelling % 7 == 3:
        return f"{venue.street}, {venue.place.city}, England, {venue.postcode}"
    return f"{venue.street}, {venue.place.city} England {venue.postcode}, United Kingdom"


def _fact(base: str, icon: str, inner: str) -> str:
    sprite = f"{base}{_THEME}/icons.svg#{icon}"
    return (
        '<div class="text-with-icon">\n  <div class="text-with-icon__icon"><svg focusable="false" role="img">'
        f'<use xlink:href="{sprite}" href="{sprite}"></use></svg></div>\n'
        f'  <div class="text-with-icon__text">\n      {inner}      </div>\n</div>'
    )


def _dotted(evening: Evening) -> str:
    return clock_12(evening.start.hour, evening.start.minute, separator=".")
