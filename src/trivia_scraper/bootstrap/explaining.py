"""The story of one venue: what is stored of it, told by the settings of this installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.shares import pipeline_settings, recovery_classes
from trivia_scraper.bootstrap.stores import open_migrated
from trivia_scraper.domain.schedules import Job, JobKind
from trivia_scraper.domain.venue_story import VenueStory
from trivia_scraper.policy.jobs import planned_jobs
from trivia_scraper.policy.staleness import staleness_terms
from trivia_scraper.policy.venue_story import StoryTerms, tell_story
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage.directory import PostgresReader
from trivia_scraper.storage.store_settings import store_settings
from trivia_scraper.storage.stories import PostgresStories

ATTEMPTS_TOLD = 5


async def explain_venue(
    settings: Settings, log: FilteringBoundLogger, slug: str, *, visits: int
) -> VenueStory | Sequence[str]:
    """The story of a venue, by its slug or a retired one; for a slug that no venue has, up to three near ones."""
    async with open_migrated(settings, log) as database:
        store = store_settings(settings.storage, settings.image_dir)
        stories = PostgresStories(database, PostgresReader(database, store.path_of, store.url_of))
        now = SystemClock().now()
        facts = await stories.venue(slug, visits=visits, attempts=ATTEMPTS_TOLD, now=now)
        if facts is None:
            return await stories.similar_venues(slug)
        return tell_story(slug, facts, story_terms(settings), now)


def story_terms(settings: Settings) -> StoryTerms:
    """What decides what comes next, by these settings."""
    roster = load_roster(settings)
    shared, jobs = pipeline_settings(settings, roster), planned_jobs(settings, roster.sections)
    enrichment = settings.enrichment
    return StoryTerms(
        freshness={slug: shared.freshness_of(slug) for slug in roster.sources},
        enabled=shared.enabled_sources,
        refreshes=_refreshes(jobs),
        verification=_only(jobs, JobKind.VERIFY),
        enrichment=_only(jobs, JobKind.ENRICHMENT),
        runs_before_missing=shared.complete_runs_before_missing,
        revalidate_after=shared.image_revalidate_after,
        staleness=staleness_terms(enrichment.stale_after, enrichment.stale_after_without_images),
        photo_providers=frozenset(shared.photos.accounts),
        classes=recovery_classes(settings),
    )


def _refreshes(jobs: Sequence[Job]) -> Mapping[str, Job]:
    return {job.source: job for job in jobs if job.source is not None}


def _only(jobs: Sequence[Job], kind: JobKind) -> Job | None:
    return next((job for job in jobs if job.kind is kind), None)
