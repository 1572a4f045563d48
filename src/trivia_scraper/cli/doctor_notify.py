"""`doctor --notify`: a test message through every channel, and what came of it (operations.md 10)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from trivia_scraper.cli.checkup import Check, fail, ok, warn

if TYPE_CHECKING:
    from trivia_scraper.settings import LoadedSettings


def notify_checks(loaded: LoadedSettings) -> Iterator[Check]:
    """One line a channel; the only checks that send something."""
    from trivia_scraper.bootstrap import try_channels

    tried = asyncio.run(try_channels(loaded.settings))
    if not tried:
        yield warn("notify", "nobody is told: there is no channel and no ping address", "set notify.urls")
    for name, error in tried:
        if error is None:
            yield ok("notify", f"{name} took the test message")
        else:
            yield fail("notify", error.message, error.hint or "check TRIVIA_NOTIFY_URLS, TRIVIA_PING_URL")
