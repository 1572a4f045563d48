"""Which sources this installation reads: those in code, and those that its folder of descriptions declares.

The one place where both kinds meet; everybody above asks the roster and never the registry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from trivia_scraper.domain.source import Source
from trivia_scraper.settings import Settings, SourceSection
from trivia_scraper.sources import SOURCES

if TYPE_CHECKING:
    from trivia_scraper.sources.declarative import DeclaredSource, DescriptionFile, Problem

_LARGEST_DESCRIPTION: Final = 1024 * 1024
_MOST_DESCRIPTIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Roster:
    """Every source by slug, how each is to be read, and the descriptions that cannot be used.

    sections  as `[sources.<slug>]` of config.toml says it, or the description's own `[source]` table
    problems  mistakes in descriptions; such a file gives no source and stops no other
    """

    sources: Mapping[str, Source]
    sections: Mapping[str, SourceSection]
    problems: tuple[Problem, ...] = ()

    @property
    def enabled(self) -> tuple[str, ...]:
        """Slugs that a run reads when none is named."""
        return tuple(slug for slug in self.sources if self.sections[slug].enabled)

    @property
    def broken(self) -> Mapping[str, str]:
        """Name of each unusable description (its file's stem) and its first problem."""
        broken: dict[str, str] = {}
        for problem in self.problems:
            broken.setdefault(Path(problem.path).stem, str(problem))
        return broken


def load_roster(settings: Settings) -> Roster:
    """Built-in and declared sources. Never raises for a description: what is wrong with it is in `problems`."""
    paths = list(_description_paths(settings.declared_dir))
    if not paths:
        return Roster(SOURCES, MappingProxyType(settings.sources.by_slug()))
    return _with_descriptions(paths, settings)


def _with_descriptions(paths: Sequence[Path], settings: Settings) -> Roster:
    # Imported where there is something to read: calendars and schemas are 6 MB of a daemon without descriptions.
    from trivia_scraper.sources.declarative import DescriptionFile, Problem, read_descriptions

    read = [read_description_file(path) for path in paths]
    problems = [file for file in read if isinstance(file, Problem)]
    descriptions = read_descriptions([file for file in read if isinstance(file, DescriptionFile)], taken=SOURCES)
    declared = {source.slug: source for source in descriptions.sources}
    sections = settings.sources.by_slug() | {slug: _section(source) for slug, source in declared.items()}
    return Roster(
        MappingProxyType({**SOURCES, **declared}),
        MappingProxyType(sections),
        (*problems, *descriptions.problems),
    )


def read_description_file(path: Path) -> DescriptionFile | Problem:
    """One file's text, or why it cannot be had."""
    from trivia_scraper.sources.declarative import DescriptionFile, Problem

    try:
        if path.stat().st_size > _LARGEST_DESCRIPTION:
            return Problem(str(path), 1, 1, "", f"is larger than {_LARGEST_DESCRIPTION} bytes: no description is")
        return DescriptionFile(str(path), path.read_text("utf-8"))
    except UnicodeDecodeError:
        return Problem(str(path), 1, 1, "", "is not UTF-8 text")
    except OSError as error:
        return Problem(str(path), 1, 1, "", f"cannot be read: {error.strerror}")


def _description_paths(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.glob("*.toml"))[:_MOST_DESCRIPTIONS]


def _section(source: DeclaredSource) -> SourceSection:
    interval = source.per_host_interval_seconds
    return SourceSection(
        enabled=source.enabled,
        per_host_interval=None if interval is None else dt.timedelta(seconds=interval),
        freshness=source.freshness,
    )
