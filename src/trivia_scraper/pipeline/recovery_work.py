"""One recovery at work, owner after owner: what is to be done, in which order, and what the report keeps of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from trivia_scraper.domain.errors import CommitUnknown, DatabaseUnreachable, StorageUnavailable
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.photos import KnownPhoto
from trivia_scraper.domain.recovery import (
    OwnerRecovery,
    OwnerRef,
    QueuedRecovery,
    RecoverableOwner,
    RecoveryEnd,
    RecoveryReport,
    RecoveryRequest,
    owner_document,
)
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.pipeline.recovering import recover_images
from trivia_scraper.pipeline.recovery_telling import not_attempted
from trivia_scraper.policy.recovering import WAITED_FOR_SECONDS, RecoveryChoice
from trivia_scraper.ports import Services

BATCHES_READ_AT_ONCE: Final = 25
"""Finding the most urgent owners takes half a second among a million images: not for every 20 of them."""


class RecoveryWork:
    """One recovery at work: its report, its limits, and which images it has attempted, each at most once."""

    def __init__(self, request: RecoveryRequest, options: RefreshOptions, services: Services) -> None:
        self._request = request
        self._options = options
        self._services = services
        self._limits = limits_of(options, services)
        self._attempted: set[int] = set()
        self.report = RecoveryReport(services.run_id, request, options, services.clock.now())
        services.log.info(
            LogEvent.RECOVERY_STARTED,
            images=len(request.image_ids), venues=list(options.venues), all_due=request.all_due,
            include_ambiguous=request.include_ambiguous, dry_run=options.dry_run,
        )  # fmt: skip

    async def guarded(self, doing: Callable[[], Awaitable[None]]) -> None:
        """Do it; a database that stays away ends it, and is told in the report."""
        try:
            await doing()
        except (StorageUnavailable, DatabaseUnreachable, CommitUnknown) as error:
            self._services.log.error(LogEvent.DATABASE_LOST, error=str(error))
            self.report.finish_reason = FinishReason.DATABASE_LOST

    def finished(self) -> RecoveryReport:
        """The report, told."""
        report = self.report
        report.finished_at = self._services.clock.now()
        self._services.log.info(
            LogEvent.RECOVERY_FINISHED,
            message=report.message, finish_reason=report.finish_reason, **report.counts,
            duration_ms=round((report.finished_at - report.started_at).total_seconds() * 1000),
        )  # fmt: skip
        return report

    async def chosen_images(self, photos: Sequence[KnownPhoto]) -> None:
        """Images by id, owner by owner in the order in which they were named."""
        places = {image_id: place for place, image_id in enumerate(self._request.image_ids)}
        by_owner: dict[OwnerRef, list[KnownPhoto]] = {}
        for photo in sorted(photos, key=lambda photo: places[photo.id]):
            by_owner.setdefault(OwnerRef(photo.owner_kind, photo.owner_id), []).append(photo)
        for owner, chosen in by_owner.items():
            await self._services.gate()
            deleted = [photo for photo in chosen if photo.deleted_at is not None]
            recovery = await self._one(owner, choice_of(self._request, self._options), self._options)
            if recovery is not None:
                recovery.images += [not_attempted(photo, RecoveryEnd.PASSED_OVER) for photo in deleted]
            if self._is_over():
                return

    async def venues(self) -> None:
        """The chosen venues and the hosts of their evenings."""
        owners = await attempt_storing(
            lambda: self._services.recoveries.owners_of_venues(self._options.venues), "finding owners", self._services
        )
        for owner in owners:
            await self._whole(owner)
            if self._is_over():
                return

    async def all_due(self) -> None:
        """What waits in the queue, and between batches of owners with something to do what came to wait meanwhile."""
        await self._serve_queue()
        done: list[OwnerRef] = []
        while not self._is_over():
            page = await self._due_owners(done)
            if not page:
                return
            await self._batches(page, done)

    async def _batches(self, page: Sequence[RecoverableOwner], done: list[OwnerRef]) -> None:
        for place, found in enumerate(page):
            if place and place % self._services.settings.recovery_batch_venues == 0:
                await self._serve_queue()
            if self._is_over():
                return
            done.append(found.owner)
            await self._whole(found.owner)

    async def _serve_queue(self) -> None:
        if not self._is_filtered() and not self._options.dry_run:
            await self.queue()

    async def _due_owners(self, done: Sequence[OwnerRef]) -> Sequence[RecoverableOwner]:
        services, options = self._services, self._options
        due_before = services.clock.now() + dt.timedelta(seconds=WAITED_FOR_SECONDS)
        limit = BATCHES_READ_AT_ONCE * services.settings.recovery_batch_venues
        return await attempt_storing(
            lambda: services.recoveries.owners(self._request, due_before, done, limit, options),
            "finding owners",
            services,
        )

    async def queue(self) -> None:
        """Every request that waits, most urgent first (R214)."""
        while not self._is_over():
            batch = await attempt_storing(
                lambda: self._services.recoveries.waiting(self._services.settings.recovery_batch_venues),
                "reading the queue",
                self._services,
            )
            if not batch:
                return
            for queued in batch:
                await self._serve(queued)
                if self._is_over():
                    return

    async def _serve(self, queued: QueuedRecovery) -> None:
        await self._services.gate()
        at = self._services.clock.now()
        is_ours, image_ids = await attempt_storing(
            lambda: self._services.recoveries.take(queued.id, at), "taking a request", self._services
        )
        if not is_ours:
            return
        # The options come back from the stored request: what was asked for then is what is done now (D10).
        request = RecoveryRequest(include_ambiguous=queued.include_ambiguous)
        choice = replace(choice_of(request, queued.options), image_ids=frozenset(image_ids or ()))
        recovery = await self._one(queued.owner, choice, queued.options)
        await self._finish([queued.id], recovery)

    async def _whole(self, owner: OwnerRef) -> None:
        """One owner, and with it the requests that wait for just that."""
        await self._services.gate()
        covered: Sequence[int] = ()
        if not self._is_filtered() and not self._options.dry_run:
            at = self._services.clock.now()
            covered = await attempt_storing(
                lambda: self._services.recoveries.take_covered(
                    owner, include_ambiguous=self._request.include_ambiguous, at=at
                ),
                "taking requests",
                self._services,
            )
        recovery = await self._one(owner, choice_of(self._request, self._options), self._options)
        await self._finish(covered, recovery)

    async def _one(self, owner: OwnerRef, choice: RecoveryChoice, options: RefreshOptions) -> OwnerRecovery | None:
        choice = replace(choice, except_ids=frozenset(self._attempted))
        try:
            recovery = await recover_images(owner, choice, self._limits, options, self._services)
        except (StorageUnavailable, DatabaseUnreachable, CommitUnknown):
            raise
        except Exception as error:
            self._services.log.error(
                LogEvent.RECOVERY_CRASHED, owner_kind=owner.kind, owner_id=owner.id, exc_info=error
            )
            self.report.crashed += 1
            return None
        self._attempted |= {image.id for image in recovery.images if image.was_attempted}
        self.report.owners.append(recovery)
        if recovery.stopped is not None:
            self.report.finish_reason = recovery.stopped
        return recovery

    async def _finish(self, request_ids: Sequence[int], recovery: OwnerRecovery | None) -> None:
        is_unfinished = recovery is not None and recovery.stopped is not None
        outcome: Mapping[str, Any] = {"ended": "crashed"} if recovery is None else owner_document(recovery)
        for request_id in request_ids:
            await self._end(request_id, outcome, waits_again=is_unfinished)

    async def _end(self, request_id: int, outcome: Mapping[str, Any], *, waits_again: bool) -> None:
        queue, at = self._services.recoveries, self._services.clock.now()
        await attempt_storing(
            lambda: queue.finish(request_id, outcome, at, waits_again=waits_again),
            "finishing a request",
            self._services,
        )

    def _is_filtered(self) -> bool:
        return bool(self._request.image_ids or self._request.error_types or providers_of(self._options))

    def _is_over(self) -> bool:
        return self.report.finish_reason is not FinishReason.DONE


def choice_of(request: RecoveryRequest, options: RefreshOptions) -> RecoveryChoice:
    """Which images of an owner are wanted: the request's word, within the sources and providers of the options."""
    return RecoveryChoice(
        image_ids=frozenset(request.image_ids),
        error_types=request.error_types,
        providers=providers_of(options),
        include_ambiguous=request.include_ambiguous,
    )


def providers_of(options: RefreshOptions) -> frozenset[str]:
    """Names that narrow a recovery down; empty = all."""
    return frozenset((*options.providers, *options.sources))


def limits_of(options: RefreshOptions, services: Services) -> RunLimits:
    """When a recovery takes up no further image."""
    budget = options.max_time_seconds
    deadline = None if budget is None else services.clock.monotonic() + budget
    return RunLimits(services.clock, deadline, services.stopping)
