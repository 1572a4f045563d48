"""Which picture may take a good one's place: tiny, blank and placeholder ones may not (issue 4, 2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trivia_scraper.domain.failures import Reason
from trivia_scraper.policy.replacements import PictureFacts, worse_because

GOOD = PictureFacts(1600, 1200, is_blank=False, is_placeholder=False)
BLANK = replace(GOOD, is_blank=True)
PLACEHOLDER = replace(GOOD, is_placeholder=True)
ICON = replace(GOOD, width=32, height=32)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param(None, BLANK, None, id="nothing to lose"),
        pytest.param(GOOD, GOOD, None, id="as good"),
        pytest.param(GOOD, PLACEHOLDER, Reason.PLACEHOLDER, id="placeholder"),
        pytest.param(PLACEHOLDER, PLACEHOLDER, None, id="placeholder for placeholder"),
        pytest.param(PLACEHOLDER, GOOD, None, id="a real picture at last"),
        pytest.param(GOOD, BLANK, Reason.BLANK, id="blank"),
        pytest.param(BLANK, BLANK, None, id="blank for blank"),
        pytest.param(GOOD, ICON, Reason.TINY, id="icon"),
        pytest.param(ICON, replace(ICON, width=30), None, id="icon for icon"),
        pytest.param(GOOD, replace(GOOD, width=320, height=240), None, id="a twenty-fifth of the area"),
        pytest.param(GOOD, replace(GOOD, width=319, height=240), Reason.TINY, id="less than a twenty-fifth"),
        pytest.param(GOOD, replace(GOOD, width=64, height=1200), None, id="narrow"),
        pytest.param(GOOD, replace(GOOD, width=63, height=1200), Reason.TINY, id="too narrow"),
        pytest.param(replace(GOOD, width=None, height=None), ICON, Reason.TINY, id="old one never measured"),
    ],
)
def test_worse_because(old: PictureFacts | None, new: PictureFacts, reason: Reason | None) -> None:
    assert worse_because(old, new) is reason
