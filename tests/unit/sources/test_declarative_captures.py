"""Described sources over the shared captures: real pages, described in TOML (skipped where they are not at hand)."""

from __future__ import annotations

import datetime as dt

import pytest

from trivia_scraper.domain.models import EventStatus, Frequency
from trivia_scraper.sources.declarative.trial import try_detail, try_index
from unit.sources import declarative_examples as examples
from unit.sources.declarative_cases import answer, capture, described, detail, index_page, listings, tried

US = '[defaults]\ncountry = "US"\ntimezone = "America/Chicago"\n'
CARDS = (
    US
    + r"""
[index]
kind = "ajax"
url = "https://challengeentertainment.com/wp-admin/admin-ajax.php"
item = ".ntl-card"
dates = { param = "date", days = 7 }
empty = ".ntl-empty-state"
[index.fields]
key = "@data-venue-key"
url = "@data-permalink"
name = ".ntl-card-venue"
schedule = ".ntl-card-schedule"
address = ".ntl-card-address"
image = ".ntl-card-venue-logo@src"
[index.status]
cancelled_once = ".ntl-card-cancelled-label"
[index.skip]
".ntl-card-title" = "Singo|Bingo|Feud"
"""
)


def test_question_one_archive_as_in_11_4() -> None:
    source = described(examples.HTML)
    page = index_page(source, capture("question_one/venues_page_2026-07-11.html"))
    reading = source.read_index(page)
    assert [(one.key, one.name, one.locality, one.schedule_text) for one in reading.listings] == [
        ("sporting-page-sundays-7-30pm", "Sporting Page", "Chelsea", "Sunday 19:30"),
        ("pub-quiz-the-britannia-poole-every-other-sunday", "The Britannia", "Poole", "Sunday 19:00"),
        ("pub-quiz-royal-oak-twickenham-every-thursday", "Royal Oak", "Twickenham", "Thursday 19:30"),
    ]
    assert [one.image_url is None for one in reading.listings] == [False, True, False]
    assert [request.url for request in reading.follow] == ["https://questionone.com/venues/page/2/"]


def test_question_one_detail_as_in_11_4() -> None:
    source = described(examples.HTML)
    archive = listings(source, capture("question_one/venues_page_2026-07-11.html"))
    page = capture("question_one/venue_detail_kings_arms_2026-07-11.html")
    read = detail(source, archive[0], page)
    assert (read.venue.street, read.venue.city, read.venue.postcode) == ("25 Roupell Street", "London", "SE1 8TB")
    assert (read.venue.phone, read.venue.website) == ("+44 20 7207 0784", "https://www.thekingsarmslondon.co.uk/")
    assert [(one.weekday, one.start_time, one.fee_minor, one.currency) for one in read.events] == [
        (7, dt.time(19, 30), 200, "GBP")
    ]


def test_11_6_1_every_other_sunday_of_the_card_wins_over_plain_sunday() -> None:
    source = described(examples.HTML)
    archive = listings(source, capture("question_one/venues_page_2026-07-11.html"))
    page = capture("question_one/venue_detail_kings_arms_2026-07-11.html")
    assert [one.frequency for one in detail(source, archive[1], page).events] == [Frequency.BIWEEKLY]


def test_speed_quizzing_find_page_as_in_11_4() -> None:
    trial = tried(described(examples.SCRIPT), capture("speed_quizzing/find_2026-07-11.html"), dt.date(2026, 7, 11))
    assert trial.count("listed") == 8
    assert [one.key for one in trial.listings][:2] == ["15700", "3030"]
    dubai = trial.listings[7]
    assert (dubai.latitude, dubai.longitude, dubai.stated["day"]) == (25.067661, 55.1616195, "Saturday")


def test_ajax_cards_two_venues_of_one_name() -> None:
    source = described(CARDS)
    read = listings(source, capture("declarative/ajax_cards_2026-08-13.html"), dt.date(2026, 8, 13))
    assert [(one.key, one.name) for one in read][2:] == [("venue-1419", "Rx Pizza"), ("venue-1421", "Rx Pizza")]
    rx = detail(source, read[3])
    assert (rx.venue.city, rx.venue.region) == ("College Station", "TX")
    assert [(one.weekday, one.start_time) for one in rx.events] == [(4, dt.time(20))]


def test_11_6_4_two_venues_of_one_name_without_keys_are_told_apart_by_address() -> None:
    bare = CARDS.replace('key = "@data-venue-key"\n', "").replace('url = "@data-permalink"\n', "")
    read = listings(described(bare), capture("declarative/ajax_cards_2026-08-13.html"))
    keys = [one.key for one in read]
    assert len(set(keys)) == 4
    assert all(key.startswith("rx-pizza-") for key in keys[2:])


