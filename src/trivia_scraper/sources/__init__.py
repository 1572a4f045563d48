"""One pure module a provider. The registry is the only place that knows them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trivia_scraper.domain.source import Source
from trivia_scraper.sources.geeks_who_drink import GeeksWhoDrink
from trivia_scraper.sources.inquizition import Inquizition
from trivia_scraper.sources.pubquiz_pl import PubquizPl
from trivia_scraper.sources.question_one import QuestionOne
from trivia_scraper.sources.quizmeisters import Quizmeisters
from trivia_scraper.sources.speed_quizzing import SpeedQuizzing

_ALL: Final[tuple[Source, ...]] = (
    Quizmeisters(),
    QuestionOne(),
    Inquizition(),
    SpeedQuizzing(),
    GeeksWhoDrink(),
    PubquizPl(),
)

SOURCES: Final[Mapping[str, Source]] = MappingProxyType({source.slug: source for source in _ALL})
