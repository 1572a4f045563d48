"""Which listing an operator's URL means."""

from __future__ import annotations

import pytest

from trivia_scraper.pipeline.walking import _is_same_page


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("https://quiz.example/venues/a/", "HTTPS://QUIZ.example:443/venues/a/", True),
        ("https://quiz.example/venues/a/", "https://quiz.example/venues/b/", False),
        ("https://quiz.example/find/#101", "https://quiz.example/find/#101", True),
        ("https://quiz.example/find/#101", "https://quiz.example/find/#102", False),  # 4.2: no page of its own
        ("https://quiz.example/find/#101", "https://quiz.example/find/", False),
    ],
)
def test_two_spellings_of_one_listing(left: str, right: str, same: bool) -> None:
    assert _is_same_page(left, right) is same
