"""Which of the listed photos a gallery takes, and in which order (images.md 5.2, 5.4; D2). Pure.

Within a run: score, one entry an identity, then one a URL, best first. Beside stored rows: what is stored stays, what
failed is fetched again, what a person deleted stays away, and new photos fill what room is left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from trivia_scraper.domain.models import ImageRole, ImageStatus
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.photo_provider import ListedPhoto
from trivia_scraper.domain.photos import Gallery, KnownPhoto, Photo, PhotoOutcomeKind
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.policy.download_order import expires_soon
from trivia_scraper.policy.identity import photo_identity
from trivia_scraper.policy.quality import quality_score
from trivia_scraper.policy.urls import normalise_url

STATUS_RANK: Final[Mapping[ImageStatus, int]] = {
    ImageStatus.UPLOADED: 0,
    ImageStatus.SKIPPED: 1,
    ImageStatus.EXTERNAL: 1,
    ImageStatus.FAILED: 2,
    ImageStatus.PERMANENTLY_FAILED: 3,
}
"""D2: success beats failure whatever the time."""

_LONG_AGO: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


class LeftOut(StrEnum):
    """Why a listed photo is not fetched."""

    DELETED = "deleted"
    CLOSED = "closed"
    NOT_DUE = "not_due"
    LINK_ONLY = "link_only"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One distinct photo of a run. `notice_url` must be called when it is used."""

    photo: Photo
    score: float
    notice_url: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedPhoto:
    """A photo that is fetched. `known` is its row, None for a new one."""

    candidate: Candidate
    known: KnownPhoto | None

    @property
    def photo(self) -> Photo:
        """What is fetched."""
        return self.candidate.photo


