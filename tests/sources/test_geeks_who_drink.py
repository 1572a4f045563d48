"""Geeks Who Drink beyond its saved pages: nonce, Denver's clock, hosts, zones, names (sources.md 6)."""

from __future__ import annotations

import datetime as dt
from html import escape
from urllib.parse import parse_qsl, urlsplit

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, EventStatus, Frequency, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.redaction import redact_body, strip_secrets
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.geeks_who_drink import GeeksWhoDrink

SOURCE = GeeksWhoDrink()
INDEX = "https://www.geekswhodrink.com/venues/"
AJAX = "https://www.geekswhodrink.com/wp-admin/admin-ajax.php"
TODAY = dt.date(2026, 11, 21)
NONCE = "5e6f7a8b9c"
DENVER = "2355 W 29th Ave.<br>Denver, CO 80211"


def page_of(text: str, step: str, url: str = INDEX, status: int = 200) -> Page:
    return Page(PageRequest(url, step=step), url, status, text, "text/html", len(text))


def blocks_request(script: str, url: str = INDEX) -> PageRequest:
    reading = SOURCE.read_index(page_of(f"<script>var WP_URL = {{{script}}};</script>", "nonce", url))
    assert reading.listings == ()
    (request,) = reading.follow
    return request


def block(
    number: int = 7,
    title: str = "Old Lamp Tavern",
    time: str = "Thursdays at",
    day: str = "Thursdays",
    logo: str = "",
) -> str:
    image = f'<img class="quizBlock__logo" src="{logo}">' if logo else ""
    return (
        f'<a id="quizBlock-{number}" class="quizBlock" href="/venues/{number}/" data-lat="39.7583"'
        f' data-lon="-105.0165" data-title="{escape(title)}" data-day="{day}"'
        f' data-address="2355 W 29th Ave. Denver, CO 80211">'
        f"<time>{time}</time>{image}</a>"
    )


def read_blocks(*blocks: str, status: int = 200) -> IndexReading:
    return SOURCE.read_index(page_of("".join(blocks), "blocks", f"{AJAX}?nonce={NONCE}", status))


def read_detail(
    time: str = "Thursdays at 7:00 pm",
    address: str = DENVER,
    companion: str | None = None,
    listing: Listing | None = None,
    more: str = "",
) -> Detail:
    if listing is None:
        (listing,) = read_blocks(block()).listings
    text = (
        f'<div class="venueHero__address">{address}</div><div class="venueHero__time">{time}</div>{more}'
        "<p>an end</p></html>"
    )
    second = page_of(companion, "companion") if companion is not None else None
    return SOURCE.read_detail(listing, page_of(text, "detail", listing.url), second)


def nowhere(address: str) -> Listing:
    """A listing without coordinates."""
    return Listing("geeks_who_drink", "7", f"{INDEX}7/", "X", address=address, schedule_text="Thursdays at")


# ---------------------------------------------------------------- 6.1, 6.2: nonce and AJAX


@pytest.mark.parametrize(
    "script",
    [
        f'"gwdNonce":"{NONCE}"',
        f"'gwdNonce':'{NONCE}'",
        f"gwdNonce: {NONCE}, other: 1",
        f'gwdNonce : "{NONCE}"',
        f'"ajaxUrl":"x","gwdNonce"\n :\t"{NONCE}","z":0',
    ],
    ids=["double", "single", "bare", "spaced", "between-others"],
)
def test_6_1_the_nonce_in_any_quotes_and_with_spaces(script: str) -> None:
    assert ("nonce", NONCE) in parse_qsl(urlsplit(blocks_request(script).url).query)


