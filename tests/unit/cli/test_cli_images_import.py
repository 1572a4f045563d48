"""`images import`: lines read one by one, and the report as people and programs read it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.images_import import REASONS, bounded_lines, report_lines
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.importing import ImportReport, RejectedLines, RejectReason
from trivia_scraper.domain.models import ImageStatus

OLDER = Path(__file__).parents[2] / "scenario" / "older_images.jsonl"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"ab\ncd", [b"ab", b"cd"]),
        (b"ab\r\n\ncd\n", [b"ab", b"", b"cd"]),
        (b"1234\n5", [b"1234", b"5"]),
        (b"12345\n5", [b"12345", b"5"]),
        (b"123456\n5", [b"12345", b"5"]),
        (b"1234567890123\n5\n", [b"12345", b"5"]),
        (b"1234567890123", [b"12345"]),
    ],
)
def test_a_long_line_is_cut_one_byte_beyond_the_limit(content: bytes, lines: list[bytes]) -> None:
    assert list(bounded_lines(io.BytesIO(content), 4)) == lines


class Endless(io.RawIOBase):
    """Lines without end, one without an end, then an error; it remembers how much was asked for."""

    def __init__(self) -> None:
        self.given = 0
        self.name = "older.jsonl"

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        self.given += 1
        if self.given > 1_000:
            raise OSError(5, "Input/output error")
        return b"x" * (size or 0)


def test_a_file_that_cannot_be_read_further_says_so() -> None:
    with pytest.raises(SetupError, match=r"older\.jsonl cannot be read: Input/output error"):
        list(bounded_lines(Endless(), 4))  # type: ignore[arg-type]


def test_only_as_much_is_read_as_is_asked_for() -> None:
    """A million lines are never held: the next is read when the one before is done with."""
    file = io.BytesIO(b"{}\n" * 1_000_000)
    lines = bounded_lines(file, 4)
    assert [next(lines) for _ in range(3)] == [b"{}"] * 3
    assert file.tell() == 9


def test_every_reason_is_put_into_words() -> None:
    assert set(REASONS) == set(RejectReason)


def test_the_report_names_lines_owners_and_keys() -> None:
    report = ImportReport(
        dry_run=True,
        read=1_030,
        imported={ImageStatus.EXTERNAL: 1_000, ImageStatus.FAILED: 2},
        improved=3,
        known=4,
        rejected={RejectReason.NO_URL: RejectedLines(21, tuple(range(1, 21)))},
        unknown_owners=("nowhere",),
        left_out={"place_id": 1_030},
    )
    told = list(report_lines(report))
    assert told[:5] == [
        "would import 1,002 of 1,030",
        "  external             1,000",
        "  failed               2",
        "  improved             3 of an earlier import or line, by a better record",
        "  known already        4, which stay as they are",
    ]
    assert told[5:] == [
        "rejected 21: neither provider_url nor url is a text",
        f"  in line {', '.join(map(str, range(1, 21)))}, …",
        "nobody here is called: nowhere",
        "not used: place_id (1,030)",
    ]


@pytest.mark.parametrize("words", [("--dry-run",), ()], ids=["dry", "done"])
def test_r222_the_flag_reaches_the_import(call: Any, bootstrap: Any, words: tuple[str, ...]) -> None:
    ended = call("images", "import", str(OLDER), *words, "--json")
    assert (ended.code, ended.document["import"]["read"]) == (ExitCode.OK, len(OLDER.read_bytes().splitlines()))
    assert ended.document["import"]["dry_run"] is bool(words)
    assert bootstrap.asked == [("import", {"dry_run": bool(words)})]


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_a_file_that_is_not_there_is_named(call: Any, bootstrap: Any, name: str) -> None:
    ended = call("images", "import", name)
    assert ended.code == ExitCode.USAGE
    assert name in ended.err
    assert bootstrap.asked == []


def test_the_sample_is_json_lines() -> None:
    assert all(isinstance(json.loads(line), dict) for line in OLDER.read_text(encoding="utf-8").splitlines())
