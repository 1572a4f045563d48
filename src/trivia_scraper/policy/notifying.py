"""When a condition is told, told again, and told to be over (operations.md 10, O13). Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from trivia_scraper.domain.notices import GRAVE, Condition, Message, Notice
from trivia_scraper.domain.weekly import AlertLevel

MOST_AT_ONCE: Final = 5
"""More than these become one message."""
MOST_LINES: Final = 20
"""As many of them as that one message quotes."""


class Step(StrEnum):
    """What one look at a condition leads to."""

    NOTHING = "nothing"
    SEND = "send"
    REPEAT = "repeat"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, UTC, `end` excluded; across midnight where the end is the earlier time."""

    start: dt.time
    end: dt.time

    def covers(self, at: dt.datetime) -> bool:
        """Whether this moment is in them. Two equal times mean the whole day."""
        now = at.astimezone(dt.UTC).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


@dataclass(frozen=True, slots=True)
class Terms:
    """How patient and how quiet the operator wants it ([notify])."""

    after_failures: int = 3
    repeat: dt.timedelta = dt.timedelta(hours=24)
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and what is known after this look, as long as nothing was told."""

    step: Step
    notice: Notice


def quiet_hours(text: str) -> QuietHours | None:
    """ "22:00-07:00", or None for "". Raises ValueError."""
    if not text:
        return None
    start, _, end = text.partition("-")
    return QuietHours(dt.time.fromisoformat(start), dt.time.fromisoformat(end))


def judge_present(known: Notice | None, condition: Condition, now: dt.datetime, terms: Terms) -> Verdict:
    """A look found the condition.

    It is told after `after_failures` looks in a row, once per `repeat` and again when it became critical. One that
    comes back within `repeat` waits until that is over, unless it is grave: nobody shall believe that all is well.
    """
    notice = _seen(known, condition, now)
    if notice.times_in_row < terms.after_failures or _must_wait(condition.kind, now, terms):
        return Verdict(Step.NOTHING, notice)
    is_recent = notice.sent_at is not None and dt.timedelta(0) <= now - notice.sent_at < terms.repeat
    if notice.sends == 0:
        return Verdict(Step.SEND if condition.is_grave or not is_recent else Step.NOTHING, notice)
    if condition.severity is AlertLevel.CRITICAL and notice.severity is not AlertLevel.CRITICAL:
        return Verdict(Step.SEND, notice)
    return Verdict(Step.NOTHING if is_recent else Step.REPEAT, notice)


def judge_absent(known: Notice, now: dt.datetime, terms: Terms, *, is_replaced: bool = False) -> Verdict:
    """A look did not find what an earlier one did.

    Its end is told after as many looks as its begin, if that was told. `is_replaced`: its subject is worse or better
    off in another way now, which says all there is to say.
    """
    notice = replace(known, times_in_row=0, absent_in_row=known.absent_in_row + 1)
    if known.sends == 0 or is_replaced:
        return Verdict(Step.NOTHING, replace(notice, resolved_at=now))
    if notice.absent_in_row < terms.after_failures or _must_wait(known.kind, now, terms):
        return Verdict(Step.NOTHING, notice)
    return Verdict(Step.RESOLVE, notice)


def after_telling(verdict: Verdict, severity: AlertLevel, now: dt.datetime) -> Notice:
    """What is known once somebody was told; `severity` is the one that was told."""
    if verdict.step is Step.RESOLVE:
        return replace(verdict.notice, resolved_at=now)
    return replace(verdict.notice, severity=severity, sent_at=now, sends=verdict.notice.sends + 1)


def digest(messages: Sequence[Message]) -> Sequence[Message]:
    """The same messages, or one in place of a flood."""
    if len(messages) <= MOST_AT_ONCE:
        return messages
    begun = [message for message in messages if not message.resolved]
    is_critical = any(message.severity is AlertLevel.CRITICAL for message in begun)
    first = messages[0]
    lines = [f"- {'over: ' if message.resolved else ''}{message.message}" for message in messages[:MOST_LINES]]
    if len(messages) > MOST_LINES:
        lines.append(f"and {len(messages) - MOST_LINES} more: `trivia-scraper status` tells all")
    return [
        Message(
            kind="digest",
            subject=f"{len(begun)} begun, {len(messages) - len(begun)} over",
            severity=AlertLevel.CRITICAL if is_critical else AlertLevel.WARNING,
            message="\n".join(lines),
            resolved=not begun,
            host=first.host,
            at=first.at,
        )
    ]


def _seen(known: Notice | None, condition: Condition, now: dt.datetime) -> Notice:
    if known is None or known.is_over:
        return Notice(
            condition=condition.key,
            kind=condition.kind.value,
            subject=condition.subject,
            message=condition.message,
            severity=condition.severity,
            times_in_row=1,
            absent_in_row=0,
            first_seen_at=now,
            last_seen_at=now,
            sent_at=None if known is None else known.sent_at,
        )
    return replace(
        known,
        message=condition.message,
        severity=known.severity if known.sends else condition.severity,
        times_in_row=known.times_in_row + 1,
        absent_in_row=0,
        last_seen_at=now,
    )


def _must_wait(kind: str, now: dt.datetime, terms: Terms) -> bool:
    return kind not in GRAVE and terms.quiet is not None and terms.quiet.covers(now)
