"""Fixtures that every floor of tests shares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import settings

from support.replica import running_replica
from trivia_scraper.demo import server
from trivia_scraper.demo.server import Replica
from trivia_scraper.fetching import exchange

pytest_plugins = ("support.postgres",)

# The same examples in every check: a run says something of the change, not of its luck. Looking for new ones is
# `pytest --hypothesis-profile=explore`.
settings.register_profile("check", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile("check")


LONGEST_FIRST = ("test_crashes.py", "test_recovery_goals.py", "test_every_source.py", "test_no_image_is_lost.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that take longest begin first: at the end they would run on one core while the other waits."""
    items.sort(key=lambda item: item.path.name not in LONGEST_FIRST)


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Every house would read the trusted authorities again, and every replica paint the same pictures again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "_trusting_context", lru_cache(exchange._trusting_context))
        patch.setattr(server, "paint_picture", lru_cache(maxsize=1_000)(server.paint_picture))
        yield


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    """A replica of the providers' sites on loopback, with 12 venues each."""
    async with running_replica(world_size=12) as running:
        yield running


@pytest.fixture
async def house(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[object]:
    """The whole house, open, with an empty store of the test's own. Typed as `support.house.House`."""
    from support.house import open_house

    async with open_house(tmp_path, database_url, replica) as opened:
        yield opened
