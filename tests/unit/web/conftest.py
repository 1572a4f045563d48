"""The web's listener as it is by default, and the control socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.web import Site, open_site
from trivia_scraper.settings.daemon_sections import MetricsSection, WebSection
from trivia_scraper.web import control_door, web_door


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The web's listener as it is by default."""
    async with open_site(web_door(WebSection(), MetricsSection())) as running:
        yield running


@pytest.fixture
async def control(tmp_path: Path) -> AsyncIterator[Site]:
    """The control socket."""
    async with open_site(control_door(), tmp_path / "control") as running:
        yield running
