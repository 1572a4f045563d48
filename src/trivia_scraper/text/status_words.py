"""Words that say whether an evening takes place at all (sources.md Q4)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from trivia_scraper.text.calendar_dates import take_dates


class StatusWord(StrEnum):
    """What a text says of an evening besides its time. RELATIVE_DAY: "tonight", seen from the day of asking."""

    CANCELLED_ONCE = "cancelled_once"
    PAUSED = "paused"
    NOT_PUBLIC = "not_public"
    STARTS_LATER = "starts_later"
    RELATIVE_DAY = "relative_day"


_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_WORDS: Final = (
    (StatusWord.PAUSED, re.compile(r"\buntil\s+further\s+notice\b")),
    (
        StatusWord.CANCELLED_ONCE,
        re.compile(r"\bcancell?ed\b|\bno\s+(?:quiz|trivia)\s+(?:this\s+week|tonight|today)\b|\bodwolan[yaei]\b"),
    ),
    (
        StatusWord.PAUSED,
        re.compile(
            r"\bon\s+hold\b|\bhiatus\b|\bon\s+(?:a\s+)?(?:\w+\s+)?break\b|\bpaused\b|\bon\s+pause\b|\bsuspended\b"
            r"|\bprzerw[aey]\b|\bzawieszon[yaei]\b"
        ),
    ),
    (
        StatusWord.NOT_PUBLIC,
        re.compile(r"\bmembers'?\s+only\b|\bnot\s+public\b|\bprivate\s+event\b|\binvit\w+\s+only\b"),
    ),
    (
        StatusWord.STARTS_LATER,
        re.compile(
            r"\bstart(?:s|ing)\s+on\b|\bcoming\s+(?:this|next|soon|in)\b|\bstart(?:s|ing)\s+(?:back\s+)?(?:in|next)\s+"
            rf"(?:{_MONTH}|spring|summer|autumn|fall|winter|week|month|year)|\b(?:returns|returning|resumes|resuming|back)\s+"
            rf"(?:on|in)\s+(?:[0-9]|{_MONTH}|spring|summer|autumn|fall|winter|the\s+new)|\bwkrotce\b"
        ),
    ),
    (StatusWord.RELATIVE_DAY, re.compile(r"\btonight\b|\bdzis(?:iaj)?\b")),
)
_HINT: Final = re.compile(
    r"cancel|hold|hiatus|break|pause|only|public|start|coming|tonight|notice|no\s+(?:quiz|trivia)|odwol|suspend|przerw|zawieszon"
    r"|private|return|resum|back|wkrotce|dzis"
)
_STARTS: Final = re.compile(r"\bstart(?:s|ing)\b[\s:]*(?:from\s+)?(?=\S)")


def find_status_word(folded: str) -> StatusWord | None:
    """The status a folded text states, the most restricting first, or None."""
    if not _HINT.search(folded):
        return None
    for word, pattern in _WORDS:
        if pattern.search(folded):
            return word
        if word is StatusWord.STARTS_LATER and _starts_on_a_date(folded):
            return word
    return None


def _starts_on_a_date(folded: str) -> bool:
    remaining = take_dates(folded).remaining
    # A blanked-out date leaves spaces where text stood before.
    return any(remaining[match.end()] == " " for match in _STARTS.finditer(folded) if match.end() < len(remaining))
