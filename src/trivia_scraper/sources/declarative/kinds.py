"""Which keys of `[index]` belong to which kind, and which of them it cannot do without."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trivia_scraper.sources.declarative.plan import is_calendar, reads_html
from trivia_scraper.sources.declarative.problems import Mistakes
from trivia_scraper.sources.declarative.schema import IndexTable, Kind
from trivia_scraper.text.web_addresses import resolved_address

_ALWAYS: Final = frozenset(
    {
        "kind", "preset", "params", "headers", "accept_status", "must_contain", "fields", "match", "skip_match",
        "skip", "keep", "drop", "status", "require", "strip_query", "max_pages",
    }
)  # fmt: skip
_REQUEST: Final = frozenset({"url", "method", "page_param", "dates", "empty", "weekdays"})
_MARKUP: Final = frozenset({"within", "item", "group"})
_JSON: Final = frozenset({"path", "success", "secret_keys", "html_path", "next"}) | _MARKUP

ALLOWED: Final[Mapping[Kind, frozenset[str]]] = MappingProxyType(
    {
        "html": _ALWAYS | _REQUEST | _MARKUP | {"next", "events"},
        "json": _ALWAYS | _REQUEST | _JSON | {"account", "site", "jsonp", "script"},
        "jsonp": _ALWAYS | _REQUEST | _JSON | {"account", "site", "jsonp"},
        "script_json": _ALWAYS | _REQUEST | _JSON | {"script"},
        "rss": _ALWAYS | {"url", "page_param", "weekdays"},
        "wp_rest": _ALWAYS | {"site", "type", "secret_keys", "weekdays"},
        "ajax": _ALWAYS | _REQUEST | _JSON | {"nonce", "body"},
        "ics": _ALWAYS | {"url"},
        "tribe": _ALWAYS | {"site"},
        "squarespace": _ALWAYS | {"page"},
    }
)
REQUIRED: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        "html": ("url",),
        "json": ("url",),
        "jsonp": ("url",),
        "script_json": ("url", "script"),
        "rss": ("url",),
        "wp_rest": ("site", "type"),
        "ajax": ("url",),
        "ics": ("url",),
        "tribe": ("site",),
        "squarespace": ("page",),
    }
)

FEED_PARTS: Final = ("title", "link", "description")
EVENT_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("SUMMARY", "title", "name"), "name"),
        **dict.fromkeys(("DESCRIPTION", "description", "excerpt", "body"), "description"),
        **dict.fromkeys(("LOCATION", "location"), "place"),
        **dict.fromkeys(("URL", "url", "fullUrl"), "url"),
        **dict.fromkeys(("UID", "id"), "key"),
        **dict.fromkeys(("image", "assetUrl"), "image"),
        "cost": "price",
        "venue": "venue",
        "address": "address",
    }
)
"""What the expressions of a calendar may name, in the words of each format → which part of an event it is."""

_DISGUISES: Final = frozenset({"user-agent", "cookie", "authorization", "host", "referer", "accept-language"})
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_HEADER_VALUE: Final = re.compile(r"[ -~]{1,300}")


def check_kind(table: IndexTable, mistakes: Mistakes) -> None:
    """Keys that are missing, that this kind has no use for, or that exclude each other."""
    for name in sorted(table.model_fields_set - ALLOWED[table.kind]):
        users = ", ".join(kind for kind, names in ALLOWED.items() if name in names)
        mistakes.add(("index", name), f"means nothing for kind {table.kind!r}; it is for {users}")
    for name in REQUIRED[table.kind]:
        # Beside a preset the missing account or site is told, not the address that would be made of it.
        if getattr(table, name) is None and table.preset is None:
            mistakes.add(("index", name), f"is required for kind {table.kind!r}")
    _check_items(table, mistakes)
    _check_script(table, mistakes)
    _check_headers(table, mistakes)
    if table.dates is not None and not _names_days(table.dates.format):
        mistakes.add(("index", "dates", "format"), "must tell one day from another, as %Y-%m-%d does")
    if table.nonce is not None and table.url and resolved_address(table.nonce.url, table.url) is None:
        mistakes.add(("index", "nonce", "url"), "is no web address")


def parts_of(table: IndexTable) -> tuple[str, ...]:
    """The only names that an entry of such an index has; () where they are the provider's choice."""
    if is_calendar(table):
        return tuple(EVENT_PARTS)
    return FEED_PARTS if table.kind == "rss" else ()


def _names_days(form: str) -> bool:
    try:
        return dt.date(2026, 1, 2).strftime(form) != dt.date(2026, 1, 3).strftime(form)
    except ValueError:
        return False


def _check_items(table: IndexTable, mistakes: Mistakes) -> None:
    if table.events is not None:
        for name in ("item", "within", "group"):
            if getattr(table, name) is not None:
                mistakes.add(("index", name), "stands for items of HTML; `events` reads structured data instead")
    elif reads_html(table) and table.item is None:
        mistakes.add(("index", "item"), "is required: the selector of one entry")
    elif not reads_html(table):
        for name in ("item", "within", "group"):
            if name in ALLOWED[table.kind] and getattr(table, name) is not None:
                mistakes.add(("index", name), "is for HTML: name the HTML inside the JSON with html_path")


def _check_script(table: IndexTable, mistakes: Mistakes) -> None:
    script = table.script
    if script is None:
        return
    if (script.after is None) == (script.id is None):
        mistakes.add(("index", "script"), "needs either after or id")
    if script.literal and script.id is not None:
        mistakes.add(("index", "script", "literal"), "goes with after")
    if table.jsonp:
        mistakes.add(("index", "jsonp"), "a body is either JSONP or a page with a script")


def _check_headers(table: IndexTable, mistakes: Mistakes) -> None:
    for name, value in table.headers.items():
        key = ("index", "headers", name)
        if name.lower() in _DISGUISES:
            mistakes.add(key, "is not ours to set: the project names itself and carries no logins (sources.md N3)")
        elif not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            mistakes.add(key, "is no header")
