"""What an enrichment tells: a table with a row a venue, and what happens next, from its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trivia_scraper.cli.output import note
from trivia_scraper.cli.tables import Column, Table, say, show
from trivia_scraper.domain.enrichment import EnrichmentStatus, ListingStatus
from trivia_scraper.domain.recovery import RecoveryEnd

_COLUMNS: Final = (
    Column("venue"),
    Column("status"),
    Column("listed", right=True),
    Column("uploaded", right=True),
    Column("failed", right=True),
    Column("stored", right=True),
    Column("cost", right=True),
    Column("providers"),
)


def show_enrichment(document: Mapping[str, Any], color_mode: str) -> None:
    """The closing view of a `domain.enrichment_reports` document, to stdout; the count of venues goes to stderr."""
    venues = document["venues"]
    if venues:
        show(Table(_COLUMNS, tuple(map(_row, venues)), tuple(_emphasis(venues))), color_mode)
        say("", color_mode)
    for venue in venues:
        for line in _lines(venue):
            say(line, color_mode)
    for slug, message in document["crashed"].items():
        say(f"{slug}: failed: {message}", color_mode, "bad")
    note(_closing(document))


def _row(venue: Mapping[str, Any]) -> tuple[str, ...]:
    totals = venue["venue_totals"]
    return (
        venue["venue"]["slug"],
        venue["status"],
        str(venue["images_discovered"]),
        str(venue["images_uploaded"]),
        str(venue["images_failed"]),
        f"{totals['uploaded']}/{totals['total']}",
        f"{venue['cost']:.4f}",
        ", ".join(_told(provider, listing) for provider, listing in venue["providers"].items()) or "-",
    )


def _told(provider: str, listing: Mapping[str, Any]) -> str:
    match ListingStatus(listing["status"]):
        case ListingStatus.LISTED:
            return f"{provider} {listing['images']}"
        case ListingStatus.EMPTY:
            return f"{provider} none"
        case ListingStatus.FAILED:
            return f"{provider} failed: {listing.get('why')}"
        case ListingStatus.NOT_ASKED:
            return f"{provider} not asked: {listing.get('why')}"


def _emphasis(venues: list[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    for number, venue in enumerate(venues):
        if venue["status"] == EnrichmentStatus.ERROR or venue["images_failed"]:
            yield number, "bad"
        elif not venue["providers"] and "recovery" not in venue:
            yield number, "dim"


def _lines(venue: Mapping[str, Any]) -> Iterator[str]:
    """What came of it, what failed, and what happens next."""
    slug = venue["venue"]["slug"]
    yield f"{slug}: {venue['summary']}"
    for photo in venue["images"]:
        if "error_details" in photo:
            yield f"{slug}: {_photo_line(photo)}"
    for image in venue.get("recovery", {}).get("images", ()):
        if image["end"] != RecoveryEnd.UPLOADED:
            error_type = image.get("error_details", {}).get("error_type")
            why = f" ({error_type})" if error_type else ""
            yield f"{slug}: image {image['id']} of {image['provider']}: {image['end']}{why}"
    yield f"{slug}: next: {venue['next']}"


def _photo_line(photo: Mapping[str, Any]) -> str:
    error, at = photo["error_details"], photo.get("next_retry_at")
    which = f"image {photo['id']}" if "id" in photo else "an image"
    code = f" (HTTP {error['status_code']})" if error["status_code"] else ""
    again = f", again from {dt.datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC" if at else ""
    return f"{which} of {photo['provider']}: {photo['outcome']}: {error['error_type']}{code}{again}"


def _closing(document: Mapping[str, Any]) -> str:
    total, stale, chosen = document["total"], document["stale"], document["chosen"]
    done = f"{len(document['venues']):,} of {chosen:,} venues, {document['cost']:.4f} USD"
    if total == stale == chosen:
        return done
    due = f"{stale:,} of {total:,} are due, {document['filtered']:,} are fresh"
    return f"{done}; {due}, {document['no_id']:,} of those due have no id at a provider"
