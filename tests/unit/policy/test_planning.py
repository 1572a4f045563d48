"""Which listings a run visits (N6, D7, R26, R28) and what an index is worth (N9, E6, H131, H132, F52)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.catalog import KnownListing, SourceBaseline, VanishPlan
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import IndexVerdict, SkipReason
from trivia_scraper.policy.planning import VisitPlan, judge_index, plan_visits, vanishing_is_held

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
FRESHNESS = 5 * DAY
KNOWN = KnownListing(
    venue_id=1, venue_slug="x", last_seen_at=NOW, last_processed_at=NOW - DAY, image_refresh_due=False
)


def options(force: bool = False, update: bool = False, limit: int | None = None) -> RefreshOptions:
    return RefreshOptions(
        force_refresh_images=force,
        force_update=update,
        clean_first=False,
        retry_failed_only=False,
        dry_run=False,
        limit=limit,
        sources=(),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


def listing(key: str) -> Listing:
    return Listing("question_one", key, f"https://quiz.example/{key}", key.title())


def plan(
    keys: str, known: dict[str, KnownListing], options: RefreshOptions, chosen: frozenset[str] | None = None
) -> VisitPlan:
    return plan_visits([listing(key) for key in keys], known, chosen, options, now=NOW, freshness=FRESHNESS)


def visited(plan: VisitPlan) -> str:
    return "".join(visit.listing.key for visit in plan.visits)


def skipped(plan: VisitPlan) -> dict[str, SkipReason]:
    return {left.key: reason for left, reason in plan.skipped}


@pytest.mark.parametrize(
    ("known", "ordinary"),
    [
        pytest.param(None, True, id="N6-never-seen"),
        pytest.param(replace(KNOWN, last_processed_at=None), True, id="E4-seen-but-never-processed"),
        pytest.param(replace(KNOWN, last_processed_at=NOW - DAY), False, id="N6-fresh"),
        pytest.param(replace(KNOWN, last_processed_at=NOW - 5 * DAY + SECOND), False, id="N6-just-under-5-days"),
        pytest.param(replace(KNOWN, last_processed_at=NOW - 5 * DAY), True, id="N6-5-days"),
        pytest.param(
            replace(KNOWN, last_processed_at=NOW - 99 * DAY, last_seen_at=NOW), True, id="E4-seen-is-not-processed",
        ),
        pytest.param(replace(KNOWN, image_refresh_due=True), True, id="2-an-image-is-due-whatever-the-freshness"),
        pytest.param(replace(KNOWN, last_processed_at=NOW + DAY), False, id="N6-clock-set-back"),
    ],
)  # fmt: skip
def test_freshness(known: KnownListing | None, ordinary: bool) -> None:
    facts = {} if known is None else {"a": known}
    normal = plan("a", facts, options())
    assert bool(normal.visits) is ordinary
    assert skipped(normal) == ({} if ordinary else {"a": SkipReason.FRESH})
    # D7: force_refresh_images bypasses the freshness skip; N6: so does force_update.
    for forced in (options(force=True), options(update=True), options(force=True, update=True)):
        assert visited(plan("a", facts, forced)) == "a"


def test_each_visit_says_why() -> None:
    known = {"b": replace(KNOWN, last_processed_at=NOW - 9 * DAY), "c": replace(KNOWN, image_refresh_due=True)}
    whys = [visit.why for visit in plan("abc", known, options()).visits]
    assert whys == ["never read", "not read lately", "an image is due again"]
    assert plan("a", {}, options(force=True)).visits[0].why == "images are refreshed by force"
    assert plan("a", {}, options(update=True)).visits[0].why == "update is forced"


FRESH = dict.fromkeys("ac", KNOWN)


@pytest.mark.parametrize(
    ("made_with", "chosen", "visits", "skips"),
    [
        pytest.param(options(), None, "bd", {"a": SkipReason.FRESH, "c": SkipReason.FRESH}, id="N6-fresh-are-left"),
        pytest.param(
            options(limit=1), None, "b",
            {"a": SkipReason.FRESH, "c": SkipReason.FRESH, "d": SkipReason.BEYOND_LIMIT},
            id="R26-limit-counts-real-visits",
        ),
        pytest.param(
            options(limit=9), None, "bd", {"a": SkipReason.FRESH, "c": SkipReason.FRESH}, id="R26-limit-not-reached",
        ),
        pytest.param(
            options(force=True, limit=1), None, "a",
            dict.fromkeys("bcd", SkipReason.BEYOND_LIMIT), id="R26-force-and-limit-1",
        ),
        pytest.param(
            options(force=True, update=True, limit=2), None, "ab",
            dict.fromkeys("cd", SkipReason.BEYOND_LIMIT), id="R26-update-force-and-limit-2",
        ),
        pytest.param(
            options(force=True), frozenset("c"), "c", dict.fromkeys("abd", SkipReason.NOT_CHOSEN),
            id="D7-force-only-the-chosen"
        ),
        pytest.param(
            options(), frozenset("a"), "",
            {"a": SkipReason.FRESH, **dict.fromkeys("bcd", SkipReason.NOT_CHOSEN)},
            id="R28-a-chosen-fresh-one-selects-nothing",
        ),
        pytest.param(
            options(), frozenset(), "", dict.fromkeys("abcd", SkipReason.NOT_CHOSEN), id="R28-chosen-but-none-here",
        ),
        pytest.param(
            options(force=True, limit=1), frozenset("cd"), "c",
            {"a": SkipReason.NOT_CHOSEN, "b": SkipReason.NOT_CHOSEN, "d": SkipReason.BEYOND_LIMIT},
            id="R26-choice-before-limit",
        ),
    ],
)  # fmt: skip
def test_plan_visits(
    made_with: RefreshOptions, chosen: frozenset[str] | None, visits: str, skips: dict[str, SkipReason]
) -> None:
    made = plan("abcd", FRESH, made_with, chosen)
    assert visited(made) == visits
    assert skipped(made) == skips


@given(
    keys=st.lists(st.sampled_from("abcdefgh"), unique=True),
    known=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 10)),
    chosen=st.none() | st.frozensets(st.sampled_from("abcdefgh")),
    force=st.booleans(),
    limit=st.none() | st.integers(1, 5),
)
def test_r28_every_listing_is_visited_or_left_for_a_reason(
    keys: list[str], known: dict[str, int], chosen: frozenset[str] | None, force: bool, limit: int | None
) -> None:
    ages = {key: replace(KNOWN, last_processed_at=NOW - days * DAY) for key, days in known.items()}
    made = plan("".join(keys), ages, options(force=force, limit=limit), chosen)
    assert sorted([*visited(made), *skipped(made)]) == sorted(keys)
    assert [key for key in keys if key in visited(made)] == list(visited(made))
    assert limit is None or len(made.visits) <= limit
    if force:
        assert SkipReason.FRESH not in skipped(made).values()


# --- what an index is worth ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "last", "walked", "explicit", "verdict"),
    [
        pytest.param(100, 100, True, False, IndexVerdict.COMPLETE, id="N9-as-always"),
        pytest.param(7, None, True, False, IndexVerdict.COMPLETE, id="N9-first-run"),
        pytest.param(60, 100, True, False, IndexVerdict.COMPLETE, id="N9-exactly-60-percent"),
        pytest.param(59, 100, True, False, IndexVerdict.SUSPECT, id="N9-below-60-percent"),
        pytest.param(100, 100, False, False, IndexVerdict.TRUNCATED, id="E6-truncated"),
        pytest.param(0, 100, False, False, IndexVerdict.TRUNCATED, id="E6-truncated-and-empty"),
        pytest.param(0, 100, False, True, IndexVerdict.TRUNCATED, id="E6-truncated-whatever-a-page-said"),
        pytest.param(0, 100, True, False, IndexVerdict.SUSPECT, id="H132-zero-yield"),
        pytest.param(0, None, True, False, IndexVerdict.SUSPECT, id="H132-zero-yield-on-the-first-run"),
        pytest.param(0, 100, True, True, IndexVerdict.EMPTY, id="N9-none-found-is-said"),
        pytest.param(0, None, True, True, IndexVerdict.EMPTY, id="N9-none-found-on-the-first-run"),
        pytest.param(10_000, 10, True, False, IndexVerdict.HELD, id="H131-10000-from-a-10-venue-source"),
        pytest.param(101, 10, True, False, IndexVerdict.HELD, id="H131-just-over-the-factor"),
        pytest.param(100, 10, True, False, IndexVerdict.COMPLETE, id="H131-exactly-the-factor"),
        pytest.param(10_000, None, True, False, IndexVerdict.COMPLETE, id="H131-nothing-to-compare-with"),
        pytest.param(1, 1, True, False, IndexVerdict.COMPLETE, id="N9-a-source-of-one"),
    ],
)
def test_judge_index(listed: int, last: int | None, walked: bool, explicit: bool, verdict: IndexVerdict) -> None:
    judged, why = judge_index(
        listed,
        walked_to_the_end=walked,
        explicitly_empty=explicit,
        baseline=SourceBaseline(last, ()),
        suspect_ratio=0.6,
        growth_factor=10.0,
    )
    assert judged is verdict
    assert bool(why) is (verdict is not IndexVerdict.COMPLETE)


def test_h132_the_reason_names_the_zero_yield() -> None:
    _, why = judge_index(
        0,
        walked_to_the_end=True,
        explicitly_empty=False,
        baseline=SourceBaseline(3, ()),
        suspect_ratio=0.6,
        growth_factor=10.0,
    )
    assert "zero yield" in why


@given(st.integers(1, 10_000))
def test_n9_the_border_of_60_percent_is_exact(fifths: int) -> None:
    def judge(listed: int) -> IndexVerdict:
        return judge_index(
            listed,
            walked_to_the_end=True,
            explicitly_empty=False,
            baseline=SourceBaseline(5 * fifths, ()),
            suspect_ratio=0.6,
            growth_factor=10.0,
        )[0]

    assert judge(3 * fifths) is IndexVerdict.COMPLETE
    assert judge(3 * fifths - 1) is IndexVerdict.SUSPECT


@pytest.mark.parametrize(
    ("running", "missing", "newly", "held"),
    [
        pytest.param(100, 0, 0, False, id="E6-none-missing"),
        pytest.param(100, 20, 20, False, id="E6-exactly-20-percent"),
        pytest.param(100, 21, 21, True, id="F52-more-than-20-percent"),
        pytest.param(100, 100, 100, True, id="F52-the-whole-source"),
        pytest.param(100, 40, 5, False, id="E6-missing-before-counted-before"),
        pytest.param(1, 1, 1, True, id="F52-a-source-of-one"),
        pytest.param(5, 1, 1, False, id="E6-one-of-five"),
        pytest.param(0, 0, 0, False, id="E6-nothing-running"),
    ],
)
def test_vanishing_is_held(running: int, missing: int, newly: int, held: bool) -> None:
    assert vanishing_is_held(VanishPlan("question_one", running, missing, newly), 0.2) is held


@given(st.integers(1, 10_000))
def test_e6_the_border_of_20_percent_is_exact(fifths: int) -> None:
    at = VanishPlan("question_one", 5 * fifths, fifths, fifths)
    assert not vanishing_is_held(at, 0.2)
    assert vanishing_is_held(replace(at, missing=fifths + 1, newly_missing=fifths + 1), 0.2)
