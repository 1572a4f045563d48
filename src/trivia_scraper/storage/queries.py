"""SQL is kept as SQL: one query a file under `sql/`, headed by its parameters.

    -- $1 slug: text
    -- $2 at: timestamptz
    SELECT …

Files are read once and cached; names are ours, never data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

SQL_FOLDER: Final = Path(__file__).with_name("sql")
MIGRATIONS_FOLDER: Final = SQL_FOLDER / "migrations"

_NAME: Final = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")
_PARAMETER: Final = re.compile(r"^-- \$(\d+) (\w+): (\S.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a query's header: `-- $1 slug: text`."""

    position: int
    name: str
    type: str


@cache
def sql(name: str) -> str:
    """The text of `sql/<name>.sql`, header included. Raises LookupError for a name that is no query."""
    if not _NAME.fullmatch(name):
        raise LookupError(f"{name!r} cannot be the name of a query")
    try:
        return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LookupError(f"there is no query {name!r}") from None


def parameters(text: str) -> tuple[Parameter, ...]:
    """What a query's header says of its parameters, in the order written."""
    return tuple(Parameter(int(number), name, kind) for number, name, kind in _PARAMETER.findall(text))


def all_queries() -> Mapping[str, str]:
    """Every query by name, migrations apart: the test that PREPAREs them all walks this."""
    return MappingProxyType({name: sql(name) for name in sorted(_names())})


def _names() -> Iterator[str]:
    for path in SQL_FOLDER.rglob("*.sql"):
        if not path.is_relative_to(MIGRATIONS_FOLDER):
            yield path.relative_to(SQL_FOLDER).with_suffix("").as_posix()
