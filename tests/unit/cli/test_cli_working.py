"""What commands that work on the store share: the verdict, and the endings that a daemon gives back (O27, O30)."""

from __future__ import annotations

import signal

import pytest

from trivia_scraper.cli.endings import HandedBack, ending_of, exit_code_of
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.working import verdict
from trivia_scraper.domain import errors
from trivia_scraper.domain.cleanup_reports import cleanup_document
from trivia_scraper.domain.enrichment_reports import enrichment_document
from trivia_scraper.domain.error_documents import error_document
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.recovery import recovery_document
from unit.cli import cli_samples as samples


def enrichment(**changes):
    report = samples.enrichment()
    for name, value in changes.items():
        setattr(report, name, value)
    return enrichment_document(report)


@pytest.mark.parametrize(
    ("document", "stopped_by", "expected"),
    [
        (enrichment(), None, ExitCode.OK),
        (enrichment(crashed={"a": "x"}), None, ExitCode.SOME_FAILED),
        (enrichment(crashed={"a": "full"}, storage_full=True), None, ExitCode.STORAGE),
        (enrichment(storage_full=True), signal.SIGINT, ExitCode.STORAGE),
        (enrichment(stopped=True), signal.SIGINT, ExitCode.INTERRUPTED),
        (enrichment(stopped=True), signal.SIGTERM, ExitCode.SOME_FAILED),
        (recovery_document(samples.recovery()), None, ExitCode.OK),
        (recovery_document(samples.recovery(finish_reason=FinishReason.STORAGE_FULL)), None, ExitCode.STORAGE),
        (recovery_document(samples.recovery(finish_reason=FinishReason.DATABASE_LOST)), None, ExitCode.DATABASE),
        (recovery_document(samples.recovery(crashed=1)), signal.SIGINT, ExitCode.INTERRUPTED),
        (cleanup_document(samples.cleanup()), None, ExitCode.OK),
        (cleanup_document(samples.cleanup(interrupted=True)), None, ExitCode.SOME_FAILED),
        (cleanup_document(samples.cleanup(interrupted=True)), signal.SIGINT, ExitCode.INTERRUPTED),
        ({"ok": True, "run_id": "x", "accepted": "begun"}, None, ExitCode.OK),
    ],
)
def test_o30_one_verdict_for_every_kind_of_work(document, stopped_by, expected):
    assert verdict(document, stopped_by) is expected


@pytest.mark.parametrize(
    "error",
    [
        errors.SetupError("no venue is called 'x'", hint="venues list"),
        errors.CredentialsMissing("refused"),
        errors.DatabaseUnreachable("no server"),
        errors.StorageFull("full"),
        errors.StorageUnavailable("gone"),
        errors.PageUnreachable("no answer"),
    ],
)
def test_o27_an_error_ends_the_command_as_it_would_have_here(error):
    given_back = error_document(error)["error"]
    assert ending_of(HandedBack(given_back["code"], given_back["message"], given_back["hint"])) == ending_of(error)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("interrupted", ExitCode.INTERRUPTED),
        ("gave_up", ExitCode.BUG),
        ("bug", ExitCode.BUG),
        ("daemon_gone", ExitCode.SOME_FAILED),
        ("never heard of", ExitCode.SOME_FAILED),
    ],
)
def test_o27_what_only_a_daemon_says(code, expected, capsys):
    assert exit_code_of(HandedBack(code, "words", "a hint"), Invocation(), ()) is expected
    assert capsys.readouterr().err == "error: words\nhint: a hint\n", "a bug's traceback is in the daemon's log"
