"""Which fields a page states, and which of them fell (O17, O18)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from trivia_scraper.domain.models import (
    Detail,
    EventFacts,
    EventStatus,
    Frequency,
    ImageRef,
    ImageRole,
    Listing,
    OwnerKind,
    PerformerFacts,
    Provenance,
    VenueFacts,
)
from trivia_scraper.domain.outcomes import IndexVerdict
from trivia_scraper.domain.source_health import SourceRunRecord
from trivia_scraper.policy.coverage import fallen_fields, stated_fields

AT = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)
BARE = VenueFacts(
    name="The Crown", address=None, street=None, city=None, region=None, postcode=None, country="GB",
    latitude=None, longitude=None, timezone="Europe/London",
)  # fmt: skip
EVENING = EventFacts(
    weekday=2, start_time=dt.time(20), end_time=None, frequency=Frequency.WEEKLY, ordinals=(), fee_minor=None,
    currency="GBP", title="Quiz", description=None, status=EventStatus.ACTIVE,
)  # fmt: skip
PICTURE = ImageRef(OwnerKind.VENUE, ImageRole.HERO, "question_one", "https://q1.example/1.jpg")
FACE = ImageRef(OwnerKind.PERFORMER, ImageRole.PROFILE, "question_one", "https://q1.example/2.jpg")


def detail(**changes: Any) -> Detail:
    listing = Listing("question_one", "the-crown", "https://q1.example/the-crown", "The Crown")
    bare = Detail(listing, BARE, (), None, (), Provenance(None, None, None))
    return replace(bare, **changes)


@pytest.mark.parametrize(
    ("changes", "stated"),
    [
        ({}, set()),
        ({"venue": replace(BARE, address="1 High St", city="York", postcode="YO1")}, {"address", "city", "postcode"}),
        ({"venue": replace(BARE, latitude=53.9, longitude=-1.0)}, {"position"}),
        ({"venue": replace(BARE, latitude=53.9)}, set()),
        ({"venue": replace(BARE, phone="+44", website="https://a.example/")}, {"phone", "website"}),
        ({"venue": replace(BARE, instagram="https://i.example/x")}, {"social"}),
        ({"events": (EVENING,)}, {"schedule"}),
        ({"events": (replace(EVENING, fee_minor=0),)}, {"schedule", "fee"}),
        ({"events": (EVENING, replace(EVENING, end_time=dt.time(22)))}, {"schedule", "end_time"}),
        ({"events": (replace(EVENING, description="Six rounds"),)}, {"schedule", "description"}),
        ({"images": (PICTURE,)}, {"picture"}),
        ({"images": (replace(PICTURE, url=" "), FACE)}, {"performer_picture"}),
        ({"performer": PerformerFacts("Ann")}, {"performer"}),
    ],
)
def test_o18_a_field_counts_when_the_page_states_it(changes: dict[str, Any], stated: set[str]) -> None:
    assert stated_fields(detail(**changes)) == {"name", *stated}


def run(pages: int, **coverage: int) -> SourceRunRecord:
    return SourceRunRecord(AT, IndexVerdict.COMPLETE, 100, pages, coverage)


USUAL = [run(100, name=100, phone=80, fee=4), run(100, name=100, phone=90, fee=4), run(50, name=50, phone=40, fee=2)]


@pytest.mark.parametrize(
    ("now", "baseline", "fallen"),
    [
        (run(100, name=100, phone=80, fee=4), USUAL, []),
        (run(100, name=100, phone=41, fee=4), USUAL, []),
        (run(100, name=100, phone=39, fee=4), USUAL, ["phone"]),
        (run(100, name=10, phone=0, fee=4), USUAL, ["name", "phone"]),
        (run(9, name=9), USUAL, []),
        (run(10, name=10), USUAL, ["phone"]),
        (run(100, name=100, phone=0), USUAL[:2], []),
        (run(100, name=100, phone=0), [*USUAL[:2], run(9, name=9, phone=9)], []),
        # Four pages in a hundred may be missing by chance; of a thousand they may not.
        (run(100, name=100, phone=80), USUAL, []),
        (run(1000, name=1000, phone=800), USUAL, ["fee"]),
        (run(100, name=100, phone=80, picture=9), USUAL, []),
    ],
    ids=[
        "as usual", "just above half", "below half", "most fallen first", "too few pages", "just enough pages",
        "too few runs", "small runs are no baseline", "a rare field", "a rare field of many pages", "a new field",
    ],
)  # fmt: skip
def test_o18_a_field_fell_below_half_of_its_median(
    now: SourceRunRecord, baseline: list[SourceRunRecord], fallen: list[str]
) -> None:
    assert list(fallen_fields(now, baseline)) == fallen


def test_a_fall_says_the_share_now_and_before() -> None:
    assert fallen_fields(run(100, name=100, phone=10), USUAL) == {"phone": (0.1, 0.8)}
