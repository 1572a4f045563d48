"""Hostile and odd pictures, built on the spot: small, deterministic, and each one true to its claim."""

from __future__ import annotations

import io
import random
import struct
import zlib
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GPS_EXIF = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHII", 0x8825, 4, 1, 26) + b"\0\0\0\0" + bytes(32)


def scene(width: int = 240, height: int = 160, mode: str = "RGB") -> Image.Image:
    """A picture with a different colour in each corner, red at the top left, so that every turn shows."""
    picture = Image.new("RGB", (width, height), "grey")
    draw = ImageDraw.Draw(picture)
    half = (width // 2, height // 2)
    for corner, colour in (
        ((0, 0), "red"),
        ((half[0], 0), "lime"),
        ((0, half[1]), "blue"),
        (half, "yellow"),
    ):
        draw.rectangle((*corner, corner[0] + half[0], corner[1] + half[1]), fill=colour)
    return picture.convert(mode)


def encoded(picture: Image.Image, name: str, **how: Any) -> bytes:
    """The picture as a file of a Pillow format."""
    out = io.BytesIO()
    picture.save(out, name, **how)
    return out.getvalue()


def photograph(width: int = 640, height: int = 480, **how: Any) -> bytes:
    """A JPEG whose entropy-coded stream is long enough to be cut in many places."""
    noise = Image.frombytes("RGB", (width, height), random.Random(width).randbytes(width * height * 3))
    return encoded(Image.blend(scene(width, height), noise, 0.2), "JPEG", **how)


def exif_orientation(orientation: int) -> bytes:
    """An EXIF block that says which way is up, and nothing else."""
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)


# --- PNG


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk with its CRC."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, depth: int, colour: int, rows: bytes, before: bytes = b"") -> bytes:
    """A PNG of the given header, compressed rows, and chunks before them."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG_SIGNATURE + header + before + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def deflated_zeros(size: int) -> bytes:
    """`size` zero bytes, deflated without ever holding them."""
    squeeze = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [squeeze.compress(block) for _ in range(size >> 20)]
    return b"".join([*parts, squeeze.compress(bytes(size & 0xFFFFF)), squeeze.flush()])


def png_of_81_megapixels() -> bytes:
    return png(9000, 9000, depth=8, colour=6, rows=deflated_zeros(9000 * (1 + 9000 * 4)))


def png_of_400_megapixels() -> bytes:
    return png(20_000, 20_000, depth=1, colour=0, rows=deflated_zeros(20_000 * (1 + 2500)))


def small_png(before: bytes) -> bytes:
    return png(16, 16, depth=8, colour=0, rows=zlib.compress(bytes(16 * 17)), before=before)


def png_with_huge_text() -> bytes:
    return small_png(chunk(b"zTXt", b"Comment\0\0" + deflated_zeros(200 << 20)))


def png_with_huge_profile() -> bytes:
    return small_png(chunk(b"iCCP", b"profile\0\0" + deflated_zeros(200 << 20)))


def png_one_pixel_high(width: int) -> bytes:
    return png(width, 1, depth=8, colour=0, rows=zlib.compress(bytes(1 + width)))


def apng(frames: int) -> bytes:
    """An animation that announces `frames` frames and holds as many one-pixel ones."""
    rows = zlib.compress(bytes(16 * 17))
    still = struct.pack(">IIIIHHBB", 16, 16, 0, 0, 1, 10, 0, 0)
    parts = [
        chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)),
        chunk(b"acTL", struct.pack(">II", frames, 0)),
        chunk(b"fcTL", struct.pack(">I", 0) + still),
        chunk(b"IDAT", rows),
    ]
    for number in range(1, frames):
        parts.append(chunk(b"fcTL", struct.pack(">I", number * 2 - 1) + still))
        parts.append(chunk(b"fdAT", struct.pack(">I", number * 2) + rows))
    return PNG_SIGNATURE + b"".join(parts) + chunk(b"IEND", b"")


# --- JPEG


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose frame header lies about its size."""
    body = bytearray(encoded(scene(), "JPEG"))
    at = body.index(b"\xff\xc0")
    body[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(body)


def jpeg_with_exif_bomb() -> bytes:
    """EXIF whose directory refers to itself, with counts of four billion and values far outside."""
    entry = struct.pack("<HHII", 0x010F, 2, 0xFFFFFFFF, 0xFFFFFFF0)
    loop = struct.pack("<HHII", 0x8769, 4, 1, 8)
    block = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 0xFFFF) + (entry + loop) * 2000 + struct.pack("<I", 8)
    return encoded(scene(), "JPEG", exif=block)


# --- GIF, WebP, AVIF


def gif(frames: int, width: int = 16, height: int = 16) -> bytes:
    """An animation of `frames` frames of 16 × 16 on a screen of the given size."""
    whole = encoded(Image.new("P", (16, 16)), "GIF")
    start = whole.index(b"\x2c\0\0\0\0")
    header = bytearray(whole[:start])
    header[6:10] = struct.pack("<HH", width, height)
    return bytes(header) + whole[start:-1] * frames + b"\x3b"


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def webp_claiming(width: int, height: int) -> bytes:
    """A lossless WebP whose stream header claims a size and whose stream is noise."""
    bits = (width - 1) | (height - 1) << 14
    return riff(riff_chunk(b"VP8L", b"\x2f" + struct.pack("<I", bits) + bytes(range(200))))


def animated_webp(frames: int) -> bytes:
    still = encoded(Image.new("RGB", (16, 16)), "WEBP", lossless=True)
    picture = still[12:]
    placed = bytes(6) + (15).to_bytes(3, "little") * 2 + (10).to_bytes(3, "little") + b"\0"
    canvas = riff_chunk(b"VP8X", b"\x02\0\0\0" + (15).to_bytes(3, "little") * 2)
    frame = riff_chunk(b"ANMF", placed + picture)
    return riff(canvas, riff_chunk(b"ANIM", bytes(6)), *([frame] * frames))


def avif_claiming(width: int, height: int) -> bytes:
    """A small AVIF whose size property lies."""
    body = bytearray(encoded(scene(64, 64), "AVIF"))
    at = body.index(b"ispe")
    body[at + 8 : at + 16] = struct.pack(">II", width, height)
    return bytes(body)
