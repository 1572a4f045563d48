"""The invented world: always the same, and odd in all the ways that it is meant to be."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import combinations

import pytest

from trivia_scraper.demo.names import host_name
from trivia_scraper.demo.picture_names import moved
from trivia_scraper.demo.question_one import title_of
from trivia_scraper.demo.site import PROVIDERS
from trivia_scraper.demo.world import Cadence, Quirk, distinct_key, slug_of

BY_SLUG = {provider.slug: provider for provider in PROVIDERS}
# Inquizition and SpeedQuizzing show no venue's picture and publish weekly evenings only (sources.md 4, 5).
ILLUSTRATED = ("quizmeisters", "question_one")
UK_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}")


@pytest.mark.parametrize("slug", BY_SLUG)
@pytest.mark.parametrize("plain", [False, True])
def test_the_same_size_gives_the_same_world(slug: str, plain: bool) -> None:
    assert BY_SLUG[slug].invent(60, plain=plain) == BY_SLUG[slug].invent(60, plain=plain)


@pytest.mark.parametrize("slug", BY_SLUG)
def test_a_small_world_is_the_beginning_of_a_large_one(slug: str) -> None:
    assert BY_SLUG[slug].invent(200, plain=False)[:25] == BY_SLUG[slug].invent(25, plain=False)


@pytest.mark.parametrize("slug", BY_SLUG)
@pytest.mark.parametrize("plain", [False, True])
def test_keys_and_picture_paths_are_distinct_in_a_world_of_three_thousand(slug: str, plain: bool) -> None:
    venues = BY_SLUG[slug].invent(3_000, plain=plain)
    assert len({venue.key for venue in venues}) == 3_000
    pubs = {(venue.name, venue.postcode): venue for venue in venues}
    heroes = Counter(venue.hero.path for venue in pubs.values() if venue.hero)
    assert set(heroes.values()) <= {1}
    assert all(re.fullmatch(r"[a-z0-9-]+(?:/[a-z0-9-]+)?", venue.key) for venue in venues)


def test_quizmeisters_crosses_all_states_with_four_digit_postcodes() -> None:
    venues = BY_SLUG["quizmeisters"].invent(40, plain=False)
    assert {venue.key.partition("-")[0] for venue in venues} == {"act", "nsw", "qld", "vic", "sa", "wa", "tas", "nt"}
    assert all(re.fullmatch(r"\d{4}", venue.postcode) for venue in venues)


def test_question_one_has_well_formed_postcodes_of_its_own_for_every_pub() -> None:
    venues = BY_SLUG["question_one"].invent(40, plain=False)
    assert all(UK_POSTCODE.fullmatch(venue.postcode) for venue in venues)
    assert len({venue.postcode for venue in venues}) == 39  # one pub has two posts


def test_no_two_pubs_stand_near_enough_to_be_taken_for_one_V2() -> None:
    venues = BY_SLUG["quizmeisters"].invent(400, plain=False)
    for left, right in combinations(venues, 2):
        north = (left.latitude - right.latitude) * 111_000
        east = (left.longitude - right.longitude) * 111_000 * math.cos(math.radians(left.latitude))
        assert math.hypot(north, east) > 250, (left.key, right.key)


@pytest.mark.parametrize("slug", BY_SLUG)
def test_two_pubs_share_a_name_but_no_postcode_V1(slug: str) -> None:
    railways = [venue for venue in BY_SLUG[slug].invent(40, plain=False) if venue.name == "The Railway"]
    assert len(railways) == 2
    assert railways[0].postcode != railways[1].postcode


def test_one_host_serves_several_venues_with_one_picture_H1() -> None:
    venues = BY_SLUG["quizmeisters"].invent(40, plain=False)
    hosts = Counter(venue.host for venue in venues if Quirk.SHARED_HOST in venue.quirks)
    assert list(hosts.values()) == [3]


def test_two_pictures_share_a_file_name_in_different_folders_I2() -> None:
    for slug in ILLUSTRATED:
        paths = [venue.hero.path for venue in BY_SLUG[slug].invent(40, plain=False) if venue.hero]
        names = Counter(path.rpartition("/")[2].rpartition("_")[2] for path in paths)
        assert names["quiz-night.jpg"] == 2
        assert len(set(paths)) >= len(paths) - 1  # the pub with two posts shows one picture twice


@pytest.mark.parametrize("slug", ILLUSTRATED)
def test_the_first_venue_is_plain_and_complete(slug: str) -> None:
    first = BY_SLUG[slug].invent(1, plain=False)[0]
    assert not first.quirks
    assert first.hero is not None
    assert first.hero.format == "jpg"
    assert first.phone
    assert first.paragraphs


@pytest.mark.parametrize("slug", ILLUSTRATED)
def test_all_cadences_and_picture_formats_occur(slug: str) -> None:
    venues = BY_SLUG[slug].invent(40, plain=False)
    assert {evening.cadence for venue in venues for evening in venue.evenings} == set(Cadence)
    assert {venue.hero.format for venue in venues if venue.hero} == {"jpg", "webp", "avif", "png"}
    assert any(venue.hero is None for venue in venues)


def test_picture_addresses_come_in_all_spellings_I2() -> None:
    addresses = [
        venue.hero.href("") for provider in PROVIDERS for venue in provider.invent(40, plain=False) if venue.hero
    ]
    assert any("%20" in address for address in addresses)
    assert any(" " in address for address in addresses)
    assert any("?" in address for address in addresses)
    assert any(address.endswith(".JPG") for address in addresses)
    assert any("." not in address.rpartition("/")[2] for address in addresses)


def test_the_plain_world_has_two_pictures_a_venue_and_no_oddities() -> None:
    venues = BY_SLUG["quizmeisters"].invent(500, plain=True)
    pictures = {venue.hero for venue in venues} | {venue.host.picture for venue in venues if venue.host}
    assert len(pictures) == 1_000
    assert not any(venue.quirks for venue in venues)


def test_question_one_splits_two_weekdays_into_two_posts() -> None:
    posts = [post for post in BY_SLUG["question_one"].invent(40, plain=False) if Quirk.TWO_WEEKDAYS in post.quirks]
    assert len(posts) == 2
    assert posts[1].key == f"{posts[0].key}-2"
    assert posts[0].evenings[0].weekday != posts[1].evenings[0].weekday


def test_a_title_begins_with_the_misspelt_prefix() -> None:
    titles = [title_of(venue) for venue in BY_SLUG["question_one"].invent(40, plain=False)]
    assert sum(title.startswith("PUB QUIIZ") for title in titles) == 1
    assert any(title.startswith("PUB QUIZ –") for title in titles)
    assert any(not title.startswith("PUB") for title in titles)


def test_hosts_are_distinct_for_thousands() -> None:
    assert len({host_name(number) for number in range(5_000)}) == 5_000


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("PUB QUIZ – The Sexton’s Table, Wembley", "pub-quiz-the-sextons-table-wembley"),
        ("Badger & Saddler", "badger-saddler"),
        ("Zoë's", "zoes"),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert slug_of(text) == slug


def test_distinct_keys_fall_back_and_then_count() -> None:
    taken: set[str] = set()
    assert [distinct_key("a", "a-b", taken) for _ in range(4)] == ["a", "a-b", "a-b-2", "a-b-3"]


def test_a_moved_picture_has_another_path_and_keeps_the_rest() -> None:
    first = BY_SLUG["quizmeisters"].invent(1, plain=False)[0].hero
    assert first is not None
    assert moved(first, 1).path == first.path.replace(".jpg", "-new1.jpg")
    assert moved(first, 1).format == first.format
