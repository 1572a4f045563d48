"""Venue titles, host names, phone numbers and web addresses (sources.md 3.3, 9.3, V7; safety.md 8)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.text.names import VenueTitle, read_host_name, read_venue_title
from trivia_scraper.text.phone import read_phone
from trivia_scraper.text.web_addresses import (
    last_path_segment,
    resolved_address,
    web_address,
    with_canonical_host,
    without_query,
)

TITLES = {
    "entities": ("PUB QUIZ &#8211; King’s Head, Sampleton &#8211; Every Sunday", ("King’s Head", "Sampleton")),
    "ampersand": ("PUB QUIZ &#8211; Fish &amp; Anchor", ("Fish & Anchor", None)),
    "misspelt-prefix": ("PUB QUIIZ – Fox, Testford – Mondays", ("Fox", "Testford")),
    "no-prefix": ("Sporting Page, Chelsea", ("Sporting Page", "Chelsea")),
    "status-part": ("PUB QUIZ – Railway – Wednesdays – ON HOLD", ("Railway", None)),
    "weekday-as-a-name": ("PUB QUIZ – Friday’s – Every Thursday", ("Friday’s", None)),
    "two-dashes": ("PUB QUIZ – Bavaria – Sample Wharf – Tuesdays", ("Bavaria – Sample Wharf", "Sample Wharf")),
    "dash-without-cadence": ("PUB QUIZ – The Bobbin – Clapham", ("The Bobbin – Clapham", "Clapham")),
    "glued": ("Black Lion, West Hampstead Every Sunday", ("Black Lion", "West Hampstead")),
    "glued-by-comma": ("Duke of Sussex, Chiswick, Every Sunday", ("Duke of Sussex", "Chiswick")),
    "glued-with-time": ("The Crown Tuesdays 7.30pm", ("The Crown", None)),
    "every-other": ("Fox, Testford, Every Other Sunday", ("Fox", "Testford")),
    "ordinal-part": ("PUB QUIZ - Silver Dray - First Wednesday of the Month", ("Silver Dray", None)),
    "ordinals-part": ("PUB QUIZ – Dray – 1st & 3rd Monday", ("Dray", None)),
    "monthly-part": ("PUB QUIZ – Dray – Monthly", ("Dray", None)),
    "a-pub-called-last": ("PUB QUIZ – Last Orders, Leeds – Last Friday", ("Last Orders", "Leeds")),
    "hyphen-inside-a-name": ("PUB QUIZ – Stratford-upon-Sample Arms", ("Stratford-upon-Sample Arms", None)),
    "venue-behind-the-cadence": (
        "PUB QUIZ – Tuesdays 7pm at The Queen’s Head, Holborn",
        ("The Queen’s Head", "Holborn"),
    ),
    "comma-with-number-is-no-area": ("Bar, 61", ("Bar, 61", None)),
}


@pytest.mark.parametrize(("title", "expected"), TITLES.values(), ids=TITLES)
def test_venue_title(title: str, expected: tuple[str, str | None]) -> None:
    assert read_venue_title(title) == VenueTitle(*expected)


@pytest.mark.parametrize("title", ["", "  ", "PUB QUIZ", "PUB QUIZ – Every Tuesday", "Mondays", "–"])
def test_a_title_without_a_venue_gives_none(title: str) -> None:
    assert read_venue_title(title) is None


def test_h121_both_spellings_of_a_name_are_one() -> None:
    assert read_venue_title("Cafe\u0301 Noir") == read_venue_title("Caf\u00e9 Noir")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_title_raises_and_names_are_never_blank(title: str) -> None:
    read = read_venue_title(title)
    assert read is None or read.name.strip()
    read_host_name(title)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("★608 DJ Mal", "DJ Mal"),
        ("This event is hosted by ★881 Dj Sample", "Dj Sample"),
        ("Hosted by Sam", "Sam"),
        ("Quiz Master: Ann", "Ann"),
        ("With Quizmaster: Poppa BK", "Poppa BK"),
        ("🎤 Bob", "Bob"),
        ("Prowadzący: Jan Kowalski", "Jan Kowalski"),
        ("50 Cent", "50 Cent"),
        ("Quizmasters Inc", "Quizmasters Inc"),
        ("“Wild” Bill", "“Wild” Bill"),
        ("Unknown Quizmaster", None),
        ("★608", None),
        (" ", None),
        (None, None),
    ],
    ids=repr,
)
def test_h4_host_names(text: str | None, name: str | None) -> None:
    assert read_host_name(text) == name


def test_h4_host_names_have_at_most_200_characters() -> None:
    assert len(read_host_name("x" * 999) or "") == 200


@pytest.mark.parametrize(
    ("text", "country", "phone"),
    [
        ("07 5550 0101", "AU", "+61 7 5550 0101"),
        ("020 7946 0100", "GB", "+44 20 7946 0100"),
        ("+44 (0)20 7946 0100", "GB", "+44 20 7946 0100"),
        ("(303) 555-0100", "US", "+1 303-555-0100"),
        ("12 34 56 7", "GB", "12 34 56 7"),
        ("1" * 10_000, "GB", None),
        ("1" * 21, "GB", None),
        ("12345", "GB", None),
        ("ask at the bar", "GB", None),
        ("", "GB", None),
        (None, "GB", None),
    ],
    ids=[
        "australian", "british", "trunk-zero", "american", "not-valid-stays", "H128-10000-digits", "H128-21-digits",
        "too-short", "words", "blank", "none",
    ],
)  # fmt: skip
def test_phone(text: str | None, country: str, phone: str | None) -> None:
    assert read_phone(text, country) == phone


@settings(deadline=None)
@given(st.text(max_size=100), st.sampled_from(["GB", "AU", "US"]))
def test_no_phone_text_raises(text: str, country: str) -> None:
    read_phone(text, country)


@pytest.mark.parametrize(
    "text",
    [
        "#", "", " ", None, "javascript:alert(1)", "JAVASCRIPT:x", "mailto:a@b.example", "tel:123",
        "data:text/html,x",
        "ftp://a.example/", "//a.example/", "www.a.example", "http://", "http:///x", "https://a.example/a b", "http://[::1",
        "https://a.example/\x00", "https://a.example\\@b", "https://a.example/" + "x" * 2_048,
    ],
    ids=lambda text: repr(text)[:30],
)  # fmt: skip
def test_h124_v7_what_is_no_web_address_is_null(text: str | None) -> None:
    assert web_address(text) is None


@pytest.mark.parametrize("text", ["https://a.example/", "HTTP://a.example", "http://127.0.0.1:8099/x?y=1#z"])
def test_v7_web_addresses_stay_as_they_are(text: str) -> None:
    assert web_address(f" {text} ") == text


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("/a/b.jpg", "https://pub.example/a/b.jpg"),
        ("b c.jpg", "https://pub.example/v/b%20c.jpg"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("https://cdn.example/x%20y", "https://cdn.example/x%20y"),
        ("#top", None),
        ("", None),
        (None, None),
        ("javascript:x", None),
        ("http://[x", None),
    ],
    ids=repr,
)
def test_links_resolve_against_their_page(link: str | None, absolute: str | None) -> None:
    assert resolved_address(link, "https://pub.example/v/page") == absolute


def test_one_canonical_form_for_real_hosts_only() -> None:
    hosts = frozenset({"quiz.example", "www.quiz.example"})
    assert (
        with_canonical_host("http://quiz.example/v/a?b", hosts, "www.quiz.example")
        == "https://www.quiz.example/v/a?b"
    )
    assert with_canonical_host("http://127.0.0.1:1/v/a", hosts, "www.quiz.example") == "http://127.0.0.1:1/v/a"


def test_parts_of_an_address() -> None:
    assert without_query("https://a.example/x/?y#z") == "https://a.example/x/"
    assert last_path_segment("https://a.example/x/y/?q=/z") == "y"
    assert last_path_segment("https://a.example/") == ""


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_link_raises(text: str) -> None:
    web_address(text)
    resolved_address(text, "https://pub.example/v/")
