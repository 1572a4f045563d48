"""`status`, `report freshness`, `sources pause|resume` and `sources list --state`, as an operator calls them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import click
import pytest

from support.control_daemon import ControlDaemon, control_daemon
from trivia_scraper.cli import status as status_module
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.status_view import bar, duration, status_line
from trivia_scraper.domain.errors import DatabaseUnreachable
from trivia_scraper.domain.live import HealthCheck, Phase
from trivia_scraper.domain.status import status_document
from unit.cli import status_samples as samples

STATUS = "GET /status.json"
RELOAD = "POST /reload"


@pytest.fixture
def runtime(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a short name for the control socket."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(open_folder))
    return open_folder


@pytest.fixture
def daemon(runtime: Path, folders: Path) -> Iterator[ControlDaemon]:
    """A daemon that reads two sources."""
    document = {"schema": 1, **status_document(samples.state(), samples.figures(), samples.AT)}
    with control_daemon(runtime / "control.sock", {STATUS: (200, document)}) as running:
        yield running


class TestWithADaemon:
    def test_everything_stands_there(self, call, daemon):
        ended = call("status")
        assert ended.code == ExitCode.OK
        told = ended.out
        for part in (
            "ready: running refresh; sources: 1 ok, 1 site_changed",
            "process 321, role all, up 3 h",
            "warn: settings to restart for: http.contact; next: systemctl restart trivia-scraper",
            "runs: refresh [#########-----------] 46 % 120/260, 12 a minute, 12 min left (schedule, since",
            "next: cleanup in 22 h, at 2026-11-17 04:00 UTC (daily at 04:00 UTC)",
            "next: weekly_report in 7 d, at 2026-11-23 06:00 UTC (Mondays at 06:00 UTC)",
            "question_one: site_changed: no cards",
            "next: trivia-scraper sources test question_one",
            "92.9 % of 140 pictures verified in the last 7 days; half within 2 h, 95 % within 9 d, oldest 9 d",
            "failed pictures: 2 transient, 1 permanent (rate_limited 2, not_found 1)",
            "left alone: cdn.example until 2026-11-16 07:00 UTC",
            "request: refresh 00000000, asked for by ann@quizbox, process 9",
            "alarm: question_one cannot be read (since 2026-11-16 06:00 UTC, not told yet)",
            "last run ended 1 h ago: done, with failures: trivia-scraper report last",
        ):
            assert part in told
        assert told.index("cleanup in 22 h") < told.index("weekly_report in 7 d")
        assert daemon.asked == [STATUS]

    def test_what_the_daemon_does_is_told_once(self, call, daemon):
        twin, other = (
            samples.RunLine(run_id, samples.AT, None, None, None, "quizbox", 321, None)
            for run_id in (samples.JOB, UUID(int=99))
        )
        figures = samples.figures(unfinished=[twin, other])
        daemon.answers[STATUS] = (200, status_document(samples.state(), figures, samples.AT))
        told = [line for line in call("status").out.splitlines() if "process 321: begun" in line]
        assert [line.split()[1] for line in told] == [str(UUID(int=99))[:8]]

    def test_a_long_schedule_is_cut(self, call, daemon):
        slots = tuple(replace(samples.state().next_slots[0], job=f"refresh:{number}") for number in range(20))
        daemon.answers[STATUS] = (200, status_document(samples.state(next_slots=slots), None, samples.AT))
        told = call("status").out
        assert told.count("next: refresh:") == 8
        assert "next: 12 more after that" in told

    def test_a_source_is_told_once(self, call, daemon):
        told = call("status").out
        assert told.count("no cards") == 1

    def test_nothing_forges_a_line_and_no_secret_is_shown(self, call, daemon):
        ended = call("status")
        assert "\x1b" not in ended.out
        assert "c4nary" not in ended.out + call("status", "--json").out

    def test_json_is_the_document(self, call, daemon):
        document = call("status", "--json").document
        assert document["ok"] is True
        assert document["daemon"]["ready"] is True
        [job] = document["daemon"]["jobs"]
        assert (job["done"], job["planned"], job["percent"], job["per_minute"]) == (120, 260, 46.2, 12.0)
        assert job["remaining_seconds"] == pytest.approx(600 * 110 / 90, abs=0.1)
        assert document["daemon"]["next"][0]["words"] == "daily at 04:00 UTC"
        first, second = document["database"]["sources"]
        assert (first["state"], first["broken"], second["ok"]) == ("site_changed", True, True)
        assert document["database"]["freshness"]["all"]["ratio"] == 0.9286

    def test_a_daemon_without_its_database(self, call, daemon):
        daemon.answers[STATUS] = (200, status_document(samples.state(jobs=(), next_slots=()), None, samples.AT))
        ended = call("status")
        assert "runs: nothing" in ended.out
        assert "the database cannot be asked at present" in ended.out

    def test_check_of_a_ready_daemon_is_exit_0_and_one_line(self, call, daemon):
        ended = call("status", "--check")
        assert ended.code == ExitCode.OK
        [line] = ended.out.splitlines()
        assert line.startswith("ok: running refresh")
        assert "warnings: source question_one, settings to restart for" in line
        assert call("status", "--check", "--json").document["ok"] is True

    def test_check_of_one_that_does_not_its_work_is_exit_1(self, call, daemon):
        lost = HealthCheck("database", False, "fail", "does not answer since 05:58 UTC", "trivia-scraper doctor")
        state = samples.state(phase=Phase.WAITING, checks=(lost,))
        daemon.answers[STATUS] = (200, status_document(state, None, samples.AT))
        ended = call("status", "--check")
        assert (ended.code, ended.out) == (
            1,
            "fail: waiting for database; database: does not answer since 05:58 UTC\n",
        )
        assert call("status", "--check", "--json").document["ok"] is False

    def test_reload_names_what_needs_a_restart(self, call, daemon):
        daemon.answers[RELOAD] = (200, {"schema": 1, "ok": True, "restart_keys": ["web.listen"]})
        ended = call("status", "--reload")
        assert (ended.code, ended.out) == (ExitCode.OK, "the daemon reads its settings anew\n")
        assert "web.listen" in ended.err
        assert call("status", "--reload", "--json").document == {
            "schema": 1,
            "ok": True,
            "restart_keys": ["web.listen"],
        }

    def test_a_refused_reload_says_why(self, call, daemon):
        error = {"code": "settings_refused", "message": "config.toml:2:1: unknown key", "hint": "mend it"}
        daemon.answers[RELOAD] = (422, {"schema": 1, "ok": False, "error": error})
        ended = call("status", "--reload")
        assert ended.code == ExitCode.USAGE
        assert "the daemon keeps its settings: config.toml:2:1: unknown key" in ended.err

    @pytest.mark.parametrize("answer", [(503, {"ok": False}), (200, b"<html>"), (200, [1])])
    def test_an_answer_that_is_none_falls_back_on_the_database(self, call, daemon, bootstrap, monkeypatch, answer):
        from trivia_scraper.fetching.control import ask_control

        daemon.answers[STATUS] = answer
        monkeypatch.setattr(bootstrap.module_itself, "ask_daemon", ask_control)
        ended = call("status")
        assert ended.code == ExitCode.OK
        assert ended.out.startswith("no daemon runs here (")
        assert "92.9 % of 140 pictures" in ended.out
        assert call("status", "--check").code == 1


class TestWithoutADaemon:
    def test_the_database_is_read_and_it_is_said_that_none_runs(self, call, runtime, bootstrap):
        ended = call("status")
        assert ended.code == ExitCode.OK
        assert ended.out.startswith("no daemon runs here; what the database knows:\n")
        assert "question_one: site_changed" in ended.out
        document = call("status", "--json").document
        assert (document["daemon"], document["silence"]) == (None, "")
        assert document["database"]["open_issues"] == 12

    def test_on_a_fresh_machine_nothing_is_made(self, call, runtime, folders):
        ended = call("status")
        assert "nothing is stored yet" in ended.out
        assert not (folders / "state").exists()

    def test_check_is_exit_1(self, call, runtime):
        ended = call("status", "--check")
        assert (ended.code, ended.out) == (1, "fail: no daemon runs here\n")

    def test_a_socket_that_nobody_listens_at(self, call, runtime, bootstrap):
        import socket

        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(runtime / "control.sock"))
        ended = call("status", "--check")
        assert ended.code == 1
        assert ended.out.startswith("fail: nobody is at home")

    def test_reload_is_exit_2_with_a_hint(self, call, runtime):
        ended = call("status", "--reload")
        assert ended.code == ExitCode.USAGE
        assert "no daemon runs here" in ended.err

    def test_flags_that_exclude_each_other(self, call, runtime):
        assert call("status", "--watch", "--check").code == ExitCode.USAGE


class TestWatch:
    @pytest.fixture
    def two_looks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The second pause is interrupted, as by Ctrl-C."""
        pauses = iter([None, KeyboardInterrupt()])

        async def sleep(_: float) -> None:
            interrupt = next(pauses)
            if interrupt is not None:
                raise interrupt

        monkeypatch.setattr(status_module.asyncio, "sleep", sleep)

    def test_o29_a_line_a_look_elsewhere_than_on_a_terminal_and_ctrl_c_is_exit_0(self, call, daemon, two_looks):
        ended = call("status", "--watch")
        assert ended.code == ExitCode.OK
        lines = ended.out.splitlines()
        assert len(lines) == 2
        assert lines[0].startswith("2026-11-16 06:00 ready: running refresh")
        assert "46 % 120/260" in lines[0]

    def test_json_is_an_object_a_line(self, call, daemon, two_looks):
        lines = call("status", "--watch", "--json").out.splitlines()
        assert [json.loads(line)["daemon"]["pid"] for line in lines] == [321, 321]

    def test_the_database_is_opened_once(self, call, runtime, bootstrap, two_looks):
        call("status", "--watch")
        assert [name for name, _ in bootstrap.asked] == ["open_figures"]

    def test_on_a_terminal_the_screen_is_drawn_anew(self, call, daemon, two_looks, monkeypatch):
        cleared = []
        monkeypatch.setattr(click, "clear", lambda: cleared.append(True))
        monkeypatch.setattr("trivia_scraper.cli.terminal.may_animate", lambda **_: True)
        ended = call("status", "--watch")
        assert len(cleared) == 2
        assert ended.out.count("runs: refresh") == 2


