"""Recurrence rules of calendars, read and never unrolled (sources.md 11.4 `ics`).

A rule's parts say what we want to know: which weekdays, how often, which weeks of the month. Only the next date
is looked for, day by day and at most 100 days ahead, so a rule that repeats every second, a thousand million
times or never costs no more than any other.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from icalendar.prop import vRecur

from trivia_scraper.domain.models import Frequency
from trivia_scraper.sources.structured.moments import in_zone

HORIZON_DAYS: Final = 100
RULE_LIMIT: Final = 1_000

_EVERY: Final = 0
_DAYS: Final = {"MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6, "SU": 7}
_UNREADABLE: Final = ("BYYEARDAY", "BYWEEKNO", "BYSECOND", "RSCALE")
_BY_DAY: Final = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as far as it concerns evenings.

    interval  every so many weeks or, where `monthly`, months
    picks     weekday and week of the month (-1 = last, 0 = every week)
    months    the only months it holds in; empty = all
    last      the last date it may give, from UNTIL or COUNT; None = no end
    """

    first: dt.date
    interval: int
    monthly: bool
    picks: frozenset[tuple[int, int]]
    months: frozenset[int]
    week_start: int
    last: dt.date | None

    @property
    def frequency(self) -> Frequency:
        """Weekly, biweekly, monthly; every three weeks or every other month is irregular."""
        if self.monthly:
            return Frequency.MONTHLY if self.interval == 1 else Frequency.IRREGULAR
        return {1: Frequency.WEEKLY, 2: Frequency.BIWEEKLY}.get(self.interval, Frequency.IRREGULAR)

    @property
    def weekdays(self) -> tuple[int, ...]:
        """1 = Monday … 7 = Sunday."""
        return tuple(sorted({weekday for weekday, _ in self.picks}))

    @property
    def ordinals(self) -> tuple[int, ...]:
        """Weeks of the month, -1 = last; empty = every week."""
        return tuple(sorted({week for _, week in self.picks if week}, key=lambda week: (week < 0, week)))

    def parts(self) -> tuple[Rule, ...]:
        """One rule for each set of weeks: "1MO,3WE" are two evenings, "1MO,1WE" is one on two weekdays."""
        weeks = {day: frozenset(week for weekday, week in self.picks if weekday == day) for day in self.weekdays}
        return tuple(
            replace(self, picks=frozenset(pick for pick in self.picks if weeks[pick[0]] == shared))
            for shared in dict.fromkeys(weeks.values())
        )

    def falls_on(self, day: dt.date) -> bool:
        """Whether the rule, without its exceptions, gives this date."""
        if (
            day < self.first
            or (self.last is not None and day > self.last)
            or (self.months and day.month not in self.months)
        ):
            return False
        if not any(weekday == day.isoweekday() and week in (_EVERY, *weeks_of(day)) for weekday, week in self.picks):
            return False
        if self.monthly:
            return ((day.year - self.first.year) * 12 + day.month - self.first.month) % self.interval == 0
        return (
            _week_begin(day, self.week_start) - _week_begin(self.first, self.week_start)
        ).days // 7 % self.interval == 0

    def next_date(self, today: dt.date, without: Container[dt.date]) -> dt.date | None:
        """The first date from `today` on that is not taken out, within 100 days."""
        start = max(today, self.first)
        days = (start + dt.timedelta(days=number) for number in range(min(HORIZON_DAYS, (dt.date.max - start).days)))
        return next((day for day in days if self.falls_on(day) and day not in without), None)


def weeks_of(day: dt.date) -> tuple[int, int]:
    """Which one of its weekday in its month a date is, counted from both ends: 1 … 5 and -1 … -5."""
    after = _month_end(day).day - day.day
    return (day.day - 1) // 7 + 1, -(after // 7) - 1


def read_rule(text: str, starts: dt.datetime, *, day_shift: int = 0, zone: ZoneInfo | None = None) -> Rule:
    """Read an RRULE of an entry that starts at `starts` (the venue's wall clock).

    day_shift  days between the date in the rule's own zone and the venue's: an evening in Los Angeles is the next
               day in UTC, and so are the rule's weekdays
    zone       the venue's, for an UNTIL in UTC
    Raises ValueError saying why a rule gives no fixed weekday and time.
    """
    if len(text) > RULE_LIMIT:
        raise ValueError("a rule that is too long")
    try:
        parts: Mapping[str, object] = vRecur.from_ical(text)
    except ValueError as error:
        raise ValueError("a rule that cannot be read") from error
    frequency = str(next(iter(_values(parts, "FREQ")), "")).upper()
    if any(_values(parts, name) for name in _UNREADABLE) or not _same_clock(parts, starts, day_shift):
        raise ValueError("a rule with parts that are not read")
    interval = _integer(parts, "INTERVAL", 1)
    if interval < 1:
        raise ValueError("a rule with an impossible interval")
    monthly, interval, picks = _picks(frequency, interval, parts, starts.isoweekday(), day_shift)
    if not picks:
        raise ValueError("no fixed weekday")
    months = frozenset(month for value in _values(parts, "BYMONTH") if 1 <= (month := _number(value)) <= 12)
    week_start = _DAYS.get(str(next(iter(_values(parts, "WKST")), "MO")).upper(), 1)
    rule = Rule(starts.date(), interval, monthly, picks, months, week_start, _until(parts, zone))
    return _counted(rule, _integer(parts, "COUNT", 0))


