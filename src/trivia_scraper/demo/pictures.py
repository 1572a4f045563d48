"""Photograph-like pictures for the replica's sites: a dim room, blurred lights, film grain, the venue's initials.

Deterministic: the seed decides everything, so the same seed gives the same bytes with the same Pillow. The
grain comes from the seed's own generator, because Pillow's noise effect draws from the C library's.
"""

from __future__ import annotations

import io
import random
import re
from typing import Any, Final, Literal

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

PictureFormat = Literal["jpg", "webp", "avif", "png"]

_SKETCH_SCALE: Final = 8
_GRAIN_SHARE: Final = 0.14
_WALLS: Final = ((58, 34, 24), (30, 44, 52), (64, 50, 30), (40, 30, 48), (28, 46, 34), (72, 40, 36))
_LIGHTS: Final = ((255, 214, 140), (255, 170, 90), (240, 240, 220), (120, 190, 255), (255, 120, 110), (150, 230, 160))
_ENCODERS: Final[dict[PictureFormat, tuple[str, dict[str, Any]]]] = {
    "jpg": ("JPEG", {}),
    "webp": ("WEBP", {"method": 0}),
    "avif": ("AVIF", {"speed": 10}),
    "png": ("PNG", {"compress_level": 1}),
}


def picture(seed: str, *, format: PictureFormat, width: int, height: int, quality: int) -> bytes:
    """One picture as a file. Other seeds give other bytes and another look; `quality` means nothing to a PNG."""
    chance = random.Random(seed)
    name, how = _ENCODERS[format]
    if format != "png":
        how = {**how, "quality": quality}
    encoded = io.BytesIO()
    _photograph(chance, seed, (width, height)).save(encoded, name, **how)
    return encoded.getvalue()


def plain(size: tuple[int, int]) -> bytes:
    """A picture of nothing: what a site shows while it is being rebuilt."""
    encoded = io.BytesIO()
    Image.new("RGB", size, "#eeeeee").save(encoded, "JPEG", quality=80)
    return encoded.getvalue()


def _photograph(chance: random.Random, seed: str, size: tuple[int, int]) -> Image.Image:
    room = _room(chance, (max(8, size[0] // _SKETCH_SCALE), max(8, size[1] // _SKETCH_SCALE)))
    sharp = room.resize(size, Image.Resampling.BICUBIC)
    _write_initials(sharp, initials(seed))
    return Image.blend(sharp, _grain(chance, size), _GRAIN_SHARE)


def _room(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """A small sketch: wall, tables, lamps out of focus, darker towards the corners."""
    wall = chance.choice(_WALLS)
    shade = Image.linear_gradient("L").resize(size)
    room = Image.composite(
        Image.new("RGB", size, _brighter(wall, chance.uniform(1.6, 2.6))), Image.new("RGB", size, wall), shade
    )
    draw = ImageDraw.Draw(room)
    for _ in range(chance.randint(4, 8)):
        _table(draw, chance, size, _brighter(wall, chance.uniform(0.4, 3.0)))
    for _ in range(chance.randint(10, 24)):
        _lamp(draw, chance, size)
    focused = room.filter(ImageFilter.GaussianBlur(chance.uniform(0.8, 2.2)))
    vignette = ImageChops.invert(Image.radial_gradient("L").resize(size)).point(lambda level: min(255, level + 90))
    return ImageChops.multiply(focused, Image.merge("RGB", (vignette,) * 3))


def _table(
    draw: ImageDraw.ImageDraw, chance: random.Random, size: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    width, height = size
    left, top = chance.uniform(-0.1, 0.8) * width, chance.uniform(0.4, 0.9) * height
    wide, deep = chance.uniform(0.15, 0.5) * width, chance.uniform(0.05, 0.3) * height
    slant = chance.uniform(-0.1, 0.1) * width
    draw.polygon(
        [(left, top), (left + wide, top), (left + wide + slant, top + deep), (left + slant, top + deep)], fill=colour
    )


def _lamp(draw: ImageDraw.ImageDraw, chance: random.Random, size: tuple[int, int]) -> None:
    width, height = size
    centre_x, centre_y = chance.random() * width, chance.random() ** 1.5 * height
    radius = max(1.0, chance.uniform(0.01, 0.06) * width)
    box = (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius)
    draw.ellipse(box, fill=_brighter(chance.choice(_LIGHTS), chance.uniform(0.5, 1.0)))


def _brighter(colour: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    red, green, blue = (min(255, int(part * factor)) for part in colour)
    return (red, green, blue)


def _grain(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    grey = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
    return Image.merge("RGB", (grey, grey, grey))


def initials(seed: str) -> str:
    """Up to three capitals: "/cdn/ab12_qld - the golden lion.jpg#1" → "TGL"."""
    words = re.findall(r"[A-Za-z]{3,}", seed.rpartition("/")[2].rpartition(".")[0] or seed)
    return "".join(word[0].upper() for word in words[-3:]) or "?"


def _write_initials(room: Image.Image, letters: str) -> None:
    font = ImageFont.load_default(max(10, room.height // 6))
    place = (room.width // 20, room.height - room.height // 4)
    ImageDraw.Draw(room).text(
        place, letters, fill=(250, 240, 220), font=font, stroke_width=2, stroke_fill=(20, 15, 10)
    )
