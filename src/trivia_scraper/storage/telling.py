"""A venue's story as a person's deeds continue it: lines of `changes` that belong to no run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from trivia_scraper.storage.sessions import Session

BY_HAND: Final = "operator"
"""Stands where a run's lines name the source."""


async def tell_by_hand(
    session: Session,
    venue_id: int,
    kind: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
    at: dt.datetime,
) -> None:
    """One line of a venue's story that a person wrote."""
    await session.execute("catalog/record_change", None, at, venue_id, None, BY_HAND, kind, before, after)
