"""Telling an operator what is wrong, and that it is over (operations.md 10, O13). What fails here stops nothing.

What was told is in the book. While the database is away, which is one of the things to be told, what was read last
and what could not be written stand in for it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

from trivia_scraper.domain.errors import ServiceUnreachable, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.notices import OF_SOURCES, Condition, Message, Notice, Sighting
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.pipeline.attempts import Patience, attempt_storing
from trivia_scraper.policy.notifying import (
    Step,
    Terms,
    Verdict,
    after_telling,
    digest,
    judge_absent,
    judge_present,
)
from trivia_scraper.ports import Channel, NoticeBook, Pings
from trivia_scraper.text.unmarked import unmarked

LONGEST_MESSAGE: Final = 300
LONGEST_SUBJECT: Final = 100


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told, in whose name, how patiently. Without a channel the log is told all the same.

    failed  called for each message or ping that did not get through
    """

    channels: Sequence[Channel]
    pings: Pings | None
    host: str
    terms: Terms
    failed: Callable[[], None]


@dataclass(slots=True)
class NoticeMemory:
    """What one process knows of the book: `known` as it was read last, `unsaved` what it does not have yet."""

    known: dict[str, Notice] = field(default_factory=dict)
    unsaved: dict[str, Notice] = field(default_factory=dict)


async def announce(
    sighting: Sighting, book: NoticeBook | None, memory: NoticeMemory, audience: Audience, teller: Patience
) -> Sequence[Message]:
    """Take note of one look at everything and tell what is due; returns what somebody was told.

    book  None = it was not reached yet
    What no channel took is due again at the next look.
    """
    now = teller.clock.now()
    found = {condition.key: condition for condition in map(_harmless, sighting.conditions)}
    known = await _read(sighting, book, memory, teller)
    verdicts = _judge(found, known, sighting, audience.terms, now)
    due = {key: verdict for key, verdict in verdicts.items() if verdict.step is not Step.NOTHING}
    told = await _tell({key: _message(found.get(key), due[key], audience, now) for key in due}, audience, teller)
    for key in {key for keys, _ in told for key in keys}:
        condition = found.get(key)
        severity = verdicts[key].notice.severity if condition is None else condition.severity
        verdicts[key] = replace(verdicts[key], notice=after_telling(verdicts[key], severity, now))
    memory.unsaved |= {key: verdict.notice for key, verdict in verdicts.items()}
    await _save(sighting, book, memory, teller)
    return [message for _, message in told]


async def ping(event: Literal["start", "success", "failure"], audience: Audience, teller: Patience) -> bool:
    """Tell the watch that a run began or ended, once; whether it heard. Without a watch: True."""
    pings = audience.pings
    return pings is None or await _deliver(lambda: pings.ping(event), event, audience, teller)


def _harmless(condition: Condition) -> Condition:
    """Without secrets and markup: what it quotes may come from a site."""
    return replace(
        condition,
        subject=unmarked(redact_text(condition.subject), LONGEST_SUBJECT),
        message=unmarked(redact_text(condition.message), LONGEST_MESSAGE),
    )


async def _read(
    sighting: Sighting, book: NoticeBook | None, memory: NoticeMemory, teller: Patience
) -> Mapping[str, Notice]:
    if book is not None and not sighting.database_is_away:
        try:
            rows = await attempt_storing(book.notices, "reading notices", teller)
            memory.known = {row.condition: row for row in rows}
        except TriviaScraperError as error:
            teller.log.warning(LogEvent.NOTICE_UNSAVED, error_type=error.error_type, error=redact_text(str(error)))
    return memory.known | memory.unsaved


def _judge(
    found: Mapping[str, Condition], known: Mapping[str, Notice], sighting: Sighting, terms: Terms, now: dt.datetime
) -> dict[str, Verdict]:
    """A verdict for what was found, and for what was known and is not there any more."""
    troubled = {condition.subject for condition in found.values() if condition.kind in OF_SOURCES}
    verdicts = {key: judge_present(known.get(key), condition, now, terms) for key, condition in found.items()}
    for key, notice in known.items():
        if key not in found and not notice.is_over and notice.kind in sighting.judged:
            is_replaced = notice.kind in OF_SOURCES and notice.subject in troubled
            verdicts[key] = judge_absent(notice, now, terms, is_replaced=is_replaced)
    return verdicts


def _message(condition: Condition | None, verdict: Verdict, audience: Audience, now: dt.datetime) -> Message:
    notice = verdict.notice
    return Message(
        kind=notice.kind,
        subject=notice.subject,
        severity=notice.severity if condition is None else condition.severity,
        message=notice.message if condition is not None else f"no longer: {notice.message}",
        resolved=verdict.step is Step.RESOLVE,
        host=audience.host,
        at=now,
    )


async def _tell(
    due: Mapping[str, Message], audience: Audience, teller: Patience
) -> Sequence[tuple[Collection[str], Message]]:
    """(conditions, the message that told of them) for what at least one channel took."""
    messages = digest(list(due.values()))
    keys: Sequence[Collection[str]] = [[key] for key in due] if len(messages) == len(due) else [list(due)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_tell_all(messages, channel, audience, teller)) for channel in audience.channels]
    taken = max((task.result() for task in tasks), default=len(messages))
    for message in messages[:taken]:
        told = {"kind": message.kind, "subject": message.subject, "message": message.message, "channels": len(tasks)}
        if message.resolved:
            teller.log.info(LogEvent.NOTICE_RESOLVED, **told)
        else:
            teller.log.warning(LogEvent.NOTICE_SENT, severity=message.severity, **told)
    return list(zip(keys, messages, strict=True))[:taken]


async def _tell_all(messages: Sequence[Message], channel: Channel, audience: Audience, teller: Patience) -> int:
    """How many of the messages a channel took, in their order: one that fails is not asked again in this look."""
    for number, message in enumerate(messages):
        if not await _deliver(partial(channel.send, message), message.kind, audience, teller):
            return number
    return len(messages)


async def _deliver(send: Callable[[], Awaitable[None]], what: str, audience: Audience, teller: Patience) -> bool:
    try:
        await send()
    except ServiceUnreachable as error:
        why = error.message
    except Exception as error:  # noqa: BLE001 - no channel ever costs a run, and its words may hold an address
        why = f"unexpected {type(error).__name__}"
    else:
        return True
    audience.failed()
    teller.log.warning(LogEvent.NOTIFY_FAILED, what=what, error=why)
    return False


async def _save(sighting: Sighting, book: NoticeBook | None, memory: NoticeMemory, teller: Patience) -> None:
    if book is None or sighting.database_is_away or not memory.unsaved:
        return
    unsaved = list(memory.unsaved.values())
    try:
        await attempt_storing(lambda: book.save(unsaved, teller.clock.now()), "keeping notices", teller)
    except TriviaScraperError as error:
        teller.log.warning(LogEvent.NOTICE_UNSAVED, error_type=error.error_type, error=redact_text(str(error)))
    else:
        memory.known |= memory.unsaved
        memory.unsaved.clear()
