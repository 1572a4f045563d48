"""Image records of an older application: as they were read, and what came of importing them (images.md 3, R222)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind


class RejectReason(StrEnum):
    """Why a record is not imported. It costs that record only (R81)."""

    TOO_LONG = "too_long"
    NUL = "nul"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    NO_URL = "no_url"
    BAD_URL = "bad_url"
    NO_PROVIDER = "no_provider"
    BAD_ROLE = "bad_role"
    BAD_RETRY_COUNT = "bad_retry_count"
    DELETED = "deleted"
    NO_OWNER = "no_owner"
    NUMBER_ALONE = "number_alone"
    UNKNOWN_OWNER = "unknown_owner"
    SEVERAL_OWNERS = "several_owners"


@dataclass(frozen=True, slots=True)
class OwnerName:
    """Whose picture a record says it is: by slug, else by our number and name, else by name and city."""

    kind: OwnerKind
    slug: str | None = None
    number: int | None = None
    name: str | None = None
    city: str | None = None

    def __str__(self) -> str:
        if self.slug:
            return self.slug
        named = ", ".join(filter(None, (self.name, self.city)))
        return f"{named} (number {self.number})" if self.number is not None else named


@dataclass(frozen=True, slots=True)
class ImportedFailure:
    """The last error of a picture, as the older application told it; the words are redacted."""

    error_type: ErrorType
    error: str | None
    status_code: int | None
    at: dt.datetime | None
    attempt: int | None


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """One record, read: never `uploaded`, since a file that lies elsewhere is no file of ours.

    url        what is stored as `provider_url`, without secrets
    identity   D2, of the picture's original address or id
    failure    None unless it failed
    """

    owner: OwnerName
    role: ImageRole
    provider: str
    photo_id: str | None
    identity: str
    url: str
    status: ImageStatus
    retry_count: int
    retried_at: dt.datetime | None
    finalized_at: dt.datetime | None
    failure: ImportedFailure | None
    width: int | None
    height: int | None
    quality_score: float
    scoring_version: str | None
    attribution: str | None
    attribution_url: str | None
    fetched_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that is not imported."""

    reason: RejectReason


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One line of the file. `left_out` names keys that were not used, and those whose value could not be read."""

    line: int
    found: ImportedImage | RejectedRecord
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedLines:
    """How many records a reason cost, and the first of their lines."""

    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What importing a file did, or would do.

    read      records: lines that are not blank. The other counts add up to it
    imported  status → new rows
    improved  rows of an import that a better record of the same picture replaced (D2)
    known     records whose picture has a row already; nothing was changed
    rejected  reason → lines
    unknown_owners  names that are nobody's here, the first of them
    left_out  key → records that had it and nothing came of it, the first keys that were met
    """

    dry_run: bool
    read: int
    imported: Mapping[ImageStatus, int] = field(default_factory=dict)
    improved: int = 0
    known: int = 0
    rejected: Mapping[RejectReason, RejectedLines] = field(default_factory=dict)
    unknown_owners: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def rejected_count(self) -> int:
        """Records that are not in the directory now."""
        return sum(lines.count for lines in self.rejected.values())
