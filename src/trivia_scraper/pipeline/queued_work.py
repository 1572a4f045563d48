"""What a worker does with a job from the queue: the coroutines of one process; and what becomes of the job."""

from __future__ import annotations

from dataclasses import replace

from trivia_scraper.domain.errors import (
    CommitUnknown,
    DatabaseUnreachable,
    StorageFull,
    StorageUnavailable,
    StoreFenced,
    TriviaScraperError,
)
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.queued_jobs import (
    DONE,
    MOST_DEATHS,
    MOST_RETURNS,
    BatchJob,
    Delivery,
    Ended,
    Ending,
    EnrichmentJob,
    IndexJob,
    QueuedJob,
    RecoveryJob,
    RequestsJob,
    VerificationJob,
)
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.enrichment import enrich_venue
from trivia_scraper.pipeline.portions import STOPPED, Portions
from trivia_scraper.pipeline.recovery import recover_owner, recover_waiting
from trivia_scraper.pipeline.verifying import verify_oldest
from trivia_scraper.policy.retrying import queue_wait_seconds
from trivia_scraper.ports import Services, SpreadBook


class QueuedWork:
    """Does jobs, one worker's worth of them."""

    def __init__(self, book: SpreadBook, services: Services) -> None:
        self._portions = Portions(book)
        self._services = services

    async def perform(self, delivery: Delivery) -> Ending:
        """Do one job and say what becomes of it. Raises StoreFenced: this worker may write no more."""
        job = delivery.job
        log = self._services.log.bind(run_id=str(job.run_id), job=job.name)
        services = replace(self._services, run_id=job.run_id, log=log)
        if delivery.deaths >= MOST_DEATHS:
            return await self._hold(job, f"{delivery.deaths} workers died over it", services)
        log.info(
            LogEvent.QUEUE_JOB_STARTED, options=job.options.model_dump(mode="json"), returns=delivery.returns,
            deaths=delivery.deaths,
        )  # fmt: skip
        ending = await self._guarded(delivery, services)
        if ending.ended is Ended.AGAIN:
            log.info(LogEvent.QUEUE_JOB_RETURNED, why=ending.why, wait_seconds=ending.delay_seconds)
        elif ending.ended is Ended.DONE:
            log.info(LogEvent.QUEUE_JOB_FINISHED)
        return ending

    async def _guarded(self, delivery: Delivery, services: Services) -> Ending:
        try:
            return await self._do(delivery.job, services)
        except StoreFenced:
            raise
        except (StorageUnavailable, DatabaseUnreachable, CommitUnknown, StorageFull) as error:
            why = redact_text(error.message)
            if delivery.returns >= MOST_RETURNS:
                return await self._hold(delivery.job, f"given back {delivery.returns} times: {why}", services)
            return Ending(Ended.AGAIN, queue_wait_seconds(delivery.returns), why)
        except TriviaScraperError as error:
            return await self._hold(delivery.job, redact_text(error.message), services)
        except Exception as error:
            services.log.error(LogEvent.QUEUE_JOB_CRASHED, exc_info=error)
            why = redact_text(f"unexpected {type(error).__name__}: {error}")
            return await self._hold(delivery.job, why, services)

    async def _do(self, job: QueuedJob, services: Services) -> Ending:
        await services.gate()
        if services.stopping():
            return STOPPED
        match job:
            case IndexJob():
                return await self._portions.index(job, services)
            case BatchJob():
                return await self._portions.batch(job, services)
            case RecoveryJob():
                request = RecoveryRequest(include_ambiguous=job.include_ambiguous)
                recovery = await recover_owner(job.owner_kind, job.owner_id, request, job.options, services)
                return _ending_after(recovery.stopped)
            case RequestsJob():
                return _ending_after((await recover_waiting(job.options, services)).finish_reason)
            case VerificationJob():
                return _ending_after((await verify_oldest(job.most, job.options, services)).finish_reason)
            case EnrichmentJob():
                await enrich_venue(job.venue, job.options, services)
                return DONE

    async def _hold(self, job: QueuedJob, why: str, services: Services) -> Ending:
        """Give a job up: counted as failed, told to a person, kept in the queue for a look."""
        services.log.error(LogEvent.QUEUE_JOB_HELD, error=why)
        source = job.source if isinstance(job, IndexJob | BatchJob) else None
        message = f"{job.name} was given up: {why}. What it left undone counts as failed; the next run tries it again"
        await attempt_storing(
            lambda: services.runs.raise_issue(
                "held_job", source, job.name, message, services.run_id, services.clock.now()
            ),
            "raising an issue",
            services,
        )
        error = TriviaScraperError(f"{job.name} was given up: {why}")
        if isinstance(job, IndexJob | BatchJob):
            await self._portions.give_up(job, error, services)
        return Ending(Ended.HELD, why=why)


def _ending_after(reason: FinishReason | None) -> Ending:
    """What was cut off is begun again: what it has done is done. Raises StorageUnavailable for a lost database."""
    if reason is FinishReason.DATABASE_LOST:
        raise StorageUnavailable("the database went away in the middle")
    return STOPPED if reason is FinishReason.INTERRUPTED else DONE
