"""What a request says beside its options: exact both ways, strict on the way back (operations.md O27)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain import errors
from trivia_scraper.domain.cleaning import CleanupPart, CleanupRequest
from trivia_scraper.domain.documents import plain_document
from trivia_scraper.domain.error_documents import error_document
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.progress import progress_document, read_progress
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.domain.request_details import (
    checked_details,
    cleanup_details,
    cleanup_of,
    recovery_details,
    recovery_of,
)
from trivia_scraper.domain.requests import RequestKind

RECOVERY: dict[str, Any] = {"include_ambiguous": False, "image_ids": [1], "error_types": [], "all_due": False}
CLEANUP: dict[str, Any] = {"parts": ["files"], "accepts_many": False, "of_the_day": True}


def through_json(document: Any) -> Any:
    return json.loads(json.dumps(document))


@given(
    st.builds(
        RecoveryRequest,
        include_ambiguous=st.booleans(),
        image_ids=st.lists(st.integers(1, 2**62), unique=True, max_size=200).map(tuple),
        error_types=st.frozensets(st.sampled_from(ErrorType)),
        all_due=st.booleans(),
    )
)
def test_o27_a_recovery_comes_back_as_it_was(request: RecoveryRequest) -> None:
    assert recovery_of(through_json(recovery_details(request))) == request


@given(
    st.builds(CleanupRequest, parts=st.frozensets(st.sampled_from(CleanupPart)), accepts_many=st.booleans()),
    st.booleans(),
)
def test_o27_a_cleanup_comes_back_as_it_was(request: CleanupRequest, of_the_day: bool) -> None:
    assert cleanup_of(through_json(cleanup_details(request, of_the_day=of_the_day))) == (request, of_the_day)


@pytest.mark.parametrize(
    ("kind", "details", "named"),
    [
        (RequestKind.REFRESH, {"force": True}, "force"),
        (RequestKind.ENRICHMENT, {"limit": 1}, "limit"),
        (RequestKind.RECOVERY, {**RECOVERY, "since": "today"}, "since"),
        (RequestKind.RECOVERY, {**RECOVERY, "image_ids": ["1"]}, "image_ids"),
        (RequestKind.RECOVERY, {**RECOVERY, "image_ids": [0]}, "image_ids"),
        (RequestKind.RECOVERY, {**RECOVERY, "error_types": ["never heard of"]}, "error_types"),
        (RequestKind.RECOVERY, {**RECOVERY, "all_due": 1}, "all_due"),
        (RequestKind.RECOVERY, {**RECOVERY, "all_due": None}, "all_due"),
        (RequestKind.RECOVERY, {"include_ambiguous": False}, "image_ids"),
        (RequestKind.CLEANUP, {**CLEANUP, "parts": ["everything"]}, "parts"),
        (RequestKind.CLEANUP, {**CLEANUP, "accepts_many": "no"}, "accepts_many"),
        (RequestKind.CLEANUP, {}, "parts"),
        (RequestKind.CLEANUP, CLEANUP | RECOVERY, "include_ambiguous"),
    ],
)
def test_what_does_not_belong_there_is_refused_by_name(kind: RequestKind, details: Any, named: str) -> None:
    with pytest.raises(errors.SetupError, match=named):
        checked_details(kind, details)


def test_an_image_twice_is_refused_on_the_way_back_too() -> None:
    with pytest.raises(errors.SetupError, match="image 7 is chosen twice"):
        recovery_of({**RECOVERY, "image_ids": [7, 7]})


@pytest.mark.parametrize(
    ("kind", "details"),
    [(RequestKind.REFRESH, {}), (RequestKind.ENRICHMENT, {}), (RequestKind.RECOVERY, RECOVERY)],
)
def test_what_belongs_there_passes_unchanged(kind: RequestKind, details: Any) -> None:
    assert checked_details(kind, details) == details


def test_progress_comes_back_in_its_order_and_figures_of_another_version_are_left_out() -> None:
    progress = {"z": SourceProgress(12, 3, 1, 7, 2, 3_100_000), "a": SourceProgress(planned=1, is_finished=True)}
    document = through_json(progress_document(progress))
    document["z"]["never_heard_of"] = 1
    assert list(read_progress(document).items()) == list(progress.items())


def test_a_plain_document_is_equal_to_what_is_read_back_of_it_and_has_no_secret() -> None:
    at = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    document = plain_document(
        {
            "b": at,
            "a": UUID(int=1),
            "types": {ErrorType.NOT_FOUND: (1, 2.5, None)},
            "url": "https://u:c4nary@h/?key=c4nary",
        }
    )
    assert list(document) == ["b", "a", "types", "url"]
    assert document["b"] == "2026-03-01T10:30:00Z"
    assert document["types"] == {"not_found": [1, 2.5, None]}
    assert "c4nary" not in document["url"]
    assert through_json(document) == document


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SetupError("x"), "configuration"),
        (errors.CredentialsMissing("x"), "credentials_missing"),
        (errors.StoreFenced("x"), "instance_locked"),
        (errors.DatabaseUnreachable("x"), "db_unreachable"),
        (errors.StorageFull("x"), "storage_full"),
        (errors.StoreBusy("x"), "storage_unavailable"),
        (errors.PageUnreachable("x"), "network_error"),
        (ZeroDivisionError("x"), "bug"),
    ],
)
def test_an_error_has_a_code_words_and_no_secret(error: Exception, code: str) -> None:
    document = error_document(error)
    assert (document["ok"], document["error"]["code"]) == (False, code)
    assert "x" in document["error"]["message"]
    assert "c4nary" not in str(error_document(type(error)("postgresql://a:c4nary@db/x")))
