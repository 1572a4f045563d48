"""Which bytes are kept as they came, and what a rewritten picture still shows (safety.md 6)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms

from support import bombs
from support.imaging import accepted, opened
from trivia_scraper.domain.images import ImageFormat

TAIL = b"\n<!-- behind the end -->"
XMP_WITH_POSITION = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>51,30N</exif:GPSLatitude></x:xmpmeta>'
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_plain_bytes_are_kept(name: str) -> None:
    assert accepted(bombs.encoded(bombs.scene(), name)).rewritten is None


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_without_position_is_kept(name: str) -> None:
    body = bombs.encoded(bombs.scene(), name, exif=bombs.exif_orientation(6))

    assert accepted(body).rewritten is None


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "AVIF"])
def test_h088_position_in_xmp_is_not_kept(name: str) -> None:
    rewritten = accepted(bombs.encoded(bombs.scene(), name, xmp=XMP_WITH_POSITION)).rewritten

    assert rewritten is not None
    assert b"GPS" not in rewritten


def test_h088_position_in_a_raw_profile_is_not_kept() -> None:
    body = bombs.encoded(bombs.scene(), "PNG")
    hidden = bombs.chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 4\n45786966\n"))
    at = body.index(b"IDAT") - 4

    rewritten = accepted(body[:at] + hidden + body[at:]).rewritten

    assert rewritten is not None
    assert b"Raw profile" not in rewritten


@pytest.mark.parametrize("name", ["PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "P", "L"])
def test_rewriting_is_lossless(name: str, mode: str) -> None:
    shaded = Image.blend(bombs.scene(), Image.linear_gradient("L").resize((240, 160)).convert("RGB"), 0.4)
    body = bombs.encoded(shaded.convert(mode), name, **({"lossless": True} if name == "WEBP" else {}))

    rewritten = opened(accepted(body + TAIL).rewritten)

    assert rewritten.format == name
    assert ImageChops.difference(rewritten.convert("RGB"), opened(body).convert("RGB")).getbbox() is None


@pytest.mark.parametrize("name", ["JPEG", "AVIF"])
def test_rewriting_is_as_good_as_lossless(name: str) -> None:
    body = bombs.encoded(bombs.scene(), name, quality=90)

    rewritten = opened(accepted(body + TAIL).rewritten)

    difference = ImageChops.difference(rewritten.convert("RGB"), opened(body).convert("RGB"))
    assert sum(sum(band) for band in _levels(difference)) / (240 * 160 * 3) < 2


def _levels(picture: Image.Image) -> list[list[int]]:
    return [list(band.tobytes()) for band in picture.split()]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_rewriting_keeps_transparency(mode: str) -> None:
    picture = bombs.scene(mode="RGBA" if mode != "LA" else "LA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    if mode == "P":
        picture = bombs.scene(mode="P")
        picture.info["transparency"] = 0
    body = bombs.encoded(picture, "PNG")

    rewritten = opened(accepted(body + TAIL).rewritten)

    assert rewritten.convert("RGBA").tobytes() == opened(body).convert("RGBA").tobytes()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_h087_rewritten_pixels_are_upright(orientation: int) -> None:
    body = bombs.encoded(bombs.scene(), "JPEG", exif=bombs.exif_orientation(orientation)) + TAIL

    inspected = accepted(body)

    turned = orientation in (6, 8)
    rewritten = opened(inspected.rewritten)
    assert rewritten.size == (inspected.width, inspected.height) == ((160, 240) if turned else (240, 160))
    assert not rewritten.getexif()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_rewriting_keeps_the_colour_profile_and_nothing_else(name: str) -> None:
    how: dict[str, Any] = {"icc_profile": SRGB, "exif": bombs.GPS_EXIF}
    if name == "JPEG":
        how |= {"comment": b"taken at home", "dpi": (300, 300)}

    rewritten = accepted(bombs.encoded(bombs.scene(), name, **how)).rewritten

    assert rewritten is not None
    assert opened(rewritten).info.get("icc_profile") == SRGB
    assert b"taken at home" not in rewritten


def test_animation_that_is_rewritten_becomes_its_first_frame() -> None:
    inspected = accepted(bombs.gif(4) + TAIL)

    assert inspected.frames == 1
    assert getattr(opened(inspected.rewritten), "n_frames", 1) == 1


def test_rewritten_pictures_are_plain() -> None:
    for name in ("JPEG", "PNG", "GIF", "WEBP", "AVIF"):
        rewritten = accepted(bombs.encoded(bombs.scene(), name) + TAIL).rewritten
        assert rewritten is not None
        assert accepted(rewritten).rewritten is None


def test_picture_behind_a_picture_is_a_jpeg_and_cut_off() -> None:
    first, second = bombs.encoded(bombs.scene(), "JPEG"), bombs.encoded(bombs.scene(64, 64), "JPEG")

    inspected = accepted(first + second)

    assert (inspected.format, inspected.frames) == (ImageFormat.JPEG, 1)
    assert opened(inspected.rewritten).size == (240, 160)


def test_mpo_counts_as_jpeg() -> None:
    pictures = [bombs.scene(), bombs.scene(mode="L").convert("RGB")]
    body = bombs.encoded(pictures[0], "MPO", save_all=True, append_images=pictures[1:])

    assert accepted(body).format is ImageFormat.JPEG
    assert struct.unpack(">H", body[:2]) == (0xFFD8,)
