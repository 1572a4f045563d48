"""Places API (New) and the classic one: details of a place with its photos, as Google writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from trivia_scraper.demo.photo_providers.answers import ApiAnswer, ApiCall, Listed

PLACE: Final = re.compile(r"/v1/places/([^/]+)")
DETAILS_PATH: Final = "/maps/api/place/details/json"

_STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_WORDS: Final = {
    401: "Request had invalid authentication credentials.",
    403: "The caller does not have permission",
    404: "The Place ID is no longer valid.",
    429: "Quota exceeded for quota metric 'GetPlaceRequest' and limit 'GetPlaceRequest per minute'.",
}
_DISABLED: Final = (
    "Places API (New) has not been used in project 271828 before or it is disabled. Enable it by visiting "
    "https://console.developers.google.com/apis/api/places.googleapis.com/overview?project=271828 then retry."
)


class GoogleNew:
    """Implements `PhotoApi`: v1."""

    def place(self, call: ApiCall) -> str | None:
        """The last part of /v1/places/{id}."""
        found = PLACE.fullmatch(call.path)
        return found.group(1) if found else None

    def refuse_key(self, call: ApiCall, key: str) -> ApiAnswer | None:
        """403 without a key, 400 with a wrong one or without a field mask."""
        given = call.headers.get("x-goog-api-key") or call.query.get("key")
        if not given:
            return _error(403, "Method doesn't allow unregistered callers (callers without established identity).")
        if given != key:
            return _error(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")
        if not _fields(call):
            return _error(400, "FieldMask is a required parameter.")
        return None

    def listing(self, call: ApiCall, place: str, photos: Sequence[Listed], types: Sequence[str]) -> ApiAnswer:
        """The fields of the mask; a place without photos has no `photos` at all."""
        fields = _fields(call)
        document: dict[str, Any] = {"types": list(types)} if "types" in fields else {}
        if photos and "photos" in fields:
            document["photos"] = [_photo(place, listed) for listed in photos]
        return ApiAnswer(document)

    def unknown_place(self, place: str) -> ApiAnswer:  # noqa: ARG002 - the protocol's
        """404."""
        return self.refusal(404)

    def refusal(self, status: int) -> ApiAnswer:
        """google.rpc.Status."""
        return _error(status, _WORDS.get(status, "Internal error encountered."))

    def disabled(self) -> ApiAnswer:
        """403: the interface is not enabled for the key's project."""
        return _error(403, _DISABLED, "SERVICE_DISABLED")


class GoogleClassic:
    """Implements `PhotoApi`: its refusals come inside a 200."""

    def place(self, call: ApiCall) -> str | None:
        """The parameter place_id."""
        return call.query.get("place_id", "") if call.path == DETAILS_PATH else None

    def refuse_key(self, call: ApiCall, key: str) -> ApiAnswer | None:
        """REQUEST_DENIED."""
        given = call.query.get("key")
        if not given:
            return self.denied("You must use an API key to authenticate each request to Google Maps Platform APIs.")
        return self.denied("The provided API key is invalid. ") if given != key else None

    def listing(self, call: ApiCall, place: str, photos: Sequence[Listed], types: Sequence[str]) -> ApiAnswer:  # noqa: ARG002
        """OK with a result, which has no `photos` where there are none."""
        fields = call.query.get("fields", "").split(",")
        result: dict[str, Any] = {"types": list(types)} if "type" in fields else {}
        if photos and "photos" in fields:
            result["photos"] = [_classic_photo(listed) for listed in photos]
        return ApiAnswer({"html_attributions": [], "result": result, "status": "OK"})

    def unknown_place(self, place: str) -> ApiAnswer:
        """INVALID_REQUEST without an id, NOT_FOUND with an unknown one."""
        return self._answer("NOT_FOUND" if place else "INVALID_REQUEST", None)

    def refusal(self, status: int) -> ApiAnswer:
        """The gateway's page, as JSON without a word."""
        return ApiAnswer({}, status)

    def denied(self, why: str = "This API project is not authorized to use this API.") -> ApiAnswer:
        """REQUEST_DENIED inside a 200."""
        return self._answer("REQUEST_DENIED", why)

    def over_limit(self) -> ApiAnswer:
        """OVER_QUERY_LIMIT inside a 200."""
        return self._answer("OVER_QUERY_LIMIT", "You have exceeded your rate-limit for this API.")

    def _answer(self, status: str, why: str | None) -> ApiAnswer:
        said = {"error_message": why} if why else {}
        return ApiAnswer({**said, "html_attributions": [], "status": status})


def _fields(call: ApiCall) -> list[str]:
    return list(filter(None, call.headers.get("x-goog-fieldmask", "").split(",")))


def _photo(place: str, listed: Listed) -> dict[str, Any]:
    author = {
        "displayName": listed.photo.author,
        "uri": "//maps.example.org/maps/contrib/1",
        "photoUri": "//images.example.org/portrait.jpg",
    }
    width, height = listed.photo.size
    name = f"places/{place}/photos/{listed.reference}"
    return {"name": name, "widthPx": width, "heightPx": height, "authorAttributions": [author]}


def _classic_photo(listed: Listed) -> dict[str, Any]:
    width, height = listed.photo.size
    author = f'<a href="https://maps.example.org/maps/contrib/1">{escape(listed.photo.author)}</a>'
    return {
        "height": height,
        "html_attributions": [author],
        "photo_reference": listed.reference,
        "width": width,
    }


def _error(status: int, message: str, reason: str | None = None) -> ApiAnswer:
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUSES.get(status, "UNKNOWN")}
    if reason:
        about = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
        error["details"] = [about]
    return ApiAnswer({"error": error}, status)
