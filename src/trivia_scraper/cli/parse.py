"""`parse`: what the readers of prose make of a phrase. Neither settings nor database are needed."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.text.schedule import ScheduleReading

KINDS: Final = ("text", "title", "slug", "product_title", "day", "time", "data_time", "data_time_date")
COUNTRIES: Final = ("GB", "IE", "US", "CA", "AU", "AE", "CY", "PL", "IM", "JE", "GG")
_TEXT_LIMIT: Final = 500
_DATES_SHOWN: Final = 3


class Country(click.ParamType[str | None]):
    """A country code in any case; blank is none."""

    name = "country"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str | None:
        """The code in capitals. Fails for a country that no source is in."""
        code = value.strip().upper()
        if code and code not in COUNTRIES:
            self.fail(f"no country {value!r}; known are {', '.join(COUNTRIES)}", param, ctx)
        return code or None


_text = click.argument("text")
_language = click.option(
    "--language", type=click.Choice(["en", "pl"]), help="Language of the text; pl: times on the 24-hour clock."
)
_country = click.option(
    "--country", type=Country(), metavar="CODE", help=f"The venue's country: {', '.join(COUNTRIES)}."
)


@click.group(
    cls=HelpfulGroup,
    short_help="Read a phrase as the sources' readers do.",
    examples=(
        'trivia-scraper parse schedule "1st & 3rd Tuesdays at 7:30pm"',
        'trivia-scraper parse fee "£50 jackpot, £2 entry" --country GB',
        'trivia-scraper parse address "1898 S. Flatiron Court Boulder, CO 80301"',
    ),
)
def parse() -> None:
    """Reads one phrase and shows what it says; what it does not say stays unknown. TEXT "-" is a line from stdin."""


@parse.command(
    "schedule",
    short_help="Weekdays, time and frequency of a phrase.",
    examples=(
        'trivia-scraper parse schedule "Every other Sunday, 7-9 p.m" --json',
        'trivia-scraper parse schedule "w każdą środę o 19:00" --language pl --timezone Europe/Warsaw',
    ),
)
@_text
@_language
@_country
@click.option(
    "--kind", type=click.Choice(KINDS), default="text", show_default=True, help="What the text is known to be."
)
@click.option("--timezone", metavar="ZONE", help="Show the next evenings in this IANA time zone.")
@click.pass_obj
def schedule(
    invocation: Invocation, /, text: str, language: str | None, country: str | None, kind: str, timezone: str | None
) -> None:
    """Reads a schedule phrase by the rules T1 to T8 and Q1 to Q4."""
    zone = _zone(timezone)
    document = schedule_document(_given(text), kind=kind, language=_language_of(language, country))
    if zone is not None:
        document["next"] = next_evenings(document["text"], kind, _language_of(language, country), zone)
    _show(invocation, document)


@parse.command(
    "fee",
    short_help="The entry fee of a phrase.",
    examples=(
        'trivia-scraper parse fee "Prizes, £45 | £2 to play"',
        'trivia-scraper parse fee "wstęp 10 zł" --country PL',
    ),
)
@_text
@_language
@_country
@click.pass_obj
def fee(invocation: Invocation, /, text: str, language: str | None, country: str | None) -> None:
    """Reads a fee phrase by the rules F1 to F4. Without --country, bare numbers are pounds (Polish: złoty)."""
    _show(invocation, fee_document(_given(text), country=country or ("PL" if language == "pl" else "GB")))


@parse.command(
    "address",
    short_help="Street, town, region and postcode of an address.",
    examples=(
        'trivia-scraper parse address "290 Westferry Road, London England E14 3AG, United Kingdom"',
        'trivia-scraper parse address "ul. Gdańska 1, Bydgoszcz" --country PL --json',
    ),
)
@_text
@_language
@_country
@click.pass_obj
def address(invocation: Invocation, /, text: str, language: str | None, country: str | None) -> None:
    """Splits an address by the rules P1 to P3. Without --country, the address itself must prove its country."""
    _show(invocation, address_document(_given(text), country=country or ("PL" if language == "pl" else None)))


@parse.command(
    "name",
    short_help="The venue's name in a title.",
    examples=(
        'trivia-scraper parse name "PUB QUIZ – Munich – Canary Wharf – Tuesdays"',
        'trivia-scraper parse name "Upslope Brewing Co. (Starts on May 15!)" --json',
    ),
)
@_text
@_language
@_country
@click.pass_obj
def name(
    invocation: Invocation,
    /,
    text: str,
    language: str | None,  # noqa: ARG001 - the same words as for the other three
    country: str | None,  # noqa: ARG001
) -> None:
    """Takes prefix, cadence and remarks in brackets out of a title, and says what they were."""
    _show(invocation, name_document(_given(text)))


def schedule_document(text: str, *, kind: str = "text", language: str = "en") -> dict[str, Any]:
    """What `parse schedule --json` prints: the columns of a schedule phrase, null for what is not said."""
    reading = _read_schedule(text, kind, language)
    return {
        **_heading(kind, text),
        "outcome": reading.outcome.value,
        "weekdays": _codes(reading.weekdays),
        "time": _clock(reading.time),
        "end_time": _clock(reading.end_time),
        "frequency": reading.frequency.value if reading.frequency else None,
        "ordinals": list(reading.ordinals),
        "date": str(reading.date) if reading.date else None,
        "flag": reading.flag.value if reading.flag else None,
        "rrule": reading.rrule,
        "lacks": reading.lacks or None,
        **_note(text, _TEXT_LIMIT),
    }


def fee_document(text: str, *, country: str) -> dict[str, Any]:
    """What `parse fee --json` prints: the columns of a fee phrase, null for what is not said."""
    from trivia_scraper.text.fee import FEE_LIMIT, read_fee

    reading = read_fee(text, country)
    return {
        **_heading("fee", text),
        "outcome": reading.outcome.value,
        "fee_minor": reading.fee_minor,
        "currency": reading.currency,
        "per": reading.per.value if reading.per else None,
        **_note(text, FEE_LIMIT),
    }


def address_document(text: str, *, country: str | None) -> dict[str, Any]:
    """What `parse address --json` prints. `country` is the one given, else what the text proves, else null."""
    from trivia_scraper.text.address import AddressParts, one_line, split_address
    from trivia_scraper.text.country_words import country_of_text
    from trivia_scraper.text.zones import zone_of_region

    readable = len(text) <= _TEXT_LIMIT
    place = (country or country_of_text(text)) if readable else country
    parts = split_address(text, place or "") if readable else AddressParts()
    return {
        **_heading("address", text),
        "street": parts.street,
        "city": parts.city,
        "region": parts.region,
        "postcode": parts.postcode,
        "country": place,
        "timezone": zone_of_region(place, parts.region) if place else None,
        "one_line": one_line(text) if readable else None,
        **_note(text, _TEXT_LIMIT),
    }


def name_document(text: str) -> dict[str, Any]:
    """What `parse name --json` prints. `removed` are the texts that are no part of the name."""
    from trivia_scraper.text.bracketed_names import read_bracketed_name
    from trivia_scraper.text.names import read_venue_title

    read = read_bracketed_name(text, limit=_TEXT_LIMIT) if len(text) <= _TEXT_LIMIT else None
    title = read_venue_title(read.venue or "", limit=_TEXT_LIMIT) if read else None
    # Without cadence or locality to take out, the name stays as it is published, dashes included.
    as_published = read is not None and title is not None and not title.removed and "," not in (read.venue or "")
    return {
        **_heading("name", text),
        "name": read.venue if read and as_published else title.name if title else None,
        "locality": title.locality if title else None,
        "removed": [*(title.removed if title else ()), *(read.removed if read else ())],
        "weekdays": _codes(read.weekdays if read else ()),
        "starts_later": read.starts_later if read else False,
        "starts_on": str(read.starts_on) if read and read.starts_on else None,
        "special": read.special if read else False,
        **_note(text, _TEXT_LIMIT),
    }


def next_evenings(text: str, kind: str, language: str, zone: str) -> list[dict[str, str]]:
    """The next three evenings of a phrase in a zone, ISO 8601 with offset; none where their dates are not known."""
    from trivia_scraper.text.recurrence import length_of, next_occurrences

    reading = _read_schedule(text, kind, language)
    if reading.time is None:
        return []
    occurrences = next_occurrences(
        reading.weekdays,
        reading.time,
        reading.frequency,
        reading.ordinals,
        zone,
        dt.datetime.now(dt.UTC),
        _DATES_SHOWN,
        anchor=reading.date.with_year() if reading.date else None,
        duration=length_of(reading.time, reading.end_time),
    )
    return [{"starts": each.starts.isoformat(), "ends": each.ends.isoformat()} for each in occurrences]


def _read_schedule(text: str, kind: str, language: str) -> ScheduleReading:
    from trivia_scraper.text.schedule import PhraseKind, read_schedule

    return read_schedule(text, PhraseKind(kind), clock_24h=language == "pl")


def _given(text: str) -> str:
    """TEXT, or one line of stdin for "-"."""
    return sys.stdin.readline().rstrip("\r\n") if text == "-" else text


def _language_of(language: str | None, country: str | None) -> str:
    return language or ("pl" if country == "PL" else "en")


def _zone(timezone: str | None) -> str | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if timezone is None:
        return None
    try:
        return ZoneInfo(timezone).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(f"no IANA time zone {timezone!r}", param_hint="--timezone") from error


def _heading(kind: str, text: str) -> dict[str, Any]:
    return {"ok": True, "kind": kind, "text": text}


def _note(text: str, limit: int) -> dict[str, str]:
    return {"note": f"longer than {limit} characters: not read"} if len(text) > limit else {}


def _codes(weekdays: Sequence[int]) -> list[str]:
    from trivia_scraper.text.recurrence import DAY_CODES

    return [DAY_CODES[day] for day in weekdays]


def _clock(time: dt.time | None) -> str | None:
    return f"{time:%H:%M}" if time else None


def _show(invocation: Invocation, document: Mapping[str, Any]) -> None:
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.tables import Column, Table, show

    if invocation.json:
        print_json(document)
        return
    facts = {key: value for key, value in document.items() if key not in ("ok", "kind", "text", "next")}
    rows = [(key, _cell(value)) for key, value in facts.items()]
    rows += [("next", f"{each['starts']} to {each['ends'][11:16]}") for each in document.get("next", ())]
    show(Table((Column("what"), Column("said")), tuple(rows)), invocation.color)


def _cell(value: object) -> str:
    """A value for people; "-" for what was not said."""
    if isinstance(value, bool):
        return "yes" if value else "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
