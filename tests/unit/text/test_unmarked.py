"""Text for channels that might read markup in it."""

from __future__ import annotations

import pytest

from trivia_scraper.text.unmarked import unmarked


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("question_one: site gone", "question_one: site gone"),
        ("<b onclick=x>gone</b>", "gone"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("a < b > c", "a c"),
        ("5 < 6", "5 ‹ 6"),
        ("see [here](https://x.example)", "see (here)(https://x.example)"),
        ("*bold* `code` @everyone |x|", "∗bold∗ 'code' ＠everyone ¦x¦"),
        ("two\nlines\x1b[31m and \u202ereversed", "two lines and reversed"),
    ],
)
def test_no_markup_survives(text: str, plain: str) -> None:
    assert unmarked(text, 100) == plain


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert unmarked("x" * 500, 20) == "x" * 19 + "…"
    assert len(unmarked("<" * 100_000, 20)) <= 20
