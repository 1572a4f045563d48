"""What a request says beside its options, as JSON and back. Strict: nothing is assumed, nothing is passed over.

A refresh and an enrichment are told by their options alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trivia_scraper.domain.cleaning import CleanupPart, CleanupRequest
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.domain.requests import RequestKind


class _Nothing(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class _Recovery(_Nothing):
    include_ambiguous: bool
    image_ids: tuple[Annotated[int, Field(ge=1)], ...]
    error_types: frozenset[ErrorType]
    all_due: bool


class _Cleanup(_Nothing):
    parts: frozenset[CleanupPart]
    accepts_many: bool
    of_the_day: bool


_Model = TypeVar("_Model", bound=_Nothing)


def recovery_details(request: RecoveryRequest) -> dict[str, Any]:
    """Which failed images are wanted."""
    return {
        "include_ambiguous": request.include_ambiguous,
        "image_ids": list(request.image_ids),
        "error_types": sorted(each.value for each in request.error_types),
        "all_due": request.all_due,
    }


def recovery_of(details: Mapping[str, Any]) -> RecoveryRequest:
    """The inverse. Raises SetupError for anything else."""
    read = _read(_Recovery, details)
    return RecoveryRequest(read.include_ambiguous, read.image_ids, read.error_types, read.all_due)


def cleanup_details(request: CleanupRequest, *, of_the_day: bool) -> dict[str, Any]:
    """Which parts are wanted, and whether this counts as the day's cleanup, so that it is done only once."""
    parts = sorted(part.value for part in request.parts)
    return {"parts": parts, "accepts_many": request.accepts_many, "of_the_day": of_the_day}


def cleanup_of(details: Mapping[str, Any]) -> tuple[CleanupRequest, bool]:
    """The inverse. Raises SetupError for anything else."""
    read = _read(_Cleanup, details)
    return CleanupRequest(read.parts, read.accepts_many), read.of_the_day


def checked_details(kind: RequestKind, details: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same details. Raises SetupError for what does not belong to this kind."""
    models: dict[RequestKind, type[_Nothing]] = {RequestKind.RECOVERY: _Recovery, RequestKind.CLEANUP: _Cleanup}
    _read(models.get(kind, _Nothing), details)
    return details


def _read(model: type[_Model], details: Mapping[str, Any]) -> _Model:
    try:
        return model.model_validate_json(json.dumps(details))
    except (ValidationError, TypeError, ValueError) as error:
        raise SetupError(f"the details of a request are unreadable: {_first_problem(error)}") from error


def _first_problem(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problem = error.errors(include_url=False)[0]
    where = ".".join(map(str, problem["loc"])) or "document"
    return f"{where}: {problem['msg']}"
