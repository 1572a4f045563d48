"""The registry and what every source in it keeps to."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

import pytest

from trivia_scraper.domain.pages import PageRequest
from trivia_scraper.domain.source import Source
from trivia_scraper.sources import SOURCES
from trivia_scraper.text.web_addresses import web_address

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize("slug", sorted(SOURCES))
def test_a_source_is_registered_under_its_own_slug(slug: str) -> None:
    assert SOURCES[slug].slug == slug
    assert slug.replace("_", "").isalnum()
    assert slug == slug.lower()


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_source_names_its_home_and_index_on_https(source: Source) -> None:
    for url in (source.home, source.default_index_url):
        assert web_address(url) == url
        assert urlsplit(url).scheme == "https"


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_first_request_is_an_index_request_for_the_given_address(source: Source) -> None:
    request = source.first_request("http://127.0.0.1:9/x", TODAY)
    assert isinstance(request, PageRequest)
    assert (request.url, request.kind) == ("http://127.0.0.1:9/x", "index")


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        SOURCES["other"] = SOURCES["question_one"]  # type: ignore[index]
