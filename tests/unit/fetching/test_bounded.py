"""gzip in bounded steps (safety.md 5)."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.errors import PageUnreachable, PermanentError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.fetching.bounded import STEP_BYTES, BoundedDecoder

MIB = 1024 * 1024


def decode(*chunks: bytes, max_ratio: float = 200) -> bytes:
    decoder = BoundedDecoder(max_ratio)
    pieces = [piece for chunk in chunks for piece in decoder.feed(chunk)]
    decoder.finish()
    assert all(0 < len(piece) <= STEP_BYTES for piece in pieces)
    assert decoder.decoded_bytes == sum(map(len, pieces))
    return b"".join(pieces)


@given(st.binary(max_size=300_000), st.integers(1, 70_000))
def test_any_body_in_any_chunks_comes_out_whole(body: bytes, size: int) -> None:
    packed = gzip.compress(body)
    assert decode(*(packed[at : at + size] for at in range(0, len(packed), size))) == body


def test_a_long_body_comes_in_steps() -> None:
    body = bytes(range(256)) * 4_096
    assert decode(gzip.compress(body)) == body


def test_several_members_and_padding() -> None:
    assert decode(gzip.compress(b"quiz ") + gzip.compress(b"night") + b"\0\0\0") == b"quiz night"
    first, second = gzip.compress(b"quiz "), gzip.compress(b"night")
    assert decode(first, second[:1], second[1:]) == b"quiz night"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"plain text", Reason.ENCODING, id="H057"),
        pytest.param(gzip.compress(b"x" * 100)[:-8] + b"\0" * 8, Reason.ENCODING, id="H065"),
        pytest.param(gzip.compress(b"x" * 100)[:20], Reason.TRUNCATED, id="cut"),
        pytest.param(gzip.compress(b"x") + b"tail", Reason.ENCODING, id="tail"),
        pytest.param(zlib.compress(b"x"), Reason.ENCODING, id="zlib"),
    ],
)
def test_broken_bodies(body: bytes, reason: Reason) -> None:
    with pytest.raises(PageUnreachable) as caught:
        decode(body)
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_ERROR, reason)


def test_h064_a_bomb_stops_soon_after_the_harmless_megabyte() -> None:
    decoder = BoundedDecoder(200)
    pieces = decoder.feed(gzip.compress(b"\0" * 64 * MIB))
    with pytest.raises(PermanentError) as caught:
        list(pieces)
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.FILE_TOO_LARGE, Reason.BOMB)
    assert decoder.decoded_bytes <= MIB + STEP_BYTES


def test_a_harmless_size_may_have_any_ratio() -> None:
    assert len(decode(gzip.compress(b" " * MIB))) == MIB


def test_nothing_is_decoded_before_it_is_asked_for() -> None:
    decoder = BoundedDecoder(200)
    pieces = decoder.feed(gzip.compress(b"x" * 10 * STEP_BYTES))
    assert decoder.decoded_bytes == 0
    next(pieces)
    assert decoder.decoded_bytes == STEP_BYTES