@pytest.mark.parametrize("script", ["", '"gwdNonce":""', '"gwdNonce":"not hex"', '"otherNonce":"5e6f7a8b9c"'])
def test_6_1_without_a_nonce_the_page_has_changed(script: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        blocks_request(script)
    assert caught.value.looked_for == "gwdNonce"


def test_6_1_the_first_request_of_every_walk_is_for_a_fresh_nonce() -> None:
    request = SOURCE.first_request(INDEX, TODAY)
    assert (request.url, request.step, request.kind) == (INDEX, "nonce", "index")
    assert request == SOURCE.first_request(INDEX, TODAY)


def test_6_1_the_nonce_is_in_nothing_that_is_kept() -> None:
    request = blocks_request(f'"gwdNonce":"{NONCE}"')
    assert NONCE not in strip_secrets(request.url)
    assert NONCE not in redact_body(f'<script>var WP_URL = {{"gwdNonce":"{NONCE}"}};</script>')
    (listing,) = read_blocks(block()).listings
    assert NONCE not in repr(listing)
    assert NONCE not in SOURCE.companion_request(listing).url


def test_6_2_all_parameters_of_the_blocks_request() -> None:
    request = blocks_request(f'"gwdNonce":"{NONCE}"')
    parts = urlsplit(request.url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == AJAX
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == {
        "action": "mb_display_mapped_events",
        "nonce": NONCE,
        "bounds[northLat]": "71.35817123219137",
        "bounds[southLat]": "-2.63233642366575",
        "bounds[westLong]": "-174.787181",
        "bounds[eastLong]": "-32.75593100000001",
        "days": "",
        "brands": "",
        "search": "",
        "tlCoord": "",
        "brCoord": "",
        "startLat": "44.967243",
        "startLong": "-103.771556",
        "searchInit": "true",
        "hasAll": "true",
        "tlMapCoord": "[-174.787181, 71.35817123219137]",
        "brMapCoord": "[-32.75593100000001, -2.63233642366575]",
    }
    assert (request.step, request.kind, request.form) == ("blocks", "index", None)
    assert request.accept_status == {500}


@pytest.mark.parametrize(
    ("index", "ajax"),
    [
        ("https://www.geekswhodrink.com/venues/", AJAX),
        ("https://www.geekswhodrink.com/venues", AJAX),
        ("https://www.geekswhodrink.com/venues/?page=2#map", AJAX),
        (
            "http://127.0.0.1:8099/geeks_who_drink/venues/",
            "http://127.0.0.1:8099/geeks_who_drink/wp-admin/admin-ajax.php",
        ),
        ("http://[::1]:8099/venues/", "http://[::1]:8099/wp-admin/admin-ajax.php"),
        ("https://example.org/", "https://example.org/wp-admin/admin-ajax.php"),
    ],
)
def test_the_ajax_address_is_on_the_site_of_the_index(index: str, ajax: str) -> None:
    assert blocks_request(f'"gwdNonce":"{NONCE}"', index).url.partition("?")[0] == ajax


def test_gwd_500_with_a_valid_body_is_read() -> None:
    assert [listing.key for listing in read_blocks(block(), status=500).listings] == ["7"]


def test_gwd_500_counts_only_with_blocks_in_its_body() -> None:
    """Without them the fetcher takes it for what it says and tries again (the scenario counts three tries)."""
    request = blocks_request(f'"gwdNonce":"{NONCE}"')
    assert (request.accept_status, request.accept_mark) == (frozenset({500}), "quizBlock-")


@pytest.mark.parametrize("body", ["0", "-1", "", "<div></div>", "quizBlock-"])
def test_n9_an_answer_without_blocks_is_no_empty_list(body: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_blocks(body)
    assert caught.value.looked_for == "quizBlock-"


def test_there_is_no_paging() -> None:
    assert read_blocks(block()).follow == ()
    assert SOURCE.ends_index(PageRequest(AJAX, step="blocks"), 404) is False


@pytest.mark.parametrize(
    ("markup", "key"),
    [
        ('<a class="quizBlock" id="quizBlock-11" data-podio="12" href="/venues/13/"', "11"),
        ('<a class="quizBlock" id="quizBlock-" data-podio="12" href="/venues/13/"', "12"),
        ('<a class="quizBlock quizBlock-returned" data-podio="12" href="/venues/13/"', "12"),
        ('<a class="quizBlock quizBlock-returned" href="/venues/venue_7541/"', "7541"),
    ],
    ids=["id", "data-podio", "2023", "address"],
)
def test_6_2_id_first_then_attributes_then_the_address(markup: str, key: str) -> None:
    filled = f'{markup} data-title="X" data-day="Mondays"><b class="quizBlock-x"></b></a>'
    assert [listing.key for listing in read_blocks(filled).listings] == [key]


def test_a_block_is_read_once_though_it_has_class_and_id() -> None:
    assert len(read_blocks(block(), block(8)).listings) == 2


# ---------------------------------------------------------------- 6.3: the clock


@pytest.mark.parametrize(
    ("instant", "start"),
    [
        ("2022-09-23T01:00:00+0000", "19:00"),  # summer, UTC-6
        ("2022-02-24T02:00:00+0000", "19:00"),  # winter, UTC-7: a fixed offset is an hour off
        ("2022-03-13T08:59:00+0000", "01:59"),  # the last minute of winter time
        ("2022-03-13T09:00:00+0000", "03:00"),
        ("2021-11-07T07:30:00+0000", "01:30"),
        ("2021-07-01T00:30:00+0000", "18:30"),
        ("2021-01-01T03:15:00+0000", "20:15"),
        ("2022-09-23T19:00:00-0600", "19:00"),
    ],
)
@pytest.mark.parametrize(("latitude", "longitude"), [(39.76, -105.01), (47.61, -122.33), (40.71, -74.01)])
def test_6_3_an_instant_is_denvers_wall_clock_for_every_venue(
    instant: str, start: str, latitude: float, longitude: float
) -> None:
    listing = Listing(
        "geeks_who_drink",
        "7",
        f"{INDEX}7/",
        "X",
        latitude=latitude,
        longitude=longitude,
        schedule_text="Thursdays at",
        stated={"day": "Thursdays", "data_time": instant},
    )
    (event,) = read_detail(time="Thursdays at", listing=listing).events
    assert f"{event.start_time:%H:%M}" == start
    assert event.weekday == 4  # never the instant's own day


@pytest.mark.parametrize("shown", ["7:00 pm", "7 pm", "19:00", "7:00"])
def test_6_3_a_visible_time_is_preferred(shown: str) -> None:
    time = f'Thursdays at <span class="time-moment" data-time="2022-09-23T03:00:00+0000">{shown}</span>'
    assert read_detail(time=time).events[0].start_time == dt.time(19)


@pytest.mark.parametrize("marker_class", ["time-moment-date", "time-moment time-moment-date"])
@pytest.mark.parametrize("shown", ["", "6:00 pm", "November 5, 18:00"])
def test_6_3_the_date_marker_is_never_a_time(marker_class: str, shown: str) -> None:
    marker = f'<span class="{marker_class}" data-time="2025-11-05T18:00:00+00:00">{shown}</span>'
    with pytest.raises(PageShapeChanged):
        read_detail(time=f"Thursdays at {marker}")
    read = read_detail(time=f"Thursdays at 7:30 pm {marker}").events[0]
    assert (read.start_time, read.next_date) == (dt.time(19, 30), None)


def test_6_3_nothing_is_guessed_where_no_time_is_found() -> None:
    with pytest.raises(PageShapeChanged, match="weekday and time"):
        read_detail(time="Thursdays at")


def test_6_2_alternate_weeks_are_spelled_on_the_page() -> None:
    (event,) = read_detail(time="1st Thursday at 7:30 pm &amp; 3rd Thursday at 7:30 pm").events
    assert (event.weekday, event.start_time, event.ordinals) == (4, dt.time(19, 30), (1, 3))
    assert event.frequency is Frequency.MONTHLY


def test_a_bracket_with_a_cadence_is_no_part_of_the_name_and_not_lost() -> None:
    (listing,) = read_blocks(block(title="Old Lamp (Every Other Week)")).listings
    detail = read_detail(time="Thursdays at 7:00 pm", listing=listing)
    assert detail.venue.name == "Old Lamp"
    assert detail.events[0].frequency is Frequency.BIWEEKLY


# ---------------------------------------------------------------- 6.6: names, weekdays, kinds


@pytest.mark.parametrize(
    ("title", "name", "status"),
    [
        ("The Moth Bar @ The VAULT", "The Moth Bar @ The VAULT", EventStatus.ACTIVE),
        ("Old Lamp (Saturday)", "Old Lamp", EventStatus.ACTIVE),
        ("Old Lamp (Starts on May 15!)", "Old Lamp", EventStatus.STARTS_LATER),
        ("Old Lamp (Fort Collins)", "Old Lamp (Fort Collins)", EventStatus.ACTIVE),
        ("Old Lamp (check venue for reservations!)", "Old Lamp", EventStatus.ACTIVE),
        ("Old Lamp (on hiatus)", "Old Lamp", EventStatus.PAUSED),
    ],
)
def test_6_6_brackets_by_kind(title: str, name: str, status: EventStatus) -> None:
    (listing,) = read_blocks(block(title=title)).listings
    detail = read_detail(listing=listing)
    assert (listing.name, detail.venue.name) == (name, name)
    assert [event.status for event in detail.events] == [status]


def test_6_6_a_second_evening_is_another_key_at_the_same_venue() -> None:
    first, second = read_blocks(block(), block(8, "Old Lamp Tavern (Saturday)", "Saturdays at", "Saturdays")).listings
    venues = [read_detail(time="at 7 pm", listing=each) for each in (first, second)]
    assert [detail.listing.key for detail in venues] == ["7", "8"]
    assert venues[0].venue == venues[1].venue
    assert [event.weekday for detail in venues for event in detail.events] == [4, 6]


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        (block(time="at", day=""), "one-off special"),
        (block(title="Space Saga Quiz Vol. 1 at Old Lamp - Colfax"), "one-off special"),
        (block(title="Hype Quiz: Wizards at Old Lamp"), "one-off special"),
        (block(time="", day=""), "no weekday"),
        (block(time="7:00 pm", day=""), "no weekday"),
        (block().replace("quizBlock-7", "quizBlock-virtual-7"), "virtual"),
        (block().replace("/venues/7/", "/venues/virtual-7/"), "virtual"),
        (block().replace('data-day="', 'data-brand="bng" data-day="'), "bingo"),
        (block().replace('data-day="', 'data-brand="QFAC" data-day="'), "Quiz for a Cause"),
        (block().replace("<time>", '<i class="quizBlock__brand">Quiz for a Cause</i><time>'), "Quiz for a Cause"),
        (block(title="(Saturday)"), "no name"),
    ],
)
def test_entries_that_are_no_weekly_quiz_are_rejected_with_a_reason(markup: str, reason: str) -> None:
    reading = read_blocks(markup)
    assert reading.listings == ()
    assert [entry.reason for entry in reading.rejected] == [reason]


@pytest.mark.parametrize("brand", ["gwd", "sbt", "jbl", ""])
def test_6_2_the_quiz_brands_are_kept(brand: str) -> None:
    assert len(read_blocks(block().replace('data-day="', f'data-brand="{brand}" data-day="')).listings) == 1


def test_6_6_a_missing_weekday_is_never_tuesday() -> None:
    assert [entry.reason for entry in read_blocks(block(time="somewhen at", day="")).rejected] == ["no weekday"]


# ---------------------------------------------------------------- place


@pytest.mark.parametrize(
    ("states", "zone"),
    [
        ("CA WA OR NV", "America/Los_Angeles"),
        ("AZ", "America/Phoenix"),
        ("MT CO UT NM WY ID", "America/Denver"),
        ("TX IL MN MO KS OK LA TN WI IA NE AR AL MS ND SD", "America/Chicago"),
        ("AK", "America/Anchorage"),
        ("HI", "Pacific/Honolulu"),
        ("NY FL GA DC MI OH PA VA NC SC MA CT NJ MD DE ME NH RI VT WV KY IN", "America/New_York"),
    ],
)
def test_6_6_without_coordinates_the_state_says_the_zone(states: str, zone: str) -> None:
    for state in states.split():
        address = f"1 Sample St<br>Sampleton, {state} 80211-1234"
        venue = read_detail(address=address, listing=nowhere("")).venue
        assert (venue.timezone, venue.region, venue.postcode) == (zone, state, "80211-1234")
        assert venue.country == "US"


def test_p5_coordinates_come_before_the_state() -> None:
    el_paso = Listing("geeks_who_drink", "7", f"{INDEX}7/", "X", latitude=31.76, longitude=-106.49)
    venue = read_detail(address="1 Sample St<br>El Paso, TX 79901", listing=el_paso).venue
    assert (venue.region, venue.timezone) == ("TX", "America/Denver")


def test_canada_pays_in_its_own_dollars() -> None:
    address = "1 Sample St<br>Toronto, ON M5V 2T6"
    by_text = read_detail(address=address, listing=nowhere(""))
    toronto = Listing("geeks_who_drink", "7", f"{INDEX}7/", "X", latitude=43.645, longitude=-79.395)
    by_position = read_detail(address=address, listing=toronto)
    for detail in (by_text, by_position):
        assert (detail.venue.country, detail.venue.timezone) == ("CA", "America/Toronto")
        assert (detail.events[0].fee_minor, detail.events[0].currency) == (0, "CAD")


def test_the_two_lines_split_street_from_town_and_lose_their_links() -> None:
    links = ' <a href="https://maps.google.com/?q=1">Map It</a> <a href="https://oldlamp.example/">Old Lamp</a>'
    venue = read_detail(address=f"The Old Lamp Building<br>{DENVER}{links}").venue
    assert venue.address == "The Old Lamp Building, 2355 W 29th Ave., Denver, CO 80211"
    assert (venue.city, venue.region, venue.postcode) == ("Denver", "CO", "80211")
    assert venue.website == "https://oldlamp.example/"


@pytest.mark.parametrize(
    ("href", "website"),
    [
        ("https://maps.google.com/maps?q=x", None),
        ("https://www.google.com/maps/place/x", None),
        ("https://google.ca/maps?q=x", None),
        ("https://goo.gl/maps/abc", None),
        ("https://maps.app.goo.gl/abc", None),
        ("https://sites.google.com/view/oldlamp", "https://sites.google.com/view/oldlamp"),
        ("https://oldmaps.example/", "https://oldmaps.example/"),
        ("#", None),
        ("http://[", None),
    ],
)
def test_the_website_is_no_map(href: str, website: str | None) -> None:
    assert read_detail(address=f'{DENVER} <a href="{href}">x</a>').venue.website == website


def test_plain_map_it_text_is_no_part_of_the_address() -> None:
    assert read_detail(address=f"{DENVER} Map It").venue.address == "2355 W 29th Ave., Denver, CO 80211"


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("A", "B"), True),
        (("A", "B", "C"), False),
        (("A", "A (Saturday)", "A (Friday)", "a"), True),
        (("A (North)", "A (South)", "A (West)"), True),
    ],
    ids=["two", "three", "evenings-of-one", "branches-of-one"],
)
def test_i1_one_logo_on_three_names_is_no_picture(names: tuple[str, ...], kept: bool) -> None:
    blocks = [block(number, name, logo="https://cdn.example/l.png") for number, name in enumerate(names, 1)]
    pictures = {listing.image_url for listing in read_blocks(*blocks).listings}
    assert pictures == {"https://cdn.example/l.png" if kept else None}


