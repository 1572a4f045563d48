"""From a decoded picture to a small one, upright, in a plain mode: what thumbnail and fingerprint are made of."""

from __future__ import annotations

from typing import Final

from PIL import Image

_STRIP_ROWS: Final = 256
_DEEP_MODES: Final = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_DEEP_TO_8_BIT: Final = 1 / 256
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture turned and mirrored as EXIF orientation 1 … 8 asks."""
    turn = _UPRIGHT.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def shrink(picture: Image.Image, wanted: int) -> Image.Image:
    """The picture in L, RGB, RGBA or CMYK, reduced by a whole factor while its short side keeps `wanted` pixels.

    Works strip by strip, because changing the mode of a 50-megapixel picture whole would need its memory twice.
    """
    factor = max(1, min(picture.size) // wanted)
    rows = max(1, _STRIP_ROWS // factor) * factor
    width, height = picture.size
    strips = (picture.crop((0, top, width, min(top + rows, height))) for top in range(0, height, rows))
    small: Image.Image | None = None
    for number, strip in enumerate(strips):
        reduced = simplify(strip).reduce(factor)
        if small is None:
            small = Image.new(reduced.mode, (reduced.width, -(-height // factor)))
        small.paste(reduced, (0, number * (rows // factor)))
    assert small is not None, "a picture has at least one row"
    return small


def simplify(picture: Image.Image) -> Image.Image:
    """The picture in L, RGB, RGBA or CMYK: palettes resolved, 16 bits scaled to 8, transparency kept."""
    if picture.mode in _DEEP_MODES:
        return picture.point(lambda value: value * _DEEP_TO_8_BIT).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in ("L", "RGB", "CMYK"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")
