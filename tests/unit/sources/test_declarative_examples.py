"""sources.md 11.4: every worked example loads as it stands and reads pages of its format."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import EventStatus, Frequency, ImageRole
from trivia_scraper.sources.declarative.trial import try_index
from unit.sources import declarative_examples as examples
from unit.sources.declarative_cases import answer, described, detail, index_page, listings, problems_in, tried

ARCHIVE = """<html><head><link rel="next" href="/venues/page/2/"></head><body>
<a class="media-card" href="https://questionone.com/venues/the-heron/"><img src="/up/heron.webp">
<h3>PUB QUIZ &#8211; The Heron, Luton &#8211; Every Other Monday</h3>
<div class="excerpt"><div>Monday 20:00</div></div></a>
<a class="media-card" href="https://questionone.com/venues/crown-hove/">
<img src="/themes/q/assets/images/placeholder/default-post_image.jpg"><h3>Crown, Hove</h3>
<div class="excerpt"><div>Thursday 19:30</div></div></a></body></html>"""

VENUE = """<html><head><meta property="og:image" content="/og.jpg"></head><body>{blocks}
<div class="post-content-area"><p>First.</p><p>Second.</p></div></body></html>"""
BLOCK = (
    '<div class="text-with-icon"><svg><use href="/i.svg#{icon}"></use></svg>'
    '<div class="text-with-icon__text">{text}</div></div>'
)


def icons(**texts: str) -> str:
    return VENUE.format(blocks="".join(BLOCK.format(icon=icon, text=text) for icon, text in texts.items()))


@pytest.mark.parametrize("name", list(examples.ALL))
def test_11_4_every_example_loads_as_it_stands(name: str) -> None:
    assert problems_in(examples.ALL[name], name) == []


def test_11_4_html_list_with_next_page_and_drop() -> None:
    source = described(examples.HTML)
    page = index_page(source, ARCHIVE)
    heron, crown = source.read_index(page).listings
    assert (source.slug, heron.key, heron.name, heron.locality) == (
        "question-one-html",
        "the-heron",
        "The Heron",
        "Luton",
    )
    assert (heron.image_url, crown.image_url) == ("https://questionone.com/up/heron.webp", None)
    (following,) = source.read_index(page).follow
    assert (following.url, following.step) == ("https://questionone.com/venues/page/2/", "page")
    assert not source.ends_index(following, 404)


def test_11_4_html_pages_end_where_no_next_is_named_and_at_max_pages() -> None:
    source = described(examples.HTML.replace("max_pages = 40", "max_pages = 2"))
    (second,) = source.read_index(index_page(source, ARCHIVE)).follow
    assert (
        source.read_index(answer(second, ARCHIVE.replace("/page/2/", "/page/3/").replace("heron", "swan"))).follow
        == ()
    )


def test_11_4_html_detail_stage() -> None:
    source = described(examples.HTML)
    heron, _ = listings(source, ARCHIVE)
    page = icons(
        calendar="Monday 20:00",
        tag="£2",
        pin="1 Sample Street, Luton, England LU1 1AA",
        phone="01582 496 000",
        link='<a href="https://heron.example/">Visit Website</a>',
    )
    read = detail(source, heron, page)
    assert (read.venue.name, read.venue.city, read.venue.postcode, read.venue.country) == (
        "The Heron",
        "Luton",
        "LU1 1AA",
        "GB",
    )
    assert (read.venue.phone, read.venue.website) == ("+44 1582 496000", "https://heron.example/")
    (event,) = read.events
    assert (event.weekday, event.start_time, event.frequency) == (1, dt.time(20), Frequency.BIWEEKLY)
    assert (event.fee_minor, event.currency, event.description) == (200, "GBP", "First.\n\nSecond.")
    assert [(image.role, image.url) for image in read.images] == [
        (ImageRole.HERO, "https://questionone.com/up/heron.webp")
    ]


def test_11_4_html_detail_requires_what_it_says() -> None:
    source = described(examples.HTML)
    heron, _ = listings(source, ARCHIVE)
    with pytest.raises(PageShapeChanged) as raised:
        detail(source, heron, icons(calendar="Monday 20:00"))
    assert raised.value.looked_for == "address"


HEADINGS = """<div id="entry-content-anchor"><p><a href="/x">An intro</a></p>
<h3>Monday Trivia</h3>
<h3>Trivia Mondays</h3>
<p><a href="https://heron.example/">The Heron</a> 12 Sample St, Astoria, 11103, 8:00pm</p>
<p><a href="/the-crown">Crown</a> 3 Low St, Bushwick, 11207, 7.30 PM</p>
<h3>Trivia Tuesdays</h3>
<p><a href="https://heron.example/">The Heron</a> 12 Sample St, Astoria, 11103, 7pm</p>
<h3>Private events</h3><p><a href="/book">Book us</a> any time</p></div>
<p><a href="/imprint">Imprint</a></p>"""


def test_11_4_headings_day_from_the_heading_above_until_the_next_one() -> None:
    trial = tried(described(examples.HEADINGS), HEADINGS)
    assert [(one.outcome, one.reason) for one in trial.items] == [
        ("rejected", "schedule without weekday and time"),
        ("listed", ""),
        ("listed", ""),
        ("rejected", "schedule without weekday and time"),
    ]
    heron, crown = trial.listings
    assert (crown.name, crown.stated["day"], crown.stated["time"]) == ("Crown", "Mondays", "7.30 PM")
    assert (heron.locality, crown.locality) == ("Astoria", "Bushwick")


def test_11_4_headings_one_venue_under_two_days_is_one_listing_with_two_evenings() -> None:
    source = described('[defaults]\ncountry = "US"\ntimezone = "America/New_York"\n' + examples.HEADINGS)
    heron, _ = listings(source, HEADINGS)
    assert [(event.weekday, event.start_time) for event in detail(source, heron).events] == [
        (1, dt.time(20)),
        (2, dt.time(19)),
    ]


LOCATIONS = {
    "success": True,
    "results": {
        "locations": [
            {
                "id": 7,
                "name": "Ten Sample Hotel",
                "address": "1 Sample Rd, Buderim, Queensland, 4556, AU",
                "lat": "-26.66",
                "lng": 153.05,
                "phone": None,
                "postcode": "4556",
                "url": "https://www.quizmeisters.com/venues/qld-ten-sample",
                "fields": [
                    {"name": "Bingo", "pivot_field_value": "Fridays at 6pm"},
                    {"name": "Survey Says", "pivot_field_value": "Wednesdays at 7pm"},
                ],
            },
            {"id": 8, "name": "No Page", "address": "2 Low Rd", "lat": 1, "lng": 1, "url": None, "fields": []},
        ]
    },
}


def test_11_4_json_preset_with_a_filtered_path() -> None:
    source = described(examples.STOREROCKET)
    assert source.default_index_url == "https://storerocket.io/api/user/kDJ3BbK4mn/locations"
    trial = tried(source, json.dumps(LOCATIONS))
    assert [(one.outcome, one.reason) for one in trial.items] == [("listed", ""), ("rejected", "no url")]
    (listing,) = trial.listings
    assert (listing.key, listing.schedule_text) == ("qld-ten-sample", "Wednesdays at 7pm")
    page = '<p class="on-break">back in May</p><div class="host-info"><p class="host-name">Host Sample</p>'
    page += '<img class="host-image placeholder" src="/a.jpg"><img class="host-image" src="/b.jpg"></div>'
    read = detail(source, listing, page)
    assert (read.venue.timezone, read.venue.region, read.events[0].currency) == ("Australia/Brisbane", "QLD", "AUD")
    assert read.events[0].status is EventStatus.PAUSED
    assert read.performer is not None
    assert [image.url for image in read.images] == ["https://www.quizmeisters.com/b.jpg"]


def test_11_4_json_preset_reports_no_success() -> None:
    trial = try_index(
        described(examples.STOREROCKET), index_page(described(examples.STOREROCKET), '{"success": false}')
    )
    assert trial.problem == "the service reports no success (looked for: index.success success)"


STORES = {
    "stores": [
        {
            "storeid": "901",
            "name": "The Railway",
            "data": {
                "address": "1 High Rd\r\nLondon\r\nSW16 5SD",
                "map_lat": "51.42",
                "map_lng": "-0.13",
                "description": "Tuesdays, 6.30pm",
                "phone": "020 7946 0000",
            },
            "filters": ["Tuesday"],
        },
        {
            "storeid": "902",
            "name": "The Railway",
            "data": {
                "address": "2 Low Rd\r\nLondon\r\nSW15 6TD",
                "map_lat": "51.46",
                "map_lng": "-0.22",
                "description": "Wednesdays, 7pm",
            },
            "filters": [],
        },
        {
            "storeid": "903",
            "name": "No Day",
            "data": {"address": "3 Low Rd", "map_lat": "51.4", "map_lng": "-0.2"},
            "filters": [],
        },
    ],
    "mapbox_api_key": "pk.dummy",
    "settings": {"maptiler_api_key": "dummy"},
}


@pytest.mark.parametrize("wrapper", ["slw({});", "slw( {} )\n", "{}"])
def test_11_4_json_with_a_jsonp_wrapper(wrapper: str) -> None:
    source = described(examples.JSONP)
    trial = tried(source, wrapper.replace("{}", json.dumps(STORES)))
    assert [(one.outcome, one.reason) for one in trial.items] == [
        ("listed", ""),
        ("listed", ""),
        ("rejected", "schedule without weekday and time"),
    ]
    first, second = trial.listings
    assert (first.key, second.key) == ("901", "902")
    assert first.url == "https://inquizition.com/find-a-quiz/#901"
    read = detail(source, second)
    assert [(event.weekday, event.start_time, event.fee_minor) for event in read.events] == [(3, dt.time(19), 250)]
    assert (read.venue.city, read.venue.postcode, read.venue.timezone) == ("London", "SW15 6TD", "Europe/London")
    assert "dummy" not in repr(trial)


SCRIPT = """<script>var other = JSON.parse('[1]'); var events = JSON.parse('[{"event_id":"51","lat":"51.5",
"lon":"-0.1","day":"Sunday","date":"2026-03-08"},{"event_id":"52","lat":"x","lon":"0","day":"Monday",
"date":"2026-03-09","note":"it\\'s \\u003Cb\\u003E"}]')</script>""".replace("\n", "")


