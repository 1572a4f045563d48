"""A replica and a client for the tests of the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from support.replica import running_replica
from trivia_scraper.demo.server import Replica


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as plain:
        yield plain
