"""One photo by itself: from a provider's listing, or recovered from its stored URL. One store path for both (R124).

Bytes first, row later, in the order of `storing`: intents, files, one transaction, then what was superseded goes. A
failing photo is a value; what is raised is a lost database. The caller holds the owner's lock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from trivia_scraper.domain.catalog import ClaimedOwner, ImageFailure, NewBytes
from trivia_scraper.domain.errors import ImageRejected, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified
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
from trivia_scraper.pipeline.provider_pace import usual_wait
from trivia_scraper.pipeline.provider_requests import note_photo, photo_request
from trivia_scraper.policy.recovering import Aftermath, after_failure, counts_as_attempt
from trivia_scraper.policy.replacements import PictureFacts
from trivia_scraper.ports import Services, Stage

LONGEST_MESSAGE: Final = 500
LONGEST_LOGGED_URL: Final = 80

_STORED: Final = frozenset({PhotoOutcomeKind.NEW, PhotoOutcomeKind.REPLACED, PhotoOutcomeKind.RECOVERED})


@dataclass(frozen=True, slots=True)
class _Errand:
    """What stays the same while one photo is fetched."""

    photo: Photo
    owner: ClaimedOwner
    known: KnownPhoto | None
    kind: AttemptKind
    tries: int
    started: float


async def store_photo(
    photo: Photo,
    owner: ClaimedOwner,
    known: KnownPhoto | None,
    kind: AttemptKind,
    tries: int,
    options: RefreshOptions,
    services: Services,
) -> PhotoOutcome:
    """Fetch one photo and keep it; the outcome says how it ended.

    known  the ledger's row of this photo, as it is now; None = nothing has this identity
    tries  downloads, for transient classes only: 3 in the run that found it, 1 in a recovery (D9, images.md 2)
    """
    forced = options.force_refresh_images
    services = services.with_log(
        url=strip_secrets(photo.url)[:LONGEST_LOGGED_URL],
        provider=photo.provider,
        role=photo.role,
        owner=owner.slug,
        force_refresh=forced,
    )
    services.log.debug(LogEvent.REFRESH_TASK_VALUE)
    errand = _Errand(photo, owner, known, kind, tries, services.clock.monotonic())
    if not services.settings.photos.download:
        return await _write(errand, _save(errand, services), options, services)
    async with services.files.stage() as stage:
        try:
            answer, new, bodies = await _fetch(errand, stage, options, services)
            await announce([key for key, _ in bodies], services)
            await adopt(bodies, _labels(errand), options, services)
        except TriviaScraperError as error:
            return await _fail(errand, error, options, services)
        except Exception as error:
            services.log.error(LogEvent.IMAGE_CRASHED, exc_info=error)
            crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
            return await _fail(errand, crash, options, services)
        services.log.info(LogEvent.IMAGE_SAVED, path=new.storage_key)
        return await _write(errand, _stored(errand, answer, new, services), options, services)


async def _fetch(
    errand: _Errand, stage: Stage, options: RefreshOptions, services: Services
) -> tuple[Attempted[ImageDownloaded], NewBytes, Bodies]:
    known = errand.known
    wanted = Wanted(
        request=photo_request(errand.photo, services),
        tries=errand.tries,
        deadline_seconds=task_deadline(errand.photo.role, services),
        replaces=known.storage_key if known is not None else None,
    )
    answer = await _download(errand, wanted, stage, options, services)
    assert isinstance(answer.value, ImageDownloaded)  # nothing was asked conditionally
    inspected = await inspect(stage, options, services)
    await _judge(errand, stage, inspected, services)
    new, bodies = new_bytes(errand.owner, errand.photo.role, stage, inspected)
    return Attempted(answer.value, answer.attempts), new, bodies


async def _download(
    errand: _Errand, wanted: Wanted, stage: Stage, options: RefreshOptions, services: Services
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


async def _judge(errand: _Errand, stage: Stage, inspected: InspectedImage, services: Services) -> None:
    """Refuse what is worse than the stored picture."""
    known, photo = errand.known, errand.photo
    if known is not None and known.has_file and known.source_sha256 != stage.sha256:
        old = PictureFacts(known.width, known.height, known.is_blank, is_placeholder=False)
        await refuse_worse(photo.provider, errand.owner, old, stage.sha256, inspected, services)


async def _fail(
    errand: _Errand, error: TriviaScraperError, options: RefreshOptions, services: Services
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
    known = errand.known
    if errand.kind is AttemptKind.RECOVERY and not counts_as_attempt(error.error_type, error.status_code):
        _tell_failure(errand, failure, known.next_retry_at if known is not None else None, services)
        image_id = known.id if known is not None else None
        return PhotoOutcome(
            PhotoOutcomeKind.POSTPONED, image_id, errand.photo, failure, retry_after_seconds=retry_after
        )
    aftermath = await _aftermath(errand, error.error_type, retry_after, services)
    _tell_failure(errand, failure, aftermath.next_retry_at, services)
    save = replace(
        _save(errand, services),
        failure=failure,
        closes=aftermath.closes,
        next_retry_at=aftermath.next_retry_at,
        retry_after_seconds=retry_after,
        status_code=failure.status_code,
        attempts=failure.attempts,
    )
    return await _write(errand, save, options, services)


async def _aftermath(
    errand: _Errand, error_type: ErrorType, retry_after: float | None, services: Services
) -> Aftermath:
    usual, settings = None, services.settings
    if error_type is ErrorType.RATE_LIMITED and retry_after is None:
        usual = await usual_wait(errand.photo.provider, services)
    return after_failure(
        errand.kind, errand.known, error_type, retry_after, usual, services.clock.now(), services.random(),
        settings.recovery_backoff_base_seconds, settings.classes,
    )  # fmt: skip


def _tell_failure(
    errand: _Errand, failure: ImageFailure, next_retry_at: dt.datetime | None, services: Services
) -> None:
    services.log.warning(
        LogEvent.IMAGE_REFRESH_FAILED,
        keeps_old=errand.known is not None and errand.known.has_file,
        error_type=failure.error_type,
        **{"class": services.settings.classes.of(failure.error_type)},
        reason=failure.reason,
        status_code=failure.status_code,
        attempts=failure.attempts,
        error=failure.message,
        next_retry_at=next_retry_at,
    )


async def _write(errand: _Errand, save: PhotoSave, options: RefreshOptions, services: Services) -> PhotoOutcome:
    # One stamp for all tries: a repetition after a lost commit finds what it wrote.
    at, run_id = services.clock.now(), services.run_id
    saved = await attempt_storing(
        lambda: services.photos.save_photo(save, run_id, at, options), "saving a photo", services
    )
    _tell(errand, save, saved, services)
    await _clean_up(errand, saved, options, services)
    stored = save.new is not None and saved.kind in _STORED
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


async def _clean_up(errand: _Errand, saved: PhotoSaved, options: RefreshOptions, services: Services) -> None:
    try:
        if saved.kind is PhotoOutcomeKind.VANISHED:
            await take_back(saved.superseded, services)
        else:
            await collect_superseded(errand.owner, saved.superseded, options, services)
    except TriviaScraperError as error:
        # The photo is stored; what could not be collected has its intent, and the next start resolves it.
        services.log.warning(LogEvent.IMAGE_DELETE_FAILED, path=None, error=str(error))


def _tell(errand: _Errand, save: PhotoSave, saved: PhotoSaved, services: Services) -> None:
    old = errand.known.storage_key if errand.known is not None else None
    path = save.new.storage_key if save.new is not None else None
    if path is not None and saved.kind in _STORED:
        services.log.info(LogEvent.IMAGE_REFERENCE_SWITCHED, path=path)
        if path == old:
            # Equal bytes, equal key: the old file was replaced by the rename, not deleted (images.md 2).
            services.log.info(LogEvent.IMAGE_OLD_DELETED, path=path, how="replaced")
    services.log.info(
        LogEvent.IMAGE_FINISHED, outcome=saved.kind, image=saved.image_id, path=path, bytes=save.bytes_received
    )


def _stored(errand: _Errand, answer: Attempted[ImageDownloaded], new: NewBytes, services: Services) -> PhotoSave:
    downloaded = answer.value
    return replace(
        _save(errand, services),
        new=new,
        etag=downloaded.validators.etag,
        last_modified=downloaded.validators.last_modified,
        status_code=downloaded.status_code,
        attempts=answer.attempts,
        bytes_received=downloaded.bytes_received,
    )


def _save(errand: _Errand, services: Services) -> PhotoSave:
    """What every save of this photo has in common, before anything is known of how it ended."""
    return PhotoSave(
        owner=errand.owner,
        photo=errand.photo,
        known=errand.known,
        kind=errand.kind,
        new=None,
        failure=None,
        closes=False,
        next_retry_at=None,
        retry_after_seconds=None,
        etag=None,
        last_modified=None,
        status_code=None,
        attempts=1,
        duration_ms=round((services.clock.monotonic() - errand.started) * 1000),
        bytes_received=0,
    )


def _labels(errand: _Errand) -> Mapping[str, str]:
    return {"provider": errand.photo.provider, "venue": errand.owner.slug}


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
