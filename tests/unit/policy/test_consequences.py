"""What happens next to a failure: when it is due (D3), and the sentence an operator reads (O30)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.policy.classifying import CLASS_OF_TYPE
from trivia_scraper.policy.consequences import first_recovery_at, next_for_image, next_for_page

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
AMBIGUOUS = FailureClass.AMBIGUOUS


@pytest.mark.parametrize(
    ("error_type", "retry_after", "jitter", "seconds"),
    [
        pytest.param(ErrorType.RATE_LIMITED, None, 0.0, 2.0, id="D3-least-wait"),
        pytest.param(ErrorType.RATE_LIMITED, None, 0.5, 2.1, id="D3-half-jitter"),
        pytest.param(ErrorType.RATE_LIMITED, None, 1.0, 2.2, id="D3-most-jitter"),
        pytest.param(ErrorType.RATE_LIMITED, 0.0, 1.0, 0.0, id="D3-retry-after-now"),
        pytest.param(ErrorType.RATE_LIMITED, 1.0, 1.0, 1.0, id="D3-retry-after-shorter-without-jitter"),
        pytest.param(ErrorType.RATE_LIMITED, 3_600.0, 1.0, 3_600.0, id="D3-retry-after-longer"),
        pytest.param(ErrorType.RATE_LIMITED, 86_400.0, 0.0, 86_400.0, id="D3-24-hours"),
        pytest.param(ErrorType.RATE_LIMITED, 10.0**9, 0.0, 86_400.0, id="D3-clamped-to-24-hours"),
        pytest.param(ErrorType.RATE_LIMITED, -5.0, 0.0, 0.0, id="D3-never-in-the-past"),
        pytest.param(ErrorType.NOT_FOUND, None, 0.0, None, id="D3-R152-permanent"),
        pytest.param(ErrorType.NOT_FOUND, 10.0, 0.0, None, id="D3-permanent-despite-retry-after"),
        pytest.param(ErrorType.SERVER_ERROR, None, 0.0, None, id="D4-ambiguous"),
        pytest.param(ErrorType.SERVER_ERROR, 10.0, 0.0, None, id="D4-ambiguous-despite-retry-after"),
        pytest.param(ErrorType.STORAGE_ERROR, None, 1.0, 0.0, id="F18-our-own-store-refused"),
    ],
)
def test_first_recovery_at(
    error_type: ErrorType, retry_after: float | None, jitter: float, seconds: float | None
) -> None:
    expected = None if seconds is None else NOW + dt.timedelta(seconds=seconds)
    assert first_recovery_at(NOW, error_type, retry_after, jitter) == expected


@given(st.none() | st.floats(allow_nan=False), st.floats(0, 1))
def test_d3_r188_a_transient_failure_is_due_within_a_day_and_never_early(
    retry_after: float | None, jitter: float
) -> None:
    due = first_recovery_at(NOW, ErrorType.NETWORK_ERROR, retry_after, jitter)
    assert due is not None
    assert NOW <= due <= NOW + dt.timedelta(hours=24)
    if retry_after is None:
        assert due >= NOW + dt.timedelta(seconds=2)


@pytest.mark.parametrize(
    ("error_type", "keeps_old", "says"),
    [
        pytest.param(ErrorType.NETWORK_TIMEOUT, True, "the last good image stays", id="D1-R39-keeps-old-transient"),
        pytest.param(ErrorType.NOT_AN_IMAGE, True, "the last good image stays", id="D1-R39-keeps-old-permanent"),
        pytest.param(ErrorType.SERVER_ERROR, True, "the last good image stays", id="D1-R39-keeps-old-ambiguous"),
        pytest.param(ErrorType.NETWORK_TIMEOUT, False, "the next run fetches it again", id="D3-transient"),
        pytest.param(ErrorType.NOT_FOUND, False, "closed", id="D3-permanent-closed-at-once"),
        pytest.param(ErrorType.SERVER_ERROR, False, "at the next visit", id="R3-ambiguous-without-a-copy"),
        pytest.param(ErrorType.STORAGE_ERROR, False, "image store", id="R125-storage-is-not-the-providers-fault"),
        pytest.param(ErrorType.STORAGE_ERROR, True, "image store", id="R125-storage-with-an-old-image"),
    ],
)
def test_next_for_image(error_type: ErrorType, keeps_old: bool, says: str) -> None:
    told = next_for_image(CLASS_OF_TYPE[error_type], error_type, keeps_old=keeps_old, venue="the-crown")
    assert says in told


def test_o30_what_a_person_must_type_is_spelled_out() -> None:
    told = next_for_image(AMBIGUOUS, ErrorType.SERVER_ERROR, keeps_old=False, venue="the-crown")
    assert told.endswith("trivia-scraper run --venue the-crown --force-refresh-images")


@pytest.mark.parametrize("error_type", ErrorType, ids=str)
@pytest.mark.parametrize("keeps_old", [True, False])
def test_o30_every_failure_has_a_next_step(error_type: ErrorType, keeps_old: bool) -> None:
    failure_class = CLASS_OF_TYPE[error_type]
    image = next_for_image(failure_class, error_type, keeps_old=keeps_old, venue="the-crown")
    for told in (image, next_for_page(failure_class, error_type)):
        assert told
        assert "\n" not in told
    if keeps_old and error_type is not ErrorType.STORAGE_ERROR:
        assert "stays" in image


@pytest.mark.parametrize(
    ("error_type", "says"),
    [
        pytest.param(ErrorType.INVALID_RESPONSE, "fixture", id="page-shape-changed"),
        pytest.param(ErrorType.STORAGE_ERROR, "nothing was stored", id="storage"),
        pytest.param(ErrorType.NOT_FOUND, "what is stored stays; the next run asks again", id="N7-permanent"),
        pytest.param(ErrorType.NETWORK_ERROR, "what is stored stays; the next run tries again", id="N7-transient"),
        pytest.param(ErrorType.SERVER_ERROR, "what is stored stays; the next run tries again", id="N7-ambiguous"),
    ],
)
def test_next_for_page(error_type: ErrorType, says: str) -> None:
    assert says in next_for_page(CLASS_OF_TYPE[error_type], error_type)
