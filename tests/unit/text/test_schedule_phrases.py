"""Phrases as bars write them, English and Polish, and what the rules make of each (sources.md 8.1, 8.3).

A "-" is unknown: T7 guesses nothing.
"""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.domain.models import Frequency
from trivia_scraper.text.schedule import ScheduleReading, read_schedule
from unit.text.telling import told

ENGLISH = {
    # bars' own pages: a day, a time
    "Quiz every Tues from 8": "full TU 20:00 weekly - - -",
    "Trivia Tuesdays 7pm-9pm": "full TU 19:00-21:00 weekly - - -",
    "Thursday Night Trivia! 7:30 PM": "full TH 19:30 weekly - - -",
    "Weds 8.00pm sharp": "full WE 20:00 weekly - - -",
    "Every Mon & Wed @ 8": "full MO,WE 20:00 weekly - - -",
    "TRIVIA EVERY TUESDAY @7PM": "full TU 19:00 weekly - - -",
    "Live trivia every Wednesday! 7:30": "full WE 19:30 weekly - - -",
    "Trivia @ 6:30pm Sundays": "full SU 18:30 weekly - - -",
    "8:30 p.m. Wednesdays": "full WE 20:30 weekly - - -",
    "Tuesday: 7 PM – 10 PM": "full TU 19:00-22:00 weekly - - -",
    "Thurs 7:00–9:00 PM": "full TH 19:00-21:00 weekly - - -",
    "Mon 7p-9p": "full MO 19:00-21:00 weekly - - -",
    "Tues @ 7:30p": "full TU 19:30 weekly - - -",
    "Every Thursday night at 8:30 PM EST": "full TH 20:30 weekly - - -",
    "THURSDAY TRIVIA NIGHT 7PM | BINGO 9PM": "full TH 19:00 weekly - - -",
    "Tuesday 1900hrs": "full TU 19:00 weekly - - -",
    "wed 19:30hrs": "full WE 19:30 weekly - - -",
    "Thursdays 7p.m. to 9.30p.m.": "full TH 19:00-21:30 weekly - - -",
    "Wed., 7 p.m.": "full WE 19:00 weekly - - -",
    "MONDAY's at 7": "full MO 19:00 weekly - - -",
    "Quiz Night: Sunday 7pm": "full SU 19:00 weekly - - -",
    "Our famous quiz is back — Sundays, 6.45 pm": "full SU 18:45 weekly - - -",
    "Every Tue/Thu 8PM": "full TU,TH 20:00 weekly - - -",
    "Mon, Wed & Fri 7:30": "full MO,WE,FR 19:30 weekly - - -",
    "Mon-Thu 7pm": "full MO,TU,WE,TH 19:00 weekly - - -",
    "Monday to Wednesday, 9pm": "full MO,TU,WE 21:00 weekly - - -",
    "Sunday & Monday 8pm": "full MO,SU 20:00 weekly - - -",
    "Sunday 11am": "full SU 11:00 weekly - - -",
    "Tuesday 7:30PM EDT": "full TU 19:30 weekly - - -",
    # ranges
    "Thursdays from 7 to 9pm": "full TH 19:00-21:00 weekly - - -",
    "Thursdays between 7 and 9pm": "full TH 19:00-21:00 weekly - - -",
    "Thursdays from 7 to 9": "full TH 19:00-21:00 weekly - - -",
    "Mondays 7-9": "full MO 19:00-21:00 weekly - - -",
    "Fridays, from 9-1": "full FR 21:00-01:00 weekly - - -",
    "Wednesdays 19-21": "full WE 19:00-21:00 weekly - - -",
    "Thursdays 8pm til midnight": "full TH 20:00 weekly - - -",
    "Tues 7.30-9.30pm": "full TU 19:30-21:30 weekly - - -",
    "Sundays 5pm - close": "full SU 17:00 weekly - - -",
    # open ends and careless clocks
    "Mondays 7 til late": "full MO 19:00 weekly - - -",
    "Wednesday 8 till late": "full WE 20:00 weekly - - -",
    "Fridays 8-late": "full FR 20:00 weekly - - -",
    "Quiz Night – Wednesday, 8:00pm till late": "full WE 20:00 weekly - - -",
    "Tuesdays, 7 sharp": "full TU 19:00 weekly - - -",
    "Tuesdays 8 o'clock": "full TU 20:00 weekly - - -",
    "Tuesdays, 7-ish": "full TU 19:00 weekly - - -",
    "Tuesdays @ 8ish": "full TU 20:00 weekly - - -",
    "Thursdays 7.30 onwards": "full TH 19:30 weekly - - -",
    "from 8 on Tuesdays": "full TU 20:00 weekly - - -",
    # words
    "noon": "partial - 12:00 - - - -",
    "midnight": "partial - 00:00 - - - -",
    "Sunday quiz at noon": "full SU 12:00 weekly - - -",
    "Saturdays, 12 noon": "full SA 12:00 weekly - - -",
    "Fridays at midnight": "full FR 00:00 weekly - - -",
    "half past seven": "partial - 19:30 - - - -",
    "Tuesdays half past seven": "full TU 19:30 weekly - - -",
    "Every Monday at half seven": "full MO 19:30 weekly - - -",
    "Half 8 on Thursdays": "full TH 20:30 weekly - - -",
    "quarter past eight, Wednesdays": "full WE 20:15 weekly - - -",
    "Wednesdays at quarter to 8pm": "full WE 19:45 weekly - - -",
    "Sundays at eight": "full SU 20:00 weekly - - -",
    "Sundays, eight o'clock": "full SU 20:00 weekly - - -",
    "Thursdays at seven-thirty": "full TH 19:30 weekly - - -",
    "Thursdays, seven thirty pm": "full TH 19:30 weekly - - -",
    "Show starts at eight, Mondays": "full MO 20:00 weekly - - -",
    "High Noon Saloon, Tuesdays 8pm": "full TU 20:00 weekly - - -",
    "Midnight Cafe, Mondays": "partial MO - weekly - - -",
    "Two for one on Tuesdays": "partial TU - weekly - - -",
    "Half price wings on Mondays, quiz 8pm": "full MO 20:00 weekly - - -",
    # T4: which time
    "Doors 6:30, starts 7": "partial - 19:00 - - - -",
    "Wednesday - quiz kicks off 8.30": "full WE 20:30 weekly - - -",
    "quiz kicks off 8.30": "partial - 20:30 - - - -",
    "Kick-off 7.45pm every Monday": "full MO 19:45 weekly - - -",
    "Thursdays, kicks off at 8": "full TH 20:00 weekly - - -",
    "Trivia Tuesday! Starts @ 7": "full TU 19:00 weekly - - -",
    "Doors 7pm, quiz 8pm, Thursdays": "full TH 20:00 weekly - - -",
    "Quiz 8pm, doors 7pm, Thursdays": "full TH 20:00 weekly - - -",
    "7pm doors, 8pm quiz, Thursdays": "full TH 20:00 weekly - - -",
    "7pm doors 8pm quiz": "partial - 20:00 - - - -",
    "Sundays: registration 7:00, quiz 7:30": "full SU 19:30 weekly - - -",
    "Sign up 6:30, trivia at 7 Mondays": "full MO 19:00 weekly - - -",
    "Happy hour 4pm-6pm, trivia 7pm Wednesdays": "full WE 19:00 weekly - - -",
    "Food from 5pm, quiz from 8pm Tuesdays": "full TU 20:00 weekly - - -",
    "Quiz with food 7pm Mondays": "full MO 19:00 weekly - - -",
    "Tuesdays 7pm for 7.30pm": "full TU 19:30 weekly - - -",
    "Sunday Quiz - 6 for 6.30pm": "full SU 18:30 weekly - - -",
    "7.30pm for a prompt 8pm start, Thursdays": "full TH 20:00 weekly - - -",
    "Fridays at 8pm for 2 hours": "full FR 20:00 weekly - - -",
    # not a time
    "Mondays, teams of 2-6": "partial MO - weekly - - -",
    "Thursdays 2-6 players": "partial TH - weekly - - -",
    "Tuesdays, ages from 18": "partial TU - weekly - - -",
    "Wednesdays, tickets from 5": "partial WE - weekly - - -",
    "Mondays £1.50 a pint": "partial MO - weekly - - -",
    "Tuesdays at 21 Main Street": "partial TU - weekly - - -",
    "Quiz Tuesdays, 40 questions, 4 rounds": "partial TU - weekly - - -",
    "Tuesdays 8": "partial TU - weekly - - -",
    "Wednesdays 18+": "partial WE - weekly - - -",
    "Open 24/7, quiz Mondays": "partial MO - weekly - - -",
    "Call 555 0199 for the Monday quiz": "partial MO - weekly - - -",
    "every night 8pm": "partial - 20:00 - - - -",
    # Q1: fortnightly
    "fortnightly on Tuesdays at 8": "full TU 20:00 biweekly - - -",
    "Every other week on Wednesday, 7pm": "full WE 19:00 biweekly - - -",
    "Alternate Mondays 8pm": "full MO 20:00 biweekly - - -",
    "Alternating Tuesdays, 7:30pm": "full TU 19:30 biweekly - - -",
    "Every 2 wks, Sundays 6pm": "full SU 18:00 biweekly - - -",
    "Tuesdays, bi weekly, 7pm": "full TU 19:00 biweekly - - -",
    "8pm every 2nd Tuesday": "full TU 20:00 biweekly - - -",
    "once a fortnight, Thursdays 8.15pm": "full TH 20:15 biweekly - - -",
    # Q2: monthly
    "1st/3rd Weds of month 8 pm": "full WE 20:00 monthly 1,3 - -",
    "last Thursday of every month from 7:30pm": "full TH 19:30 monthly -1 - -",
    "First Tues. of the month @ 7:30": "full TU 19:30 monthly 1 - -",
    "the first Tuesday in the month, 8pm": "full TU 20:00 monthly 1 - -",
    "2nd and 4th Wednesdays monthly 7 PM": "full WE 19:00 monthly 2,4 - -",
    "Last Sun of month 5pm": "full SU 17:00 monthly -1 - -",
    "1st Mon each month, 7.30pm": "full MO 19:30 monthly 1 - -",
    "1st & last Friday 9pm": "full FR 21:00 monthly 1,-1 - -",
    "Second & fourth Mondays, 7": "partial MO - monthly 2,4 - -",
    "1st, 3rd, and 5th Thursdays 7pm": "full TH 19:00 monthly 1,3,5 - -",
    "monthly on the first Sunday, 4pm": "full SU 16:00 monthly 1 - -",
    "once a month on a Thursday, 8pm": "full TH 20:00 monthly - - -",
    "first and third week of the month, Tuesdays 8pm": "full TU 20:00 monthly 1,3 - -",
    "penultimate Friday of the month 8pm": "full FR 20:00 monthly - - -",
    # neither
    "twice a month on Tuesdays, 7pm": "full TU 19:00 irregular - - -",
    "2x month Wednesdays 7pm": "full WE 19:00 irregular - - -",
    "Every 3 weeks on Monday 7pm": "full MO 19:00 irregular - - -",
    "Select Tuesdays at 7pm": "full TU 19:00 irregular - - -",
    "Quarterly, on a Sunday, 5pm": "full SU 17:00 irregular - - -",
    # dates
    "Tuesday, January 6th at 7pm": "full TU 19:00 - - --01-06 -",
    "Wed 12 Nov 2025 19:00": "full WE 19:00 - - 2025-11-12 -",
    "Mon 8/25 7pm": "full MO 19:00 - - --08-25 -",
    "Friday 07.11.25 20:00": "full FR 20:00 - - 2025-11-07 -",
    "Sat 05-12-2025, 8pm": "full SA 20:00 - - - -",
    # Q4
    "Mondays 8pm - cancelled until further notice": "full MO 20:00 weekly - - paused",
    "No quiz this week! Back to Tuesdays 8pm after": "full TU 20:00 weekly - - cancelled_once",
    "Wednesdays at 7 (on summer break)": "full WE 19:00 weekly - - paused",
    "Thursdays 7pm, starting in September": "full TH 19:00 weekly - - starts_later",
    "Thursdays 7pm, returns in January": "full TH 19:00 weekly - - starts_later",
    "Private event": "flag - - - - - not_public",
    "Starts soon": "reject - - - - - -",
}

