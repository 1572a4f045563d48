"""A run's stored report read back (operations.md 3: `report last`, `report run`)."""

from __future__ import annotations

import json

import pytest

from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.reports import report_document
from trivia_scraper.domain.stored_reports import report_from_document
from unit.cli import cli_samples as samples


def test_a_report_comes_back_as_it_was() -> None:
    report = samples.report("question_one", "quizmeisters", failures=(samples.failure(),))
    report.sources["question_one"].plan.append(samples.planned())
    report.sources["question_one"].warnings.append("slow")
    document = json.loads(json.dumps(report_document(report)))
    assert report_document(report_from_document(document)) == document


def test_a_report_of_an_earlier_version_lacks_keys_and_knows_other_words() -> None:
    document = report_document(samples.report())
    del document["options"]["providers"]
    del document["sources"]["question_one"]["held"]
    document["sources"]["question_one"]["images"]["vanished_word"] = 3
    document["sources"]["question_one"]["verdict"] = "never heard of"
    report = report_from_document(document)
    assert report.options.providers == ()
    assert report.finish_reason is FinishReason.DONE
    assert report.sources["question_one"].held == 0
    assert report.sources["question_one"].verdict is None


@pytest.mark.parametrize("document", [{}, {"run_id": "x"}])
def test_what_is_no_report_is_an_error(document: dict[str, str]) -> None:
    with pytest.raises((KeyError, ValueError)):
        report_from_document(document)
