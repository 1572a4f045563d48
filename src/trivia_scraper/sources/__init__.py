"""Floor 2: one pure module a provider. The registry is the only place that knows them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trivia_scraper.domain.source import Source
from trivia_scraper.sources.question_one import QuestionOne
from trivia_scraper.sources.quizmeisters import Quizmeisters

_ALL: Final[tuple[Source, ...]] = (
    Quizmeisters(),
    QuestionOne(),
)

SOURCES: Final[Mapping[str, Source]] = MappingProxyType({source.slug: source for source in _ALL})
