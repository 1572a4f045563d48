"""The replica of the providers' sites for tests: small pictures, few venues, on a free loopback port.

@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica() as replica:
        yield replica
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivia_scraper.demo.server import Replica, serve_replica
from trivia_scraper.demo.site import ReplicaSite
from trivia_scraper.demo.world import ReplicaVenue

SMALL_PICTURES = 0.2


@asynccontextmanager
async def running_replica(
    world_size: int = 40, *, bench: bool = False, picture_scale: float = SMALL_PICTURES
) -> AsyncIterator[Replica]:
    """A replica in the running event loop; down again, port and connections closed, when the context ends."""
    async with serve_replica(world_size, bench=bench, picture_scale=picture_scale) as replica:
        yield replica


def hero_path(site: ReplicaSite, provider: str, venue: ReplicaVenue) -> str:
    """Path of a venue's picture as switches, gallery and request log know it."""
    assert venue.hero is not None, f"{venue.key} has no picture of its own"
    return site.image_path(provider, venue.hero)


def page_address(replica: Replica, provider: str, venue: ReplicaVenue) -> str:
    """Address of a venue's page."""
    return replica.site.providers[provider].page_url(venue.key, f"{replica.base_url}/{provider}")
