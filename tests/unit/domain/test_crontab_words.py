"""Crontab lines in words (operations.md 8, "Schedule")."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.crontab_words import in_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 3 * * *", "daily at 03:00 UTC"),
        ("30 4,16 * * *", "daily at 04:30 and 16:30 UTC"),
        ("0 6 * * 1", "Mondays at 06:00 UTC"),
        ("0 6 * * MON", "Mondays at 06:00 UTC"),
        ("0 6 * * 7,1", "Mondays and Sundays at 06:00 UTC"),
        ("0 6 * * 0", "Sundays at 06:00 UTC"),
        ("15 7 * * mon-fri", "on working days at 07:15 UTC"),
        ("0 5 1 * *", "monthly on day 1 at 05:00 UTC"),
        ("0 5 1,15 * *", "monthly on day 1 and 15 at 05:00 UTC"),
        ("30 * * * *", "hourly at :30"),
        ("0,20,40 * * * *", "hourly at :00, :20 and :40"),
        ("*/5 * * * *", "every 5 minutes"),
        ("* * * * *", "every minute"),
        ("*/7 * * * *", "*/7 * * * * (UTC)"),
        ("0 */2 * * *", "0 */2 * * * (UTC)"),
        ("0 3 1 * 1", "0 3 1 * 1 (UTC)"),
        ("0 3 * 6 *", "0 3 * 6 * (UTC)"),
        ("0 3 L * *", "0 3 L * * (UTC)"),
        ("0 3 * * 1#2", "0 3 * * 1#2 (UTC)"),
        ("0 0-5 * * *", "0 0-5 * * * (UTC)"),
        ("99 3 * * *", "99 3 * * * (UTC)"),
        ("nonsense", "nonsense"),
    ],
)
def test_in_words(line: str, words: str) -> None:
    assert in_words(line, "UTC") == words


def test_the_zone_is_said() -> None:
    assert in_words("0 2 * * *", "Europe/London") == "daily at 02:00 Europe/London"