def test_11_6_5_the_valid_empty_answer_and_an_error_page() -> None:
    source = described(CARDS)
    page = index_page(source, capture("declarative/ajax_cards_2026-08-14_empty.html"))
    reading = source.read_index(page)
    assert (reading.listings, reading.explicitly_empty, len(reading.follow)) == ((), True, 6)
    assert try_index(source, answer(page.request, "<h1>502 Bad Gateway</h1>")).problem.startswith("nothing matches")


def test_ajax_cards_cancelled_this_week_singo_skipped_and_logos() -> None:
    source = described(CARDS)
    trial = tried(source, capture("declarative/ajax_cards_2026-08-19.html"), dt.date(2026, 8, 19))
    assert [one.outcome for one in trial.items] == ["listed", "listed", "skipped", "listed", "listed"]
    assert trial.items[2].reason == ".ntl-card-title matches 'Singo|Bingo|Feud'"
    duddleys = detail(source, trial.listings[0])
    assert duddleys.venue.name == "Duddley's Draw"
    assert [one.status for one in duddleys.events] == [EventStatus.CANCELLED_ONCE]
    assert all((one.image_url or "").endswith("?wsr") for one in trial.listings)


def test_11_6_10_the_one_logo_on_every_card_is_no_picture() -> None:
    source = described(CARDS.replace(".ntl-card-venue-logo@src", ".ntl-card-thumb img@src"))
    read = listings(source, capture("declarative/ajax_cards_2026-08-19.html"))
    assert [one.image_url for one in read] == [None] * 4


def test_json_with_html_inside() -> None:
    source = described(
        US
        + r"""
[index]
kind = "ajax"
body = "json"
url = "https://www.cookcountylandbank.org/wp-admin/admin-ajax.php"
method = "POST"
html_path = "content"
item = ".eventon_list_event"
[index.fields]
key = "@data-event_id"
name = ".evcal_event_title"
url = "a@href"
date = { select = "@data-time", regex = "^(\\d+)-" }
time = "em.time"
image = ".evo_metarow_directimg img@src"
"""
    )
    (listing,) = listings(source, capture("declarative/ajax_json_with_html.json"), dt.date(2019, 9, 1))
    assert (listing.key, listing.name) == ("4969", "CCLBA Land Transactions Committee")
    (event,) = detail(source, listing).events
    assert (event.weekday, event.start_time, event.next_date) == (5, dt.time(10), dt.date(2019, 9, 13))
    assert event.frequency is Frequency.IRREGULAR


def test_map_script_with_html_inside_json() -> None:
    source = described(
        US
        + r"""
[index]
kind = "script_json"
url = "https://challengeentertainment.com/find/"
script = { after = "window.gmapLocations =" }
[index.fields]
name = { select = "content", html = ".map-popup-info a" }
url = { select = "content", html = ".map-popup-info a@href" }
address = { select = "content", html = ".map-popup-directions" }
lat = "lat"
lng = "lng"
time = { select = "content", html = ".map-popup-time" }
date = { select = "content", html = ".map-popup-date span", join = " " }
"""
    )
    trial = tried(source, capture("declarative/ajax_map_script_json.html"), dt.date(2026, 8, 13))
    assert trial.count("listed") == 12
    owl = next(one for one in trial.listings if one.name == "The Owl Pub & Grill")
    assert (owl.key, owl.latitude) == ("venue/the-owl-pub-grill-bryan", 30.6712149)
    read = detail(source, owl)
    assert (read.venue.address, read.venue.city, read.venue.postcode) == (
        "315 S Main St, Bryan, TX 77803",
        "Bryan",
        "77803",
    )
    assert [(one.weekday, one.start_time, one.next_date) for one in read.events] == [
        (2, dt.time(20), dt.date(2026, 8, 18))
    ]


TABLE = r"""
[source]
home = "http://www.pubquizzers.com"
[defaults]
country = "GB"
[index]
kind = "html"
url = "http://www.pubquizzers.com/search"
item = "#rounded-corner tbody tr"
[index.fields]
name = "td:nth-child(1) a"
url = "td:nth-child(1) a@href"
key = { select = "td:nth-child(1) a@href", regex = "/(\\d+)/" }
locality = { select = "td:nth-child(2)", regex = ",\\s*(.+)$" }
schedule = "td:nth-child(3)"
fee = "td:nth-child(5)"
postcode = "td:nth-child(7)"
[detail.fields]
address = "#quiz-table tr:nth-child(2) td"
postcode = "#quiz-table tr:nth-child(3) td"
phone = "#quiz-table tr:nth-child(4) td"
website = "#quiz-table tr:nth-child(5) a@href"
schedule = "#quiz-table tr:nth-child(6) td"
lat = { select = "iframe@src", regex = "lat=([-\\d.]+)" }
lng = { select = "iframe@src", regex = "lon=([-\\d.]+)" }
image = ".quiz-left img@src"
"""


