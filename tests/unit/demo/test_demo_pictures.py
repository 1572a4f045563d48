"""The replica's photographs: deterministic, distinct, and pictures that our own inspection keeps as they are."""

from __future__ import annotations

from typing import Literal

import pytest

from support.imaging import accepted
from trivia_scraper.demo.pictures import initials, picture

FORMATS: tuple[Literal["jpg", "webp", "avif", "png"], ...] = ("jpg", "webp", "avif", "png")


@pytest.mark.parametrize("image_format", FORMATS)
def test_same_seed_same_bytes_other_seed_other_look(image_format: Literal["jpg", "webp", "avif", "png"]) -> None:
    first, again, other = (
        picture(seed, format=image_format, width=320, height=214, quality=80)
        for seed in ("the crown", "the crown", "the anchor")
    )

    assert first == again
    looks = accepted(first), accepted(other)
    assert [look.format.value for look in looks] == [image_format] * 2
    assert [(look.width, look.height, look.rewritten) for look in looks] == [(320, 214, None)] * 2
    assert ((looks[0].dhash or 0) ^ (looks[1].dhash or 0)).bit_count() > 4


def test_photograph_is_several_hundred_kilobytes() -> None:
    assert 200_000 < len(picture("the crown", format="jpg", width=1600, height=1067, quality=88)) < 1_000_000


@pytest.mark.parametrize(
    ("seed", "letters"),
    [
        ("/cdn/61f0/ab12_qld - the golden lion.jpg#1", "TGL"),
        ("/media/The-Crown.webp#2", "TC"),
        ("The Crown", "TC"),
        ("12", "?"),
    ],
)
def test_initials(seed: str, letters: str) -> None:
    assert initials(seed) == letters
