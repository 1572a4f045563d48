"""logs/journal.py against a socket that reads as journald does; and logs when nobody reads at all (F16)."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TextIO

import pytest

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.logs import close_logging, configure_logging, native_journal
from trivia_scraper.logs.journal import FIELD_PREFIX, MESSAGE_IDS

REPOSITORY = Path(__file__).parents[2]
HOSTILE = "The Crown\nPRIORITY=0\nMESSAGE=forged\n\x1b[2J\ud800"


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind(str(tmp_path / "journal"))
        listener.settimeout(5)
        yield listener


@pytest.fixture
def stderr() -> Iterator[io.StringIO]:
    yield io.StringIO()
    close_logging()


def read_datagram(datagram: bytes) -> list[tuple[str, str]]:
    """Fields of one entry, by journald's rules: NAME=value, or NAME, newline, length, value, newline."""
    fields = []
    while datagram:
        head, _, datagram = datagram.partition(b"\n")
        if b"=" in head:
            name, _, value = head.partition(b"=")
        else:
            (length,) = struct.unpack_from("<Q", datagram)
            name, value = head, datagram[8 : 8 + length]
            assert datagram[8 + length : 9 + length] == b"\n"
            datagram = datagram[9 + length :]
        fields.append((name.decode("ascii"), value.decode("utf-8")))
    return fields


def received(journald: socket.socket) -> dict[str, str]:
    fields = read_datagram(journald.recv(1 << 20))
    assert len(dict(fields)) == len(fields), "no field twice"
    return dict(fields)


def logger(journald: socket.socket, stderr: TextIO):
    return configure_logging("debug", "journal", stderr, journal=Path(journald.getsockname()))


def test_every_field_has_its_own_name(journald, stderr) -> None:
    log = logger(journald, stderr).bind(run_id="r1")
    log.warning(LogEvent.DETAIL_FAILED, source="question_one", attempts=2, is_last=False, kinds=["a", 1], none=None)
    assert received(journald) == {
        "MESSAGE": 'detail.failed run_id=r1 source=question_one attempts=2 is_last=false kinds=["a", 1] none=null',
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "trivia-scraper",
        "TRIVIA_EVENT": "detail.failed",
        "TRIVIA_RUN_ID": "r1",
        "TRIVIA_SOURCE": "question_one",
        "TRIVIA_ATTEMPTS": "2",
        "TRIVIA_IS_LAST": "false",
        "TRIVIA_KINDS": '["a", 1]',
        "TRIVIA_NONE": "null",
    }
    assert stderr.getvalue() == ""


