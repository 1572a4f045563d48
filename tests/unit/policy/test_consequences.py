"""What happens next to a failure, in the sentence an operator reads (O30)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.policy.classifying import CLASS_OF_TYPE
from trivia_scraper.policy.consequences import next_for_image, next_for_page

AMBIGUOUS = FailureClass.AMBIGUOUS


@pytest.mark.parametrize(
    ("error_type", "keeps_old", "says"),
    [
        pytest.param(ErrorType.NETWORK_TIMEOUT, True, "the last good image stays", id="D1-R39-keeps-old-transient"),
        pytest.param(ErrorType.NOT_AN_IMAGE, True, "the last good image stays", id="D1-R39-keeps-old-permanent"),
        pytest.param(ErrorType.SERVER_ERROR, True, "the last good image stays", id="D1-R39-keeps-old-ambiguous"),
        pytest.param(ErrorType.NETWORK_TIMEOUT, False, "trivia-scraper retry --all-due", id="D3-transient"),
        pytest.param(ErrorType.NOT_FOUND, False, "closed", id="D3-permanent-closed-at-once"),
        pytest.param(ErrorType.SERVER_ERROR, False, "at the next visit", id="ambiguous-without-a-copy"),
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
