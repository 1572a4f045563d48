"""docs/requirements.md is what the tests say, and no requirement is without one."""

from __future__ import annotations

from architecture import requirements


def test_every_requirement_is_named_by_a_test() -> None:
    assert requirements.untested() == []


def test_the_page_is_what_the_tests_say() -> None:
    assert requirements.DOCUMENT.read_text(encoding="utf-8") == requirements.document(), "`make requirements`"


def test_numbers_are_complete_and_unique() -> None:
    numbers = [number for each in requirements.statements() for number in each.numbers]
    assert sorted(numbers) == list(range(1, 233))
