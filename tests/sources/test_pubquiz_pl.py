"""PubQuiz.pl beyond its saved pages: days with diacritics, dates, prices, labels (sources.md 7)."""

from __future__ import annotations

import datetime as dt

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, EventStatus, Frequency, ImageRole, Listing, OwnerKind
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.pubquiz_pl import PubquizPl

SOURCE = PubquizPl()
INDEX = "https://pubquiz.pl/bilety/"
TODAY = dt.date(2026, 11, 21)
DAYS = ("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela")
PLURALS = ("poniedziałki", "wtorki", "środy", "czwartki", "piątki", "soboty", "niedziele")
TAB_IDS = ("poniedzialek", "wtorek", "sroda", "czwartek", "piatek", "sobota", "niedziela")


def page_of(text: str, step: str, url: str = INDEX, city: str | None = None) -> Page:
    request = PageRequest(url, step=step, context={"city": city} if city else {})
    return Page(request, url, 200, text, "text/html", len(text))


def read_cities(*pills: str) -> tuple[PageRequest, ...]:
    markup = f'<div class="shop-page-categories">{"".join(pills)}</div>'
    reading = SOURCE.read_index(page_of(markup, "cities"))
    assert (reading.listings, reading.rejected) == ((), ())
    return reading.follow


def pill(city: str, path: str) -> str:
    return f'<a class="category-pill" href="https://pubquiz.pl/kategoria-produktu/{path}/">{city}</a>'


def read_city(*tiles: str, city: str = "Łódź") -> IndexReading:
    markup = f'<div class="e-n-tabs-content">{"".join(tiles)}</div>'
    return SOURCE.read_index(page_of(markup, "city", "https://pubquiz.pl/kategoria-produktu/lodz/", city))


def tile(title: str = "Klub Próba", path: str = "lodz/klub-proba") -> str:
    return (
        f'<li class="product-category"><a href="/kategoria-produktu/{path}/"><img src="/u/a.jpg">'
        f'<h2 class="woocommerce-loop-category__title">{title}</h2></a></li>'
    )


def product(title: str, price: str = "") -> str:
    shown = f'<span class="price"><span class="woocommerce-Price-amount">{price}</span></span>' if price else ""
    return f'<h3 class="product-title">{title}</h3>{shown}'


def read_detail(*products: str, checklist: str = "", **changes: str) -> Detail:
    (listing,) = read_city(tile(**changes)).listings
    markup = f'<ul class="checklist">{checklist}</ul>{"".join(products)}'
    return SOURCE.read_detail(listing, page_of(markup, "detail", listing.url), None)


def only_event(*products: str) -> tuple[int, str, int | None]:
    (event,) = read_detail(*products).events
    return event.weekday, f"{event.start_time:%H:%M}", event.fee_minor


# ---------------------------------------------------------------- 7.1: two levels


def test_what_the_source_asks_for() -> None:
    request = SOURCE.first_request(INDEX, TODAY)
    assert (request.url, request.step, request.kind) == (INDEX, "cities", "index")
    assert SOURCE.accept_language == "pl-PL,pl;q=0.9"
    assert SOURCE.index_interval_seconds == 5.0
    assert SOURCE.missing_details_are_normal is True
    assert SOURCE.ends_index(PageRequest(INDEX, step="city"), 404) is False


def test_7_3_the_city_is_the_pills_text_and_not_the_path() -> None:
    (city,) = read_cities(pill(" Gdańsk\n", "gdansk"))
    assert (city.url, city.step, city.kind) == ("https://pubquiz.pl/kategoria-produktu/gdansk/", "city", "index")
    assert dict(city.context) == {"city": "Gdańsk"}
    (listing,) = read_city(tile(), city=city.context["city"]).listings
    assert listing.locality == "Gdańsk"


@pytest.mark.parametrize("path", ["liga", "liga-pubquiz", "LIGA-2025", "nasza-liga"])
def test_7_1_the_league_is_no_city(path: str) -> None:
    assert [request.context["city"] for request in read_cities(pill("Liga", path), pill("Łódź", "lodz"))] == ["Łódź"]


def test_7_1_the_key_is_city_and_venue_of_the_path() -> None:
    (listing,) = read_city(tile(path="lodz/klub-proba")).listings
    assert (listing.key, listing.url) == (
        "lodz/klub-proba",
        "https://pubquiz.pl/kategoria-produktu/lodz/klub-proba/",
    )
    request = SOURCE.detail_request(listing)
    assert (request.url, request.kind) == (listing.url, "detail")
    assert SOURCE.companion_request(listing) is None


