"""How far a run is, as one document: kept beside its request, read by whoever waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from trivia_scraper.domain.live import SourceProgress

_NAMES = frozenset(field.name for field in fields(SourceProgress))


def progress_document(progress: Mapping[str, SourceProgress]) -> dict[str, Any]:
    """By source, in the order given."""
    return {source: asdict(each) for source, each in progress.items()}


def read_progress(document: Mapping[str, Any]) -> Mapping[str, SourceProgress]:
    """The inverse. Figures that this version does not know are left out: another one may have written them."""
    return {
        source: SourceProgress(**{name: value for name, value in said.items() if name in _NAMES})
        for source, said in document.items()
    }
