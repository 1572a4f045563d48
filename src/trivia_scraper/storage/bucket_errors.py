"""What an S3 service says when it refuses, as an error of the domain's tree (R125).

The client tells status and S3 error code inside a text that may repeat what was signed: only these two leave it.
"""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.domain.errors import (
    CredentialsMissing,
    PermanentError,
    SetupError,
    StorageFull,
    StoreBusy,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType, Reason

_STATUS: Final = re.compile(r"status code: ([1-5][0-9]{2})")
_REDIRECTED: Final = "redirect without LOCATION"
_CODE: Final = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")

_FULL: Final = frozenset(
    {"QuotaExceeded", "QuotaExceededException", "ServiceQuotaExceeded", "StorageQuotaExceeded", "InsufficientStorage",
     "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
)  # fmt: skip
_ELSEWHERE: Final = frozenset(
    {"PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
_PASSING: Final = frozenset({"RequestTimeout", "OperationAborted"})
"""Told with 400 and 409, and over in a moment."""
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "InvalidBucketName"})
_KEYS_HINT: Final = (
    "storage.s3_key_id and storage.s3_secret (TRIVIA_S3_KEY_ID, TRIVIA_S3_SECRET) must be allowed to read, write, "
    "delete and list there"
)


def bucket_error(told: str, doing: str, place: str) -> TriviaScraperError:
    """The domain's error for what the client told.

    doing  what was tried, with its key: "writing venues/the-crown/hero-0123456789ab.jpg"
    place  the bucket as an error names it
    """
    status, code = _found(_STATUS, told), _found(_CODE, told)
    why = ", ".join(part for part in (code, status) if part)
    if not why:
        return _wrong_region(doing, place) if _REDIRECTED in told else _no_answer(told, doing, place)
    message = f"{doing}: {place} refused ({why})"
    if code in _NO_BUCKET:
        return _as_storage(SetupError(f"{place} does not exist", hint="make it, or mend storage.s3_bucket"))
    if code in _ELSEWHERE or status.startswith("3"):
        return _wrong_region(doing, place, f" ({why})")
    if code == "RequestTimeTooSkewed":
        return _as_storage(SetupError(message, hint="the clock of this machine is wrong"))
    if code in _FULL or status == "507":
        return StorageFull(message, reason=Reason.DISK_FULL, hint="make room there, or ask for a larger quota")
    if status in ("401", "403"):
        return _as_storage(CredentialsMissing(message, hint=_KEYS_HINT))
    if code in _PASSING or status in ("408", "429") or status.startswith("5"):
        return StoreBusy(message)
    return _as_storage(PermanentError(message))


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


def _wrong_region(doing: str, place: str, why: str = "") -> TriviaScraperError:
    hint = "storage.s3_region or storage.s3_endpoint is not the bucket's"
    return _as_storage(SetupError(f"{doing}: {place} sends us elsewhere{why}", hint=hint))


def _no_answer(told: str, doing: str, place: str) -> TriviaScraperError:
    late = "timed out" in told.lower() or "TimedOut" in told
    why = "did not answer in time" if late else "cannot be reached"
    return StoreBusy(f"{doing}: {place} {why}", hint="is storage.s3_endpoint right, and the service up?")


def _as_storage(error: TriviaScraperError) -> TriviaScraperError:
    error.error_type = ErrorType.STORAGE_ERROR
    return error
