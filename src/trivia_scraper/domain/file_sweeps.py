"""Files against rows: what a comparison finds, what is done about it, what can be taken back (safety.md 9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.recovery import OwnerRef

QUARANTINE_FOLDER: Final = ".quarantine"
"""Where files without a row wait: `.quarantine/<cleanup run>/<key>`."""


class Loss(StrEnum):
    """What is wrong with a stored file."""

    MISSING = "file_missing"
    DAMAGED = "file_damaged"


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row that says that files are there."""

    image_id: int
    owner: OwnerRef
    storage_key: str
    thumb_key: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class LostFile:
    """A row whose picture is not what it should be."""

    row: StoredRow
    loss: Loss


@dataclass(frozen=True, slots=True)
class LostImages:
    """What a lost file meant.

    images      ids of living images that have to be downloaded again
    thumbnails  keys to collect now that no row needs them
    """

    images: tuple[int, ...]
    thumbnails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A file that was, or was about to be, set aside. `moved_at` None = nobody knows whether it was moved."""

    id: int
    run: int
    storage_key: str
    quarantine_key: str
    bytes: int
    moved_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class FileFindings:
    """Files and rows compared both ways; nothing is changed by looking.

    rehashed    files that were read and compared with their rows
    orphans     files without a row, older than an hour
    thumbnails  rows whose thumbnail alone is missing
    expired     quarantined files whose time is over
    unfinished  moves that a crash interrupted
    unreadable  keys that were to be read and could not be
    held        why something is left alone until a person has looked, as sentences
    """

    files: int
    rows: int
    rehashed: int
    orphans: tuple[StoredFile, ...]
    lost: tuple[LostFile, ...]
    thumbnails: tuple[StoredRow, ...]
    expired: tuple[QuarantinedFile, ...]
    unfinished: tuple[QuarantinedFile, ...]
    unreadable: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A picture that stands for "no picture" (safety.md 6)."""

    provider: str
    source_sha256: str
    owners: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What the comparison of files and rows came to. Counts of things done, or with a dry run of things to do.

    quarantined   files without a row, set aside
    requeued      pictures whose file was missing or damaged, queued for download
    damaged       of these, how many were there with other bytes
    brought_back  pictures whose missing file lay in the quarantine
    thumbnails    missing thumbnails made anew, or their reference cleared
    purged        quarantined files whose time was over
    settled       moves that a crash had interrupted, now finished or undone
    errors        files that could not be dealt with; each is logged, each is found again the next time
    """

    files: int = 0
    rows: int = 0
    rehashed: int = 0
    quarantined: int = 0
    quarantined_bytes: int = 0
    requeued: int = 0
    damaged: int = 0
    brought_back: int = 0
    thumbnails: int = 0
    purged: int = 0
    settled: int = 0
    placeholders: int = 0
    errors: int = 0
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoReport:
    """Files of one cleanup brought back.

    taken  keys that have another file now: theirs stays in the quarantine
    gone   keys whose file is not in the quarantine any more
    errors key → why it could not be brought back
    """

    run: int
    restored: tuple[str, ...]
    taken: tuple[str, ...]
    gone: tuple[str, ...]
    errors: Mapping[str, str]
