"""What came of asking sites whether their pictures have changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.photos import PhotoOutcomeKind


@dataclass(slots=True)
class VerificationReport:
    """One verification of the pictures that were asked for longest ago.

    chosen     how many were due, at most as many as were wanted
    outcomes   of those whose sites were asked
    not_asked  their host is left alone, or somebody else was faster: nothing was written
    crashed    owners that a bug cost; their traceback is in the log
    """

    run_id: UUID
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    finish_reason: FinishReason = FinishReason.DONE
    chosen: int = 0
    outcomes: Counter[PhotoOutcomeKind] = field(default_factory=Counter)
    not_asked: int = 0
    crashed: int = 0
    bytes_received: int = 0

    def count(self, *kinds: PhotoOutcomeKind) -> int:
        """How many ended so."""
        return sum(self.outcomes[kind] for kind in kinds)

    @property
    def counts(self) -> dict[str, int]:
        """chosen = unchanged + replaced + failed + not_asked + left; a failed one keeps its good copy."""
        kinds = PhotoOutcomeKind
        postponed = self.count(kinds.POSTPONED, kinds.VANISHED, kinds.SKIPPED)
        counts = {
            "unchanged": self.count(kinds.UNCHANGED_304, kinds.UNCHANGED_HASH),
            "replaced": self.count(kinds.NEW, kinds.REPLACED, kinds.RECOVERED, kinds.SAME_PHOTO),
            "failed": self.count(kinds.KEPT, kinds.FAILED, kinds.CLOSED),
            "not_asked": self.not_asked + postponed,
        }
        return {"chosen": self.chosen, **counts, "left": self.chosen - sum(counts.values())}

    @property
    def ok(self) -> bool:
        """Nothing crashed, and it reached its end; that a site no longer has a picture is no fault of ours."""
        return not self.crashed and self.finish_reason in (FinishReason.DONE, FinishReason.MAX_TIME)

    def document(self) -> dict[str, Any]:
        """Ready for `json.dumps`, and for the row of what ran by the clock."""
        return {
            "ok": self.ok,
            "run_id": str(self.run_id),
            "finish_reason": self.finish_reason.value,
            **self.counts,
            "crashed": self.crashed,
            "bytes_received": self.bytes_received,
        }