def test_always_free_whatever_the_page_says_of_prizes() -> None:
    detail = read_detail(more='<div class="venue__fee">$50 bar tab for the winners</div>')
    assert (detail.events[0].fee_minor, detail.events[0].currency) == (0, "USD")
    assert detail.provenance.fee_text == "$50 bar tab for the winners"


# ---------------------------------------------------------------- 6.5: the host


def meta(master: str, avatar: str = "") -> str:
    picture = f'<div class="quiz__avatar"><img src="{avatar}"></div>' if avatar else ""
    return f'<div class="quizzes__meta">{picture}<div class="quiz__master"><p>{master}</p></div></div>'


def test_6_5_the_host_is_asked_for_with_five_seconds() -> None:
    (listing,) = read_blocks(block()).listings
    request = SOURCE.companion_request(listing)
    assert request.url == f"{AJAX}?action=mb_display_venue_events&pag=1&venue=7&team=*"
    assert (request.kind, request.step, request.deadline_seconds) == ("detail", "companion", 5.0)


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("With Quizmaster: Poppy Vale", "Poppy Vale"),
        ("With Quizmaster: With Quizmaster: Poppy Vale", "Poppy Vale"),
        ("Tuesday trivia with QuizMaster: Poppy Vale", "Poppy Vale"),
        ("With Bingo Caller: Ash", "Ash"),
        ("Poppy Vale", "Poppy Vale"),
        ("With Quizmaster: Unknown Quizmaster", None),
        ("With Quizmaster:", None),
        ("With Quizmaster: " + "y" * 300, "y" * 200),
    ],
)
def test_6_5_the_name_stands_behind_the_last_quizmaster(shown: str, name: str | None) -> None:
    performer = read_detail(companion=meta(shown)).performer
    assert (performer.name if performer else None) == name


