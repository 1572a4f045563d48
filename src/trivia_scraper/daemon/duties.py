"""What each kind of scheduled job does, and how its report says that it went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol, TypeAlias

from trivia_scraper.daemon.jobs import scheduled_options
from trivia_scraper.daemon.working import Ended
from trivia_scraper.domain.cleaning import CleanupRequest
from trivia_scraper.domain.enrichment_reports import enrichment_document
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.recovery import RecoveryRequest, recovery_document
from trivia_scraper.domain.reports import report_document
from trivia_scraper.domain.requests import RunRequest
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.cleanup import clean_up
from trivia_scraper.pipeline.enriching_many import enrich_venues
from trivia_scraper.pipeline.recovery import recover
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.pipeline.verifying import verify_oldest
from trivia_scraper.ports import Services
from trivia_scraper.providers.registry import PHOTO_PROVIDERS

Duty: TypeAlias = Callable[[Services], Awaitable[Ended]]


class Hands(Protocol):
    """Who does what several machines can share: this process, or workers that are told to."""

    def refresh(self, options: RefreshOptions) -> Duty:
        """Read the chosen sources."""

    def verify(self, most: int) -> Duty:
        """Ask for the images that were verified longest ago."""

    async def enrich(self, services: Services) -> Ended:
        """Fill the galleries that are due."""

    async def recover_due(self, services: Services) -> Ended:
        """Retry what waits or is due."""

    def tidied(self, clean: Duty) -> Duty:
        """The cleanup, with what belongs to it beside the store."""

    def request(self, request: RunRequest) -> Duty | None:
        """How a person's request is given away; None = it is done here."""


class OwnHands:
    """Everything in this process. Implements `Hands`."""

    def refresh(self, options: RefreshOptions) -> Duty:
        """As `Hands`."""
        return lambda services: refresh_sources(options, services)

    def verify(self, most: int) -> Duty:
        """As `Hands`."""
        return lambda services: verify(most, services)

    async def enrich(self, services: Services) -> Ended:
        """As `Hands`."""
        return await enrich(services)

    async def recover_due(self, services: Services) -> Ended:
        """As `Hands`."""
        return await recover_due(services)

    def tidied(self, clean: Duty) -> Duty:
        """As `Hands`."""
        return clean

    def request(self, request: RunRequest) -> Duty | None:  # noqa: ARG002 - nothing is given away
        """As `Hands`."""
        return None


DUE_RECOVERY = RecoveryRequest(include_ambiguous=False, all_due=True)


def label_sources(sources: Collection[str]) -> frozenset[str]:
    """What a metric may be labelled with: the sources of this installation, and whoever else pictures come from."""
    return frozenset((*sources, *PHOTO_PROVIDERS))


async def refresh_sources(options: RefreshOptions, services: Services) -> Ended:
    """Read the chosen sources."""
    report = await refresh(options, services)
    return ended_of(report.ok, report_document(report), report.finish_reason)


async def recover_due(services: Services) -> Ended:
    """Retry what waits or is due."""
    report = await recover(DUE_RECOVERY, scheduled_options(), services)
    return ended_of(report.ok, recovery_document(report), report.finish_reason)


async def clean(request: CleanupRequest, services: Services) -> Ended:
    """The cleanup of a day; the slot was taken by the schedule."""
    report = await clean_up(scheduled_options(), services, request)
    return Ended(report.ok, report.document(), is_cut=report.interrupted)


async def enrich(services: Services) -> Ended:
    """Fill the galleries that are due."""
    report = await enrich_venues(scheduled_options(), services)
    document = enrichment_document(report)
    return Ended(bool(document["ok"]), document, is_cut=report.stopped)


async def verify(most: int, services: Services) -> Ended:
    """Ask for the images that were verified longest ago."""
    report = await verify_oldest(most, scheduled_options(), services)
    return ended_of(report.ok, report.document(), report.finish_reason)


async def has_due_recoveries(services: Services) -> bool:
    """Whether a recovery would find anything: asked each minute, so that an idle minute leaves no trace."""
    options, now = scheduled_options(), services.clock.now()
    if await attempt_storing(lambda: services.recoveries.waiting(1), "waiting recoveries", services):
        return True
    owners = await attempt_storing(
        lambda: services.recoveries.owners(DUE_RECOVERY, now, (), 1, options), "due recoveries", services
    )
    return bool(owners)


def ended_of(ok: bool, document: Mapping[str, Any], reason: FinishReason) -> Ended:
    """What a report comes to, by why it ended."""
    return Ended(
        ok,
        document,
        is_cut=reason is FinishReason.INTERRUPTED,
        lost_database=reason is FinishReason.DATABASE_LOST,
    )
