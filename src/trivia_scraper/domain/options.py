"""`RefreshOptions`: what one run was asked to do, handed down unchanged to every coroutine.

Rules (architecture 4): built only at the edges, frozen, strictly typed, never defaulted. A parameter
of this type is always called `options`. Crossing a process border it is one JSON document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from trivia_scraper.domain.errors import SetupError


class RefreshOptions(BaseModel):
    """What one refresh does. Every field must be stated; `null` for a flag is an error, not false.

    limit            listings per chosen source (None = all of them), at least 1
    sources, venues  slugs to restrict the run to; empty = every enabled one
    providers        photo providers to ask; empty = every enabled one
    max_time_seconds wall budget after which no new listing is taken up; None = no budget
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    force_refresh_images: bool
    force_update: bool
    clean_first: bool
    retry_failed_only: bool
    dry_run: bool
    limit: Annotated[int, Field(ge=1)] | None
    sources: tuple[str, ...]
    venues: tuple[str, ...]
    providers: tuple[str, ...]
    max_time_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None

    @model_validator(mode="after")
    def _clean_first_needs_force(self) -> RefreshOptions:
        # clean_first deletes before it downloads (D1): without a forced download that would only destroy.
        if self.clean_first and not self.force_refresh_images:
            raise ValueError("clean_first deletes images before fetching them: it needs force_refresh_images")
        return self


def options_to_json(options: RefreshOptions) -> str:
    """The one document in which options cross a process border (D10). `options_from_json` is its inverse."""
    return options.model_dump_json()


def options_from_json(document: str | bytes) -> RefreshOptions:
    """Read back what `options_to_json` wrote. Raises SetupError on anything else; nothing is assumed."""
    try:
        return RefreshOptions.model_validate_json(document)
    except ValidationError as error:
        raise SetupError(f"stored refresh options are unreadable: {_first_problem(error)}") from error


def options_from_job_arguments(arguments: Mapping[str, Any] | object) -> RefreshOptions:
    """The one parser of loosely written job arguments (images.md R7, R8, R10, R21, R29).

    Keys are read as strings or as attributes. A flag that is missing or None is false; any flag that is
    neither a bool nor None - the text "false", the number 0 - is rejected, never guessed at. So is a lone
    text where a list of slugs is due.
    """

    def read(name: str) -> Any:
        if isinstance(arguments, Mapping):
            return arguments.get(name)
        return getattr(arguments, name, None)

    def flag(name: str) -> Any:
        value = read(name)
        return False if value is None else value

    def slugs(name: str) -> Any:
        # tuple() of a lone text would be its letters: what is no list is left to the strict model to refuse.
        value = read(name)
        return () if value is None else tuple(value) if isinstance(value, list) else value

    try:
        return RefreshOptions(
            force_refresh_images=flag("force_refresh_images"),
            force_update=flag("force_update"),
            clean_first=flag("clean_first"),
            retry_failed_only=flag("retry_failed_only"),
            dry_run=flag("dry_run"),
            limit=read("limit"),
            sources=slugs("sources"),
            venues=slugs("venues"),
            providers=slugs("providers"),
            max_time_seconds=read("max_time_seconds"),
        )
    except ValidationError as error:
        raise SetupError(f"job arguments are not refresh options: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"]) or "document"
    return f"{where}: {problem['msg']}"