def test_one_name_in_two_cities_is_two_keys() -> None:
    keys = [listing.key for listing in read_city(tile(), tile(path="poznan/klub-proba")).listings]
    assert keys == ["lodz/klub-proba", "poznan/klub-proba"]


def test_7_1_venues_are_unique_by_address() -> None:
    assert len(read_city(tile(), tile("Inny napis"), tile()).listings) == 1


@pytest.mark.parametrize("prefix", ["PubQuiz.pl - ", "Pub Quiz - ", "PUB QUIZ – ", ""])
def test_7_3_title_prefixes_are_dropped(prefix: str) -> None:
    assert read_detail(product("[WTOREK] 19:00"), title=f"{prefix}Klub Próba").venue.name == "Klub Próba"


def test_i1_the_shops_placeholder_is_no_picture() -> None:
    (listing,) = read_city(tile().replace("/u/a.jpg", "/u/woocommerce-placeholder-300x300.png")).listings
    assert listing.image_url is None


# ---------------------------------------------------------------- 7.2, 7.4: days


@pytest.mark.parametrize(("day", "number"), [(day, n) for words in (DAYS, PLURALS) for n, day in enumerate(words, 1)])
def test_7_4_bracketed_days_with_diacritics_in_capitals(day: str, number: int) -> None:
    assert only_event(product(f"2025.10.07 [{day.upper()}] Klub 19:00"))[0] == number


@pytest.mark.parametrize(("tab", "number"), [(tab, n) for n, tab in enumerate(TAB_IDS, 1)])
def test_7_2_the_day_of_the_tab_and_sunday_is_7(tab: str, number: int) -> None:
    button = f'<button id="{tab}" class="e-n-tab-title">x</button>'
    assert only_event(f"{button}{product('Klub 19:00')}")[0] == number


@pytest.mark.parametrize(("tab", "day"), list(zip(TAB_IDS, DAYS, strict=True)))
def test_7_4_tab_and_bracket_agree_for_all_seven_days(tab: str, day: str) -> None:
    button = f'<button id="{tab}" class="e-n-tab-title">{day.title()}</button>'
    assert len(read_detail(f"{button}{product(f'Klub [{day.upper()}] 19:00')}").events) == 1


def test_the_day_in_brackets_wins_over_the_tab() -> None:
    button = '<button id="wtorek" class="e-n-tab-title">Wtorek</button>'
    assert only_event(f"{button}{product('[PIĄTEK] Klub 19:00')}")[0] == 5


def test_several_tabs_in_a_row_say_nothing_of_a_product() -> None:
    tabs = '<button id="wtorek" class="e-n-tab-title"></button><button id="sroda" class="e-n-tab-title"></button>'
    with pytest.raises(PageShapeChanged):
        read_detail(f"{tabs}{product('Klub 19:00')}")
    assert only_event(f"{tabs}{product('2025.10.10 Klub 19:00')}")[0] == 5


def test_products_on_several_weekdays_are_several_events() -> None:
    detail = read_detail(product("[WTOREK] Klub 19:00", "15,00 zł"), product("[CZWARTEK] Klub 20:00", "20,00 zł"))
    assert [(event.weekday, event.fee_minor) for event in detail.events] == [(2, 1500), (4, 2000)]


def test_two_evenings_on_one_weekday_are_two_events_with_their_own_prices() -> None:
    detail = read_detail(product("[SOBOTA] Klub 16:00", "10,00 zł"), product("[SOBOTA] Klub 20:00", "20,00 zł"))
    assert [(event.weekday, event.start_time.hour, event.fee_minor) for event in detail.events] == [
        (6, 16, 1000),
        (6, 20, 2000),
    ]


def test_several_products_of_one_weekday_are_one_event_of_the_earliest_date() -> None:
    (event,) = read_detail(
        product("2025.10.21 [WTOREK] Klub 19:00", "18,00 zł"),
        product("2025.10.07 [WTOREK] Klub 19:00", "15,00 zł"),
        product("[WTOREK] Klub 19:00", "99,00 zł"),
    ).events
    assert (event.next_date, event.fee_minor) == (dt.date(2025, 10, 7), 1500)
    assert event.frequency is Frequency.WEEKLY


