"""`run`: flags become the one RefreshOptions, reports become exit codes, signals drain (operations.md 3)."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.working import verdict
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.reports import report_document
from trivia_scraper.sources import SOURCES
from unit.cli import cli_samples as samples


@pytest.fixture
def refreshed(monkeypatch, bootstrap):
    """The options that reached the pipeline, and what it answers."""

    class Refreshed:
        options = None
        answer = staticmethod(lambda options: samples.report(options=options))

    async def refresh(options, services):
        Refreshed.options = options
        answer = Refreshed.answer(options)
        return await answer if asyncio.iscoroutine(answer) else answer

    monkeypatch.setattr("trivia_scraper.pipeline.run.refresh", refresh)
    return Refreshed


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ((), {}),
        (("--force-refresh-images", "--limit", "1"), {"force_refresh_images": True, "limit": 1}),
        (("--force-update",), {"force_update": True}),
        (("--force-refresh-images", "--clean-first"), {"force_refresh_images": True, "clean_first": True}),
        (("--dry-run",), {"dry_run": True}),
        (("--max-time", "30m"), {"max_time_seconds": 1800.0}),
        (("--source", "question_one", "--source", "question_one"), {"sources": ("question_one",)}),
        (("--venue", "b", "--venue", "a"), {"venues": ("b", "a")}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_flags_become_the_options(call, refreshed, words, changes):
    ended = call("run", *words, "--json")
    assert ended.code == 0
    assert refreshed.options == samples.options(**changes)
    assert ended.document["options"] == samples.options(**changes).model_dump(mode="json")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--clean-first",), "--force-refresh-images"),
        (("--limit", "0"), "--limit"),
        (("--limit", "-1"), "--limit"),
        (("--limit", "x"), "--limit"),
        (("--max-time", "30"), "is not a duration"),
        (("--max-time", "0s"), "more than zero"),
        (("--max-time", "never"), "is not a duration"),
        (("--source", "nowhere"), "no source 'nowhere'"),
        (("--source", "pubquiz"), "did you mean 'pubquiz_pl'?"),
        (("surplus",), "surplus"),
    ],
)
def test_wrong_usage_starts_nothing(call, refreshed, bootstrap, words, told):
    ended = call("run", *words)
    assert ended.code == ExitCode.USAGE
    assert told in ended.err
    assert bootstrap.asked == []
    assert refreshed.options is None


def test_switched_off_source_is_refused(call, refreshed, monkeypatch):
    monkeypatch.setenv("TRIVIA__SOURCES__QUESTION_ONE__ENABLED", "false")
    assert "switched off" in call("run", "--source", "question_one").err
    assert call("run", "--source", "quizmeisters").code == 0
    for slug in SOURCES:
        monkeypatch.setenv(f"TRIVIA__SOURCES__{slug.upper()}__ENABLED", "false")
    assert "every source" in call("run").err


def test_services_get_settings_run_id_and_log(call, refreshed, bootstrap):
    document = call("run", "--json").document
    [(name, given)] = bootstrap.asked
    assert name == "open_services"
    assert given["settings"].sources.enabled().keys() == SOURCES.keys()
    assert {"run_id", "progress", "log", "stopping"} <= set(given)
    assert given["stopping"]() is False
    assert document["run_id"] == str(samples.RUN_ID)


@pytest.mark.parametrize(
    ("finish_reason", "failures", "stopped_by", "expected"),
    [
        (FinishReason.DONE, (), None, ExitCode.OK),
        (FinishReason.LIMIT, (), None, ExitCode.OK),
        (FinishReason.DONE, (samples.failure(),), None, ExitCode.SOME_FAILED),
        (FinishReason.MAX_TIME, (), None, ExitCode.OK),
        (FinishReason.MAX_TIME, (samples.failure(),), None, ExitCode.SOME_FAILED),
        (FinishReason.STORAGE_FULL, (), None, ExitCode.STORAGE),
        (FinishReason.STORAGE_FULL, (samples.failure(),), signal.SIGINT, ExitCode.STORAGE),
        (FinishReason.DATABASE_LOST, (samples.failure(),), None, ExitCode.DATABASE),
        (FinishReason.INTERRUPTED, (), signal.SIGINT, ExitCode.INTERRUPTED),
        (FinishReason.INTERRUPTED, (), signal.SIGTERM, ExitCode.SOME_FAILED),
    ],
)
def test_exit_code_of_a_report(finish_reason, failures, stopped_by, expected):
    report = samples.report(finish_reason=finish_reason, failures=failures)
    assert verdict(report_document(report), stopped_by) is expected


async def until(holds):
    """Let the loop turn until it has delivered the signal."""
    for _ in range(10_000):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("the signal did not arrive")


class TestSignals:
    """safety.md 12: the first signal drains, the second cancels at once."""

    def test_first_signal_drains(self, call, refreshed, bootstrap):
        async def drain(options):
            os.kill(os.getpid(), signal.SIGINT)
            await until(bootstrap.asked[-1][1]["stopping"])
            return samples.report(options=options, finish_reason=FinishReason.INTERRUPTED)

        refreshed.answer = drain
        ended = call("run", "--json")
        assert ended.code == ExitCode.INTERRUPTED
        assert ended.document["finish_reason"] == "interrupted"
        assert "SIGINT" in ended.err

    @pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
    def test_second_signal_cancels(self, call, refreshed, bootstrap, second):
        async def never_ends(options):
            os.kill(os.getpid(), signal.SIGTERM)
            await until(bootstrap.asked[-1][1]["stopping"])
            os.kill(os.getpid(), second)
            await asyncio.Event().wait()

        refreshed.answer = never_ends
        ended = call("run", "--json")
        assert ended.code == ExitCode.INTERRUPTED
        assert ended.document["error"]["code"] == "interrupted"

    def test_handlers_are_gone_afterwards(self, call, refreshed):
        before = signal.getsignal(signal.SIGTERM)
        assert call("run").code == 0
        assert signal.getsignal(signal.SIGTERM) == before
