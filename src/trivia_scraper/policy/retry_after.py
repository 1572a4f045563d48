"""How long a server asks us to wait (RFC 9110, 10.2.3). Pure; the current time is a parameter."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_SECONDS: Final = 86_400.0

_SECONDS: Final = re.compile(r"([+-]?)0*([0-9]+)(?:\.[0-9]*)?")


def retry_after_seconds(value: str | None, now: dt.datetime) -> float | None:
    """Seconds to wait, clamped to 0 … 86,400 (images.md D3), or None when the header is missing or says nothing.

    value  the header's text: seconds, or an HTTP date
    now    aware time to measure a date from
    A negative number and a date in the past mean "now": 0.
    """
    text = (value or "").strip()
    if seconds := _SECONDS.fullmatch(text):
        return _clamped_number(*seconds.groups())
    return _seconds_until(text, now)


def _clamped_number(sign: str, digits: str) -> float:
    if sign == "-":
        return 0.0
    # A number longer than the limit's own five digits is beyond it; int() refuses thousands of digits.
    return LONGEST_SECONDS if len(digits) > 5 else min(float(digits), LONGEST_SECONDS)


def _seconds_until(text: str, now: dt.datetime) -> float | None:
    try:
        at = parsedate_to_datetime(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=dt.UTC)
        seconds = (at - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_SECONDS)