def test_name_with_newlines_forges_no_field(journald, stderr) -> None:
    """H114: what follows a newline stays inside the value that it stands in."""
    logger(journald, stderr).warning(LogEvent.DETAIL_FAILED, venue=HOSTILE)
    fields = received(journald)
    assert set(fields) == {"MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "TRIVIA_EVENT", "TRIVIA_VENUE"}
    assert fields["PRIORITY"] == "4"
    assert fields["TRIVIA_VENUE"].startswith("The Crown\nPRIORITY=0\nMESSAGE=forged\n")
    assert "\n" not in fields["MESSAGE"]
    assert "\x1b" not in fields["MESSAGE"]


@pytest.mark.parametrize(
    "name", ["PRIORITY=0\nX", "_PID", "message", "very" * 40, "schöner name"], ids=lambda name: name[:9]
)
def test_name_of_a_field_cannot_leave_our_own_names(journald, stderr, name) -> None:
    logger(journald, stderr).info(LogEvent.RUN_STARTED, **{name: "x"})
    (found,) = set(received(journald)) - {"MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "TRIVIA_EVENT"}
    assert re.fullmatch(rf"{FIELD_PREFIX}[A-Z0-9_]{{1,57}}", found)


def test_secrets_are_masked(journald, stderr) -> None:
    log = logger(journald, stderr)
    log.error(LogEvent.DETAIL_FAILED, url="https://u:c4nary@x.example/?key=c4nary", cookie="c4nary")
    datagram = journald.recv(1 << 20)
    assert b"c4nary" not in datagram
    assert b"***" in datagram


def test_traceback_is_shown_below_its_line(journald, stderr) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logger(journald, stderr).exception(LogEvent.DETAIL_CRASHED)
    fields = received(journald)
    head, *rows = fields["MESSAGE"].split("\n")
    assert head == "detail.crashed"
    assert all(row.startswith("    | ") for row in rows)
    assert rows[-2:] == ["    | ValueError: first", "    | second"]
    assert fields["TRIVIA_EXCEPTION"].endswith("ValueError: first\nsecond")


def test_message_ids_are_those_of_the_documents(journald, stderr) -> None:
    text = (REPOSITORY / "docs" / "log-events.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([a-z_]+\.[a-z_]+)`[^|]* \| `([0-9a-f]{32})` \|$", text, re.MULTILINE))
    assert documented == {str(event): known for event, known in MESSAGE_IDS.items()}
    assert len(set(documented.values())) == 6
    assert {event.value for event in LogEvent} >= set(documented)
    log = logger(journald, stderr)
    for event, known in documented.items():
        log.error(event)
        assert received(journald)["MESSAGE_ID"] == known


def test_what_the_journal_does_not_take_goes_to_stderr(journald, stderr) -> None:
    log = logger(journald, stderr)
    log.error(LogEvent.DETAIL_CRASHED, exception="x" * 8_000_000)
    prefix, document = stderr.getvalue().split(">", 1)
    assert prefix == "<3"
    assert json.loads(document)["event"] == "detail.crashed"


def test_lines_survive_a_journal_that_is_away(journald, stderr, tmp_path) -> None:
    log = logger(journald, stderr)
    (tmp_path / "journal").unlink()
    log.info(LogEvent.RUN_STARTED)
    assert json.loads(stderr.getvalue().removeprefix("<6>"))["event"] == "run.started"


def test_other_forms_stay_on_stderr(journald, stderr) -> None:
    log = configure_logging("info", "json", stderr, journal=Path(journald.getsockname()))
    log.info(LogEvent.RUN_STARTED)
    assert json.loads(stderr.getvalue())["event"] == "run.started"


def test_datagrams_only_when_stderr_ends_in_the_journal(journald, tmp_path) -> None:
    path = Path(journald.getsockname())
    with (tmp_path / "stderr").open("w") as file:
        status = os.fstat(file.fileno())
        ours = f"{status.st_dev}:{status.st_ino}"
        assert native_journal(file, ours, path) == path
        assert native_journal(file, f"{status.st_dev}:{status.st_ino + 1}", path) is None
        assert native_journal(file, "", path) is None
        assert native_journal(file, ours, tmp_path / "none") is None
        assert native_journal(file, ours, tmp_path / "stderr") is None
    assert native_journal(None, ours, path) is None
    assert native_journal(file, ours, path) is None, "a closed stream"


class TestNobodyReads:
    """F16: stdout and stderr closed; the work goes on, and nothing piles up."""

    @pytest.mark.parametrize("format", ["text", "json", "journal"])
    def test_f16_reader_of_the_pipe_has_gone(self, format) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        stream = os.fdopen(writing, "w")
        log = configure_logging("info", format, stream)
        for number in range(2000):
            log.info(LogEvent.DETAIL_FINISHED, number=number, text="x" * 100)
        close_logging()
        with pytest.raises(BrokenPipeError):
            stream.close()

    def test_f16_stream_that_was_closed(self, tmp_path) -> None:
        stream = (tmp_path / "log").open("w")
        log = configure_logging("info", "text", stream)
        stream.close()
        log.info(LogEvent.RUN_STARTED)
        close_logging()

    def test_f16_process_without_any_stream_works_on(self, tmp_path) -> None:
        """Descriptors 0 to 2 are closed before the program begins: its streams are None then."""
        program = (
            "import pathlib, sys\n"
            "from trivia_scraper.logs import configure_logging, close_logging, detect_format, native_journal\n"
            "from trivia_scraper.domain.log_events import LogEvent\n"
            "assert sys.stderr is None\n"
            "form = detect_format('auto', sys.stderr, '1:2')\n"
            "log = configure_logging('info', form, journal=native_journal(sys.stderr, '1:2'))\n"
            "log.info(LogEvent.RUN_STARTED)\n"
            "log.error(LogEvent.DETAIL_CRASHED, exc_info=ValueError('x'))\n"
            "close_logging()\n"
            "pathlib.Path(sys.argv[1]).write_text('lives')\n"
        )
        shell = 'exec "$0" -c "$1" "$2" 0<&- 1>&- 2>&-'
        ended = subprocess.run(["/bin/sh", "-c", shell, sys.executable, program, str(tmp_path / "sign")], check=False)
        assert ended.returncode == 0
        assert (tmp_path / "sign").read_text() == "lives"
