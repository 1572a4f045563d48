"""Lists inside a page's scripts: assigned arrays, parsed literals, `__NEXT_DATA__`, and events stated as JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative.detecting_bodies import QUIZ_WORDS, records_finding
from trivia_scraper.sources.declarative.detecting_card_fields import CardReader
from trivia_scraper.sources.declarative.detecting_finding import Finding, detail_tables
from trivia_scraper.sources.declarative.detecting_outline import Outline
from trivia_scraper.sources.declarative.detecting_records import POPUPS, RecordList, best_list
from trivia_scraper.sources.declarative.detecting_toml import TomlValue
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.json_reading import parse_json
from trivia_scraper.sources.script_json import balanced_after, js_string_literal_after
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.sources.structured.jsonld import read_jsonld
from trivia_scraper.sources.structured.microdata import read_microdata
from trivia_scraper.text.web_addresses import resolved_address

SCRIPTS: Final = 60
ANCHORS: Final = 20
POPUP_SAMPLE: Final = 8
POPUP_LIMIT: Final = 100_000

_NAME: Final = r"[A-Za-z_$][\w$]{0,60}(?:\.[A-Za-z_$][\w$]{0,60}){0,3}"
_PARSED: Final = re.compile(rf"({_NAME})\s{{0,9}}=\s{{0,9}}JSON\.parse\(\s{{0,9}}[\"']")
_ASSIGNED: Final = re.compile(rf"({_NAME})\s{{0,9}}=\s{{0,9}}[\[{{]")


def script_lists(page: Page, document: Document) -> Iterator[Finding]:
    """Lists of records in scripts, each named by what stands before it."""
    for script in document.select("script")[:SCRIPTS]:
        kind = (script.attribute("type") or "").lower()
        if "ld+json" in kind:
            continue
        text = script.script_text()
        identity = script.attribute("id")
        if "json" in kind:
            if identity:
                yield from _list(page, text, {"id": identity}, f"the script with the id {identity!r}")
        else:
            yield from _assigned(page, text)


def _assigned(page: Page, text: str) -> Iterator[Finding]:
    """`x = JSON.parse('…')` first: its literal holds brackets of its own."""
    for name in _names(_PARSED, text):
        anchor = f"{name} = JSON.parse("
        try:
            literal = js_string_literal_after(text, anchor)
        except ValueError:
            continue
        yield from _list(page, literal, {"after": anchor, "literal": True}, f"the variable {name!r} of a script")
    for name in _names(_ASSIGNED, text):
        anchor = f"{name} ="
        try:
            bracket = balanced_after(text, anchor)
        except ValueError:
            continue
        yield from _list(page, bracket, {"after": anchor}, f"the variable {name!r} of a script")


def _names(pattern: re.Pattern[str], text: str) -> list[str]:
    return list(dict.fromkeys(match[1] for match in pattern.finditer(text)))[:ANCHORS]


def _list(page: Page, text: str, script: dict[str, TomlValue], where: str) -> Iterator[Finding]:
    try:
        records = best_list(parse_json(text))
    except ValueError:
        return
    if records is None or len(records.records) < 2:
        return
    yield records_finding(page, _with_popup(records, page.url), script=script, where=where)


def _with_popup(records: RecordList, url: str) -> RecordList:
    """A map marker's page, address and evening often stand only in the markup of its pop-up."""
    for path in POPUPS:
        texts = [text for text in records.values(path) if "<" in text][:POPUP_SAMPLE]
        if len(texts) < 2 or sum(map(len, texts)) > POPUP_LIMIT:
            continue
        markup = "".join(f"<section>{text}</section>" for text in texts)
        try:
            outline = Outline(Document.parse(markup, url=url))
        except PageShapeChanged:
            continue
        members = [node.place for node in outline.nodes if node.tag == "section" and node.parent == 0]
        found = CardReader(outline, members, url, {}).read().fields if members else {}
        inside = {name: _inside(path, value) for name, value in found.items() if name not in records.fields}
        worth = records.worth + 0.05 * len(inside)
        return RecordList(records.path, records.records, {**records.fields, **inside}, worth)
    return records


def _inside(path: str, value: TomlValue) -> TomlValue:
    """A selector of the markup as an expression over the record that holds the markup."""
    if isinstance(value, Mapping):
        return {
            "select": path,
            "html": value["select"],
            **{key: one for key, one in value.items() if key != "select"},
        }
    return {"select": path, "html": value}


def stated_events(page: Page, document: Document) -> Iterator[Finding]:
    """Events that the page states for machines, and the pages of each where it links them."""
    for name, way, reading in (
        ("JSON-LD", "jsonld", read_jsonld(document, page.url)),
        ("microdata", "microdata", read_microdata(document, page.url)),
    ):
        if reading.facts:
            yield _stated(page, document, name, way, reading.facts)
            linked = _shown_links(document, page, {fact.url for fact in reading.facts if fact.url})
            if len(linked) > 1:
                yield _by_links(page, name, linked)


def _folder(link: str) -> str:
    """The address without its last segment."""
    return f"{link.rstrip('/').rpartition('/')[0]}/"


def _shown_links(document: Document, page: Page, wanted: set[str]) -> list[str]:
    """Addresses of events that the page also links."""
    linked = (resolved_address(link.attribute("href"), page.url) for link in document.select("a[href]"))
    return list(dict.fromkeys(link for link in linked if link in wanted))


def _by_links(page: Page, name: str, links: list[str]) -> Finding:
    folders = {_folder(link) for link in links}
    folder = folders.pop() if len(folders) == 1 else ""
    path = re.sub(r"^https?://[^/]+", "", folder)
    item = f'a[href*="{path}"]' if path and '"' not in path and "\\" not in path else "a[href]"
    return Finding(
        kind="html",
        confidence=0.75,
        why=(f"the page states its events as {name} and links the page of each",),
        index={"kind": "html", "url": page.url, "item": item},
        tables={"fields": {"name": ".", "url": "@href"}},
        detail=detail_tables(),
    )


def _stated(page: Page, document: Document, name: str, way: str, facts: tuple[StructuredFacts, ...]) -> Finding:
    places = list(dict.fromkeys(fact.venue_name for fact in facts if fact.venue_name))
    repeating = any(fact.repeats for fact in facts)
    events = "1 event" if len(facts) == 1 else f"{len(facts)} events"
    where = f" at {places[0]}" if len(places) == 1 else f" at {len(places)} places" if places else ""
    why = [f"the page states {events} as {name}{where}"]
    if not repeating:
        why.append("none of them says that it repeats: a dated event alone gives no weekly evening")
    heading = document.select_one("h1")
    fields: dict[str, TomlValue] = {}
    if not places:
        fields["name"] = {"const": (heading.line() if heading else "") or facts[0].name or "fill in"}
    return Finding(
        kind="html",
        confidence=0.8 if repeating else 0.45,
        why=tuple(why),
        index={"kind": "html", "url": page.url, "events": way},
        tables={"fields": fields} if fields else {},
        gaps=((f'match = "{QUIZ_WORDS}"', "only events whose title says so"),),
    )
