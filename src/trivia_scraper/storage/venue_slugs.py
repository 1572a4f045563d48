"""Venues as a person names them: by a slug they have or had, with the nearest ones when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from asyncpg import Record as Row

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.storage.sessions import Session


async def venues_called(session: Session, slugs: tuple[str, str]) -> tuple[Row, Row]:
    """Two venues of their own. Raises SetupError for an unknown slug, a merged venue, or one venue named twice."""
    one, other = [await _standing(session, slug) for slug in slugs]
    if one["id"] == other["id"]:
        raise SetupError(f"{slugs[0]} and {slugs[1]} are one venue", hint="name two different ones")
    return one, other


async def venue_called(session: Session, slug: str) -> Row:
    """A venue, merged or not, by its slug or a retired one. Raises SetupError naming the nearest slugs."""
    row = await session.fetchrow("duplicates/find_venue", slug)
    if row is None:
        near = nearest(slug, [known["slug"] for known in await session.fetch("catalog/all_slugs")])
        hint = f"did you mean {', '.join(near)}?" if near else "`trivia-scraper venues list` shows them all"
        raise SetupError(f"no venue {slug!r}", hint=hint)
    return row


def nearest(slug: str, known: Sequence[str]) -> list[str]:
    """Up to three known slugs that look like this one."""
    return get_close_matches(slug, known, n=3, cutoff=0.5)


async def _standing(session: Session, slug: str) -> Row:
    row = await venue_called(session, slug)
    if row["merged_into"] is not None:
        raise SetupError(
            f"{row['slug']} was merged into {row['merged_into_slug']}",
            hint=f"`trivia-scraper venues unmerge {row['slug']}` makes it a venue of its own again",
        )
    return row
