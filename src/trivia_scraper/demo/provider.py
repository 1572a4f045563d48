"""What a replica of one provider is: pure functions from invented venues to the provider's own formats.

Adding a provider is a module with such a class and one line in `site.PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol, runtime_checkable

from trivia_scraper.demo.world import ReplicaVenue

HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as a provider sends it."""

    text: str
    content_type: str = HTML
    status: int = 200


class Provider(Protocol):
    """One provider's formats. Paths are below the mount `/<slug>`; `base` is the mount's absolute address."""

    @property
    def slug(self) -> str:
        """Key as in `[sources.<slug>]`."""

    @property
    def index_path(self) -> str:
        """Where the index walk starts."""

    @property
    def refusal(self) -> str | None:
        """The index's own way of saying "no" with status 200, e.g. success:false; None = it has none."""

    @property
    def placeholder_paths(self) -> tuple[str, ...]:
        """Paths of the pictures that stand for "no picture"."""

    def page_url(self, key: str, base: str) -> str:
        """Address of a venue's page."""

    def invent(self, count: int, *, plain: bool) -> tuple[ReplicaVenue, ...]:
        """This provider's part of the world; `plain` is the benchmark's world without oddities."""

    def index(
        self, path: str, query: Mapping[str, str], /, venues: Sequence[ReplicaVenue], base: str
    ) -> Answer | None:
        """An index page; a 404 answer past its end; None when `path` is no index page at all."""

    def venue_key(self, path: str) -> str | None:
        """The key of the venue whose page this path is, or None."""

    def page(self, venue: ReplicaVenue, base: str) -> Answer:
        """A venue's page."""


@runtime_checkable
class HasCompanions(Protocol):
    """A provider that has a second page for each venue."""

    def companion_key(self, path: str, query: Mapping[str, str], /) -> str | None:
        """The key of the venue whose second page this is, or None."""

    def companion(self, venue: ReplicaVenue, base: str) -> Answer:
        """A venue's second page."""


def text(value: str) -> str:
    """For HTML: escaped for element content and attributes."""
    return escape(value, quote=True)


def numeric(value: str) -> str:
    """For XML and WordPress titles: escaped, and everything beyond ASCII as a numeric reference."""
    return escape(value, quote=False).encode("ascii", "xmlcharrefreplace").decode()


def not_found(title: str) -> Answer:
    """A provider's "page not found"."""
    return Answer(
        f"<!DOCTYPE html><html><head><title>{text(title)}</title></head>"
        "<body><h1>Page not found</h1><p>The page you are looking for doesn&#8217;t exist.</p></body></html>",
        status=404,
    )


def clock_12(hour: int, minute: int, *, separator: str = ":", suffixes: tuple[str, str] = ("am", "pm")) -> str:
    """ "7pm", "7:30pm": the minutes only where there are any."""
    shown = f"{separator}{minute:02d}" if minute else ""
    return f"{hour % 12 or 12}{shown}{suffixes[hour >= 12]}"
