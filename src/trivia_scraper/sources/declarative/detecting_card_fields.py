"""The fields of one repeated element: which selector gives which fact in most of the sampled cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.sources.declarative import detecting_words as words
from trivia_scraper.sources.declarative.detecting_columns import HEADINGS, IMAGE_ATTRIBUTES, column_values
from trivia_scraper.sources.declarative.detecting_outline import Outline
from trivia_scraper.sources.declarative.detecting_toml import TomlValue
from trivia_scraper.text.web_addresses import resolved_address

_LEAF_SPLITS: Final = (r"\s+[–—|-]\s+", r":\s+", r",\s+")
_ADDRESS_INSIDE: Final = (
    r"([0-9]{1,5}[A-Za-z]? [^|–—]{4,80}?, [A-Z]{2,3} [0-9]{4,5})",
    r"([0-9]{1,4}[A-Za-z]? [^|–—]{4,80}? [A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2})",
)
_TOKENS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("venue", "pub", "bar", "name", "title", "heading"),
    "address": ("address", "addr", "adr", "location", "where", "street", "adres"),
    "schedule": ("schedule", "when", "datetime", "time", "date", "excerpt", "day"),
    "day": ("day", "weekday", "dzien"),
    "time": ("time", "hour", "godzina"),
    "fee": ("fee", "price", "cost", "entry", "wpisowe"),
    "locality": ("city", "town", "suburb", "locality", "area", "region"),
}

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class CardFields:
    """What was derived. `fills` says in which share of the cards each field is there."""

    fields: Mapping[str, TomlValue]
    fills: Mapping[str, float]
    drop: Mapping[str, str]


class CardReader:
    """Looks at a sample of one group's members."""

    def __init__(self, outline: Outline, members: Sequence[int], url: str, heads: Mapping[int, str]) -> None:
        self._url = url
        self._item = outline.nodes[members[0]]
        self._common = set(_tokens(" ".join(self._item.classes)))
        rows = [dict(column_values(outline, place)) for place in members]
        selectors = dict.fromkeys(selector for row in rows for selector in row)
        self._columns: Columns = {css: [row.get(css, "") for row in rows] for css in selectors}
        self._heads = heads
        self._fields: dict[str, TomlValue] = {}
        self._fills: dict[str, float] = {}
        self._used: set[str] = set()

    def read(self) -> CardFields:
        """Every field that can be told."""
        self._take_attributes()
        self._take_schedule()
        self._take_name()
        self._take("postcode", words.is_postcode, least=0.5)
        self._take_address()
        self._take("fee", words.is_fee, least=0.4, but=words.is_prize)
        self._take("locality", _is_word, least=0.8, hinted=True)
        self._take_url()
        drop = self._take_image()
        self._take_phone()
        return CardFields(self._fields, self._fills, drop)

    def _keep(self, field: str, value: TomlValue, fill: float, css: str = "") -> None:
        self._fields[field] = value
        self._fills[field] = fill
        if css:
            self._used.add(css)

    def _take_attributes(self) -> None:
        """data-lat, data-venue-id …: written for a script, so they are the steadiest there is."""
        for field in ("key", "lat", "lng", "address", "day", "name", "postcode"):
            for css, values in self._columns.items():
                attribute = css.rpartition("@")[2] if "@data-" in css else ""
                if attribute and words.bare(attribute) in words.NAMES[field] and self._fits(field, values):
                    self._keep(field, css, _filled(values), css)
                    break

    def _fits(self, field: str, values: Sequence[str]) -> bool:
        match field:
            case "lat" | "lng":
                return words.share(values, words.is_position) > 0.5
            case "key":
                return words.distinct(values) > 0.9
            case "day":
                return words.share(values, words.says_weekday) > 0.5
        return _filled(values) > 0.5

    def _take_schedule(self) -> None:
        if self._take("schedule", lambda text: words.is_schedule(text) and not words.is_dated(text), least=0.5):
            return
        if self._take("schedule", words.is_schedule, least=0.5):
            return
        if "day" not in self._fields:
            self._take("day", lambda text: len(text) < 40 and words.says_weekday(text), least=0.5)
        self._take("time", lambda text: len(text) < 60 and words.says_time(text), least=0.5)

    def _take_name(self) -> None:
        if "name" in self._fields:
            return
        good = [
            css for css, values in self._columns.items() if "@" not in css and css != "." and self._names(css, values)
        ]
        if good:
            css = max(good, key=lambda one: (self._hint("name", one), _name_rank(one), -len(one)))
            self._keep("name", css, _filled(self._columns[css]), css)
        else:
            self._take_name_from_sentence()

    def _names(self, css: str, values: Sequence[str]) -> bool:
        """Mostly there, mostly different, short, and neither an evening nor an address."""
        present = [value for value in values if value]
        return (
            css not in self._used
            and _filled(values) > 0.75
            and words.distinct(values) > 0.5
            and sum(map(len, present)) < 100 * len(present)
            and any(letter.isalpha() for letter in "".join(present))
            and not any(
                words.share(present, other) > 0.5
                for other in (words.is_schedule, words.is_address, words.is_fee, words.says_time, words.is_postcode)
            )
        )

    def _take_name_from_sentence(self) -> None:
        """ "The Crown – Tuesdays 8pm": one text says both."""
        for split in _LEAF_SPLITS:
            values = self._columns.get(".", ())
            parts = [re.split(split, value, maxsplit=1) for value in values]
            names = [part[0] if len(part) == 2 else "" for part in parts]
            rests = [part[-1] for part in parts]
            speaks = words.share(rests, words.says_weekday) > 0.7
            if speaks and words.distinct(names) > 0.6 and words.share(names, words.says_weekday) < 0.3:
                self._keep("name", {"select": ".", "regex": rf"^(.+?){split}"}, _filled(names))
                if "schedule" in self._fields or words.share(rests, words.is_schedule) > 0.5:
                    self._keep("schedule", {"select": ".", "regex": rf"{split}(.+)$"}, _filled(rests))
                return

    def _take_address(self) -> None:
        if "address" in self._fields:
            return
        if self._take("address", words.is_address, least=0.4):
            if self._fields["address"] == ".":
                self._cut_address_out()
            return
        self._take("address", lambda text: len(text) > 7 and not words.is_schedule(text), least=0.6, hinted=True)

    def _cut_address_out(self) -> None:
        """One text holds everything: the address is what stands between a house number and a postcode."""
        values = self._columns["."]
        del self._fields["address"], self._fills["address"]
        for regex in _ADDRESS_INSIDE:
            if words.share(values, _holding(regex)) > 0.6:
                self._keep("address", {"select": ".", "regex": regex}, _filled(values))
                return

    def _take(
        self,
        field: str,
        accepts: Callable[[str], bool],
        *,
        least: float,
        hinted: bool = False,
        but: Callable[[str], bool] = lambda _: False,
    ) -> bool:
        """The selector most of whose texts a predicate accepts; hinted = only where its name says so too."""
        ranked = []
        for css, values in self._columns.items():
            label = self._heads.get(_cell(css), "")
            hint = self._hint(field, css)
            if css in self._used or ("@" in css and not css.startswith("@data-")) or but(css) or but(label):
                continue
            if words.is_opening_hours(css.rpartition(".")[2]) or (hinted and not hint):
                continue
            part = words.share(values, accepts)
            if part >= least:
                ranked.append((round(part, 1), hint, -sum(map(len, values)), _niceness(css), -len(css), css))
        if not ranked:
            return False
        best = max(ranked)
        self._keep(field, best[-1], best[0], "" if best[-1] == "." else best[-1])
        return True

    def _hint(self, field: str, css: str) -> int:
        """How clearly the class (or the column's head) speaks of a field: 0 = not at all."""
        label = self._heads.get(_cell(css), "")
        if label and words.bare(label) in words.NAMES.get(field, ()):
            return 20
        wanted = _TOKENS.get(field, ())
        tokens = [token for token in _tokens(css) if token not in self._common]
        return max((len(wanted) - wanted.index(token) for token in tokens if token in wanted), default=0)

    def _take_url(self) -> None:
        host = urlsplit(self._url).netloc
        ranked = []
        for css, values in self._columns.items():
            attribute = css.rpartition("@")[2] if "@" in css else ""
            if attribute != "href" and words.bare(attribute) not in words.NAMES["url"]:
                continue
            links = [resolved_address(value, self._url) or "" for value in values]
            part = words.share(links, lambda link: urlsplit(link).netloc == host)
            if part > 0.6 and words.distinct(links) > 0.6:
                own = css.startswith("@")
                heading = css.startswith(HEADINGS)
                ranked.append((round(part, 1), own, heading, _niceness(css), -len(css), css, links))
        if ranked:
            best = max(ranked)
            self._keep("url", best[-2], best[0])
            self._take_key(best[-2], best[-1])

    def _take_key(self, css: str, links: Sequence[str]) -> None:
        paths = [urlsplit(link).path for link in links if link]
        folders = {path.rstrip("/").rpartition("/")[0] for path in paths}
        if "key" in self._fields or len(folders) != 1 or any(urlsplit(link).query for link in links):
            return
        [folder] = folders
        step = folder.rpartition("/")[2]
        if step:
            self._keep("key", {"select": css, "regex": rf"/{re.escape(step)}/([^/?#]+)"}, 1.0)

    def _take_image(self) -> dict[str, str]:
        ranked = []
        for css, values in self._columns.items():
            if "img" in css.partition("@")[0] or css.partition("@")[0].startswith("."):
                attribute = css.rpartition("@")[2] if "@" in css else ""
                pictures = [value for value in values if value and not value.startswith("data:")]
                if attribute in IMAGE_ATTRIBUTES and len(pictures) * 2 > len(values):
                    ranked.append((round(words.distinct(pictures), 1), _niceness(css), -len(css), css, pictures))
        if not ranked or max(ranked)[0] <= 0.4:  # one shared logo on every card is no picture of a venue
            return {}
        best = max(ranked)
        self._keep("image", best[-2], len(best[-1]) / max(1, len(self._columns[best[-2]])))
        placeholder = next((found[0] for found in map(_PLACEHOLDER.search, best[-1]) if found), None)
        return {"image": placeholder} if placeholder else {}

    def _take_phone(self) -> None:
        css = 'a[href^="tel:"]'
        if _filled(self._columns.get(css, ())) > 0.3:
            self._keep("phone", css, _filled(self._columns[css]))


