"""Presets, paging, days, and what becomes of each item of an index (sources.md 11.2, 11.5, 11.6)."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.sources.declarative.bodies import ITEM_LIMIT
from trivia_scraper.sources.declarative.presets import PRESET_FORMS
from unit.sources.declarative_cases import answer, described, detail, index_page, listings, tried

GB = '[defaults]\ncountry = "GB"\n'
HTML = '[index]\nkind = "html"\nurl = "https://quiz.example/list"\nitem = "li"\n'
JSON = '[index]\nkind = "json"\nurl = "https://quiz.example/list.json"\n'


@pytest.mark.parametrize(
    ("preset", "needs", "url"),
    [
        ("storerocket", 'account = "ab"', "https://storerocket.io/api/user/ab/locations"),
        ("storelocatorwidgets", 'account = "ab"', "https://cdn.storelocatorwidgets.com/json/ab"),
        (
            "wp_store_locator",
            'site = "https://q.example/"',
            "https://q.example/wp-admin/admin-ajax.php?action=store_search&autoload=1",
        ),
        (
            "agile",
            'site = "https://q.example"',
            "https://q.example/wp-admin/admin-ajax.php?action=asl_load_stores&load_all=1",
        ),
        ("stockist", 'account = "ab"', "https://stockist.co/api/v1/ab/locations/all"),
        ("storepoint", 'account = "ab"', "https://api.storepoint.co/v1/ab/locations"),
    ],
)
def test_11_5_presets_know_their_request(preset: str, needs: str, url: str) -> None:
    source = described(f'[index]\npreset = "{preset}"\n{needs}\n')
    assert source.default_index_url == url
    assert set(PRESET_FORMS) == {
        "storerocket",
        "storelocatorwidgets",
        "wp_store_locator",
        "agile",
        "stockist",
        "storepoint",
    }


def test_11_6_9_a_preset_on_another_host() -> None:
    source = described(
        '[index]\npreset = "storerocket"\nurl = "https://api.storerocket.io/x?radius=250"\n'
        '[index.params]\nlimit = "500"\n'
    )
    request = source.first_request(source.default_index_url, dt.date(2026, 3, 2))
    assert request.url == "https://api.storerocket.io/x?radius=250&limit=500"


@pytest.mark.parametrize("body", ['slw({"stores": [%s]});', 'slwapi({"locations": [%s]})'])
def test_11_6_9_two_callbacks_two_lists(body: str) -> None:
    store = {"storeid": 5, "name": "Heron", "data": {"address": "1 Sample St", "map_lat": "51.5", "map_lng": "-0.1"}}
    source = described('[index]\npreset = "storelocatorwidgets"\naccount = "ab"\n')
    assert [one.key for one in listings(source, body % json.dumps(store))] == ["5"]


def test_11_5_stockist_says_that_the_account_forbids_it() -> None:
    source = described('[index]\npreset = "stockist"\naccount = "ab"\n')
    page = index_page(source, '{"error": "Method unavailable."}')
    assert 400 in page.request.accept_status
    with pytest.raises(PageShapeChanged, match="the account forbids this request"):
        source.read_index(page)


STOREPOINT = {
    "success": True,
    "results": {
        "locations": [
            {
                "id": 1,
                "name": "Heron",
                "streetaddress": "1 Sample St, Austin, TX 78701",
                "loc_lat": 30.27,
                "loc_long": -97.74,
                "monday": "11:00 AM - 10:00 PM",
                "tuesday": "7:00 PM",
                "thursday": "Trivia 7:30pm-9:30pm",
                "sunday": "",
            },
        ]
    },
}


def test_11_5_storepoint_has_one_text_for_each_weekday_and_opening_hours_are_none() -> None:
    source = described('[index]\npreset = "storepoint"\naccount = "ab"\n')
    (listing,) = listings(source, json.dumps(STOREPOINT))
    assert [(one.weekday, one.start_time) for one in detail(source, listing).events] == [
        (2, dt.time(19)),
        (4, dt.time(19, 30)),
    ]


AGILE = [
    {
        "id": "3",
        "title": "Heron",
        "street": "1 Sample St",
        "city": "Austin",
        "state": "TX",
        "postal_code": "78701",
        "lat": "30.27",
        "lng": "-97.74",
        "phone": "",
        "open_hours": '{"mon":["09:00 AM - 05:00 PM"],"tue":"0"}',
        "description": "Trivia Tuesdays 8pm",
    }
]


def test_11_5_agile_opening_hours_are_never_the_quiz_time() -> None:
    plain = described('[index]\npreset = "agile"\nsite = "https://q.example"\n')
    (listing,) = listings(plain, json.dumps(AGILE))
    assert listing.address == "1 Sample St, Austin, TX, 78701"
    with pytest.raises(PageShapeChanged, match="schedule"):
        detail(plain, listing)
    told = described(
        '[index]\npreset = "agile"\nsite = "https://q.example"\n[index.fields]\nschedule = "description"\n'
    )
    (event,) = detail(told, listings(told, json.dumps(AGILE))[0]).events
    assert (event.weekday, event.start_time) == (2, dt.time(20))


def test_days_are_all_asked_for_at_once_behind_the_first() -> None:
    source = described(
        HTML
        + 'dates = { param = "date", days = 3, format = "%d.%m.%Y" }\nempty = ".none"\n[index.fields]\nname = "b"\n'
    )
    page = index_page(source, "<li><b>Heron</b></li>")
    assert page.request.url.endswith("?date=02.03.2026")
    follow = source.read_index(page).follow
    assert [request.url[-10:] for request in follow] == ["03.03.2026", "04.03.2026"]
    assert source.read_index(answer(follow[0], '<p class="none"></p>')).explicitly_empty
    assert source.read_index(answer(follow[0], "<li><b>Crown</b></li>")).follow == ()
    assert not source.ends_index(follow[0], 404)


def test_numbered_pages_until_one_has_no_items() -> None:
    source = described(HTML + 'page_param = "p"\nmax_pages = 3\n[index.fields]\nname = "b"\n')
    (second,) = source.read_index(index_page(source, "<li><b>Heron</b></li>")).follow
    assert second.url == "https://quiz.example/list?p=2"
    (third,) = source.read_index(answer(second, "<li><b>Crown</b></li>")).follow
    assert source.read_index(answer(third, "<li><b>Swan</b></li>")).follow == ()
    assert source.read_index(answer(second, "<p>no more</p>")).follow == ()


def test_n9_a_page_that_another_one_names_has_to_hold_something() -> None:
    source = described(HTML + 'next = "a@href"\n[index.fields]\nname = "b"\n')
    (second,) = source.read_index(index_page(source, '<li><b>Heron</b></li><a href="/list/2">more</a>')).follow
    with pytest.raises(PageShapeChanged):
        source.read_index(answer(second, "<p>Sorry</p>"))


def test_a_listing_of_one_venue_on_two_days_is_joined() -> None:
    source = described(GB + HTML + '[index.fields]\nkey = "@id"\nname = "b"\nschedule = "i"\n')
    first = listings(source, '<li id="1"><b>Heron</b><i>Mondays 8pm</i></li>')[0]
    second = listings(source, '<li id="1"><b>Heron</b><i>Fridays 9pm</i></li>')[0]
    both = detail(source, source.join_listings(first, second))
    assert [(one.weekday, one.start_time) for one in both.events] == [(1, dt.time(20)), (5, dt.time(21))]


def test_skip_by_field_and_by_expression_keep_match_and_drop() -> None:
    toml = HTML + (
        'match = "quiz"\nskip_match = "bingo"\nkeep = { field = "@class", matches = "^on$" }\n'
        '[index.fields]\nname = "b"\ndescription = "p"\nimage = "img@src"\n'
        '[index.skip]\nname = "virtual"\n"@data-x" = "^gone$"\n[index.drop]\nimage = "logo"\n'
    )
    page = """<ul><li class="on"><b>Heron</b><p>Quiz</p><img src="/logo.png"></li>
    <li class="on"><b>Virtual</b><p>Quiz</p></li>
    <li class="on" data-x="gone"><b>A</b><p>Quiz</p></li><li class="off"><b>B</b><p>Quiz</p></li>
    <li class="on"><b>C</b><p>Darts</p></li><li class="on"><b>D</b><p>Bingo and quiz</p></li></ul>"""
    items = tried(described(toml), page).items
    assert [one.outcome for one in items] == ["listed"] + ["skipped"] * 5
    assert [one.reason for one in items[1:]] == [
        "name matches 'virtual'",
        "@data-x matches '^gone$'",
        "@class is not one to keep",
        "does not match 'quiz'",
        "matches skip_match 'bingo'",
    ]
    assert items[0].listing is not None
    assert items[0].listing.image_url is None


def test_items_that_are_all_left_out_by_rule_are_a_valid_empty_page() -> None:
    source = described(HTML + 'match = "quiz"\n[index.fields]\nname = "b"\n')
    assert source.read_index(index_page(source, "<li><b>Darts</b></li>")).explicitly_empty


@pytest.mark.parametrize("page", ["<p>changed</p>", "", "<html></html>"])
def test_n9_a_page_without_one_item_is_no_empty_index(page: str) -> None:
    source = described(HTML + '[index.fields]\nname = "b"\n')
    with pytest.raises(PageShapeChanged) as raised:
        source.read_index(index_page(source, page))
    assert raised.value.looked_for


def test_n9_within_that_is_not_there() -> None:
    source = described(HTML + 'within = "#list"\n[index.fields]\nname = "b"\n')
    with pytest.raises(PageShapeChanged) as raised:
        source.read_index(index_page(source, "<li><b>A</b></li>"))
    assert raised.value.looked_for == "index.within #list"


def test_secret_keys_are_gone_at_once_whatever_their_depth_and_case() -> None:
    toml = (
        JSON
        + 'path = "stores"\nsecret_keys = ["Mapbox_Key"]\n'
        + '[index.fields]\nname = "n"\nkey = "mapbox_key"\ndescription = "deep.MAPBOX_KEY"\n'
    )
    text = json.dumps({"stores": [{"n": "Heron", "mapbox_key": "pk.1", "deep": {"MAPBOX_KEY": "pk.2"}}]})
    assert "pk." not in repr(tried(described(toml), text))


@pytest.mark.parametrize(
    ("urls", "keys"),
    [
        (("/venues/heron", "/venues/crown"), ["venues/heron", "venues/crown"]),
        (("/v?id=1", "/v?id=2"), ["v?id=1", "v?id=2"]),
        (("https://heron.example/", "https://crown.example/"), ["heron-", "heron-"]),
        (("/list", "/list"), ["heron-", "heron-"]),
        (("/chain", "/chain"), ["chain", "heron-"]),
    ],
)
def test_11_6_4_keys_without_a_key_field(urls: tuple[str, str], keys: list[str]) -> None:
    page = "".join(
        f'<li><a href="{url}">x</a><b>Heron</b><i>{number} Sample St</i></li>' for number, url in enumerate(urls)
    )
    read = listings(described(HTML + '[index.fields]\nname = "b"\nurl = "a@href"\naddress = "i"\n'), page)
    assert len({one.key for one in read}) == 2
    assert all(one.key.startswith(key) for one, key in zip(read, keys, strict=True))


def test_11_6_4_the_spelling_of_an_address_does_not_change_the_key() -> None:
    toml = HTML + '[index.fields]\nname = "b"\naddress = "i"\n'
    spellings = ("1 Sample St., Luton", "1 Sample St,  LUTON")
    keys = {listings(described(toml), f"<li><b>Heron</b><i>{one}</i></li>")[0].key for one in spellings}
    assert len(keys) == 1


def test_a_key_that_two_venues_share_is_rejected_and_counted() -> None:
    source = described(HTML + '[index.fields]\nkey = "@id"\nname = "b"\n')
    reading = source.read_index(index_page(source, '<li id="1"><b>Heron</b></li><li id="1"><b>Crown</b></li>'))
    assert [one.reason for one in reading.rejected] == ["the key of another venue"]


def test_defaults_fill_gaps_only() -> None:
    defaults = '[defaults]\ncountry = "GB"\nfee = "£5"\nlocality = "Luton"\nphone = "01582 496 111"\n'
    toml = defaults + HTML + '[index.fields]\nname = "b"\nschedule = "i"\nfee = "u"\n'
    page = "<li><b>Heron</b><i>Mondays 8pm</i><u>£2</u></li><li><b>Crown</b><i>Mondays 8pm</i></li>"
    first, second = (detail(described(toml), one) for one in listings(described(toml), page))
    assert [one.events[0].fee_minor for one in (first, second)] == [200, 500]
    assert (first.venue.city, first.venue.phone) == ("Luton", "+44 1582 496111")


EVENTS = '[defaults]\nname = "Heron"\n[index]\nkind = "html"\nevents = "jsonld"\nurl = "https://quiz.example/on"\n'


@pytest.mark.parametrize(
    "page", ["<p>Back soon</p>", '<script type="application/ld+json">{"@type": "Event",</script>']
)
def test_n9_a_page_that_states_no_event_at_all_has_changed(page: str) -> None:
    source = described(EVENTS)
    with pytest.raises(PageShapeChanged, match="states no event"):
        source.read_index(index_page(source, page))


def test_n9_a_page_of_stated_events_may_say_itself_that_there_are_none() -> None:
    source = described(EVENTS.replace("kind", 'empty = ".none"\nkind'))
    assert source.read_index(index_page(source, '<p class="none">Nothing on</p>')).explicitly_empty
    with pytest.raises(PageShapeChanged):
        source.read_index(index_page(source, "<p>Nothing on</p>"))


def test_n9_a_calendar_without_the_text_it_always_has_is_none() -> None:
    toml = '[index]\nkind = "ics"\nurl = "https://quiz.example/c.ics"\nmust_contain = "PRODID:-//Heron"\n'
    source, empty = described(toml), "BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n"
    assert source.read_index(index_page(source, empty.format("PRODID:-//Heron//EN\r\n"))).explicitly_empty
    with pytest.raises(PageShapeChanged, match="is not on the page"):
        source.read_index(index_page(source, empty.format("")))


@pytest.mark.parametrize("path", ["", 'path = "v"\n', 'path = "v.*"\n'])
def test_e6_a_list_that_is_too_long_is_refused_and_not_cut(path: str) -> None:
    source = described(JSON + path + '[index.fields]\nkey = "id"\nname = "n"\n')
    records = [{"id": number, "n": f"Bar {number}"} for number in range(ITEM_LIMIT + 1)]
    whole: object = {"v": records} if path else records
    with pytest.raises(PageShapeChanged, match="more than"):
        source.read_index(index_page(source, json.dumps(whole)))


def test_json_that_is_no_list_says_what_to_do() -> None:
    source = described(JSON + '[index.fields]\nname = "n"\n')
    with pytest.raises(PageShapeChanged, match=r"index\.path says where"):
        source.read_index(index_page(source, '{"a": [{"n": "Heron"}]}'))


def test_constants_are_filled_whatever_their_order() -> None:
    toml = (
        JSON
        + '[index.fields]\nkey = { const = "k-{url}" }\nurl = { const = "https://q.example/{name}" }\nname = "n"\n'
    )
    (listing,) = listings(described(toml), '[{"n": "Heron"}]')
    assert (listing.key, listing.url) == ("k-https://q.example/Heron", "https://q.example/Heron")


def test_what_is_left_beside_an_address_is_no_part_of_it() -> None:
    source = described(GB + HTML + '[index.fields]\nname = "b"\naddress = "i"\nschedule = "u"\n')
    (listing,) = listings(source, "<li><b>Heron</b><i> - Greenwich, London</i><u>Mondays 8pm</u></li>")
    assert listing.address == "Greenwich, London"
    assert detail(source, listing).venue.city == "London"
