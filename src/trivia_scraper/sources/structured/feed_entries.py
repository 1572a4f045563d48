"""What the JSON calendars share: each entry is read by itself; one that cannot be is counted, never fatal (N7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from trivia_scraper.domain.models import RejectedListing
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.sources.structured.plain import plain_line
from trivia_scraper.sources.structured.schema_values import Node, first_text
from trivia_scraper.text.cleaning import NAME_LIMIT

ALL_DAY: Final = "an all-day entry"
NO_START: Final = "no start"
ENTRY_LIMIT: Final = 1_000
KEY_LIMIT: Final = 300


def read_each(
    entries: list[object], read: Callable[[Node], StructuredFacts]
) -> tuple[tuple[StructuredFacts, ...], tuple[RejectedListing, ...]]:
    """The facts of at most 1,000 entries, and the rejected ones with the ValueError that `read` raised."""
    facts: list[StructuredFacts] = []
    rejected: list[RejectedListing] = []
    for entry in entries[:ENTRY_LIMIT]:
        if not isinstance(entry, Mapping):
            rejected.append(RejectedListing(None, None, "no object"))
            continue
        try:
            facts.append(read(entry))
        except ValueError as unusable:
            rejected.append(RejectedListing(key_of(entry), plain_line(entry.get("title"), NAME_LIMIT), str(unusable)))
    return tuple(facts), tuple(rejected)


def key_of(entry: Node) -> str | None:
    """The entry's own id."""
    return plain_line(first_text(entry, "id"), KEY_LIMIT)