def test_html_table_index_takes_the_fee_and_not_the_jackpot() -> None:
    pilot, marquess = listings(described(TABLE), capture("declarative/html_table_index.html"))
    assert (pilot.key, pilot.name, pilot.locality, pilot.postcode) == ("84", "The Pilot Inn", "London", "SE10 0BE")
    assert (pilot.schedule_text, pilot.fee_text, marquess.fee_text) == ("Tue @ 20:00", "£1.00", "£2.00")


def test_html_table_detail_behind_a_frame_that_is_never_closed() -> None:
    source = described(TABLE)
    pilot, _ = listings(source, capture("declarative/html_table_index.html"))
    read = detail(source, pilot, capture("declarative/html_table_detail.html"))
    assert (read.venue.latitude, read.venue.longitude) == (51.496201, 0.01014)
    assert (read.venue.postcode, read.venue.phone) == ("SE10 0BE", "+44 20 8858 5910")
    assert [(one.weekday, one.start_time, one.frequency, one.fee_minor) for one in read.events] == [
        (2, dt.time(20), Frequency.WEEKLY, 100)
    ]


def test_paragraphs_opening_hours_are_no_quiz_and_nothing_is_made_up() -> None:
    source = described(
        US
        + r"""
[index]
kind = "html"
url = "https://wheelie.example/"
item = "#hours p, #events p"
match = "trivia|quiz"
[index.fields]
name = { const = "Wheelie Pop Brewing" }
schedule = "."
"""
    )
    trial = tried(source, capture("declarative/html_paragraph_list.html"))
    assert [(one.outcome, one.reason) for one in trial.items if one.outcome != "skipped"] == [
        ("rejected", "schedule without time")
    ]
    assert trial.count("skipped") == 4


def test_own_rss_page_as_in_11_4() -> None:
    read = listings(described(examples.RSS), capture("declarative/own_rss_page.xml"))
    assert [(one.name, one.locality, one.url) for one in read] == [
        ("Example Arms", "Reading", "https://example.com/venues/example-arms/"),
        ("Fish & Anchor", "Caversham", "https://example.com/venues/fish-anchor-2/"),
    ]


def test_a_feed_in_latin_1() -> None:
    source = described(
        '[index]\nkind = "rss"\nurl = "https://feed.example/"\n[index.fields]\nname = "title"\nurl = "link"\n'
    )
    (entry,) = listings(source, capture("declarative/rss_iso_8859_1.xml", encoding="iso-8859-1"))
    assert entry.name == "Revolução nas telas com pontos quânticos impressos em 3D"
    assert entry.url.endswith("&id=010150200813")


def test_own_wp_store_locator_preset() -> None:
    source = described(
        '[index]\npreset = "wp_store_locator"\nsite = "https://example.com/"\n'
        '[index.fields]\nschedule = "description"\nfee = "description"\n'
    )
    assert source.default_index_url.startswith("https://example.com/wp-admin/admin-ajax.php?action=store_search")
    arms, oak = (detail(source, one) for one in listings(source, capture("declarative/own_wp_store_locator.json")))
    assert (arms.venue.name, arms.venue.country, arms.venue.timezone) == ("The Example Arms", "GB", "Europe/London")
    assert [(one.weekday, one.start_time, one.fee_minor) for one in arms.events] == [(2, dt.time(20), 200)]
    assert oak.venue.name == "The Example ’Oak"
    assert [(one.weekday, one.ordinals, one.start_time) for one in oak.events] == [(7, (-1,), dt.time(19, 30))]
    assert [image.url for image in oak.images] == ["https://example.com/wp-content/uploads/oak-150x150.jpg"]


def test_own_squarespace_events() -> None:
    source = described(examples.SQUARESPACE.replace("[index]", US + "[index]"))
    first = source.read_index(
        index_page(source, capture("declarative/own_squarespace_events.json"), dt.date(2026, 3, 20))
    )
    (request,) = first.follow
    (listing,) = source.read_index(answer(request, '{"upcoming": []}')).listings
    read = detail(source, listing)
    assert (read.venue.name, read.venue.postcode, read.venue.latitude) == ("The Example Arms", "11211", None)
    assert [(one.title, one.next_date) for one in read.events] == [("Trivia Tuesday", dt.date(2026, 3, 31))]


