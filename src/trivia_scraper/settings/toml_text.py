"""TOML with places: values from `tomllib`, and the line and column of every key, for error messages.

`tomllib` reports no positions of keys. The scanner below runs only over text that `tomllib` has accepted, so
it may be simple: it looks for headers and `key =` at the start of a logical line and skips values.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

Key = tuple[str, ...]

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED: Final = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER: Final = re.compile(rf"[ \t]*\[\[?[ \t]*({_DOTTED})[ \t]*\]")
_ASSIGNMENT: Final = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_TOKEN: Final = re.compile(
    r'''""".*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[\[\]{}\n]''', re.DOTALL
)
_PLACE_IN_MESSAGE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file, both counted from 1."""

    line: int
    column: int


class BrokenToml(ValueError):
    """The text is not TOML. `message` says why, `place` where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


@dataclass(frozen=True, slots=True)
class TomlText:
    """Values, and where each key stands."""

    values: dict[str, Any]
    places: dict[Key, Place]

    def place_of(self, key: Key) -> Place | None:
        """The key's place, or that of its nearest table."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places.get(key)


def read_toml(text: str) -> TomlText:
    """Parse a whole file. Raises BrokenToml."""
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _located(str(error), text) from error
    return TomlText(values, _places(text))


def _located(message: str, text: str) -> BrokenToml:
    match = _PLACE_IN_MESSAGE.search(message)
    if match is None or match[1] is None:
        lines = text.split("\n")
        place = Place(len(lines), len(lines[-1]) + 1)
    else:
        place = Place(int(match[1]), int(match[2]))
    return BrokenToml(message[: match.start()] if match else message, place)


def _places(text: str) -> dict[Key, Place]:
    places: dict[Key, Place] = {}
    table: Key = ()
    at = 0
    while at < len(text):
        if header := _HEADER.match(text, at):
            table = _parts(header[1])
            places.setdefault(table, _place(text, header.start(1)))
            at = _end_of_value(text, header.end())
        elif assignment := _ASSIGNMENT.match(text, at):
            key = (*table, *_parts(assignment[1]))
            places.setdefault(key, _place(text, assignment.start(1)))
            at = _end_of_value(text, assignment.end())
        else:
            at = _end_of_value(text, at)
    return places


def _end_of_value(text: str, at: int) -> int:
    """Just behind the line end that closes the value beginning at `at`: brackets and strings are stepped over."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif token[0] == "\n" and depth <= 0:
            return token.end()
    return len(text)


def _parts(dotted: str) -> Key:
    return tuple(_unquote(part) for part in re.findall(_PART, dotted))


def _unquote(part: str) -> str:
    if part[0] in "\"'":
        return str(tomllib.loads(f"x = {part}")["x"])
    return part


def _place(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)
