"""logs: one line an event, no secret, no forged line, no flood (operations.md 6, safety.md 11)."""

from __future__ import annotations

import ast
import datetime as dt
import io
import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import trivia_scraper
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.logs import Thinning, close_logging, configure_logging, detect_format, printable

REPOSITORY = Path(__file__).parents[2]
SOURCES = Path(trivia_scraper.__file__).parent
AT = dt.datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=dt.UTC)


class FakeClock:
    """Seconds that move only when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    yield io.StringIO()
    close_logging()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def logger(stream: io.StringIO, clock: FakeClock, level="info", format="json"):
    return configure_logging(level, format, stream, monotonic=clock, now=lambda: AT)


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_line_carries_event_level_time_and_bound_fields(stream, clock):
    logger(stream, clock).bind(run_id="r1").bind(source="question_one").info(LogEvent.RUN_STARTED, limit=1)
    assert lines(stream) == [
        {
            "at": "2026-03-01T12:00:00.123Z",
            "event": "run.started",
            "level": "info",
            "run_id": "r1",
            "source": "question_one",
            "limit": 1,
        }
    ]


@pytest.mark.parametrize(
    ("level", "expected"),
    [("debug", ["debug", "info", "warning", "error"]), ("warning", ["warning", "error"]), ("error", ["error"])],
)
def test_level_is_the_least_severity(stream, clock, level, expected):
    log = logger(stream, clock, level=level)
    for name in ("debug", "info", "warning", "error"):
        getattr(log, name)(LogEvent.RUN_STARTED)
    assert [line["level"] for line in lines(stream)] == expected


def test_values_of_any_type_become_json(stream, clock):
    log = logger(stream, clock)
    log.info(LogEvent.RUN_STARTED, path=Path("a/b"), kinds={LogEvent.RUN_STARTED}, pair=(1, None), at_=AT)
    line = lines(stream)[0]
    assert line["path"] == "a/b"
    assert line["kinds"] == ["run.started"]
    assert line["pair"] == [1, None]


class TestRedaction:
    """safety.md 11: canary secrets may not occur in any line."""

    CANARY = "c4nary-s3cret"

    @pytest.mark.parametrize("format", ["text", "json", "journal"])
    @pytest.mark.parametrize(
        "fields",
        [
            {"url": f"https://user:{CANARY}@example.org/x"},
            {"message": f"could not reach postgresql://app:{CANARY}@db/x today"},
            {"url": f"https://example.org/i.jpg?w=10&key={CANARY}"},
            {"url": f"https://example.org/?X-Amz-Signature={CANARY}"},
            {"headers": {"Authorization": f"Bearer {CANARY}", "Accept": "*/*"}},
            {"cookie": CANARY},
            {"deep": [{"set-cookie": CANARY}, (f"https://a.example/?token={CANARY}",)]},
        ],
        ids=["user-info", "dsn-in-message", "query", "amazon", "header", "field", "nested"],
    )
    def test_secret_is_masked(self, stream, clock, format, fields):
        logger(stream, clock, format=format).error(LogEvent.DETAIL_FAILED, **fields)
        assert self.CANARY not in stream.getvalue()
        assert "***" in stream.getvalue()

    @pytest.mark.parametrize("format", ["text", "json", "journal"])
    def test_secret_in_a_traceback_is_masked(self, stream, clock, format):
        log = logger(stream, clock, format=format)
        try:
            raise ValueError(f"bad dsn postgresql://app:{self.CANARY}@db/x")
        except ValueError:
            log.exception(LogEvent.DETAIL_CRASHED)
        assert self.CANARY not in stream.getvalue()
        assert "ValueError" in stream.getvalue()

    def test_library_line_passes_the_same_gate(self, stream, clock):
        logger(stream, clock)
        logging.getLogger("asyncpg.pool").error("lost %s", f"postgresql://app:{self.CANARY}@db/x")
        assert lines(stream)[0]["event"] == "lost postgresql://app:***@db/x"
        assert lines(stream)[0]["logger"] == "asyncpg.pool"

    def test_harmless_text_stays(self, stream, clock):
        logger(stream, clock).info(LogEvent.DETAIL_FINISHED, key="qld-10-toes", url="https://example.org/?page=2")
        assert lines(stream)[0]["key"] == "qld-10-toes"
        assert lines(stream)[0]["url"] == "https://example.org/?page=2"


class TestForgery:
    """A venue's name cannot begin a line, move the cursor, or add a field."""

    HOSTILE = "The Crown\n2026-01-01T00:00:00.000Z error storage.full\r\x1b[2J\u2028\u202ex\x85\x00\ud800"

    @pytest.mark.parametrize("format", ["text", "json", "journal"])
    def test_hostile_name_stays_on_its_line(self, stream, clock, format):
        logger(stream, clock, format=format).warning(LogEvent.DETAIL_FAILED, venue=self.HOSTILE)
        written = stream.getvalue()
        assert written.endswith("\n")
        assert len(written.splitlines()) == 1
        assert written.isascii()
        assert written[:-1].isprintable()

    def test_text_value_cannot_add_a_field(self, stream, clock):
        logger(stream, clock, format="text").info(LogEvent.DETAIL_FINISHED, venue='x" level=error y', quiet="")
        assert stream.getvalue().endswith(' detail.finished venue="x\\" level=error y" quiet=""\n')

    def test_traceback_lines_are_indented_in_text(self, stream, clock):
        log = logger(stream, clock, format="text")
        try:
            raise ValueError("first\n2026-01-01T00:00:00.000Z error storage.full")
        except ValueError:
            log.exception(LogEvent.DETAIL_CRASHED)
        first, *rest = stream.getvalue().splitlines()
        assert " detail.crashed" in first
        assert rest
        assert all(line.startswith("    | ") for line in rest)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("Café Łódź 日本", "Café Łódź 日本"), ("a\tb", "a\\tb"), ("\x1b[31m", "\\x1b[31m"), ("\u202e", "\\u202e")],
    )
    def test_printable(self, text, expected):
        assert printable(text) == expected


