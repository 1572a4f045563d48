"""One photo by itself: from a provider's listing, or recovered from its stored URL. One store path for both (R124).

Bytes first, row later, in the order of `storing`: intents, files, one transaction, then what was superseded goes. A
failing photo is a value; what is raised is a lost database. The caller holds the owner's lock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.catalog import ClaimedOwner, ImageFailure
from trivia_scraper.domain.errors import ImageRejected, RowRejected, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, Validators
from trivia_scraper.domain.photos import (
    AttemptKind,
    KnownPhoto,
    Photo,
    PhotoOutcome,
    PhotoOutcomeKind,
    PhotoSave,
    PhotoSaved,
)
from trivia_scraper.domain.redaction import redact_text, strip_secrets
from trivia_scraper.pipeline.adopting import adopt, announce, take_back
from trivia_scraper.pipeline.attempts import Attempted, attempt_storing
from trivia_scraper.pipeline.cleaning import collect_superseded
from trivia_scraper.pipeline.downloading import Bodies, Wanted, download, inspect, new_bytes, task_deadline
from trivia_scraper.pipeline.judging import refuse_worse
from trivia_scraper.pipeline.photo_errands import (
    PhotoErrand,
    answered,
    blank_save,
    labels_of,
    milliseconds_of,
    request_of,
)
from trivia_scraper.pipeline.photo_telling import is_stored, tell_failure, tell_finished
from trivia_scraper.pipeline.provider_pace import usual_wait
from trivia_scraper.pipeline.provider_requests import note_photo
from trivia_scraper.policy.recovering import Aftermath, after_failure, counts_as_attempt
from trivia_scraper.policy.replacements import PictureFacts
from trivia_scraper.ports import Services, Stage

LONGEST_MESSAGE: Final = 500
LONGEST_LOGGED_URL: Final = 80


async def store_photo(
    photo: Photo,
    owner: ClaimedOwner,
    known: KnownPhoto | None,
    kind: AttemptKind,
    tries: int,
    options: RefreshOptions,
    services: Services,
    *,
    verifies: Validators | None = None,
) -> PhotoOutcome:
    """Fetch one photo and keep it; the outcome says how it ended.

    known     the ledger's row of this photo, as it is now; None = nothing has this identity
    tries     downloads, for transient classes only: 3 in the run that found it, 1 in a recovery (D9, images.md 2)
    verifies  what the site said of the stored copy: it is asked whether that has changed, and an equal picture is
              not stored again; None = the bytes are wanted
    """
    forced = options.force_refresh_images
    services = services.with_log(
        run_id=str(services.run_id),
        url=strip_secrets(photo.url)[:LONGEST_LOGGED_URL],
        provider=photo.provider,
        role=photo.role,
        owner=owner.slug,
        force_refresh=forced,
    )
    services.log.debug(LogEvent.REFRESH_TASK_VALUE)
    errand = PhotoErrand(photo, owner, known, kind, tries, verifies, services.clock.monotonic())
    try:
        return await _run_errand(errand, options, services)
    except RowRejected as error:
        return _refused_row(errand, error, services)


async def _run_errand(errand: PhotoErrand, options: RefreshOptions, services: Services) -> PhotoOutcome:
    if not services.settings.photos.download:
        return await _write(errand, blank_save(errand), options, services)
    async with services.files.stage() as stage:
        try:
            save, bodies = await _fetch(errand, stage, options, services)
            await _keep(bodies, errand, options, services)
        except TriviaScraperError as error:
            return await _fail(errand, error, options, services)
        except Exception as error:
            services.log.error(LogEvent.IMAGE_CRASHED, exc_info=error)
            crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
            return await _fail(errand, crash, options, services)
        try:
            return await _write(errand, save, options, services)
        except RowRejected:
            await take_back([key for key, _ in bodies], services)
            raise


async def _keep(bodies: Bodies, errand: PhotoErrand, options: RefreshOptions, services: Services) -> None:
    if bodies:
        await announce([key for key, _ in bodies], services)
        await adopt(bodies, labels_of(errand), options, services)
        services.log.info(LogEvent.IMAGE_SAVED, path=bodies[0][0])


async def _fetch(
    errand: PhotoErrand, stage: Stage, options: RefreshOptions, services: Services
) -> tuple[PhotoSave, Bodies]:
    """What is to be written, and the bodies that are to lie there before it is."""
    known = errand.known
    wanted = Wanted(
        request=request_of(errand, services),
        tries=errand.tries,
        deadline_seconds=task_deadline(errand.photo.role, services),
        replaces=known.storage_key if known is not None else None,
    )
    answer = await _download(errand, wanted, stage, options, services)
    save = answered(errand, answer)
    if isinstance(answer.value, ImageNotModified):
        services.log.info(LogEvent.IMAGE_REVALIDATED, path=known and known.storage_key)
        return replace(save, unchanged=PhotoOutcomeKind.UNCHANGED_304), ()
    if errand.verifies is not None and known is not None and known.source_sha256 == stage.sha256:
        return replace(save, unchanged=PhotoOutcomeKind.UNCHANGED_HASH), ()
    inspected = await inspect(stage, options, services)
    await _judge(errand, stage, inspected, services)
    new, bodies = new_bytes(errand.owner, errand.photo.role, stage, inspected)
    return replace(save, new=new), bodies


async def _download(
    errand: PhotoErrand, wanted: Wanted, stage: Stage, options: RefreshOptions, services: Services
) -> Attempted[ImageDownloaded | ImageNotModified]:
    """Ask for the bytes; every request is counted, whatever came of it (R198)."""
    try:
        answer = await download(wanted, stage, options, services)
    except TriviaScraperError as error:
        # The last try may have ended before its host was asked.
        was_asked = counts_as_attempt(error.error_type, error.status_code)
        await note_photo(errand.photo, error.attempts - (not was_asked), services)
        raise
    await note_photo(errand.photo, answer.attempts, services)
    return answer


async def _judge(errand: PhotoErrand, stage: Stage, inspected: InspectedImage, services: Services) -> None:
    """Refuse what is worse than the stored picture."""
    known, photo = errand.known, errand.photo
    if known is not None and known.has_file and known.source_sha256 != stage.sha256:
        old = PictureFacts(known.width, known.height, known.is_blank, is_placeholder=False)
        await refuse_worse(photo.provider, errand.owner, old, stage.sha256, inspected, services)


async def _fail(
    errand: PhotoErrand, error: TriviaScraperError, options: RefreshOptions, services: Services
) -> PhotoOutcome:
    # A store that asks for patience says nothing of the image's host.
    retry_after = None if error.error_type is ErrorType.STORAGE_ERROR else error.retry_after_seconds
    failure = ImageFailure(
        error_type=error.error_type,
        reason=error.reason,
        status_code=error.status_code,
        message=redact_text(error.message)[:LONGEST_MESSAGE],
        attempts=error.attempts,
        excerpt=error.excerpt if isinstance(error, ImageRejected) else "",
    )
    if errand.is_uncounted and not counts_as_attempt(error.error_type, error.status_code):
        return _untouched(errand, PhotoOutcomeKind.POSTPONED, failure, retry_after, services)
    aftermath = await _aftermath(errand, error.error_type, retry_after, services)
    tell_failure(errand.known, failure, aftermath.next_retry_at, services)
    save = replace(
        blank_save(errand),
        failure=failure,
        closes=aftermath.closes,
        next_retry_at=aftermath.next_retry_at,
        retry_after_seconds=retry_after,
        status_code=failure.status_code,
        attempts=failure.attempts,
    )
    return await _write(errand, save, options, services)


async def _aftermath(
    errand: PhotoErrand, error_type: ErrorType, retry_after: float | None, services: Services
) -> Aftermath:
    usual, settings = None, services.settings
    if error_type is ErrorType.RATE_LIMITED and retry_after is None:
        usual = await usual_wait(errand.photo.provider, services)
    return after_failure(
        errand.kind, errand.known, error_type, retry_after, usual, services.clock.now(), services.random(),
        settings.recovery_backoff_base_seconds, settings.classes,
    )  # fmt: skip


def _refused_row(errand: PhotoErrand, error: RowRejected, services: Services) -> PhotoOutcome:
    """The database would not have what came of this photo: told, and no other photo is the worse for it."""
    message = redact_text(error.message)[:LONGEST_MESSAGE]
    failure = ImageFailure(error.error_type, error.reason, None, message, attempts=error.attempts)
    has_file = errand.known is not None and errand.known.has_file
    kept = PhotoOutcomeKind.KEPT if has_file else PhotoOutcomeKind.FAILED
    kind = PhotoOutcomeKind.POSTPONED if errand.is_uncounted else kept
    return _untouched(errand, kind, failure, None, services)


def _untouched(
    errand: PhotoErrand,
    kind: PhotoOutcomeKind,
    failure: ImageFailure,
    retry_after_seconds: float | None,
    services: Services,
) -> PhotoOutcome:
    """A failure that the row knows nothing of."""
    known = errand.known
    image_id, next_retry_at = (None, None) if known is None else (known.id, known.next_retry_at)
    tell_failure(known, failure, next_retry_at, services)
    save = replace(
        blank_save(errand),
        failure=failure,
        status_code=failure.status_code,
        attempts=failure.attempts,
        duration_ms=milliseconds_of(errand, services),
    )
    tell_finished(save, kind, image_id, services)
    return PhotoOutcome(kind, image_id, errand.photo, failure, retry_after_seconds=retry_after_seconds)


async def _write(errand: PhotoErrand, save: PhotoSave, options: RefreshOptions, services: Services) -> PhotoOutcome:
    # One stamp for all tries: a repetition after a lost commit finds what it wrote.
    at, run_id = services.clock.now(), services.run_id
    save = replace(save, duration_ms=milliseconds_of(errand, services))
    saved = await attempt_storing(
        lambda: services.photos.save_photo(save, run_id, at, options), "saving a photo", services
    )
    tell_finished(save, saved.kind, saved.image_id, services)
    await _clean_up(errand, saved, options, services)
    stored = save.new is not None and is_stored(saved.kind)
    return PhotoOutcome(
        kind=saved.kind,
        image_id=saved.image_id,
        photo=errand.photo,
        failure=save.failure,
        bytes_received=save.bytes_received,
        storage_key=save.new.storage_key if stored and save.new is not None else None,
        retry_count=saved.retry_count,
        next_retry_at=saved.next_retry_at,
        retry_after_seconds=save.retry_after_seconds,
    )


async def _clean_up(errand: PhotoErrand, saved: PhotoSaved, options: RefreshOptions, services: Services) -> None:
    try:
        if saved.kind is PhotoOutcomeKind.VANISHED:
            await take_back(saved.superseded, services)
        else:
            await collect_superseded(errand.owner, saved.superseded, options, services)
    except TriviaScraperError as error:
        # The photo is stored; what could not be collected has its intent, and the next start resolves it.
        services.log.warning(LogEvent.IMAGE_DELETE_FAILED, path=None, error=str(error))


async def leave_alone(
    photo: Photo,
    owner: ClaimedOwner,
    known: KnownPhoto | None,
    kind: AttemptKind,
    until: dt.datetime,
    options: RefreshOptions,
    services: Services,
) -> PhotoOutcome:
    """A photo whose host is left alone: nothing is asked, and a new one is written down for recovery to fetch."""
    services = services.with_log(url=photo.url[:LONGEST_LOGGED_URL], provider=photo.provider, owner=owner.slug)
    errand = PhotoErrand(photo, owner, known, kind, 0, None, services.clock.monotonic())
    message = f"its host is left alone until {until:%Y-%m-%d %H:%M:%S} UTC"
    failure = ImageFailure(ErrorType.SERVICE_UNAVAILABLE, None, None, message, attempts=0)
    if known is not None:
        kept = PhotoOutcomeKind.KEPT if known.has_file else PhotoOutcomeKind.FAILED
        untouched = _untouched(errand, kept, failure, None, services)
        return replace(untouched, next_retry_at=known.next_retry_at)
    tell_failure(known, failure, until, services)
    save = replace(blank_save(errand), failure=failure, next_retry_at=until, attempts=0)
    return await _write(errand, save, options, services)


def known_as_photo(known: KnownPhoto, now: dt.datetime) -> Photo:
    """A stored row as the photo that it is about: what a recovery fetches (R144)."""
    return Photo(
        role=known.role,
        provider=known.provider,
        photo_id=known.provider_photo_id,
        identity=known.identity,
        url=known.provider_url or "",
        width=known.width,
        height=known.height,
        attribution=known.attribution,
        attribution_url=known.attribution_url,
        fetched_at=known.fetched_at or now,
    )
