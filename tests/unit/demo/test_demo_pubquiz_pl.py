"""The replica of PubQuiz.pl publishes what sources.md 7 describes: cities, tiles, dated products."""

from __future__ import annotations

import datetime as dt
import re

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as Html

from support.replica import page_address
from trivia_scraper.demo.places_poland import POLAND
from trivia_scraper.demo.polish_words import polish_host_name, polish_pub_name
from trivia_scraper.demo.pubquiz_pl import PubquizPl, dates_of
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import Evening, Quirk, ReplicaVenue, ScheduleShown
from trivia_scraper.text.coordinates import Position
from trivia_scraper.text.zones import country_at

SLUG = "pubquiz_pl"


async def page_of(replica: Replica, client: httpx.AsyncClient, venue: ReplicaVenue) -> Html:
    answer = await client.get(page_address(replica, SLUG, venue))
    assert answer.status_code == 200
    return Html(answer.text)


def with_quirk(replica: Replica, quirk: Quirk) -> ReplicaVenue:
    return next(venue for venue in replica.site.venues(SLUG) if quirk in venue.quirks)


async def test_sixteen_cities_and_a_league(replica: Replica, client: httpx.AsyncClient) -> None:
    page = Html((await client.get(replica.index_urls[SLUG])).text)
    pills = page.css(".shop-page-categories a.category-pill[href]")
    assert len(pills) == 17
    assert [pill.text() for pill in pills if "liga" in (pill.attributes["href"] or "")] == ["Liga Miast"]
    assert "Łódź" in [pill.text() for pill in pills]
    assert any((pill.attributes["href"] or "").endswith("/kategoria-produktu/lodz/") for pill in pills)


async def test_a_city_shows_its_venues_one_of_them_twice(replica: Replica, client: httpx.AsyncClient) -> None:
    page = Html((await client.get(replica.url(SLUG, "/kategoria-produktu/bydgoszcz/"))).text)
    links = [tile.css_first("a[href]").attributes["href"] for tile in page.css(".e-n-tabs-content .product-category")]
    here = [venue for venue in replica.site.venues(SLUG) if venue.place.name == "Bydgoszcz"]
    assert set(links) == {page_address(replica, SLUG, venue) for venue in here}
    assert len(links) == len(here) + 1


async def test_tiles_have_prefixes_counts_and_placeholders(replica: Replica, client: httpx.AsyncClient) -> None:
    text = ""
    for place in POLAND:
        text += (await client.get(replica.url(SLUG, f"/kategoria-produktu/{place.region_code}/"))).text
    assert "PubQuiz.pl - " in text
    assert "Pub Quiz - " in text
    assert '<mark class="count">' in text
    bare = [tile for tile in Html(text).css(".product-category") if "placeholder" in (tile.html or "")]
    assert len({tile.css_first("a").attributes["href"] for tile in bare}) == 2
    placeholder = replica.url(SLUG, "/wp-content/uploads/woocommerce-placeholder-300x300.jpg")
    assert (await client.get(placeholder)).content[:2] == b"\xff\xd8"


@pytest.mark.parametrize("spelling", range(4))
async def test_products_say_their_day_in_brackets_tabs_or_panels(
    replica: Replica, client: httpx.AsyncClient, spelling: int
) -> None:
    plain = (v for v in replica.site.venues(SLUG) if v.spelling % 4 == spelling and Quirk.STALE_PAGE not in v.quirks)
    venue = next(plain)
    page = await page_of(replica, client, venue)
    titles = [node.text() for node in page.css(".product-title")]
    assert len(titles) == 3 * len(venue.evenings)
    assert all(re.match(r"2026\.07\.\d\d |2026\.08\.\d\d ", title) for title in titles)
    assert all(title.endswith(f"{venue.evenings[0].start:%H:%M}") for title in titles)
    assert all("[" in title for title in titles) == (spelling in (0, 3))
    assert bool(page.css("button.e-n-tab-title[id]")) == (spelling != 3)
    assert bool(page.css("[role=tabpanel]")) == (spelling == 1)


