"""Enrichments as the pages about operations and history show them (images.md 5.6, 11; R203, R204)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class RunScope(StrEnum):
    """The tabs of the history."""

    ALL = "all"
    BULK = "bulk"
    SINGLE = "single"
    PARTIAL = "partial"
    FAILED = "failed"


class GalleryState(StrEnum):
    """How a venue stands now, whatever the run said.

    PARTIAL   has stored images and failed ones
    COMPLETE  nothing failed, and at least what this run found is stored
    SUCCESS   nothing failed, and something is stored
    NONE      nothing is stored
    """

    PARTIAL = "partial"
    COMPLETE = "complete"
    SUCCESS = "success"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which enrichments are shown; None = any. `error_type` = at least one failure of it in the run."""

    scope: RunScope = RunScope.ALL
    provider: str | None = None
    error_type: str | None = None
    status: str | None = None
    city: str | None = None
    venue: str | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class EnrichmentRun:
    """One venue's enrichment in one run.

    context, providers, failure_breakdown  as they were then
    is_bulk         its run enriched other venues too
    state           how the venue stands now
    retryable_now   failures of the venue that recovery may mend
    thumbnails      up to eight storage keys, the best pictures first
    """

    id: int
    run_id: UUID
    venue_id: int
    venue: str
    name: str
    city: str | None
    mode: str
    status: str
    is_bulk: bool
    context: Mapping[str, Any]
    discovered: int
    uploaded: int
    failed: int
    failure_breakdown: Mapping[str, int]
    failed_image_ids: Sequence[int]
    providers: Mapping[str, Any]
    cost: float
    summary: str
    started_at: dt.datetime
    duration_ms: int
    uploaded_now: int
    failed_now: int
    retryable_now: int
    state: GalleryState
    thumbnails: Sequence[str]


@dataclass(frozen=True, slots=True)
class RunCards:
    """The cards above a list: how many enrichments, and their images together."""

    operations: int
    uploaded: int
    failed: int
    retryable: int
