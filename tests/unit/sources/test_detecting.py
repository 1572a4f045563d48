"""From a page to a description that reads it: each kind of page, and what is no list (issue 3.2)."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.sources.declarative import DescriptionFile, read_descriptions
from trivia_scraper.sources.declarative.detecting import LOOKED_FOR, Proposal, look, propose

FIXTURES = Path(__file__).parent / "detecting_fixtures"
CAPTURES = Path(__file__).resolve().parents[3].parent / "shared" / "captures"
TODAY = dt.date(2026, 7, 8)
LINK = '<link rel="alternate" type="application/rss+xml" href="/quiz/feed/">'


def page_of(text: str, url: str, kind: Any = "index") -> Page:
    """A page as fetched by itself."""
    return Page(PageRequest(url, kind=kind, step=kind), url, 200, text, "text/html", len(text))


def fixture(name: str, url: str, kind: Any = "index") -> Page:
    return page_of((FIXTURES / name).read_text(encoding="utf-8"), url, kind)


def capture(name: str, url: str) -> Page:
    if not CAPTURES.is_dir():
        pytest.skip("no captures here")
    return page_of((CAPTURES / name).read_text(encoding="utf-8"), url)


def best(page: Page, *more: Page, today: dt.date = TODAY) -> Proposal:
    return propose(page.url, [page, *more], today=today)[0]


def tables(proposal: Proposal) -> dict[str, Any]:
    return tomllib.loads(proposal.toml)


def read(proposal: Proposal) -> list[dict[str, str | None]]:
    """Field values of each item that the proposal reads from its page."""
    assert proposal.sample is not None
    assert proposal.sample.problem == ""
    listed = [item for item in proposal.sample.items if item.outcome == "listed"]
    return [{field.name: field.value for field in item.fields} for item in listed]


@dataclass(frozen=True)
class Case:
    """A page, what it is recognised as, and what the description must read from it."""

    name: str
    url: str
    kind: str
    items: int
    first: dict[str, str] = field(default_factory=dict)
    index: dict[str, Any] = field(default_factory=dict)
    today: dt.date = TODAY


OWN = [
    Case(
        "cards.html", "https://lantern.example/quizzes/", "html", 4,
        {"name": "The Brass Otter", "schedule": "Tuesdays, 7.30pm", "address": "4 Mill Lane, Durham DH1 3QR",
         "key": "the-brass-otter", "fee": "£2 per person", "image": "https://lantern.example/img/otter.jpg"},
        {"item": "article.quiz-card", "next": 'link[rel="next"]@href', "drop": {"image": "/placeholder/"}},
    ),
    Case(
        "cards_with_pages.html", "https://copperkettle.example/venues", "html", 3,
        {"name": "The Blue Heron", "url": "https://copperkettle.example/venues/the-blue-heron"},
    ),
    Case(
        "table.html", "https://finder.example/search", "html", 3,
        {"name": "The Copper Still", "schedule": "Tue @ 20:00", "fee": "£1.00", "postcode": "SE8 4AG"},
    ),
    Case(
        "headings.html", "https://gullwing.example/play/", "html", 4,
        {"name": "The Anchor Room", "day": "Monday Trivia", "address": "45 Pike Street, Albany, NY 12207"},
    ),
    Case("sentences.html", "https://marrow.example/quiz", "html", 4,
         {"name": "The Marrow Inn", "schedule": "Mondays 8pm"}),
    Case("feed.xml", "https://lantern.example/quizzes/feed/", "rss", 3,
         {"name": "The Brass Otter", "url": "https://lantern.example/quizzes/brass-otter/"}),
    Case("calendar.ics", "https://heron.example/c.ics", "ics", 1, index={"match": "quiz|trivia"}),
    Case("tribe.json", "https://mill.example/wp-json/tribe/events/v1/events?per_page=50", "tribe", 1,
         index={"site": "https://mill.example"}),
    Case("squarespace.json", "https://ember.example/events?format=json", "squarespace", 1,
         index={"page": "https://ember.example/events"}),
    Case("wp_rest.json", "https://nightowl.example/wp-json/wp/v2/trivia_venue?per_page=100", "wp_rest", 2,
         {"name": "The Loft & Larder", "schedule": "Mondays at 7pm"}, {"type": "trivia_venue"}),
    Case("script_literal.html", "https://games.example/find/", "json", 2,
         {"name": "The Gilded Carp", "lat": "52.2053", "day": "Monday", "time": "7:30 pm"},
         {"script": {"after": "rows = JSON.parse(", "literal": True}}),
    Case("script_array.html", "https://pins.example/map/", "json", 3,
         {"name": "Foundry Bar", "schedule": "Tuesdays 8:00 pm", "address": "18 Canal Street, Chicago, IL 60606",
          "url": "https://pins.example/venue/foundry-bar/"}),
    Case("next_data.html", "https://pubs.example/", "json", 2, {"name": "The Amber Well", "postcode": "LS1 4DY"},
         {"script": {"id": "__NEXT_DATA__"}, "path": "props.pageProps.venues"}),
    Case("plain.json", "https://api.quarry.example/bars", "json", 2,
         {"name": "Quarry House", "day": "Tuesday", "time": "7pm"},
         {"path": "data.bars", "secret_keys": ["api_key"]}),
    Case("jsonld.html", "https://copperroom.example/trivia", "html", 1, index={"events": "jsonld"}),
    Case("ajax_cards.html", "https://shows.example/wp-admin/admin-ajax.php?action=find_trivia_shows&date=2026-07-08",
         "ajax", 3, {"name": "Larkspur Grill", "key": "v1", "schedule": "Wednesdays, 8:00 pm"},
         {"kind": "ajax", "params": {"action": "find_trivia_shows"}, "dates": {"param": "date", "days": 7},
          "status": {"cancelled_once": ".show-cancelled-label"}}),
    Case("wp_store_locator.json", "https://marten.example/wp-admin/admin-ajax.php?action=store_search&autoload=1",
         "wp_store_locator", 2, {"name": "The Marten", "schedule": "Quiz every Tuesday at 8pm"}),
    Case("storerocket.json", "https://storerocket.io/api/user/Ab12Cd/locations", "storerocket", 2,
         {"name": "Emu Arms", "schedule": "Wednesdays at 7pm"}, {"account": "Ab12Cd"}),
    Case("store_locator_widgets.js", "https://cdn.storelocatorwidgets.com/json/abcd1234", "storelocatorwidgets", 2,
         {"name": "The Ferry", "schedule": "Tuesdays, 6.30pm"}, {"account": "abcd1234"}),
]  # fmt: skip


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.name)
def test_a_page_gives_a_description_that_reads_it(case: Case) -> None:
    proposal = best(fixture(case.name, case.url), today=case.today)
    assert proposal.kind == case.kind, proposal.why
    assert read_descriptions([DescriptionFile("x.toml", proposal.toml)]).problems == ()
    items = read(proposal)
    assert len(items) == case.items
    assert {name: items[0].get(name) for name in case.first} == case.first
    index = tables(proposal)["index"]
    assert {name: index.get(name) for name in case.index} == case.index
    assert proposal.confidence > 0.5


CAPTURED = [
    Case("question_one/venues_page_2026-07-11.html", "https://questionone.com/venues/", "html", 3,
         {"name": "Sporting Page", "schedule": "Sunday 19:30", "key": "sporting-page-sundays-7-30pm"},
         {"item": "a.media-card", "next": 'link[rel="next"]@href', "drop": {"image": "/placeholder/"}}),
    Case("declarative/own_rss_page.xml", "https://example.com/venues/feed/", "rss", 2,
         {"name": "Example Arms", "url": "https://example.com/venues/example-arms/"}),
    Case("declarative/own_weekly_quiz.ics", "https://example.org/calendar.ics", "ics", 1),
    Case("declarative/own_squarespace_events.json", "https://example.org/events?format=json", "squarespace", 1,
         today=dt.date(2026, 3, 30)),
    Case("speed_quizzing/find_2026-07-11.html", "https://www.speedquizzing.com/find/", "json", 8,
         {"key": "15700", "day": "Sunday", "date": "2026-07-12"}),
    Case("declarative/ajax_map_script_json.html", "https://challengeentertainment.com/find/", "json", 12,
         {"name": "The Owl Pub & Grill – Bryan", "key": "the-owl-pub-grill-bryan"},
         {"script": {"after": "window.gmapLocations ="}}),
    Case("declarative/own_wp_store_locator.json", "https://example.com/wp-admin/admin-ajax.php?action=store_search",
         "wp_store_locator", 2, {"name": "The Example Arms", "schedule": "Quiz every Tuesday at 8pm, £2 per person"}),
    Case("declarative/html_table_index.html", "http://www.pubquizzers.com/search", "html", 2,
         {"name": "The Pilot Inn", "schedule": "Tue @ 20:00", "fee": "£1.00"}),
    Case("declarative/ajax_cards_2026-08-19.html",
         "https://challengeentertainment.com/wp-admin/admin-ajax.php?action=shows&date=2026-08-19", "ajax", 4,
         {"name": "Duddley's Draw", "key": "venue-1387", "schedule": "Wednesdays, 8:00 pm"},
         {"skip": {".ntl-card-title": "singo"}, "status": {"cancelled_once": ".ntl-card-cancelled-label"}}),
    Case("declarative/jsonld_event_details.json", "https://www.destinationbryan.com/events.json", "json", 2,
         {"name": "Brazos Valley Museum of Natural History", "postcode": "77802"}, {"path": "*"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CAPTURED, ids=lambda case: case.name)
def test_a_captured_page_gives_a_description_that_reads_it(case: Case) -> None:
    proposal = best(capture(case.name, case.url), today=case.today)
    assert proposal.kind == case.kind, proposal.why
    assert read_descriptions([DescriptionFile("x.toml", proposal.toml)]).problems == ()
    items = read(proposal)
    assert len(items) == case.items
    assert {name: items[0].get(name) for name in case.first} == case.first
    index = tables(proposal)["index"]
    assert {name: index.get(name) for name in case.index} == case.index


LINKED = [
    ("tribe_page.html", "https://mill.example/events/", "tribe", "/wp-json/tribe/events/v1/events"),
    ("wordpress_page.html", "https://nightowl.example/venues/", "wp_rest", "/wp-json/wp/v2/trivia_venue"),
    ("squarespace_page.html", "https://ember.example/events", "squarespace", "/events?format=json"),
]


@pytest.mark.parametrize(("name", "url", "kind", "asked"), LINKED, ids=[row[0] for row in LINKED])
def test_a_link_to_a_list_asks_for_that_list(name: str, url: str, kind: str, asked: str) -> None:
    proposal = best(fixture(name, url))
    assert proposal.kind == kind
    [request] = proposal.asks
    assert asked in request.url
    assert proposal.sample is None


EMBEDDED = [
    ('<div data-storerocket-id="Xy12Zz"></div><script src="https://cdn.storerocket.io/widget.js">', "storerocket",
     "Xy12Zz"),
    ("<script>window.StoreRocket.init({ selector: '#m', mapId: 'kk99LL' });", "storerocket", "kk99LL"),
    ('<script id="storelocatorscript" data-uid="0f0f0f0f" src="//cdn.storelocatorwidgets.com/w.js">',
     "storelocatorwidgets", "0f0f0f0f"),
    ('<div data-stockist-widget-tag="u4242">Loading</div>', "stockist", "u4242"),
    ('<div id="storepoint-container" data-map-id="15aabbcc"></div>', "storepoint", "15aabbcc"),
    ('<link rel="stylesheet" href="/wp-content/plugins/wp-store-locator/css/styles.min.css">', "wp_store_locator",
     "https://tenant.example"),
    ('<script src="/wp-content/plugins/agile-store-locator/public/js/site.js">', "agile", "https://tenant.example"),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "preset", "owner"), EMBEDDED, ids=[f"{row[1]}-{row[2]}" for row in EMBEDDED])
def test_11_5_an_embedded_store_locator_is_named_with_its_account(markup: str, preset: str, owner: str) -> None:
    page = page_of(f"<html><body><h1>Find us</h1>{markup}</script></body></html>", "https://tenant.example/find/")
    proposal = best(page)
    assert proposal.kind == preset
    index = tables(proposal)["index"]
    assert index["preset"] == preset
    assert owner in (index.get("account"), index.get("site"))
    assert proposal.asks


def test_a_locator_on_an_unknown_host_keeps_its_address() -> None:
    proposal = best(fixture("storerocket.json", "https://mirror.example/locations.json"))
    assert tables(proposal)["index"]["url"] == "https://mirror.example/locations.json"
    assert len(read(proposal)) == 2


def test_11_5_opening_hours_and_bingo_are_no_quiz_time() -> None:
    proposal = best(fixture("storerocket.json", "https://storerocket.io/api/user/Ab12Cd/locations"))
    assert tables(proposal)["index"]["fields"]["schedule"] == "fields[name=Trivia].pivot_field_value"


def test_a_google_calendar_is_its_ics_address() -> None:
    markup = (
        '<iframe src="https://calendar.google.com/calendar/embed?src=abc%40group.calendar.google.com&amp;ctz=UTC">'
    )
    proposal = best(page_of(f"<html><body>{markup}</iframe></body></html>", "https://bar.example/"))
    expected = "https://calendar.google.com/calendar/ical/abc%40group.calendar.google.com/public/basic.ics"
    assert tables(proposal)["index"]["url"] == expected


def test_an_ajax_page_with_a_nonce_says_what_is_missing() -> None:
    proposal = best(fixture("ajax_page.html", "https://shows.example/find"))
    index = tables(proposal)["index"]
    assert index["params"] == {"action": "find_trivia_shows"}
    assert index["nonce"]["param"] == "nonce"
    assert "finderNonce" in index["nonce"]["regex"]
    assert any("look at the answer" in why for _, why in proposal.gaps)
    assert proposal.confidence < 0.5


def test_an_ajax_answer_is_read_with_the_nonce_of_the_page_that_asked() -> None:
    page = fixture("ajax_page.html", "https://shows.example/find")
    [request] = best(page).asks
    assert request.url == "https://shows.example/wp-admin/admin-ajax.php"
    assert request.form == {"action": "find_trivia_shows", "nonce": "a1b2c3d4e5"}
    answer = replace(fixture("ajax_cards.html", request.url), request=request)
    proposal = best(page, answer)
    index = tables(proposal)["index"]
    assert index["nonce"]["url"] == "https://shows.example/find"
    assert index["item"] == "div.show"
    assert "a1b2c3" not in proposal.toml
    assert [item["name"] for item in read(proposal)] == ["Larkspur Grill", "Mesa Verde", "Nolan's"]


def test_the_detail_page_is_asked_for_and_its_labels_are_used() -> None:
    """11.1: a venue's own page labels its facts with icons and words."""
    index = fixture("cards_with_pages.html", "https://copperkettle.example/venues")
    [request] = best(index).asks
    assert request.url == "https://copperkettle.example/venues/the-blue-heron"
    proposal = best(index, fixture("venue_page.html", request.url, "detail"))
    fields = tables(proposal)["detail"]["fields"]
    assert fields["address"] == ".fact:has(.fa-map-marker)"
    assert fields["fee"] == ".fact:has(.fa-ticket)"
    assert fields["host"] == {"select": "p", "regex": r"^Hosted by\s*[:–-]?\s*(.+)"}
    assert proposal.asks == ()
    assert proposal.detail is not None
    values = {field.name: field.value for field in proposal.detail.fields}
    assert values["address"] == "210 Dock Street, Erie, PA 16501"