POLISH = {
    "w każdy wtorek o 19:00": "full TU 19:00 weekly - - -",
    "co drugą środę, godz. 20:00": "full WE 20:00 biweekly - - -",
    "pierwszy czwartek miesiąca 19:30": "full TH 19:30 monthly 1 - -",
    "poniedziałki 20.00": "full MO 20:00 weekly - - -",
    "Quiz w każdą środę o 20": "full WE 20:00 weekly - - -",
    "wtorki godz. 19": "full TU 19:00 weekly - - -",
    "W każdy czwartek o godz. 19.30": "full TH 19:30 weekly - - -",
    "start 19:00, niedziela": "full SU 19:00 weekly - - -",
    "co tydzień w środę, 20:00": "full WE 20:00 weekly - - -",
    "co dwa tygodnie w piątek 19:00": "full FR 19:00 biweekly - - -",
    "raz w miesiącu, czwartek 19:00": "full TH 19:00 monthly - - -",
    "drugi i czwarty wtorek miesiąca, 20:00": "full TU 20:00 monthly 2,4 - -",
    "1. i 3. środa miesiąca, 19:00": "full WE 19:00 monthly 1,3 - -",
    "w ostatnią niedzielę miesiąca o 18:00": "full SU 18:00 monthly -1 - -",
    "w poniedziałek o 9:30": "full MO 09:30 weekly - - -",
    "od 19:00 do 22:00, sobota": "full SA 19:00-22:00 weekly - - -",
    "czwartki od 19 do 21": "full TH 19:00-21:00 weekly - - -",
    "ŚRODY 20:00": "full WE 20:00 weekly - - -",
    "każdego wtorku o 20:00": "full TU 20:00 weekly - - -",
    "czwartkowy pub quiz, 19:30": "full TH 19:30 weekly - - -",
    "drzwi 18:30, start 19:00, piątek": "full FR 19:00 weekly - - -",
    "wtorek 14.10.2025 godz. 19:00": "full TU 19:00 - - 2025-10-14 -",
    "środa, 5 listopada, 20:00": "full WE 20:00 - - --11-05 -",
    "poniedziałek o dwudziestej": "full MO 20:00 weekly - - -",
    "wtorek o dziewiętnastej trzydzieści": "full TU 19:30 weekly - - -",
    "sobota w południe": "full SA 12:00 weekly - - -",
    "piątek, wstęp 20 zł": "partial FR - weekly - - -",
    "środa 20:00 - odwołane": "full WE 20:00 weekly - - cancelled_once",
    "przerwa wakacyjna": "flag - - - - - paused",
    "dziś 19:00": "partial - 19:00 - - - relative_day",
    "poniedziałek-środa 19:00": "full MO,TU,WE 19:00 weekly - - -",
    "niedziela 19": "partial SU - weekly - - -",
}


