"""What is told of a venue's future: when it is visited, what becomes of a picture, options in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from support.house import make_options
from trivia_scraper.domain.crontab import Crontab
from trivia_scraper.domain.directory import ImageView
from trivia_scraper.domain.schedules import Job, JobKind
from trivia_scraper.domain.venue_story import ImageFacts, ListingFacts
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.policy.staleness import StalenessTerms
from trivia_scraper.policy.venue_story import (
    StoryTerms,
    class_of,
    next_of_image,
    next_visit,
    options_in_words,
)

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SLUG = "question_one"
TERMS = StoryTerms(
    freshness={SLUG: 5 * DAY},
    enabled=frozenset({SLUG}),
    refreshes={SLUG: Job(JobKind.REFRESH, Crontab("0 3 * * *"), "once", source=SLUG)},
    verification=Job(JobKind.VERIFY, Crontab("30 * * * *"), "once"),
    enrichment=None,
    runs_before_missing=3,
    revalidate_after=7 * DAY,
    staleness=StalenessTerms(),
    photo_providers=frozenset(),
    classes=DEFAULT_CLASSES,
)


def listing(**changes: Any) -> ListingFacts:
    """A listing that was read two days ago and is shown."""
    stated: dict[str, Any] = {
        "source": SLUG, "key": "17", "url": "https://q1.example/17", "rule": "new", "confidence": 1.0,
        "claimed_at": NOW - 9 * DAY, "first_seen_at": NOW - 9 * DAY, "last_seen_at": NOW - DAY,
        "last_read_at": NOW - 2 * DAY, "evenings": 1, "misses": 0, "image_due": False,
        "source_last_run_at": NOW - DAY, "source_verdict": "complete", "source_health": "ok",
        "source_health_why": "", "source_paused_at": None, "source_paused_by": None,
    }  # fmt: skip
    return ListingFacts(**{**stated, **changes})


def image(**changes: Any) -> ImageFacts:
    """A stored picture that was verified yesterday."""
    stated: dict[str, Any] = dict.fromkeys(ImageView.__dataclass_fields__) | {
        "id": 17, "owner_kind": "venue", "owner": "the-crown", "role": "hero", "provider": SLUG,
        "status": "uploaded", "verified_at": NOW - DAY, "retry_count": 0, "version": 1,
    }  # fmt: skip
    facts = {name: changes.pop(name) for name in ("left_alone_until", "recovery_asked_at") if name in changes}
    return ImageFacts(ImageView(**{**stated, **changes}), **facts)


TOMORROW_AT_3 = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("changes", "at", "sentence"),
    [
        ({}, dt.datetime(2026, 11, 25, 3, tzinfo=dt.UTC), "fresh and is skipped"),
        ({"last_read_at": NOW - 6 * DAY}, TOMORROW_AT_3, "it was not read lately"),
        ({"last_read_at": None}, TOMORROW_AT_3, "it was never read"),
        ({"image_due": True}, TOMORROW_AT_3, "a picture of it is due again"),
        ({"misses": 1}, dt.datetime(2026, 11, 25, 3, tzinfo=dt.UTC), "1 of 3 complete indexes"),
        ({"misses": 3}, dt.datetime(2026, 11, 25, 3, tzinfo=dt.UTC), "close with the next one"),
        ({"evenings": 0}, None, "none of its evenings runs"),
        ({"source_verdict": "held"}, None, "sources release question_one"),
        ({"source_paused_at": NOW}, None, "sources resume question_one"),
        ({"source": "of_the_past"}, None, "does not know the source"),
    ],
)
def test_p11_when_a_listing_is_visited_next_and_why(
    changes: dict[str, Any], at: dt.datetime | None, sentence: str
) -> None:
    told = next_visit(listing(**changes), TERMS, NOW)
    # Fresh until noon of the 24th: the first start after that is the next morning's.
    assert told.at == at
    assert sentence in told.sentence


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        (replace(TERMS, enabled=frozenset()), "switched off"),
        (replace(TERMS, refreshes={}), "has no schedule"),
    ],
)
def test_a_source_that_nothing_reads_by_itself(terms: StoryTerms, sentence: str) -> None:
    told = next_visit(listing(), terms, NOW)
    assert told.at is None
    assert sentence in told.sentence


def test_a_start_that_jitter_puts_off_is_not_told_too_early() -> None:
    """Due at 03:00 and put off by up to an hour: fresh until 03:30 may still mean that very night."""
    job = Job(JobKind.REFRESH, Crontab("0 3 * * *"), "once", jitter=HOUR, source=SLUG)
    terms = replace(TERMS, refreshes={SLUG: job})
    fresh_until = dt.datetime(2026, 11, 22, 3, 0, 1, tzinfo=dt.UTC)
    told = next_visit(listing(last_read_at=fresh_until - 5 * DAY), terms, NOW)
    assert told.at is not None
    assert fresh_until <= told.at <= fresh_until + DAY + HOUR
    assert told.at.date() == dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("changes", "failure_class", "at", "sentence"),
    [
        ({}, "", NOW + 6 * DAY, "the verification asks"),
        ({"verified_at": NOW - 9 * DAY}, "", NOW, "the verification asks"),
        ({"refresh_failed_at": NOW, "error_type": "not_found"}, "permanent", None, "its venue's next visit"),
        (
            {"refresh_failed_at": NOW, "error_type": "not_found", "role": "gallery"},
            "permanent",
            None,
            "its providers' next listing",
        ),
        (
            {"status": "failed", "error_type": "rate_limited", "retry_count": 2, "next_retry_at": NOW + HOUR},
            "transient",
            NOW + HOUR,
            "recovery attempt 3 of 3 from its stored address",
        ),
        (
            {"status": "failed", "error_type": "rate_limited", "next_retry_at": NOW - HOUR},
            "transient",
            NOW,
            "recovery attempt 1 of 3",
        ),
        (
            {"status": "failed", "error_type": "rate_limited", "recovery_asked_at": NOW},
            "transient",
            NOW,
            "waits in the queue",
        ),
        (
            {"status": "failed", "error_type": "rate_limited", "left_alone_until": NOW + DAY},
            "transient",
            NOW + DAY,
            "left alone",
        ),
        ({"status": "failed", "error_type": "server_error"}, "ambiguous", None, "retry --image 17"),
        ({"status": "failed", "error_type": "server_error", "retry_count": 3}, "permanent", None, "closes it"),
        ({"status": "permanently_failed", "error_type": "not_found"}, "permanent", None, "review force-retry 17"),
        ({"status": "skipped"}, "", None, "downloads were switched off"),
        ({"status": "external"}, "", None, "a link only"),
    ],
)
def test_o02_what_happens_to_a_picture_next(
    changes: dict[str, Any], failure_class: str, at: dt.datetime | None, sentence: str
) -> None:
    facts = image(**changes)
    told = next_of_image(facts, TERMS, NOW)
    assert class_of(facts, TERMS.classes) == failure_class
    assert told.at == at
    assert sentence in told.sentence


def test_a_picture_that_is_never_asked_for_again_says_so() -> None:
    told = next_of_image(image(), replace(TERMS, revalidate_after=None), NOW)
    assert (told.at, "revalidate_after says never" in told.sentence) == (None, True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "nothing out of the ordinary"),
        ({"force_refresh_images": True, "limit": 1}, "--force-refresh-images --limit 1"),
        (
            {"sources": ("a", "b"), "venues": ("the-crown",), "max_time_seconds": 90.0},
            "--source a --source b --venue the-crown --max-time 90s",
        ),
    ],
)
def test_options_are_told_as_the_flags_that_ask_for_them(changes: dict[str, Any], words: str) -> None:
    assert options_in_words(make_options(**changes).model_dump(mode="json")) == words


def test_options_that_nobody_kept_are_not_invented() -> None:
    assert options_in_words(None) == "options not kept"
