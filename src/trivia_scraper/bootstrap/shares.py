"""Each adapter's share of the settings: an adapter is handed its own section only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from trivia_scraper import __version__
from trivia_scraper.domain.photo_provider import ProviderAccount
from trivia_scraper.fetching import FetchSettings
from trivia_scraper.imaging import inspector as imaging_inspector
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.policy.classifying import ErrorClasses, error_classes
from trivia_scraper.policy.schedules import schedule_of
from trivia_scraper.ports import (
    CleanupSettings,
    LookupService,
    PhotoSettings,
    PipelineSettings,
)
from trivia_scraper.reading.reader import SECONDS_PER_PAGE
from trivia_scraper.roster import Roster
from trivia_scraper.settings import Settings
from trivia_scraper.settings.picture_sections import GooglePlacesSection, ProviderSection
from trivia_scraper.storage.connecting import DatabaseSettings
from trivia_scraper.workers.limits import WorkerLimits


def database_settings(settings: Settings) -> DatabaseSettings:
    """The database adapter's share of the settings."""
    section = settings.database
    return DatabaseSettings(
        url=section.url.get_secret_value(),
        data_dir=settings.database_dir,
        embedded_bin_dir=Path(section.embedded_bin_dir).expanduser() if section.embedded_bin_dir else None,
        pool_max=section.pool_max,
        acquire_timeout_seconds=section.acquire_timeout.total_seconds(),
        statement_timeout_seconds=section.statement_timeout.total_seconds(),
        lock_timeout_seconds=section.lock_timeout.total_seconds(),
    )


def fetch_settings(settings: Settings, roster: Roster) -> FetchSettings:
    """The HTTP adapter's share of the settings."""
    section = settings.http
    return FetchSettings(
        contact=section.contact,
        version=__version__,
        per_host_interval_seconds=section.per_host_interval.total_seconds(),
        host_intervals=_host_intervals(roster),
        per_host_connections=section.per_host_connections,
        keepalive_seconds=section.keepalive.total_seconds(),
        dns_ttl_seconds=section.dns_ttl.total_seconds(),
        connect_timeout_seconds=section.connect_timeout.total_seconds(),
        read_timeout_seconds=section.read_timeout.total_seconds(),
        min_rate_bytes=section.min_rate_bytes,
        max_redirects=section.max_redirects,
        max_page_bytes=section.max_page_bytes,
        max_image_bytes=settings.images.max_bytes,
        max_ratio=section.max_ratio,
        ports=frozenset(section.ports),
        networks=tuple(section.allow_networks),
        respect_robots=section.respect_robots,
        proxy=section.proxy.get_secret_value(),
    )


def _host_intervals(roster: Roster) -> Mapping[str, float]:
    intervals: dict[str, float] = {}
    for slug, source in roster.sources.items():
        section = roster.sections[slug]
        if section.per_host_interval is not None:
            for url in (section.index_url or source.default_index_url, source.home):
                host = urlsplit(url).hostname
                if host:
                    intervals[host] = section.per_host_interval.total_seconds()
    return intervals


def imaging_settings(settings: Settings) -> ImagingSettings:
    """The inspector's share of the settings."""
    section = settings.images
    return ImagingSettings(
        min_bytes=section.min_bytes,
        max_bytes=section.max_bytes,
        max_pixels=section.max_pixels,
        max_side=section.max_side,
        max_frames=section.max_frames,
        decode_timeout_seconds=section.decode_timeout.total_seconds(),
        thumbnail=section.thumbnail,
    )


def worker_limits(settings: Settings) -> WorkerLimits:
    """The worker processes' share of the settings."""
    section = settings.images
    return WorkerLimits(
        workers=section.workers,
        memory_bytes=section.worker_memory,
        longest_job_seconds=max(section.decode_timeout.total_seconds(), SECONDS_PER_PAGE),
    )


def loaded_once(roster: Roster) -> Sequence[str]:
    readers = sorted({type(source).__module__ for source in roster.sources.values()})
    return (*imaging_inspector.LOADED_ONCE, "trivia_scraper.reading.task", *readers)