@pytest.mark.parametrize(("phrase", "expected"), ENGLISH.items(), ids=ENGLISH)
def test_english_phrase(phrase: str, expected: str) -> None:
    assert told(read_schedule(phrase)) == expected


@pytest.mark.parametrize(("phrase", "expected"), POLISH.items(), ids=POLISH)
def test_polish_phrase(phrase: str, expected: str) -> None:
    assert told(read_schedule(phrase)) == expected


NAMES = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT = ("", "Mon", "Tues", "Weds", "Thurs", "Fri", "Sat", "Sun")
ENGLISH_CADENCES = {
    "{day}s": (Frequency.WEEKLY, ()),
    "Every {day}": (Frequency.WEEKLY, ()),
    "{day} nights": (Frequency.WEEKLY, ()),
    "Trivia every {day}!": (Frequency.WEEKLY, ()),
    "Weekly on {day}s": (Frequency.WEEKLY, ()),
    "Alternate {day}s": (Frequency.BIWEEKLY, ()),
    "Fortnightly, {day}": (Frequency.BIWEEKLY, ()),
    "Every second {day}": (Frequency.BIWEEKLY, ()),
    "Bi-weekly: {day}s": (Frequency.BIWEEKLY, ()),
    "1st/3rd {day} of month": (Frequency.MONTHLY, (1, 3)),
    "First and last {day}": (Frequency.MONTHLY, (1, -1)),
    "Every second {day} of the month": (Frequency.MONTHLY, (2,)),
    "5th {day} of each month": (Frequency.MONTHLY, (5,)),
    "Once a month on a {day}": (Frequency.MONTHLY, ()),
    "Twice a month on {day}s": (Frequency.IRREGULAR, ()),
}


