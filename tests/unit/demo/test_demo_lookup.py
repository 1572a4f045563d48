"""The replica's place look-up: answers as Nominatim does, for the invented pubs."""

from __future__ import annotations

import httpx
import pytest

from trivia_scraper.demo.lookup import country_code, find_venue
from trivia_scraper.demo.server import Replica
from trivia_scraper.providers.nominatim import lookup_request, read_lookup

QO, QM = "question_one", "quizmeisters"
EVERYWHERE: frozenset[str] = frozenset()


@pytest.mark.parametrize("provider", [QO, QM])
async def test_every_pub_is_found_at_its_address(replica: Replica, client: httpx.AsyncClient, provider: str) -> None:
    for venue in replica.site.venues(provider):
        country = (country_code(venue) or "").upper()
        query = f"{venue.street}, {venue.place.city}, {venue.postcode}"
        answer = await client.get(lookup_request(replica.lookup_url, query, country, key="", key_parameter="key").url)
        assert answer.headers["content-type"].startswith("application/json")
        place = read_lookup(answer.text, country)
        assert place is not None, venue.key
        assert (place.latitude, place.longitude) == pytest.approx((venue.latitude, venue.longitude), abs=1e-6)


@pytest.mark.parametrize("query", ["", "1 nowhere lane, atlantis", "london, united kingdom", "%00"])
async def test_what_is_nowhere_is_an_empty_list(replica: Replica, client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(replica.lookup_url, params={"q": query})
    assert (answer.status_code, answer.json()) == (200, [])


async def test_a_pub_in_another_country_is_not_found(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = replica.site.venues(QO)[0]
    query = {"q": f"{venue.street}, {venue.postcode}"}
    assert (await client.get(replica.lookup_url, params={**query, "countrycodes": "gb"})).json()
    assert not (await client.get(replica.lookup_url, params={**query, "countrycodes": "pl,ie"})).json()


def test_the_address_must_agree(replica: Replica) -> None:
    venues = replica.site.venues(QO)
    pub = venues[0]
    town = pub.place.city
    assert find_venue(f"{pub.street}, {town}", EVERYWHERE, venues) is not None
    assert find_venue(f"{pub.street}, {pub.postcode}", EVERYWHERE, venues) == pub
    assert find_venue(f"the pub at {pub.postcode}", EVERYWHERE, venues) == pub
    assert find_venue(f"1{pub.street}, {town}", EVERYWHERE, venues) is None
    assert find_venue(pub.street, EVERYWHERE, venues) is None
    assert find_venue(town, EVERYWHERE, venues) is None