def test_question_ones_detail_page_is_read_by_its_icons() -> None:
    from trivia_scraper.sources.declarative.detecting_detail import labelled_facts
    from trivia_scraper.sources.document import Document

    page = capture("question_one/venue_detail_kings_arms_2026-07-11.html", "https://questionone.com/venues/x/")
    facts = labelled_facts(Document.parse(page.text, url=page.url), {"schedule", "address", "fee", "phone"})
    icons = {"schedule": "calendar", "fee": "tag", "address": "pin", "phone": "phone"}
    assert facts == {name: f'.text-with-icon:has(use[href$="#{icon}"])' for name, icon in icons.items()}


def test_cards_without_evening_rank_below_a_feed_that_names_them() -> None:
    links = "".join(f'<li class="entry"><a href="/p/{name}">{name} house</a></li>' for name in ("a", "b", "c", "d"))
    page = page_of(f"<html><body><ul>{links}</ul></body></html>", "https://plain.example/")
    assert all(proposal.confidence <= 0.5 for proposal in propose(page.url, [page], today=TODAY))


class TestNothing:
    """Pages that publish no list: nothing is proposed, nothing is raised."""

    @pytest.mark.parametrize(
        "text",
        ["", "   ", "{", "[]", '{"a": 1}', "<rss", "<!doctype html>", "BEGIN:VCALENDAR", "\x00\ud800", "<a" * 5_000],
        ids=[
            "empty",
            "blank",
            "cut-json",
            "empty-list",
            "object",
            "cut-feed",
            "doctype",
            "cut-ics",
            "odd",
            "hostile",
        ],
    )
    def test_odd_bodies_are_survived(self, text: str) -> None:
        page = page_of(text, "https://odd.example/")
        assert all(
            not proposal.sample or not proposal.sample.listings for proposal in propose(page.url, [page], today=TODAY)
        )

    def test_a_page_about_something_else(self) -> None:
        page = fixture("nothing.html", "https://ferns.example/")
        assert look(page).findings == ()
        assert propose(page.url, [page], today=TODAY) == ()

    def test_menus_and_footers_are_no_lists(self) -> None:
        menu = "".join(
            f'<li class="m"><a href="/{day}">{day} 8pm quiz</a></li>' for day in ("Monday", "Tuesday", "Friday")
        )
        page = page_of(f"<html><body><nav>{menu}</nav><footer>{menu}</footer></body></html>", "https://x.example/")
        assert look(page).findings == ()

    def test_opening_hours_are_no_list(self) -> None:
        rows = "".join(f"<p>{day}: 11:00 AM - 10:00 PM</p>" for day in ("Monday", "Tuesday", "Wednesday"))
        page = page_of(f"<html><body><div class='hours'>{rows}</div></body></html>", "https://x.example/")
        assert [finding.kind for finding in look(page).findings] == []

    def test_an_atom_feed_is_named(self) -> None:
        page = page_of(
            '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>', "https://x.example/a"
        )
        assert look(page).findings == ()
        assert "Atom" in look(page).notes[0]

    def test_next_data_without_a_list_gives_nothing(self) -> None:
        page = capture("declarative/next_data_pub.html", "https://www.greeneking.co.uk/pubs/arkles")
        assert propose(page.url, [page], today=TODAY) == ()

    def test_what_was_looked_for_can_be_told(self) -> None:
        assert len(LOOKED_FOR) > 5


