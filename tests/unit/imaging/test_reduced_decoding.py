"""Why a JPEG may be verified at an eighth of its size: the reduced decoder reads every byte that the full one reads.

The full decoder's verdict is the oracle; the reduced one must never be milder, whatever was done to the file.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image

from support import bombs
from support.imaging import accepted, refused
from trivia_scraper.domain.failures import Reason

ENCODINGS = {
    "baseline": {"quality": 85},
    "progressive": {"quality": 85, "progressive": True},
    "4:4:4": {"quality": 95, "subsampling": 0},
    "with restart marks": {"quality": 85, "restart_marker_rows": 1},
}
DAMAGES: dict[str, Callable[[bytearray, random.Random], None]] = {
    "one bit flipped": lambda body, chance: _flip(body, chance),
    "16 bytes of noise": lambda body, chance: _overwrite(body, chance, 16),
    "4,000 bytes of noise": lambda body, chance: _overwrite(body, chance, 4000),
    "4,000 bytes of zeros": lambda body, chance: _overwrite(body, chance, 4000, zeros=True),
    "bytes left out": lambda body, chance: _leave_out(body, chance, 1000),
    "header bit flipped": lambda body, chance: _flip(body, chance, last=600),
}


def _flip(body: bytearray, chance: random.Random, last: int | None = None) -> None:
    body[chance.randrange(2, last or len(body) - 2)] ^= 1 << chance.randrange(8)


def _overwrite(body: bytearray, chance: random.Random, count: int, *, zeros: bool = False) -> None:
    at = chance.randrange(700, len(body) - count - 2)
    body[at : at + count] = bytes(count) if zeros else chance.randbytes(count)


def _leave_out(body: bytearray, chance: random.Random, count: int) -> None:
    at = chance.randrange(700, len(body) - count - 2)
    del body[at : at + count]


def decodes(body: bytes, *, reduced: bool) -> bool:
    try:
        with Image.open(io.BytesIO(body), formats=("JPEG",)) as picture:
            if reduced:
                picture.draft("L", (32, 32))
            picture.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_h078_every_cut_fails_reduced_as_it_fails_whole(encoding: str) -> None:
    whole = bombs.photograph(320, 240, **ENCODINGS[encoding])
    start = whole.index(b"\xff\xda")
    cuts = [*range(start + 20, len(whole) - 2, len(whole) // 60), len(whole) - 3]

    assert [cut for cut in cuts if decodes(whole[:cut], reduced=True)] == []
    assert [cut for cut in cuts if decodes(whole[:cut], reduced=False)] == []
    assert decodes(whole, reduced=True)


@pytest.mark.parametrize("thumbnail", [0, 300])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_h078_cut_files_are_refused(encoding: str, thumbnail: int) -> None:
    whole = bombs.photograph(320, 240, **ENCODINGS[encoding])

    # The last two bytes are the end marker, which the decoder itself does not always miss.
    cuts = [*range(200, len(whole), 997), len(whole) - 2, len(whole) - 1]
    reasons = {refused(whole[:cut], thumbnail=thumbnail).reason for cut in cuts}

    assert reasons == {Reason.TRUNCATED}


def test_h078_cut_file_with_an_error_page_behind_it() -> None:
    whole = bombs.photograph(320, 240)
    cut = whole[: len(whole) // 2] + b"<html>the proxy gave up</html>"

    assert refused(cut).reason is Reason.TRUNCATED


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_damaged_streams_get_the_same_verdict_reduced_as_whole(encoding: str, damage: str) -> None:
    whole = bombs.photograph(320, 240, **ENCODINGS[encoding])
    chance = random.Random(f"{encoding} {damage}")

    for _ in range(25):
        body = bytearray(whole)
        DAMAGES[damage](body, chance)
        assert decodes(bytes(body), reduced=True) == decodes(bytes(body), reduced=False)


@pytest.mark.parametrize("damage", DAMAGES)
def test_inspection_is_at_least_as_strict_as_a_whole_decoding(damage: str) -> None:
    whole = bombs.photograph(320, 240)
    chance = random.Random(damage)

    for _ in range(25):
        body = bytearray(whole)
        DAMAGES[damage](body, chance)
        if not decodes(bytes(body), reduced=False):
            assert refused(bytes(body), thumbnail=0)


def test_verification_without_thumbnail_still_fingerprints() -> None:
    with_thumbnail, without = accepted(bombs.photograph()), accepted(bombs.photograph(), thumbnail=0)

    assert (without.thumbnail, without.thumbnail_format) == (None, None)
    assert with_thumbnail.dhash is not None
    assert without.dhash is not None
    assert (with_thumbnail.dhash ^ without.dhash).bit_count() <= 4
