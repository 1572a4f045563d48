"""The difference hash: which of two neighbouring pixels is brighter, 64 times (safety.md 6, "Placeholders")."""

from __future__ import annotations

from typing import Final

from PIL import Image

_BLANK_SPREAD: Final = 6


def dhash(picture: Image.Image) -> int:
    """64 bits of an upright picture, first row in the highest byte. Look-alikes differ in few bits."""
    grey = on_white(picture).convert("L").resize((9, 8), Image.Resampling.BOX)
    pixels = grey.tobytes()
    bits = 0
    for row in range(0, 72, 9):
        for left, right in zip(pixels[row : row + 8], pixels[row + 1 : row + 9], strict=True):
            bits = bits << 1 | (left > right)
    return bits


def is_blank(picture: Image.Image) -> bool:
    """Whether there is nothing to see: one colour, give or take what a codec adds."""
    small = on_white(picture).convert("RGB").resize((32, 32), Image.Resampling.BOX)
    return all(high - low <= _BLANK_SPREAD for low, high in small.getextrema())  # type: ignore[misc]


def on_white(picture: Image.Image) -> Image.Image:
    """What a reader sees of a transparent picture on a page."""
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
