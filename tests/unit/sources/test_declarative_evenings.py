"""Evenings out of whichever field states them, and never out of a default (sources.md 8.1, 8.3, T7)."""

from __future__ import annotations

import datetime as dt

import pytest

from trivia_scraper.domain.models import EventStatus, Frequency
from unit.sources.declarative_cases import described, detail, listings, tried

GB = '[defaults]\ncountry = "GB"\n'
HTML = '[index]\nkind = "html"\nurl = "https://quiz.example/list"\nitem = "li"\n'
JSON = '[index]\nkind = "json"\nurl = "https://quiz.example/list.json"\n'


EVENING = (
    HTML
    + '[index.fields]\nname = "b"\nschedule = "i"\n'
    + 'day = "em"\ntime = "u"\ndate = "s"\nfrequency = "q"\nstatus = "a"\n'
)


def events_of(markup: str, defaults: str = GB) -> list[tuple[int, dt.time, Frequency, dt.date | None]]:
    source = described(defaults + EVENING)
    (listing,) = listings(source, f"<li><b>Heron</b>{markup}</li>")
    return [(one.weekday, one.start_time, one.frequency, one.next_date) for one in detail(source, listing).events]


@pytest.mark.parametrize(
    ("markup", "events"),
    [
        ("<i>Thursdays @ 7</i>", [(4, dt.time(19), Frequency.WEEKLY, None)]),
        (
            "<i>Mondays 7pm & Thursdays 8pm</i>",
            [(1, dt.time(19), Frequency.WEEKLY, None), (4, dt.time(20), Frequency.WEEKLY, None)],
        ),
        ("<em>Friday</em><u>8</u>", [(5, dt.time(20), Frequency.WEEKLY, None)]),
        ("<em>1st & 3rd Mondays</em><u>7.30pm</u>", [(1, dt.time(19, 30), Frequency.MONTHLY, None)]),
        ("<i>Doors 7pm</i><em>Friday</em>", [(5, dt.time(19), Frequency.WEEKLY, None)]),
        ("<i>Sunday 19:00</i><q>Every Other Sunday</q>", [(7, dt.time(19), Frequency.BIWEEKLY, None)]),
        ("<u>8pm</u><q>Quiz, every Thursday</q>", [(4, dt.time(20), Frequency.WEEKLY, None)]),
        ("<u>8pm</u><s>2026-03-08</s>", [(7, dt.time(20), Frequency.IRREGULAR, dt.date(2026, 3, 8))]),
        ("<em>Sunday</em><u>8pm</u><s>2026-03-08</s>", [(7, dt.time(20), Frequency.IRREGULAR, dt.date(2026, 3, 8))]),
        ("<em>Sundays</em><u>8pm</u><s>2026-03-08</s>", [(7, dt.time(20), Frequency.WEEKLY, dt.date(2026, 3, 8))]),
        ("<i>Thursdays 8pm</i><s>Aug 19</s>", [(4, dt.time(20), Frequency.WEEKLY, dt.date(2026, 8, 19))]),
        ("<i>Thursdays 8pm</i><s>2026-02-19</s>", [(4, dt.time(20), Frequency.WEEKLY, None)]),
        ("<u>8pm</u><s>1773014400</s>", [(1, dt.time(20), Frequency.IRREGULAR, dt.date(2026, 3, 9))]),
        ("<u>8pm</u><s>1773014400000</s>", [(1, dt.time(20), Frequency.IRREGULAR, dt.date(2026, 3, 9))]),
        ("<i>Tonight, 7:00 pm</i>", [(1, dt.time(19), Frequency.IRREGULAR, dt.date(2026, 3, 2))]),
    ],
)
def test_evenings_out_of_whichever_field_states_them(markup: str, events: list[object]) -> None:
    assert events_of(markup) == events


@pytest.mark.parametrize("markup", ["<i>Thursdays</i>", "<i>8pm</i>", "<em>soon</em>", "", "<i>Thursday 25:00</i>"])
def test_t7_half_a_schedule_is_rejected_and_never_completed_by_a_default(markup: str) -> None:
    trial = tried(described(GB + EVENING), f"<li><b>Heron</b>{markup}</li>")
    assert [(one.outcome, one.reason[:16]) for one in trial.items] == [("rejected", "schedule without")]


def test_t6_the_24_hour_clock_where_the_description_or_its_language_says_so() -> None:
    assert events_of("<i>Monday 7:30</i>")[0][1] == dt.time(19, 30)
    assert events_of("<i>Monday 7:30</i>", GB + "clock_24h = true\n")[0][1] == dt.time(7, 30)
    polish = '[source]\naccept_language = "pl"\n[defaults]\ncountry = "PL"\n'
    assert events_of("<i>Monday 7:30</i>", polish)[0][1] == dt.time(7, 30)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("paused", EventStatus.PAUSED),
        ("On Hold until May", EventStatus.PAUSED),
        ("Cancelled This Week", EventStatus.CANCELLED_ONCE),
        ("MEMBERS ONLY", EventStatus.NOT_PUBLIC),
        ("Coming this spring", EventStatus.STARTS_LATER),
        ("Great fun", EventStatus.ACTIVE),
    ],
)
def test_q4_status_texts(text: str, status: EventStatus) -> None:
    source = described(GB + EVENING)
    (listing,) = listings(source, f"<li><b>Heron</b><i>Mondays 8pm</i><a>{text}</a></li>")
    assert [one.status for one in detail(source, listing).events] == [status]