class TestCapturedLinks:
    def test_the_events_calendar_page_points_to_its_interface(self) -> None:
        page = capture("declarative/tribe_list_page.html", "https://95thstreetba.org/about/ssa-4/")
        proposals = propose(page.url, [page], today=TODAY)
        assert proposals[0].kind == "tribe"
        assert tables(proposals[0])["index"]["site"] == "https://95thstreetba.org"
        assert "ics" in {proposal.kind for proposal in proposals}

    def test_the_events_calendar_answer_is_read(self) -> None:
        url = "https://industrycity.com/wp-json/tribe/events/v1/events?per_page=50&start_date=today&page=1"
        proposal = best(capture("declarative/tribe_events_v1.json", url))
        assert proposal.kind == "tribe"
        assert proposal.sample is not None

    def test_a_squarespace_page_with_a_calendar_block_says_where_its_events_are(self) -> None:
        page = capture("declarative/squarespace_calendar_page.html", "https://example.org/beer")
        proposal = best(page)
        assert proposal.kind == "squarespace"
        assert "calendar block" in proposal.why[0]

    def test_stated_events_are_read_where_they_stand(self) -> None:
        page = capture("declarative/jsonld_event_array.html", "https://www.eastvillecomedy.com/calendar")
        proposal = best(page)
        assert tables(proposal)["index"]["events"] == "jsonld"
        assert "none of them says that it repeats" in proposal.why[1]


