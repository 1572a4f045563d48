"""Every saved page against its answer key: one test a field, `<slug>-<case>-<field>`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from sources.cases import Case, all_cases
from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.sources import SOURCES

CASES = all_cases()
FIELDS = [(case, field, value) for case in CASES for field, value in case.key.get("expect", {}).items()]
ERRORS = [case for case in CASES if "error" in case.key]


@pytest.mark.parametrize(("case", "field", "value"), FIELDS, ids=[f"{case}-{field}" for case, field, _ in FIELDS])
def test_field(case: Case, field: str, value: Any) -> None:
    assert case.facts()[field] == value


@pytest.mark.parametrize("case", ERRORS, ids=str)
def test_shape_changed_names_what_was_looked_for(case: Case) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        case.read()
    assert caught.value.looked_for == case.key["error"]
    assert caught.value.url == case.key["url"]
    assert caught.value.error_type is ErrorType.INVALID_RESPONSE


def test_every_source_has_at_least_eight_cases() -> None:
    counts = Counter(case.slug for case in CASES)
    assert set(counts) == set(SOURCES)
    assert min(counts.values()) >= 8


def test_every_answer_key_asks_something() -> None:
    assert all(case.key.get("expect") or case.key.get("error") for case in CASES)
