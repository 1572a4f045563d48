"""The schedule reader against its rules, the shared phrases, and phrases nobody wrote (sources.md 8.1, 8.3, 12)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.domain.models import EventStatus, Frequency
from trivia_scraper.text.schedule import (
    PhraseKind,
    ScheduleOutcome,
    ScheduleReading,
    read_evenings,
    read_schedule,
)
from trivia_scraper.text.status_words import StatusWord
from unit.text.telling import told

PHRASES = Path(__file__).parents[4] / "shared" / "captures" / "schedule_phrases.tsv"
NAMES = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


RULES = {
    # T1: clean-up
    "T1-diacritics": ("ŚRODA 20:00", "full WE 20:00 weekly - - -"),
    "T1-no-break-space": ("Monday\u00a07\u00a0pm", "full MO 19:00 weekly - - -"),
    "T1-bracket": ("Friday 8pm (doors 6pm", "full FR 20:00 weekly - - -"),
    "T1-line-break": ("Friday 8pm\nSaturday 9pm", "full FR 20:00 weekly - - -"),
    "T1-book": ("Sunday 7pm Book: Monday 1pm", "full SU 19:00 weekly - - -"),
    "T1-date-day-first": ("Tuesday 4th March 2025, 7pm", "full TU 19:00 - - 2025-03-04 -"),
    "T1-date-month-first": ("Wed Aug 19 8pm", "full WE 20:00 - - --08-19 -"),
    "T1-date-dots": ("Pt 2025.10.07 20:00", "partial - 20:00 - - 2025-10-07 -"),
    "T1-date-european": ("piątek 07.10.2025 20:00", "full FR 20:00 - - 2025-10-07 -"),
    "T1-date-polish": ("wtorek 7 października 19:00", "full TU 19:00 - - --10-07 -"),
    "T1-slashed-date-above-12": ("Friday 19/09/2025 8pm", "full FR 20:00 - - 2025-09-19 -"),
    "T1-slashed-date-either-way": ("Friday 10/07/2025 8pm", "full FR 20:00 - - - -"),
    "H130-30-february": ("Friday 30 February 8pm", "full FR 20:00 - - - -"),
    # T2: weekdays
    "T2-several": ("Mondays & Wednesdays 7pm", "full MO,WE 19:00 weekly - - -"),
    "T2-polish-plural": ("czwartki 20:00", "full TH 20:00 weekly - - -"),
    "T2-abbreviation": ("Thurs 8pm", "full TH 20:00 weekly - - -"),
    "T2-full-name-first": ("Sun Inn, Friday 8pm", "full FR 20:00 weekly - - -"),
    "T2-whole-word": ("Sunderland, 8pm", "partial - 20:00 - - - -"),
    "T2-no-day-in-thus": ("thus 8pm", "partial - 20:00 - - - -"),
    "T2-the-sun-is-a-pub": ("The Sun Inn, 8pm", "partial - 20:00 - - - -"),
    "T2-apostrophe": ("Tuesday's 8pm", "full TU 20:00 weekly - - -"),
    # T3: forms of time
    "T3-range": ("Monday 7-9 p.m", "full MO 19:00-21:00 weekly - - -"),
    "T3-range-to": ("Monday 7.30 to 9.45pm", "full MO 19:30-21:45 weekly - - -"),
    "T3-range-24h": ("Mon 19:00–21:30", "full MO 19:00-21:30 weekly - - -"),
    "T3-range-bare-minutes": ("Mon 7:30-9:30", "full MO 19:30-21:30 weekly - - -"),
    "T3-range-past-midnight": ("Friday 9pm-1am", "full FR 21:00-01:00 weekly - - -"),
    "T3-range-into-the-night": ("Friday 9-1am", "full FR 21:00-01:00 weekly - - -"),
    "T3-range-over-noon": ("Sunday 11-1pm", "full SU 11:00-13:00 weekly - - -"),
    "T3-am-pm-dots": ("Monday 8 p.m.", "full MO 20:00 weekly - - -"),
    "T3-p": ("Monday 8p", "full MO 20:00 weekly - - -"),
    "T3-p-of-per": ("Monday 8 per team", "partial MO - weekly - - -"),
    "T3-digits": ("Monday 1030pm", "full MO 22:30 weekly - - -"),
    "T3-h": ("Monday 20h15", "full MO 20:15 weekly - - -"),
    "T3-h-is-a-length": ("Monday, 2h of fun", "partial MO - weekly - - -"),
    "T3-dot": ("Monday 19.45", "full MO 19:45 weekly - - -"),
    "T3-four-digits": ("Monday 2015", "full MO 20:15 weekly - - -"),
    "T3-four-digits-morning": ("Monday 0930", "full MO 09:30 weekly - - -"),
    "T3-a-year": ("Monday, best quiz of 2024", "partial MO - weekly - - -"),
    "T3-three-digits": ("Monday 730", "partial MO - weekly - - -"),
    "T3-at": ("Mondays @7", "full MO 19:00 weekly - - -"),
    "T3-at-then-day": ("at 8 every Tuesday", "full TU 20:00 weekly - - -"),
    "T3-at-an-address": ("Mondays at 12 High Street", "partial MO - weekly - - -"),
    "T3-bullet": ("9 • Monday", "full MO 21:00 weekly - - -"),
    "T3-price": ("Monday, £8.30 a head", "partial MO - weekly - - -"),
    "T3-price-without-sign": ("Monday, 2.50 entry", "partial MO - weekly - - -"),
    "T3-zone-offset-is-no-time": ("Monday 2025-03-03T19:00:00+00:00", "partial MO - - - 2025-03-03 -"),
    # T4: which one
    "T4-starts": ("Doors 6pm, quiz starts 8pm Monday", "full MO 20:00 weekly - - -"),
    "T4-start-behind": ("Doors 7pm Monday, 8pm start", "full MO 20:00 weekly - - -"),
    "T4-start-before-finish": ("Monday 8pm start 10pm finish", "full MO 20:00 weekly - - -"),
    "T4-start-between": ("Monday doors 7pm start 8pm", "full MO 20:00 weekly - - -"),
    "T4-begins-at": ("Monday food 6pm, begins at 7.30pm", "full MO 19:30 weekly - - -"),
    "T4-first": ("Monday 7pm, again 9pm", "full MO 19:00 weekly - - -"),
    "T4-starts-a-date": ("Mondays, starts: Sept 5", "partial MO - - - --09-05 starts_later"),
    "T4-ordinal": ("2nd Monday", "partial MO - monthly 2 - -"),
    "T4-weeks": ("Monday, every 2 weeks", "partial MO - biweekly - - -"),
    "T4-name": ("Monday at 99Rogers", "partial MO - weekly - - -"),
    # T5: limits
    "T5-noon": ("Sunday 12pm", "full SU 12:00 weekly - - -"),
    "T5-midnight": ("Sunday 12am", "full SU 00:00 weekly - - -"),
    "T5-13pm": ("Sunday 13pm", "partial SU - weekly - - -"),
    "T5-0pm": ("Sunday 0pm", "partial SU - weekly - - -"),
    "T5-24": ("Sunday 24:00", "partial SU - weekly - - -"),
    "H129-25-99": ("Sunday 25:99", "partial SU - weekly - - -"),
    "T5-minutes": ("Sunday 7:60pm", "partial SU - weekly - - -"),
    # T6: the PM rule
    "T6-bare": ("Sunday 7:30", "full SU 19:30 weekly - - -"),
    "T6-eleven": ("Sunday 11:00", "full SU 23:00 weekly - - -"),
    "T6-twelve": ("Sunday 12:15", "full SU 12:15 weekly - - -"),
    "T6-leading-zero": ("Sunday 08:30", "full SU 08:30 weekly - - -"),
    "T6-polish": ("niedziela 9:30", "full SU 09:30 weekly - - -"),
    # Q1–Q3: cadence
    "Q1-every-other": ("Every other Monday 8pm", "full MO 20:00 biweekly - - -"),
    "Q1-fortnightly": ("Fortnightly Mondays 8pm", "full MO 20:00 biweekly - - -"),
    "Q1-every-second": ("Every second Monday 8pm", "full MO 20:00 biweekly - - -"),
    "Q2-second-of-the-month": ("Every second Monday of the month 8pm", "full MO 20:00 monthly 2 - -"),
    "Q2-list": ("1st, 3rd and 5th Monday 8pm", "full MO 20:00 monthly 1,3,5 - -"),
    "Q2-last": ("Last Friday of each month 8pm", "full FR 20:00 monthly -1 - -"),
    "Q2-first-and-last": ("first & last Friday, 8pm", "full FR 20:00 monthly 1,-1 - -"),
    "Q2-of-the-month-behind": ("Thursdays 8pm, 1st & 3rd of the month", "full TH 20:00 monthly 1,3 - -"),
    "Q2-polish": ("ostatni piątek miesiąca 20:00", "full FR 20:00 monthly -1 - -"),
    "Q2-polish-biweekly": ("co drugi wtorek 19:00", "full TU 19:00 biweekly - - -"),
    "Q3-bi-monthly-is-neither": ("Bi-monthly Mondays 8pm", "full MO 20:00 irregular - - -"),
    "Q3-a-dated-cadence-stays": ("Every other Sunday, Oct 08 2017 19:00", "full SU 19:00 biweekly - 2017-10-08 -"),
    # Q4: status words
    "Q4-cancelled": ("Mondays 8pm, Cancelled This Week", "full MO 20:00 weekly - - cancelled_once"),
    "Q4-hold": ("On Hold", "flag - - - - - paused"),
    "Q4-in-brackets": ("Mondays 8pm (on hiatus)", "full MO 20:00 weekly - - paused"),
    "Q4-members": ("MEMBERS ONLY", "flag - - - - - not_public"),
    "Q4-starts-on": ("Mondays 8pm, starts on May 15", "full MO 20:00 - - --05-15 starts_later"),
    "Q4-starts-at-is-a-time": ("Mondays, starts at 8pm", "full MO 20:00 weekly - - -"),
    "Q4-tonight": ("Tonight, 7:00 pm", "partial - 19:00 - - - relative_day"),
    # T7: nothing is guessed
    "T7-nothing": ("Quiz night", "reject - - - - - -"),
    "T7-cadence-alone": ("Monthly", "reject - - - - - -"),
    "T7-blank": ("  ", "reject - - - - - -"),
}


@pytest.mark.parametrize(("phrase", "expected"), RULES.values(), ids=RULES)
def test_rule(phrase: str, expected: str) -> None:
    assert told(read_schedule(phrase)) == expected


KINDS = {
    "T8-slug-minutes": (PhraseKind.SLUG, "fox-and-hounds-mondays-8-15pm", "full MO 20:15 weekly - - -"),
    "T8-slug-range": (PhraseKind.SLUG, "fox-mondays-7-9pm", "full MO 19:00-21:00 weekly - - -"),
    "T8-slug-hour": (PhraseKind.SLUG, "every-other-friday-8pm-at-the-fox", "full FR 20:00 biweekly - - -"),
    "T8-slug-number-is-no-time": (PhraseKind.SLUG, "arab-boy-2", "reject - - - - - -"),
    "7.2-product-title": (
        PhraseKind.PRODUCT_TITLE,
        "2025.11.05 [ŚRODA] Klub 1920 9:30",
        "full WE 09:30 - - 2025-11-05 -",
    ),
    "7.2-product-title-last-time": (
        PhraseKind.PRODUCT_TITLE,
        "2025.11.05 [ŚRODA] 18:00 Bar 20:00",
        "full WE 20:00 - - 2025-11-05 -",
    ),
    "T2-day-field": (PhraseKind.DAY, "Tues", "partial TU - - - - -"),
    "T2-day-field-ignores-times": (PhraseKind.DAY, "Tuesday 8pm", "partial TU - - - - -"),
    "5.3-time-field-bare-hour": (PhraseKind.TIME, "8", "partial - 20:00 - - - -"),
    "5.3-time-field-24h-hour": (PhraseKind.TIME, "20", "partial - 20:00 - - - -"),
    "5.3-time-field-seconds": (PhraseKind.TIME, "19:30:00", "partial - 19:30 - - - -"),
    "5.3-time-field-nothing": (PhraseKind.TIME, "0", "reject - - - - - -"),
    "6.3-winter": (PhraseKind.DATA_TIME, "2022-02-24T02:00:00+0000", "partial - 19:00 - - - -"),
    "6.3-summer": (PhraseKind.DATA_TIME, "2022-09-23T01:30:00+00:00", "partial - 19:30 - - - -"),
    "6.3-zulu": (PhraseKind.DATA_TIME, "2022-09-23T01:30:00Z", "partial - 19:30 - - - -"),
    "6.3-no-zone": (PhraseKind.DATA_TIME, "2022-09-23T01:30:00", "reject - - - - - -"),
    "6.3-no-such-day": (PhraseKind.DATA_TIME, "2022-02-30T01:30:00Z", "reject - - - - - -"),
    "6.3-before-time": (PhraseKind.DATA_TIME, "0001-01-01T00:00:00+0000", "reject - - - - - -"),
    "6.3-date-marker": (PhraseKind.DATA_TIME_DATE, "2025-11-05T18:00:00+00:00", "reject - - - - - -"),
}


@pytest.mark.parametrize(("kind", "phrase", "expected"), KINDS.values(), ids=KINDS)
def test_kind(kind: PhraseKind, phrase: str, expected: str) -> None:
    assert told(read_schedule(phrase, kind)) == expected


def test_t6_a_source_on_the_24_hour_clock() -> None:
    assert read_schedule("9:30", clock_24h=True).time == dt.time(9, 30)


@pytest.mark.parametrize(
    ("phrase", "evenings"),
    [
        ("Mondays 7pm & Thursdays 8pm", ["MO 19:00", "TH 20:00"]),
        ("Monday 7pm, Thursday 8.30pm", ["MO 19:00", "TH 20:30"]),
        ("Mondays and Thursdays at 8pm", ["MO,TH 20:00"]),
        ("Mondays at 8pm", ["MO 20:00"]),
        ("8pm", ["- 20:00"]),
    ],
)
def test_t2_evenings_with_times_of_their_own(phrase: str, evenings: list[str]) -> None:
    assert [" ".join(told(reading).split()[1:3]) for reading in read_evenings(phrase)] == evenings


def test_t7_a_missing_half_comes_from_another_text() -> None:
    heading, line = read_schedule("Thursdays"), read_schedule("7pm-9pm")
    both = line.completed_by(heading)
    assert told(both) == "full TH 19:00-21:00 weekly - - -"
    assert (heading.lacks, line.lacks, both.lacks) == ("time", "weekday", "")
    assert read_schedule("").lacks == "weekday and time"
    assert told(read_schedule("Monday 8pm").completed_by(read_schedule("Friday 6-7pm"))) == (
        "full MO 20:00 weekly - - -"
    )


@pytest.mark.parametrize(
    ("flag", "status"),
    [
        (None, EventStatus.ACTIVE),
        (StatusWord.CANCELLED_ONCE, EventStatus.CANCELLED_ONCE),
        (StatusWord.PAUSED, EventStatus.PAUSED),
        (StatusWord.NOT_PUBLIC, EventStatus.NOT_PUBLIC),
        (StatusWord.STARTS_LATER, EventStatus.STARTS_LATER),
        (StatusWord.RELATIVE_DAY, EventStatus.ACTIVE),
    ],
)
def test_q4_status_words_become_event_states(flag: StatusWord | None, status: EventStatus) -> None:
    assert ScheduleReading(flag=flag).status is status


def shared_rows() -> list[list[str]]:
    if not PHRASES.exists():
        return []
    lines = [line for line in PHRASES.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    return [line.split("\t") for line in lines[1:]]


@pytest.mark.skipif(not PHRASES.exists(), reason="the shared captures are not here")
@pytest.mark.parametrize("row", shared_rows(), ids=lambda row: f"{row[1]}-{row[0]}")
def test_shared_phrase(row: list[str]) -> None:
    phrase, kind, outcome, weekdays, start, end, frequency, ordinals, date, flag = row[:10]
    clock = f"{start}-{end}" if end else start
    expected = " ".join(cell or "-" for cell in (outcome, weekdays, clock, frequency, ordinals, date, flag))
    assert told(read_schedule(phrase.replace("\\n", "\n"), PhraseKind(kind))) == expected


@settings(deadline=None)
@given(st.text(max_size=600), st.sampled_from(PhraseKind), st.booleans())
def test_no_text_raises(text: str, kind: PhraseKind, clock_24h: bool) -> None:
    reading = read_schedule(text, kind, clock_24h=clock_24h)
    assert all(1 <= day <= 7 for day in reading.weekdays)
    assert read_evenings(text, kind, clock_24h=clock_24h)


VOCABULARY = (
    "mon monday sun the at @ 7 7pm 19:30 7-9pm 1930 8p every other second last 1st of month start starts doors to "
    "• ( book: 3 mar 2025 2025.10.07 środa - & , . per £2 20h p.m. tonight cancelled 25:00 13pm"
)
WORDS = st.lists(st.sampled_from(VOCABULARY.split()), max_size=14)


@settings(deadline=None)
@given(WORDS, st.sampled_from(PhraseKind))
def test_no_mixture_of_known_words_raises(words: list[str], kind: PhraseKind) -> None:
    reading = read_schedule(" ".join(words), kind)
    assert reading.outcome in ScheduleOutcome
    assert reading.end_time is None or reading.time is not None


def _spellings(hour: int, minute: int) -> list[str]:
    """Every way a provider writes this time that means it and nothing else."""
    twelve, half = (hour - 1) % 12 + 1, "pm" if hour >= 12 else "am"
    spelled = [
        f"{twelve}:{minute:02d}{half}",
        f"{twelve}.{minute:02d} {half.upper()}",
        f"{twelve}:{minute:02d} {half[0]}.m.",
    ]
    if hour < 10 or hour >= 12:  # 10:00 alone is ten at night (T6)
        spelled.append(f"{hour:02d}:{minute:02d}")
    if minute == 0:
        spelled += [f"{twelve}{half}", f"{twelve} {half.upper()}"]
    if hour >= 12:
        spelled += [f"{hour}:{minute:02d}", f"{hour}h{minute:02d}"]
    return spelled


CADENCES = {
    "{day}s": (Frequency.WEEKLY, ()),
    "Every {day}": (Frequency.WEEKLY, ()),
    "Every other {day}": (Frequency.BIWEEKLY, ()),
    "First {day} of the month": (Frequency.MONTHLY, (1,)),
    "2nd & 4th {day}s": (Frequency.MONTHLY, (2, 4)),
    "Last {day} of every month": (Frequency.MONTHLY, (-1,)),
}


@settings(deadline=None)
@given(st.data(), st.integers(1, 7), st.integers(0, 23), st.integers(0, 59), st.sampled_from(list(CADENCES)))
def test_a_generated_phrase_reads_back(data: st.DataObject, day: int, hour: int, minute: int, cadence: str) -> None:
    spelled = data.draw(st.sampled_from(_spellings(hour, minute)))
    glue = data.draw(st.sampled_from([" at ", " ", ", ", " @ ", " from ", " starts at "]))
    reading = read_schedule(cadence.format(day=NAMES[day]) + glue + spelled)
    frequency, ordinals = CADENCES[cadence]
    assert reading == ScheduleReading((day,), dt.time(hour, minute), None, frequency, ordinals)
