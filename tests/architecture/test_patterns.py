"""Regular expressions mean the same on every Python that we run on."""

from __future__ import annotations

import re
from pathlib import Path

import trivia_scraper

SOURCE = Path(trivia_scraper.__file__).parent
# Python before 3.11.5 matches a possessive group that has to backtrack inside wrongly; single characters are safe.
POSSESSIVE_GROUP = re.compile(r"(?<!\()\)(?:[*+?]|\{[0-9,]+\})\+|\(\?>")


def test_no_pattern_has_a_possessive_group() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in sorted(SOURCE.rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if POSSESSIVE_GROUP.search(line)
    ]
    assert found == []
