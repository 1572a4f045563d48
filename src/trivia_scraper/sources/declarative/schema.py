"""What may stand in a description: its tables and keys, their types and limits (sources.md 11.2–11.5).

Shape only. Whether a selector, a path or a pattern can be used is `compiling`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

from trivia_scraper.settings.types import OptionalDuration, OptionalFreshness
from trivia_scraper.text.web_addresses import web_address

Kind = Literal["html", "json", "jsonp", "script_json", "rss", "wp_rest", "ajax", "ics", "tribe", "squarespace"]
Preset = Literal["storerocket", "storelocatorwidgets", "wp_store_locator", "agile", "stockist", "storepoint"]
Fallback = Literal["jsonld", "microdata", "opengraph"]
FieldName = Literal[
    "key", "name", "url", "address", "street", "locality", "region", "postcode", "country", "lat", "lng", "phone",
    "website", "facebook", "instagram", "day", "time", "schedule", "frequency", "fee", "description", "image", "host",
    "host_image", "date", "status", "title",
]  # fmt: skip
FrequencyWord = Literal["weekly", "biweekly", "monthly", "irregular"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PRESETS: Final[tuple[Preset, ...]] = get_args(Preset)
FIELDS: Final[tuple[FieldName, ...]] = get_args(FieldName)
FALLBACKS: Final[tuple[Fallback, ...]] = get_args(Fallback)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Text = Annotated[str, Field(min_length=1, max_length=2_000)]
Texts = Annotated[tuple[Text, ...], Field(strict=False, max_length=50)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=60)]


def _usable(url: str) -> str:
    if web_address(url) is None:
        raise ValueError("is no web address: it begins with http:// or https://")
    if "@" in urlsplit(url).netloc:
        raise ValueError("has a login in it: the project carries none")
    return url


WebAddress = Annotated[str, AfterValidator(_usable)]
Degrees = Annotated[float, Field(ge=-180, le=180)]


class Table(BaseModel):
    """A table of a description: strict, frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def _form(value: object) -> str | None:
    if isinstance(value, str):
        return "<text>"
    if isinstance(value, dict | Table):
        return "<table>"
    return "<list>" if isinstance(value, list | tuple) else None


SelectForm = Annotated[Annotated[Text, Tag("<text>")] | Annotated[Texts, Tag("<list>")], Discriminator(_form)]
"""One selector or path, or several."""


class LookupTable(Table):
    """One way to a value: `{ select, html, regex, join, const, map }`."""

    select: SelectForm | None = None
    html: Text | None = None
    regex: Text | None = None
    join: str | None = None
    const: Text | None = None
    map: dict[str, str] | None = None


_One = Annotated[Annotated[Text, Tag("<text>")] | Annotated[LookupTable, Tag("<table>")], Discriminator(_form)]
ExpressionForm = Annotated[
    Annotated[Text, Tag("<text>")]
    | Annotated[LookupTable, Tag("<table>")]
    | Annotated[tuple[_One, ...], Field(strict=False, min_length=1, max_length=20), Tag("<list>")],
    Discriminator(_form),
]
"""A field expression as written: a selector, a table, or a list that is tried in order."""


class FieldsTable(Table):
    """`[index.fields]`, `[detail.fields]`: an expression a field."""

    key: ExpressionForm | None = None
    name: ExpressionForm | None = None
    url: ExpressionForm | None = None
    address: ExpressionForm | None = None
    street: ExpressionForm | None = None
    locality: ExpressionForm | None = None
    region: ExpressionForm | None = None
    postcode: ExpressionForm | None = None
    country: ExpressionForm | None = None
    lat: ExpressionForm | None = None
    lng: ExpressionForm | None = None
    phone: ExpressionForm | None = None
    website: ExpressionForm | None = None
    facebook: ExpressionForm | None = None
    instagram: ExpressionForm | None = None
    day: ExpressionForm | None = None
    time: ExpressionForm | None = None
    schedule: ExpressionForm | None = None
    frequency: ExpressionForm | None = None
    fee: ExpressionForm | None = None
    description: ExpressionForm | None = None
    image: ExpressionForm | None = None
    host: ExpressionForm | None = None
    host_image: ExpressionForm | None = None
    date: ExpressionForm | None = None
    status: ExpressionForm | None = None
    title: ExpressionForm | None = None

    def written(self) -> dict[str, Any]:
        """The fields that have an expression."""
        return {name: form for name in FIELDS if (form := getattr(self, name)) is not None}


class GroupTable(FieldsTable):
    """`[index.group]`: which headings stand above the items, and the fields taken from them."""

    select: Text


class StatusTable(Table):
    """`[index.status]`, `[detail.status]`: a Q4 word and what is there when it holds."""

    paused: ExpressionForm | None = None
    cancelled_once: ExpressionForm | None = None
    not_public: ExpressionForm | None = None
    starts_later: ExpressionForm | None = None


