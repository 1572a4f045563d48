"""Names with brackets, specials, og:title forms and Polish prefixes (sources.md 5.5, 6.6, 7.3)."""

from __future__ import annotations

import pytest

from trivia_scraper.text.calendar_dates import CalendarDate
from trivia_scraper.text.names import read_bracketed_name, read_venue_title
from trivia_scraper.text.page_titles import PageTitle, read_page_title, without_polish_prefix
from trivia_scraper.text.status_words import StatusWord
from trivia_scraper.text.web_addresses import last_path_segment

# published: name, weekday, starts later, removed
BRACKETS = {
    "The Butterfly Bar @ The VORTEX": ("The Butterfly Bar @ The VORTEX", None, False, ()),
    "Sample Hall (Saturday)": ("Sample Hall", 6, False, ("Saturday",)),
    "Sample Hall (Sundays)": ("Sample Hall", 7, False, ("Sundays",)),
    "Sample Hall (Mondays at 7:30 pm)": ("Sample Hall", 1, False, ("Mondays at 7:30 pm",)),
    "Sample Hall (1st & 3rd Thursdays)": ("Sample Hall", 4, False, ("1st & 3rd Thursdays",)),
    "Sample Hall (Mon & Wed)": ("Sample Hall", None, False, ("Mon & Wed",)),
    "Sample Hall (Starts on May 15!)": ("Sample Hall", None, True, ("Starts on May 15!",)),
    "Sample Hall (starts 5/15)": ("Sample Hall", None, True, ("starts 5/15",)),
    "Sample Hall (Begins in March)": ("Sample Hall", None, True, ("Begins in March",)),
    "Sample Hall (Coming soon)": ("Sample Hall", None, True, ("Coming soon",)),
    "Sample Hall (Starts at 7pm)": ("Sample Hall", None, False, ("Starts at 7pm",)),
    "Sample Hall (Fort Collins)": ("Sample Hall (Fort Collins)", None, False, ()),
    "Sample Hall (RiNo)": ("Sample Hall (RiNo)", None, False, ()),
    "Sample Hall (St. Louis)": ("Sample Hall (St. Louis)", None, False, ()),
    "Sample Hall (Sunday Funday Club)": ("Sample Hall (Sunday Funday Club)", None, False, ()),
    "Sample Hall (check venue for reservations!)": (
        "Sample Hall", None, False, ("check venue for reservations!",),
    ),
    "Sample Hall (21+)": ("Sample Hall", None, False, ("21+",)),
    "Sample Hall (formerly Bar X)": ("Sample Hall", None, False, ("formerly Bar X",)),
    "Sample Hall (Fort Collins) (Saturday)": ("Sample Hall (Fort Collins)", 6, False, ("Saturday",)),
    "Sample Hall [Saturday]": ("Sample Hall", 6, False, ("Saturday",)),
    "Sample Hall (Saturday": ("Sample Hall", 6, False, ("Saturday",)),
    "Sample Hall ()": ("Sample Hall", None, False, ("",)),
    "O&#8217;Sample&#8217;s (Downtown)": ("O’Sample’s (Downtown)", None, False, ()),
}  # fmt: skip


@pytest.mark.parametrize(("published", "expected"), BRACKETS.items(), ids=BRACKETS)
def test_6_6_brackets_by_kind(published: str, expected: tuple[str, int | None, bool, tuple[str, ...]]) -> None:
    read = read_bracketed_name(published)
    assert read is not None
    assert (read.name, read.weekday, read.starts_later, read.removed) == expected
    assert read.venue == read.name
    assert read.special is False


def test_6_6_a_bracket_may_name_several_weekdays_a_date_and_a_state() -> None:
    several, dated = read_bracketed_name("Sample (Mon & Wed)"), read_bracketed_name("Sample (Starts on May 15!)")
    paused = read_bracketed_name("Sample (on hiatus)")
    assert several is not None
    assert dated is not None
    assert paused is not None
    assert several.weekdays == (1, 3)
    assert dated.starts_on == CalendarDate(None, 5, 15)
    assert (paused.flag, paused.starts_later, paused.name) == (StatusWord.PAUSED, False, "Sample")


