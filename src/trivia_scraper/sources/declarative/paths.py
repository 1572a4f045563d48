"""Paths into JSON: `data.address`, `filters[0]`, `fields[name=Trivia].pivot_field_value`, `location.*` (11.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from trivia_scraper.sources.json_reading import text_of
from trivia_scraper.text.folding import fold

VALUE_LIMIT: Final = 20_000
STEP_LIMIT: Final = 32

_TOKEN: Final = re.compile(
    r"""(?:^|\.)(?:(?P<all>\*)|(?P<name>[^.\[\]*\s"=]+(?:\ [^.\[\]*\s"=]+)*))"""
    r"""|\[(?:(?P<index>-?[0-9]{1,6})|(?P<every>\*)|"(?P<quoted>[^"]+)"|(?P<field>[^\]="\[]+)=(?P<wanted>[^\]]*))\]"""
)


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path; the empty one and "." are the value itself."""

    text: str
    steps: tuple[_Step, ...]

    def values(self, root: object) -> Iterator[object]:
        """Everything the path leads to, in order; nothing where it leads nowhere. Bounded, never raises."""
        found: Iterable[object] = (root,)
        for step in self.steps:
            found = _follow(step, found)
        for count, value in enumerate(found):
            if count >= VALUE_LIMIT:
                return
            yield value

    def first(self, root: object) -> object:
        """The first value, or None."""
        return next(self.values(root), None)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step: a member's name, an index, every member, or the members of a list whose field has a value."""

    name: str | None = None
    index: int | None = None
    wanted: tuple[str, str] | None = None

    def follow(self, value: object) -> Iterable[object]:
        if self.wanted is not None:
            field, wanted = self.wanted
            return [one for one in _members(value) if isinstance(one, dict) and _says(one.get(field), wanted)]
        if self.index is not None:
            return _at(value, self.index)
        if self.name is None:
            return _members(value)
        return (value[self.name],) if isinstance(value, dict) and self.name in value else ()


def parse_path(text: str) -> Path:
    """Parse a path. Raises ValueError that says what is wrong with it."""
    stripped = text.strip()
    if stripped in ("", "."):
        return Path(stripped, ())
    if stripped == "$" or stripped.startswith(("$.", "$[")):
        raise ValueError(f"{text!r}: leave out the '$', a path begins at the top by itself")
    steps: list[_Step] = []
    at = 0
    while at < len(stripped):
        token = _TOKEN.match(stripped, at)
        if token is None or token.end() == at:
            raise ValueError(f"{text!r} is no path: nothing is known to begin like {stripped[at : at + 20]!r}")
        steps.append(_step(token))
        at = token.end()
    if len(steps) > STEP_LIMIT:
        raise ValueError(f"a path has at most {STEP_LIMIT} steps")
    return Path(stripped, tuple(steps))


def leaf_texts(value: object, *, booleans: bool = False) -> Iterator[str]:
    """The texts in a value: itself, or its members' where it is a list or an object (one level of each)."""
    for one in _members(value) if isinstance(value, dict | list) else (value,):
        if isinstance(one, bool):
            if booleans:
                yield "true" if one else "false"
        elif (text := text_of(one)) is not None:
            yield text


def _step(token: re.Match[str]) -> _Step:
    if token["index"] is not None:
        return _Step(index=int(token["index"]))
    if token["wanted"] is not None:
        return _Step(wanted=(token["field"].strip(), fold(token["wanted"]).strip(" \"'")))
    return _Step(name=token["name"] or token["quoted"])


def _follow(step: _Step, values: Iterable[object]) -> Iterator[object]:
    for value in values:
        yield from step.follow(value)


def _members(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _at(value: object, index: int) -> Iterable[object]:
    if isinstance(value, list) and -len(value) <= index < len(value):
        return (value[index],)
    return ()


def _says(value: object, wanted: str) -> bool:
    text = text_of(value)
    return text is not None and fold(text).strip() == wanted
