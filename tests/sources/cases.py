"""Saved pages and their answer keys: `<slug>/<case>.<html|json|xml>` beside `<slug>/<case>.expected.json`.

An answer key holds "page" (index or detail), "url", for a detail its "listing", for a followed index page
its "context"; then either "expect", one entry a field, or "error", what the parser must say it looked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivia_scraper.domain.models import Detail, EventFacts, ImageRef, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading, Source
from trivia_scraper.sources import SOURCES

HERE = Path(__file__).parent
CAPTURES = HERE.parents[2] / "shared" / "captures"


@dataclass(frozen=True)
class Case:
    """One saved page of one source."""

    slug: str
    name: str
    markup: str
    key: dict[str, Any]
    companion_markup: str | None = None

    def __str__(self) -> str:
        return f"{self.slug}-{self.name}"

    @property
    def source(self) -> Source:
        return SOURCES[self.slug]

    def page(self, markup: str | None = None) -> Page:
        step = self.key.get("step") or ("feed" if "paged" in self.key.get("context", {}) else self.key["page"])
        request = PageRequest(self.key["url"], step=step, kind=self.key["page"], context=self.key.get("context", {}))
        text = self.markup if markup is None else markup
        return Page(request, request.url, 200, text, "text/html", len(text))

    def read(self, markup: str | None = None) -> IndexReading | Detail:
        if self.key["page"] == "index":
            return self.source.read_index(self.page(markup))
        listing = Listing(source=self.slug, **self.key["listing"])
        page = None if self.source.detail_request(listing) is None else self.page(markup)
        return self.source.read_detail(listing, page, self.companion())

    def companion(self) -> Page | None:
        """What `<case>.companion.html` beside the case answers, for sources that ask for a second page."""
        if self.companion_markup is None:
            return None
        request = PageRequest(self.key["url"], step="companion", kind="detail")
        return Page(request, request.url, 200, self.companion_markup, "text/html", len(self.companion_markup))

    def facts(self) -> dict[str, Any]:
        reading = self.read()
        return index_facts(reading) if isinstance(reading, IndexReading) else detail_facts(reading)


def all_cases() -> list[Case]:
    return [_load(path) for path in sorted(HERE.glob("*/*.expected.json"))]


def _load(path: Path) -> Case:
    name = path.name.removesuffix(".expected.json")
    companion = path.with_name(f"{name}.companion.html")
    found = (sibling for sibling in path.parent.glob(f"{name}.*") if sibling not in (path, companion))
    page = next(found, None)  # a source without detail pages has none: its listing says everything
    return Case(
        path.parent.name,
        name,
        "" if page is None else page.read_text("utf-8"),
        json.loads(path.read_text("utf-8")),
        companion.read_text("utf-8") if companion.exists() else None,
    )


def index_facts(reading: IndexReading) -> dict[str, Any]:
    listings = reading.listings
    return {
        "keys": [listing.key for listing in listings],
        "names": [listing.name for listing in listings],
        "urls": [listing.url for listing in listings],
        "localities": [listing.locality for listing in listings],
        "positions": [[listing.latitude, listing.longitude] for listing in listings],
        "postcodes": [listing.postcode for listing in listings],
        "phones": [listing.phone for listing in listings],
        "schedules": [listing.schedule_text for listing in listings],
        "titles": [listing.frequency_text for listing in listings],
        "pictures": [listing.image_url for listing in listings],
        "rejected": [[entry.name, entry.reason] for entry in reading.rejected],
        "follow": [request.url for request in reading.follow],
    }


def detail_facts(detail: Detail) -> dict[str, Any]:
    venue, first = detail.venue, next(iter(detail.events), None)
    return {
        "name": venue.name,
        "address": venue.address,
        "street": venue.street,
        "city": venue.city,
        "region": venue.region,
        "postcode": venue.postcode,
        "country": venue.country,
        "position": [venue.latitude, venue.longitude],
        "timezone": venue.timezone,
        "phone": venue.phone,
        "website": venue.website,
        "facebook": venue.facebook,
        "instagram": venue.instagram,
        "events": [_event_line(event) for event in detail.events],
        "fee": [first.fee_minor, first.currency] if first else None,
        "title": first.title if first else None,
        "description": first.description if first else None,
        "status": first.status.value if first else None,
        "performer": detail.performer.name if detail.performer else None,
        "images": [_image_line(image) for image in detail.images],
        "provenance": [detail.provenance.raw_title, detail.provenance.schedule_text, detail.provenance.fee_text],
        "issues": list(detail.issues),
    }


def _event_line(event: EventFacts) -> str:
    line = f"{event.weekday} {event.start_time:%H:%M} {event.frequency.value}"
    return f"{line} {','.join(map(str, event.ordinals))}" if event.ordinals else line


def _image_line(image: ImageRef) -> str:
    return f"{image.owner_kind.value} {image.role.value} {image.url}"