def test_6_5_the_latest_quiz_with_a_host_counts() -> None:
    answer = meta("") + meta("With Quizmaster: Second", "/uploads/second.jpg") + meta("With Quizmaster: Third")
    detail = read_detail(companion=answer)
    assert detail.performer is not None
    assert detail.performer.name == "Second"
    assert [image.url for image in detail.images] == ["https://www.geekswhodrink.com/uploads/second.jpg"]


@pytest.mark.parametrize(
    "answer",
    [None, "", "0", '{"success": false}', "<div>quiet</div>", "<b>" * 5_000],
    ids=["failed", "empty", "zero", "json", "other", "deep"],
)
def test_6_5_an_unreadable_host_costs_nothing_but_the_host(answer: str | None) -> None:
    detail = read_detail(companion=answer)
    assert detail.performer is None
    assert detail.images == ()
    assert detail.issues == ("host: the list of quizzes cannot be read",)
    assert len(detail.events) == 1


def test_a_page_is_needed() -> None:
    (listing,) = read_blocks(block()).listings
    with pytest.raises(PageShapeChanged, match="detail page"):
        SOURCE.read_detail(listing, None, None)


@pytest.mark.parametrize(
    ("shown", "title", "status"),
    [
        ("Thursdays at 7:00 pm (On Hiatus)", "Old Lamp Tavern", EventStatus.PAUSED),
        ("Thursdays at 7:00 pm - Cancelled This Week", "Old Lamp Tavern", EventStatus.CANCELLED_ONCE),
        ("Thursdays at 7:00 pm", "Old Lamp Tavern (On Hold)", EventStatus.PAUSED),
        ("Thursdays at 7:00 pm", "Old Lamp Tavern (Members Only)", EventStatus.NOT_PUBLIC),
        ("Thursdays at 7:00 pm", "Old Lamp Tavern (Starts on May 15!)", EventStatus.STARTS_LATER),
        ("Thursdays at 7:00 pm", "Old Lamp Tavern", EventStatus.ACTIVE),
    ],
)
def test_q4_status_words_of_name_and_page(shown: str, title: str, status: EventStatus) -> None:
    (listing,) = read_blocks(block(title=title)).listings
    detail = read_detail(shown, listing=listing)
    assert (detail.venue.name, [event.status for event in detail.events]) == ("Old Lamp Tavern", [status])
