"""JSON from strangers (safety.md 7.4, H103–H105): bounded depth and numbers, no NaN, errors that name the fact."""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn

from trivia_scraper.domain.errors import PageShapeChanged

JSON_LIMIT: Final = 10 * 1024 * 1024
DEPTH_LIMIT: Final = 64
INTEGER_DIGITS: Final = 18

_STRING_OR_BRACKET: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def read_json(text: str, *, looked_for: str, url: str) -> object:
    """Parse a JSON document. Raises PageShapeChanged naming `looked_for`; HTML in its place is told apart."""
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise PageShapeChanged("expected JSON, got HTML", looked_for=f"{looked_for} (JSON, got HTML)", url=url)
    try:
        return parse_json(text)
    except ValueError as error:
        raise PageShapeChanged(f"unreadable JSON: {error}", looked_for=looked_for, url=url) from error


def parse_json(text: str) -> object:
    """Parse one bounded JSON text. Raises ValueError, whatever is wrong with it."""
    if len(text) > JSON_LIMIT:
        raise ValueError(f"longer than {JSON_LIMIT} characters")
    if _depth(text) > DEPTH_LIMIT:
        raise ValueError(f"nested deeper than {DEPTH_LIMIT}")
    parsed: object = json.loads(
        text.lstrip("\ufeff"), parse_int=_bounded_integer, parse_float=_finite, parse_constant=_refused
    )
    return parsed


def member(value: object, *path: str) -> object:
    """What lies under `path` in nested objects, or None where any step is missing or no object."""
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def text_of(value: object) -> str | None:
    """A string, or a number as one; None for everything else and for blank strings."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)


def _depth(text: str) -> int:
    """The deepest nesting, counted without parsing: a deep document costs no recursion."""
    depth = deepest = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        match token.group()[0]:
            case "[" | "{":
                depth += 1
                deepest = max(deepest, depth)
            case "]" | "}":
                depth -= 1
    return deepest


def _bounded_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > INTEGER_DIGITS:
        raise ValueError(f"an integer of more than {INTEGER_DIGITS} digits")
    return int(digits)


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError("a number beyond every measure")
    return value


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
