"""The directory as operators read it: the rows behind `venues list`, `images list` and their JSON.

Field names are the JSON keys of the command line's contract; more keys may come, these stay.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


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
    """One recurring evening. `weekday` 1 = Monday; `start_time` "HH:MM" local."""

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
    """One image row. `owner` is the owner's slug; `path` and `thumb_path` are where the files lie."""

    id: int
    owner_kind: str
    owner: str
    role: str
    provider: str
    provider_url: str | None
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
