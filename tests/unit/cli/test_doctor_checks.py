"""The checks of `doctor` about daemon and store: what is told, and how to mend it (issue 5.3)."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.house import capturing_log
from trivia_scraper.bootstrap.checking import store_facts
from trivia_scraper.cli import checkup_daemon
from trivia_scraper.cli.checkup import Check
from trivia_scraper.cli.checkup_daemon import (
    extra_checks,
    free_files_checks,
    listener_check,
    schedule_checks,
    systemd_checks,
)
from trivia_scraper.cli.checkup_store import clock_check, fact_checks, holder_check, pooler_check, source_check
from trivia_scraper.domain.checkups import StoreFacts, StoreHolder, UntoldCondition
from trivia_scraper.domain.source_health import SourceHealth, SourceState
from trivia_scraper.settings import settings_from
from unit.cli.cli_samples import store_facts as sound_facts

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def settings(tmp_path: Path, **sections: Mapping[str, Any]) -> Any:
    return settings_from(sections, state_dir=tmp_path)


@pytest.mark.parametrize(
    ("listen", "has_token", "verdict"),
    [
        ("127.0.0.1:8321", False, "ok"),
        ("[::1]:8321", False, "ok"),
        ("localhost:8321", False, "ok"),
        ("unix:/run/trivia/web.sock", False, "ok"),
        ("", False, "ok"),
        ("0.0.0.0:8321", False, "fail"),
        ("192.0.2.7:8321", False, "fail"),
        ("0.0.0.0:8321", True, "ok"),
        ("pub.example:8321", True, "fail"),
    ],
)
def test_a_listener_that_others_reach_needs_a_token(listen: str, has_token: bool, verdict: str) -> None:
    check = listener_check("web", listen, has_token=has_token)
    assert check.verdict == verdict
    assert bool(check.next) is (verdict != "ok")


def test_the_schedule_is_told_in_words_with_its_next_time(tmp_path: Path) -> None:
    told = [check.detail for check in schedule_checks(settings(tmp_path), NOW)]
    assert told[0].startswith("refresh of quizmeisters, question_one, ")
    assert told[0].endswith("daily at 03:00 UTC, next 2026-11-22 03:00 UTC")
    assert "cleanup: daily at 04:00 UTC, next 2026-11-22 04:00 UTC" in told
    assert "weekly report: Mondays at 06:00 UTC, next 2026-11-23 06:00 UTC" in told


def test_a_daemon_that_reads_nothing_by_itself_is_a_warning(tmp_path: Path) -> None:
    checks = schedule_checks(settings(tmp_path, schedule={"refresh": ""}), NOW)
    [warning] = [check for check in checks if check.verdict == "warn"]
    assert (warning.detail, warning.next) == (
        "no source has a schedule: the daemon reads none by itself", "set schedule.refresh",
    )  # fmt: skip


def test_packages_are_asked_for_where_a_setting_needs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(extra_checks(settings(tmp_path, notify={"urls": "https://hook.example/x"}))) == []
    needing = settings(tmp_path, storage={"kind": "s3", "s3_bucket": "b"}, notify={"urls": "tgram://bot/chat"})
    assert [check.verdict for check in extra_checks(needing)] == ["ok", "ok"]
    monkeypatch.setattr(checkup_daemon, "find_spec", lambda name: None)
    lacking = list(extra_checks(needing))
    assert [(check.verdict, check.next) for check in lacking] == [
        ("fail", "pip install 'trivia-scraper[s3]'"),
        ("fail", "pip install 'trivia-scraper[notify]'"),
    ]


def test_what_systemd_told_us_is_looked_at(tmp_path: Path) -> None:
    assert list(systemd_checks({})) == []
    address = str(tmp_path / "notify")
    [missing] = systemd_checks({"NOTIFY_SOCKET": address})
    assert missing.verdict == "warn"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        [heard] = systemd_checks({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000000"})
        [unwatched] = systemd_checks({"NOTIFY_SOCKET": "@abstract"})
    assert (heard.verdict, "every 60 s" in heard.detail) == ("ok", True)
    assert "no watchdog" in unwatched.detail


@pytest.mark.parametrize(("free", "verdict"), [(5_000_000, "ok"), (9_999, "warn"), (99, "fail")])
def test_f29_free_inodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str) -> None:
    found = os.statvfs(tmp_path)
    changed = os.statvfs_result((*found[:5], 10_000_000, free, free, *found[8:]))
    monkeypatch.setattr(checkup_daemon.os, "statvfs", lambda _: changed)
    [check] = free_files_checks(settings(tmp_path))
    assert check.verdict == verdict


def test_a_file_system_without_a_number_of_files_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.statvfs(tmp_path)
    monkeypatch.setattr(checkup_daemon.os, "statvfs", lambda _: os.statvfs_result((*found[:5], 0, 0, 0, *found[8:])))
    assert list(free_files_checks(settings(tmp_path))) == []


@pytest.mark.parametrize(
    ("ahead", "verdict"),
    [(0.3, "ok"), (-4.9, "ok"), (5.0, "warn"), (-30.0, "warn"), (61.0, "fail"), (-3600.0, "fail")],
)
def test_f47_clocks_that_differ(ahead: float, verdict: str) -> None:
    assert clock_check(ahead).verdict == verdict


def test_a_pooler_in_transaction_mode_is_a_failure_with_the_setting_that_mends_it() -> None:
    check = pooler_check(replace(sound_facts(), is_pooled=True))
    assert (check.verdict, "pool_mode = session" in check.next) == ("fail", True)
    assert pooler_check(sound_facts()).verdict == "ok"


HERE = "this-host"


@pytest.mark.parametrize(
    ("holder", "answers", "verdict", "words"),
    [
        (None, None, "ok", "free"),
        (None, "idle", "warn", "though a daemon answers"),
        (StoreHolder(17, HERE, "daemon"), "idle; next run 03:00 UTC", "ok", "daemon 17"),
        (StoreHolder(17, HERE, "daemon"), None, "warn", "does not answer"),
        (StoreHolder(17, "elsewhere", "daemon"), None, "ok", "on host elsewhere"),
        (StoreHolder(17, HERE, "run"), None, "ok", "held by run 17"),
        (StoreHolder(None, "", ""), None, "ok", "process unknown on host unknown"),
    ],
)
def test_who_holds_the_store_and_whether_it_answers(
    holder: StoreHolder | None, answers: str | None, verdict: str, words: str
) -> None:
    check = holder_check(holder, answers, HERE)
    assert check.verdict == verdict
    assert words in check.detail
    assert bool(check.next) is (verdict != "ok")


def health(state: SourceState = SourceState.OK, last: dt.datetime | None = NOW - HOUR, why: str = "") -> SourceHealth:
    return SourceHealth("question_one", state, why, NOW - DAY, NOW - HOUR, last)


@pytest.mark.parametrize(
    ("source", "interval", "verdict", "words"),
    [
        (health(), DAY, "ok", "last complete run 2026-11-21 11:00"),
        (health(last=NOW - 25 * HOUR), DAY, "ok", "last complete run"),
        (health(last=NOW - 27 * HOUR), DAY, "warn", "no complete run since 2026-11-20 09:00"),
        (health(last=NOW - 27 * HOUR), None, "warn", "no complete run since"),
        (health(last=NOW - 5 * DAY), 7 * DAY, "ok", "last complete run"),
        (health(SourceState.UNREAD, None), DAY, "ok", "not read yet"),
        (health(SourceState.PAUSED), DAY, "warn", "paused since 2026-11-20 12:00"),
        (health(SourceState.DEGRADED, why="40 % of the usual"), DAY, "warn", "degraded since"),
        (health(SourceState.SITE_CHANGED, why="no title"), DAY, "fail", "site_changed since"),
    ],
)
def test_o18_how_a_source_fares(
    source: SourceHealth, interval: dt.timedelta | None, verdict: str, words: str
) -> None:
    check = source_check(source, interval, NOW)
    assert check.verdict == verdict
    assert words in check.detail
    assert bool(check.next) is (verdict != "ok")


def test_what_nobody_was_told_of_and_who_went_away_without_a_word() -> None:
    untold = UntoldCondition("source broken", "question_one cannot be read", NOW - 2 * HOUR)
    facts = replace(sound_facts(), dead_epochs=(7, 9), untold=(untold,))
    checks = {check.name: check for check in fact_checks(facts, {}, True, NOW)}
    assert "question_one cannot be read" in checks["notifications"].detail
    assert "7, 9" in checks["processes"].detail
    silent: list[Check] = list(fact_checks(facts, {}, False, NOW))
    assert "notifications" not in {check.name for check in silent}, "nobody wants to be told"


async def test_the_facts_are_those_of_the_database(tmp_path: Path, database_url: str) -> None:
    """Against a real server: its clock, its sessions, a lock that is free, a process that went away."""
    import asyncpg

    opened = settings(tmp_path, database={"url": database_url})
    log = capturing_log()[0]
    await store_facts(opened, log)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO store_epochs (epoch, role, pid, host, taken_at) VALUES (41, 'worker', 1, 'x', now())"
        )
        await connection.execute(
            "INSERT INTO notices (condition, kind, subject, message, severity, times_in_row, first_seen_at,"
            " last_seen_at) VALUES ('a', 'k', 's', 'm', 'warning', 3, now() - interval '2 hours', now()),"
            " ('b', 'k', 's', 'just now', 'warning', 1, now(), now())"
        )
    finally:
        await connection.close()
    facts: StoreFacts = await store_facts(opened, log)
    assert abs(facts.clock_ahead_seconds) < 5
    assert (facts.is_pooled, facts.holder, list(facts.dead_epochs)) == (False, None, [41])
    assert [untold.condition for untold in facts.untold] == ["a"]
    assert {source.state for source in facts.sources} == {SourceState.UNREAD}


def test_an_embedded_server_below_a_closed_folder_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts inside its folder (decision 0011): that its user cannot come from above is no trouble."""
    from trivia_scraper.storage import server_user
    from trivia_scraper.storage.server_user import ServerUser

    folder = tmp_path / "state" / "postgres"
    folder.mkdir(parents=True)
    monkeypatch.setattr(server_user, "user_for", lambda _: ServerUser("nobody", 65534, 65534))
    (tmp_path / "state").chmod(0o700)
    [check] = checkup_daemon.embedded_user_checks(settings_from({}, state_dir=tmp_path / "state"))
    assert check.verdict == "ok"
    assert "nobody" in check.detail
