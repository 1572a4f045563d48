"""A venue as a person names it: by a slug it has or had; who mistypes is told the nearest ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import DirectoryReader
    from trivia_scraper.domain.directory import VenueView


async def find_venue(reader: DirectoryReader, slug: str) -> VenueView:
    """The venue that this slug, or this retired one, leads to. Raises NotFound."""
    from trivia_scraper.cli.endings import NotFound

    found = await reader.venue(slug)
    if found is None:
        near = await reader.similar_venues(slug)
        hint = f"did you mean {', '.join(near)}?" if near else "`trivia-scraper venues list` shows them all"
        raise NotFound(f"no venue {slug!r}", hint)
    return found