def test_11_4_json_out_of_a_quoted_script() -> None:
    source = described(examples.SCRIPT)
    first, second = listings(source, SCRIPT)
    assert (first.key, first.url, first.latitude) == ("51", "https://www.speedquizzing.com/events/51/", 51.5)
    assert second.latitude is None
    assert source.missing_details_are_normal
    page = """<p class="mb-0"><b>The Heron</b></p>
    <p class="mb-0"><i class="fa fa-map-marker"></i> UK, 1 Sample St, Luton LU1 1AA</p>
    <p class="mb-0"><i class="fa fa-clock"></i> 8pm • Sunday 8 Mar 2026</p><p class="sm1">£1.50</p>
    <div id="menu4"><h3>This event is hosted by ★12 Sam Sample</h3><img class="host-img" src="/h.jpg"></div>"""
    read = detail(source, first, page)
    (event,) = read.events
    assert (read.venue.name, read.venue.country, read.venue.postcode) == ("The Heron", "GB", "LU1 1AA")
    assert (event.weekday, event.start_time, event.fee_minor) == (7, dt.time(20), 150)
    # A date proves nothing of other dates: the description would have to say so in defaults.frequency.
    assert (event.frequency, event.next_date) == (Frequency.IRREGULAR, dt.date(2026, 3, 8))
    assert read.performer is not None
    assert read.performer.name == "Sam Sample"


