"""The closing table and its JSON twin (operations.md O30, O01, O02)."""

from __future__ import annotations

import io
import json

import pytest

from trivia_scraper.cli.output import redacted
from trivia_scraper.cli.report_view import closing_line, failure_lines, report_tables, show_report
from trivia_scraper.cli.tables import Column, Table, plain_text, show, width_of
from trivia_scraper.domain.outcomes import FinishReason, ImageOutcomeKind, SkipReason
from trivia_scraper.domain.reports import report_document
from unit.cli import cli_samples as samples


def rows_of(report) -> dict[str, tuple[str, ...]]:
    [table] = report_tables(report)
    return {row[0].strip(): row[1:] for row in table.rows}


def test_counts_are_told():
    rows = rows_of(samples.report())
    assert rows["index"] == ("complete",)
    assert rows["listings seen"] == ("1,234",)
    assert rows["visited"] == ("3",)
    assert rows["skipped"] == ("1,231",)
    assert rows["fresh"] == ("31",)
    assert rows["beyond limit"] == ("1,200",)
    assert (rows["venues created"], rows["venues updated"], rows["venues unchanged"]) == (("1",), ("1",), ("0",))
    assert rows["images"] == ("4",)
    assert (rows["new"], rows["replaced"], rows["not modified (304)"]) == (("1",), ("0",), ("2",))
    assert rows["network_timeout"] == ("1",)
    assert (rows["received"], rows["seconds"]) == (("4.3 MB",), ("12.3",))


@pytest.mark.parametrize("kind", list(ImageOutcomeKind))
def test_o01_every_image_outcome_has_a_row(kind):
    report = samples.report()
    report.sources["question_one"].images.clear()
    report.sources["question_one"].images[kind] = 7
    rows = rows_of(report)
    assert [label for label, cells in rows.items() if cells == ("7",) and label != "images"]
    assert rows["images"] == ("7",)


@pytest.mark.parametrize("reason", list(SkipReason))
def test_every_skip_reason_has_a_row(reason):
    report = samples.report()
    report.sources["question_one"].skipped.clear()
    report.sources["question_one"].skipped[reason] = 9
    assert rows_of(report)[reason.value.replace("_", " ")] == ("9",)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6])
def test_fits_into_80_columns(number, capsys):
    slugs = ("quizmeisters", "question_one", "inquizition", "speed_quizzing", "geeks_who_drink", "pubquiz_pl")
    report = samples.report(*slugs[:number])
    for source in report.sources.values():
        source.listed = 1_234_567
    for table in report_tables(report):
        assert max(map(width_of, plain_text(table).splitlines())) <= 80
    show_report(report, "auto")
    written = capsys.readouterr().out
    for slug in slugs[:number]:
        assert slug in written


def test_failure_is_told_completely_and_without_secrets():
    lines = "\n".join(failure_lines(samples.failure()))
    for word in ("The Crown", "question_one", "hero image", "network_timeout", "deadline", "transient", "3 tries"):
        assert word in lines
    assert "https://q1.example/i.jpg?w=1" in lines
    assert "next: tried again in the next run" in lines
    assert "c4nary" not in lines


def test_hostile_name_cannot_forge_a_line(capsys):
    report = samples.report(failures=(samples.failure(samples.HOSTILE_NAME),))
    report.sources["question_one"].plan.append(samples.planned())
    show_report(report, "never")
    written = capsys.readouterr().out
    assert "\x1b" not in written
    assert not [line for line in written.splitlines() if line.startswith("ok:")]


@pytest.mark.parametrize("reason", list(FinishReason))
def test_every_finish_reason_has_words(reason):
    line = closing_line(samples.report(finish_reason=reason))
    assert line.endswith("nothing failed; 1,200 listings left for the next run")


class TestDocument:
    def document(self, *slugs, **changes):
        return json.loads(json.dumps(redacted(report_document(samples.report(*slugs, **changes)))))

    def test_keys_are_the_contract(self):
        document = self.document("question_one", "quizmeisters", failures=(samples.failure(),))
        assert {"ok", "run_id", "options", "finish_reason", "sources", "failures"} <= set(document)
        assert set(document["sources"]) == {"question_one", "quizmeisters"}
        source = document["sources"]["question_one"]
        assert {
            "listed", "visited", "skipped", "skipped_reasons", "created", "updated", "unchanged", "failed", "images",
            "bytes", "seconds", "verdict",
        } <= set(source)  # fmt: skip
        assert source["skipped"] == 1231
        assert source["skipped_reasons"] == {"beyond_limit": 1200, "fresh": 31}
        assert source["images"] == {kind.value: 0 for kind in ImageOutcomeKind} | {
            "new": 1,
            "unchanged_304": 2,
            "failed": 1,
        }

    def test_failure_has_class_and_next(self):
        [failure] = self.document(failures=(samples.failure(),))["failures"]
        assert failure == {
            "source": "question_one",
            "subject": "hero image",
            "venue": "The Crown",
            "url": "https://user:***@q1.example/i.jpg?token=***&w=1",
            "error_type": "network_timeout",
            "reason": "deadline",
            "status_code": None,
            "class": "transient",
            "attempts": 3,
            "message": "no answer from https://user:***@q1.example/",
            "next": "tried again in the next run",
        }

    @pytest.mark.parametrize("failures", [(), (samples.failure(),)])
    def test_ok_is_the_verdict(self, failures):
        assert self.document(failures=failures)["ok"] is not bool(failures)


class TestTables:
    TABLE = Table((Column("name"), Column("n", right=True)), (("日本", "1"), ("é́", "1,000"), ("a\nb", "2")))

    def test_plain(self, capsys):
        show(self.TABLE, "auto")
        assert capsys.readouterr().out.splitlines() == [
            "name      n",
            "----  -----",
            "日本      1",
            "é́     1,000",
            "a\\nb      2",
        ]

    def test_colour_is_written_when_asked_for(self, capsys):
        show(Table(self.TABLE.columns, self.TABLE.rows, ((0, "bad"),)), "always")
        assert "\x1b[" in capsys.readouterr().out

    def test_terminal_gets_the_same_cells(self, monkeypatch):
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        terminal = Terminal()
        monkeypatch.setattr("sys.stdout", terminal)
        monkeypatch.setenv("COLUMNS", "80")
        show(self.TABLE, "never")
        written = terminal.getvalue()
        assert "\x1b" not in written
        for cell in ("日本", "1,000", "a\\nb"):
            assert cell in written
        assert max(width_of(line.rstrip()) for line in written.splitlines()) <= 80
