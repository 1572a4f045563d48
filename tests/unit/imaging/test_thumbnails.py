"""Thumbnails and fingerprints."""

from __future__ import annotations

import pytest
from PIL import Image, ImageCms

from support import bombs
from support.imaging import accepted, opened
from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.fingerprint import dhash
from trivia_scraper.imaging.previewing import shrink, upright

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize(
    ("name", "thumbnail_format"),
    [
        ("JPEG", ImageFormat.JPEG),
        ("PNG", ImageFormat.WEBP),
        ("GIF", ImageFormat.WEBP),
        ("WEBP", ImageFormat.WEBP),
        ("AVIF", ImageFormat.WEBP),
    ],
)
def test_format_and_size(name: str, thumbnail_format: ImageFormat) -> None:
    inspected = accepted(bombs.encoded(bombs.scene(900, 500), name))

    assert inspected.thumbnail_format is thumbnail_format
    assert opened(inspected.thumbnail).size == (300, 300)


@pytest.mark.parametrize("edge", [64, 300, 512])
@pytest.mark.parametrize("size", [(40, 30), (900, 500), (3000, 20), (20, 3000), (301, 300)])
def test_size_is_settable_and_always_square(edge: int, size: tuple[int, int]) -> None:
    inspected = accepted(bombs.encoded(bombs.scene(*size), "JPEG"), thumbnail=edge)

    assert opened(inspected.thumbnail).size == (edge, edge)


def test_crop_is_from_the_centre() -> None:
    wide = Image.new("RGB", (900, 300), "red")
    wide.paste("lime", (300, 0, 600, 300))

    thumbnail = opened(accepted(bombs.encoded(wide, "PNG")).thumbnail)

    assert all(_is_green(thumbnail.getpixel(at)) for at in ((5, 5), (150, 150), (294, 294)))


def _is_green(pixel: object) -> bool:
    red, green, blue = pixel  # type: ignore[misc]
    return bool(green > 200 and red < 60 and blue < 60)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_no_metadata(name: str) -> None:
    body = bombs.encoded(bombs.scene(), name, exif=bombs.GPS_EXIF, icc_profile=ICC)

    info = opened(accepted(body).thumbnail).info

    assert not {"exif", "icc_profile", "xmp", "comment"} & set(info)


def test_colours_go_through_the_profile_to_srgb() -> None:
    """The file's profile has red and blue changed over, so its red is a page's blue."""
    red = bombs.encoded(Image.new("RGB", (400, 400), (255, 0, 0)), "PNG", icc_profile=_swapped_profile())

    shown = opened(accepted(red).thumbnail).getpixel((9, 9))

    assert shown[2] > 200  # type: ignore[index]
    assert shown[0] < 60  # type: ignore[index]


def _swapped_profile() -> bytes:
    """sRGB with the names of its red and blue primaries exchanged in the tag table."""
    return ICC.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)


def test_profile_of_another_colour_space_is_ignored() -> None:
    grey = Image.new("RGB", (400, 400), (90, 90, 90))
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    plain, odd = (accepted(bombs.encoded(grey, "PNG", icc_profile=profile)) for profile in (None, other))

    assert opened(plain.thumbnail).getpixel((9, 9)) == opened(odd.thumbnail).getpixel((9, 9))


@pytest.mark.parametrize("profile", [b"", b"no profile", ICC[:200], ICC])
def test_h074_any_profile_leaves_a_thumbnail(profile: bytes) -> None:
    inspected = accepted(bombs.encoded(bombs.scene(), "JPEG", icc_profile=profile))

    red = opened(inspected.thumbnail).getpixel((40, 40))
    assert red[0] > 200  # type: ignore[index]


def test_shrinking_by_strips_equals_shrinking_whole() -> None:
    picture = opened(bombs.photograph(1000, 1600)).crop((0, 0, 997, 1531))

    small = shrink(picture, 100)

    assert small.size == (-(-997 // 9), -(-1531 // 9))
    assert small.tobytes() == picture.reduce(9).tobytes()


def test_fingerprint_of_the_same_picture_in_other_files() -> None:
    picture = Image.blend(bombs.scene(800, 600), Image.linear_gradient("L").resize((800, 600)).convert("RGB"), 0.4)
    prints = [
        accepted(bombs.encoded(picture, "JPEG", quality=90)).dhash,
        accepted(bombs.encoded(picture, "JPEG", quality=40)).dhash,
        accepted(bombs.encoded(picture.resize((400, 300)), "PNG")).dhash,
        accepted(bombs.encoded(picture, "WEBP")).dhash,
        accepted(
            bombs.encoded(
                picture.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=90, exif=bombs.exif_orientation(6)
            )
        ).dhash,
    ]

    assert max(((first or 0) ^ (second or 0)).bit_count() for first in prints for second in prints) <= 4


def test_fingerprint_counts_brighter_left_neighbours() -> None:
    falling = Image.linear_gradient("L").rotate(90)
    assert dhash(falling) in (0, 2**64 - 1)
    assert dhash(falling) ^ dhash(falling.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == 2**64 - 1
    assert dhash(Image.new("RGB", (50, 50), "teal")) == 0


def test_fingerprint_sees_a_transparent_picture_on_white() -> None:
    hidden = Image.linear_gradient("L").rotate(90).convert("RGBA")
    hidden.putalpha(0)

    assert dhash(hidden) == 0


@pytest.mark.parametrize("orientation", [0, 1, 9])
def test_upright_leaves_the_rest_alone(orientation: int) -> None:
    picture = bombs.scene()

    assert upright(picture, orientation) is picture
