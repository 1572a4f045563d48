"""Every picture that a source offers comes in as a stored image of its slot (sources.md 1, 9.4; images.md 3)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from support.house import House, open_house
from trivia_scraper.demo.server import serve_replica
from trivia_scraper.demo.world import ReplicaVenue
from trivia_scraper.domain.directory import ImageView
from trivia_scraper.sources import SOURCES

# sources.md 1, columns "host" and "picture".
PROFILES = {"quizmeisters": 20, "speed_quizzing": 15, "geeks_who_drink": 25}
HEROES = {"quizmeisters": 25, "question_one": 25, "geeks_who_drink": 20, "pubquiz_pl": 25}


async def owners_of_heroes(house: House, slug: str) -> dict[str, set[str]]:
    """What each stored venue offers: its slug → the paths of the pictures of its listings."""
    shown = {venue.key: venue for venue in house.replica.site.venues(slug)}
    rows = await house.query(
        "SELECT k.key, v.slug FROM venue_keys k JOIN venues v ON v.id = k.venue_id WHERE k.source = $1", slug
    )
    offered: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        hero = shown[row["key"]].hero
        if hero is not None:
            offered[row["slug"]].add(hero.path)
    return offered


async def owners_of_profiles(house: House, slug: str) -> dict[str, set[str]]:
    """What each stored host is shown with: the host's slug → paths."""
    rows = await house.query("SELECT name, slug FROM performers WHERE source = $1", slug)
    slugs = {row["name"].casefold(): row["slug"] for row in rows}
    offered: dict[str, set[str]] = defaultdict(set)
    for host in (venue.host for venue in house.replica.site.venues(slug)):
        if host and host.picture and host.name.casefold() in slugs:
            offered[slugs[host.name.casefold()]].add(host.picture.path)
    return offered


def path_of(image: ImageView, slug: str) -> str:
    return unquote(urlsplit(image.provider_url or "").path).removeprefix(f"/{slug}")


def assert_stored(image: ImageView) -> None:
    assert image.status == "uploaded", image
    for file in (image.path, image.thumb_path):
        assert file is not None
        assert Path(file).stat().st_size > 0


@pytest.mark.parametrize("slug", SOURCES)
async def test_every_slot_that_a_source_offers_is_a_stored_image(
    tmp_path: Path, database_url: str, slug: str
) -> None:
    async with serve_replica(picture_scale=0.2) as replica, open_house(tmp_path, database_url, replica) as house:
        report = await house.run(sources=(slug,))
        assert report.failures == []
        images = [image for image in await house.images() if image.provider == slug]
        for image in images:
            assert_stored(image)
        heroes = {i.owner: path_of(i, slug) for i in images if (i.owner_kind, i.role) == ("venue", "hero")}
        profiles = {i.owner: path_of(i, slug) for i in images if (i.owner_kind, i.role) == ("performer", "profile")}
        for stored, offered, least in (
            (heroes, await owners_of_heroes(house, slug), HEROES.get(slug, 0)),
            (profiles, await owners_of_profiles(house, slug), PROFILES.get(slug, 0)),
        ):
            assert stored.keys() == offered.keys()
            assert all(path in offered[owner] for owner, path in stored.items())
            assert (len(stored) >= least) if least else not stored
        # A host's picture without a name stays with the venue (H3), and nothing else comes in.
        nameless = [v for v in replica.site.venues(slug) if _is_nameless(v)]
        kept = [i for i in images if (i.owner_kind, i.role) == ("venue", "profile")]
        assert len(kept) == len(nameless)
        assert len(images) == len(heroes) + len(profiles) + len(kept)
        assert await house.problems() == []


def _is_nameless(venue: ReplicaVenue) -> bool:
    return venue.host is not None and not venue.host.name and venue.host.picture is not None
