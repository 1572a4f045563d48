"""How a venue's gallery stands, from its rows of now (images.md 11, history). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from trivia_scraper.domain.enrichment_runs import EnrichmentRun, GalleryState, RunCards


def gallery_state(uploaded: int, failed: int, discovered: int) -> GalleryState:
    """uploaded, failed: images of the venue now; discovered: what the run in question had found."""
    if not uploaded:
        return GalleryState.NONE
    if failed:
        return GalleryState.PARTIAL
    return GalleryState.COMPLETE if uploaded >= discovered else GalleryState.SUCCESS


def cards_of(runs: Sequence[EnrichmentRun]) -> RunCards:
    """The sums over a list. A venue's retryable images count once, however often it stands in the list."""
    retryable = {run.venue_id: run.retryable_now for run in runs}
    return RunCards(
        len(runs), sum(run.uploaded for run in runs), sum(run.failed for run in runs), sum(retryable.values())
    )
