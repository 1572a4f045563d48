"""One trace of a list of evenings on a page, as far as it can be told before it is written down as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.sources.declarative.detecting_toml import TomlValue

_IDENTITY: Final = ("url", "account", "site", "page", "type", "item", "events", "script")
FALLBACKS: Final = ("jsonld", "microdata", "opengraph")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a page shows of one way to read its list.

    kind        "html", "rss", "storerocket" …: the kind, or the preset of a store locator
    confidence  0 … 1, how likely this way gives the venues
    why         what was seen, for people, the strongest first
    index       the keys of `[index]` beside its tables; tables holds those ("fields", "nonce", "drop" …)
    detail      the tables below `[detail]`, "" being the table itself; empty = the index says everything
    gaps        what a person has to fill in or may add: a line of TOML and why; remarks inside the TOML
    answered    the address of the page that is the list itself, "" where a page only points to it
    """

    kind: str
    confidence: float
    why: tuple[str, ...]
    index: Mapping[str, TomlValue]
    tables: Mapping[str, Mapping[str, TomlValue]] = field(default_factory=dict)
    detail: Mapping[str, Mapping[str, TomlValue]] = field(default_factory=dict)
    gaps: tuple[tuple[str, str], ...] = ()
    answered: str = ""

    @property
    def address(self) -> str:
        """Where the list is asked for, "" where the index names no address of its own."""
        return str(self.index.get("url", ""))

    @property
    def has_positions(self) -> bool:
        """Whether each venue's position is read."""
        return {"lat", "lng"} <= self.tables.get("fields", {}).keys()

    @property
    def identity(self) -> str:
        """What tells two findings apart: where the list is read, and how it is found there."""
        told = {key: self.index.get(key) for key in _IDENTITY}
        return f"{self.kind} {told}"


def detail_tables() -> dict[str, dict[str, TomlValue]]:
    """`[detail]` that relies on what the page states for machines."""
    return {"": {"fallbacks": FALLBACKS}}
