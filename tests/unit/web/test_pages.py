"""What the pages answer, over real sockets."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import NoReturn

import pytest

from support.live import NOON, make_check, make_state
from support.web import Site
from trivia_scraper.domain.errors import DatabaseUnreachable
from trivia_scraper.domain.live import Phase
from trivia_scraper.web import pages


async def test_livez_says_ok_whatever_the_daemon_thinks_of_itself(site: Site) -> None:
    site.state = make_state(phase=Phase.WAITING)
    answer = await site.get("/livez")
    assert (answer.status, answer.body) == (200, b"ok\n")


async def test_readyz_tells_each_check_and_warnings_do_not_take_it_down(site: Site) -> None:
    warning = make_check("sources", ok=False, severity="warn", detail="1 zero_yield", next="trivia-scraper status")
    site.state = make_state(checks=(make_check("database"), warning))
    answer = await site.get("/readyz")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.document == {
        "schema": 1,
        "ready": True,
        "phase": "ready",
        "status": "idle; next run 03:00 UTC",
        "checks": [
            {"name": "database", "ok": True, "severity": "fail", "detail": "answers", "next": ""},
            {
                "name": "sources",
                "ok": False,
                "severity": "warn",
                "detail": "1 zero_yield",
                "next": "trivia-scraper status",
            },
        ],
        "failing": [],
        "warnings": ["sources"],
    }


async def test_o09_readyz_is_503_while_a_loop_is_stale(site: Site) -> None:
    stale = make_check("loop schedule", ok=False, detail="silent for 300 s", next="see the log")
    site.state = make_state(checks=(make_check("database"), stale))
    answer = await site.get("/readyz")
    assert answer.status == 503
    assert answer.document["ready"] is False
    assert answer.document["failing"] == ["loop schedule"]


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.WAITING, Phase.DRAINING, Phase.STOPPED])
async def test_f30_readyz_is_503_in_every_phase_but_ready(site: Site, phase: Phase) -> None:
    site.state = make_state(phase=phase)
    answer = await site.get("/readyz")
    assert (answer.status, answer.document["phase"]) == (503, phase.value)


async def test_no_page_shows_a_secret_of_the_state(site: Site) -> None:
    dsn = "cannot reach postgresql://quiz:hunter2@db.example/quiz"
    site.state = make_state(status_line=dsn, checks=(make_check("database", ok=False, detail=dsn, next=dsn),))
    site.status = lambda: {"database": dsn, "inner": [{"why": dsn}]}
    for path in ("/readyz", "/status.json", "/metrics"):
        assert b"hunter2" not in (await site.get(path)).body


async def test_metrics_come_as_text_and_as_openmetrics(site: Site) -> None:
    plain = await site.get("/metrics")
    assert plain.status == 200
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"trivia_scraper_ready 1.0\n" in plain.body
    open_form = await site.get("/metrics", "Accept: application/openmetrics-text; version=1.0.0")
    assert open_form.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert open_form.body.endswith(b"# EOF\n")


async def test_status_is_what_the_command_prints(site: Site) -> None:
    site.status = lambda: {"ok": True, "at": NOON + dt.timedelta(hours=1)}
    answer = await site.get("/status.json")
    assert (answer.status, answer.document) == (200, {"schema": 1, "ok": True, "at": "2026-03-01T13:00:00Z"})


async def test_status_without_a_database_is_an_error_that_says_so(site: Site) -> None:
    def fail() -> NoReturn:
        raise DatabaseUnreachable("no answer from postgresql://quiz:hunter2@db/quiz", hint="is it running?")

    site.status = fail
    answer = await site.get("/status.json")
    assert answer.status == 503
    assert answer.document["error"]["code"] == "db_unreachable"
    assert answer.document["error"]["hint"] == "is it running?"
    assert b"hunter2" not in answer.body


async def test_o10_status_that_hangs_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "STATUS_SECONDS", 0.01)
    site.status = lambda: asyncio.Event().wait()
    answer = await site.get("/status.json")
    assert (answer.status, answer.document["error"]["code"]) == (503, "timeout")


async def test_a_bug_in_a_page_costs_that_answer_and_is_logged_once(site: Site) -> None:
    site.status = lambda: {}["hunter2"]
    answer = await site.get("/status.json")
    assert (answer.status, answer.document["error"]["code"]) == (500, "bug")
    assert b"hunter2" not in answer.body
    [entry] = site.capture.entries
    assert (entry["event"], entry["path"]) == ("web.crashed", "/status.json")
    assert isinstance(entry["exc_info"], KeyError)
    assert (await site.get("/livez")).status == 200


async def test_reload_names_what_needs_a_restart(control: Site) -> None:
    control.reload = lambda: ("", ["web.listen", "database.url"])
    answer = await control.get("/reload", method="POST")
    expected = {"schema": 1, "ok": True, "restart_keys": ["web.listen", "database.url"]}
    assert (answer.status, answer.document) == (200, expected)


async def test_f09_reload_of_a_broken_file_says_why_and_that_the_old_one_stays(control: Site) -> None:
    control.reload = lambda: ("config.toml:3:8: expected a value", ())
    answer = await control.get("/reload", method="POST")
    assert answer.status == 422
    assert answer.document["ok"] is False
    assert answer.document["error"]["message"] == "config.toml:3:8: expected a value"
    assert answer.document["error"]["hint"] == "the old settings stay; trivia-scraper config check"


async def test_the_control_socket_answers_everything_without_a_name_or_a_token(control: Site) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/status.json"):
        assert (await control.get(path, host="whatever.example")).status == 200
    assert json.loads((await control.get("/readyz")).body)["ready"] is True
