"""What the address look-up is asked, and when: sources.md P4 and V8 as truth tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from trivia_scraper.domain.lookups import FoundPlace, KnownLookup, LookupOutcome
from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.policy.lookups import LONGEST_QUERY, lookup_query, may_ask

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)
TICK = dt.timedelta(microseconds=1)
CENTURY = dt.timedelta(days=36_525)
CROWN = VenueFacts(
    name="The Crown",
    address="12 High Street, Leeds England LS1 4AB, United Kingdom",
    street="12 High Street",
    city="Leeds",
    region="England",
    postcode="LS1 4AB",
    country="GB",
    latitude=None,
    longitude=None,
    timezone="Europe/London",
)


def venue(**changes: Any) -> VenueFacts:
    return replace(CROWN, **changes)


def bare(**changes: Any) -> VenueFacts:
    """A venue of which a source says nothing but its name, and what the test gives."""
    return venue(**{**dict.fromkeys(("address", "street", "city", "region", "postcode")), **changes})


@pytest.mark.parametrize(
    ("facts", "query"),
    [
        pytest.param(venue(), "12 high street, leeds, ls1 4ab, united kingdom", id="P4-all-parts"),
        pytest.param(venue(city=None), "12 high street, ls1 4ab, united kingdom", id="P4-without-town"),
        pytest.param(venue(postcode=None), "12 high street, leeds, united kingdom", id="P4-without-postcode"),
        pytest.param(venue(postcode="LS1"), "12 high street, leeds, ls1, united kingdom", id="outward-code"),
        pytest.param(venue(street=" 1  Park\tRow ,"), "1 park row, leeds, ls1 4ab, united kingdom", id="blanks"),
        pytest.param(venue(street="Unit 3, Park Row"), "unit 3, park row, leeds, ls1 4ab, united kingdom", id="unit"),
        pytest.param(venue(street="Leeds Road"), "leeds road, leeds, ls1 4ab, united kingdom", id="road-of-the-town"),
        pytest.param(
            bare(street="ul. Gdan\u0301ska 1", city="Bydgoszcz", country="PL"),
            "ul. gdańska 1, bydgoszcz, poland",
            id="7.4-polish-one-spelling",
        ),
        pytest.param(
            bare(address="Manufaktura, Łódź 91-071", city="Łódź", postcode="91-071", country="PL"),
            "manufaktura, łódź, 91-071, poland",
            id="published-address-says-each-part-once",
        ),
        pytest.param(bare(postcode="LS1 4AB"), "ls1 4ab, united kingdom", id="P1-a-postcode-of-a-few-houses"),
        pytest.param(bare(street="1 Rue X", country="FR"), "1 rue x, fr", id="unknown-country-by-its-code"),
        pytest.param(bare(), None, id="name-alone"),
        pytest.param(bare(city="Leeds"), None, id="town-alone"),
        pytest.param(bare(city="Leeds", postcode="LS1"), None, id="district-alone"),
        pytest.param(bare(city="Buderim", postcode="4556", country="AU"), None, id="suburb-alone"),
        pytest.param(bare(address="Gdańsk, Poland", city="Gdańsk", country="PL"), None, id="address-is-the-town"),
        pytest.param(bare(address=" , ", street=""), None, id="address-of-commas"),
    ],
)  # fmt: skip
def test_v8_one_line_for_each_address(facts: VenueFacts, query: str | None) -> None:
    assert lookup_query(facts) == query


@pytest.mark.parametrize(
    "spelled",
    [venue(name="Crown, The"), venue(street="12 HIGH STREET"), venue(city=" leeds"), venue(address=None)],
    ids=["name", "capitals", "blank", "published"],
)  # fmt: skip
def test_v8_spellings_of_one_address_share_one_question(spelled: VenueFacts) -> None:
    assert lookup_query(spelled) == lookup_query(venue())


@pytest.mark.parametrize(
    "other", [venue(country="IE"), venue(postcode="LS1 4AC"), venue(street="14 High Street"), venue(city="York")]
)
def test_another_address_is_another_question(other: VenueFacts) -> None:
    assert lookup_query(other) != lookup_query(venue())


def test_a_question_fits_an_address_bar() -> None:
    query = lookup_query(venue(street="long " * 200))
    assert query is not None
    assert len(query) <= LONGEST_QUERY


def ended(outcome: LookupOutcome, ago: dt.timedelta) -> KnownLookup:
    place = FoundPlace(53.8, -1.5, None) if outcome is LookupOutcome.FOUND else None
    return KnownLookup(outcome, NOW - ago, place)


@pytest.mark.parametrize("after", [dt.timedelta(0), WEEK, CENTURY], ids=["always", "week", "never"])
def test_v8_what_is_not_known_is_asked(after: dt.timedelta) -> None:
    assert may_ask(None, NOW, after)


@pytest.mark.parametrize("after", [dt.timedelta(0), WEEK, CENTURY], ids=["always", "week", "never"])
@pytest.mark.parametrize("ago", [dt.timedelta(0), WEEK, 100 * WEEK, -WEEK])
def test_v8_what_was_found_is_never_asked_again(ago: dt.timedelta, after: dt.timedelta) -> None:
    assert not may_ask(ended(LookupOutcome.FOUND, ago), NOW, after)


@pytest.mark.parametrize("outcome", [LookupOutcome.NOTHING, LookupOutcome.FAILED])
@pytest.mark.parametrize(
    ("ago", "after", "asked"),
    [
        pytest.param(dt.timedelta(0), WEEK, False, id="just-now"),
        pytest.param(WEEK - TICK, WEEK, False, id="a-moment-early"),
        pytest.param(WEEK, WEEK, True, id="P4-on-the-dot"),
        pytest.param(2 * WEEK, WEEK, True, id="P4-overdue"),
        pytest.param(dt.timedelta(0), dt.timedelta(0), True, id="always"),
        pytest.param(100 * WEEK, CENTURY, False, id="never"),
        pytest.param(-TICK, WEEK, True, id="stamp-of-the-future"),
    ],
)
def test_p4_a_failure_is_tried_again_later(
    outcome: LookupOutcome, ago: dt.timedelta, after: dt.timedelta, asked: bool
) -> None:
    assert may_ask(ended(outcome, ago), NOW, after) is asked
