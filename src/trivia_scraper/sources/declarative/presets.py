"""The store locators whose request, list and key names are known (sources.md 11.5).

A preset is a description's `[index]` as far as it is the same for every tenant; what an operator writes wins, key
by key. None reads a locator's `hours`: they are opening hours, never the quiz time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

_KEYS: Final = ("expressmaps_api_key", "mapbox_api_key", "maptiler_api_key", "google_api_key", "api_key")
_SOCIAL: Final = {"facebook": "facebook", "instagram": "instagram"}


@dataclass(frozen=True, slots=True)
class PresetForm:
    """`address` is the request with {account} or {site}; `index` the rest of the table."""

    address: str
    needs: str
    index: Mapping[str, Any]


PRESET_FORMS: Final[Mapping[str, PresetForm]] = MappingProxyType(
    {
        "storerocket": PresetForm(
            "https://storerocket.io/api/user/{account}/locations",
            "account",
            {
                "kind": "json",
                "success": "success",
                "path": "results.locations",
                "secret_keys": list(_KEYS),
                "fields": {
                    "key": ["slug", "id"],
                    "name": "name",
                    "url": "url",
                    "address": ["address", "display_address"],
                    "locality": "city",
                    "region": "state",
                    "postcode": "postcode",
                    "country": "country",
                    "lat": "lat",
                    "lng": "lng",
                    "phone": "phone",
                    "image": "cover_image",
                    **_SOCIAL,
                },
            },
        ),
        "storelocatorwidgets": PresetForm(
            "https://cdn.storelocatorwidgets.com/json/{account}",
            "account",
            {
                "kind": "jsonp",
                "path": ["stores", "locations"],
                "secret_keys": list(_KEYS),
                "fields": {
                    "key": ["storeid", "id"],
                    "name": "name",
                    "address": "data.address",
                    "country": "country",
                    "lat": "data.map_lat",
                    "lng": "data.map_lng",
                    "phone": "data.phone",
                    "website": "data.website",
                    "image": "data.image",
                    "description": "data.description",
                },
            },
        ),
        "wp_store_locator": PresetForm(
            "{site}/wp-admin/admin-ajax.php?action=store_search&autoload=1",
            "site",
            {
                "kind": "json",
                "fields": {
                    "key": "id",
                    "name": "store",
                    "url": "permalink",
                    "address": {"select": ["address", "address2", "city", "state", "zip"], "join": ", "},
                    "locality": "city",
                    "region": "state",
                    "postcode": "zip",
                    "country": "country",
                    "lat": "lat",
                    "lng": "lng",
                    "phone": "phone",
                    "website": "url",
                    "image": [{"select": "thumb", "html": "img@src"}, "thumb"],
                    "description": "description",
                },
            },
        ),
        "agile": PresetForm(
            "{site}/wp-admin/admin-ajax.php?action=asl_load_stores&load_all=1",
            "site",
            {
                "kind": "json",
                "fields": {
                    "key": "id",
                    "name": "title",
                    "address": {"select": ["street", "city", "state", "postal_code"], "join": ", "},
                    "locality": "city",
                    "region": "state",
                    "postcode": "postal_code",
                    "country": "country",
                    "lat": "lat",
                    "lng": "lng",
                    "phone": "phone",
                    "website": "website",
                    "description": "description",
                },
            },
        ),
        "stockist": PresetForm(
            "https://stockist.co/api/v1/{account}/locations/all",
            "account",
            {
                "kind": "json",
                "accept_status": [400],
                "fields": {
                    "key": "id",
                    "name": "name",
                    "address": {
                        "select": ["address_line_1", "address_line_2", "city", "state", "postal_code"],
                        "join": ", ",
                    },
                    "locality": "city",
                    "region": "state",
                    "postcode": "postal_code",
                    "country": "country",
                    "lat": "latitude",
                    "lng": "longitude",
                    "phone": "phone",
                    "website": "website",
                    "image": "image_url",
                    "description": "description",
                },
            },
        ),
        "storepoint": PresetForm(
            "https://api.storepoint.co/v1/{account}/locations",
            "account",
            {
                "kind": "json",
                "success": "success",
                "path": "results.locations",
                "fields": {
                    "key": "id",
                    "name": "name",
                    "address": "streetaddress",
                    "lat": "loc_lat",
                    "lng": "loc_long",
                    "phone": "phone",
                    "website": "website",
                    "description": "description",
                    "image": "image_url",
                    **_SOCIAL,
                },
                "weekdays": {
                    day: day for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
                },
            },
        ),
    }
)


def with_preset(index: Mapping[str, Any]) -> dict[str, Any]:
    """An `[index]` table with its preset filled in; unchanged where it names none, or one that is not known.

    `kind` may be left out beside a preset; `url` replaces the preset's request (StoreRocket answers on three hosts).
    """
    form = PRESET_FORMS.get(index["preset"]) if isinstance(index.get("preset"), str) else None
    if form is None:
        return dict(index)
    merged = _merged(form.index, index)
    # "json" beside a preset says no more than the preset; its own kind knows about the wrapper.
    if merged.get("kind") == "json":
        merged["kind"] = form.index["kind"]
    needed = index.get(form.needs)
    if "url" not in index and isinstance(needed, str):
        merged["url"] = form.address.replace("{" + form.needs + "}", needed.rstrip("/"))
    return merged


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of keys are joined key by key; a field's own expression is replaced whole."""
    merged = {**base, **over}
    for table in ("fields", "weekdays", "params", "headers"):
        if isinstance(base.get(table), dict) and isinstance(over.get(table), dict):
            merged[table] = {**base[table], **over[table]}
    return merged