@dataclass(frozen=True, slots=True)
class GalleryPlan:
    """What happens to the photos of a run.

    fetch   in this order; every one of them
    spare   new ones that have no room as things stand, best first: one each takes a place that stays free after all
    room    how many places are left for new ones
    kept    stored and listed again: row → as it is listed now
    left    reason → how many are not fetched; those that end up without room are not among them
    """

    discovered: int = 0
    fetch: tuple[PlannedPhoto, ...] = ()
    spare: tuple[PlannedPhoto, ...] = ()
    room: int = 0
    kept: tuple[tuple[KnownPhoto, Photo], ...] = ()
    left: Mapping[LeftOut, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GalleryTerms:
    """What a gallery may hold.

    per_venue  most entries; what is closed holds no place, what may still be recovered does
    downloads  False: rows are made and no bytes are fetched (R126)
    """

    per_venue: int
    downloads: bool = True


class Listed(NamedTuple):
    """What one provider listed. Of equal photos the one of the lower priority number counts."""

    provider: str
    priority: int
    photos: Sequence[ListedPhoto]


def merge_listed(
    listed: Sequence[Listed], fetched_at: dt.datetime, per_provider: int | None
) -> tuple[Candidate, ...]:
    """The distinct photos of a run, best first (R100, R101): score, then provider priority, then provider order.

    per_provider  most photos taken of each provider, in its own order; None = all
    """
    ranked: list[tuple[tuple[float, int, str, int], Candidate]] = []
    for provider, priority, photos in listed:
        for number, photo in enumerate(photos[:per_provider]):
            candidate = _candidate(provider, photo, fetched_at)
            ranked.append(((-candidate.score, priority, provider, number), candidate))
    ranked.sort(key=lambda pair: pair[0])
    best = (candidate for _, candidate in ranked)
    return _first_of_each(_first_of_each(best, _identity), _address)


def _candidate(provider: str, listed: ListedPhoto, fetched_at: dt.datetime) -> Candidate:
    url = strip_secrets(listed.url)
    photo = Photo(
        role=ImageRole.GALLERY,
        provider=provider,
        photo_id=listed.photo_id,
        identity=photo_identity(provider, listed.photo_id, url),
        url=url,
        width=listed.width,
        height=listed.height,
        attribution=listed.attribution,
        attribution_url=listed.attribution_url,
        fetched_at=fetched_at,
    )
    return Candidate(photo, quality_score(listed.width, listed.height), listed.notice_url)


def _identity(candidate: Candidate) -> str:
    return candidate.photo.identity


def _address(candidate: Candidate) -> str:
    return normalise_url(candidate.photo.url)


def _first_of_each(candidates: Iterable[Candidate], name: Callable[[Candidate], str]) -> tuple[Candidate, ...]:
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        first.setdefault(name(candidate), candidate)
    return tuple(first.values())


def plan_gallery(
    candidates: Sequence[Candidate], gallery: Gallery, terms: GalleryTerms, now: dt.datetime, options: RefreshOptions
) -> GalleryPlan:
    """What to fetch of the listed photos, beside what the gallery has (R95, R111-R114)."""
    left: dict[LeftOut, int] = {}
    kept: list[tuple[KnownPhoto, Photo]] = []
    again: list[PlannedPhoto] = []
    fresh: list[PlannedPhoto] = []
    for candidate, known in _one_for_each_entry(candidates, gallery):
        reason = _left_out(known, now)
        if known is None:
            fresh.append(PlannedPhoto(candidate, None))
        elif reason is not None:
            left[reason] = left.get(reason, 0) + 1
        elif not terms.downloads or (known.has_file and not options.force_refresh_images):
            kept.append((known, candidate.photo))
        else:
            again.append(PlannedPhoto(candidate, known))
    room = max(terms.per_venue - sum(holds_a_place(each.status) for each in gallery.living), 0)
    return GalleryPlan(
        discovered=len(candidates),
        fetch=tuple(sorted([*again, *fresh[:room]], key=_urgency)),
        spare=tuple(fresh[room:]),
        room=room,
        kept=tuple(kept),
        left=left,
    )


def entry_of(gallery: Gallery, identity: str) -> KnownPhoto | None:
    """The row that has this photo: the entry that it is another name of, before a tombstone of that name."""
    row_id = gallery.references.get(identity)
    found = [each for each in gallery.photos if each.id == row_id or each.identity == identity]
    return min(found, key=lambda each: (each.deleted_at is not None, each.id != row_id), default=None)


def holds_a_place(status: ImageStatus) -> bool:
    """Whether an entry counts against the cap: what is closed never shows."""
    return status is not ImageStatus.PERMANENTLY_FAILED


def takes_a_place(kind: PhotoOutcomeKind) -> bool:
    """Whether fetching a *new* photo that ended so has filled a place of the gallery."""
    return kind in (PhotoOutcomeKind.NEW, PhotoOutcomeKind.FAILED, PhotoOutcomeKind.SKIPPED)


def _one_for_each_entry(
    candidates: Sequence[Candidate], gallery: Gallery
) -> Iterable[tuple[Candidate, KnownPhoto | None]]:
    """Each row once, however many of its names were listed: by its own name if that is among them (R50)."""
    known = [(candidate, entry_of(gallery, candidate.photo.identity)) for candidate in candidates]
    own = {row.id for candidate, row in known if row is not None and row.identity == candidate.photo.identity}
    seen: set[int] = set()
    for candidate, row in known:
        if row is not None:
            if row.id in seen or (row.id in own and row.identity != candidate.photo.identity):
                continue
            seen.add(row.id)
        yield candidate, row


def _left_out(known: KnownPhoto | None, now: dt.datetime) -> LeftOut | None:
    if known is None:
        return None
    if known.deleted_at is not None:
        return LeftOut.DELETED
    if known.status is ImageStatus.PERMANENTLY_FAILED:
        return LeftOut.CLOSED
    if known.status is ImageStatus.EXTERNAL:
        return LeftOut.LINK_ONLY
    is_waiting = known.next_retry_at is not None and known.next_retry_at > now
    return LeftOut.NOT_DUE if known.status is ImageStatus.FAILED and is_waiting else None


def _urgency(planned: PlannedPhoto) -> bool:
    # Stable: of links that expire, and of the others, the best comes first.
    return not expires_soon(planned.photo.provider, planned.photo.url)


def photo_rank(photo: KnownPhoto) -> tuple[int, int, float, float]:
    """D2, R114: the lower rank wins where two rows are one photo: status, then score, then the newer listing.

    A row without a file never ranks before one with a file.
    """
    fetched_at = photo.fetched_at or _LONG_AGO
    age = -(fetched_at - _LONG_AGO).total_seconds()
    return (0 if photo.has_file else 1, STATUS_RANK[photo.status], -(photo.quality_score or 0.0), age)
