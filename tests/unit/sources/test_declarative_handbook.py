"""docs/declarative-sources.md names every kind, preset, field and key, and its examples are true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from trivia_scraper.sources.declarative.kinds import ALLOWED, REQUIRED
from trivia_scraper.sources.declarative.schema import FALLBACKS, FIELDS, KINDS, PRESETS, WEEKDAYS, known_keys
from unit.sources.declarative_cases import described, problems_in

HANDBOOK = (Path(__file__).parents[3] / "docs" / "declarative-sources.md").read_text(encoding="utf-8")
TOML = re.findall(r"^```toml\n(.*?)^```", HANDBOOK, re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```.*?^```", "", HANDBOOK, flags=re.MULTILINE | re.DOTALL)
NAMED = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", PROSE))))
BROKEN = "# broken"


def every_key() -> Iterator[str]:
    for names in known_keys().values():
        yield from names


@pytest.mark.parametrize("word", sorted({*KINDS, *PRESETS, *FIELDS, *FALLBACKS, *WEEKDAYS, *every_key()}))
def test_the_handbook_names(word: str) -> None:
    assert word in NAMED


@pytest.mark.parametrize("number", range(len(TOML)))
def test_every_example_loads(number: int) -> None:
    if not TOML[number].startswith(BROKEN):
        assert problems_in(TOML[number]) == []


def test_there_is_an_example_of_every_kind() -> None:
    shown = {described(toml).plan.index.table.kind for toml in TOML if not toml.startswith(BROKEN)}
    assert shown == set(KINDS)
    assert set(ALLOWED) == set(REQUIRED) == set(KINDS)


def test_the_errors_it_shows_are_what_is_told() -> None:
    (broken,) = [toml for toml in TOML if toml.startswith(BROKEN)]
    told = re.search(r"^```text\n(.*?)^```", HANDBOOK, re.MULTILINE | re.DOTALL)
    assert told is not None
    assert told[1].splitlines() == problems_in(broken, "fox")
