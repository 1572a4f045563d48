"""Question One beyond its saved pages: paging, forms, and the real captures where they are (sources.md 3)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from sources.cases import CAPTURES
from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, EventStatus, Frequency, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.sources.question_one import QuestionOne

TODAY = dt.date(2026, 11, 21)
SOURCE = QuestionOne()
FEED = "https://questionone.com/venues/feed/"
ARCHIVE = "https://questionone.com/venues/"


def page(text: str, request: PageRequest) -> Page:
    return Page(request, request.url, 200, text, "text/html", len(text))


def feed(*links: str) -> str:
    items = "".join(f"<item><title>Pub, Town</title><link>{link}</link></item>" for link in links)
    return f'<rss version="2.0"><channel>{items}</channel></rss>'


def captured(path: str) -> str:
    file: Path = CAPTURES / path
    if not file.exists():
        pytest.skip("the shared captures are not here")
    return file.read_text("utf-8")


def test_feed_walk_goes_page_by_page_until_404() -> None:
    first = SOURCE.first_request(FEED, TODAY)
    (second,) = SOURCE.read_index(page(feed("https://questionone.com/venues/a/"), first)).follow
    (third,) = SOURCE.read_index(page(feed("https://questionone.com/venues/b/"), second)).follow
    assert [second.url, third.url] == [f"{FEED}?paged=2", f"{FEED}?paged=3"]
    assert [SOURCE.ends_index(request, 404) for request in (first, second, third)] == [False, True, True]
    assert [SOURCE.ends_index(third, status) for status in (403, 410, 500)] == [False, False, False]


def test_feed_is_asked_for_as_rss() -> None:
    assert "application/rss+xml" in SOURCE.first_request(FEED, TODAY).headers["Accept"]


def test_a_server_that_ignores_the_page_number_ends_the_walk() -> None:
    same = feed("https://questionone.com/venues/a/")
    (second,) = SOURCE.read_index(page(same, SOURCE.first_request(FEED, TODAY))).follow
    reading = SOURCE.read_index(page(same, second))
    assert (reading.listings, reading.follow) == ((), ())


def test_an_endless_feed_ends_at_200_pages() -> None:
    request = PageRequest(f"{FEED}?paged=200", step="feed", context={"paged": "200", "first_link": "x"})
    reading = SOURCE.read_index(page(feed("https://questionone.com/venues/z/"), request))
    assert (len(reading.listings), reading.follow) == (1, ())


def test_an_archive_that_names_itself_as_next_page_ends() -> None:
    markup = f'<link rel="next" href="{ARCHIVE}"><a class="media-card" href="/venues/a/"><h3>Pub, Town</h3></a>'
    assert SOURCE.read_index(page(markup, PageRequest(ARCHIVE))).follow == ()


@pytest.mark.parametrize("index_url", [FEED, ARCHIVE], ids=["feed-address", "archive-address"])
def test_the_form_is_decided_by_what_comes_back_not_by_the_address(index_url: str) -> None:
    request = SOURCE.first_request(index_url, TODAY)
    from_feed = SOURCE.read_index(page(feed("https://questionone.com/venues/a/"), request))
    from_cards = SOURCE.read_index(page('<a class="media-card" href="/venues/a/"><h3>Pub, Town</h3></a>', request))
    assert [listing.key for listing in from_feed.listings] == ["a"]
    assert [listing.key for listing in from_cards.listings] == ["a"]


def test_replica_links_stay_with_the_replica() -> None:
    request = SOURCE.first_request("http://127.0.0.1:8099/venues/feed/", TODAY)
    (listing,) = SOURCE.read_index(page(feed("http://127.0.0.1:8099/venues/a/?x=1"), request)).listings
    assert listing.url == "http://127.0.0.1:8099/venues/a/"


def test_question_one_is_paced_at_five_seconds() -> None:
    assert SOURCE.index_interval_seconds == 5


def test_captured_archive_page_of_2026() -> None:
    reading = SOURCE.read_index(
        page(captured("question_one/venues_page_2026-07-11.html"), SOURCE.first_request(ARCHIVE, TODAY))
    )
    assert [(entry.name, entry.locality, entry.schedule_text) for entry in reading.listings] == [
        ("Sporting Page", "Chelsea", "Sunday 19:30"),
        ("The Britannia", "Poole", "Sunday 19:00"),
        ("Royal Oak", "Twickenham", "Thursday 19:30"),
    ]
    assert [(entry.image_url or "").rpartition(".")[2] for entry in reading.listings] == ["webp", "", "avif"]
    assert [request.url for request in reading.follow] == ["https://questionone.com/venues/page/2/"]


def test_captured_detail_page_of_2026() -> None:
    url = "https://questionone.com/venues/kings-arms-waterloo/"
    listing = Listing("question_one", "kings-arms-waterloo", url, "King’s Arms")
    text = captured("question_one/venue_detail_kings_arms_2026-07-11.html")
    detail = SOURCE.read_detail(listing, page(text, SOURCE.detail_request(listing)), None)
    venue, (event,) = detail.venue, detail.events
    assert (venue.street, venue.city, venue.postcode) == ("25 Roupell Street", "London", "SE1 8TB")
    assert (venue.phone, venue.website) == ("+44 20 7207 0784", "https://www.thekingsarmslondon.co.uk/")
    assert (event.weekday, event.start_time, event.fee_minor) == (7, dt.time(19, 30), 200)
    assert (event.frequency, detail.images, detail.issues) == (Frequency.WEEKLY, (), ())


def test_captured_feed_page() -> None:
    reading = SOURCE.read_index(page(captured("declarative/own_rss_page.xml"), SOURCE.first_request(FEED, TODAY)))
    assert [(entry.key, entry.name, entry.locality) for entry in reading.listings] == [
        ("example-arms", "Example Arms", "Reading"),
        ("fish-anchor-2", "Fish & Anchor", "Caversham"),
    ]
    assert reading.listings[0].url == "https://example.com/venues/example-arms/"


def test_h125_a_fee_of_200_kilobytes_is_null_with_an_issue() -> None:
    fact = (
        '<div class="text-with-icon"><svg><use href="#{icon}"></use></svg>'
        '<div class="text-with-icon__text">{text}</div></div>'
    )
    markup = "".join(
        fact.format(icon=icon, text=text)
        for icon, text in (
            ("pin", "1 Sample St, Leeds LS1 1AA"),
            ("calendar", "Sunday 19:30"),
            ("tag", "£2 " * 70_000),
        )
    )
    listing = Listing("question_one", "x", "https://questionone.com/venues/x/", "X")
    detail = SOURCE.read_detail(listing, page(markup, SOURCE.detail_request(listing)), None)
    assert detail.events[0].fee_minor is None
    assert "fee: not understood" in detail.issues
    assert len(detail.provenance.fee_text or "") <= 300


# ---------------------------------------------------------------- single pages


def fact(
    icon: str, text: str, *, use: str = 'xlink:href="https://questionone.com/icons.svg#{0}" href="/i.svg#{0}"'
) -> str:
    return (
        f'<div class="text-with-icon"><div class="text-with-icon__icon"><svg><use {use.format(icon)}></use></svg>'
        "</div>"
        f'<div class="text-with-icon__text">\r\n  {text}  </div></div>'
    )


PIN = fact("pin", "1 Sample St, Leeds, England LS1 1AA, United Kingdom")
CALENDAR = fact("calendar", "Sunday 19:30")


def read_page(
    markup: str = PIN + CALENDAR, *, title: str = "PUB QUIZ – The Ox – Every Sunday", **changes: Any
) -> Detail:
    address = "https://questionone.com/venues/x/"
    listing = Listing("question_one", "x", address, "The Ox", **{"frequency_text": title, **changes})
    return SOURCE.read_detail(listing, page(markup, SOURCE.detail_request(listing)), None)


@pytest.mark.parametrize(
    "use",
    [
        'xlink:href="/i.svg#{}"',
        'href="#{}"',
        'HREF="https://questionone.com/a/icons.svg?v=2#{}"',
        'href="" xlink:href="#{}"',
    ],
)
def test_3_2_the_icon_is_named_by_either_reference(use: str) -> None:
    detail = read_page(PIN.replace("#pin", "#none") + "".join(fact(icon, text, use=use) for icon, text in (
        ("pin", "7 Other St, Leeds, England LS1 1AB"), ("calendar", "Monday 20:00"), ("tag", "£2"))))  # fmt: skip
    (event,) = detail.events
    assert (detail.venue.postcode, event.weekday, event.fee_minor) == ("LS1 1AB", 1, 200)


def test_an_empty_block_of_a_kind_does_not_hide_the_next_one() -> None:
    assert read_page(fact("pin", " ") + PIN + CALENDAR).venue.postcode == "LS1 1AA"


@pytest.mark.parametrize("fee", ["", fact("tag", "")], ids=["no block", "blank"])
def test_3_2_an_absent_fee_is_unknown_and_not_free(fee: str) -> None:
    detail = read_page(PIN + CALENDAR + fee)
    assert (detail.events[0].fee_minor, detail.issues) == (None, ())


@pytest.mark.parametrize(
    ("links", "website"),
    [
        (fact("link", '<a href="https://ox.example/">Visit Website</a>'), "https://ox.example/"),
        ('<a href="https://ox.example/"> Visit&nbsp;website </a>', "https://ox.example/"),
        (fact("link", '<a href="#">Visit Website</a>') + '<a href="https://ox.example/">Visit Website</a>', "https://ox.example/"),
        (fact("link", '<a href="#">Visit Website</a>'), None),
        ('<a href="https://questionone.com/contact/">Contact</a>', None),
    ],
)  # fmt: skip
def test_3_2_the_website_is_the_links_or_the_one_that_says_so(links: str, website: str | None) -> None:
    assert read_page(PIN + CALENDAR + links).venue.website == website


@pytest.mark.parametrize("calendar", ["", fact("calendar", "Cancelled This Week")], ids=["no block", "no schedule"])
def test_3_2_t7_without_a_schedule_nothing_is_monday_19_00(calendar: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_page(PIN + calendar)
    assert caught.value.looked_for == "#calendar"


def test_3_3_a_title_that_was_escaped_twice_is_a_title() -> None:
    title = "PUB QUIZ &amp;amp;#8211; The Ox, Leeds &amp;amp;#8211; Every Sunday"
    text = f'<rss version="2.0"><channel><item><title>{title}</title><link>{ARCHIVE}x/</link></item></channel></rss>'
    (listing,) = SOURCE.read_index(page(text.replace("&amp;amp;", "&amp;"), PageRequest(FEED))).listings
    assert (listing.name, listing.locality) == ("The Ox", "Leeds")
    assert listing.frequency_text == "PUB QUIZ – The Ox, Leeds – Every Sunday"


@pytest.mark.parametrize("link", ['rel="next"', 'REL="Next"', 'rel="next nofollow"'])
def test_3_1_the_next_archive_page_is_the_link_in_the_head(link: str) -> None:
    card = f'<a class="media-card" href="{ARCHIVE}x/"><h3>The Ox</h3></a>'
    markup = f'<head><link {link} href="{ARCHIVE}page/2/"></head>{card}'
    (follow,) = SOURCE.read_index(page(markup, PageRequest(ARCHIVE))).follow
    assert follow.url == f"{ARCHIVE}page/2/"


@pytest.mark.parametrize(
    ("title", "calendar", "status"),
    [
        ("PUB QUIZ – The Ox – Every Sunday (on hold)", "Sunday 19:30", EventStatus.PAUSED),
        ("PUB QUIZ – The Ox – Starts on 5 May", "Sunday 19:30", EventStatus.STARTS_LATER),
        ("PUB QUIZ – The Ox – Every Sunday", "Sunday 19:30 CANCELLED THIS WEEK", EventStatus.CANCELLED_ONCE),
        ("PUB QUIZ – The Ox – Every Sunday", "Sunday 19:30 (members only)", EventStatus.NOT_PUBLIC),
        ("PUB QUIZ – The Ox – Every Sunday", "Sunday 19:30", EventStatus.ACTIVE),
    ],
)
def test_q4_status_words_of_title_and_calendar(title: str, calendar: str, status: EventStatus) -> None:
    (event,) = read_page(PIN + fact("calendar", calendar), title=title).events
    assert event.status is status


def test_q4_a_cancelled_week_keeps_the_cards_day_and_time() -> None:
    (event,) = read_page(PIN + fact("calendar", "Cancelled This Week"), schedule_text="Sunday 19:30").events
    assert (event.weekday, event.start_time, event.status) == (7, dt.time(19, 30), EventStatus.CANCELLED_ONCE)