class TestSite:
    """Key, name and defaults: only what the page gives evidence for."""

    def test_a_country_needs_evidence(self) -> None:
        source = tables(best(fixture("cards.html", "https://lantern.example/quizzes/")))
        assert source["source"] == {
            "key": "lantern",
            "name": "Lantern Quizzes",
            "home": "https://lantern.example",
            "accept_language": "en-GB",
        }
        assert source["defaults"] == {"country": "GB", "timezone": "Europe/London", "currency": "GBP"}

    def test_lang_alone_is_a_remark(self) -> None:
        """Question One writes lang="en-AU" over London pubs."""
        page = page_of(f'<html lang="en-AU"><body>{LINK}', "https://x.example/")
        proposal = best(page)
        assert tables(proposal)["defaults"] == {}
        assert '# country = "AU"  # fill in' in proposal.toml
        assert 'lang="en-AU"' in proposal.toml

    @pytest.mark.parametrize(
        ("text", "country"),
        [
            ("12 High Street, Leeds LS1 4DY", "GB"),
            ("entry £2", "GB"),
            ("College Station, TX 77840", "US"),
            ("Buderim QLD 4556", "AU"),
            ("wstęp 5 zł, piwo 10 zł", "PL"),
            ('{"addressCountry": "Ireland"}', "IE"),
        ],
    )
    def test_evidence(self, text: str, country: str) -> None:
        page = page_of(f"<html><body><p>{text}</p>{LINK}", "https://x.example/")
        assert tables(best(page))["defaults"]["country"] == country

    def test_a_country_with_several_zones_leaves_the_zone_open(self) -> None:
        towns = "<p>Waco, TX 76701</p><p>Ithaca, NY 14850</p>"
        page = page_of(f"{towns}{LINK}", "https://x.example/")
        proposal = best(page)
        assert tables(proposal)["defaults"] == {"country": "US", "currency": "USD"}
        assert '# timezone = "America/New_York"  # fill in' in proposal.toml

    def test_states_of_one_zone_give_it(self) -> None:
        towns = "<p>Waco, TX 76701</p><p>Chicago, IL 60606</p>"
        page = page_of(f"{towns}{LINK}", "https://x.example/")
        assert tables(best(page))["defaults"]["timezone"] == "America/Chicago"

    def test_contradictions_are_told(self) -> None:
        page = page_of(f"<p>£2, $3, Waco, TX 76701</p>{LINK}", "https://x.example/")
        proposal = best(page)
        assert tables(proposal)["defaults"] == {}
        assert "GB (prices in £)" in proposal.toml

    @pytest.mark.parametrize(
        ("url", "key"),
        [
            ("https://www.copper-kettle.co.uk/find", "copper-kettle"),
            ("https://quiz.example.com/", "example"),
            ("http://127.0.0.1:8123/x", "127-0-0-1"),
            ("https://95th.example/", "95th"),
        ],
    )
    def test_key_from_the_host(self, url: str, key: str) -> None:
        page = page_of(f"{LINK}", url)
        proposal = best(page)
        assert tables(proposal)["source"]["key"] == key

    def test_a_given_name_makes_the_key_and_a_taken_key_gets_a_number(self) -> None:
        page = page_of(f"{LINK}", "https://x.example/")
        [proposal, *_] = propose(page.url, [page], today=TODAY, name="Żółw & Co", taken=("zolw_co",))
        assert tables(proposal)["source"]["key"] == "zolw-co-2"
        assert tables(proposal)["source"]["name"] == "Żółw & Co"