class TestThinning:
    """Ten a minute of one event and error class, with a count of what was left out."""

    def test_eleventh_repeat_waits_for_the_next_minute(self, stream, clock):
        log = logger(stream, clock)
        for number in range(25):
            log.error(LogEvent.DETAIL_FAILED, error_type="network_error", number=number)
        assert [line["number"] for line in lines(stream)] == list(range(10))
        clock.seconds = 60.0
        log.error(LogEvent.DETAIL_FAILED, error_type="network_error", number=25)
        assert lines(stream)[-1]["number"] == 25
        assert lines(stream)[-1]["suppressed"] == 15

    def test_other_classes_and_events_have_their_own_count(self, stream, clock):
        log = logger(stream, clock)
        for _ in range(11):
            log.error(LogEvent.DETAIL_FAILED, error_type="network_error")
            log.error(LogEvent.DETAIL_FAILED, error_type="not_found")
            log.error(LogEvent.FETCH_BLOCKED, error_type="network_error")
        assert len(lines(stream)) == 30

    def test_end_tells_what_was_left_out(self, stream, clock):
        log = logger(stream, clock)
        for _ in range(13):
            log.error(LogEvent.DETAIL_FAILED, error_type="not_found")
        close_logging()
        last = lines(stream)[-1]
        assert (last["event"], last["error_type"], last["suppressed"]) == ("detail.failed", "not_found", 3)

    @pytest.mark.parametrize("event", [LogEvent.IMAGE_SAVED, LogEvent.REFRESH_ENABLED, LogEvent.DETAIL_ARGS_RECEIVED])
    def test_evidence_of_a_forced_refresh_is_never_thinned(self, stream, clock, event):
        log = logger(stream, clock)
        for _ in range(40):
            log.warning(event)
        assert len(lines(stream)) == 40

    def test_library_that_repeats_a_traceback_is_thinned_whatever_it_says(self, stream, clock):
        logger(stream, clock)
        for number in range(30):
            logging.getLogger("asyncpg.pool").error("reconnect %d failed", number)
        assert len(lines(stream)) == 10

    def test_memory_does_not_grow_with_texts(self, clock):
        thinning = Thinning(clock)
        for _ in range(1000):
            thinning.admit("asyncpg.pool", "OSError")
        assert list(thinning.leftovers()) == [("asyncpg.pool", "OSError", 990)]


