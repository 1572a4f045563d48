"""H068-H091: every picture of safety.md 14.4 goes through real worker processes with their real limits."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable

import pytest

from support import bombs
from support.imaging import CAPTURES, open_inspector, opened, refresh_options, remembering_log
from support.obedience import REPORT, obey
from trivia_scraper.domain.errors import ImageRejected
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import ImageFormat, InspectedImage
from trivia_scraper.imaging.inspector import PoolInspector
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.workers.limits import WorkerLimits

OPTIONS = refresh_options(forced=False)
MODES = {"CMYK": "JPEG", "I;16": "PNG", "P": "PNG", "1": "PNG"}


@pytest.fixture
async def inspector() -> AsyncIterator[PoolInspector]:
    log, _ = remembering_log()
    async with open_inspector(ImagingSettings(), log, inspection=obey) as opened_inspector:
        yield opened_inspector


def cut_in_half() -> bytes:
    whole = bombs.photograph()
    return whole[: len(whole) // 2]


def png_with_wrong_crc() -> bytes:
    whole = bytearray(bombs.encoded(bombs.scene(), "PNG"))
    whole[whole.index(b"IDAT") + 20] ^= 1
    return bytes(whole)


def gif_that_is_a_script() -> bytes:
    """Valid as a script, because its size reads as the start of a comment."""
    return b"GIF89a" + b"/*" + b"\x10\0" + b"\0\0\0" + b"*/=1;alert(1)//" + bytes(100)


REFUSALS: dict[str, tuple[Callable[[], bytes], Reason]] = {
    "H068 PNG of 81 megapixels": (bombs.png_of_81_megapixels, Reason.PIXELS),
    "H069 PNG of 400 megapixels in 1 bit": (bombs.png_of_400_megapixels, Reason.PIXELS),
    "H070 WebP of 268 megapixels": (lambda: bombs.webp_claiming(16383, 16383), Reason.PIXELS),
    "H071 GIF claims 900 megapixels": (lambda: bombs.gif(1, 30_000, 30_000), Reason.PIXELS),
    "H071 AVIF claims 900 megapixels": (lambda: bombs.avif_claiming(30_000, 30_000), Reason.PIXELS),
    "H072 JPEG header lies": (lambda: bombs.jpeg_claiming(65_000, 65_000), Reason.PIXELS),
    "H073 PNG with 200 MB of text": (bombs.png_with_huge_text, Reason.METADATA),
    "H074 PNG with 200 MB of profile": (bombs.png_with_huge_profile, Reason.METADATA),
    "H076 GIF of 10,000 frames": (lambda: bombs.gif(10_000), Reason.FRAMES),
    "H077 APNG of 10,000 frames": (lambda: bombs.apng(10_000), Reason.FRAMES),
    "H077 WebP of 10,000 frames": (lambda: bombs.animated_webp(10_000), Reason.FRAMES),
    "H078 JPEG cut in half": (cut_in_half, Reason.TRUNCATED),
    "H079 first 20 bytes of a JPEG": (lambda: bombs.photograph()[:20], Reason.TRUNCATED),
    "H080 PNG without its end": (lambda: bombs.encoded(bombs.scene(), "PNG")[:-12], Reason.TRUNCATED),
    "H080 PNG with a wrong CRC": (png_with_wrong_crc, Reason.TRUNCATED),
    "H082 HTML named .jpg": (lambda: b"<!doctype html><title>Gone</title>" * 9, Reason.HTML),
    "H083 SVG": (
        lambda: b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        Reason.TYPE,
    ),
    "H084 EPS": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) show\n" * 4, Reason.TYPE),
    "H084 PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" * 4, Reason.TYPE),
    "H085 ZIP": (lambda: b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(range(256)), Reason.TYPE),
    "H085 GIF that is a script": (gif_that_is_a_script, Reason.TRUNCATED),
    "H089 0 bytes": (lambda: b"", Reason.EMPTY),
    "H090 1 × 1": (lambda: bombs.png_one_pixel_high(1) + bytes(100), Reason.TINY),
    "H090 1,000,000 × 1": (lambda: bombs.png_one_pixel_high(1_000_000), Reason.PIXELS),
    "H091 ICO": (lambda: bombs.encoded(bombs.scene(32, 32), "ICO"), Reason.TYPE),
    "H091 BMP": (lambda: bombs.encoded(bombs.scene(32, 32), "BMP"), Reason.TYPE),
}


@pytest.mark.parametrize(("build", "reason"), REFUSALS.values(), ids=REFUSALS)
async def test_refused(inspector: PoolInspector, build: Callable[[], bytes], reason: Reason) -> None:
    """R51, R216: what is no whole picture is refused, whatever its name and header say."""
    with pytest.raises(ImageRejected) as refusal:
        await inspector.inspect(build(), OPTIONS)

    assert (refusal.value.reason, refusal.value.error_type) == (reason, ErrorType.NOT_AN_IMAGE)


async def test_h075_exif_bomb_is_stored_plain(inspector: PoolInspector) -> None:
    inspected = await inspector.inspect(bombs.jpeg_with_exif_bomb(), OPTIONS)

    assert (inspected.format, inspected.rewritten) == (ImageFormat.JPEG, None)


async def test_h081_script_behind_a_jpeg_is_rewritten_away(inspector: PoolInspector) -> None:
    inspected = await inspector.inspect(bombs.encoded(bombs.scene(), "JPEG") + b"<script>alert(1)</script>", OPTIONS)

    assert inspected.rewritten is not None
    assert b"script" not in inspected.rewritten
    assert opened(inspected.rewritten).size == (240, 160)


async def test_h082_html_leaves_its_first_200_cleaned_characters(inspector: PoolInspector) -> None:
    page = "<html>\n\t<title>Nicht gefunden\x1b[2J \u202e404</title>" + "x" * 900

    with pytest.raises(ImageRejected) as refusal:
        await inspector.inspect(page.encode(), OPTIONS)

    assert refusal.value.excerpt.startswith("<html> <title>Nicht gefunden[2J 404</title>xx")
    assert len(refusal.value.excerpt) == 200


async def test_h085_gif_with_a_script_behind_it_is_rewritten(inspector: PoolInspector) -> None:
    inspected = await inspector.inspect(bombs.gif(3) + b"/*<script>*/alert(1)", OPTIONS)

    assert inspected.rewritten is not None
    assert b"alert" not in inspected.rewritten
    assert inspected.frames == 1


@pytest.mark.parametrize("mode", MODES)
async def test_h086_odd_modes_get_an_srgb_thumbnail(inspector: PoolInspector, mode: str) -> None:
    picture = bombs.scene(mode="I" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = picture.point(lambda level: level * 256).convert("I;16")

    inspected = await inspector.inspect(bombs.encoded(picture, MODES[mode]), OPTIONS)

    thumbnail = opened(inspected.thumbnail)
    assert inspected.rewritten is None
    assert (thumbnail.mode, thumbnail.size) == ("RGB", (300, 300))
    if mode != "1":  # dithering makes single pixels of one bit meaningless
        expected = bombs.scene(mode="L" if mode == "I;16" else "RGB").convert("RGB")
        assert _close(_pixel(thumbnail, (75, 75)), _pixel(expected, (40, 40)))


def _close(got: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(got, wanted, strict=True))


def _pixel(picture: object, at: tuple[int, int]) -> tuple[int, ...]:
    value = picture.getpixel(at)  # type: ignore[attr-defined]
    return tuple(value)


async def test_h086_alpha_stays(inspector: PoolInspector) -> None:
    picture = bombs.scene(mode="RGBA")
    picture.putalpha(0)

    inspected = await inspector.inspect(bombs.encoded(picture, "PNG"), OPTIONS)

    assert opened(inspected.thumbnail).getextrema()[3] == (0, 0)  # type: ignore[index]


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_h087_thumbnails_are_upright(inspector: PoolInspector, orientation: int) -> None:
    upright = bombs.scene()
    stored = _as_camera_stores(upright, orientation)
    body = bombs.encoded(stored, "JPEG", quality=95, exif=bombs.exif_orientation(orientation))

    inspected = await inspector.inspect(body, OPTIONS)

    thumbnail = opened(inspected.thumbnail)
    assert (inspected.width, inspected.height, inspected.rewritten) == (*stored.size, None)
    assert [_nearest_colour(_pixel(thumbnail, at)) for at in ((40, 40), (260, 40), (40, 260), (260, 260))] == [
        "red",
        "lime",
        "blue",
        "yellow",
    ]


def _as_camera_stores(picture: bombs.Image.Image, orientation: int) -> bombs.Image.Image:
    turns = bombs.Image.Transpose
    inverse = {
        1: None,
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_90,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_270,
    }[orientation]
    return picture if inverse is None else picture.transpose(inverse)


def _nearest_colour(pixel: tuple[int, ...]) -> str:
    colours = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
    return min(colours, key=lambda name: sum(abs(a - b) for a, b in zip(colours[name], pixel, strict=True)))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
async def test_h088_gps_is_stored_without(inspector: PoolInspector, name: str) -> None:
    body = bombs.encoded(bombs.scene(), name, exif=bombs.GPS_EXIF)

    inspected = await inspector.inspect(body, OPTIONS)

    rewritten = opened(inspected.rewritten)
    assert rewritten.format == name
    assert not rewritten.getexif()


async def test_h091_png_sent_as_jpeg_is_stored_as_png(inspector: PoolInspector) -> None:
    """R52: the type, and with it the extension, comes from the bytes."""
    inspected = await inspector.inspect(bombs.encoded(bombs.scene(), "PNG"), OPTIONS)

    assert (inspected.format, inspected.format.mime, inspected.rewritten) == (ImageFormat.PNG, "image/png", None)


async def test_h068_to_h091_workers_are_bounded_and_bare(
    inspector: PoolInspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_SECRET", "hunter2")

    with pytest.raises(ImageRejected) as answer:
        await inspector.inspect(REPORT, OPTIONS)

    report = json.loads(answer.value.excerpt)
    memory = WorkerLimits().memory_bytes
    assert report["environment"] == {}
    assert report["pixels"] == 50_000_000
    assert report["limits"]["RLIMIT_AS"] == [memory, memory]
    assert report["limits"]["RLIMIT_NOFILE"] == [32, 32]
    assert report["limits"]["RLIMIT_CORE"] == [0, 0]
    assert report["limits"]["RLIMIT_FSIZE"] == [0, 0]
    assert 0 < report["limits"]["RLIMIT_CPU"][0] <= 15


# --- the captured pictures, where they are at hand

STRICTER = {
    "bomb.gif": Reason.PIXELS,
    "bomb.ico": Reason.TYPE,
    "bomb.bmp": Reason.TYPE,
    "bomb_text_chunk.png": Reason.TINY,  # a single pixel, which its header says before its text is read
    "broken_stream.png": Reason.TRUNCATED,
    "exif_twice.jpg": Reason.TINY,
    "own_empty.jpg": Reason.EMPTY,
    "own_html_named.jpg": Reason.HTML,
    "own_icon.svg": Reason.TYPE,
    "own_script.svg": Reason.TYPE,
    "truncated_photo.jpg": Reason.TRUNCATED,
}
REWRITTEN = {"exif_gps.jpg", "multi_picture.mpo"}
FIRST_FRAME_ONLY = {"multi_picture.mpo"}
_ROW = re.compile(r"^\| `images/(?P<name>[^`]+)` .*\| (?P<opens>[^|]+) \|$", re.MULTILINE)
_OPENS = re.compile(r"(?P<format>[A-Z]+) (?P<width>\d+)x(?P<height>\d+) \S+ (?:(?P<frames>\d+) frames)?")


def captured() -> dict[str, str]:
    readme = CAPTURES.parent / "README.md"
    return {row["name"]: row["opens"] for row in _ROW.finditer(readme.read_text())} if readme.exists() else {}


@pytest.mark.skipif(not captured(), reason="the captures folder is not here")
@pytest.mark.parametrize(("name", "opens"), captured().items())
async def test_captured_picture(inspector: PoolInspector, name: str, opens: str) -> None:
    body = (CAPTURES / name).read_bytes()

    if name in STRICTER:
        with pytest.raises(ImageRejected) as refusal:
            await inspector.inspect(body, OPTIONS)
        assert refusal.value.reason is STRICTER[name]
        return

    inspected = await inspector.inspect(body, OPTIONS)

    said = _OPENS.match(opens)
    assert said is not None, opens
    frames = 1 if name in FIRST_FRAME_ONLY else int(said["frames"] or 1)
    assert _facts(inspected) == (
        said["format"].replace("MPO", "JPEG"),
        int(said["width"]),
        int(said["height"]),
        frames,
    )
    assert (inspected.rewritten is not None) is (name in REWRITTEN)
    assert opened(inspected.thumbnail).size == (300, 300)


def _facts(inspected: InspectedImage) -> tuple[str, int, int, int]:
    return inspected.format.name, inspected.width, inspected.height, inspected.frames
