"""What is wrong with a description, told so that it can be mended: file, line, key, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError

from trivia_scraper.settings.toml_text import Place, TomlText
from trivia_scraper.sources.declarative.detecting_words import NAMES, bare

Key = tuple[str, ...]

_START: Final = Place(1, 1)
_SPELLINGS: Final = {
    "key": "must be small letters and digits, with - or _ between them",
    "country": "must be two capital letters, as in GB",
    "currency": "must be three capital letters, as in GBP",
    "account": "must be the account's letters and digits alone",
    "type": "must be a WordPress type: small letters, digits, - and _",
    "accept_language": 'must be a list of languages, as in "en-GB,en;q=0.9"',
}
_TOML_WORDS: Final = (
    ("Illegal character '\\n'", "a text in quotes has no closing quote on its line"),
    ("Unescaped '\\'", "a backslash in double quotes: write the text in single quotes, as in '\\d+'"),
    ("Cannot overwrite a value", "this key stands twice in its table"),
    ("Cannot declare", "this table stands twice: put its keys below one header"),
    ("Invalid value", "no value can begin so: texts stand in straight quotes; true and false are small letters"),
    ("Expected '=' after a key", "a line is key = value, or a [table]"),
    ("Invalid statement", "a line is key = value, or a [table]"),
)
"""What tomllib says, and what a person is to do about it."""

_PLAIN_WORDS: Final = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text, in quotes",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "union_tag_not_found": "must be a selector in quotes, a table { select = … } or a list of these",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "missing": "is required",
}


@dataclass(frozen=True, slots=True)
class DescriptionFile:
    """One file of `sources.d/`, read by somebody else: this package does no I/O."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `key` is dotted ("index.fields.lat"); `line` and `column` count from 1."""

    path: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        """ "sources.d/x.toml:12:1: index.fields.lat: …"."""
        told = f"{self.key}: {self.message}" if self.key else self.message
        return f"{self.path}:{self.line}:{self.column}: {told}"


class Mistakes:
    """Collects the mistakes of one file, each with the place of its key."""

    def __init__(self, path: str, toml: TomlText | None) -> None:
        self._path = path
        self._toml = toml
        self._found: dict[tuple[int, int, str, str], Problem] = {}

    def add(self, key: Key, message: str, place: Place | None = None) -> None:
        """Remember one mistake; the place is the key's own, or its nearest table's."""
        where = place or (self._toml.place_of(key) if self._toml else None) or _START
        problem = Problem(self._path, where.line, where.column, ".".join(key), message)
        self._found.setdefault((where.line, where.column, problem.key, message), problem)

    def add_shape(self, error: ValidationError, known: Mapping[Key, Iterable[str]]) -> None:
        """Every mistake pydantic found, in plain words; `known` are the keys that each table may have."""
        for one in error.errors(include_url=False):
            key = tuple(str(part) for part in one["loc"] if not _is_tag(part))
            if one["type"] == "literal_error":
                self.add(key, _not_one_of(one["input"], one["ctx"]["expected"]))
            else:
                self.add(key, _told(key, one["type"], one["msg"], known))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """In the order of the file."""
        return tuple(self._found[place] for place in sorted(self._found))


def told_of_toml(message: str) -> str:
    """Why a text is no TOML, and what to write instead."""
    advice = next((advice for said, advice in _TOML_WORDS if message.startswith(said)), None)
    return f"is no TOML: {advice} ({message})" if advice else f"is no TOML: {message}"


def meant(word: str, known: Iterable[str]) -> str:
    """ ", did you mean …?" for the nearest known word, or ""."""
    by_small_letters = {one.casefold(): one for one in reversed(list(known))}
    close = [
        by_small_letters[one] for one in get_close_matches(word.casefold(), list(by_small_letters), n=1, cutoff=0.6)
    ]
    return f", did you mean {close[0]!r}?" if close else ""


def _is_tag(part: object) -> bool:
    """Steps of the schema that stand in no file: the alternatives of an expression, pydantic's own marks."""
    return isinstance(part, str) and part.startswith(("<", "["))


def _told(key: Key, kind: str, message: str, known: Mapping[Key, Iterable[str]]) -> str:
    if kind == "extra_forbidden":
        return _unknown(key, known)
    if kind == "string_pattern_mismatch" and key[-1] in _SPELLINGS:
        return _SPELLINGS[key[-1]]
    if kind in _PLAIN_WORDS:
        return _PLAIN_WORDS[kind]
    for said, plain in (("Value error, ", ""), ("Input should be", "must be"), ("String should have", "must have")):
        message = message.replace(said, plain, 1) if message.startswith(said) else message
    return message


def _not_one_of(value: object, expected: str) -> str:
    words = re.findall(r"'([^']+)'", expected)
    close = meant(value, words) if isinstance(value, str) else ""
    return f"{value!r} is none of its words{close}" if close else f"must be {expected}"


def _unknown(key: Key, known: Mapping[Key, Iterable[str]]) -> str:
    here = list(known.get(tuple(part for part in key[:-1] if not part.isdigit()), ()))
    # "latitude", "city", "price": what sites call a field, before anything that is only spelt alike.
    called = next((field for field, names in NAMES.items() if field in here and bare(key[-1]) in names), None)
    if called:
        return f"unknown key, did you mean {'.'.join((*key[:-1], called))!r}?"
    if close := get_close_matches(key[-1], here, n=1, cutoff=0.6):
        return f"unknown key, did you mean {'.'.join((*key[:-1], close[0]))!r}?"
    # The right name in the wrong table is as common a slip as a misspelt one.
    elsewhere = sorted((".".join((*table, key[-1])) for table, names in known.items() if key[-1] in names), key=len)
    if elsewhere:
        return f"unknown key here, did you mean {elsewhere[0]!r}?"
    return f"unknown key; known here: {', '.join(here)}" if here else "unknown key"