class TestFormat:
    @pytest.mark.parametrize(
        ("level", "priority"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)]
    )
    def test_journal_prefix(self, stream, clock, level, priority):
        getattr(logger(stream, clock, level="debug", format="journal"), level)(LogEvent.RUN_STARTED)
        prefix, document = stream.getvalue().split(">", 1)
        assert prefix == f"<{priority}"
        assert json.loads(document)["level"] == level

    def test_auto_is_journal_when_the_environment_names_this_stream(self, tmp_path):
        with (tmp_path / "stderr").open("w") as file:
            status = os.fstat(file.fileno())
            assert detect_format("auto", file, f"{status.st_dev}:{status.st_ino}") == "journal"
            assert detect_format("auto", file, f"{status.st_dev}:{status.st_ino + 1}") == "text"
            assert detect_format("auto", file, "") == "text"
            assert detect_format("json", file, f"{status.st_dev}:{status.st_ino}") == "json"

    def test_auto_is_text_for_a_stream_without_descriptor(self):
        assert detect_format("auto", io.StringIO(), "1:2") == "text"


def test_configuring_twice_leaves_one_handler(stream, clock):
    logger(stream, clock)
    logger(stream, clock).info(LogEvent.RUN_STARTED)
    assert len(lines(stream)) == 1


def test_undeclared_event_is_kept_and_marked(stream, clock):
    logger(stream, clock).info("something.else")
    assert lines(stream)[0]["undeclared"] is True


def documented_levels() -> list[tuple[str, str]]:
    text = (REPOSITORY / "docs" / "log-events.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([a-z_]+\.[a-z0-9_]+)` \| ([a-z]+) \|", text, re.MULTILINE)


def test_docs_list_every_event_once_and_no_other():
    assert sorted(event for event, _ in documented_levels()) == sorted(event.value for event in LogEvent)


def logging_calls() -> Iterator[tuple[str, ast.Call]]:
    methods = {"debug", "info", "warning", "error", "critical", "exception"}
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_method and node.func.attr in methods and "log" in ast.unparse(node.func.value).lower():
                yield f"{path.relative_to(SOURCES)}:{node.lineno}", node


def test_our_source_logs_declared_events_only():
    calls = list(logging_calls())
    assert calls
    undeclared = [where for where, call in calls if not ast.unparse(call.args[0]).startswith("LogEvent.")]
    assert undeclared == []


def test_docs_tell_the_level_that_the_source_uses():
    used: dict[str, set[str]] = {}
    for _, call in logging_calls():
        event = ast.unparse(call.args[0]).removeprefix("LogEvent.")
        if event in LogEvent.__members__:
            used.setdefault(LogEvent[event].value, set()).add(call.func.attr.replace("exception", "error"))
    documented = dict(documented_levels())
    assert {event: documented[event] for event, levels in used.items() if documented[event] not in levels} == {}


def test_every_declared_event_is_logged_somewhere():
    """An event that nothing logs is a promise in the documents that nobody keeps."""
    source = "".join(path.read_text() for path in (REPOSITORY / "src" / "trivia_scraper").rglob("*.py"))
    assert [event.name for event in LogEvent if f"LogEvent.{event.name}" not in source] == []
