"""Which difference hashes tell pictures apart."""

from __future__ import annotations

import pytest

from trivia_scraper.policy.picture_hashes import telling_hash


@pytest.mark.parametrize(
    ("dhash", "tells"),
    [
        pytest.param(None, False, id="none"),
        pytest.param(0, False, id="blank"),
        pytest.param(0xFFFF_FFFF_FFFF_FFFF, False, id="a gradient"),
        pytest.param(0x0F0F_0F0F_0F0F_0F0F, False, id="one row eight times"),
        pytest.param(0x0102_0304_0505_0505, False, id="five rows"),
        pytest.param(0x0102_0304_0506_0606, True, id="six rows"),
        pytest.param(0xFF02_0304_0506_0708, True, id="highest bit set"),
    ],
)
def test_telling_hash(dhash: int | None, tells: bool) -> None:
    assert telling_hash(dhash) == (dhash if tells else None)