def test_tribe_events_of_a_site_that_names_no_venue() -> None:
    source = described(
        '[source]\nname = "Industry City"\n[defaults]\ncountry = "US"\naddress = "220 36th St, Brooklyn, NY 11232"\n'
        '[index]\nkind = "tribe"\nsite = "https://industrycity.com"\nmatch = "jazz"\n'
    )
    (listing,) = listings(source, capture("declarative/tribe_events_v1.json"), dt.date(2025, 6, 1))
    read = detail(source, listing)
    assert (read.venue.name, read.venue.city, read.venue.timezone) == (
        "Industry City",
        "Brooklyn",
        "America/New_York",
    )
    assert [(one.weekday, one.start_time, one.end_time, one.frequency) for one in read.events] == [
        (5, dt.time(18), dt.time(22), Frequency.IRREGULAR)
    ]


def test_own_weekly_quiz_calendar() -> None:
    source = described(
        '[defaults]\ncountry = "US"\nlocality = "Oakland"\nregion = "CA"\npostcode = "94607"\n' + examples.ICS
    )
    (listing,) = listings(source, capture("declarative/own_weekly_quiz.ics"), dt.date(2026, 4, 10))
    read = detail(source, listing)
    assert [(one.weekday, one.start_time, one.frequency, one.ordinals) for one in read.events] == [
        (3, dt.time(18, 30), Frequency.WEEKLY, ()),
        (7, dt.time(17), Frequency.MONTHLY, (1,)),
    ]
    assert (read.venue.street, read.venue.timezone) == ("1 High Street", "America/Los_Angeles")


@pytest.mark.parametrize("name", ["wordpress_calendar.ics", "multiple_calendars.ics"])
def test_calendars_without_a_quiz_give_nothing_quietly(name: str) -> None:
    trial = tried(described(US + examples.ICS), capture(f"declarative/{name}"), dt.date(2024, 5, 1))
    assert trial.count("listed") == 0


def test_calendars_of_several_parts_are_read_whole() -> None:
    toml = examples.ICS.replace("quiz|trivia", "coffee")
    trial = tried(described(US + toml), capture("declarative/multiple_calendars.ics"), dt.date(2010, 4, 1))
    (item,) = [one for one in trial.items if one.outcome == "listed"]
    assert len(item.evenings) == 3


def test_next_data_a_single_object_is_one_item() -> None:
    source = described(
        r"""
[defaults]
country = "GB"
[index]
kind = "script_json"
url = "https://www.greeneking.co.uk/pubs/merseyside/arkles"
script = { id = "__NEXT_DATA__" }
path = "props.pageProps.venue"
require = ["key"]
[index.fields]
key = "locationKey"
url = { const = "https://www.greeneking.co.uk{frequency}" }
frequency = "siteVirtualFolder"
"""
    )
    (listing,) = listings(source, capture("declarative/next_data_pub.html"))
    assert (listing.key, listing.url) == ("7618", "https://www.greeneking.co.uk/pubs/merseyside/arkles/")


PAGE = (
    '[defaults]\ncountry = "US"\ntimezone = "America/New_York"\nname = "The Hall"\n'
    '[index]\nkind = "html"\nevents = "{0}"\nurl = "https://hall.example/"\n'
)


def test_events_of_a_page_in_json_ld() -> None:
    trial = tried(
        described(PAGE.format("jsonld")), capture("declarative/jsonld_event_array.html"), dt.date(2020, 1, 1)
    )
    club, hall = trial.listings
    assert (club.name, club.address) == ("Eastville Comedy Club", "487 Atlantic Ave, Brooklyn, NY, 11217, US")
    assert (hall.name, hall.key) == ("The Hall", "the-hall")


@pytest.mark.parametrize(
    "name", ["jsonld_graph_without_event.html", "tribe_list_page.html", "squarespace_calendar_page.html"]
)
def test_pages_without_an_event_find_nothing_quietly(name: str) -> None:
    source = described(TABLE)
    trial = try_detail(
        source, None, answer(source.first_request(source.home, dt.date(2026, 1, 1)), capture(f"declarative/{name}"))
    )
    assert trial.detail is None
    assert "schedule" not in {field.name for field in trial.fields if field.value}


@pytest.mark.parametrize(
    "name", ["jsonld_js_comment.html", "jsonld_control_characters.html", "jsonld_bad_character.html"]
)
def test_11_6_8_broken_json_ld_is_mended_or_noted(name: str) -> None:
    source = described(TABLE)
    page = answer(source.first_request(source.home, dt.date(2026, 1, 1)), capture(f"declarative/{name}"))
    trial = try_detail(source, None, page)
    assert trial.problem
    assert not any("Traceback" in note for note in trial.notes)


def test_microdata_of_a_detail_page() -> None:
    source = described(PAGE.format("microdata"))
    trial = try_index(
        source, index_page(source, capture("declarative/microdata_event_detail.html"), dt.date(2019, 1, 1))
    )
    assert trial.problem == ""
    assert trial.count("listed") == 1
