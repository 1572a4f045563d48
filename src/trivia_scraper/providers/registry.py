"""The photo providers this program knows, by slug."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trivia_scraper.domain.photo_provider import PhotoProvider
from trivia_scraper.providers.foursquare import Foursquare
from trivia_scraper.providers.google_places import GooglePlaces
from trivia_scraper.providers.here import Here
from trivia_scraper.providers.unsplash import Unsplash

PHOTO_PROVIDERS: Final[Mapping[str, PhotoProvider]] = MappingProxyType(
    {each.slug: each for each in (GooglePlaces(), Foursquare(), Here(), Unsplash())}
)
