"""The daemon's sections: what is refused, by name, and what is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.settings import load_settings


def load(tmp_path: Path, **environment: str):
    return load_settings(environment={**environment, "STATE_DIRECTORY": str(tmp_path)}, working_directory=tmp_path)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("TRIVIA__SCHEDULE__REFRESH", "0 25 * * *", 'schedule.refresh "0 25 * * *" is no crontab line'),
        ("TRIVIA__SCHEDULE__VERIFY", "hourly", 'schedule.verify "hourly" is no crontab line: write five fields'),
        ("TRIVIA__SCHEDULE__SNAPSHOT", "0 0 30 2 *", "schedule.snapshot"),
        ("TRIVIA__SCHEDULE__TIMEZONE", "Mars", 'schedule.timezone "Mars" is no time zone'),
        ("TRIVIA__SCHEDULE__TIMEZONE", "../../etc/passwd", "is no time zone"),
        ("TRIVIA__SCHEDULE__CATCH_UP", "twice", "schedule.catch_up"),
        ("TRIVIA__SOURCES__QUESTION_ONE__SCHEDULE", "* * *", "sources.question_one.schedule"),
        ("TRIVIA__DAEMON__SHUTDOWN_GRACE_SECONDS", "0", "daemon.shutdown_grace_seconds"),
        ("TRIVIA__DAEMON__RECOVERY_EVERY", "0s", "daemon.recovery_every"),
        ("TRIVIA__WEB__LISTEN", "8321", "web.listen"),
        ("TRIVIA__WEB__LISTEN", "127.0.0.1:70000", "web.listen"),
        ("TRIVIA__METRICS__LISTEN", "localhost", "metrics.listen"),
        ("TRIVIA__METRICS__ALLOW", "127.0.0.1/8", "metrics.allow"),
        ("TRIVIA_WEB_TOKEN", "short", "web.token must be at least 16"),
        ("TRIVIA__NOTIFY__QUIET_HOURS", "22", "notify.quiet_hours"),
        ("TRIVIA__NOTIFY__AFTER_FAILURES", "0", "notify.after_failures"),
        ("TRIVIA_PING_URL", "ftp://example.org", "notify.ping_url"),
        ("TRIVIA_NOTIFY_URLS", "example.org/hook", "notify.urls"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(tmp_path: Path, variable: str, value: str, told: str) -> None:
    with pytest.raises(SetupError) as refused:
        load(tmp_path, **{variable: value})
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRIVIA__SCHEDULE__REFRESH", ""),
        ("TRIVIA__SCHEDULE__REFRESH", "*/20 1-5 * * MON-FRI"),
        ("TRIVIA__SCHEDULE__TIMEZONE", "Europe/London"),
        ("TRIVIA__SOURCES__QUESTION_ONE__SCHEDULE", "never"),
        ("TRIVIA__WEB__LISTEN", ""),
        ("TRIVIA__WEB__LISTEN", "[::1]:8321"),
        ("TRIVIA__WEB__LISTEN", "unix:/run/trivia-scraper/web.sock"),
        ("TRIVIA__NOTIFY__QUIET_HOURS", "22:00-07:00"),
        ("TRIVIA_WEB_TOKEN", "sixteen-letters!"),
        ("TRIVIA_NOTIFY_URLS", "https://hooks.example/a  tgram://token/chat"),
    ],
)
def test_what_is_taken(tmp_path: Path, variable: str, value: str) -> None:
    assert load(tmp_path, **{variable: value}).warnings == ()


def test_several_hosts_by_one_variable(tmp_path: Path) -> None:
    loaded = load(tmp_path, TRIVIA__WEB__ALLOWED_HOSTS="status.example, localhost")
    assert loaded.settings.web.allowed_hosts == ("status.example", "localhost")


def test_secrets_of_the_daemon_are_never_shown(tmp_path: Path) -> None:
    loaded = load(tmp_path, TRIVIA_WEB_TOKEN="a-canary-token-16", TRIVIA_NOTIFY_URLS="https://hooks.example/canary")
    assert "canary" not in repr(loaded.settings)
