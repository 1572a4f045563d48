"""One page given to a source of either kind, and what it made of it: a description tells more than code does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from trivia_scraper.domain.models import Listing
    from trivia_scraper.domain.pages import Page
    from trivia_scraper.domain.source import Source
    from trivia_scraper.sources.declarative.trial import DetailTrial, IndexTrial

ALONE: Final = "read without the venue's entry in the index, which may say the rest"


def try_index_of(source: Source, page: Page) -> IndexTrial:
    """One index page, as a trial; a built-in source does not tell which expression found a field."""
    from trivia_scraper.domain.errors import PageShapeChanged
    from trivia_scraper.sources.declarative import DeclaredSource
    from trivia_scraper.sources.declarative.detecting_trial import try_page
    from trivia_scraper.sources.declarative.trial import IndexTrial, ItemTrial

    if isinstance(source, DeclaredSource):
        return try_page(source, page)
    try:
        read = source.read_index(page)
    except PageShapeChanged as error:
        return IndexTrial(problem=f"{error.message} (looked for: {error.looked_for})")
    listed = [ItemTrial("listed", "", tuple(_fields_of(listing)), (), listing) for listing in read.listings]
    refused = [
        ItemTrial("rejected", one.reason, tuple(_fields({"key": one.key, "name": one.name}))) for one in read.rejected
    ]
    return IndexTrial((*listed, *refused), read.follow, read.explicitly_empty)


def try_detail_of(source: Source, listing: Listing | None, page: Page | None, companion: Page | None) -> DetailTrial:
    """One venue; without its listing only the page itself speaks."""
    from trivia_scraper.domain.errors import PageShapeChanged
    from trivia_scraper.domain.models import Listing
    from trivia_scraper.sources.declarative import DeclaredSource
    from trivia_scraper.sources.declarative.trial import DetailTrial, try_detail

    if isinstance(source, DeclaredSource):
        trial = try_detail(source, listing, page)
        return trial if listing else replace(trial, notes=(*trial.notes, ALONE))
    known = listing or Listing(source.slug, "trial", page.url if page else source.home, "")
    try:
        # What it read where is known to its code alone; the outcome is what can be shown.
        return DetailTrial((), source.read_detail(known, page, companion))
    except PageShapeChanged as error:
        told = f"{error.message} (looked for: {error.looked_for})"
        return DetailTrial(problem=told, notes=() if listing else (ALONE,))


def _fields_of(listing: Listing) -> Iterator[Any]:
    stated = {
        "key": listing.key, "name": listing.name, "url": listing.url, "address": listing.address,
        "locality": listing.locality, "postcode": listing.postcode, "lat": _text(listing.latitude),
        "lng": _text(listing.longitude), "phone": listing.phone, "website": listing.website,
        "schedule": listing.schedule_text, "fee": listing.fee_text, "frequency": listing.frequency_text,
        "image": listing.image_url, **listing.stated,
    }  # fmt: skip
    return _fields({name: value for name, value in stated.items() if value})


def _fields(values: dict[str, str | None]) -> Iterator[Any]:
    from trivia_scraper.sources.declarative.trial import FieldTrial

    return (FieldTrial(name, value, "") for name, value in values.items())


def _text(number: float | None) -> str | None:
    return None if number is None else str(number)