@pytest.mark.parametrize(
    ("published", "venue"),
    [
        ("Star Wars Quiz Vol. 1 at Atomic Cowboy - Colfax", "Atomic Cowboy - Colfax"),
        ("Night at the Museum Quiz Vol. 2 at The Sample", "The Sample"),
        ("Space Quiz Vol 3 at The Bar at Sample Hotel", "The Bar at Sample Hotel"),
        ("Hype Quiz: A Day at the Races at Sample Tavern", "Sample Tavern"),
        ("Space Quiz Vol. 3", None),
    ],
)
def test_6_6_a_special_is_at_the_venue_behind_at(published: str, venue: str | None) -> None:
    read = read_bracketed_name(published)
    assert read is not None
    assert (read.special, read.venue, read.name) == (True, venue, published)


@pytest.mark.parametrize("published", ["(Saturday)", "", "  ", "()", "(Starts on May 15!)"])
def test_6_6_nothing_but_remarks_is_no_name(published: str) -> None:
    assert read_bracketed_name(published) is None


BRAND = "SpeedQuizzing Smartphone Pub Quiz"
TITLES = {
    f"{BRAND} • Quiz Night @ Sample Bar, Edinburgh • Next on Monday 3 Mar": PageTitle(
        "Quiz Night @ Sample Bar, Edinburgh", "Sample Bar", False, "Edinburgh", "Monday 3 Mar"
    ),
    f"{BRAND} • Trivia Night @ AJ SAMPLES - BENNETT'S CRE, Virginia Beach • Next on Monday 3 Mar": PageTitle(
        "Trivia Night @ AJ SAMPLES - BENNETT'S CRE, Virginia Beach",
        "AJ SAMPLES - BENNETT'S CRE", True, "Virginia Beach", "Monday 3 Mar",
    ),
    f"{BRAND} • Come and beat the champions • Next on Tuesday 4 Mar": PageTitle(
        "Come and beat the champions", next_on="Tuesday 4 Mar"
    ),
    "Monday @ The Sample, Leeds": PageTitle("Monday @ The Sample, Leeds", "The Sample", False, "Leeds"),
    f"{BRAND} • Quiz @ Fox, Leeds hosted by DJ Sample": PageTitle(
        "Quiz @ Fox, Leeds", "Fox", False, "Leeds", host="DJ Sample"
    ),
    BRAND: PageTitle(BRAND),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TITLES.items(), ids=TITLES)
def test_5_5_og_titles(text: str, expected: PageTitle) -> None:
    assert read_page_title(text) == expected


@pytest.mark.parametrize("text", [None, "", " • ", "•"])
def test_5_5_a_blank_title_is_none(text: str | None) -> None:
    assert read_page_title(text) is None


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("PubQuiz.pl - Pasibus", "Pasibus"),
        ("Pub Quiz - Green Club", "Green Club"),
        ("pubquiz.pl – Próba", "Próba"),
        ("PubQuiz.pl - Pub Quiz - Próba", "Próba"),
        ("Pub Quiz Bar", "Pub Quiz Bar"),
        ("Próba - Gdańsk", "Próba - Gdańsk"),
        ("PubQuiz.pl - ", "PubQuiz.pl -"),
    ],
)
def test_7_3_polish_prefixes(title: str, name: str) -> None:
    assert without_polish_prefix(title) == name


@pytest.mark.parametrize(
    ("title", "removed"),
    [
        ("PUB QUIZ – Munich – Canary Wharf – Tuesdays", ("PUB QUIZ", "Tuesdays")),
        ("Black Lion, West Hampstead Every Sunday", ("Every Sunday",)),
        ("The Crown", ()),
        ("PUB QUIZ – Tuesdays 7pm at The Sample", ("PUB QUIZ", "Tuesdays 7pm")),
    ],
)
def test_3_3_a_title_says_what_was_no_name(title: str, removed: tuple[str, ...]) -> None:
    read = read_venue_title(title)
    assert read is not None
    assert read.removed == removed


@pytest.mark.parametrize("link", ["https://[", "http://[::1", "//[x]/a", "https://[/venues/1/"])
def test_a_link_that_is_no_address_has_no_last_segment(link: str) -> None:
    assert last_path_segment(link) == ""
