"""`venues history`: what changed of a venue, or in a run, as a story that can be read aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from trivia_scraper.cli.finding import find_venue
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import DirectoryReader
    from trivia_scraper.domain.directory import ChangeView

WEEKDAYS: Final = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SIGNS: Final = {"GBP": "£", "EUR": "€", "USD": "$", "PLN": "zł "}
_UNTOLD: Final = {"name_key", "currency"}
_NAMES: Final = {
    "fee_minor": "fee", "start_time": "start", "end_time": "end", "next_date": "next date",
    "ordinals": "weeks of the month",
}  # fmt: skip
# Told by name only: an id or an address says nothing to a person.
_NAMED_ONLY: Final = {"performer_id": "host", "hero_url": "picture"}
_RULES: Final = {
    "place_id": "same place id", "name_postcode": "same name and postcode", "name_address": "same name and address",
    "name_city": "same name and city", "alike": "alike",
}  # fmt: skip


@click.command(
    "history",
    cls=HelpfulCommand,
    short_help="Tell what changed of a venue, or in a run.",
    examples=("trivia-scraper venues history the-crown-inn", "trivia-scraper venues history --run 4f2a91c0 --json"),
)
@click.argument("slug", required=False)
@click.option("--run", "run_id", metavar="ID", help="Only this run's changes; the first characters are enough.")
@click.option("--limit", type=click.IntRange(min=1), default=50, metavar="N", help="The last N changes; 50.")
@click.pass_obj
def history(invocation: Invocation, /, slug: str | None, run_id: str | None, limit: int) -> None:
    """Tells moved weekdays, changed times and fees, what vanished and returned, merges and recognised listings.

    Newest first. A merged venue's story is part of that of the venue it became.
    """
    from trivia_scraper.cli.asking import ask
    from trivia_scraper.cli.output import note, print_json, view_document

    if slug is None and run_id is None:
        raise click.UsageError("name a venue, or a run with --run")
    changes = ask(invocation, lambda reader: _changes(reader, slug, run_id, limit))
    if invocation.json:
        print_json({"ok": True, "changes": [view_document(change) for change in changes]})
        return
    _show(changes, invocation.color)
    note(f"{len(changes):,} changes")


async def _changes(reader: DirectoryReader, slug: str | None, run: str | None, limit: int) -> Sequence[ChangeView]:
    run_id = None if run is None else await _run_named(reader, run)
    venue_id = None if slug is None else (await find_venue(reader, slug)).id
    return await reader.history(venue_id=venue_id, run_id=run_id, limit=limit)


async def _run_named(reader: DirectoryReader, beginning: str) -> UUID:
    from trivia_scraper.cli.endings import NotFound

    found = await reader.runs_named(beginning)
    if len(found) != 1:
        hint = "more characters tell them apart" if found else "every change of a story names its run"
        raise NotFound(f"{'several runs begin' if found else 'no run begins'} with {beginning!r}", hint)
    return found[0]


def _show(changes: Sequence[ChangeView], color_mode: str) -> None:
    from trivia_scraper.cli.output import stamp
    from trivia_scraper.cli.tables import Column, Table, show

    told = {
        "at (UTC)": [stamp(change.at) for change in changes],
        "venue": [change.venue for change in changes],
        "source": [change.source for change in changes],
        "evening": [_evening(change) for change in changes],
        "what": [in_words(change) for change in changes],
        "run": ["-" if change.run_id is None else str(change.run_id)[:8] for change in changes],
    }
    if len(set(told["venue"])) == 1:  # who asked for one venue knows which
        del told["venue"]
    show(Table(tuple(map(Column, told)), tuple(zip(*told.values(), strict=True))), color_mode)


def _evening(change: ChangeView) -> str:
    if change.event_weekday is None:
        return "-"
    return f"{WEEKDAYS[change.event_weekday]} {change.event_start_time}"


def in_words(change: ChangeView) -> str:
    """One change as a sentence without subject, such as "moved from Tue to Wed"."""
    tell = _TELLERS.get(change.kind)
    return tell(change) if tell else _facts(change) or change.kind.replace("_", " ")


def _moved(change: ChangeView) -> str:
    before, after = change.before, change.after
    told = f"moved from {WEEKDAYS[before['weekday']]} to {WEEKDAYS[after['weekday']]}"
    return f"{told}, {_started(change)}" if "start_time" in after else told


def _started(change: ChangeView) -> str:
    return f"starts {_clock(change.after['start_time'])} instead of {_clock(change.before['start_time'])}"


def _fee(change: ChangeView) -> str:
    currency = change.after.get("currency") or change.event_currency
    if "fee_minor" not in change.after:
        return f"fee now in {currency}"
    was = _money(change.before.get("fee_minor"), change.before.get("currency") or currency)
    return f"fee {was} → {_money(change.after['fee_minor'], currency)}"


def _status(change: ChangeView) -> str:
    return f"{_plain(change.before['status'])} → {_plain(change.after['status'])}"


def _added(change: ChangeView) -> str:
    after = change.after
    return f"new evening: {WEEKDAYS[after['weekday']]} {_clock(after['start_time'])}"


def _returned(change: ChangeView) -> str:
    status = change.after.get("status", "active")
    return "returned" if status == "active" else f"returned, {_plain(status)}"


def _joined(change: ChangeView) -> str:
    return f"shown by {change.source} too" + (f": {_facts(change)}" if change.after else "")


def _merged(change: ChangeView) -> str:
    if "into" in change.after:
        return f"merged into {change.after['into']}"
    after = change.after
    return (
        f"took in {after['other']}: {after['events_moved']} evenings, "
        f"{len(after['listings'])} listings, {after['images_moved']} pictures"
    )


def _unmerged(change: ChangeView) -> str:
    if "from" in change.after:
        return f"a venue of its own again, apart from {change.after['from']}"
    return f"gave {change.after['other']} back"


def _recognised(change: ChangeView) -> str:
    after = change.after
    rule = _RULES.get(after["rule"], _plain(after["rule"]))
    return f"listing {after['key']} recognised as this venue: {rule}, {after['confidence']:.0%} sure"


_TELLERS: Final[Mapping[str, Callable[[ChangeView], str]]] = {
    "event_moved": _moved,
    "event_time": _started,
    "event_fee": _fee,
    "event_status": _status,
    "event_added": _added,
    "event_closed": lambda _: "closed: its page no longer lists it",
    "event_returned": _returned,
    "event_joined": _joined,
    "event_left": lambda change: f"no longer shown by {change.source}",
    "vanished": lambda _: "vanished: no longer listed",
    "venue_merged": _merged,
    "venue_unmerged": _unmerged,
    "venue_different": lambda change: f"called different from {change.after['other']}",
    "venue_undecided": lambda change: f"no longer called different from {change.after['other']}",
    "listing_found": lambda change: f"first seen: listing {change.after['key']}",
    "listing_recognised": _recognised,
}


def _facts(change: ChangeView) -> str:
    return ", ".join(_parts(change.before, change.after))


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name, value in after.items():
        if name in _NAMED_ONLY:
            yield f"{'a' if before.get(name) is None else 'another'} {_NAMED_ONLY[name]}"
        elif name not in _UNTOLD:
            yield f"{_NAMES.get(name, name)} {_value(before.get(name))} → {_value(value)}"


def _value(value: Any) -> str:
    if value is None or value == "":
        return "unknown"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _clock(time: str) -> str:
    return time[:5]


def _money(minor: int | None, currency: str | None) -> str:
    if minor is None:
        return "not stated"
    if minor == 0:
        return "free"
    amount = f"{minor / 100:.2f}".removesuffix(".00")
    return f"{_SIGNS[currency]}{amount}" if currency in _SIGNS else f"{amount} {currency or ''}".strip()