class WeekdaysTable(Table):
    """`[index.weekdays]`: one text for each weekday."""

    monday: ExpressionForm | None = None
    tuesday: ExpressionForm | None = None
    wednesday: ExpressionForm | None = None
    thursday: ExpressionForm | None = None
    friday: ExpressionForm | None = None
    saturday: ExpressionForm | None = None
    sunday: ExpressionForm | None = None


class ScriptTable(Table):
    """Where JSON stands inside a page: behind some text, or in the script of an id."""

    after: Text | None = None
    id: Text | None = None
    literal: bool = False


class NonceTable(Table):
    """A first page whose number used once goes into the real request."""

    url: Text
    regex: Text
    param: Text


class DatesTable(Table):
    """The request repeated for the coming days: `param` holds the day, written as `format`."""

    param: Text
    days: Annotated[int, Field(ge=1, le=31)] = 7
    format: Text = "%Y-%m-%d"


class KeepTable(Table):
    """Only items whose field contains a word or matches a pattern."""

    field: Text
    contains: Text | None = None
    matches: Text | None = None


class SourceTable(Table):
    """`[source]`: who it is and how often it is asked."""

    key: Slug | None = None
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    home: WebAddress | None = None
    enabled: bool = True
    accept_language: Annotated[str, Field(pattern=r"^[A-Za-z0-9*,;=. -]{1,100}$")] = "en"
    index_interval: OptionalDuration = None
    per_host_interval: OptionalDuration = None
    freshness: OptionalFreshness = None


class DefaultsTable(Table):
    """`[defaults]`: what the site never says. Fills gaps only."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    timezone: Text | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    fee: Text | None = None
    frequency: FrequencyWord | None = None
    clock_24h: bool = False
    local_clock: bool = False
    name: Text | None = None
    address: Text | None = None
    street: Text | None = None
    locality: Text | None = None
    region: Text | None = None
    postcode: Text | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lng: Degrees | None = None
    phone: Text | None = None
    website: WebAddress | None = None
    image: WebAddress | None = None
    host: Text | None = None


class IndexTable(Table):
    """`[index]`: what is fetched, where its items are, and what is in them."""

    kind: Kind
    preset: Preset | None = None
    url: WebAddress | None = None
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")] | None = None
    site: WebAddress | None = None
    type: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,60}$")] | None = None
    page: WebAddress | None = None
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str] = Field(default_factory=dict, max_length=50)
    headers: dict[str, str] = Field(default_factory=dict, max_length=20)
    accept_status: Annotated[
        tuple[Annotated[int, Field(ge=200, le=599)], ...], Field(strict=False, max_length=10)
    ] = ()
    nonce: NonceTable | None = None
    dates: DatesTable | None = None
    next: ExpressionForm | None = None
    page_param: Text | None = None
    max_pages: Annotated[int, Field(ge=1, le=500)] | None = None
    jsonp: bool = False
    script: ScriptTable | None = None
    body: Literal["html", "json"] = "html"
    path: SelectForm | None = None
    html_path: Text | None = None
    success: Text | None = None
    must_contain: Text | None = None
    empty: ExpressionForm | None = None
    secret_keys: Texts = ()
    within: Text | None = None
    item: Text | None = None
    events: Literal["jsonld", "microdata"] | None = None
    group: GroupTable | None = None
    fields: FieldsTable = FieldsTable()
    weekdays: WeekdaysTable | None = None
    match: Text | None = None
    skip_match: Text | None = None
    skip: dict[str, str] = Field(default_factory=dict, max_length=50)
    keep: KeepTable | None = None
    drop: dict[FieldName, str] = Field(default_factory=dict)
    status: StatusTable | None = None
    require: Annotated[tuple[FieldName, ...], Field(strict=False)] | None = None
    strip_query: Annotated[tuple[FieldName, ...], Field(strict=False)] = ()


class DetailTable(Table):
    """`[detail]`: every listing has a page of its own, and this is what is on it."""

    fields: FieldsTable = FieldsTable()
    fallbacks: Annotated[tuple[Fallback, ...], Field(strict=False)] = FALLBACKS
    match: Text | None = None
    skip_match: Text | None = None
    drop: dict[FieldName, str] = Field(default_factory=dict)
    status: StatusTable | None = None
    require: Annotated[tuple[FieldName, ...], Field(strict=False)] = ()
    not_found: Literal["error", "skip"] = "error"


class DescriptionTables(Table):
    """A whole file."""

    source: SourceTable = SourceTable()
    defaults: DefaultsTable = DefaultsTable()
    index: IndexTable
    detail: DetailTable | None = None


def known_keys(
    model: type[BaseModel] = DescriptionTables, above: tuple[str, ...] = ()
) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """The keys each table may have: ("index", "fields") → ("key", "name", …); lookup tables below every field."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {above: tuple(model.model_fields)}
    for name, field in model.model_fields.items():
        for inner in _tables_in(field.annotation):
            known |= known_keys(inner, (*above, name))
    return known


def _tables_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType, Annotated):
        return [table for part in get_args(annotation) for table in _tables_in(part)]
    return []