def _picks(
    frequency: str, interval: int, parts: Mapping[str, object], start_day: int, day_shift: int
) -> tuple[bool, int, frozenset[tuple[int, int]]]:
    days = _by_day(parts, day_shift)
    if frequency == "DAILY" and not _values(parts, "BYMONTHDAY"):
        if interval == 1:
            chosen = {day for day, _ in days} or set(_DAYS.values())
            return False, 1, frozenset((day, _EVERY) for day in chosen)
        if interval % 7 == 0 and not days:
            return False, interval // 7, frozenset({(start_day, _EVERY)})
    if frequency == "WEEKLY" and not _values(parts, "BYMONTHDAY") and not _values(parts, "BYSETPOS"):
        return False, interval, frozenset((day, _EVERY) for day, _ in days) or frozenset({(start_day, _EVERY)})
    if frequency == "MONTHLY":
        return _monthly_picks(interval, parts, days, day_shift)
    raise ValueError("no fixed weekday" if frequency in ("DAILY", "WEEKLY", "YEARLY") else "not a rule of evenings")


def _monthly_picks(
    interval: int, parts: Mapping[str, object], days: frozenset[tuple[int, int]], day_shift: int
) -> tuple[bool, int, frozenset[tuple[int, int]]]:
    positions = {_number(value) for value in _values(parts, "BYSETPOS")}
    month_days = {_number(value) for value in _values(parts, "BYMONTHDAY")}
    if month_days:
        positions |= {_week_of_month_days(month_days)}
    if positions and (len(days) != 1 or not positions <= {1, 2, 3, 4, 5, -1} or any(week for _, week in days)):
        raise ValueError("no fixed weekday")
    picks = frozenset((day, position) for day, _ in days for position in positions) or days
    if any(week < -1 or week > 5 for _, week in picks):
        raise ValueError("a week of the month that is not read")
    if day_shift and any(week for _, week in picks):
        # The day before the first Thursday is mostly, but not always, the first Wednesday.
        raise ValueError("weeks of the month counted in another zone")
    every_week = all(week == _EVERY for _, week in picks)
    if every_week and interval > 1:
        raise ValueError("every week of some months")
    return not every_week, interval, picks


def _week_of_month_days(days: set[int]) -> int:
    """The 8th to the 14th are the second week, as calendars without BYSETPOS write it."""
    weeks = {(day - 1) // 7 + 1 for day in days if 1 <= day <= 28}
    if len(days) == 7 and len(weeks) == 1:
        return weeks.pop()
    raise ValueError("no fixed weekday")


def _by_day(parts: Mapping[str, object], day_shift: int) -> frozenset[tuple[int, int]]:
    found = (_BY_DAY.fullmatch(str(value)) for name in ("BYDAY", "BYWEEKDAY") for value in _values(parts, name))
    return frozenset(
        ((_DAYS[match[2]] - 1 + day_shift) % 7 + 1, int(match[1]) if match[1] else _EVERY) for match in found if match
    )


def _same_clock(parts: Mapping[str, object], starts: dt.datetime, day_shift: int) -> bool:
    """Whether BYHOUR and BYMINUTE, if there at all, only repeat the start."""
    hours, minutes = ({_number(value) for value in _values(parts, name)} for name in ("BYHOUR", "BYMINUTE"))
    return (not hours or (hours == {starts.hour} and not day_shift)) and (not minutes or minutes == {starts.minute})


def _until(parts: Mapping[str, object], zone: ZoneInfo | None) -> dt.date | None:
    until = next(iter(_values(parts, "UNTIL")), None)
    if isinstance(until, dt.datetime):
        return (in_zone(until, zone) if until.tzinfo is not None and zone is not None else until).date()
    return until if isinstance(until, dt.date) else None


def _counted(rule: Rule, count: int) -> Rule:
    """The rule with the end that COUNT gives it; reckoned, never counted out. Months give the latest it can be."""
    if count < 1 or rule.months:
        return rule
    try:
        last = _last_month(rule, count) if rule.monthly else _last_of_weeks(rule, count)
    except (OverflowError, ValueError):  # beyond the calendar: no end
        return rule
    ends = min(last, rule.last) if rule.last else last
    return replace(rule, last=ends)


def _last_of_weeks(rule: Rule, count: int) -> dt.date:
    week = _week_begin(rule.first, rule.week_start)
    offsets = sorted((day - rule.week_start) % 7 for day, _ in rule.picks)
    passed = sum(offset < (rule.first - week).days for offset in offsets)
    weeks, position = divmod(passed + count - 1, len(offsets))
    return week + dt.timedelta(days=7 * rule.interval * weeks + offsets[position])


def _last_month(rule: Rule, count: int) -> dt.date:
    months = rule.first.month - 1 + -(-count // len(rule.picks)) * rule.interval
    return _month_end(dt.date(rule.first.year + months // 12, months % 12 + 1, 1))


def _month_end(day: dt.date) -> dt.date:
    if day.month == 12:
        return day.replace(day=31)
    return day.replace(month=day.month + 1, day=1) - dt.timedelta(days=1)


def _week_begin(day: dt.date, week_start: int) -> dt.date:
    return dt.date.fromordinal(max(1, day.toordinal() - (day.isoweekday() - week_start) % 7))


def _values(parts: Mapping[str, object], name: str) -> list[object]:
    found = parts.get(name)
    return found if isinstance(found, list) else []


def _integer(parts: Mapping[str, object], name: str, default: int) -> int:
    return next((_number(value) for value in _values(parts, name)), default)


def _number(value: object) -> int:
    """A number of a rule. Raises ValueError for one that no rule has."""
    if not _INTEGER.fullmatch(str(value)):
        raise ValueError("a rule with an impossible number")
    return int(str(value))