def pipeline_settings(settings: Settings, roster: Roster) -> PipelineSettings:
    """The pipeline's share of the settings."""
    sources, sections = roster.sources, roster.sections
    return PipelineSettings(
        detail_freshness=settings.refresh.freshness,
        image_revalidate_after=settings.images.revalidate_after,
        concurrency_per_source=settings.refresh.concurrency,
        page_deadline_seconds=settings.http.page_deadline.total_seconds(),
        hero_deadline_seconds=settings.images.hero_deadline.total_seconds(),
        performer_deadline_seconds=settings.images.performer_deadline.total_seconds(),
        download_deadline_seconds=settings.images.download_deadline.total_seconds(),
        attempts=settings.refresh.attempts,
        backoff_seconds=settings.refresh.backoff.total_seconds(),
        complete_runs_before_missing=settings.limits.complete_runs_before_missing,
        vanished_ratio=settings.limits.vanished_ratio,
        suspect_ratio=settings.limits.suspect_ratio,
        source_growth_factor=settings.limits.source_growth_factor,
        enabled_sources=frozenset(roster.enabled),
        broken_sources=roster.broken,
        index_urls={slug: sections[slug].index_url or source.default_index_url for slug, source in sources.items()},
        # A site that we do not know (a mirror, a replica) is paced by its host's interval alone.
        index_intervals={
            slug: 0.0 if sections[slug].index_url else source.index_interval_seconds
            for slug, source in sources.items()
        },
        freshness_overrides={
            slug: section.freshness for slug, section in sections.items() if section.freshness is not None
        },
        lookup=lookup_service(settings),
        classes=recovery_classes(settings),
        recovery_backoff_base_seconds=settings.recovery.backoff_base_seconds,
        recovery_batch_venues=settings.recovery.batch_venues,
        photos=photo_settings(settings),
        cleanup=cleanup_settings(settings),
    )


def lookup_service(settings: Settings) -> LookupService | None:
    """The address look-up that is configured; None = none."""
    section = settings.lookup
    if not section.url:
        return None
    return LookupService(section.url, section.key.get_secret_value(), section.key_parameter, section.retry_after)


def cleanup_settings(settings: Settings) -> CleanupSettings:
    """The share of the nightly scan."""
    section = settings.cleanup
    return CleanupSettings(
        enabled=section.enabled,
        schedule=schedule_of(section.time, section.every),
        quarantine=section.quarantine,
        rehash_percent=section.rehash_percent,
        keep_runs=section.keep_runs,
        keep_attempts=section.keep_attempts,
    )


def recovery_classes(settings: Settings) -> ErrorClasses:
    """The table of error classes, as `[recovery]` may change it."""
    return error_classes(settings.recovery.transient_types(), settings.recovery.permanent_types())


def photo_settings(settings: Settings) -> PhotoSettings:
    """The share of galleries: the enabled providers and how they are asked."""
    section = settings.enrichment
    return PhotoSettings(
        accounts={
            slug: provider_account(slug, each) for slug, each in settings.providers.by_slug().items() if each.enabled
        },
        stale_after=section.stale_after,
        stale_after_without_images=section.stale_after_without_images,
        per_provider=section.per_provider or None,
        per_venue=section.per_venue,
        download=section.download,
    )


def provider_account(slug: str, section: ProviderSection) -> ProviderAccount:
    """How we know one photo provider."""
    google = section if isinstance(section, GooglePlacesSection) else None
    return ProviderAccount(
        slug=slug,
        base_url=section.base_url,
        key=section.key.get_secret_value(),
        priority=section.priority,
        cost_per_request=section.cost_per_request,
        cost_per_image=section.cost_per_image,
        per_second=section.per_second,
        per_minute=section.per_minute,
        per_hour=section.per_hour,
        api=google.api if google else "new",
        classic_base_url=google.classic_base_url if google else "",
    )
