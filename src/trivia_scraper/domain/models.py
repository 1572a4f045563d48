"""The facts a source states: listings, venues, events, performers, image references.

Values only. Times are the venue's local wall clock, weekdays ISO (1 = Monday … 7 = Sunday), fees integer
minor units; unknown is None and never 0 or a default (sources.md, conventions).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Frequency(StrEnum):
    """How often an event recurs (Q1–Q3)."""

    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"
    IRREGULAR = "irregular"


class EventStatus(StrEnum):
    """What the source says of an event, or what our own bookkeeping closed it as (Q4, E6)."""

    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED_ONCE = "cancelled_once"
    NOT_PUBLIC = "not_public"
    STARTS_LATER = "starts_later"
    CLOSED = "closed"


class OwnerKind(StrEnum):
    """Whose picture it is."""

    VENUE = "venue"
    PERFORMER = "performer"


class ImageRole(StrEnum):
    """What a picture is for. Hero and profile are slots (one row per owner, provider, role)."""

    HERO = "hero"
    GALLERY = "gallery"
    PROFILE = "profile"


class ImageStatus(StrEnum):
    """The five states of an image row (images.md 3, R76)."""

    UPLOADED = "uploaded"
    FAILED = "failed"
    PERMANENTLY_FAILED = "permanently_failed"
    SKIPPED = "skipped"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of an index page: enough to plan the visit, and whatever facts the index already has.

    key  the stable key of the venue within its source (sources.md 1), e.g. "qld-10-toes"
    url  the page an operator would open: the detail page, or the index page with a fragment
    stated  what else the index says, by the source's own names, for its reading of the detail
    """

    source: str
    key: str
    url: str
    name: str
    address: str | None = None
    locality: str | None = None
    postcode: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    website: str | None = None
    schedule_text: str | None = None
    fee_text: str | None = None
    frequency_text: str | None = None
    description: str | None = None
    image_url: str | None = None
    stated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RejectedListing:
    """An index entry that cannot be used: counted under its reason, never stopping the others (N7)."""

    key: str | None
    name: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """What a source says of a place.

    address   as published, one line (P2); the parsed parts stand beside it
    country   ISO 3166 alpha-2; timezone IANA
    complete  stays with the catalogue: a fact that is None here never erases a known one (E3)
    """

    name: str
    address: str | None
    street: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str
    latitude: float | None
    longitude: float | None
    timezone: str
    phone: str | None = None
    website: str | None = None
    facebook: str | None = None
    instagram: str | None = None
    place_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One recurring evening. `fee_minor` None = not stated, 0 = stated free (F1)."""

    weekday: int
    start_time: dt.time
    end_time: dt.time | None
    frequency: Frequency
    ordinals: tuple[int, ...]
    fee_minor: int | None
    currency: str
    title: str
    description: str | None
    status: EventStatus
    next_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class PerformerFacts:
    """A host with a name (H3: a picture alone makes no performer)."""

    name: str


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture that a source or photo provider offers for an owner in a role."""

    owner_kind: OwnerKind
    role: ImageRole
    provider: str
    url: str
    photo_id: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """The texts the facts came from (E7)."""

    raw_title: str | None
    schedule_text: str | None
    fee_text: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything one listing says, read and normalised. `issues` names facts that were refused or missing."""

    listing: Listing
    venue: VenueFacts
    events: tuple[EventFacts, ...]
    performer: PerformerFacts | None
    images: tuple[ImageRef, ...]
    provenance: Provenance
    issues: tuple[str, ...] = ()
