"""The texts of `sources.d/` → sources; a file with a mistake gives none, and every mistake has its place."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from trivia_scraper.settings.toml_text import BrokenToml, Place, TomlText, read_toml
from trivia_scraper.sources.declarative.compiling import Compiler
from trivia_scraper.sources.declarative.currencies import CURRENCIES
from trivia_scraper.sources.declarative.kinds import check_kind
from trivia_scraper.sources.declarative.plan import SourcePlan, is_calendar
from trivia_scraper.sources.declarative.presets import PRESET_FORMS, with_preset
from trivia_scraper.sources.declarative.problems import DescriptionFile, Mistakes, Problem, told_of_toml
from trivia_scraper.sources.declarative.requests import index_url
from trivia_scraper.sources.declarative.schema import (
    DefaultsTable,
    DescriptionTables,
    FieldName,
    IndexTable,
    Slug,
    SourceTable,
    known_keys,
)
from trivia_scraper.sources.declarative.source import DeclaredSource
from trivia_scraper.sources.structured.moments import zone_named
from trivia_scraper.text.fee import FeeOutcome, read_fee
from trivia_scraper.text.zones import currency_of

FILE_LIMIT: Final = 200_000
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LEAST_INTERVAL_SECONDS: Final = 1.0
_SLUG: Final[TypeAdapter[str]] = TypeAdapter(Slug)


@dataclass(frozen=True, slots=True)
class Descriptions:
    """Everything that was declared: usable sources, and what is wrong with the others."""

    sources: tuple[DeclaredSource, ...]
    problems: tuple[Problem, ...]


def read_descriptions(files: Sequence[DescriptionFile], *, taken: Collection[str] = ()) -> Descriptions:
    """Read every file. Never raises. `taken` are the keys of built-in sources: no description may have one."""
    sources: dict[str, DeclaredSource] = {}
    problems: list[Problem] = []
    for file in files:
        source, mistakes = _read(file, taken, sources)
        problems += mistakes.problems
        if source is not None:
            sources[source.slug] = source
    return Descriptions(tuple(sources.values()), tuple(problems))


def _read(
    file: DescriptionFile, taken: Collection[str], before: dict[str, DeclaredSource]
) -> tuple[DeclaredSource | None, Mistakes]:
    toml, mistakes = _parsed(file)
    if toml is None:
        return None, mistakes
    tables = _tables(toml.values, mistakes)
    if tables is None:
        return None, mistakes
    plan = _plan(file.path, tables, mistakes)
    if plan.key in taken:
        mistakes.add(("source", "key"), f"{plan.key!r} is a built-in source: choose another key")
    elif plan.key in before:
        mistakes.add(("source", "key"), f"{plan.key!r} is described in {before[plan.key].path} already")
    return (None if mistakes.problems else DeclaredSource(plan)), mistakes


def _parsed(file: DescriptionFile) -> tuple[TomlText | None, Mistakes]:
    if len(file.text) > FILE_LIMIT:
        mistakes = Mistakes(file.path, None)
        mistakes.add((), f"is longer than {FILE_LIMIT} characters")
        return None, mistakes
    if _SURROGATE.search(file.text):
        mistakes = Mistakes(file.path, None)
        mistakes.add((), "holds half a character: save it as UTF-8")
        return None, mistakes
    try:
        toml = read_toml(file.text.removeprefix("\ufeff"))
    except (BrokenToml, RecursionError) as error:
        mistakes = Mistakes(file.path, None)
        broken = error if isinstance(error, BrokenToml) else BrokenToml("tables nest too deep", Place(1, 1))
        mistakes.add((), told_of_toml(broken.message), broken.place)
        return None, mistakes
    return toml, Mistakes(file.path, toml)


def _tables(values: dict[str, Any], mistakes: Mistakes) -> DescriptionTables | None:
    index = values.get("index")
    if isinstance(index, dict):
        index = _checked_preset(index, mistakes)
        kind = {"kind": "json"} if "preset" in index else {}
        values = {**values, "index": {**kind, **with_preset(index)}}
    try:
        return DescriptionTables.model_validate(values)
    except ValidationError as error:
        mistakes.add_shape(error, known_keys())
        return None


def _checked_preset(index: dict[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The table; a kind that contradicts the preset is told once, and left out."""
    name = index.get("preset")
    form = PRESET_FORMS.get(name) if isinstance(name, str) else None
    if form is not None and "url" not in index and form.needs not in index:
        mistakes.add(("index", form.needs), f"is required for the preset {name!r}")
    if form is not None and index.get("kind") not in (None, "json", form.index["kind"]):
        mistakes.add(("index", "kind"), f"is {form.index['kind']!r} with the preset {name!r}: leave it out")
        return {key: value for key, value in index.items() if key != "kind"}
    return index


