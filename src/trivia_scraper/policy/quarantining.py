"""What becomes of files without a row, of moves that a crash interrupted, and when a person has to look. Pure."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

from trivia_scraper.domain.file_sweeps import QUARANTINE_FOLDER

REPAIRED_AFTER: Final = dt.timedelta(hours=1)
"""Only what is older is repaired: younger files and rows may belong to work that goes on (safety.md 9)."""

FEW: Final = 20
"""So many differences are repaired whatever their share: a small store is not a broken one."""


class Settlement(StrEnum):
    """How a move that nobody finished is settled."""

    FORGET = "forget"
    RESTORE = "restore"
    KEEP = "keep"


def settle_move(*, in_place: bool, set_aside: bool, is_referenced: bool) -> Settlement:
    """A crash between the line in the ledger and the end of the move: nothing may be lost.

    in_place       a file lies under the key
    set_aside      a file lies in the quarantine
    is_referenced  a row says that the key has a file
    """
    if not set_aside:
        return Settlement.FORGET
    return Settlement.RESTORE if is_referenced and not in_place else Settlement.KEEP


def quarantine_key(run: int, key: str) -> str:
    """Where a cleanup puts a file."""
    return f"{QUARANTINE_FOLDER}/{run}/{key}"


def is_old_enough(at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a file or row of this time may be repaired."""
    return now - at >= REPAIRED_AFTER


def is_suspicious(differing: int, total: int, ratio: float) -> bool:
    """Whether so much differs that a wrong folder or database is likelier than so many accidents.

    An unmounted disk looks like a store whose files are all gone, a foreign database like one full of orphans:
    acting on that would download, or after a week delete, everything.
    """
    return differing > FEW and differing > ratio * total
