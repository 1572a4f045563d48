"""Described sources over hostile bodies: a reading or PageShapeChanged, nothing else, and nothing without bound."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail
from trivia_scraper.sources.declarative import DeclaredSource
from trivia_scraper.sources.declarative.trial import try_detail, try_index
from unit.sources import declarative_examples as examples
from unit.sources import test_declarative_examples as pages
from unit.sources.declarative_cases import answer, described, index_page

US = '[defaults]\ncountry = "US"\ntimezone = "America/Chicago"\n'
EVENTS = US + '[index]\nkind = "html"\nevents = "jsonld"\nurl = "https://hall.example/"\n'
EVENT_PAGE = (
    '<script type="application/ld+json">[{"@type":"Event","name":"Quiz","startDate":"2026-03-05T19:00",'
    '"location":{"name":"Heron"}}]</script>'
)
DETAIL = pages.icons(calendar="Monday 20:00", pin="1 Sample Street, Luton LU1 1AA", tag="£2") + EVENT_PAGE

CASES: dict[str, tuple[DeclaredSource, str]] = {
    "html": (described(examples.HTML), pages.ARCHIVE),
    "headings": (described(US + examples.HEADINGS), pages.HEADINGS),
    "json": (described(examples.STOREROCKET), json.dumps(pages.LOCATIONS)),
    "jsonp": (described(examples.JSONP), f"slw({json.dumps(pages.STORES)});"),
    "script": (described(examples.SCRIPT), pages.SCRIPT),
    "rss": (described(examples.RSS), pages.FEED),
    "wp_rest": (described(examples.WP_REST), pages.posts(3)),
    "ajax": (
        described(re.sub(r"(?s)\[index\.nonce\].*?\[index\.params\]", "[index.params]", examples.AJAX)),
        pages.BLOCKS,
    ),
    "ics": (described(US + examples.ICS), pages.CALENDAR),
    "tribe": (
        described(US + examples.TRIBE),
        pages.tribe(pages.entry(1, "2026-03-05"), pages.entry(2, "2026-03-12")),
    ),
    "events": (described(EVENTS), EVENT_PAGE),
}
TOKEN = re.compile(r"<[^>]*>|[{}\[\],:\"'\\]")
JUNK = [
    "\x00",
    "\ud800",
    "\\ud800",
    "<!--",
    "<script>",
    '"',
    "&#0;",
    "9" * 5_000,
    "[" * 5_000,
    "]]>",
    "\u202e",
    "{",
    "é" * 9,
    "\r\n",
    ",",
    "NaN",
]


Reading = TypeVar("Reading")


def outcome(read: Callable[[], Reading]) -> Reading | PageShapeChanged:
    try:
        return read()
    except PageShapeChanged as error:
        return error


def assert_reads_or_names_the_loss(name: str, text: str) -> None:
    source, _ = CASES[name]
    reading = outcome(lambda: source.read_index(index_page(source, text)))
    if isinstance(reading, PageShapeChanged):
        assert reading.looked_for
        return
    assert all(one.key and one.name and one.url for one in reading.listings)
    for listing in reading.listings:
        if source.detail_request(listing) is None:
            assert_venue_or_loss(outcome(lambda one=listing: source.read_detail(one, None, None)))


def assert_venue_or_loss(read: Detail | PageShapeChanged) -> None:
    if isinstance(read, PageShapeChanged):
        assert read.looked_for
    else:
        assert read.events
        assert all(1 <= event.weekday <= 7 for event in read.events)


@pytest.mark.parametrize("name", list(CASES))
def test_the_unharmed_page_of_every_kind_is_read(name: str) -> None:
    source, text = CASES[name]
    assert try_index(source, index_page(source, text)).count("listed")


@settings(max_examples=250, deadline=None)
@given(name=st.sampled_from(list(CASES)), at=st.integers(0, 5_000))
def test_h096_an_index_cut_anywhere(name: str, at: int) -> None:
    text = CASES[name][1]
    assert_reads_or_names_the_loss(name, text[: at % (len(text) + 1)])


@settings(max_examples=250, deadline=None)
@given(name=st.sampled_from(list(CASES)), at=st.integers(0, 5_000), junk=st.sampled_from(JUNK))
def test_h097_junk_anywhere_in_an_index(name: str, at: int, junk: str) -> None:
    text = CASES[name][1]
    at %= len(text) + 1
    assert_reads_or_names_the_loss(name, text[:at] + junk + text[at:])


@settings(max_examples=250, deadline=None)
@given(name=st.sampled_from(list(CASES)), holes=st.sets(st.integers(0, 200), min_size=1, max_size=12))
def test_an_index_with_tags_and_brackets_missing(name: str, holes: set[int]) -> None:
    seen = iter(range(100_000))
    assert_reads_or_names_the_loss(
        name, TOKEN.sub(lambda one: "" if next(seen) in holes else one.group(), CASES[name][1])
    )


@settings(max_examples=250, deadline=None)
@given(at=st.integers(0, 5_000), junk=st.sampled_from(JUNK), cut=st.integers(0, 60))
def test_a_detail_page_harmed_anywhere(at: int, junk: str, cut: int) -> None:
    source, text = CASES["html"]
    listing = source.read_index(index_page(source, text)).listings[0]
    at %= len(DETAIL) + 1
    page = answer(source.detail_request(listing), DETAIL[:at] + junk + DETAIL[at + cut :])  # type: ignore[arg-type]
    trial = try_detail(source, listing, page)
    assert (trial.detail is None) == bool(trial.problem)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<html><body>Sorry</body></html>", "expected JSON, got HTML"),
        ('{"stores": [' + "[" * 5_000 + "]" * 5_000 + "]}", "nested deeper"),
        ('{"stores": [{"storeid": ' + "9" * 5_000 + "}]}", "an integer of more than"),
        ('{"stores": [{"storeid": "1"},]}', "unreadable JSON"),
        ('slw({"stores": [{"storeid": "1"}', "not closed"),
        ('{"stores": {}}', "no list"),
        ('{"other": []}', "no list"),
        ("[]", "no list"),
        ("", "unreadable JSON"),
        ("NaN", "unreadable JSON"),
    ],
)
def test_h103_to_h105_json_that_is_none_of_ours(text: str, told: str) -> None:
    source, _ = CASES["jsonp"]
    with pytest.raises(PageShapeChanged, match=told):
        source.read_index(index_page(source, text))


def test_texts_are_bounded_and_harmless_before_anything_is_done_with_them() -> None:
    source = described(
        '[index]\nkind = "json"\nurl = "https://q.example/"\n'
        '[index.fields]\nname = "n"\nkey = "k"\ndescription = "d"\n'
    )
    record = {"n": "A\x00\ud800 Bar\u202e", "k": "k" * 5_000, "d": "x" * 1_000_000}
    (listing,) = source.read_index(index_page(source, json.dumps([record]))).listings
    assert listing.name == "A\ufffd Bar"
    assert len(listing.key) <= 120
    assert len(listing.description or "") <= 20_000


def test_many_pages_do_not_go_on_for_ever() -> None:
    source = described(
        '[index]\nkind = "html"\nurl = "https://q.example/"\nitem = "li"\n'
        'page_param = "p"\nmax_pages = 5\n[index.fields]\nname = "b"\n'
    )
    request, pages_read = source.first_request(source.default_index_url, dt.date(2026, 3, 2)), 0
    while request is not None:
        reading = source.read_index(answer(request, f"<li><b>Bar {pages_read}</b></li>"))
        request, pages_read = next(iter(reading.follow), None), pages_read + 1
    assert pages_read == 5
