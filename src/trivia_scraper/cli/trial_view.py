"""How a trial of a description is shown: field by field, where each came from, and what would be stored."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from trivia_scraper.domain.models import Detail, EventFacts
    from trivia_scraper.sources.declarative.trial import DetailTrial, FieldTrial, IndexTrial, ItemTrial

_REASONS: Final = 10
_NAME_WIDTH: Final = 12
_VALUE_WIDTH: Final = 38
_WIDEST_VALUE: Final = 60
_VENUE: Final = (
    "name", "address", "street", "city", "region", "postcode", "country", "latitude", "longitude", "timezone",
    "phone", "website", "facebook", "instagram",
)  # fmt: skip
_DAYS: Final = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def index_lines(trial: IndexTrial, most: int, *, fields: bool = True) -> Iterator[str]:
    """An index page: counts, the first items with their fields, then the reasons of the others."""
    if trial.problem:
        yield f"the index page cannot be read: {trial.problem}"
        return
    yield f"{_counted(trial)}{_followed(trial)}"
    shown = [item for item in trial.items if item.outcome == "listed"][:most]
    for number, item in enumerate(shown, start=1):
        yield ""
        yield f"item {number}: {_name_of(item)}"
        if fields:
            yield from field_lines(item.fields)
            yield from (f"  evening     {_evening(evening)}" for evening in item.evenings)
    yield from _left_out(trial)
    yield from (f"note: {note}" for note in trial.notes)


def detail_lines(trial: DetailTrial) -> Iterator[str]:
    """One venue: what its own page adds to the index, and the venue and evenings as they would be stored."""
    of_page = [field for field in trial.fields if field.origin != "index"]
    if any(field.value for field in of_page):
        yield "from the venue's own page"
        yield from field_lines(of_page)
        yield ""
    if trial.problem:
        yield f"nothing would be stored: {trial.problem}"
    if trial.detail is not None:
        yield "the first venue as it would be stored"
        yield from _stored(trial.detail)
    yield from (f"note: {note}" for note in trial.notes)


def field_lines(fields: Sequence[FieldTrial]) -> Iterator[str]:
    """Name, value, and where it came from; long values run over lines of their own."""
    width = _width()
    room = max(_VALUE_WIDTH, min(_WIDEST_VALUE, width - _NAME_WIDTH - 40))
    for field in fields:
        value = _shown(field.value) if field.value is not None else "-"
        origin = _shown(field.origin) if field.value is not None else "not found"
        if len(value) <= room:
            yield _cut(f"  {field.name:<{_NAME_WIDTH}}{value:<{room}}  {origin}".rstrip(), width)
            continue
        yield from _hanging(f"  {field.name:<{_NAME_WIDTH}}", value, width)
        if origin:
            yield _cut(f"{'':{_NAME_WIDTH + room + 4}}{origin}", width)


def index_document(trial: IndexTrial, most: int) -> dict[str, Any]:
    """The same for programs: all counts, at most `most` items of each outcome."""
    shown = [item for outcome in ("listed", "rejected", "skipped") for item in _of(trial, outcome)[:most]]
    return {
        "problem": trial.problem,
        "listed": trial.count("listed"),
        "rejected": trial.count("rejected"),
        "skipped": trial.count("skipped"),
        "explicitly_empty": trial.explicitly_empty,
        "items": [_item_document(item) for item in shown],
        "follow": [_without_secrets(request.url) for request in trial.follow],
        "notes": list(trial.notes),
    }


def detail_document(trial: DetailTrial) -> dict[str, Any]:
    """The same for programs; `venue` and `events` None where nothing would be stored."""
    detail = trial.detail
    return {
        "problem": trial.problem,
        "fields": _fields_document(trial.fields),
        "venue": {name: getattr(detail.venue, name) for name in _VENUE} if detail else None,
        "events": [_event_document(event) for event in detail.events] if detail else None,
        "performer": detail.performer.name if detail and detail.performer else None,
        "images": [{"role": ref.role.value, "url": _without_secrets(ref.url)} for ref in detail.images]
        if detail
        else [],
        "issues": list(detail.issues) if detail else [],
        "notes": list(trial.notes),
    }


def _counted(trial: IndexTrial) -> str:
    counts = Counter(item.outcome for item in trial.items)
    told = ", ".join(
        f"{counts[outcome]:,} {outcome}" for outcome in ("listed", "rejected", "skipped") if counts[outcome]
    )
    if not trial.items:
        return "no items; the page says itself that there are none" if trial.explicitly_empty else "no items"
    return f"{len(trial.items):,} item{'s' if len(trial.items) > 1 else ''}: {told}"


def _followed(trial: IndexTrial) -> str:
    if not trial.follow:
        return ""
    more = f" and {len(trial.follow) - 1:,} more" if len(trial.follow) > 1 else ""
    return f"; next: {_without_secrets(trial.follow[0].url)}{more}"


def _left_out(trial: IndexTrial) -> Iterator[str]:
    for outcome in ("rejected", "skipped"):
        items = _of(trial, outcome)
        if items:
            yield ""
        told = Counter(f"{outcome}: {_name_of(item)}: {_shown(item.reason)}" for item in items)
        for line, times in list(told.items())[:_REASONS]:
            yield f"{line} ({times:,} times)" if times > 1 else line
        left = sum(list(told.values())[_REASONS:])
        if left:
            yield f"{outcome}: and {left:,} more"


def _of(trial: IndexTrial, outcome: str) -> list[ItemTrial]:
    return [item for item in trial.items if item.outcome == outcome]


def _name_of(item: ItemTrial) -> str:
    values = {field.name: field.value for field in item.fields if field.value}
    said = (values[name] for name in ("name", "title", "key", "url") if name in values)
    return _shown(next(said, None) or "without a name")


def _evening(evening: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in evening.items())


def _stored(detail: Detail) -> Iterator[str]:
    width = _width()
    for name in _VENUE:
        value = getattr(detail.venue, name)
        if value is not None:
            yield from _hanging(f"  {name:<{_NAME_WIDTH}}", _shown(str(value)), width)
    yield from (_cut(f"  {'evening':<{_NAME_WIDTH}}{_event_line(event)}", width) for event in detail.events)
    if detail.performer is not None:
        yield f"  {'host':<{_NAME_WIDTH}}{_shown(detail.performer.name)}"
    for ref in detail.images:
        yield f"  {ref.role.value:<{_NAME_WIDTH}}{_without_secrets(ref.url)}"
    yield from (f"  {'issue':<{_NAME_WIDTH}}{_shown(issue)}" for issue in detail.issues)


def _event_line(event: EventFacts) -> str:
    end = f"–{event.end_time:%H:%M}" if event.end_time else ""
    fee = "fee unknown" if event.fee_minor is None else f"{event.fee_minor / 100:.2f} {event.currency}"
    told = [f"{_DAYS[event.weekday]} {event.start_time:%H:%M}{end}", event.frequency.value, _rule(event), fee]
    told += [event.status.value] if event.status.value != "active" else []
    told += [f"next {event.next_date}"] if event.next_date else []
    return ", ".join(filter(None, told))


def _rule(event: EventFacts) -> str | None:
    from trivia_scraper.text.recurrence import rrule_of

    return rrule_of([event.weekday], event.frequency, event.ordinals)


def _event_document(event: EventFacts) -> dict[str, Any]:
    return {
        "weekday": event.weekday,
        "start_time": event.start_time.strftime("%H:%M"),
        "end_time": event.end_time.strftime("%H:%M") if event.end_time else None,
        "frequency": event.frequency.value,
        "ordinals": list(event.ordinals),
        "rrule": _rule(event),
        "fee_minor": event.fee_minor,
        "currency": event.currency,
        "title": event.title,
        "status": event.status.value,
        "next_date": event.next_date.isoformat() if event.next_date else None,
    }


def _item_document(item: ItemTrial) -> dict[str, Any]:
    return {
        "outcome": item.outcome,
        "reason": item.reason,
        "fields": _fields_document(item.fields),
        "evenings": [dict(evening) for evening in item.evenings],
    }


def _fields_document(fields: Sequence[FieldTrial]) -> dict[str, Any]:
    return {field.name: {"value": field.value, "from": field.origin or None} for field in fields}


def _hanging(head: str, value: str, width: int) -> Iterator[str]:
    indent = " " * len(head)
    yield from textwrap.wrap(value, width, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False)


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _width() -> int:
    """The terminal's columns; a file or a pipe gets long lines, so that nothing is cut out of them."""
    return max(60, shutil.get_terminal_size((80, 24)).columns) if sys.stdout.isatty() or sys.stderr.isatty() else 240


def _shown(text: str) -> str:
    from trivia_scraper.cli.output import one_line
    from trivia_scraper.domain.redaction import redact_text

    return one_line(redact_text(" ".join(text.split())))


def _without_secrets(url: str) -> str:
    from trivia_scraper.domain.redaction import strip_secrets

    return _shown(strip_secrets(url))