class TestFreshness:
    def test_p13_text(self, call, bootstrap):
        ended = call("report", "freshness")
        assert "92.9 % of 140 pictures verified in the last 7 days" in ended.out
        rows = [line.split() for line in ended.out.splitlines() if line.startswith(("all", "question_one", "here"))]
        assert [row[:3] for row in rows] == [
            ["all", "140", "92.9"],
            ["question_one", "100", "90.0"],
            ["here", "40", "100.0"],
        ]

    def test_p13_json(self, call, bootstrap):
        document = call("report", "freshness", "--json").document
        assert (document["all"]["images"], document["all"]["fresh"]) == (140, 130)
        assert [each["provider"] for each in document["by_provider"]] == ["question_one", "here"]


class TestSources:
    def test_o14_the_broken_ones(self, call, bootstrap):
        rows = call("sources", "list", "--state", "broken", "--json").document["sources"]
        assert [(row["slug"], row["health"]) for row in rows] == [("question_one", "site_changed")]

    @pytest.mark.parametrize(
        ("states", "slugs"),
        [
            (("ok",), {"quizmeisters"}),
            (("site_changed", "ok"), {"quizmeisters", "question_one"}),
            (("unread",), {"inquizition", "speed_quizzing", "geeks_who_drink", "pubquiz_pl"}),
            (("off",), set()),
        ],
    )
    def test_o14_by_state(self, call, bootstrap, states, slugs):
        words = [word for state in states for word in ("--state", state)]
        rows = call("sources", "list", *words, "--json").document["sources"]
        assert {row["slug"] for row in rows} == slugs

    def test_an_unknown_state_is_a_usage_error(self, call, bootstrap):
        assert call("sources", "list", "--state", "ill").code == ExitCode.USAGE

    def test_the_list_is_told_without_a_database_too(self, call, bootstrap):
        bootstrap.failure = DatabaseUnreachable("no server on db.example")
        ended = call("sources", "list")
        assert ended.code == ExitCode.OK
        assert "question_one" in ended.out
        assert "how they fare is not known: no server on db.example" in ended.err

    def test_pause_says_who_and_why(self, call, bootstrap):
        ended = call("sources", "pause", "question_one", "--why", "they asked us")
        assert ended.code == ExitCode.OK
        [(name, given)] = bootstrap.asked
        assert (name, given["source"], given["why"]) == ("pause", "question_one", "they asked us")
        assert given["by"]
        assert "sources resume question_one" in ended.out

    def test_resume(self, call, bootstrap):
        assert "question_one is read again" in call("sources", "resume", "question_one").out

    @pytest.mark.parametrize("command", ["pause", "resume", "release"])
    def test_an_unknown_source_suggests_the_nearest(self, call, bootstrap, command):
        ended = call("sources", command, "question-one")
        assert ended.code == ExitCode.USAGE
        assert "did you mean 'question_one'?" in ended.err


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"), (0.4, "0 s"), (-3, "0 s"), (45, "45 s"), (60, "1 min"), (89, "1 min 29 s"), (600, "10 min"),
        (3600, "1 h"), (4800, "1 h 20 min"), (7300, "2 h"), (90_000, "1 d 1 h"), (864_000, "10 d"),
    ],
)  # fmt: skip
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("percent", "filled"), [(0, 0), (4.9, 0), (5, 1), (50, 10), (99.9, 19), (100, 20), (120, 20)]
)
def test_bars(percent: float, filled: int) -> None:
    assert bar(percent) == "[" + "#" * filled + "-" * (20 - filled) + "]"


def test_a_line_of_a_daemon_that_is_not_there() -> None:
    told: Callable[..., str] = status_line
    assert told(status_document(None, None, samples.AT)) == "2026-11-16 06:00 no daemon runs here"
