"""The inspection of one picture, from header to verdict (safety.md 6). Runs in the worker process.

Order matters: first what the file claims, then, only if the claims are within limits, the decoder.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import Image

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import ImageFormat, InspectedImage
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.imaging.containers.container import Container
from trivia_scraper.imaging.containers.identify import identify
from trivia_scraper.imaging.exif import read_exif
from trivia_scraper.imaging.fingerprint import dhash, is_blank
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.plainness import is_plain
from trivia_scraper.imaging.previewing import shrink, simplify, upright
from trivia_scraper.imaging.refusal import Refusal, Refused
from trivia_scraper.imaging.rewriting import rewrite
from trivia_scraper.imaging.thumbnail import make_thumbnail

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
# Pillow reports a phone's JPEG with a second picture behind it as MPO: it is a JPEG.
_OUR_NAMES: Final = {
    "JPEG": ImageFormat.JPEG,
    "MPO": ImageFormat.JPEG,
    "PNG": ImageFormat.PNG,
    "WEBP": ImageFormat.WEBP,
    "GIF": ImageFormat.GIF,
    "AVIF": ImageFormat.AVIF,
}
# What Pillow's readers raise on damaged files; anything else is a fault of ours and must be loud.
_DAMAGE: Final = (OSError, SyntaxError, EOFError, struct.error, zlib.error, LookupError, TypeError, RuntimeError)
_OVERSIZE: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_FINGERPRINT_EDGE: Final = 32


def inspect_picture(body: bytes, settings: ImagingSettings, options: RefreshOptions) -> InspectedImage | Refusal:
    """Check one body completely. Every refusal is a value; only a fault of this program is raised."""
    try:
        if len(body) > settings.max_bytes:
            return Refusal(Reason.BYTES, f"{len(body)} bytes", error_type=ErrorType.FILE_TOO_LARGE)
        if not body:
            return Refusal(Reason.EMPTY, "no bytes")
        container = identify(body, settings.min_bytes)
        _check_claims(container, len(body), settings)
        return _decode(body, container, settings, options)
    except Refused as refused:
        return refused.refusal
    except MemoryError:
        return Refusal(Reason.DECODE_MEMORY, "more memory than a worker may use")


def _check_claims(container: Container, size: int, settings: ImagingSettings) -> None:
    _check_size(container.width, container.height, settings)
    if container.frames > settings.max_frames:
        raise Refused(Reason.FRAMES, f"{container.frames} frames")
    if container.end is None or container.flaw:
        raise Refused(Reason.TRUNCATED, container.flaw)
    if size <= settings.min_bytes:
        raise Refused(Reason.TINY, f"{size} bytes")


def _check_size(width: int, height: int, settings: ImagingSettings) -> None:
    if max(width, height) > settings.max_side or width * height > settings.max_pixels:
        raise Refused(Reason.PIXELS, f"{width} × {height} pixels")
    if (width, height) == (1, 1):
        raise Refused(Reason.TINY, "a single pixel")


def _decode(
    body: bytes, container: Container, settings: ImagingSettings, options: RefreshOptions
) -> InspectedImage | Refusal:
    seen = _see(body, container, settings)
    shown = upright(seen.preview, seen.orientation)
    thumbnail, thumbnail_format = (
        make_thumbnail(shown, seen.icc, container.format, settings.thumbnail) if settings.thumbnail else (None, None)
    )
    rewritten, (width, height) = None, seen.size
    if not seen.is_plain:
        rewritten, (width, height) = _rewrite(body, container, settings, seen.orientation)
    return InspectedImage(
        format=container.format,
        width=width,
        height=height,
        frames=seen.frames if rewritten is None else 1,
        rewritten=rewritten,
        thumbnail=thumbnail,
        thumbnail_format=thumbnail_format,
        dhash=dhash(shown),
        force_refresh=options.force_refresh_images,
        is_blank=is_blank(shown),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What decoding showed. Holds no decoder, so that a rewriting has the worker's memory to itself."""

    size: tuple[int, int]
    frames: int
    preview: Image.Image
    orientation: int
    icc: bytes | None
    is_plain: bool


def _see(body: bytes, container: Container, settings: ImagingSettings) -> _Seen:
    """Decode every frame. Raises Refused with what the decoder's complaint means."""
    try:
        with _open(body, container, settings) as picture:
            return _look_through(picture, body, container, settings)
    except _OVERSIZE as error:
        raise Refused(Reason.PIXELS, str(error)) from error
    except ValueError as error:
        # Pillow's limits for compressed text and profiles are plain ValueErrors (H073, H074).
        is_limit = "too large" in str(error) or "Too much memory" in str(error)
        raise Refused(Reason.METADATA if is_limit else Reason.TRUNCATED, str(error)) from error
    except _DAMAGE as error:
        raise Refused(Reason.TRUNCATED, f"{type(error).__name__}: {error}") from error


def _open(body: bytes, container: Container, settings: ImagingSettings) -> Image.Image:
    picture = Image.open(io.BytesIO(body), formats=FORMATS)
    if _OUR_NAMES.get(picture.format or "") is not container.format:
        raise Refused(Reason.TYPE, f"opens as {picture.format}, begins as {container.format.name}")
    _check_size(*picture.size, settings)
    return picture


def _look_through(picture: Image.Image, body: bytes, container: Container, settings: ImagingSettings) -> _Seen:
    frames = _frames(picture, container)
    if frames > settings.max_frames:
        raise Refused(Reason.FRAMES, f"{frames} frames")
    size = picture.size  # reduced decoding changes it
    preview = _preview(picture, container.format, settings.thumbnail)
    exif = read_exif(picture.info.get("exif") or b"")
    seen = _Seen(
        size=size,
        frames=frames,
        preview=preview,
        orientation=exif.orientation,
        icc=picture.info.get("icc_profile"),
        is_plain=is_plain(container, len(body), exif.has_gps, picture.info),
    )
    for number in range(1, frames):
        picture.seek(number)
        picture.load()
    return seen


def _rewrite(
    body: bytes, container: Container, settings: ImagingSettings, orientation: int
) -> tuple[bytes, tuple[int, int]]:
    try:
        return rewrite(lambda: _open(body, container, settings), container.format, orientation)
    except _DAMAGE as error:
        # It was decoded once already: what fails now is an encoder that found no memory, and says so vaguely.
        raise Refused(Reason.DECODE_MEMORY, f"cannot be written anew: {error}") from error


def _frames(picture: Image.Image, container: Container) -> int:
    """Frames as the decoder counts them. A JPEG has one: what follows its end is not its own."""
    if container.format is ImageFormat.JPEG:
        return 1
    return max(container.frames, getattr(picture, "n_frames", 1))


def _preview(picture: Image.Image, source: ImageFormat, thumbnail: int) -> Image.Image:
    """Decode the first frame whole, and return it small.

    A JPEG is decoded at a reduced scale: that leaves out most of the arithmetic, yet reads the whole
    entropy-coded stream, so a cut file fails at every scale (tests/unit/imaging/test_reduced_decoding.py).
    """
    wanted = thumbnail or _FINGERPRINT_EDGE
    if source is ImageFormat.JPEG:
        picture.draft(None if thumbnail else "L", (wanted, wanted))
        picture.load()
        return simplify(picture)
    picture.load()
    return shrink(picture, wanted)
