"""What becomes of an older application's records: whose they are, which one counts, and the sum (D2, R222). Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from trivia_scraper.domain.importing import (
    ImportedImage,
    ImportReport,
    OwnerName,
    ReadRecord,
    RejectedLines,
    RejectedRecord,
    RejectReason,
)
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.policy.photo_merging import STATUS_RANK

MOST_NAMED: Final = 20
"""Lines of a reason, owners, and keys that a report names."""

_LONG_AGO: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class KnownOwner:
    """An owner under a name that it has or had. `id` is who answers to that name today."""

    kind: OwnerKind
    id: int
    slug: str
    number: int | None = None
    name: str | None = None
    city: str | None = None


class Place(NamedTuple):
    """The row of a picture: a gallery has one for each identity, hero and profile one for each provider (D2)."""

    kind: OwnerKind
    owner_id: int
    role: ImageRole
    name: str


@dataclass(frozen=True, slots=True)
class ExistingImage:
    """A row that has a record's picture, or its slot, already.

    is_import  it came from an older application too, and nobody has written it since
    """

    id: int
    status: ImageStatus
    quality_score: float | None
    fetched_at: dt.datetime | None
    is_import: bool


class Verdict(StrEnum):
    """What a record does."""

    ADD = "add"
    IMPROVE = "improve"
    KNOWN = "known"


def choose_owner(name: OwnerName, known: Iterable[KnownOwner]) -> int | RejectReason:
    """The one owner that is called exactly so, upper and lower case apart. Nothing is guessed."""
    found = {owner.id for owner in known if owner.kind is name.kind and _is_called(owner, name)}
    if len(found) > 1:
        return RejectReason.SEVERAL_OWNERS
    return found.pop() if found else RejectReason.UNKNOWN_OWNER


def _is_called(owner: KnownOwner, name: OwnerName) -> bool:
    if name.slug is not None:
        return owner.slug == name.slug
    if name.number is not None and owner.number != name.number:
        return False
    return _same(owner.name, name.name) and (name.city is None or _same(owner.city, name.city))


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.casefold() == other.casefold()


def place_of(image: ImportedImage, owner_id: int) -> Place:
    """Where this picture belongs."""
    name = image.identity if image.role is ImageRole.GALLERY else image.provider
    return Place(image.owner.kind, owner_id, image.role, name)


def best_of_each(images: Iterable[tuple[Place, ImportedImage]]) -> Mapping[Place, ImportedImage]:
    """One record for each place: success beats failure, then the better, then the newer, then the first (D2)."""
    best: dict[Place, ImportedImage] = {}
    for place, image in images:
        if place not in best or _rank_of(image) < _rank_of(best[place]):
            best[place] = image
    return best


def judge(image: ImportedImage, existing: Sequence[ExistingImage]) -> Verdict:
    """A row that is there stays as it is, whatever a record says; only a worse row of an import gives way (D2)."""
    if not existing:
        return Verdict.ADD
    is_better = all(row.is_import and _rank_of(image) < _rank(row) for row in existing)
    return Verdict.IMPROVE if is_better and len(existing) == 1 else Verdict.KNOWN


Rank = tuple[int, float, dt.timedelta]


def _rank_of(image: ImportedImage) -> Rank:
    return _ranked(image.status, image.quality_score, image.fetched_at)


def _rank(row: ExistingImage) -> Rank:
    return _ranked(row.status, row.quality_score, row.fetched_at)


def _ranked(status: ImageStatus, score: float | None, fetched_at: dt.datetime | None) -> Rank:
    return STATUS_RANK[status], -(score or 0.0), _LONG_AGO - (fetched_at or _LONG_AGO)


@dataclass(slots=True)
class Tally:
    """The sum of an import, counted as it goes; it grows no more than the report that it becomes."""

    read: int = 0
    imported: Counter[ImageStatus] = field(default_factory=Counter)
    improved: int = 0
    known: int = 0
    rejected: Counter[RejectReason] = field(default_factory=Counter)
    lines: dict[RejectReason, list[int]] = field(default_factory=lambda: defaultdict(list))
    unknown_owners: dict[str, None] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def note_read(self, records: Sequence[ReadRecord]) -> None:
        """What reading alone told of these."""
        self.read += len(records)
        for record in records:
            if isinstance(record.found, RejectedRecord):
                self.reject(record.line, record.found.reason)
            for key in record.left_out:
                if key in self.left_out or len(self.left_out) < MOST_NAMED:
                    self.left_out[key] += 1

    def reject(self, line: int, reason: RejectReason) -> None:
        """One record less."""
        self.rejected[reason] += 1
        if len(self.lines[reason]) < MOST_NAMED:
            self.lines[reason].append(line)

    def name_unknown(self, name: OwnerName) -> None:
        """Nobody here is called so."""
        if len(self.unknown_owners) < MOST_NAMED:
            self.unknown_owners.setdefault(str(name))

    def report(self, *, dry_run: bool) -> ImportReport:
        """The sum as it is told."""
        return ImportReport(
            dry_run=dry_run,
            read=self.read,
            imported={status: self.imported[status] for status in ImageStatus if self.imported[status]},
            improved=self.improved,
            known=self.known,
            rejected={
                reason: RejectedLines(self.rejected[reason], tuple(self.lines[reason]))
                for reason in RejectReason
                if self.rejected[reason]
            },
            unknown_owners=tuple(self.unknown_owners),
            left_out=dict(self.left_out),
        )
