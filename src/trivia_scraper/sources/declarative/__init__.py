"""Sources that are described in TOML instead of code (sources.md 11): one file a provider in `sources.d/`.

    read_descriptions(files, taken=…)   the texts of the files → sources, and every mistake with its place
    DeclaredSource                      a `domain.source.Source` that a description made
    trial.try_index, trial.try_detail   what a description finds on a page, field by field

Rooms: `schema` what may be written · `kinds` what goes with which kind · `presets` · `currencies` · `problems` what
is told of a mistake · `loading` text → source · `expressions`, `paths`, `patterns` how a value is looked up ·
`bodies` page → items · `requests` what is fetched · `items`, `calendars` items → listings ·
`facts`, `evenings`, `place`, `detail` facts → a venue.
"""

from trivia_scraper.sources.declarative.loading import Descriptions, read_descriptions
from trivia_scraper.sources.declarative.problems import DescriptionFile, Problem
from trivia_scraper.sources.declarative.source import DeclaredSource

__all__ = ["DeclaredSource", "DescriptionFile", "Descriptions", "Problem", "read_descriptions"]
