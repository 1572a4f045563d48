"""Foursquare, HERE and Unsplash: listings as they write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import Any, Final

from trivia_scraper.demo.photo_providers.answers import ApiAnswer, ApiCall, Listed

NOTICE: Final = re.compile(r"/photos/([^/]+)/download")

_FOURSQUARE_PLACE: Final = re.compile(r"/places/([^/]+)/photos")
_PER_PAGE: Final = 10


class Foursquare:
    """Implements `PhotoApi`: a bare list."""

    def place(self, call: ApiCall) -> str | None:
        """The id in /places/{id}/photos."""
        found = _FOURSQUARE_PLACE.fullmatch(call.path)
        return found.group(1) if found else None

    def refuse_key(self, call: ApiCall, key: str) -> ApiAnswer | None:
        """401, and 400 without the version header."""
        if call.headers.get("authorization") != f"Bearer {key}":
            return self.refusal(401)
        if "x-places-api-version" not in call.headers:
            return ApiAnswer({"message": "Missing required header X-Places-Api-Version"}, 400)
        return None

    def listing(self, call: ApiCall, place: str, photos: Sequence[Listed], types: Sequence[str]) -> ApiAnswer:  # noqa: ARG002
        """As many as `limit` says, 10 without."""
        return ApiAnswer([_foursquare_photo(each) for each in photos[: _number(call.query.get("limit"), _PER_PAGE)]])

    def unknown_place(self, place: str) -> ApiAnswer:  # noqa: ARG002 - the protocol's
        """404."""
        return self.refusal(404)

    def refusal(self, status: int) -> ApiAnswer:
        """A message."""
        said = {401: "Invalid request token.", 404: "Place not found.", 429: "Rate limit exceeded for this key."}
        return ApiAnswer({"message": said.get(status, "Something went wrong on our side.")}, status)


class Here:
    """Implements `PhotoApi`: a place, which has `images` where it has any."""

    def place(self, call: ApiCall) -> str | None:
        """The parameter id."""
        return call.query.get("id", "") if call.path == "/v1/lookup" else None

    def refuse_key(self, call: ApiCall, key: str) -> ApiAnswer | None:
        """401."""
        return None if call.query.get("apiKey") == key else self.refusal(401)

    def listing(self, call: ApiCall, place: str, photos: Sequence[Listed], types: Sequence[str]) -> ApiAnswer:  # noqa: ARG002
        """Title, id and position; addresses of images come under one of two names."""
        document: dict[str, Any] = {
            "title": "A Pub",
            "id": place,
            "resultType": "place",
            "position": {"lat": 53.79742, "lng": -1.54379},
        }
        if photos:
            document["images"] = [_here_image(number, each) for number, each in enumerate(photos)]
        return ApiAnswer(document)

    def unknown_place(self, place: str) -> ApiAnswer:  # noqa: ARG002 - the protocol's
        """404."""
        return self.refusal(404)

    def refusal(self, status: int) -> ApiAnswer:
        """Keys are refused in other words than everything else."""
        if status == 401:
            return ApiAnswer({"error": "Unauthorized", "error_description": "apiKey invalid. apiKey not found."}, 401)
        titles = {400: "Illegal input", 404: "Not found", 429: "Too Many Requests"}
        return ApiAnswer({"status": status, "title": titles.get(status, "Service error"), "code": "E000"}, status)


class Unsplash:
    """Implements `PhotoApi`: a search in pages."""

    def place(self, call: ApiCall) -> str | None:
        """What is searched for."""
        return call.query.get("query", "") if call.path == "/search/photos" else None

    def refuse_key(self, call: ApiCall, key: str) -> ApiAnswer | None:
        """401."""
        return None if call.headers.get("authorization") == f"Client-ID {key}" else self.refusal(401)

    def listing(self, call: ApiCall, place: str, photos: Sequence[Listed], types: Sequence[str]) -> ApiAnswer:  # noqa: ARG002
        """One page of the results."""
        size = min(_number(call.query.get("per_page"), _PER_PAGE), 30)
        start = size * (_number(call.query.get("page"), 1) - 1)
        shown = [_unsplash_photo(each, call.base) for each in photos[start : start + size]]
        return ApiAnswer({"total": len(photos), "total_pages": ceil(len(photos) / size), "results": shown})

    def unknown_place(self, place: str) -> ApiAnswer:  # noqa: ARG002 - the protocol's
        """No results."""
        return ApiAnswer({"total": 0, "total_pages": 0, "results": []})

    def refusal(self, status: int) -> ApiAnswer:
        """A list of errors; a spent hour is a 403 with Unsplash's own words, or a 429."""
        said = {
            401: "OAuth error: The access token is invalid",
            403: "Rate Limit Exceeded",
            429: "Rate Limit Exceeded",
        }
        return ApiAnswer({"errors": [said.get(status, "Something went wrong")]}, status)


def _number(text: str | None, missing: int) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 6 else missing


def _foursquare_photo(listed: Listed) -> dict[str, Any]:
    prefix, _, name = listed.url.rpartition("/original/")
    width, height = listed.photo.size
    return {
        "id": listed.photo.id,
        "created_at": "2025-03-01T12:00:00.000Z",
        "prefix": f"{prefix}/",
        "suffix": f"/{name}",
        "width": width,
        "height": height,
        "classifications": [],
    }


def _here_image(number: int, listed: Listed) -> dict[str, Any]:
    width, height = listed.photo.size
    return {("src" if number % 2 else "url"): listed.url, "width": width, "height": height}


def _unsplash_photo(listed: Listed, base: str) -> dict[str, Any]:
    width, height = listed.photo.size
    photo_id = listed.photo.id
    sizes = {"regular": 1080, "small": 400}
    return {
        "id": photo_id,
        "width": width,
        "height": height,
        "urls": {name: f"{listed.url}?crop=entropy&fit=max&fm=jpg&q=80&w={side}" for name, side in sizes.items()},
        "links": {
            "html": f"https://unsplash.example.org/photos/{photo_id}",
            "download_location": f"{base}/photos/{photo_id}/download?ixid=invented",
        },
        "user": {
            "username": "someone",
            "name": listed.photo.author,
            "links": {"html": "https://unsplash.example.org/@someone"},
        },
    }
