"""What a fake interface answers, free of any web framework, and what one of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A JSON document with its status."""

    document: Any
    status: int = 200


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A request for a listing.

    base     the interface's absolute address; `cdn` that of the photos' files
    path     below the interface's mount
    headers  names in lower case
    """

    base: str
    cdn: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A photo to be listed: `url` is its file's address, `reference` what Google calls it."""

    photo: ReplicaPhoto
    reference: str
    url: str


class PhotoApi(Protocol):
    """One provider's formats."""

    def place(self, call: ApiCall) -> str | None:
        """What is asked about: a place's id, or what is searched for; None for a path without a listing."""

    def refuse_key(self, call: ApiCall, key: str) -> ApiAnswer | None:
        """The refusal of a missing or wrong key, or of a header that must be there; None where all is well."""

    def listing(self, call: ApiCall, place: str, photos: Sequence[Listed], types: Sequence[str]) -> ApiAnswer:
        """The photos of a place that is known."""

    def unknown_place(self, place: str) -> ApiAnswer:
        """The answer about a place that is not."""

    def refusal(self, status: int) -> ApiAnswer:
        """A status in the provider's own words."""