@pytest.mark.parametrize("weekday", range(1, 8))
def test_dates_fall_on_their_weekday(weekday: int) -> None:
    dates = dates_of(Evening(weekday, dt.time(19)))
    assert [date.isoweekday() for date in dates] == [weekday] * 3
    assert dates == tuple(sorted(dates))


async def test_prices_have_a_decimal_comma_or_one_decimal_or_are_missing(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    shown = set()
    for venue in replica.site.venues(SLUG)[:15]:
        page = await page_of(replica, client, venue)
        shown |= {node.text() for node in page.css(".product-price .woocommerce-Price-amount")}
        assert (venue.fee is None) == (not page.css(".product-price"))
    assert {"15,00\u00a0zł", "15.0\u00a0zł", "12,50\u00a0zł"} <= shown


async def test_two_weekdays_are_products_of_two_days(replica: Replica, client: httpx.AsyncClient) -> None:
    page = await page_of(replica, client, with_quirk(replica, Quirk.TWO_WEEKDAYS))
    dates = {node.text()[:10] for node in page.css(".product-title")}
    assert len({dt.date.fromisoformat(date.replace(".", "-")).isoweekday() for date in dates}) == 2


async def test_a_closed_venue_is_listed_and_404(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await client.get(page_address(replica, SLUG, with_quirk(replica, Quirk.STALE_PAGE)))
    assert answer.status_code == 404


async def test_hosts_have_three_labels_and_no_pictures(replica: Replica, client: httpx.AsyncClient) -> None:
    labels = set()
    for venue in replica.site.venues(SLUG)[:6]:
        page = await page_of(replica, client, venue)
        labels |= {item.text().partition(":")[0] for item in page.css(".checklist li")}
    assert {"Prowadzący", "Prowadząca", "Prowadzi", "Adres", "Telefon"} <= labels
    assert not any(venue.host and venue.host.picture for venue in replica.site.venues(SLUG))


async def test_a_fault_can_strike_one_city_alone(replica: Replica, client: httpx.AsyncClient) -> None:
    replica.site.flip(IndexSwitch(provider=SLUG, fault=IndexFault.STATUS, only="/lodz/"))
    assert (await client.get(replica.index_urls[SLUG])).status_code == 200
    assert (await client.get(replica.url(SLUG, "/kategoria-produktu/gdansk/"))).status_code == 200
    assert (await client.get(replica.url(SLUG, "/kategoria-produktu/lodz/"))).status_code == 500


async def test_a_lost_schedule_is_a_page_without_products(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = replica.site.venues(SLUG)[0]
    replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, schedule_shown=ScheduleShown.NOWHERE))
    assert (await page_of(replica, client, venue)).css(".product-title") == []


def test_keys_are_city_and_venue_in_ascii() -> None:
    keys = [venue.key for venue in PubquizPl().invent(40, plain=False)]
    assert all(re.fullmatch(r"[a-z-]+/[a-z0-9-]+", key) for key in keys)
    assert "lodz/pod-zelaznym-lwem" in keys


def test_polish_names_do_not_repeat_within_a_city() -> None:
    for town in range(16):
        names = [polish_pub_name(town, slot) for slot in range(190)]
        assert len(set(names)) == len(names)
    assert len({polish_host_name(number) for number in range(272)}) == 272


def test_places_lie_in_poland() -> None:
    assert {country_at(Position(place.latitude, place.longitude)) for place in POLAND} == {"PL"}
    assert all(re.fullmatch(r"\d{2}-\d{3}", place.postcode) for place in POLAND)


def test_the_plain_world_has_no_oddities() -> None:
    venues = PubquizPl().invent(200, plain=True)
    assert not any(venue.quirks for venue in venues)
    assert all(venue.hero and venue.fee for venue in venues)
