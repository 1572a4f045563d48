"""OpenGraph: a page's title, description, picture and address, and never an event's time (sources.md 11.3)."""

from __future__ import annotations

from trivia_scraper.sources.document import Document
from trivia_scraper.sources.reading import picture_address
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.plain import plain_address, plain_line, plain_text
from trivia_scraper.text.cleaning import NAME_LIMIT


def read_opengraph(document: Document, url: str) -> StructuredReading:
    """One entry with `name`, `description`, `image` and `url`, or none where the page has none of them."""
    image = document.meta("og:image") or document.meta("og:image:url")
    facts = StructuredFacts(
        name=plain_line(document.meta("og:title"), 2 * NAME_LIMIT),
        description=plain_text(document.meta("og:description")),
        image=picture_address(plain_address(image, url), url),
        url=plain_address(document.meta("og:url"), url),
    )
    return StructuredReading(() if facts == StructuredFacts() else (facts,))