def _plan(path: str, tables: DescriptionTables, mistakes: Mistakes) -> SourcePlan:
    source, compiler = tables.source, Compiler(mistakes)
    check_kind(tables.index, mistakes)
    _check_defaults(tables.defaults, mistakes)
    start = index_url(tables.index)
    home = source.home or _site_of(start)
    _check_interval(source, start, mistakes)
    key = _key(path, source, mistakes)
    if not _names_venues(tables):
        mistakes.add(("index", "fields", "name"), "is required: without it every entry is rejected")
    if tables.detail is not None and not _names_pages(tables):
        mistakes.add(("index", "fields", "url"), "is required: [detail] reads the page it names")
    return SourcePlan(
        path=path,
        key=key,
        name=source.name or key.replace("-", " ").replace("_", " ").title(),
        home=home,
        enabled=source.enabled,
        accept_language=source.accept_language,
        index_interval_seconds=source.index_interval.total_seconds() if source.index_interval else 0.0,
        per_host_interval_seconds=(
            None if source.per_host_interval is None else source.per_host_interval.total_seconds()
        ),
        freshness=source.freshness,
        index_url=start,
        defaults=tables.defaults,
        index=compiler.index(tables.index),
        detail=compiler.detail(tables.detail) if tables.detail else None,
    )


def _names_venues(tables: DescriptionTables) -> bool:
    """Whether a venue's name can come from anywhere; an own `require` says that it need not stand in the index."""
    later = tables.index.require is not None or (tables.detail is not None and tables.detail.fields.name is not None)
    return is_calendar(tables.index) or later or tables.defaults.name is not None or _reads("name", tables.index)


def _names_pages(tables: DescriptionTables) -> bool:
    return is_calendar(tables.index) or _reads("url", tables.index)


def _reads(field: FieldName, table: IndexTable) -> bool:
    return any(getattr(part, field) is not None for part in (table.fields, table.group) if part is not None)


def _key(path: str, source: SourceTable, mistakes: Mistakes) -> str:
    """`source.key`, else the file's name."""
    if source.key is not None:
        return source.key
    stem = path.replace("\\", "/").rpartition("/")[2].removesuffix(".toml")
    try:
        return _SLUG.validate_python(stem)
    except ValidationError:
        mistakes.add(("source", "key"), f"is required: the file's name {stem!r} is no key (small letters, digits, -)")
        return "unnamed"


def _check_defaults(defaults: DefaultsTable, mistakes: Mistakes) -> None:
    if defaults.timezone is not None and zone_named(defaults.timezone) is None:
        mistakes.add(("defaults", "timezone"), f"{defaults.timezone!r} is no IANA zone, such as Europe/London")
    if defaults.country == "UK":
        mistakes.add(("defaults", "country"), "is 'GB' for the United Kingdom")
    elif defaults.country and not defaults.currency and currency_of(defaults.country) is None:
        mistakes.add(("defaults", "currency"), f"is required: the money of {defaults.country} is not known here")
    if defaults.currency and defaults.currency not in CURRENCIES:
        mistakes.add(("defaults", "currency"), f"{defaults.currency!r} is no currency of today (ISO 4217)")
    if defaults.fee and read_fee(defaults.fee, defaults.country or "GB").outcome is FeeOutcome.UNKNOWN:
        mistakes.add(("defaults", "fee"), f'{defaults.fee!r} states no fee: write "£2" or "free"')
    if (defaults.lat is None) != (defaults.lng is None):
        missing = "lat" if defaults.lat is None else "lng"
        mistakes.add(("defaults", missing), "is required: a position has both lat and lng")


def _check_interval(source: SourceTable, url: str, mistakes: Mistakes) -> None:
    """N1: public hosts are asked once a second at most."""
    interval = source.per_host_interval
    if interval is not None and interval.total_seconds() < _LEAST_INTERVAL_SECONDS and not _is_private(url):
        mistakes.add(("source", "per_host_interval"), 'must be at least "1s" for a public host')


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _site_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