class TestHostile:
    """What a page writes must stay text: in TOML, in remarks, on a terminal."""

    def test_a_name_cannot_end_a_remark_or_a_string(self) -> None:
        title = 'Quiz"\n[index]\nkind = "html" \u202e\x1b[31m x.example'
        page = page_of(
            f"<meta property='og:site_name' content='{title}'><i data-stockist-widget-tag='u1234'>",
            "https://x.example/",
        )
        proposal = best(page)
        assert tables(proposal)["index"]["preset"] == "stockist"
        assert "\u202e" not in proposal.toml
        assert "\x1b" not in proposal.toml

    def test_keys_of_a_hostile_document_are_escaped(self) -> None:
        page = page_of(
            '{"a\\u202eb": [{"name": "A", "lat": "1.5", "lng": "2.5"}, {"name": "B", "lat": "1.6", "lng": "2.6"}]}',
            "https://x.example/list.json",
        )
        proposal = best(page)
        assert proposal.toml.isascii() or "\u202e" not in proposal.toml
        assert tables(proposal)["index"]["path"] == "a\u202eb"

    def test_secrets_of_an_address_are_left_out(self) -> None:
        page = fixture("plain.json", "https://api.quarry.example/bars?token=s3cret&page=1")
        proposal = best(page)
        assert "s3cret" not in proposal.toml
        assert "invented-tenant-key" not in proposal.toml

    @pytest.mark.parametrize("markup", ["<div class='c'>" * 400, "<p class=a>x" * 5_000, "<b>" * 200, "[" * 100_000])
    def test_deep_and_long_pages_are_survived(self, markup: str) -> None:
        propose("https://x.example/", [page_of(markup, "https://x.example/")], today=TODAY)


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.name)
def test_a_page_that_is_cut_off_anywhere_is_survived(case: Case) -> None:
    text = (FIXTURES / case.name).read_text(encoding="utf-8")
    for part in range(1, 12):
        cut = text[: len(text) * part // 12]
        for page in (page_of(cut, case.url), page_of(cut[::-1], case.url), page_of(cut.replace('"', "'"), case.url)):
            for proposal in propose(page.url, [page], today=TODAY):
                tomllib.loads(proposal.toml)


class TestWhatAPersonWouldAdd:
    """Rules and gaps that a description written by hand would have."""

    def test_q4_a_label_of_another_game_on_some_cards_is_skipped(self) -> None:
        cards = "".join(
            f'<li class="show"><b class="game">{game}</b><h3>{name}</h3><i class="when">Mondays 8pm</i></li>'
            for game, name in (
                ("Pub quiz", "Rook"),
                ("Music Bingo", "Wren"),
                ("Family Feud", "Tern"),
                ("Quiz", "Kite"),
            )
        )
        proposal = best(page_of(f"<ul>{cards}</ul>", "https://x.example/"))
        assert tables(proposal)["index"]["skip"] == {".game": "bingo|feud"}
        assert [item["name"] for item in read(proposal)] == ["Rook", "Kite"]

    def test_a_list_of_nothing_but_bingo_has_no_such_rule(self) -> None:
        cards = "".join(
            f'<li class="show"><b class="game">Bingo</b><h3>{name}</h3><i class="when">Mondays 8pm</i></li>'
            for name in ("Rook", "Wren", "Tern")
        )
        assert "skip" not in tables(best(page_of(f"<ul>{cards}</ul>", "https://x.example/")))["index"]

    def test_t7_half_an_evening_is_a_gap(self) -> None:
        records = [{"id": n, "name": f"Bar {n}", "lat": 51.5, "lng": 0.1, "time": "8pm"} for n in (1, 2)]
        proposal = best(page_of(json.dumps(records), "https://x.example/bars"))
        assert any(line.startswith("day") for line, _ in proposal.gaps)

    def test_records_under_their_ids_are_a_list(self) -> None:
        records = {f"v{n}": {"name": f"Bar {n}", "quiznight": "Mondays 8pm"} for n in (1, 2, 3)}
        proposal = best(page_of(json.dumps({"venues": records}), "https://x.example/bars"))
        assert tables(proposal)["index"]["path"] == "venues.*"
        assert [item["schedule"] for item in read(proposal)] == ["Mondays 8pm"] * 3

    def test_a_calendar_whose_entries_name_no_place_wants_a_name(self) -> None:
        text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Quiz\r\nDTSTART:20260707T190000\r\n"
        text += "DESCRIPTION:£2 per\r\n  person\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        proposal = best(page_of(text, "https://x.example/c.ics"))
        assert proposal.gaps[0][0] == 'name = "…"'
        assert tables(proposal)["index"]["fields"] == {"fee": "DESCRIPTION"}

    def test_one_venues_own_page_is_told_apart(self) -> None:
        markup = "<ul><li>When: Tuesdays 8pm</li><li>Address: 4 Mill Lane, Durham DH1 3QR</li></ul>"
        seen = look(page_of(markup, "https://x.example/the-otter"))
        assert seen.findings == ()
        assert "give the page that lists the venues" in seen.notes[0]
