"""Bodies that are no HTML: feeds, calendars and JSON answers, told by their own marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative import detecting_words as words
from trivia_scraper.sources.declarative.detecting_finding import Finding, detail_tables
from trivia_scraper.sources.declarative.detecting_locators import known_locator
from trivia_scraper.sources.declarative.detecting_records import RecordList, best_list
from trivia_scraper.sources.declarative.detecting_toml import TomlValue
from trivia_scraper.sources.feed import is_feed, read_feed
from trivia_scraper.sources.json_reading import member, parse_json
from trivia_scraper.sources.script_json import unwrap_jsonp

QUIZ_WORDS: Final = r"quiz|trivia"

_ATOM: Final = re.compile(r"\ufeff?\s*(?:<\?xml[^>]{0,200}\?>)?\s*<feed[\s>]")
_JSON_START: Final = re.compile(r"\ufeff?\s*(?:[\[{]|(?:/\*\*/\s{0,20})?[A-Za-z_$][\w$.]{0,100}\s{0,20}\()")
_BLANK_JSONP: Final = re.compile(r"\ufeff?\s*[\[{]")
_TYPE_NAME: Final = re.compile(r"[a-z0-9_-]{1,60}")
_REST_TYPE: Final = re.compile(r"/wp-json/wp/v2/([a-z0-9_-]+)")


def is_markup(page: Page) -> bool:
    """Whether a page is read as HTML: everything that says of itself that it is something else is not."""
    return not (is_feed(page.text) or _ATOM.match(page.text) or _is_calendar(page.text) or _holds_json(page.text))


def look_at_body(page: Page) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings, and notes about what was seen and cannot be used, of a body that is no HTML."""
    if is_feed(page.text):
        return _feed(page)
    if _ATOM.match(page.text):
        return (), ("an Atom feed: only RSS is read; most sites offer both (…/feed/, …/rss)",)
    if _is_calendar(page.text):
        return (_calendar(page),), ()
    try:
        document = parse_json(unwrap_jsonp(page.text))
    except ValueError as error:
        return (), (f"looks like JSON, but cannot be read: {error}",)
    return _json(page, document)


def _is_calendar(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:15].upper() == "BEGIN:VCALENDAR"


def _holds_json(text: str) -> bool:
    return _JSON_START.match(text) is not None


def _feed(page: Page) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    try:
        items = read_feed(page.text, url=page.url)
    except PageShapeChanged as error:
        return (), (f"an RSS feed that cannot be read: {error}",)
    titles = [item.title for item in items]
    spoken = words.share(titles, words.says_weekday)
    about = words.share(titles, lambda title: re.search(QUIZ_WORDS, title, re.IGNORECASE) is not None)
    index: dict[str, TomlValue] = {"kind": "rss", "url": page.url}
    if any("?" in item.link for item in items):
        index["strip_query"] = ["url"]
    fields: dict[str, TomlValue] = {"url": "link", "name": "title"}
    if words.share(titles, words.is_schedule) > 0.5:
        fields["schedule"] = "title"
    elif spoken > 0.5:
        fields |= {"day": "title", "frequency": "title"}
    finding = Finding(
        kind="rss",
        confidence=min(0.9, 0.35 + 0.35 * spoken + 0.3 * about),
        why=(f"the page is an RSS feed of {len(items)} items, {spoken:.0%} of their titles name a weekday",),
        index=index,
        tables={"fields": fields},
        detail=detail_tables(),
        gaps=(*_untold(fields, has_detail=True), ('page_param = "paged"', "WordPress feeds have more pages: 2, 3 …")),
    )
    return (finding,), ()


def _calendar(page: Page) -> Finding:
    entries = page.text.count("BEGIN:VEVENT")
    lines = re.sub(r"\r?\n[ \t]", "", page.text).splitlines()
    placed = sum(line.upper().startswith(("LOCATION:", "LOCATION;")) for line in lines)
    prices = any(line.upper().startswith("DESCRIPTION") and words.is_fee(line.partition(":")[2]) for line in lines)
    nameless = (
        ('name = "…"', "below [defaults], with address, locality and postcode: not every entry names its place"),
    )
    about = re.search(rf"SUMMARY[^:\r\n]*:[^\r\n]*(?:{QUIZ_WORDS})", page.text, re.IGNORECASE)
    return Finding(
        kind="ics",
        confidence=0.9 if about else 0.5,
        why=(f"the page is a calendar of {entries} entries" + (", quizzes among them" if about else ""),),
        index={"kind": "ics", "url": page.url} | ({"match": QUIZ_WORDS} if about else {}),
        tables={"fields": {"fee": "DESCRIPTION"}} if prices else {},
        gaps=(*(nameless if placed < entries else ()), ('skip_match = "bingo"', "entries that are no quiz")),
    )


def _json(page: Page, document: object) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    if isinstance(member(document, "events"), list) and ("/tribe/" in page.url or _has(document, "total_pages")):
        return (
            _events(page, {"kind": "tribe", "site": _site(page)}, "the page is an answer of The Events Calendar"),
        ), ()
    if _is_squarespace(document):
        place = {"kind": "squarespace", "page": page.url.partition("?")[0]}
        return (_events(page, {**place}, "the page is a collection of a Squarespace site"),), ()
    records = best_list(document)
    if records is None:
        return (), ("JSON without a list of records that have names or positions",)
    if _is_wordpress(records):
        return (_wordpress(page, records),), ()
    return (known_locator(page, records) or records_finding(page, records),), ()


