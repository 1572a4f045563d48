"""Times of day in prose (sources.md T3–T6): local wall clock, nothing guessed.

A stretch of text that looks like a time but is none (13pm, 25:00) is used up, so that no part of it is
read as another time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivia_scraper.text.clock_forms import FORMS, Form, TimeSpan, by_clock, on_24h_clock, span_of
from trivia_scraper.text.spoken_times import HINT as SPOKEN_HINT
from trivia_scraper.text.spoken_times import SPOKEN_FORMS

__all__ = ["TimeSpan", "find_last_clock_time", "find_time", "read_bare_hour"]


@dataclass(frozen=True, slots=True)
class _Mention:
    left: int
    right: int
    span: TimeSpan


_DIGIT: Final = re.compile(r"[0-9]")
_KEYWORD: Final = re.compile(
    r"\b(starts|starting|start|begins|beginning|begin|commences|kick(?:s|ing)?[ -]off|rozpoczecie|poczatek|startujemy"
    r"|zaczynamy|godz(?:ina|inie)?)\b"
)
_NOUNS: Final = ("start", "kick-off", "kick off")
_GAP_AFTER_KEYWORD: Final = re.compile(
    r"[\s:.]*(?:(?:at|@|from|promptly|prompt|sharp|about|around|by|o|od)[\s:]*)?(?:godz(?:ina|inie)?[\s:.]*)?"
)
_GAP_BEFORE_KEYWORD: Final = re.compile(r"\s*(?:sharp|prompt)?\s*")
_ENDING_WORD: Final = re.compile(r"\s*(?:finish|end|close|doors)")
_ARRIVAL: Final = re.compile(r"\s*(?:arrival\s*)?for\s+(?:an?\s+)?(?:prompt\s+)?")
_LABEL: Final = (
    r"(?:doors?|registration|register|arriv(?:e|al)s?|check[ -]?in|sign[ -]?(?:up|in)s?|food|kitchen|dinner"
    r"|happy hour|drinks|bar opens|opens?|seating|wejscie|zapisy|rejestracja|drzwi)"
)
_LABEL_BEFORE: Final = re.compile(
    rf"\b{_LABEL}(?:\s+(?:open|opens|served|service|starts?))?[\s:@-]*(?:(?:at|from|is|by|o|od)\s+)?$"
)
_LABEL_AFTER: Final = re.compile(rf"\s*(?:for\s+)?{_LABEL}\b")
_LABEL_HINT: Final = re.compile(rf"\b{_LABEL}")
_LONGEST_LABEL: Final = 40


def find_time(folded: str, *, clock_24h: bool) -> TimeSpan | None:
    """The start time of an evening in a folded text without calendar dates, or None.

    clock_24h  Polish sources: `9:30` is 09:30. Otherwise a bare hour or h:mm from 1 to 11 is PM (T6).
    """
    mentions = _mentions(folded, clock_24h)
    if len(mentions) < 2:
        return mentions[0].span if mentions else None
    return _chosen(folded, mentions).span


def find_last_clock_time(folded: str) -> TimeSpan | None:
    """The last HH:MM of a text on the 24-hour clock: the form of PubQuiz.pl's product titles (7.2)."""
    found = re.findall(r"(?<![\w:.])([0-9]{1,2}):([0-9]{2})(?![0-9])", folded)
    return span_of(on_24h_clock(int(found[-1][0]), int(found[-1][1]))) if found else None


def read_bare_hour(folded: str, *, clock_24h: bool) -> TimeSpan | None:
    """A text that is nothing but an hour ("7", "20"): only for fields known to hold a time (5.3)."""
    match = re.fullmatch(r"\s*([0-9]{1,2})\s*", folded)
    return span_of(by_clock(match[1], 0, clock_24h)) if match and int(match[1]) > 0 else None


def _mentions(folded: str, clock_24h: bool) -> list[_Mention]:
    mentions: list[_Mention] = []
    text = folded
    if SPOKEN_HINT.search(text):
        for form in SPOKEN_FORMS:
            text = _used_up(text, form, mentions, clock_24h)
    if _DIGIT.search(text):
        for form in FORMS:
            if not form.hint or form.hint in text:
                text = _used_up(text, form, mentions, clock_24h)
    return sorted(mentions, key=lambda mention: mention.left)


def _used_up(text: str, form: Form, mentions: list[_Mention], clock_24h: bool) -> str:
    """The text with this form's times noted and covered."""

    def cover(match: re.Match[str]) -> str:
        span = form.read(match, clock_24h)
        if span is not None:
            mentions.append(_Mention(match.start(), match.end(), span))
        return match.group() if span is None and form.may_retry else "~" * len(match.group())

    return form.pattern.sub(cover, text)


def _chosen(folded: str, mentions: list[_Mention]) -> _Mention:
    """T4: the time next to "starts" or "begins" wins, otherwise the first that is not that of the doors."""
    for keyword in _KEYWORD.finditer(folded):
        after = next((m for m in mentions if _touches(_GAP_AFTER_KEYWORD, folded, keyword.end(), m.left)), None)
        before = next((m for m in mentions if _touches(_GAP_BEFORE_KEYWORD, folded, m.right, keyword.start())), None)
        # "20.30 start" names the time before it; "doors 7pm start 8pm" the one after.
        closes = after is not None and _ENDING_WORD.match(folded, after.right) is not None
        if before is not None and (after is None or (keyword.group() in _NOUNS and closes)):
            return before
        if after is not None:
            return after
    first, second = mentions[0], mentions[1]
    if _touches(_ARRIVAL, folded, first.right, second.left):
        # "7 for 7.30": come at seven, it begins at half past.
        return second
    early = _of_the_doors(folded, mentions) if _LABEL_HINT.search(folded) else set()
    return next((mention for mention in mentions if mention not in early), first)


def _of_the_doors(folded: str, mentions: list[_Mention]) -> set[_Mention]:
    """Times that doors, registration or food have: none of them is the quiz's."""
    early: set[_Mention] = set()
    previous: tuple[_Mention, int] | None = None  # a mention, and where the label behind it begins
    for mention in mentions:
        before = _LABEL_BEFORE.search(folded, max(0, mention.left - _LONGEST_LABEL), mention.left)
        if before is not None and previous is not None and before.start() <= previous[1]:
            # The label between two times belongs to the earlier one: doors open before the quiz.
            early.discard(previous[0])
            early.add(min(previous[0], mention, key=lambda each: each.span.start))
        elif before is not None:
            early.add(mention)
        after = _LABEL_AFTER.match(folded, mention.right)
        previous = (mention, after.end()) if after is not None else None
        if after is not None and mention not in early:
            early.add(mention)
    return early


def _touches(gap: re.Pattern[str], text: str, left: int, right: int) -> bool:
    return left <= right and gap.fullmatch(text, left, right) is not None
