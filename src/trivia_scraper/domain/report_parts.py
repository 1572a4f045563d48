"""A source's report in parts: each machine tells its own, and they are added up once. Pure.

Unlike `domain.reports`, whose keys are a contract with readers, a part holds every field and is read by us alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from pydantic import TypeAdapter

from trivia_scraper.domain.outcomes import SourceReport

_ADAPTER: Final = TypeAdapter(SourceReport)


def part_to_document(part: SourceReport) -> dict[str, Any]:
    """What differs from an empty report, ready for `json.dumps`."""
    document: dict[str, Any] = _ADAPTER.dump_python(part, mode="json", exclude_defaults=True)
    return {name: value for name, value in document.items() if value not in ({}, [])} | {"slug": part.slug}


def part_from_document(document: Mapping[str, Any]) -> SourceReport:
    """The inverse of `part_to_document`. Raises pydantic.ValidationError for anything else."""
    return _ADAPTER.validate_python(dict(document))


def add_part(part: SourceReport, whole: SourceReport) -> None:
    """Add what one part tells: counts and bytes add up, failures and warnings line up, a loss stays a loss."""
    for each in fields(SourceReport):
        told, known = getattr(part, each.name), getattr(whole, each.name)
        if isinstance(known, Counter):
            known.update(told)
        elif isinstance(known, list):
            known.extend(told)
        elif isinstance(known, bool):
            setattr(whole, each.name, known or told)
        elif isinstance(known, int | float):
            setattr(whole, each.name, known + told)