def english_spellings(hour: int, minute: int) -> list[str]:
    """Ways to write an evening time that mean it and nothing else."""
    twelve = (hour - 1) % 12 + 1
    word = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")[twelve]
    spelled = [
        f"{twelve}:{minute:02d}pm",
        f"{twelve}.{minute:02d} P.M.",
        f"{hour}:{minute:02d}",
        f"{hour}{minute:02d}hrs",
    ]
    spelled += [f"{twelve}:{minute:02d}", f"{twelve}{minute:02d}pm"]
    if minute == 0:
        spelled += [
            f"{twelve}pm",
            f"{twelve}p",
            f"{twelve} o'clock",
            f"{word} o'clock",
            f"{twelve} sharp",
            f"{twelve} til late",
        ]
    if minute == 30:
        spelled += [f"half past {word}", f"half past {twelve}", f"{word}-thirty", f"half {word}"]
    if minute == 15:
        spelled += [f"quarter past {word}"]
    return spelled


@settings(deadline=None, max_examples=300)
@given(
    st.data(),
    st.integers(1, 7),
    st.integers(13, 22),
    st.sampled_from([0, 15, 30, 45, 20]),
    st.sampled_from(list(ENGLISH_CADENCES)),
)
def test_a_generated_english_phrase_reads_back(
    data: st.DataObject, day: int, hour: int, minute: int, cadence: str
) -> None:
    spelled = data.draw(st.sampled_from(english_spellings(hour, minute)))
    named = data.draw(st.sampled_from([NAMES[day], NAMES[day].upper()]))
    glue = data.draw(st.sampled_from([" at ", " ", ", ", " @ ", " from ", " - ", ", starts at "]))
    frequency, ordinals = ENGLISH_CADENCES[cadence]
    reading = read_schedule(cadence.format(day=named) + glue + spelled)
    assert reading == ScheduleReading((day,), dt.time(hour, minute), None, frequency, ordinals)


