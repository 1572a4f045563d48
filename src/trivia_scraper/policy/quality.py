"""How good a photo is, between 0.1 and 1: size and shape (images.md 5.3, R102)."""

from __future__ import annotations

from typing import Final

SCORING_VERSION: Final = "1.0"

_FULL_AREA: Final = 4_000_000
_UNKNOWN_SIZE: Final = 0.1


def quality_score(width: int | None, height: int | None) -> float:
    """The score of a picture of this many pixels; 0.1 where the size is not known."""
    if not width or not height or width < 0 or height < 0:
        return _UNKNOWN_SIZE
    return 0.7 * min(width * height / _FULL_AREA, 1.0) + _shape(width / height)


def _shape(ratio: float) -> float:
    """Landscape, as pages show it, is best; nearly square and very wide come next."""
    if 1.3 <= ratio <= 1.8:
        return 0.30
    return 0.25 if 1.0 <= ratio <= 2.4 else 0.20
