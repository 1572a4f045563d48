"""Calendars (sources.md 11.4 `ics`, 11.6.7): zones, exceptions, reasons, and what a hostile file can do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import EventStatus, Frequency, RejectedListing
from trivia_scraper.sources.structured.calendar import read_calendar
from trivia_scraper.sources.structured.calendar_lines import ENTRY_LIMIT, calendar_zone
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading

URL = "https://lamp.example.net/calendar.ics"
FIXTURES = Path(__file__).parent / "structured_fixtures"
TODAY = dt.date(2026, 4, 10)
at = dt.datetime.fromisoformat


def read(
    *events: str, zone: str | None = "Europe/London", head: str = "", today: dt.date | None = TODAY
) -> StructuredReading:
    """Each event is the lines of one VEVENT."""
    blocks = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return read_calendar(f"BEGIN:VCALENDAR\r\n{head}{blocks}END:VCALENDAR\r\n", zone, today=today, url=URL)


def only(*lines: str, **context: str) -> StructuredFacts:
    (facts,) = read("\n".join(lines), **context).facts  # type: ignore[arg-type]
    return facts


def pub() -> StructuredReading:
    text = (FIXTURES / "pub.ics").read_text(encoding="utf-8")
    return read_calendar(text, "America/Denver", today=TODAY, url=URL)


def test_a_weekly_quiz_with_exceptions() -> None:
    (facts,) = pub().facts
    assert facts == StructuredFacts(
        name="Quiz night",
        venue_name="The Brass Lamp",
        url="https://lamp.example.net/quiz",
        address="12 Dock Street, Leeds",
        latitude=53.795,
        longitude=-1.54,
        description="Six rounds, two of them folded.\nFree entry",
        starts=at("2026-04-07T19:30"),
        ends=at("2026-04-07T21:30"),
        weekdays=(2,),
        start_time=dt.time(19, 30),
        end_time=dt.time(21, 30),
        frequency=Frequency.WEEKLY,
        # 14th and 21st taken out, 28th moved, 5th of May cancelled; the 12th only has another name
        next_date=dt.date(2026, 5, 12),
        key="quiz@pub",
    )


def test_entries_that_cannot_be_used_are_counted_with_their_reasons() -> None:
    assert pub().rejected == (
        RejectedListing("holiday@pub", "Quiz holiday", "an all-day entry"),
        RejectedListing("broken@pub", "Quiz without a date", "a start that cannot be read"),
    )


@pytest.mark.parametrize(
    ("start", "calendar", "default", "expected"),
    [
        pytest.param(
            "DTSTART;TZID=America/Denver:20260407T190000", "Europe/Dublin", "Europe/London", "19:00", id="TZID"
        ),
        pytest.param(
            'DTSTART;TZID="Mountain Standard Time":20260407T190000', None, None, "19:00", id="TZID-windows-name"
        ),
        pytest.param("DTSTART;TZID=Nowhere:20260407T190000", None, None, "19:00", id="TZID-unknown-is-a-wall-clock"),
        pytest.param("DTSTART:20260407T190000", None, None, "19:00", id="floating"),
        pytest.param(
            "DTSTART:20260407T190000Z", "America/Denver", "Europe/London", "13:00", id="UTC-on-X-WR-TIMEZONE"
        ),
        pytest.param("DTSTART:20260407T190000Z", None, "Europe/London", "20:00", id="UTC-on-the-default-zone"),
        pytest.param(
            "DTSTART:20260407T190000Z", "UTC", "Europe/London", "20:00", id="a-calendar-that-calls-itself-UTC"
        ),
        pytest.param("DTSTART;TZID=Etc/UTC:20260407T190000", None, "Europe/London", "20:00", id="TZID-is-UTC"),
    ],
)
def test_11_4_whose_clock(start: str, calendar: str | None, default: str | None, expected: str) -> None:
    head = f"X-WR-TIMEZONE:{calendar}\r\n" if calendar else ""
    facts = only(start, "SUMMARY:Quiz", zone=default, head=head)  # type: ignore[arg-type]
    assert facts.start_time == dt.time.fromisoformat(expected)


def test_a_utc_time_without_any_zone_is_rejected_not_guessed() -> None:
    (rejected,) = read("SUMMARY:Quiz\nDTSTART:20260407T190000Z", zone=None).rejected
    assert rejected.reason == "a time in UTC, and no zone known"


def test_a_utc_series_has_the_venue_s_weekday_not_the_one_of_utc() -> None:
    facts = only("SUMMARY:Quiz", "DTSTART:20260409T013000Z", "RRULE:FREQ=WEEKLY;BYDAY=TH", zone="America/Los_Angeles")
    assert (facts.weekdays, facts.start_time, facts.next_date) == ((3,), dt.time(18, 30), dt.date(2026, 4, 15))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/London", "Europe/London"),
        ("/freeassociation.sourceforge.net/Europe/London", "Europe/London"),
        ("/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("GMT Standard Time", "Europe/London"),
        ("", None),
        ("(UTC+00:00) Dublin", None),
    ],
)
def test_zone_names_of_calendars(name: str, expected: str | None) -> None:
    zone = calendar_zone(name)
    assert (zone.key if zone else None) == expected


def test_11_4_no_rule_three_dates_in_eight_weeks_are_weekly() -> None:
    dates = [f"UID:{day}\nSUMMARY:Quiz {day}\nDTSTART:202604{day:02}T193000" for day in (7, 14, 21)]
    reading = read(*dates, "SUMMARY:Band\nDTSTART:20260410T200000")
    assert [(fact.name, fact.weekdays, fact.next_date) for fact in reading.facts] == [
        ("Quiz 14", (2,), dt.date(2026, 4, 14)),
        ("Band", (), dt.date(2026, 4, 10)),
    ]


def test_only_what_is_wanted_is_grouped() -> None:
    text = "BEGIN:VCALENDAR\n" + "".join(
        f"BEGIN:VEVENT\nSUMMARY:{name}\nDTSTART:202604{day:02}T193000\nEND:VEVENT\n"
        for name, day in (("Quiz", 7), ("Quiz", 14), ("Bingo", 21))
    )
    text += "END:VCALENDAR\n"
    facts = read_calendar(text, None, today=None, url=URL, wanted=lambda name: "Quiz" in name).facts
    assert [(fact.name, fact.repeats) for fact in facts] == [("Quiz", False), ("Quiz", False)]


def test_11_4_status_cancelled_touches_a_single_date() -> None:
    facts = only("SUMMARY:Quiz", "DTSTART:20260414T193000", "STATUS:CANCELLED")
    assert facts.status is EventStatus.CANCELLED_ONCE


def test_a_rule_that_is_cancelled_as_a_whole_is_paused() -> None:
    facts = only("SUMMARY:Quiz", "DTSTART:20260414T193000", "RRULE:FREQ=WEEKLY", "STATUS:CANCELLED")
    assert (facts.status, facts.weekdays) == (EventStatus.PAUSED, (2,))


def test_an_exception_whose_series_is_not_here_is_a_single_date() -> None:
    facts = only("UID:a", "SUMMARY:Quiz", "RECURRENCE-ID:20260414T193000", "DTSTART:20260415T193000")
    assert (facts.weekdays, facts.next_date) == ((), dt.date(2026, 4, 15))


def test_the_uids_of_two_calendars_have_nothing_to_do_with_each_other() -> None:
    series = "BEGIN:VEVENT\nUID:a\nSUMMARY:Quiz\nDTSTART:20260407T193000\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n"
    moved = "BEGIN:VEVENT\nUID:a\nSUMMARY:Other\nRECURRENCE-ID:20260414T193000\nDTSTART:20260416T193000\nEND:VEVENT\n"
    text = f"BEGIN:VCALENDAR\n{series}END:VCALENDAR\nBEGIN:VCALENDAR\n{moved}END:VCALENDAR\n"
    first, second = read_calendar(text, None, today=TODAY, url=URL).facts
    assert (first.name, first.next_date) == ("Quiz", dt.date(2026, 4, 14))
    assert (second.name, second.next_date) == ("Other", dt.date(2026, 4, 16))


def test_further_dates_of_an_entry() -> None:
    facts = only("SUMMARY:Quiz", "DTSTART:20260407T193000", "RDATE:20260414T193000,20260421T193000")
    assert (facts.weekdays, facts.occurrences) == ((2,), 3)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param("DTSTART;VALUE=DATE:20260407", "an all-day entry", id="a-day"),
        pytest.param("DTSTART:20260407", "an all-day entry", id="a-day-without-saying-so"),
        pytest.param("DTSTART:20260407T000000\nDTEND:20260408T000000", "an all-day entry", id="midnight-to-midnight"),
        pytest.param("SUMMARY:Quiz", "no start", id="no-start"),
        pytest.param("DTSTART:20260231T190000", "a start that cannot be read", id="no-such-day"),
        pytest.param(
            "DTSTART:20240407T193000\nRRULE:FREQ=WEEKLY;UNTIL=20250101T000000Z", "the series has ended", id="ended"
        ),
        pytest.param("DTSTART:20240407T193000\nRRULE:FREQ=WEEKLY;COUNT=4", "the series has ended", id="counted-out"),
        pytest.param("DTSTART:20260407T193000\nRRULE:FREQ=MONTHLY", "no fixed weekday", id="the-7th-of-each-month"),
        pytest.param("DTSTART:20260407T193000\nRRULE:FREQ=SECONDLY", "not a rule of evenings", id="every-second"),
        pytest.param("DTSTART:20260407T193000\nRRULE:FREQ=YEARLY", "no fixed weekday", id="yearly"),
        pytest.param("DTSTART:20260407T193000\nRRULE:nonsense", "not a rule of evenings", id="nonsense"),
    ],
)
def test_reasons(lines: str, reason: str) -> None:
    reading = read(lines)
    assert [rejected.reason for rejected in reading.rejected] == [reason]
    assert reading.facts == ()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("DTEND:20260414T213000", dt.time(21, 30), id="end"),
        pytest.param("DTEND:20260415T003000", dt.time(0, 30), id="past-midnight"),
        pytest.param("DURATION:PT90M", dt.time(21), id="duration"),
        pytest.param("DTEND;VALUE=DATE:20260415", dt.time(0), id="date-only-end"),
        pytest.param("DTEND:20260414T193000", None, id="no-length"),
        pytest.param("DTEND:20260501T193000", None, id="weeks-later"),
        pytest.param("DTEND:late", None, id="unreadable-end"),
        pytest.param("DURATION:P99999999999999W", None, id="absurd-duration"),
    ],
)
def test_when_it_ends(lines: str, expected: dt.time | None) -> None:
    assert only("SUMMARY:Quiz", "DTSTART:20260414T193000", lines).end_time == expected


def test_a_picture_attached() -> None:
    facts = only("DTSTART:20260414T193000", "ATTACH;FMTTYPE=image/jpeg:https://lamp.example.net/q.jpg")
    assert facts.image == "https://lamp.example.net/q.jpg"


@pytest.mark.parametrize("text", ["", "<html>", '{"a": 1}', "BEGIN:VEVENT\nEND:VEVENT", "x" * 5_000_000])
def test_no_calendar_names_what_was_looked_for(text: str) -> None:
    with pytest.raises(PageShapeChanged) as raised:
        read_calendar(text, None, today=None, url=URL)
    assert raised.value.looked_for == "BEGIN:VCALENDAR"


def test_a_calendar_without_entries_is_a_valid_answer() -> None:
    assert read() == StructuredReading()


@pytest.mark.parametrize("mark", ["BEGIN:VALARM", "END:VCALENDAR"])
def test_e6_a_calendar_cut_off_is_refused_because_what_is_missing_would_count_as_gone(mark: str) -> None:
    text = (FIXTURES / "pub.ics").read_text(encoding="utf-8")
    with pytest.raises(PageShapeChanged, match="cut off"):
        read_calendar(text[: text.index(mark)], None, today=TODAY, url=URL)


def test_zone_definitions_of_a_file_are_not_believed_nor_run() -> None:
    # pub.ics defines Europe/London as nine hours ahead, changing every second.
    assert pub().facts[0].start_time == dt.time(19, 30)


def test_old_line_ends_and_tabs() -> None:
    event = "BEGIN:VEVENT\rSUMMARY:Long\r\t name\rDTSTART:20260414T193000\rEND:VEVENT\r"
    text = f"\ufeffBEGIN:VCALENDAR\r{event}END:VCALENDAR\r"
    assert read_calendar(text, None, today=None, url=URL).facts[0].name == "Long name"


def test_ten_thousand_exceptions() -> None:
    first = dt.date(2026, 4, 7)
    gone = ",".join((first + dt.timedelta(weeks=week)).strftime("%Y%m%dT193000") for week in range(10_000))
    facts = only("SUMMARY:Quiz", "DTSTART:20260407T193000", "RRULE:FREQ=WEEKLY;COUNT=1000000000", f"EXDATE:{gone}")
    assert (facts.weekdays, facts.frequency, facts.next_date) == ((2,), Frequency.WEEKLY, None)


def test_e6_more_entries_than_are_read_are_refused() -> None:
    event = "SUMMARY:Quiz\nDTSTART:20260407T193000"
    assert read(*[event] * ENTRY_LIMIT).facts
    with pytest.raises(PageShapeChanged, match="more than"):
        read(*[event] * (ENTRY_LIMIT + 1))
