"""Recovery of failed images from their stored addresses, without asking a provider for a listing (images.md 8).

`recover_owner` does one owner, `recover` what a request is about, most urgent owners first, `recover_waiting` works
the queue that `queue_recovery` fills. Whoever calls them holds no owner's lock: each owner is locked for its turn.
"""

from __future__ import annotations

from collections.abc import Sequence

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.photos import KnownPhoto
from trivia_scraper.domain.recovery import OwnerRecovery, OwnerRef, QueuedHow, RecoveryReport, RecoveryRequest
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.recovering import recover_images
from trivia_scraper.pipeline.recovery_work import RecoveryWork, choice_of, limits_of
from trivia_scraper.ports import Services


async def recover_owner(
    kind: OwnerKind, owner_id: int, request: RecoveryRequest, options: RefreshOptions, services: Services
) -> OwnerRecovery:
    """Retry one owner's failed images, synchronously (R154). Raises only for a lost database.

    Of the request, images, types and ambiguity count; of the options, sources and providers, as filters.
    """
    limits, choice = limits_of(options, services), choice_of(request, options)
    return await recover_images(OwnerRef(kind, owner_id), choice, limits, options, services)


async def recover(request: RecoveryRequest, options: RefreshOptions, services: Services) -> RecoveryReport:
    """Retry what a request is about; with `all_due`, first what waits in the queue.

    Raises SetupError for images and venues that do not exist, and for a request that chooses nothing. A lost database
    is a finish reason; one owner's crash is counted and the others go on (R171 likewise).
    """
    if not (request.image_ids or options.venues or request.all_due):
        raise SetupError("no failed images are chosen", hint="name images or venues, or ask for all that are due")
    photos = await _known(request.image_ids, services)
    await _refuse_unknown_venues(options, services)
    work = RecoveryWork(request, options, services)
    if photos:
        await work.guarded(lambda: work.chosen_images(photos))
    else:
        await work.guarded(work.venues if options.venues else work.all_due)
    return work.finished()


async def recover_waiting(options: RefreshOptions, services: Services) -> RecoveryReport:
    """Work the queue: each request with the options that it was filed with; `options` bounds the whole (time)."""
    work = RecoveryWork(RecoveryRequest(include_ambiguous=False), options, services)
    await work.guarded(work.queue)
    return work.finished()


async def queue_recovery(
    kind: OwnerKind,
    owner_id: int,
    image_ids: Sequence[int] | None,
    *,
    include_ambiguous: bool,
    is_bulk: bool,
    requested_by: str,
    options: RefreshOptions,
    services: Services,
) -> QueuedHow:
    """Ask for a recovery that somebody works later (R154, R161, R162). `image_ids` None = all of the owner's."""
    at = services.clock.now()
    how = await attempt_storing(
        lambda: services.recoveries.queue(
            OwnerRef(kind, owner_id), image_ids, include_ambiguous=include_ambiguous, is_bulk=is_bulk,
            requested_by=requested_by, at=at, options=options,
        ),
        "queueing a recovery",
        services,
    )  # fmt: skip
    chosen = "all" if image_ids is None else len(image_ids)
    services.log.info(
        LogEvent.RECOVERY_QUEUED, owner_kind=kind, owner_id=owner_id, images=chosen, how=how, asked_by=requested_by
    )
    return how


async def _known(image_ids: Sequence[int], services: Services) -> Sequence[KnownPhoto]:
    if not image_ids:
        return ()
    photos = await attempt_storing(lambda: services.photos.photos(image_ids), "reading images", services)
    unknown = sorted(set(image_ids) - {photo.id for photo in photos})
    if unknown:
        raise SetupError(
            f"no image {', '.join(map(str, unknown))}", hint="`trivia-scraper images list --status failed` shows them"
        )
    return photos


async def _refuse_unknown_venues(options: RefreshOptions, services: Services) -> None:
    if not options.venues:
        return
    unknown = await attempt_storing(
        lambda: services.catalog.unknown_venues(options.venues), "looking venues up", services
    )
    for slug, near in unknown.items():
        hint = f"did you mean {' or '.join(near)}?" if near else "`trivia-scraper venues list` shows them all"
        raise SetupError(f"no venue {slug!r}", hint=hint)
