"""Field types of the sections: the TOML spelling outside, the Python value inside."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.settings.values import (
    A_CENTURY,
    format_age,
    format_duration,
    format_size,
    parse_age,
    parse_duration,
    parse_size,
)

_BARE_NUMBER = re.compile(r"\d{1,10}(\.\d{1,6})?", re.ASCII)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _from_text(read: Callable[[str], Any], wanted: type | UnionType) -> Callable[[object], Any]:
    """A validator that reads text and passes the finished value (a default) through."""

    def validate(value: object) -> Any:
        if isinstance(value, str):
            return read(value)
        if isinstance(value, wanted) and not isinstance(value, bool):
            return value
        raise ValueError("must be written as text, in quotes")

    return validate


def _from_duration(read: Callable[[str], Any], wanted: type | UnionType) -> Callable[[object], Any]:
    """As `_from_text`; a bare number, in TOML or in the environment, counts seconds as everywhere in Unix."""
    from_text = _from_text(read, wanted)

    def validate(value: object) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return read(f"{value}s")
        if isinstance(value, str) and _BARE_NUMBER.fullmatch(value.strip()):
            return read(f"{value.strip()}s")
        return from_text(value)

    return validate


def _listed(value: object) -> object:
    """A list written as one text, as an environment variable has it: "127.0.0.0/8, ::1/128"."""
    return [part for part in re.split(r"[,\s]+", value) if part] if isinstance(value, str) else value


def _known_types(value: object) -> object:
    names = _listed(value)
    if not isinstance(names, list | tuple):
        raise ValueError("must be a list of error types")
    known = [each.value for each in ErrorType]
    for name in names:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            raise ValueError(f"{name!r} is no error type{f', did you mean {near[0]!r}?' if near else ''}")
    return tuple(names)


def _positive_duration(text: str) -> dt.timedelta:
    duration = parse_duration(text)
    if not duration:
        raise ValueError("must be more than zero")
    return duration


def _freshness(text: str) -> dt.timedelta:
    age = parse_age(text)
    return A_CENTURY if age is None else age


def _format_freshness(age: dt.timedelta) -> str:
    return format_age(None if age == A_CENTURY else age)


def _or_unset(read: Callable[[str], dt.timedelta]) -> Callable[[str], dt.timedelta | None]:
    return lambda text: read(text) if text.strip() else None


def _text_schema(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


Duration = Annotated[
    dt.timedelta,
    BeforeValidator(_from_duration(parse_duration, dt.timedelta)),
    PlainSerializer(format_duration, return_type=str),
    _text_schema("1s"),
]
"""A length of time, zero allowed."""

Timeout = Annotated[
    dt.timedelta,
    BeforeValidator(_from_duration(_positive_duration, dt.timedelta)),
    PlainSerializer(format_duration, return_type=str),
    _text_schema("30s"),
]
"""A length of time above zero: no wait is without a limit, and none is cut to nothing."""

Age = Annotated[
    dt.timedelta | None,
    BeforeValidator(_from_duration(parse_age, dt.timedelta)),
    PlainSerializer(format_age, return_type=str),
    _text_schema("7d"),
]
"""How old something may grow: zero = "always" due, None = "never" due."""

Freshness = Annotated[
    dt.timedelta,
    BeforeValidator(_from_duration(_freshness, dt.timedelta)),
    PlainSerializer(_format_freshness, return_type=str),
    _text_schema("5d"),
]
"""As `Age`, for arithmetic: "never" is a century."""

OptionalDuration = Annotated[
    dt.timedelta | None,
    BeforeValidator(_from_duration(_or_unset(parse_duration), dt.timedelta | None)),
    PlainSerializer(lambda value: "" if value is None else format_duration(value), return_type=str),
    _text_schema("2s"),
]
"""A duration, or "" for "as everywhere else"."""

OptionalFreshness = Annotated[
    dt.timedelta | None,
    BeforeValidator(_from_duration(_or_unset(_freshness), dt.timedelta | None)),
    PlainSerializer(lambda value: "" if value is None else _format_freshness(value), return_type=str),
    _text_schema("5d"),
]
"""A freshness, or "" for "as everywhere else"."""


def _check_size(size: int) -> int:
    if size < 1:
        raise ValueError("must be at least 1 byte")
    return size


Size = Annotated[
    int,
    BeforeValidator(lambda value: _check_size(_from_text(parse_size, int)(value))),
    PlainSerializer(format_size, return_type=str),
    _text_schema("4 MiB"),
]
"""Bytes, at least one: "10 MB" or a bare integer."""

Networks = Annotated[
    tuple[Annotated[Network, BeforeValidator(lambda value: ipaddress.ip_network(value))], ...],
    BeforeValidator(_listed),
    Field(strict=False),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
    PlainSerializer(lambda networks: [str(network) for network in networks], return_type=list[str]),
]
"""Networks in CIDR form, host bits zero."""

Names = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(strict=False)]
"""Several names: a list, or one text with commas."""

Ports = Annotated[tuple[Annotated[int, Field(ge=1, le=65_535)], ...], Field(strict=False, min_length=1)]
"""TCP ports."""

ErrorTypes = Annotated[
    tuple[str, ...],
    BeforeValidator(_known_types),
    WithJsonSchema({"type": "array", "items": {"enum": [each.value for each in ErrorType]}}),
]
"""Error types of images.md 6."""
