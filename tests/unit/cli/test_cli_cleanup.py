"""`cleanup` as a person and a program see it: plan, question, counters, who did it already (O28, O31, R167, R169)."""

from __future__ import annotations

import datetime as dt
import importlib
from types import SimpleNamespace

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.domain.cleaning import (
    CleanupAction,
    CleanupPart,
    CleanupRunView,
    FailureCounts,
    OwnerCleanup,
    ScanReport,
    ScheduledRun,
)
from trivia_scraper.domain.file_sweeps import FileFindings, Loss, LostFile, StoredRow, SweepReport
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.recovery import OwnerRef
from unit.cli import cli_samples as samples

AT = dt.datetime(2026, 3, 10, 4, tzinfo=dt.UTC)
OWNER = OwnerRef(OwnerKind.VENUE, 1)
COUNTERS = {"transient_queued": 1, "permanent_logged": 0, "ambiguous_skipped": 0, "errors": 0, "elapsed_ms": 1234}


@pytest.fixture
def pipeline(monkeypatch, bootstrap):
    """What the pipeline was asked, and what it answers."""

    told = SimpleNamespace(asked=[], taken=None, report=samples.cleanup(), undone=samples.undo())

    async def clean_up(options, services, request):
        told.asked.append(("clean_up", options.dry_run, request))
        return samples.cleanup(dry_run=True, run=None) if options.dry_run else told.report

    async def clean_up_when_due(holder, request, options, services):
        told.asked.append(("when_due", options.dry_run, request))
        return told.taken or told.report

    async def done_already(services):
        return told.taken

    async def undo_cleanup(run, options, services):
        told.asked.append(("undo", options.dry_run, run))
        return told.undone

    cleanup = importlib.import_module("trivia_scraper.pipeline.cleanup")
    undoing = importlib.import_module("trivia_scraper.pipeline.undoing")
    for made in (clean_up, clean_up_when_due, done_already):
        monkeypatch.setattr(cleanup, made.__name__, made)
    monkeypatch.setattr(undoing, "undo_cleanup", undo_cleanup)
    return told


@pytest.fixture
def terminal(monkeypatch):
    """A person at the keyboard who types this."""

    def answer(words: str) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: words)

    return answer


def test_r167_json_has_exactly_the_counters(call, pipeline):
    ended = call("cleanup", "--yes", "--json")
    assert ended.code == 0
    assert ended.document["counters"] == COUNTERS
    assert ended.document["run"] == 7
    assert ended.document["files"]["quarantined"] == 2
    assert "plan" not in ended.document


def test_the_days_cleanup_is_taken_once(call, pipeline):
    assert call("cleanup", "--yes").code == 0
    [(how, dry_run, request)] = pipeline.asked
    assert (how, dry_run, request.is_whole) == ("when_due", False, True)


@pytest.mark.parametrize("part", ["recovery", "files", "history"])
def test_a_part_is_not_the_days_cleanup(call, pipeline, part):
    assert call("cleanup", "--yes", "--only", part).code == 0
    [(how, _, request)] = pipeline.asked
    assert (how, request.parts) == ("clean_up", frozenset({CleanupPart(part)}))


def test_again_does_not_ask_who_did_it(call, pipeline):
    pipeline.taken = ScheduledRun("cleanup", AT, AT, AT, "process 1 on host a", True)
    assert call("cleanup", "--yes", "--again").code == 0
    assert [how for how, *_ in pipeline.asked] == ["clean_up"]


@pytest.mark.parametrize("flag", [False, True])
def test_accept_many_reaches_the_pipeline(call, pipeline, flag):
    call("cleanup", "--yes", *(["--accept-many"] if flag else []))
    assert pipeline.asked[0][2].accepts_many is flag


def test_r169_a_second_cleanup_of_a_day_says_who_did_it(call, pipeline):
    pipeline.taken = ScheduledRun("cleanup", AT, AT, AT, "process 1 on host a", True)
    ended = call("cleanup", "--yes")
    assert ended.code == 0
    assert "2026-03-10 04:00 UTC" in ended.out
    assert "process 1 on host a" in ended.out
    assert "cleanup --again" in ended.err
    document = call("cleanup", "--yes", "--json").document
    assert document["done_already"]["holder"] == "process 1 on host a"
    assert document["done_already"]["due_at"] == "2026-03-10T04:00:00Z"


class TestAsking:
    def test_o31_without_a_terminal_it_needs_yes(self, call, pipeline):
        ended = call("cleanup")
        assert ended.code == ExitCode.USAGE
        assert "--yes" in ended.err
        assert pipeline.asked == []

    def test_o31_a_dry_run_needs_no_yes(self, call, pipeline):
        assert call("cleanup", "--dry-run").code == 0
        assert [(how, dry) for how, dry, _ in pipeline.asked] == [("clean_up", True)]

    def test_o31_on_a_terminal_the_plan_is_shown_first(self, call, pipeline, terminal):
        terminal("y")
        ended = call("cleanup")
        assert ended.code == 0
        assert [(how, dry) for how, dry, _ in pipeline.asked] == [("clean_up", True), ("when_due", False)]
        assert ended.out.index("plan of a cleanup") < ended.out.index("cleanup 7")

    def test_o31_no_means_nothing(self, call, pipeline, terminal):
        terminal("n")
        assert call("cleanup").code == ExitCode.INTERRUPTED
        assert [dry for _, dry, _ in pipeline.asked] == [True]

    def test_nobody_is_asked_when_the_day_is_done(self, call, pipeline, terminal):
        terminal("y")
        pipeline.taken = ScheduledRun("cleanup", AT, AT, None, "process 1 on host a", None)
        ended = call("cleanup")
        assert ended.code == 0
        assert "has not ended" in ended.out
        assert pipeline.asked == []


