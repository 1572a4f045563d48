"""Pages cut, shuffled or holed anywhere: a parser gives a reading or PageShapeChanged, nothing else (H096)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.cases import Case, all_cases
from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail
from trivia_scraper.domain.source import IndexReading

CASES = all_cases()
TAG = re.compile(r"<[^>]*>|[{}\[\],:]")


def outcome(case: Case, markup: str) -> IndexReading | Detail | PageShapeChanged:
    try:
        return case.read(markup)
    except PageShapeChanged as error:
        return error


def assert_reads_or_names_the_loss(case: Case, markup: str) -> None:
    match outcome(case, markup):
        case PageShapeChanged() as error:
            assert error.looked_for
        case Detail() as detail:
            # A shop that has nothing on sale any more is a reading too (sources.md 7.2).
            assert detail.events or detail.listing.source == "pubquiz_pl"
            assert all(1 <= event.weekday <= 7 for event in detail.events)
        case IndexReading() as reading:
            assert all(listing.key and listing.name and listing.url for listing in reading.listings)


@settings(max_examples=150, deadline=None)
@given(case=st.sampled_from(CASES), at=st.integers(0, 10_000))
def test_h096_a_page_cut_anywhere(case: Case, at: int) -> None:
    assert_reads_or_names_the_loss(case, case.markup[: at % (len(case.markup) + 1)])


@settings(max_examples=150, deadline=None)
@given(case=st.sampled_from(CASES), holes=st.sets(st.integers(0, 60), min_size=1, max_size=12))
def test_a_page_with_tags_missing(case: Case, holes: set[int]) -> None:
    seen = iter(range(len(case.markup)))
    markup = TAG.sub(lambda tag: "" if next(seen) in holes else tag.group(), case.markup)
    assert_reads_or_names_the_loss(case, markup)


@settings(max_examples=150, deadline=None)
@given(
    case=st.sampled_from(CASES),
    at=st.integers(0, 10_000),
    junk=st.sampled_from(
        ["\x00", "\ud800", "<!--", "<script>", '"', "&#0;", "\x1b[2J", "<svg>", "]]>", "\u202e", "<p/>", "é" * 9]
    ),
)
def test_h097_junk_anywhere(case: Case, at: int, junk: str) -> None:
    at %= len(case.markup) + 1
    assert_reads_or_names_the_loss(case, case.markup[:at] + junk + case.markup[at:])


@settings(max_examples=100, deadline=None)
@given(case=st.sampled_from(CASES), text=st.text(max_size=300))
def test_text_that_is_no_page(case: Case, text: str) -> None:
    assert_reads_or_names_the_loss(case, text)


@pytest.mark.parametrize("opening", ["<!-- never closed ", "<script>never closed "], ids=["comment", "script"])
@pytest.mark.parametrize("case", [case for case in CASES if case.markup and case.key["page"] == "detail"], ids=str)
def test_h096_what_is_never_closed_swallows_the_page_and_says_so(case: Case, opening: str) -> None:
    with pytest.raises(PageShapeChanged):
        case.read(opening + case.markup)
