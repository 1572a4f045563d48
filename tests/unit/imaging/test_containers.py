"""What files say about themselves: size, frames, and where they end."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from support import bombs
from support.imaging import refused
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.containers.identify import identify
from trivia_scraper.imaging.refusal import Refused

PILLOW_NAMES = {
    ImageFormat.JPEG: "JPEG",
    ImageFormat.PNG: "PNG",
    ImageFormat.GIF: "GIF",
    ImageFormat.WEBP: "WEBP",
    ImageFormat.AVIF: "AVIF",
}
VARIANTS = [
    (ImageFormat.JPEG, {}),
    (ImageFormat.JPEG, {"progressive": True}),
    (ImageFormat.JPEG, {"exif": bombs.GPS_EXIF, "comment": b"\xff\xd9 is no end here"}),
    (ImageFormat.PNG, {}),
    (ImageFormat.GIF, {}),
    (ImageFormat.WEBP, {}),
    (ImageFormat.WEBP, {"lossless": True}),
    (ImageFormat.WEBP, {"exif": bombs.GPS_EXIF}),
    (ImageFormat.AVIF, {}),
]


@pytest.mark.parametrize(("image_format", "how"), VARIANTS)
def test_container_of_a_whole_file(image_format: ImageFormat, how: dict[str, object]) -> None:
    body = bombs.encoded(bombs.scene(), PILLOW_NAMES[image_format], **how)

    container = identify(body, 100)

    assert (container.format, container.width, container.height, container.frames) == (image_format, 240, 160, 1)
    assert (container.end, container.flaw) == (len(body), "")


@pytest.mark.parametrize(("image_format", "how"), VARIANTS)
def test_tail_behind_the_end_is_seen(image_format: ImageFormat, how: dict[str, object]) -> None:
    body = bombs.encoded(bombs.scene(), PILLOW_NAMES[image_format], **how)

    assert identify(body + b"<script>alert(1)</script>", 100).end == len(body)


@pytest.mark.parametrize(("image_format", "how"), VARIANTS)
def test_no_cut_file_has_an_end(image_format: ImageFormat, how: dict[str, object]) -> None:
    body = bombs.encoded(bombs.scene(), PILLOW_NAMES[image_format], **how)

    whole = [cut for cut in range(40, len(body)) if identify(body[:cut], 100).end is not None]

    # An AVIF cut on a box border has whole boxes only: its decoder misses the rest.
    assert all(image_format is ImageFormat.AVIF and refused(body[:cut]).reason is Reason.TRUNCATED for cut in whole)


@pytest.mark.parametrize(
    ("name", "image_format"), [("GIF", ImageFormat.GIF), ("PNG", ImageFormat.PNG), ("WEBP", ImageFormat.WEBP)]
)
def test_frames_are_counted(name: str, image_format: ImageFormat) -> None:
    frames = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in range(0, 250, 50)]
    out = io.BytesIO()
    frames[0].save(out, name, save_all=True, append_images=frames[1:])

    container = identify(out.getvalue(), 100)

    assert (container.format, container.frames, container.end) == (image_format, 5, len(out.getvalue()))


def test_gif_frame_larger_than_its_screen_counts() -> None:
    body = bytearray(bombs.gif(1))
    at = body.index(b"\x2c\0\0\0\0")
    body[at + 5 : at + 9] = (40_000).to_bytes(2, "little") * 2

    assert identify(bytes(body), 100).width == 40_000


def test_webp_of_odd_length_ends_with_or_without_its_padding() -> None:
    body = bombs.riff(bombs.riff_chunk(b"VP8L", b"\x2f" + bytes(20)))
    odd = body[:4] + (len(body) - 9).to_bytes(4, "little") + body[8:]

    assert identify(odd, 100).end == len(odd)
    assert identify(odd[:-1], 100).end == len(odd) - 1


def test_boxes_nested_without_end_cost_no_recursion() -> None:
    nested = b""
    for _ in range(5000):
        nested = (len(nested) + 12).to_bytes(4) + b"meta" + bytes(4) + nested
    body = (16).to_bytes(4) + b"ftypavif" + bytes(4) + nested

    assert identify(body, 100).width == 0


@pytest.mark.parametrize(
    ("body", "reason", "excerpt"),
    [
        (b"Not found", Reason.HTML, "Not found"),
        (b'{"error": "gone"}', Reason.HTML, '{"error": "gone"}'),
        ("\ufeff<html>Größe\u00a0</html>".encode("utf-16"), Reason.HTML, "<html>Größe </html>"),
        (b"<p>caf\xe9</p>", Reason.HTML, "<p>caf\ufffd</p>"),
        (b"<html><body><svg></svg>" + b" " * 100, Reason.HTML, "<html><body><svg></svg>"),
        (b"<!-- made by hand --><SVG >" + b" " * 100, Reason.TYPE, ""),
        (bytes(range(50)), Reason.TINY, ""),
        (bytes(range(256)), Reason.TYPE, ""),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), Reason.TYPE, ""),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(200), Reason.TYPE, ""),
    ],
)
def test_foreign_bodies(body: bytes, reason: Reason, excerpt: str) -> None:
    with pytest.raises(Refused) as told:
        identify(body, 100)

    assert (told.value.refusal.reason, told.value.refusal.excerpt) == (reason, excerpt)


def test_body_over_the_cap_is_too_large() -> None:
    refusal = refused(bombs.photograph(), max_bytes=1000)

    assert (refusal.error_type, refusal.reason) == (ErrorType.FILE_TOO_LARGE, Reason.BYTES)


def test_whole_picture_of_100_bytes_is_tiny() -> None:
    body = bombs.small_png(b"")

    assert len(body) <= 100
    assert refused(body).reason is Reason.TINY
