"""Enrichments as pages list them: filtered, newest first, with how each venue stands now (R203, R204)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from trivia_scraper.domain.enrichment_runs import EnrichmentRun, RunFilter
from trivia_scraper.policy.classifying import ErrorClasses
from trivia_scraper.policy.gallery_states import gallery_state
from trivia_scraper.storage.database import Database

OPERATIONS_SHOWN: Final = 50
HISTORY_SHOWN: Final = 100


class PostgresEnrichmentRuns:
    """Reads only. One query a list, whatever its length (R213)."""

    def __init__(self, database: Database, classes: ErrorClasses) -> None:
        self._database = database
        self._classes = (sorted(classes.transient), sorted(classes.permanent))

    async def operations(self, wanted: RunFilter, limit: int = OPERATIONS_SHOWN) -> Sequence[EnrichmentRun]:
        """The last enrichments, for the page about operations (R203)."""
        return await self._runs(wanted, limit)

    async def history(self, wanted: RunFilter, limit: int = HISTORY_SHOWN) -> Sequence[EnrichmentRun]:
        """The last enrichments, for the page about history (R204)."""
        return await self._runs(wanted, limit)

    async def _runs(self, wanted: RunFilter, limit: int) -> Sequence[EnrichmentRun]:
        rows = await self._database.fetch(
            "stats/enrichment_runs", wanted.scope, wanted.provider, wanted.error_type, wanted.status, wanted.city,
            wanted.venue, wanted.since, *self._classes, limit,
        )  # fmt: skip
        return [
            EnrichmentRun(**row, state=gallery_state(row["uploaded_now"], row["failed_now"], row["discovered"]))
            for row in rows
        ]
