"""What the tests of described sources share: a source from TOML, a page, its trial, and the pages at hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.sources.declarative import DeclaredSource, DescriptionFile, read_descriptions
from trivia_scraper.sources.declarative.trial import IndexTrial, try_index

TODAY = dt.date(2026, 3, 2)  # a Monday
CAPTURES = Path(__file__).parents[4] / "shared" / "captures"


def described(toml: str, name: str = "fixture") -> DeclaredSource:
    """The source of a description that must be right."""
    read = read_descriptions([DescriptionFile(f"sources.d/{name}.toml", toml)])
    assert not read.problems, "\n".join(map(str, read.problems))
    return read.sources[0]


def problems_in(toml: str, name: str = "x") -> list[str]:
    """Every problem of a description, as it is shown."""
    return [str(one) for one in read_descriptions([DescriptionFile(f"sources.d/{name}.toml", toml)]).problems]


def capture(name: str, encoding: str = "utf-8") -> str:
    """A page of the shared captures; the test is skipped where they are not at hand."""
    path = CAPTURES / name
    if not path.is_file():
        pytest.skip(f"no capture {name}")
    return path.read_text(encoding=encoding)


def answer(request: PageRequest, text: str, status_code: int = 200) -> Page:
    """What came back for a request."""
    return Page(request, request.url, status_code, text, "", len(text))


def index_page(source: DeclaredSource, text: str, today: dt.date = TODAY) -> Page:
    """The first page of the source's index."""
    return answer(source.first_request(source.default_index_url, today), text)


def tried(source: DeclaredSource, text: str, today: dt.date = TODAY) -> IndexTrial:
    """The first index page, read."""
    trial = try_index(source, index_page(source, text, today))
    assert not trial.problem, trial.problem
    return trial


def listings(source: DeclaredSource, text: str, today: dt.date = TODAY) -> tuple[Listing, ...]:
    """The listings of the first index page, as a run sees them."""
    return source.read_index(index_page(source, text, today)).listings


def detail(source: DeclaredSource, listing: Listing, text: str | None = None) -> Detail:
    """One venue, with or without its page."""
    request = source.detail_request(listing)
    if text is None:
        return source.read_detail(listing, None, None)
    assert request is not None
    return source.read_detail(listing, answer(request, text), None)
