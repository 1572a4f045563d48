"""Which failures are repeated within a run, and after which wait (D9, N4)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain import errors
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.policy.retrying import is_worth_repeating, is_worth_sending_again, wait_seconds
from trivia_scraper.policy.statuses import image_failure


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        pytest.param(errors.PageUnreachable("x"), True, id="D9-page-unreachable"),
        pytest.param(errors.ImageUnreachable("x"), True, id="D9-image-unreachable"),
        pytest.param(errors.RateLimited("x", retry_after_seconds=None), True, id="D9-rate-limited"),
        pytest.param(errors.StorageUnavailable("x"), True, id="D9-storage-unavailable"),
        pytest.param(errors.DatabaseUnreachable("x"), True, id="D9-database-unreachable"),
        pytest.param(errors.CommitUnknown("x"), True, id="architecture-6-commit-unknown-is-claimed-again"),
        pytest.param(errors.ServerFault("x"), False, id="D9-server-fault"),
        pytest.param(errors.PageGone("x"), False, id="N4-gone"),
        pytest.param(errors.PageForbidden("x"), False, id="D9-forbidden"),
        pytest.param(errors.ImageRejected("x", reason=Reason.HTML), False, id="D9-rejected"),
        pytest.param(errors.AddressBlocked("x"), False, id="D9-blocked"),
        pytest.param(errors.StorageFull("x"), False, id="D9-storage-full"),
        pytest.param(errors.RowRejected("x"), False, id="D9-row-rejected"),
        pytest.param(errors.SetupError("x"), False, id="D9-setup"),
        pytest.param(
            errors.TriviaScraperError("x", error_type=ErrorType.UNKNOWN_ERROR), False, id="D9-unknown-is-ambiguous"
        ),
        pytest.param(TimeoutError(), False, id="D9-untranslated"),
        pytest.param(KeyError("bug"), False, id="D9-a-bug"),
        pytest.param(KeyboardInterrupt(), False, id="F04-not-an-error"),
    ],
)
def test_is_worth_repeating(error: BaseException, worth: bool) -> None:
    assert is_worth_repeating(error) is worth


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        pytest.param(errors.StoreBusy("x"), True, id="R140-a-busy-store"),
        pytest.param(errors.StorageUnavailable("x"), False, id="F20-a-disk-that-refused"),
        pytest.param(errors.StorageFull("x"), False, id="F18-full"),
        pytest.param(errors.CredentialsMissing("x"), False, id="R125-refused-keys"),
        pytest.param(errors.SetupError("x"), False, id="R125-no-bucket"),
    ],
)
def test_is_worth_sending_again(error: BaseException, worth: bool) -> None:
    assert is_worth_sending_again(error) is worth


UNREACHABLE = errors.PageUnreachable("x")
ASKED = image_failure(503, retry_after_seconds=17.0)


@pytest.mark.parametrize(
    ("error", "attempt", "base", "seconds"),
    [
        pytest.param(UNREACHABLE, 1, 2.0, 2.0, id="D9-after-the-first"),
        pytest.param(UNREACHABLE, 2, 2.0, 4.0, id="D9-after-the-second"),
        pytest.param(UNREACHABLE, 3, 2.0, 8.0, id="D9-doubling"),
        pytest.param(UNREACHABLE, 3, 0.5, 2.0, id="setting-backoff"),
        pytest.param(UNREACHABLE, 2, 0.0, 0.0, id="setting-no-backoff"),
        pytest.param(errors.RateLimited("x", retry_after_seconds=None), 2, 2.0, 4.0, id="D9-429-without-header"),
        pytest.param(errors.RateLimited("x", retry_after_seconds=17.0), 1, 2.0, 17.0, id="D9-retry-after-longer"),
        pytest.param(
            errors.RateLimited("x", retry_after_seconds=17.0), 2, 2.0, 17.0, id="D9-retry-after-not-doubled"
        ),
        pytest.param(errors.RateLimited("x", retry_after_seconds=1.0), 2, 2.0, 1.0, id="D9-retry-after-shorter"),
        pytest.param(errors.RateLimited("x", retry_after_seconds=0.0), 1, 2.0, 0.0, id="D9-retry-after-now"),
        pytest.param(errors.StoreBusy("x", retry_after_seconds=1.5), 2, 2.0, 1.5, id="R125-a-busy-store-says-when"),
        pytest.param(errors.StoreBusy("x"), 2, 2.0, 4.0, id="R125-a-busy-store-does-not-say"),
        pytest.param(ASKED, 1, 2.0, 17.0, id="D9-a-503-may-ask-for-a-wait-too"),
        pytest.param(None, 1, 2.0, 2.0, id="no-error-known"),
    ],
)
def test_wait_seconds(error: BaseException | None, attempt: int, base: float, seconds: float) -> None:
    assert wait_seconds(error, attempt, base) == seconds
