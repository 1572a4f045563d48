"""From an error to a `Failure`: told once, completely, without secrets (R82, R139, O30)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain import errors
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.outcomes import Failure
from trivia_scraper.pipeline.failing import LONGEST_MESSAGE, image_failure, page_failure
from trivia_scraper.policy.classifying import DEFAULT_CLASSES

CANARY = "c4n4ry-s3cr3t"
URL = f"https://u:{CANARY}@img.example/a.jpg?w=1&key={CANARY}"


def image(error: TriviaScraperError, keeps_old: bool = False) -> Failure:
    return image_failure(
        error, DEFAULT_CLASSES, source="question_one", venue="the-crown", url=URL, role="hero", keeps_old=keeps_old
    )


def page(error: TriviaScraperError, venue: str | None = "the-crown") -> Failure:
    return page_failure(error, source="question_one", venue=venue, url=URL, subject="detail page")


@pytest.mark.parametrize("tell", [image, page])
def test_a_failure_keeps_everything_the_error_knew(tell: type) -> None:
    error = errors.ImageUnreachable(
        "no answer", error_type=ErrorType.BAD_GATEWAY, reason=Reason.RESET, status_code=502
    )
    error.attempts = 3
    failure = tell(error)
    assert (failure.source, failure.venue) == ("question_one", "the-crown")
    assert (failure.error_type, failure.reason, failure.status_code) == (ErrorType.BAD_GATEWAY, Reason.RESET, 502)
    assert (failure.failure_class, failure.attempts, failure.message) == (FailureClass.TRANSIENT, 3, "no answer")
    assert failure.next


@pytest.mark.parametrize("tell", [image, page])
def test_r82_no_secret_in_url_or_message(tell: type) -> None:
    failure = tell(errors.PageUnreachable(f"cannot GET {URL}: reset"))
    assert failure.url == "https://img.example/a.jpg?w=1"
    assert CANARY not in failure.message
    assert failure.message.startswith("cannot GET https://u:***@img.example/a.jpg?w=1&key=***")


@pytest.mark.parametrize("tell", [image, page])
@pytest.mark.parametrize("length", [LONGEST_MESSAGE, LONGEST_MESSAGE + 1, 100_000])
def test_3_a_message_has_at_most_500_characters(tell: type, length: int) -> None:
    assert tell(errors.PageUnreachable("x" * length)).message == "x" * 500


def test_r82_a_message_is_cut_after_it_was_redacted() -> None:
    # The other way round, the cut could fall inside a secret's URL and leave half of it bare.
    failure = image(errors.ImageUnreachable("x" * 480 + f" https://user:{CANARY}@h/"))
    assert CANARY[:4] not in failure.message


@pytest.mark.parametrize(
    ("error", "failure_class"),
    [
        pytest.param(errors.ImageUnreachable("x"), FailureClass.TRANSIENT, id="R132-transient"),
        pytest.param(errors.PageGone("x"), FailureClass.PERMANENT, id="R133-permanent"),
        pytest.param(errors.ImageRejected("x", reason=Reason.TINY), FailureClass.PERMANENT, id="R133-rejected"),
        pytest.param(errors.ServerFault("x"), FailureClass.AMBIGUOUS, id="D4-ambiguous"),
        pytest.param(errors.StorageFull("x"), FailureClass.AMBIGUOUS, id="R125-storage"),
    ],
)
def test_r134_the_recorded_class_is_the_tables(error: TriviaScraperError, failure_class: FailureClass) -> None:
    assert image(error).failure_class is failure_class
    assert page(error).failure_class is failure_class


def test_o30_the_next_step_knows_whether_a_good_image_stays() -> None:
    error = errors.PageGone("x")
    assert "last good image stays" in image(error, keeps_old=True).next
    assert "closed" in image(error).next
    assert "--venue the-crown" in image(errors.ServerFault("x")).next


def test_the_subject_says_what_failed() -> None:
    assert image(errors.PageGone("x")).subject == "hero image"
    assert page(errors.PageGone("x"), venue=None).subject == "detail page"
    assert page(errors.PageGone("x"), venue=None).venue is None
