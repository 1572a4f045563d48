"""A source's report in parts: each reads back as it was written, and together they are the whole."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields

from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.outcomes import (
    Failure,
    ImageOutcomeKind,
    IndexVerdict,
    PlannedVisit,
    SkipReason,
    SourceReport,
)
from trivia_scraper.domain.report_parts import add_part, part_from_document, part_to_document

FAILURE = Failure(
    "question_one", "the-crown", "https://example.org/", ErrorType.NETWORK_TIMEOUT, FailureClass.TRANSIENT,
    Reason.TRUNCATED, 503, "no answer", 3, "tried again", "image",
)  # fmt: skip


def full_report() -> SourceReport:
    """Every field set to something that an empty report has not."""
    report = SourceReport(
        "question_one", verdict=IndexVerdict.COMPLETE, seconds=1.5, database_lost=True,
        stopped=SkipReason.OUT_OF_TIME, failures=[FAILURE], warnings=["thin"],
        plan=[PlannedVisit("k", "n", "u", "w")],
        skipped=Counter({SkipReason.FRESH: 2}), rejected_reasons=Counter({"no name": 1}),
        images=Counter({ImageOutcomeKind.NEW: 4}), image_errors=Counter({ErrorType.NOT_FOUND: 1}),
    )  # fmt: skip
    for number, each in enumerate(fields(SourceReport), start=1):
        value = getattr(report, each.name)
        if value == 0 and not isinstance(value, bool):
            setattr(report, each.name, number)
        elif isinstance(value, Counter) and not value:
            value["address"] = number
    return report


def test_every_field_survives_the_way_through_json() -> None:
    report = full_report()
    empty = SourceReport("question_one")
    assert [each.name for each in fields(report) if getattr(report, each.name) == getattr(empty, each.name)] == [
        "slug"
    ]
    assert part_from_document(json.loads(json.dumps(part_to_document(report)))) == report


def test_an_empty_part_is_only_its_name() -> None:
    assert part_to_document(SourceReport("question_one")) == {"slug": "question_one"}


def test_parts_add_up_and_the_whole_keeps_what_only_the_index_knows() -> None:
    whole, part = full_report(), full_report()
    part.verdict, part.stopped = IndexVerdict.FAILED, None
    add_part(part, whole)
    once = full_report()
    assert (whole.verdict, whole.stopped, whole.slug) == (once.verdict, once.stopped, once.slug)
    assert whole.database_lost
    for each in fields(SourceReport):
        before, after = getattr(once, each.name), getattr(whole, each.name)
        if isinstance(before, Counter):
            assert after == before + before, each.name
        elif isinstance(before, list | float) or (isinstance(before, int) and not isinstance(before, bool)):
            assert after == before * 2, each.name