_PLACEHOLDER: Final = re.compile(r"/(?:placeholder|no-?image|default-post)[^/]*(?:/|(?=\.))", re.IGNORECASE)


def _cell(css: str) -> int:
    """The column of a table cell's selector, 0 for every other."""
    found = re.match(r"td:nth-child\(([0-9]+)\)", css)
    return int(found[1]) if found else 0


def _tokens(name: str) -> list[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1-\2", name)
    return [
        token.rstrip("s") if len(token) > 4 else token for token in re.split(r"[^A-Za-z]+", spaced.lower()) if token
    ]


def _niceness(css: str) -> int:
    """Classes and attributes last longer than tags, tags longer than positions."""
    if css.startswith((".", "@")) and css != ".":
        return 3
    return 1 if ":nth-child" in css else 0 if css == "." else 2


def _name_rank(css: str) -> int:
    if css.startswith(HEADINGS):
        return 9 if " " not in css else 8
    ranks = {"a": 6, "strong": 5, "b": 4, "td:nth-child(1)": 7, "dt": 3}
    return ranks.get(css, 2 if css.startswith(".") else 1)


def _filled(values: Sequence[str]) -> float:
    return sum(map(bool, values)) / len(values) if values else 0.0


def _is_word(text: str) -> bool:
    return 1 < len(text) < 40 and not any(character.isdigit() for character in text)


def _holding(regex: str) -> Callable[[str], bool]:
    pattern = re.compile(regex, re.IGNORECASE)
    return lambda text: pattern.search(text) is not None