def test_11_4_a_source_may_say_how_often_its_dated_evenings_recur() -> None:
    source = described('[defaults]\nfrequency = "weekly"\n' + examples.SCRIPT)
    first, _ = listings(source, SCRIPT)
    page = '<p class="mb-0"><b>The Heron</b></p><p class="mb-0"><i class="fa-clock"></i> 8pm</p>'
    (event,) = detail(source, first, page).events
    assert (event.weekday, event.frequency, event.next_date) == (7, Frequency.WEEKLY, dt.date(2026, 3, 8))


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Venues</title>
<item><title>PUB QUIZ &#8211; Heron Arms, Luton &#8211; Every Thursday</title><link>https://questionone.com/venues/heron-arms/?utm_source=rss</link></item>
<item><title>PUB QUIIZ &#8211; Fish &amp;amp; Crown, Hove, Every Other Sunday</title><link>https://questionone.com/venues/fish-crown-2/</link></item>
</channel></rss>"""


def test_11_4_rss_names_without_prefix_and_cadence_queries_stripped_and_pages() -> None:
    source = described(examples.RSS)
    page = index_page(source, FEED)
    reading = source.read_index(page)
    assert [(one.name, one.locality, one.key) for one in reading.listings] == [
        ("Heron Arms", "Luton", "venues/heron-arms"),
        ("Fish & Crown", "Hove", "venues/fish-crown-2"),
    ]
    assert reading.listings[0].url == "https://questionone.com/venues/heron-arms/"
    (second,) = reading.follow
    assert second.url == "https://questionone.com/venues/feed/?paged=2"
    assert source.ends_index(second, 404)
    assert not source.ends_index(page.request, 404)
    assert not source.ends_index(second, 500)


def test_11_4_rss_a_server_that_ignores_the_page_number_ends_the_walk() -> None:
    source = described(examples.RSS)
    (second,) = source.read_index(index_page(source, FEED)).follow
    again = source.read_index(answer(second, FEED))
    assert (again.listings, again.follow) == ((), ())


def posts(count: int, start: int = 0) -> str:
    return json.dumps(
        [
            {
                "id": number,
                "link": f"https://example.org/v/{number}/",
                "title": {"rendered": f"Bar &#8220;{number}&#8221;"},
                "content": {"rendered": f"<p>Text <b>{number}</b></p>"},
                "class_list": {
                    "0": "post",
                    "7": "lct_game_type-trivia" if number % 2 == 0 else "lct_game_type-bingo",
                },
            }
            for number in range(start, start + count)
        ]
    )


def test_11_4_wp_rest_keeps_its_game_type_and_pages_until_a_short_page() -> None:
    source = described(examples.WP_REST)
    page = index_page(source, posts(100))
    assert page.request.url == "https://example.org/wp-json/wp/v2/lct_venue?per_page=100"
    reading = source.read_index(page)
    assert len(reading.listings) == 50
    assert (reading.listings[0].key, reading.listings[0].name) == ("0", "Bar “0”")
    assert reading.listings[0].description == "Text 0"
    (second,) = reading.follow
    assert second.url.endswith("per_page=100&page=2")
    assert source.ends_index(second, 400)
    assert source.read_index(answer(second, posts(3, 100))).follow == ()


def test_11_4_wp_rest_an_empty_list_is_an_answer() -> None:
    source = described(examples.WP_REST)
    assert source.read_index(index_page(source, "[]")).explicitly_empty


BLOCKS = """<a id="quizBlock-71" data-brand="quiz" data-title="Heron @ Luton Yard"
data-address="1 Sample St, Denver, CO 80202" data-lat="39.7" data-lon="-104.9" data-day="Thursdays">
<h2>Heron</h2><time>7:00pm</time>
<span class="quizBlock__logo"><img src="/l.png"></span></a>
<a id="quizBlock-72" data-brand="bng" data-title="Bingo Bar"></a>
<a id="quizBlock-virtual-73" data-title="Online"></a>"""


def test_11_4_ajax_with_a_nonce_from_a_first_page() -> None:
    source = described(examples.AJAX)
    first = source.first_request(source.default_index_url, dt.date(2026, 3, 2))
    assert (first.url, first.step) == ("https://www.geekswhodrink.com/venues/", "nonce")
    reading = source.read_index(answer(first, "<script>var a = {'gwdNonce': 'ab12cd'}</script>"))
    assert reading.listings == ()
    (request,) = reading.follow
    assert request.url.startswith(
        "https://www.geekswhodrink.com/wp-admin/admin-ajax.php?action=mb_display_mapped_events"
    )
    assert "bounds%5BnorthLat%5D=71.35817123219137" in request.url
    assert request.url.endswith("nonce=ab12cd")
    assert request.accept_status == {200, 500}
    (listing,) = source.read_index(answer(request, BLOCKS, 500)).listings
    assert (listing.key, listing.address, listing.stated["day"]) == (
        "71",
        "1 Sample St, Denver, CO 80202",
        "Thursdays",
    )
    assert listing.image_url == "https://www.geekswhodrink.com/l.png"


def test_11_4_ajax_as_a_post_sends_a_form() -> None:
    source = described(examples.AJAX.replace('"GET"', '"POST"').replace("[index.nonce]", "[index.nonce]", 1))
    first = source.first_request(source.default_index_url, dt.date(2026, 3, 2))
    (request,) = source.read_index(answer(first, "gwdNonce: ab12")).follow
    assert request.url == "https://www.geekswhodrink.com/wp-admin/admin-ajax.php"
    assert request.form is not None
    assert (request.form["nonce"], request.form["bounds[northLat]"]) == ("ab12", "71.35817123219137")


def test_11_4_ajax_an_answer_without_the_anchor_is_no_empty_index() -> None:
    source = described(examples.AJAX)
    first = source.first_request(source.default_index_url, dt.date(2026, 3, 2))
    with pytest.raises(PageShapeChanged) as no_nonce:
        source.read_index(answer(first, "<p>Maintenance</p>"))
    assert no_nonce.value.looked_for.startswith("index.nonce.regex")
    (request,) = source.read_index(answer(first, "gwdNonce: ab12")).follow
    with pytest.raises(PageShapeChanged) as no_blocks:
        source.read_index(answer(request, "<p>Error</p>", 500))
    assert no_blocks.value.looked_for == "index.must_contain quizBlock-"


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
X-WR-TIMEZONE:Europe/London
BEGIN:VEVENT
UID:a
DTSTART;TZID=Europe/London:20260303T193000
DTEND;TZID=Europe/London:20260303T213000
RRULE:FREQ=WEEKLY;BYDAY=TU
EXDATE;TZID=Europe/London:20260310T193000
SUMMARY:Pub Quiz
DESCRIPTION:£2 per person
END:VEVENT
BEGIN:VEVENT
UID:b
DTSTART;TZID=Europe/London:20260305T200000
RRULE:FREQ=MONTHLY;BYDAY=1TH
SUMMARY:Big Trivia Thursday
END:VEVENT
BEGIN:VEVENT
UID:c
DTSTART;TZID=Europe/London:20260306T200000
RRULE:FREQ=WEEKLY
SUMMARY:Bingo quiz
END:VEVENT
BEGIN:VEVENT
UID:d
DTSTART;VALUE=DATE:20260307
SUMMARY:All day trivia
END:VEVENT
BEGIN:VEVENT
UID:e
DTSTART;TZID=Europe/London:20260308T120000
SUMMARY:Roast
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_11_4_ics_is_one_venue_with_its_evenings() -> None:
    source = described(
        '[defaults]\ncountry = "GB"\naddress = "1 Sample Street"\nlocality = "Luton"\npostcode = "LU1 1AA"\n'
        + examples.ICS
    )
    trial = tried(source, CALENDAR)
    (listing,) = trial.listings
    assert (listing.key, listing.name) == ("the-example-arms", "The Example Arms")
    assert sorted(one.outcome for one in trial.items) == ["listed", "rejected", "skipped", "skipped"]
    read = detail(source, listing)
    assert source.detail_request(listing) is None
    assert [
        (event.weekday, event.start_time, event.frequency, event.ordinals, event.title) for event in read.events
    ] == [
        (2, dt.time(19, 30), Frequency.WEEKLY, (), "Pub Quiz"),
        (4, dt.time(20), Frequency.MONTHLY, (1,), "Big Trivia Thursday"),
    ]
    assert (read.events[0].end_time, read.events[0].next_date) == (dt.time(21, 30), dt.date(2026, 3, 3))
    assert (read.venue.city, read.venue.postcode, read.venue.timezone) == ("Luton", "LU1 1AA", "Europe/London")


def test_11_4_ics_an_empty_calendar_is_an_answer_and_an_error_page_is_none() -> None:
    source = described(examples.ICS)
    empty = source.read_index(index_page(source, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"))
    assert (empty.listings, empty.explicitly_empty) == ((), True)
    with pytest.raises(PageShapeChanged):
        source.read_index(index_page(source, "<html>503</html>"))


def tribe(*events: dict[str, object], next_url: str = "") -> str:
    return json.dumps({"events": events, "total_pages": 2} | ({"next_rest_url": next_url} if next_url else {}))


def entry(number: int, day: str, title: str = "Trivia Night", **more: object) -> dict[str, object]:
    return {
        "id": number,
        "title": title,
        "url": f"https://example.org/event/{number}/",
        "start_date": f"{day} 19:00:00",
        "end_date": f"{day} 21:00:00",
        "all_day": False,
        "timezone": "UTC+0",
        "cost": "Free",
        "image": False,
        "venue": {"venue": "Heron Taproom", "address": "1 Sample St", "city": "Austin", "zip": "78701"},
    } | more


def test_11_4_tribe_a_series_over_two_pages_is_weekly() -> None:
    source = described('[defaults]\ncountry = "US"\ntimezone = "America/Chicago"\n' + examples.TRIBE)
    page = index_page(
        source,
        tribe(
            entry(1, "2026-03-05"),
            entry(2, "2026-03-12"),
            entry(9, "2026-03-06", "Open mic"),
            next_url="https://example.org/wp-json/tribe/events/v1/events?page=2",
        ),
    )
    assert page.request.url == (
        "https://example.org/wp-json/tribe/events/v1/events?per_page=50&start_date=2026-03-02"
    )
    first = source.read_index(page)
    assert first.listings == ()
    (second,) = first.follow
    (listing,) = source.read_index(
        answer(second, tribe(entry(3, "2026-03-19"), entry(4, "2026-03-20", venue=[])))
    ).listings
    assert listing.key.startswith("heron-taproom-")
    read = detail(source, listing)
    assert [(event.weekday, event.frequency, event.fee_minor) for event in read.events] == [(4, Frequency.WEEKLY, 0)]
    assert (read.venue.address, read.venue.city) == ("1 Sample St, Austin, 78701", "Austin")
    assert not source.ends_index(second, 404)


def test_11_4_tribe_a_single_date_stays_a_dated_one() -> None:
    source = described('[defaults]\ncountry = "US"\ntimezone = "America/Chicago"\n' + examples.TRIBE)
    (listing,) = listings(source, tribe(entry(1, "2026-03-05"), entry(2, "2026-02-05")))
    (event,) = detail(source, listing).events
    assert (event.weekday, event.frequency, event.next_date) == (4, Frequency.IRREGULAR, dt.date(2026, 3, 5))


def test_11_4_squarespace_asks_for_json_and_follows_its_pages() -> None:
    source = described('[defaults]\ncountry = "US"\n' + examples.SQUARESPACE)
    item = {
        "id": "a",
        "title": "Trivia Tuesday",
        "fullUrl": "/events/a",
        "startDate": 1773189000000,
        "endDate": 1773196200000,
        "location": {
            "addressTitle": "Heron Bar",
            "addressLine1": "1 Sample St",
            "addressLine2": "Brooklyn, NY 11211",
            "mapLat": 40.7207559,
            "mapLng": -74.0007613,
        },
    }
    site = {"website": {"timeZone": "America/New_York", "socialAccounts": [{"screenname": "someone"}]}}
    page = index_page(
        source, json.dumps({"upcoming": [item], "pagination": {"nextPageUrl": "/events?offset=1"}} | site)
    )
    assert page.request.url == "https://example.org/events?format=json"
    (second,) = source.read_index(page).follow
    assert second.url == "https://example.org/events?offset=1&format=json"
    (listing,) = source.read_index(answer(second, json.dumps({"upcoming": []} | site))).listings
    read = detail(source, listing)
    assert (read.venue.name, read.venue.latitude, read.venue.timezone) == ("Heron Bar", None, "America/New_York")
    assert [(event.weekday, event.start_time) for event in read.events] == [(2, dt.time(20, 30))]
    assert "someone" not in repr(listing)
    assert listing.url == f"https://example.org/events#{listing.key}"