def _has(document: object, key: str) -> bool:
    return isinstance(document, dict) and key in document


def _is_squarespace(document: object) -> bool:
    lists = any(isinstance(member(document, key), list) for key in ("upcoming", "items"))
    return lists and (_has(document, "collection") or _has(document, "website"))


def _is_wordpress(records: RecordList) -> bool:
    first = records.records[0]
    return isinstance(member(first, "title", "rendered"), str) and isinstance(first.get("link"), str)


def origin(url: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _site(page: Page) -> str:
    """The WordPress site whose REST interface answered; one may lie in a folder of its host."""
    site, interface, _ = page.url.partition("/wp-json/")
    return site if interface else origin(page.url)


def _events(page: Page, index: dict[str, TomlValue], why: str) -> Finding:
    """An answer with events of any sort: quizzes are told by their titles."""
    about = re.search(QUIZ_WORDS, page.text, re.IGNORECASE)
    return Finding(
        kind=str(index["kind"]),
        confidence=0.95 if about else 0.6,
        why=(why,),
        index=index | ({"match": QUIZ_WORDS} if about else {}),
        gaps=() if about else ((f'match = "{QUIZ_WORDS}"', "only titles that are quizzes: none is in this answer"),),
    )


def _wordpress(page: Page, records: RecordList) -> Finding:
    named = _REST_TYPE.search(page.url)
    said = records.records[0].get("type")
    post_type = named[1] if named else said if isinstance(said, str) and _TYPE_NAME.fullmatch(said) else "posts"
    fields: dict[str, TomlValue] = {
        "key": "id", "name": "title.rendered", "url": "link", "description": "content.rendered",
    }  # fmt: skip
    fields |= {
        key: value for key, value in records.fields.items() if key in ("schedule", "day", "time", "lat", "lng")
    }
    says = {"schedule", "day"} & fields.keys()
    return Finding(
        kind="wp_rest",
        confidence=0.75,
        why=(f"the page lists {len(records.records)} entries of the WordPress type {post_type!r}",),
        index={"kind": "wp_rest", "site": _site(page), "type": post_type},
        tables={"fields": fields},
        detail=detail_tables(),
        gaps=() if says else (('schedule = "…"', "below [index.fields], unless the venues' own pages state it"),),
    )


def records_finding(
    page: Page, records: RecordList, *, script: Mapping[str, TomlValue] | None = None, where: str = "the page"
) -> Finding:
    """A JSON list under its path, in a body of its own or inside a script."""
    index: dict[str, TomlValue] = {"kind": "json", "url": page.url}
    if script is not None:
        index["script"] = script
    elif not _BLANK_JSONP.match(page.text):
        index["jsonp"] = True
    if records.path:
        index["path"] = records.path
    secrets = [] if script else secret_keys(page.text)
    if secrets:
        index["secret_keys"] = secrets
    fields = dict(records.fields)
    guessed = _guessed_page(page, fields)
    if guessed:
        fields["url"] = {"const": guessed}
    has_detail = "url" in fields and not {"schedule", "address"} <= fields.keys()
    gaps = []
    if "name" not in fields:
        gaps.append(
            ('name = "…"', f"below [{'detail' if has_detail else 'index'}.fields]: no field of the list has it")
        )
    if "url" not in fields:
        gaps.append(('url = "…"', "below [index.fields]: no field holds a venue's own page"))
    gaps += _untold(fields, has_detail=has_detail)
    if guessed:
        gaps.append(("url is a guess", "from the name of the key: compare it with the address of one venue's page"))
    if "name" not in fields:
        index["require"] = [key for key in ("key", "lat", "lng") if key in fields]
    return Finding(
        kind="json",
        confidence=min(0.9, 0.3 + 0.7 * records.worth),
        why=(f"{where} holds a JSON list of {len(records.records)} records with {', '.join(sorted(fields))}",),
        index=index,
        tables={"fields": fields},
        detail=detail_tables() if has_detail else {},
        gaps=tuple(gaps),
    )


def _untold(fields: Mapping[str, TomlValue], *, has_detail: bool) -> Iterator[tuple[str, str]]:
    """Half an evening is none (T7): what no field says, and where else it may stand."""
    where = "below [detail.fields], unless the venues' own pages state it" if has_detail else "below [index.fields]"
    day, time = fields.keys() & {"day", "date"}, "time" in fields
    if "schedule" in fields or (day and time):
        return
    missing = "time" if day else "day" if time else "schedule"
    yield f'{missing} = "…"', f"{where}: no field of the list says it"


def _guessed_page(page: Page, fields: Mapping[str, TomlValue]) -> str:
    """ "event_id" without an address: pages of that name are the custom. It is fetched before it is believed."""
    key = fields.get("key")
    named = re.fullmatch(r"(?:.*\.)?([a-z]{3,20})_?id", key, re.IGNORECASE) if isinstance(key, str) else None
    if named is None or "url" in fields or {"schedule", "address"} <= fields.keys():
        return ""
    return f"{origin(page.url)}/{named[1].lower()}s/{{key}}/"


_SECRET_KEY: Final = re.compile(r'"([\w-]{0,40}(?:api_?key|access_?token|secret)[\w-]{0,20})"\s*:', re.IGNORECASE)


def secret_keys(text: str) -> list[str]:
    """Names of fields that hold a tenant's keys: dropped before anything is kept (sources.md 4.1)."""
    return sorted({match[1] for match in _SECRET_KEY.finditer(text)})[:20]