@settings(deadline=None)
@given(
    st.integers(1, 7), st.integers(1, 11), st.sampled_from(["{} {}pm", "{}, from {}pm", "{} @ {}", "every {} at {}"])
)
def test_an_abbreviated_english_phrase_reads_back(day: int, hour: int, form: str) -> None:
    reading = read_schedule(form.format(SHORT[day], hour))
    assert reading == ScheduleReading((day,), dt.time(hour + 12), None, Frequency.WEEKLY, ())


# nominative, plural, accusative with "every", gender (m, f)
POLISH_DAYS = {
    1: ("poniedziałek", "poniedziałki", "każdy poniedziałek", "m"),
    2: ("wtorek", "wtorki", "każdy wtorek", "m"),
    3: ("środa", "środy", "każdą środę", "f"),
    4: ("czwartek", "czwartki", "każdy czwartek", "m"),
    5: ("piątek", "piątki", "każdy piątek", "m"),
    6: ("sobota", "soboty", "każdą sobotę", "f"),
    7: ("niedziela", "niedziele", "każdą niedzielę", "f"),
}
POLISH_ORDINALS = {"m": ("pierwszy", "drugi", "trzeci", "czwarty"), "f": ("pierwsza", "druga", "trzecia", "czwarta")}


@settings(deadline=None, max_examples=200)
@given(st.data(), st.integers(1, 7), st.integers(0, 23), st.integers(0, 59), st.booleans())
def test_a_generated_polish_phrase_reads_back(
    data: st.DataObject, day: int, hour: int, minute: int, shouted: bool
) -> None:
    name, plural, every, gender = POLISH_DAYS[day]
    week = data.draw(st.integers(1, 4))
    ordinal, last = POLISH_ORDINALS[gender][week - 1], "ostatni" if gender == "m" else "ostatnia"
    phrase, frequency, ordinals = data.draw(
        st.sampled_from(
            [
                (plural, Frequency.WEEKLY, ()),
                (f"w {every}", Frequency.WEEKLY, ()),
                (f"co tydzień, {name}", Frequency.WEEKLY, ()),
                (f"co dwa tygodnie, {name}", Frequency.BIWEEKLY, ()),
                (f"co {POLISH_ORDINALS[gender][1]} {name}", Frequency.BIWEEKLY, ()),
                (f"{ordinal} {name} miesiąca", Frequency.MONTHLY, (week,)),
                (f"{last} {name} miesiąca", Frequency.MONTHLY, (-1,)),
                (f"raz w miesiącu, {name}", Frequency.MONTHLY, ()),
            ]
        )
    )
    clock = data.draw(
        st.sampled_from([f"{hour}:{minute:02d}", f"{hour:02d}.{minute:02d}", f"{hour:02d}:{minute:02d}"])
    )
    glue = data.draw(st.sampled_from([" ", ", ", " o ", " o godz. ", ", godz. ", " od "]))
    text = f"{phrase}{glue}{clock}"
    reading = read_schedule(text.upper() if shouted else text)
    assert reading == ScheduleReading((day,), dt.time(hour, minute), None, frequency, ordinals)
