"""Writes the TOML of a proposed source: values, tables, and remarks that stay remarks whatever a page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from trivia_scraper.text.cleaning import clean_line

TomlValue = str | int | bool | Sequence["TomlValue"] | Mapping[str, "TomlValue"]

REMARK_LIMIT: Final = 160

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(value: TomlValue) -> str:
    """One value; tables are written inline."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(inner)}" for key, inner in value.items()) + " }"
    return "[" + ", ".join(map(toml_value, value)) + "]"


def toml_key(key: str) -> str:
    """A key, quoted where it has to be."""
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def table_lines(name: str, values: Mapping[str, TomlValue]) -> Iterator[str]:
    """A table with its header; nothing at all for an empty one."""
    if values:
        yield f"[{name}]"
        yield from (f"{toml_key(key)} = {toml_value(value)}" for key, value in values.items())


def remark(text: str, why: str = "") -> str:
    """A comment line: one line, no control characters, so that nothing on a page can end the comment.

    A line that would be a setting without its first "#" says behind a second one why it is none yet.
    """
    said, reason = (clean_line(part, REMARK_LIMIT).text for part in (text, why))
    return f"# {said}  # {reason}" if reason else f"# {said}"


def _text(value: str) -> str:
    """In single quotes where backslashes and quotes may stand as they are, else escaped."""
    if ("\\" in value or '"' in value) and "'" not in value and value.isprintable():
        return f"'{value}'"
    # JSON's escapes are TOML's. It leaves alone what turns a terminal's text around, so that goes here.
    return "".join(map(_shown, json.dumps(value, ensure_ascii=False)))


def _shown(mark: str) -> str:
    if mark.isprintable():
        return mark
    return f"\\u{ord(mark):04x}" if ord(mark) < 0x10000 else f"\\U{ord(mark):08x}"
