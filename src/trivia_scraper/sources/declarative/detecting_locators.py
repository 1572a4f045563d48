"""Store locators: the traces that they leave on a page that embeds them, and their own answers (sources.md 11.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative.detecting_finding import Finding, detail_tables
from trivia_scraper.sources.declarative.detecting_records import RecordList
from trivia_scraper.sources.declarative.detecting_toml import TomlValue

_ACCOUNT: Final = r"[A-Za-z0-9_-]{4,64}"


@dataclass(frozen=True, slots=True)
class Locator:
    """One product.

    embedded  patterns whose group is the account (for those that live on the site itself: without group)
    answers   the pattern of its own address, with the account where it has one
    request   the address of its list: "{account}" or "{site}" inside
    """

    preset: str
    name: str
    embedded: tuple[re.Pattern[str], ...]
    answers: re.Pattern[str]
    request: str

    @property
    def has_pages(self) -> bool:
        """Whether its records name each place's own page."""
        return self.preset in ("storerocket", "wp_store_locator")

    @property
    def has_account(self) -> bool:
        """Whether the list lies with the vendor, under an account; else on the site itself."""
        return "{account}" in self.request


LOCATORS: Final = (
    Locator(
        "storerocket", "StoreRocket",
        (
            re.compile(rf"storerocket\.(?:io|global\.ssl\.fastly\.net)/api/user/({_ACCOUNT})"),
            re.compile(rf"data-storerocket-id=[\"']({_ACCOUNT})"),
            re.compile(rf"StoreRocket\.init\([^)]{{0,300}}?(?:mapId|accountId)[\"']?\s*:\s*[\"']({_ACCOUNT})"),
        ),
        re.compile(rf"https?://(?:api\.)?storerocket[^/]*/api/user/({_ACCOUNT})/locations"),
        "https://storerocket.io/api/user/{account}/locations",
    ),
    Locator(
        "storelocatorwidgets", "Store Locator Widgets",
        (
            re.compile(rf"storelocatorwidgets\.com/json/({_ACCOUNT})"),
            re.compile(rf"storelocatorscript[\"'][^>]{{0,300}}?data-uid=[\"']({_ACCOUNT})"),
            re.compile(rf"data-uid=[\"']({_ACCOUNT})[\"'][^>]{{0,300}}?storelocatorwidgets\.com"),
        ),
        re.compile(rf"https?://cdn\.storelocatorwidgets\.com/json/({_ACCOUNT})"),
        "https://cdn.storelocatorwidgets.com/json/{account}",
    ),
    Locator(
        "stockist", "Stockist",
        (
            re.compile(rf"data-stockist-widget-tag=[\"']({_ACCOUNT})"),
            re.compile(rf"stockist\.co/api/v1/({_ACCOUNT})/"),
        ),
        re.compile(rf"https?://stockist\.co/api/v1/({_ACCOUNT})/locations"),
        "https://stockist.co/api/v1/{account}/locations/all",
    ),
    Locator(
        "storepoint", "Storepoint",
        (
            re.compile(rf"api\.storepoint\.co/v[12]/({_ACCOUNT})/"),
            re.compile(rf"storepoint-container[\"'][^>]{{0,300}}?data-map-id=[\"']({_ACCOUNT})"),
            re.compile(rf"data-map-id=[\"']({_ACCOUNT})[\"'][^>]{{0,300}}?storepoint"),
            re.compile(rf"new StorePoint\([\"']({_ACCOUNT})"),
        ),
        re.compile(rf"https?://api\.storepoint\.co/v[12]/({_ACCOUNT})/locations"),
        "https://api.storepoint.co/v1/{account}/locations",
    ),
    Locator(
        "wp_store_locator", "WP Store Locator",
        (re.compile(r"wp-store-locator|wpslSettings|id=[\"']wpsl-"),),
        re.compile(r"(https?://[^?]+?)/wp-admin/admin-ajax\.php\?(?:[^#]*&)?action=store_search"),
        "{site}/wp-admin/admin-ajax.php?action=store_search&autoload=1",
    ),
    Locator(
        "agile", "Agile Store Locator",
        (re.compile(r"agile-store-locator|asl_configuration|ASL_REMOTE"),),
        re.compile(r"(https?://[^?]+?)/wp-admin/admin-ajax\.php\?(?:[^#]*&)?action=asl_load_stores"),
        "{site}/wp-admin/admin-ajax.php?action=asl_load_stores&load_all=1",
    ),
)  # fmt: skip

_SHAPES: Final = (
    ("wp_store_locator", "", frozenset({"store", "address2", "zip"})),
    ("agile", "", frozenset({"street", "postal_code", "open_hours"})),
    ("storepoint", "results.locations", frozenset({"streetaddress", "loc_lat"})),
    ("storerocket", "results.locations", frozenset({"name", "lat", "lng"})),
    ("storelocatorwidgets", "stores", frozenset({"storeid", "data"})),
    ("stockist", "", frozenset({"address_line_1", "latitude", "longitude"})),
)
"""Preset, path of the list and keys of a record, the more particular ones first."""


def embedded_locators(page: Page) -> Iterator[Finding]:
    """What a page's scripts and links say of a locator whose list is elsewhere."""
    parts = urlsplit(page.url)
    site = f"{parts.scheme}://{parts.netloc}"
    for locator in LOCATORS:
        seen = next((match for pattern in locator.embedded for match in pattern.finditer(page.text)), None)
        if seen is not None:
            owner = seen[1] if locator.has_account else site
            yield _finding(
                locator,
                owner,
                f"the page embeds {locator.name}" + (f", account {owner}" if locator.has_account else ""),
                0.7,
            )


def known_locator(page: Page, records: RecordList) -> Finding | None:
    """The preset for an answer of a locator, told by its address or by the shape of its records."""
    for locator in LOCATORS:
        asked = locator.answers.match(page.url)
        if asked is not None:
            return _answer(locator, asked[1], records, "its address", page.url)
    keys = records.records[0].keys()
    for preset, path, shape in _SHAPES:
        if path == records.path and shape <= keys:
            [locator] = [one for one in LOCATORS if one.preset == preset]
            return _answer(locator, None, records, "the shape of its records", page.url)
    return None


def _answer(locator: Locator, owner: str | None, records: RecordList, told_by: str, url: str) -> Finding:
    """Only what the preset cannot know: where this tenant keeps the evenings, and an address of its own."""
    fields = {key: records.fields[key] for key in ("schedule", "day", "time", "fee") if key in records.fields}
    why = f"the page is a list of {len(records.records)} places by {locator.name}, told by {told_by}"
    confidence = 0.95 if {"schedule", "day"} & fields.keys() else 0.8
    return _finding(locator, owner, why, confidence, fields=fields, url=url)


def _finding(
    locator: Locator,
    owner: str | None,
    why: str,
    confidence: float,
    *,
    fields: dict[str, TomlValue] | None = None,
    url: str = "",
) -> Finding:
    where: dict[str, TomlValue] = (
        {"url": url} if owner is None else {"account" if locator.has_account else "site": owner}
    )
    speaks = fields and {"schedule", "day"} & fields.keys()
    gap = ('schedule = "…"', "below [index.fields]: the field with weekday and time; hours are opening hours")
    return Finding(
        kind=locator.preset,
        confidence=confidence,
        why=(why,),
        index={"kind": "json", "preset": locator.preset, **where},
        tables={"fields": fields} if fields else {},
        detail={} if speaks or not locator.has_pages else detail_tables(),
        gaps=() if speaks else (gap,),
    )