class TestTelling:
    def test_each_part_has_its_line_and_the_next_command_is_told(self, call, pipeline):
        ended = call("cleanup", "--yes")
        assert "cleanup 7 (1,234 ms)" in ended.out
        assert "of 1 venues and performers: 1 queued for recovery" in ended.out
        assert "2 without a row set aside, 1 missing or damaged queued again" in ended.out
        assert "retry --all-due" in ended.err
        assert "cleanup undo 7" in ended.err

    def test_what_is_held_says_what_to_look_at_and_type(self, call, pipeline):
        pipeline.report = samples.cleanup(files=SweepReport(held=("30 of 40 files have no row: is it mounted?",)))
        ended = call("cleanup", "--yes")
        assert ended.code == ExitCode.SOME_FAILED
        assert "held: 30 of 40 files have no row" in ended.err
        assert "cleanup --only files --accept-many" in ended.err

    @pytest.mark.parametrize(
        "changes", [{"failed_parts": {"files": "no answer"}}, {"files": SweepReport(errors=1)}, {"interrupted": True}]
    )
    def test_what_failed_is_exit_3(self, call, pipeline, changes):
        pipeline.report = samples.cleanup(**changes)
        ended = call("cleanup", "--yes", "--json")
        assert ended.code == ExitCode.SOME_FAILED
        assert ended.document["ok"] is False

    def test_o31_a_plan_lists_what_would_be_done(self, call, pipeline, monkeypatch):
        owner = OwnerCleanup(OWNER, "the-crown", FailureCounts(2, 1, 0), CleanupAction.QUEUE)
        row = StoredRow(5, OWNER, "venues/the-crown/hero-2.jpg", None, "ab")
        findings = FileFindings(
            files=10, rows=5, rehashed=1, orphans=(StoredFile("venues/nobody/hero-1.jpg", 1_000, AT),),
            lost=(LostFile(row, Loss.MISSING),), thumbnails=(), expired=(), unfinished=(),
        )  # fmt: skip
        planned = samples.cleanup(run=None, dry_run=True, scan=ScanReport((owner,)), findings=findings)

        async def clean_up(options, services, request):
            return planned

        monkeypatch.setattr("trivia_scraper.pipeline.cleanup.clean_up", clean_up)
        ended = call("cleanup", "--dry-run")
        for words in ("the-crown", "queue a recovery", "venues/nobody/hero-1.jpg", "set aside", "missing: download"):
            assert words in ended.out
        assert "nothing was changed" in ended.err
        plan = call("cleanup", "--dry-run", "--json").document["plan"]
        assert plan["owners"] == [
            {
                "kind": "venue", "slug": "the-crown", "action": "queue", "transient": 2, "permanent": 1,
                "ambiguous": 0, "error": None,
            }
        ]  # fmt: skip
        assert [file["key"] for file in plan["files"]] == ["venues/nobody/hero-1.jpg", "venues/the-crown/hero-2.jpg"]

    def test_flags_of_the_group_are_refused_before_a_command(self, call, pipeline):
        ended = call("cleanup", "--dry-run", "undo", "7")
        assert ended.code == ExitCode.USAGE
        assert "--dry-run belongs to `cleanup` itself" in ended.err
        assert pipeline.asked == []


class TestUndo:
    def test_all_back_is_exit_0(self, call, pipeline):
        ended = call("cleanup", "undo", "7")
        assert ended.code == 0
        assert "1 of 1 files brought back" in ended.out
        assert pipeline.asked == [("undo", False, 7)]

    def test_a_taken_key_is_told_and_exit_3(self, call, pipeline):
        pipeline.undone = samples.undo(restored=(), taken=("venues/a/hero-1.jpg",), errors={"venues/b/x.jpg": "no"})
        ended = call("cleanup", "undo", "7", "--dry-run")
        assert ended.code == ExitCode.SOME_FAILED
        assert "its key has another file" in ended.out
        assert "0 of 2 files would come back" in ended.out

    def test_what_a_cleanup_does_is_never_ambient(self, call, pipeline, monkeypatch):
        monkeypatch.setenv("TRIVIA_CLEANUP_YES", "1")
        monkeypatch.setenv("TRIVIA_CLEANUP_DRY_RUN", "1")
        assert call("cleanup").code == ExitCode.USAGE


def test_list_shows_counters_and_what_can_be_undone(call, bootstrap):
    report = samples.cleanup().document()
    bootstrap.cleanups = [
        CleanupRunView(8, AT, None, None, 0, 0),
        CleanupRunView(7, AT, AT, report, 2, 2_000),
    ]
    ended = call("cleanup", "list")
    assert "2026-03-10 04:00 (did not end)" in ended.out
    assert "2 (2.0 kB)" in ended.out
    document = call("cleanup", "list", "--json").document
    assert [each["run"] for each in document["cleanups"]] == [8, 7]
    assert document["cleanups"][1]["report"]["counters"] == COUNTERS
