"""What prose may cost: refused whole when too long, never more than a constant number of steps a character.

Steps are calls, Python's and C's, as the interpreter counts them: the same on every machine. What one call
to the pattern engine costs is measured by `bench/prose.py`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.text.address import split_address
from trivia_scraper.text.bracketed_names import read_bracketed_name
from trivia_scraper.text.country_words import country_of_text
from trivia_scraper.text.fee import FeeOutcome, read_fee
from trivia_scraper.text.names import read_venue_title
from trivia_scraper.text.page_titles import read_page_title
from trivia_scraper.text.schedule import PhraseKind, ScheduleOutcome, read_evenings, read_schedule

STEMS = (
    "7-", "1st & ", "at 7", "1:1", "every ", "mon ", "12 mar ", "2025.", "7 to ", "start ", "((", "ł", "7 p",
    "[[", "0h",
    "7", " ", "\u0301", "a\u0301", "\u200b", "of the month ", "7pm ", "half past ", "co drugi ", "£2 ", "free ",
    "entry ",
    "1,", "per ", "doors 7pm ", "mon-", "first and ", "o godz. ", "st ", "ave ", "#5 ", ", ", "ul. ", "@ ", "\n", "•",
)  # fmt: skip


def steps(read: Callable[[], object]) -> int:
    """How many calls the interpreter makes while reading."""
    counted = 0

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    gc.disable()  # a collection has callbacks of its own
    sys.setprofile(count)
    try:
        read()
    finally:
        sys.setprofile(None)
        gc.enable()
    return counted


READERS: dict[str, Callable[[str], object]] = {
    "schedule": read_schedule,
    "evenings": read_evenings,
    "fee": lambda text: read_fee(text, "GB"),
    "american address": lambda text: split_address(text, "US"),
    "british address": lambda text: split_address(text, "GB"),
    "polish address": lambda text: split_address(text, "PL"),
    "country": country_of_text,
    "bracketed name": read_bracketed_name,
    "venue title": read_venue_title,
    "page title": read_page_title,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("stem", STEMS, ids=ascii)
def test_steps_grow_with_the_text_and_not_with_its_square(reader: str, stem: str) -> None:
    read = READERS[reader]
    read(stem)  # what is computed once stays out of the count
    short, long = ((stem * 500)[:length] for length in (125, 500))
    # Four times the text; beyond 300 characters a phrase is folded twice.
    assert steps(lambda: read(long)) <= 8 * steps(lambda: read(short)) + 150


@pytest.mark.parametrize("kind", PhraseKind)
@pytest.mark.parametrize("stem", ["Monday 7pm ", "7", "1st & ", "at ", "\u0301"], ids=ascii)
def test_h126_an_endless_phrase_is_refused_without_being_read(kind: PhraseKind, stem: str) -> None:
    endless, just_too_long = stem * 20_000, (stem * 501)[:501]
    assert read_schedule(endless, kind).outcome is ScheduleOutcome.REJECT
    assert steps(lambda: read_schedule(endless, kind)) == steps(lambda: read_schedule(just_too_long, kind)) < 20


@pytest.mark.parametrize("stem", ["£2 ", "1,", "free "])
def test_h125_200_kilobytes_of_fees_are_unknown_without_being_read(stem: str) -> None:
    endless = stem * 70_000
    assert read_fee(endless, "GB").outcome is FeeOutcome.UNKNOWN
    assert steps(lambda: read_fee(endless, "GB")) < 20


@settings(deadline=None)
@given(st.text(max_size=600), st.sampled_from(sorted(READERS)))
def test_no_text_makes_a_reader_raise(text: str, reader: str) -> None:
    READERS[reader](text)


WORDS = (
    "mon tuesday the at @ 7 7pm 19:30 7-9pm 1930 half past seven noon every other 1st of month"
    " doors start • ( 3 mar środa £2 free entry per team prize | st ave denver, co 80301 #5 ul. 85-005 dublin"
    " e14 3ag vol. 2 (saturday) hype quiz -"
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=16), st.sampled_from(sorted(READERS)))
def test_no_mixture_of_known_words_makes_a_reader_raise(words: list[str], reader: str) -> None:
    READERS[reader](" ".join(words))
