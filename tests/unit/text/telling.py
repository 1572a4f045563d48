"""A reading on one line, for truth tables."""

from __future__ import annotations

from trivia_scraper.text.fee import FeeReading
from trivia_scraper.text.schedule import ScheduleReading

DAYS = ("", "MO", "TU", "WE", "TH", "FR", "SA", "SU")


def told(reading: ScheduleReading) -> str:
    """Outcome, weekdays, time-end, frequency, weeks, date, flag; "-" for unknown."""
    clock = f"{reading.time:%H:%M}" if reading.time else "-"
    return " ".join(
        (
            reading.outcome.value,
            ",".join(DAYS[day] for day in reading.weekdays) or "-",
            f"{clock}-{reading.end_time:%H:%M}" if reading.end_time else clock,
            reading.frequency.value if reading.frequency else "-",
            ",".join(map(str, reading.ordinals)) or "-",
            str(reading.date or "-"),
            reading.flag.value if reading.flag else "-",
        )
    )


def told_fee(reading: FeeReading) -> str:
    """Outcome, minor units, currency, per; "-" for unknown."""
    minor = "-" if reading.fee_minor is None else str(reading.fee_minor)
    return f"{reading.outcome.value} {minor} {reading.currency or '-'} {reading.per.value if reading.per else '-'}"
