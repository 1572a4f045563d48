"""What `sources add` proposes reads the evenings: one row a kind of page, from the page alone to the stored facts."""

from __future__ import annotations

import datetime as dt

import pytest

from unit.sources.test_detecting import TODAY, best, capture, fixture

Evening = tuple[str, str | None, str, int, str, int | None]
"""Venue, postcode, country, ISO weekday, start, fee in minor units."""

LANTERN, AJAX = "https://lantern.example/quizzes/", "https://shows.example/wp-admin/admin-ajax.php"
OWN: dict[tuple[str, str, str], Evening] = {
    ("html", "cards.html", LANTERN): ("The Brass Otter", "DH1 3QR", "GB", 2, "19:30", 200),
    ("html", "table.html", "https://finder.example/search"): ("The Copper Still", "SE8 4AG", "GB", 2, "20:00", 100),
    ("html", "headings.html", "https://gull.example/play/"): ("The Anchor Room", "12207", "US", 1, "19:00", None),
    ("html", "jsonld.html", "https://copper.example/trivia"): ("The Copper Room", "98402", "US", 2, "19:00", None),
    ("ajax", "ajax_cards.html", f"{AJAX}?action=find&date=2026-07-08"): (
        "Larkspur Grill", None, "US", 3, "20:00", None),
    ("ics", "calendar.ics", "https://heron.example/c.ics"): ("The Heron Room", "55802", "US", 3, "19:00", None),
    ("tribe", "tribe.json", "https://mill.example/wp-json/tribe/events/v1/events"): (
        "The Mill", "SY8 1AA", "GB", 2, "19:30", 200),
    ("squarespace", "squarespace.json", "https://ember.example/events"): (
        "Ember Taproom", "80301", "US", 2, "19:00", None),
    ("json", "plain.json", "https://api.quarry.example/bars"): ("Quarry House", "6000", "AU", 2, "19:00", None),
    ("json", "script_array.html", "https://pins.example/map/"): ("Foundry Bar", "60606", "US", 2, "20:00", None),
    ("json", "next_data.html", "https://pubs.example/"): ("The Amber Well", "LS1 4DY", "GB", 1, "20:00", None),
    ("wp_store_locator", "wp_store_locator.json", "https://marten.example/stores.json"): (
        "The Marten", "BA1 1AB", "GB", 2, "20:00", None),
    ("storerocket", "storerocket.json", "https://storerocket.io/api/user/Ab12Cd/locations"): (
        "Emu Arms", "4870", "AU", 3, "19:00", None),
    ("storelocatorwidgets", "store_locator_widgets.js", "https://cdn.storelocatorwidgets.com/json/abcd1234"): (
        "The Ferry", "E14 1AA", "GB", 2, "18:30", None),
}  # fmt: skip
CAPTURED: dict[tuple[str, str, str], Evening] = {
    ("html", "html_table_index.html", "http://www.pubquizzers.com/search"): (
        "The Pilot Inn", "SE10 0BE", "GB", 2, "20:00", 100),
    ("ajax", "ajax_cards_2026-08-19.html", "https://c.example/wp-admin/admin-ajax.php?action=x&date=2026-08-19"): (
        "Duddley's Draw", None, "US", 3, "20:00", None),
    ("wp_store_locator", "own_wp_store_locator.json", "https://example.com/stores.json"): (
        "The Example Arms", "RG1 1AA", "GB", 2, "20:00", 200),
    ("squarespace", "own_squarespace_events.json", "https://example.org/events"): (
        "The Example Arms", "11211", "US", 2, "20:30", None),
}  # fmt: skip
LISTS = {
    ("rss", "feed.xml", "https://lantern.example/quizzes/feed/"): ("The Brass Otter", {"day", "url"}),
    ("wp_rest", "wp_rest.json", "https://owl.example/wp-json/wp/v2/trivia_venue"): (
        "The Loft & Larder",
        {"schedule"},
    ),
    ("json", "script_literal.html", "https://games.example/find/"): ("The Gilded Carp", {"day", "time", "lat"}),
}
"""What the venues' own pages have to complete: the first name, and what the list itself says."""


def evening(kind: str, page: str, url: str, *, captured: bool, today: dt.date = TODAY) -> Evening:
    proposal = best(capture(f"declarative/{page}", url) if captured else fixture(page, url), today=today)
    assert proposal.kind == kind, proposal.why
    assert proposal.detail is not None
    stored = proposal.detail.detail
    assert stored is not None, proposal.detail.problem
    venue, event = stored.venue, stored.events[0]
    return venue.name, venue.postcode, venue.country, event.weekday, f"{event.start_time:%H:%M}", event.fee_minor


@pytest.mark.parametrize("page", OWN, ids=lambda page: f"{page[0]}-{page[1]}")
def test_11_1_a_proposal_reads_the_evening(page: tuple[str, str, str]) -> None:
    assert evening(*page, captured=False) == OWN[page]


@pytest.mark.parametrize("page", CAPTURED, ids=lambda page: f"{page[0]}-{page[1]}")
def test_11_1_a_proposal_reads_the_evening_of_a_real_page(page: tuple[str, str, str]) -> None:
    assert evening(*page, captured=True, today=dt.date(2026, 3, 30)) == CAPTURED[page]


@pytest.mark.parametrize("page", LISTS, ids=lambda page: f"{page[0]}-{page[1]}")
def test_11_3_a_proposal_reads_what_the_list_says_and_asks_for_the_first_venue(page: tuple[str, str, str]) -> None:
    proposal = best(fixture(page[1], page[2]))
    name, fields = LISTS[page]
    assert proposal.kind == page[0]
    assert proposal.sample is not None
    listing = proposal.sample.listings[0]
    assert listing.name == name
    assert fields <= listing.stated.keys()
    assert [request.kind for request in proposal.asks] == ["detail"]
