"""The numbered requirements of images and the tests that name them, as docs/requirements.md has them.

`make requirements` writes the document; a test compares. A test names a requirement by its number: in its own name
(`test_r145_…`), in its docstring, or in the id of a case.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
TESTS: Final = REPOSITORY / "tests"
STATEMENTS: Final = Path(__file__).with_name("requirements.tsv")
DOCUMENT: Final = REPOSITORY / "docs" / "requirements.md"

MOST_TESTS_SHOWN: Final = 3
NOT_BUILT: Final[Mapping[int, str]] = {
    231: "not built: off-peak retries and error grouping",
    232: "not built: a score threshold, blur, diversity, one photo over several venues",
}
"""Wishes that the requirements call later."""

DASHBOARD: Final[Mapping[int, str]] = dict.fromkeys(
    (200, 201, 202, 203, 204, 205, 207, 208), "figures and deeds; the page comes with the dashboard"
)
"""Requirements whose page is missing although what it shows is there."""

_IN_NAME: Final = re.compile(r"(?<=_)r(\d{1,3})(?=_|$)")
_IN_TEXT: Final = re.compile(r"\bR(\d{1,3})\b")
_HEAD: Final = """# Requirements

The numbered requirements of images, and the tests that name each. Written by `make requirements`; do not edit. A
number counts as tested where a test names it: in its name, its docstring, or the id of one of its cases. Groups share
one statement.

| number | what it asks for | tests |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one or several numbers ask for."""

    numbers: tuple[int, ...]
    words: str


def statements() -> list[Statement]:
    """Every requirement, in the order of its first number."""
    found = []
    for line in STATEMENTS.read_text(encoding="utf-8").splitlines():
        numbers, _, words = line.partition("\t")
        found.append(Statement(tuple(int(each[1:]) for each in numbers.split()), words))
    return sorted(found, key=lambda each: each.numbers[0])


def tests_by_number() -> dict[int, list[str]]:
    """Number → tests that name it, as "folder/file.py::test"."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, numbers in _named(ast.parse(path.read_text(encoding="utf-8"))):
            for number in sorted(numbers):
                found[number].append(f"{path.relative_to(TESTS).as_posix()}::{name}")
    return found


def _named(tree: ast.Module) -> Iterator[tuple[str, set[int]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            texts = [ast.get_docstring(node) or ""]
            texts += [
                each.value
                for decorator in node.decorator_list
                for each in ast.walk(decorator)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
            numbers = {int(number) for number in _IN_NAME.findall(node.name)}
            yield node.name, numbers | {int(number) for text in texts for number in _IN_TEXT.findall(text)}


def document() -> str:
    """The whole page."""
    tests = tests_by_number()
    return _HEAD + "".join(f"{_row(each, tests)}\n" for each in statements())


def _row(statement: Statement, tests: Mapping[int, list[str]]) -> str:
    numbers = ", ".join(f"R{number}" for number in statement.numbers)
    naming = list(dict.fromkeys(name for number in statement.numbers for name in tests.get(number, [])))
    shown = [f"`{name}`" for name in naming[:MOST_TESTS_SHOWN]]
    if len(naming) > MOST_TESTS_SHOWN:
        shown.append(f"and {len(naming) - MOST_TESTS_SHOWN} more")
    remarks = (each.get(number) for number in statement.numbers for each in (NOT_BUILT, DASHBOARD))
    said = [remark for remark in remarks if remark]
    return f"| {numbers} | {statement.words} | {'<br>'.join([*shown, *said]) or '**none**'} |"


def untested() -> list[int]:
    """Numbers that no test names and that are not called later."""
    tests = tests_by_number()
    return [
        number
        for each in statements()
        if not any(tests.get(number) for number in each.numbers)
        for number in each.numbers
        if number not in NOT_BUILT
    ]


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    sys.exit(f"no test names {untested()}" if untested() else 0)
