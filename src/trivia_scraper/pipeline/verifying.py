"""Stored pictures that were asked for longest ago: their sites say whether they have changed (operations.md 11).

By the one path of stored addresses, `photos.store_photo`: "not modified" moves the stamps, new bytes are judged and
switched as always, and a failure never loses the good copy. One owner after the other, at the pace of the others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from trivia_scraper.domain.errors import CommitUnknown, DatabaseUnreachable, StorageUnavailable, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason, SkipReason
from trivia_scraper.domain.pages import Validators
from trivia_scraper.domain.photos import AttemptKind, KnownPhoto, PhotoOutcome, PhotoOutcomeKind
from trivia_scraper.domain.recovery import OwnerRef
from trivia_scraper.domain.verification import VerificationReport
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.pipeline.photos import known_as_photo, store_photo
from trivia_scraper.pipeline.provider_pace import closed_until, learn, wait_turn
from trivia_scraper.pipeline.recovery_work import limits_of
from trivia_scraper.policy.recovering import counts_as_attempt
from trivia_scraper.policy.verifying import asked_before, is_due, verified_providers
from trivia_scraper.ports import Services


async def verify_oldest(limit: int, options: RefreshOptions, services: Services) -> VerificationReport:
    """Ask for at most `limit` pictures, those that were asked for longest ago first.

    Of the options, sources and providers narrow it, the time budget bounds it, and a dry run only counts. A lost
    database is a finish reason. Raises what no picture can answer for, such as StoreFenced.
    """
    report = VerificationReport(services.run_id, services.clock.now())
    before = asked_before(report.started_at, services.settings.image_revalidate_after)
    try:
        if before is not None and limit > 0 and services.settings.photos.download:
            await _Verification(before, report, limits_of(options, services), options, services).run(limit)
    except (StorageUnavailable, DatabaseUnreachable, CommitUnknown) as error:
        services.log.error(LogEvent.DATABASE_LOST, error=error.message)
        report.finish_reason = FinishReason.DATABASE_LOST
    report.finished_at = services.clock.now()
    services.log.info(
        LogEvent.IMAGES_VERIFIED,
        **{name: value for name, value in report.document().items() if name != "run_id"},
        duration_ms=round((report.finished_at - report.started_at).total_seconds() * 1000),
    )
    return report


class _Verification:
    """One verification at work, and which providers it has asked already."""

    def __init__(
        self,
        before: dt.datetime,
        report: VerificationReport,
        limits: RunLimits,
        options: RefreshOptions,
        services: Services,
    ) -> None:
        self._before = before
        self._report = report
        self._limits = limits
        self._options = options
        self._services = services
        self._asked_providers: set[str] = set()

    async def run(self, limit: int) -> None:
        services, settings = self._services, self._services.settings
        providers = verified_providers(settings.enabled_sources, settings.photos.accounts, self._options)
        photos = await attempt_storing(
            lambda: services.photos.oldest_verified(self._before, providers, limit, self._report.started_at),
            "finding images to verify",
            services,
        )
        self._report.chosen = len(photos)
        if self._options.dry_run:
            return
        for owner, image_ids in _by_owner(photos).items():
            await services.gate()
            if await self._is_over():
                return
            await self._guarded(owner, image_ids)

    async def _guarded(self, owner: OwnerRef, image_ids: Sequence[int]) -> None:
        services = self._services.with_log(owner_kind=owner.kind, owner_id=owner.id)
        try:
            async with services.locks.hold(owner.kind, owner.id):
                await self._owner(owner, image_ids)
        except TriviaScraperError:
            raise
        except Exception as error:
            services.log.error(LogEvent.VERIFICATION_FAILED, exc_info=error)
            self._report.crashed += 1

    async def _owner(self, owner: OwnerRef, image_ids: Sequence[int]) -> None:
        photos = await attempt_storing(
            lambda: self._services.photos.photos(image_ids), "reading images", self._services
        )
        outcomes = []
        for photo in photos:
            if await self._is_over():
                break
            outcomes.append(await self._verify(photo))
        replaced = any(
            outcome is not None
            and outcome.kind is PhotoOutcomeKind.REPLACED
            and outcome.photo.role is ImageRole.GALLERY
            for outcome in outcomes
        )
        if replaced and owner.kind is OwnerKind.VENUE:
            await attempt_storing(
                lambda: self._services.photos.rank_gallery(owner.id), "ranking a gallery", self._services
            )

    async def _verify(self, photo: KnownPhoto) -> PhotoOutcome | None:
        """Ask for one picture; None = nobody was asked."""
        services = self._services.with_log(image=photo.id)
        if not is_due(photo, self._before) or await closed_until(photo.provider_url or "", services) is not None:
            self._report.not_asked += 1
            return None
        await wait_turn(photo.provider, is_first=photo.provider not in self._asked_providers, services=services)
        self._asked_providers.add(photo.provider)
        outcome = await store_photo(
            known_as_photo(photo, services.clock.now()), photo.owner, photo, AttemptKind.REFRESH,
            services.settings.attempts, self._options, services, verifies=await _validators(photo, services),
        )  # fmt: skip
        self._report.outcomes[outcome.kind] += 1
        self._report.bytes_received += outcome.bytes_received
        await _learn(outcome, services)
        return outcome

    async def _is_over(self) -> bool:
        """Whether no further picture is taken up; the report knows why."""
        why = self._limits.why_stop()
        if why is not None:
            stopped = FinishReason.INTERRUPTED if why is SkipReason.INTERRUPTED else FinishReason.MAX_TIME
            self._report.finish_reason = stopped
        elif not await self._services.files.has_room():
            message = "free space is below storage.min_free: verification stops"
            self._services.log.error(LogEvent.STORAGE_FULL, error=message)
            self._report.finish_reason = FinishReason.STORAGE_FULL
        return self._report.finish_reason is not FinishReason.DONE


async def _validators(photo: KnownPhoto, services: Services) -> Validators | None:
    """What the site said of our copy; None = its file is not there, and the bytes themselves are wanted."""
    try:
        is_there = await services.files.stat(photo.storage_key or "") is not None
    except TriviaScraperError:
        # A store that does not answer: what the row says is believed, and new bytes will show whether it takes them.
        is_there = True
    if not is_there:
        services.log.error(LogEvent.FILE_MISSING, path=photo.storage_key)
        return None
    return Validators(photo.etag, photo.last_modified)


async def _learn(outcome: PhotoOutcome, services: Services) -> None:
    photo, failure = outcome.photo, outcome.failure
    # What our own store or pacer refused says nothing of the provider (R125).
    if failure is None or counts_as_attempt(failure.error_type, failure.status_code):
        error_type = None if failure is None else failure.error_type
        await learn(photo.provider, photo.url, error_type, outcome.retry_after_seconds, services)


def _by_owner(photos: Sequence[KnownPhoto]) -> Mapping[OwnerRef, Sequence[int]]:
    """Owners in the order of their oldest picture."""
    found: dict[OwnerRef, list[int]] = {}
    for photo in photos:
        found.setdefault(OwnerRef(photo.owner_kind, photo.owner_id), []).append(photo.id)
    return found
