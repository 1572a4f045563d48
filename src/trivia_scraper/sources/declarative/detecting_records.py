"""JSON records as an index: which list in a document holds the venues, and which path gives which field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trivia_scraper.sources.declarative import detecting_words as words
from trivia_scraper.sources.declarative.detecting_toml import TomlValue
from trivia_scraper.sources.json_reading import text_of
from trivia_scraper.text.schedule import PHRASE_LIMIT

SAMPLE: Final = 60
POPUPS: Final = ("content", "html", "popup", "infowindow", "info")
"""Fields that hold a map marker's markup: several facts in one text, each behind a selector of its own."""

_DEPTH: Final = 8
_LISTS: Final = 200
_FIELD_DEPTH: Final = 3
_OTHER_GAMES: Final = re.compile(r"bingo|singo|feud|karaoke|poker|music", re.IGNORECASE)
_OTHER_TIMES: Final = re.compile(r"(?:end|updated|modified|created)[^.]*$", re.IGNORECASE)
_LABEL: Final = 100
_TAG: Final = re.compile(r"<[^<>]{0,500}>")
_FORBIDDEN: Final = frozenset(".[]=*")
_LABELS: Final = ("name", "label", "title", "key")
_WEIGHTS: Final = {
    "name": 0.3, "schedule": 0.25, "lat": 0.1, "lng": 0.1, "address": 0.1, "day": 0.1, "key": 0.05, "url": 0.05,
    "postcode": 0.05, "street": 0.05, "date": 0.05, "time": 0.05,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list of objects inside a document. `path` is "" for the document itself."""

    path: str
    records: tuple[Mapping[str, object], ...]
    fields: Mapping[str, TomlValue]
    worth: float

    def values(self, path: str) -> list[str]:
        """The texts under a plain path in the sampled records; "" where there is none."""
        return [dict(_flat(record)).get(path, "") for record in self.records[:SAMPLE]]


def best_list(document: object) -> RecordList | None:
    """The list that looks most like venues or evenings; None when none has a name or a position in its records."""
    lists = [_described(path, records) for path, records in _lists(document)]
    usable = [found for found in lists if "name" in found.fields or {"lat", "lng"} <= found.fields.keys()]
    return max(usable, key=lambda found: (found.worth, len(found.records)), default=None)


def _lists(document: object) -> Iterator[tuple[str, tuple[Mapping[str, object], ...]]]:
    """Every list of objects, breadth first; depth and number are bounded, because the page chooses both."""
    waiting: list[tuple[str, object, int]] = [("", document, 0)]
    found = 0
    for path, value, depth in waiting:
        if isinstance(value, list):
            records = tuple(record for record in value if isinstance(record, dict))
            if records and len(records) * 2 > len(value):
                yield path, records
                found += 1
        elif isinstance(value, dict) and depth < _DEPTH:
            if _is_keyed(value):
                yield _below(path, "*"), tuple(value.values())
                found += 1
            waiting.extend((_below(path, key), inner, depth + 1) for key, inner in value.items() if _is_plain(key))
        if found >= _LISTS or len(waiting) > 20_000:
            return


def _is_keyed(value: Mapping[str, object]) -> bool:
    """Whether an object is a list whose entries stand under their ids: all objects, and with keys in common."""
    entries = [entry for entry in value.values() if isinstance(entry, dict)]
    if len(entries) < 2 or len(entries) < len(value):
        return False
    return len(set(entries[0]).intersection(*entries[1:SAMPLE])) >= 2


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _is_plain(key: str) -> bool:
    """Whether a path can name this key."""
    return bool(key) and not _FORBIDDEN & set(key)


def _described(path: str, records: tuple[Mapping[str, object], ...]) -> RecordList:
    columns = _columns(records[:SAMPLE])
    fields: dict[str, TomlValue] = dict(_by_name(columns))
    fields.update(_by_value(columns, fields))
    worth = sum(_WEIGHTS.get(name, 0.0) for name in fields)
    return RecordList(path, records, fields, worth)


def _columns(records: Sequence[Mapping[str, object]]) -> dict[str, list[str]]:
    """Path → one text a record, "" where a record has none."""
    rows = [dict(_flat(record)) for record in records]
    paths = Counter(path for row in rows for path in row)
    return {path: [row.get(path, "") for row in rows] for path, _ in paths.most_common(150)}


def _flat(record: Mapping[str, object], path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The record's texts by the paths that lead there: objects, first list entries, labelled list entries."""
    for key, value in list(record.items())[:100]:
        below = _below(path, key)
        if not _is_plain(key):
            continue
        text = text_of(value)
        if text is not None:
            yield below, text.strip()
        elif isinstance(value, dict) and depth < _FIELD_DEPTH:
            yield from _flat(value, below, depth + 1)
        elif isinstance(value, list) and value:
            yield from _of_list(value, below)


def _of_list(values: list[object], path: str) -> Iterator[tuple[str, str]]:
    first = text_of(values[0])
    if first is not None:
        yield f"{path}[0]", first.strip()
        return
    for entry in values[:20]:
        if not isinstance(entry, dict):
            continue
        label = next((key for key in _LABELS if text_of(entry.get(key))), None)
        said = text_of(entry.get(label)) if label else None
        if label is None or said is None or not _is_plain(said):
            continue
        for key, value in entry.items():
            text = text_of(value)
            if text is not None and key != label and _is_plain(key):
                yield f"{path}[{label}={said}].{key}", text.strip()


def _by_name(columns: Mapping[str, list[str]]) -> Iterator[tuple[str, TomlValue]]:
    """Fields whose path goes by a known name and mostly holds something."""
    taken: set[str] = set()
    for field, names in words.NAMES.items():
        path = next((path for name in names for path in _named(columns, name) if path not in taken), None)
        if path is not None and _fits(field, columns[path]):
            taken.add(path)
            yield field, path


def _named(columns: Mapping[str, list[str]], name: str) -> list[str]:
    """Plain paths that go by this name, whole paths before last steps, and the fullest first."""
    plain = [path for path in columns if "[" not in path and any(columns[path])]
    whole = [path for path in plain if words.bare(path) == name]
    last = [path for path in plain if words.bare(path.rpartition(".")[2]) == name and path not in whole]
    return sorted(whole + last, key=lambda path: (path in last, path.count("."), -_filled(columns[path])))


def _filled(values: list[str]) -> int:
    return sum(map(bool, values))


def _fits(field: str, values: list[str]) -> bool:
    """Whether the values can be what the name promises."""
    present = [value for value in values if value]
    match field:
        case "lat" | "lng":
            return words.share(present, words.is_position) > 0.5
        case "name":
            return len(present) * 2 > len(values) and not words.share(present, words.is_schedule) > 0.5
        case "url":
            return words.share(present, lambda value: value.startswith(("http", "/"))) > 0.5
        case "day":
            return words.share(present, words.says_weekday) > 0.5
        case "time":
            return words.share(present, words.says_time) > 0.5
        case "schedule":
            return words.share(present, words.is_schedule) > 0.3
        case "fee":
            return words.share(present, lambda value: len(value) < 100) > 0.9
    return True


def _by_value(columns: Mapping[str, list[str]], known: Mapping[str, TomlValue]) -> Iterator[tuple[str, TomlValue]]:
    """Fields that only their texts give away."""
    if "schedule" not in known:
        speaking = _speaking(columns, words.is_schedule, least=0.3)
        if speaking:
            yield "schedule", speaking[0] if len(speaking) == 1 else speaking
        for field, says in (("day", _says_weekday), ("time", words.says_time)) if not speaking else ():
            paths = [] if field in known else _speaking(columns, says, least=0.5)
            if paths:
                yield field, paths[0]
    fees = [] if "fee" in known else _speaking(columns, words.is_fee, least=0.3)
    if fees:
        yield "fee", fees[0]


def _says_weekday(text: str) -> bool:
    return len(text) <= _LABEL and words.says_weekday(text)


def _speaking(columns: Mapping[str, list[str]], says: Callable[[str], bool], *, least: float) -> list[str]:
    """Paths whose texts a predicate accepts, the best two; opening hours are never among them."""
    shares = {  # markup is read as text, as the expressions do
        path: words.share(values, lambda text: _speaks(text, says))
        for path, values in columns.items()
        if not any(words.is_opening_hours(step) for step in path.split("."))
        and not _OTHER_GAMES.search(path)
        and not _OTHER_TIMES.match(path.rpartition(".")[2])
        and not words.is_prize(path)
        and path.rpartition(".")[2] not in POPUPS
    }
    good = [path for path, part in shares.items() if part >= least]
    return sorted(good, key=lambda path: -shares[path])[:2]


def _speaks(text: str, says: Callable[[str], bool]) -> bool:
    shown = _TAG.sub(" ", text).strip() if "<" in text else text
    return len(shown) <= PHRASE_LIMIT and says(shown)
