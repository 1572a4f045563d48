"""Fixtures that every floor of tests shares."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from trivia_scraper.demo.server import Replica, serve_replica

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


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    """A replica of the providers' sites on loopback, with 12 venues each."""
    async with serve_replica(world_size=12) as running:
        yield running


@pytest.fixture
async def house(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[object]:
    """The whole house, open, with an empty store of the test's own. Typed as `support.house.House`."""
    from support.house import open_house

    async with open_house(tmp_path, database_url, replica) as opened:
        yield opened
