"""The directory as operators read it: the rows behind `venues list`, `images list` and their JSON.

Field names are the JSON keys of the command line's contract; more keys may come, these stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SightingView:
    """One source that shows this event."""

    source: str
    url: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    last_processed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """One recurring evening. `weekday` 1 = Monday; `start_time` "HH:MM" local; `next_date` as its source says."""

    id: int
    title: str
    weekday: int
    start_time: str
    end_time: str | None
    frequency: str
    ordinals: tuple[int, ...]
    fee_minor: int | None
    currency: str
    status: str
    performer: str | None
    description: str | None
    sources: tuple[SightingView, ...]
    next_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class VenueView:
    """One venue with its events."""

    id: int
    slug: str
    name: str
    address: str | None
    street: str | None
    postcode: str | None
    city: str | None
    region: str | None
    country: str
    latitude: float | None
    longitude: float | None
    timezone: str
    phone: str | None
    website: str | None
    facebook: str | None
    instagram: str | None
    created_at: dt.datetime
    updated_at: dt.datetime
    events: tuple[EventView, ...]


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One line of an image's attempt log."""

    kind: str
    at: dt.datetime
    outcome: str
    error_type: str | None
    status_code: int | None
    attempt: int
    bytes: int | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class ImageView:
    """One image row. `owner` is the owner's slug; `path` and `thumb_path` are where the files lie, `url` is what to
    display (R78, R212)."""

    id: int
    owner_kind: str
    owner: str
    role: str
    provider: str
    provider_url: str | None
    url: str | None
    status: str
    storage_key: str | None
    thumb_key: str | None
    path: str | None
    thumb_path: str | None
    sha256: str | None
    source_sha256: str | None
    mime: str | None
    width: int | None
    height: int | None
    bytes: int | None
    fetched_at: dt.datetime | None
    verified_at: dt.datetime | None
    error_type: str | None
    reason: str | None
    error: str | None
    status_code: int | None
    retry_count: int
    retry_attempt: int | None
    next_retry_at: dt.datetime | None
    refresh_failed_at: dt.datetime | None
    version: int
    position: int | None = None
    attribution: str | None = None
    attribution_url: str | None = None


@dataclass(frozen=True, slots=True)
class PairedVenue:
    """One side of a pair, as far as a person needs it to decide."""

    slug: str
    name: str
    address: str | None
    postcode: str | None
    city: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """Two venues that may be one. `state` is open, different (a person said so) or merged; `why` is for people."""

    venues: tuple[PairedVenue, PairedVenue]
    score: float
    name_similarity: float
    location_similarity: float
    band: str
    why: str
    state: str
    found_at: dt.datetime
    decided_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DuplicateScan:
    """What comparing the venues gave: pairs compared, pairs now open, and open ones that no longer look alike."""

    compared: int
    open: int
    dropped: int


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge did, or would do.

    facts            the winner's gaps that were filled, by column
    events_moved     running evenings that moved to the winner
    events_closed    evenings whose hour both had: the fresher stays, the other was closed
    listings         "source:key" that mean the winner from now on
    images_moved     picture rows that moved; images_left = those whose slot the winner fills itself
    """

    winner: str
    loser: str
    facts: tuple[str, ...]
    events_moved: int
    events_closed: int
    listings: tuple[str, ...]
    images_moved: int
    images_left: int


@dataclass(frozen=True, slots=True)
class UnmergeReport:
    """What `loser` has of its own again: running evenings, listings as "source:key", picture rows."""

    winner: str
    loser: str
    events: int
    listings: tuple[str, ...]
    images: int


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One line of a venue's story.

    venue    slug under which it was written; another one's where that venue was merged into this
    run_id   None for what a person did
    event_*  the evening it is about, as it is now; None for the venue's own facts
    before, after  the facts that changed, by name
    """

    at: dt.datetime
    run_id: UUID | None
    venue: str
    source: str
    kind: str
    event_id: int | None
    event_title: str | None
    event_weekday: int | None
    event_start_time: str | None
    event_currency: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
