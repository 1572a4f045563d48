"""Whether a new picture may take the place of a good one: a worse one is refused and recorded (issue 4, 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.failures import Reason

LEAST_SIDE: Final = 64
"""Pixels. Below this a picture is an icon."""

MOST_SHRINKING: Final = 25
"""A replacement with less than this fraction of the old one's area is a preview of something."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is known of a picture's worth. Sizes in pixels, None where nobody measured."""

    width: int | None
    height: int | None
    is_blank: bool
    is_placeholder: bool


def worse_because(old: PictureFacts | None, new: PictureFacts) -> Reason | None:
    """Why the new picture is worse than the good one that is stored; None = it may replace it.

    A fault that the old one has too is no reason.
    """
    if old is None:
        return None
    if new.is_placeholder and not old.is_placeholder:
        return Reason.PLACEHOLDER
    if new.is_blank and not old.is_blank:
        return Reason.BLANK
    if (_is_icon(new) and not _is_icon(old)) or _area(new) * MOST_SHRINKING < _area(old):
        return Reason.TINY
    return None


def _is_icon(picture: PictureFacts) -> bool:
    return min(picture.width or LEAST_SIDE, picture.height or LEAST_SIDE) < LEAST_SIDE


def _area(picture: PictureFacts) -> int:
    return (picture.width or 0) * (picture.height or 0)
