"""When a condition is told, repeated and told to be over: debounce, repeats, quiet hours, digests (O13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest

from trivia_scraper.domain.notices import Condition, ConditionKind, Message, Notice
from trivia_scraper.domain.weekly import AlertLevel
from trivia_scraper.policy.notifying import (
    MOST_AT_ONCE,
    QuietHours,
    Step,
    Terms,
    after_telling,
    digest,
    judge_absent,
    judge_present,
    quiet_hours,
)

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
BROKEN = Condition(ConditionKind.SOURCE_BROKEN, "question_one", "question_one: site gone")
FULL = Condition(ConditionKind.STORAGE_FULL, "images", "full", AlertLevel.CRITICAL)
NIGHT = QuietHours(dt.time(22), dt.time(7))


class Watcher:
    """Looks at one condition again and again, and remembers like the book."""

    def __init__(self, condition: Condition = BROKEN, **terms: object) -> None:
        self.condition = condition
        self.terms = replace(Terms(), **terms)  # type: ignore[arg-type]
        self.known: Notice | None = None

    def look(self, at: dt.datetime, present: bool, *, is_replaced: bool = False) -> Step:
        if present:
            verdict = judge_present(self.known, self.condition, at, self.terms)
        elif self.known is None or self.known.is_over:
            return Step.NOTHING
        else:
            verdict = judge_absent(self.known, at, self.terms, is_replaced=is_replaced)
        self.known = verdict.notice
        if verdict.step is not Step.NOTHING:
            self.known = after_telling(verdict, self.condition.severity, at)
        return verdict.step

    def looks(self, pattern: str, start: dt.datetime = NOON, every: dt.timedelta = MINUTE) -> str:
        """ "++-" = present, present, absent; answers "." nothing, "S"end, "A"gain, "R"esolved."""
        letters = {Step.NOTHING: ".", Step.SEND: "S", Step.REPEAT: "A", Step.RESOLVE: "R"}
        steps = (self.look(start + number * every, sign == "+") for number, sign in enumerate(pattern))
        return "".join(letters[step] for step in steps)


@pytest.mark.parametrize(
    ("pattern", "answers"),
    [
        ("+++++", "..S.."),  # three in a row, then silence
        ("++-++-++-", "........."),  # flapping is nobody's news
        ("++-+++", ".....S"),  # the count begins anew
        ("+++---", "..S..R"),  # its end needs as many looks
        ("+++--++---", "..S......R"),  # and is not told while it may only be a pause
        ("+++-----", "..S..R.."),  # once
        ("++----", "......"),  # what was never told is not told to be over
        ("+++---+++---", "..S..R......"),  # back within a day: known already
    ],
)
def test_o13_after_three_looks_in_a_row(pattern: str, answers: str) -> None:
    assert Watcher().looks(pattern) == answers


def test_o13_as_many_looks_as_the_setting_says() -> None:
    assert Watcher(after_failures=1).looks("+-") == "SR"
    assert Watcher(after_failures=5).looks("++++++") == "....S."


def test_o13_once_per_condition_and_repeat() -> None:
    watcher = Watcher(after_failures=1)
    assert watcher.looks("+" * 50, every=HOUR) == "S" + "." * 23 + "A" + "." * 23 + "A" + "."


def test_o13_what_came_back_within_the_day_and_stays_is_told_when_it_is_over() -> None:
    watcher = Watcher(after_failures=1, repeat=4 * HOUR)
    assert watcher.looks("+-++++-", every=HOUR) == "SR..S.R"


def test_o13_a_clock_that_was_wrong_does_not_silence_it_for_a_year() -> None:
    watcher = Watcher(after_failures=1)
    assert watcher.looks("+", start=NOON + 365 * DAY) == "S"
    assert watcher.looks("+", start=NOON) == "A"


def test_grave_conditions_are_told_again_when_they_come_back() -> None:
    assert Watcher(FULL).looks("+++---+++---") == "..S..R..S..R"


def test_what_became_critical_is_told_although_it_was_told_as_a_warning() -> None:
    warning = Condition(ConditionKind.PROVIDER_USED, "here:hour", "80 %")
    watcher = Watcher(warning, after_failures=1)
    assert watcher.looks("++") == "S."
    watcher.condition = replace(warning, severity=AlertLevel.CRITICAL, message="96 %")
    assert watcher.looks("++", start=NOON + HOUR) == "S."
    watcher.condition = warning
    assert watcher.looks("+", start=NOON + 2 * HOUR) == "."


def test_what_another_state_of_the_same_source_replaces_is_over_in_silence() -> None:
    watcher = Watcher(after_failures=1)
    assert watcher.looks("+") == "S"
    assert watcher.look(NOON + MINUTE, present=False, is_replaced=True) is Step.NOTHING
    assert watcher.known is not None
    assert watcher.known.is_over


@pytest.mark.parametrize(
    ("text", "at", "is_quiet"),
    [
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "23:59", True),
        ("22:00-07:00", "00:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("09:00-17:30", "08:59", False),
        ("09:00-17:30", "17:29", True),
        ("09:00-17:30", "17:30", False),
        ("00:00-00:00", "13:00", True),
        ("", "03:00", False),
    ],
)
def test_quiet_hours_also_across_midnight(text: str, at: str, is_quiet: bool) -> None:
    moment = dt.datetime.combine(NOON.date(), dt.time.fromisoformat(at), dt.UTC)
    hours = quiet_hours(text)
    assert (hours is not None and hours.covers(moment)) is is_quiet


def test_quiet_hours_are_utc_whatever_zone_a_moment_is_in() -> None:
    tokyo = dt.timezone(9 * HOUR)
    assert NIGHT.covers(dt.datetime(2026, 3, 10, 8, tzinfo=tokyo))  # 23:00 UTC
    assert not NIGHT.covers(dt.datetime(2026, 3, 10, 22, tzinfo=tokyo))  # 13:00 UTC


def test_the_night_holds_what_can_wait_for_the_morning() -> None:
    watcher = Watcher(quiet=NIGHT)
    evening = NOON.replace(hour=22)
    assert watcher.looks("+" * 8, start=evening, every=HOUR) == "." * 8
    assert watcher.look(evening + 9 * HOUR, present=True) is Step.SEND  # 07:00


def test_what_came_and_went_in_the_night_is_nobodys_news() -> None:
    watcher = Watcher(quiet=NIGHT)
    assert watcher.looks("+++++-----------", start=NOON.replace(hour=22), every=HOUR) == "." * 16


def test_an_end_in_the_night_is_told_in_the_morning() -> None:
    watcher = Watcher(quiet=NIGHT, after_failures=1)
    assert watcher.looks("+", start=NOON.replace(hour=21)) == "S"
    assert watcher.looks("-" * 12, start=NOON.replace(hour=22), every=HOUR) == "." * 9 + "R.."


@pytest.mark.parametrize(
    ("kind", "is_told"),
    [(kind, kind.value in ("storage_full", "database_lost", "lock_lost")) for kind in ConditionKind],
)
def test_the_night_holds_all_but_the_gravest(kind: ConditionKind, is_told: bool) -> None:
    watcher = Watcher(Condition(kind, "x", "x"), quiet=NIGHT)
    assert watcher.looks("+++---", start=NOON.replace(hour=23)) == ("..S..R" if is_told else "......")


def messages(begun: int, over: int = 0, level: AlertLevel = AlertLevel.WARNING) -> Sequence[Message]:
    return [
        Message("loop_died", f"loop {number}", level, f"loop {number} died", number >= begun, "quiz", NOON)
        for number in range(begun + over)
    ]


@pytest.mark.parametrize(
    ("begun", "over", "sent"), [(1, 0, 1), (5, 0, 5), (3, 2, 5), (6, 0, 1), (3, 3, 1), (0, 9, 1)]
)
def test_a_digest_in_place_of_a_flood(begun: int, over: int, sent: int) -> None:
    told = digest(messages(begun, over))
    assert len(told) == sent
    if sent == 1 and begun + over > MOST_AT_ONCE:
        [one] = told
        assert one.subject == f"{begun} begun, {over} over"
        assert one.resolved is (begun == 0)
        assert one.message.count("died") == begun + over
        assert one.message.count("over: ") == over


def test_a_digest_is_as_grave_as_what_begins_in_it_and_quotes_twenty() -> None:
    [calm] = digest([*messages(6), *messages(0, 1, AlertLevel.CRITICAL)])
    [grave] = digest([*messages(40), *messages(1, level=AlertLevel.CRITICAL)])
    assert (calm.severity, grave.severity) == (AlertLevel.WARNING, AlertLevel.CRITICAL)
    assert grave.message.count("died") == 20
    assert "and 21 more" in grave.message