@pytest.mark.parametrize(
    ("title", "start"),
    [
        ("[ŚRODA] Klub 9:30", "09:30"),
        ("[ŚRODA] Klub 7:00", "07:00"),
        ("[ŚRODA] 12:00-14:00 rozgrzewka, quiz 20:15", "20:15"),
        ("2025.10.08 [ŚRODA] Klub 90 19:00", "19:00"),
    ],
)
def test_7_3_the_last_time_of_the_title_on_the_24_hour_clock(title: str, start: str) -> None:
    assert only_event(product(title))[1] == start


@pytest.mark.parametrize("title", ["[ŚRODA] Klub", "Klub 19:00", "Klub", "[ŚRODA] 25:00", "2025.13.45 Klub 19:00"])
def test_7_2_without_day_or_time_there_is_no_event_and_never_monday_19_00(title: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_detail(product(title))
    assert caught.value.looked_for == ".product-title"


def test_a_product_that_cannot_be_read_costs_no_other() -> None:
    assert only_event(product("Voucher upominkowy", "50,00 zł"), product("[WTOREK] 19:00", "15,00 zł")) == (
        2,
        "19:00",
        1500,
    )


# ---------------------------------------------------------------- prices


@pytest.mark.parametrize(
    ("price", "grosz"),
    [
        ("15,00&nbsp;zł", 1500),
        ("15.0 zł", 1500),
        ("1&nbsp;500,00 zł", 150_000),
        ("0,00 zł", 0),
        ("", None),
        ("zapytaj", None),
    ],
)
def test_7_4_prices_as_the_shop_writes_them(price: str, grosz: int | None) -> None:
    assert only_event(product("[WTOREK] 19:00", price))[2] == grosz


def test_7_2_the_attribute_wins_over_the_shown_price() -> None:
    omnibus = '<p class="iworks-omnibus" data-iwo-price="12.5">x</p>'
    assert only_event(product("[WTOREK] 19:00", "15,00 zł") + omnibus)[2] == 1250
    assert only_event(product("[WTOREK] 19:00", "15,00 zł") + omnibus.replace("12.5", ""))[2] == 1500


def test_the_carts_total_is_no_price() -> None:
    cart = '<div class="cart"><span class="woocommerce-Price-amount">0,00 zł</span></div>'
    assert only_event(cart + product("[WTOREK] 19:00") + cart)[2] is None


# ---------------------------------------------------------------- place, host, picture


@pytest.mark.parametrize("label", ["Prowadząca", "Prowadzący", "Prowadzi", "PROWADZĄCY", "prowadzacy"])
def test_7_2_the_host_under_three_labels(label: str) -> None:
    detail = read_detail(product("[WTOREK] 19:00"), checklist=f"<li><b>{label}:</b> Ola Próbna</li>")
    assert detail.performer is not None
    assert detail.performer.name == "Ola Próbna"
    assert [image.owner_kind for image in detail.images] == [OwnerKind.VENUE]


def test_7_2_the_picture_is_the_tile_of_the_city_page() -> None:
    (image,) = read_detail(product("[WTOREK] 19:00")).images
    assert (image.role, image.url) == (ImageRole.HERO, "https://pubquiz.pl/u/a.jpg")


def test_p6_zloty_warsaw_and_no_coordinates() -> None:
    detail = read_detail(product("[WTOREK] 19:00"), checklist="<li>Adres: ul. Próbna 1, 90-001 Łódź</li>")
    venue = detail.venue
    assert (venue.country, venue.timezone, detail.events[0].currency) == ("PL", "Europe/Warsaw", "PLN")
    assert (venue.latitude, venue.longitude) == (None, None)
    assert (venue.street, venue.city, venue.postcode) == ("ul. Próbna 1", "Łódź", "90-001")


def test_a_missing_address_leaves_the_venue_and_is_noted() -> None:
    detail = read_detail(product("[WTOREK] 19:00"))
    assert detail.venue.address is None
    assert detail.venue.city == "Łódź"
    assert detail.issues == ("address: not stated",)


def test_a_page_is_needed() -> None:
    listing = Listing("pubquiz_pl", "lodz/x", "https://pubquiz.pl/kategoria-produktu/lodz/x/", "X")
    with pytest.raises(PageShapeChanged, match="detail page"):
        SOURCE.read_detail(listing, None, None)


# ---------------------------------------------------------------- nothing on sale, nothing to be read


WHOLE = "</html>"


def test_7_2_a_venue_with_nothing_on_sale_has_no_event() -> None:
    assert read_detail(WHOLE).events == ()
    tab = '<button id="wtorek" class="e-n-tab-title">Wtorek</button>'
    assert read_detail(tab + WHOLE).events == ()  # a day alone is no evening (T7)


@pytest.mark.parametrize(
    "shown",
    [
        product("2026.07.14 [WTOREK] Klub Próba") + WHOLE,
        product("Voucher", "50,00 zł") + WHOLE,
        "<h3>2026.07.14 [WTOREK] Klub Próba 19:00</h3>" + WHOLE,
        '<span class="price">15,00 zł</span>' + WHOLE,
        '<p data-iwo-price="15"></p>' + WHOLE,
        '<span class="woocommerce-Price-amount">15,00 zł</span>' + WHOLE,
        "",
    ],
    ids=["no time", "no evening", "another title", "price", "omnibus", "amount", "cut"],
)
def test_n9_products_that_cannot_be_read_are_a_changed_page_and_end_no_evening(shown: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_detail(shown)
    assert caught.value.looked_for == ".product-title"


def test_the_shops_own_words_for_nothing_are_an_answer() -> None:
    (listing,) = read_city(tile()).listings
    text = '<div class="woocommerce-no-products-found">Nie znaleziono produktów</div></html>'
    assert SOURCE.read_detail(listing, page_of(text, "detail", listing.url), None).events == ()
    city = SOURCE.read_index(page_of(text, "city", "https://pubquiz.pl/kategoria-produktu/lodz/", "Łódź"))
    assert (city.listings, city.rejected) == ((), ())


def test_another_page_is_no_venue_without_products() -> None:
    (listing,) = read_city(tile()).listings
    text = f'<div class="e-n-tabs-content">{tile()}</div></html>'
    with pytest.raises(PageShapeChanged) as caught:
        SOURCE.read_detail(listing, page_of(text, "detail", listing.url), None)
    assert caught.value.looked_for == ".checklist"


@pytest.mark.parametrize(
    "title", ["ODWOŁANE Klub Próba 19:00", "Klub Próba 19:00 – odwołany", "Klub 19:00 (odwołane!)"]
)
def test_q4_a_cancelled_product_is_one_cancelled_date(title: str) -> None:
    (event,) = read_detail(product(f"2026.07.14 [WTOREK] {title}") + product("2026.07.21 [WTOREK] Klub 19:00")).events
    assert (event.status, event.next_date) == (EventStatus.CANCELLED_ONCE, dt.date(2026, 7, 14))


def test_q4_a_later_cancelled_product_leaves_the_next_evening_alone() -> None:
    (event,) = read_detail(
        product("2026.07.21 [WTOREK] ODWOŁANE 19:00") + product("2026.07.14 [WTOREK] Klub 19:00")
    ).events
    assert (event.status, event.next_date) == (EventStatus.ACTIVE, dt.date(2026, 7, 14))


@pytest.mark.parametrize(
    ("markup", "grosz"),
    [
        ('<span class="woocommerce-Price-amount amount"><bdi>15,00&nbsp;<span>zł</span></bdi></span>', 1500),
        ('<span class="price"><del><span class="woocommerce-Price-amount">20,00 zł</span></del>'
         '<ins><span class="woocommerce-Price-amount">15,00 zł</span></ins></span>', 1500),
        ('<span class="product-price price">15,00 zł</span>', 1500),
        ('<span class="price">Wstęp wolny</span>', 0),
    ],
    ids=["loose amount", "reduced", "plain words", "free"],
)  # fmt: skip
def test_7_2_f3_the_amount_wherever_the_shop_puts_it(markup: str, grosz: int | None) -> None:
    assert only_event(product("[WTOREK] 19:00") + markup)[2] == grosz


def test_7_1_keys_do_not_depend_on_case_host_or_scheme() -> None:
    other = tile().replace(
        'href="/kategoria-produktu/lodz/klub-proba/"',
        'href="http://WWW.pubquiz.pl/kategoria-produktu/Lodz/Klub-Proba"',
    )
    (listing,) = read_city(tile(), other).listings
    assert listing.key == "lodz/klub-proba"
