"""From an address to a ready description: what a page publishes, and the TOML that would read it (sources.md 11).

    look(page)          what is on one page: findings, and notes about what was seen and cannot be used
    propose(url, pages) the tables, best first; each was loaded and tried on the pages that are there

Pure: who calls it fetches. Rooms: `detecting_bodies` feeds, calendars, JSON · `detecting_traces` links to lists
elsewhere · `detecting_locators` store locators · `detecting_scripts` lists in scripts, stated events ·
`detecting_cards` (with `_outline`, `_columns`, `_card_fields`) repeated HTML · `detecting_detail` labels on a venue's
page · `detecting_records` JSON fields · `detecting_words` what a value may be · `detecting_site` names and defaults ·
`detecting_trial` one page by itself · `detecting_toml` the text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urldefrag

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.sources.declarative import DeclaredSource, DescriptionFile, read_descriptions
from trivia_scraper.sources.declarative.detecting_bodies import is_markup, look_at_body
from trivia_scraper.sources.declarative.detecting_cards import repeated_cards
from trivia_scraper.sources.declarative.detecting_detail import labelled_facts
from trivia_scraper.sources.declarative.detecting_finding import Finding
from trivia_scraper.sources.declarative.detecting_locators import embedded_locators
from trivia_scraper.sources.declarative.detecting_scripts import script_lists, stated_events
from trivia_scraper.sources.declarative.detecting_site import SiteFacts, site_facts
from trivia_scraper.sources.declarative.detecting_toml import TomlValue, remark, table_lines
from trivia_scraper.sources.declarative.detecting_traces import linked_lists
from trivia_scraper.sources.declarative.detecting_trial import try_page
from trivia_scraper.sources.declarative.requests import NONCE
from trivia_scraper.sources.declarative.schema import FIELDS
from trivia_scraper.sources.declarative.trial import DetailTrial, IndexTrial, try_detail
from trivia_scraper.sources.document import Document

LOOKED_FOR: Final = (
    "an RSS feed, or a link to one",
    "an iCalendar file, a link to one, or a Google calendar",
    "The Events Calendar, Squarespace, or a WordPress type of its own",
    "a store locator: StoreRocket, Store Locator Widgets, WP Store Locator, Agile, Stockist, Storepoint",
    "events stated for machines: JSON-LD or microdata",
    "a JSON list of venues, in the body or in a script",
    "an admin-ajax.php request",
    "at least three HTML elements of one class with a name and a weekday, a time or a link",
)
"""What `look` knows, for the person whose page has none of it."""

_DETAIL_FIELDS: Final = frozenset({"schedule", "day", "time", "address", "fee", "phone", "website", "host"})
PROPOSAL_FILE: Final = "proposed.toml"


@dataclass(frozen=True, slots=True)
class Look:
    """What one page shows. `notes` tells what was recognised and cannot be used."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to read the site.

    kind        "html", "rss" …, or a store locator's preset
    confidence  0 … 1, after the trial
    why         for people
    toml        a whole file that `read_descriptions` accepts
    asks        pages that would confirm it: its index and its first detail page, where they were not given
    gaps        what a person has to fill in or may add (a line, and why); remarks in the TOML too
    sample      what it reads from its index page, if that page was there
    detail      the first venue as it would be stored, if its page was there or none is needed
    """

    kind: str
    confidence: float
    why: tuple[str, ...]
    toml: str
    asks: tuple[PageRequest, ...]
    gaps: tuple[tuple[str, str], ...]
    sample: IndexTrial | None = None
    detail: DetailTrial | None = None


def look(page: Page) -> Look:
    """Every trace of a list on one page, best first. Never raises for anything a page holds."""
    if not page.text.strip():
        return Look((), ("the page is empty",))
    if not is_markup(page):
        findings, notes = look_at_body(page)
        return Look(_ordered([replace(finding, answered=page.url) for finding in findings]), notes)
    try:
        document = Document.parse(page.text, url=page.url)
    except PageShapeChanged as error:
        return Look((), (f"the page cannot be read: {error}",))
    found = (
        *embedded_locators(page),
        *linked_lists(page, document),
        *script_lists(page, document),
        *stated_events(page, document),
        *repeated_cards(page, document),
    )
    return Look(_ordered(found), () if found else tuple(_hints(document)))


def _hints(document: Document) -> Iterator[str]:
    """What a page without a list may be instead."""
    facts = labelled_facts(document, _DETAIL_FIELDS)
    if facts.keys() & {"schedule", "day"} and len(facts) > 1:
        yield f"this looks like one venue's own page ({', '.join(facts)}): give the page that lists the venues"


def propose(
    url: str,
    pages: Sequence[Page],
    *,
    today: dt.date,
    name: str | None = None,
    taken: Collection[str] = (),
    missed: Collection[str] = (),
) -> tuple[Proposal, ...]:
    """Descriptions for the site at `url`, best first; empty = nothing known is on these pages.

    pages  the page at `url` first, then those that its proposals asked for
    today  the day of the look: some indexes are asked by date
    name   the provider's name, where a person gave one; its key follows from it
    taken  keys that are in use
    missed addresses that proposals asked for and that could not be read
    """
    site = site_facts(url, pages, name=name, taken=taken)
    best: dict[str, Finding] = {}
    for page in pages:
        for finding in look(page).findings if page.request.kind == "index" else ():
            known = best.get(finding.identity)
            if known is None or finding.confidence > known.confidence:
                best[finding.identity] = finding
    proposals = (_proposal(finding, site, pages, today) for finding in _with_nonces(list(best.values())))
    return tuple(sorted((_doubted(one, missed) for one in proposals), key=lambda one: -one.confidence))


def _doubted(proposal: Proposal, missed: Collection[str]) -> Proposal:
    """Half as sure, where a page that the proposal relies on does not come."""
    if not any(request.url in missed for request in proposal.asks):
        return proposal
    why = (*proposal.why, "a page that it relies on could not be read")
    return replace(proposal, confidence=round(proposal.confidence / 2, 2), why=why)


def _with_nonces(findings: Sequence[Finding]) -> Iterator[Finding]:
    """An answer of admin-ajax.php does not say that its question needed a number from a page; the page does."""
    nonces = {finding.address: finding.tables["nonce"] for finding in findings if "nonce" in finding.tables}
    for finding in findings:
        nonce = nonces.get(finding.address) if finding.index["kind"] == "ajax" else None
        if nonce is None or "nonce" in finding.tables:
            yield finding
        else:
            why = (*finding.why, "asked with a nonce from the page")
            yield replace(finding, tables={"nonce": nonce, **finding.tables}, why=why)


def _ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: -finding.confidence))


def _proposal(finding: Finding, site: SiteFacts, pages: Sequence[Page], today: dt.date) -> Proposal:
    toml = description_of(finding, site)
    read = read_descriptions([DescriptionFile(PROPOSAL_FILE, toml)])
    if not read.sources:
        told = tuple(map(str, read.problems))
        return Proposal(finding.kind, 0.0, (*finding.why, *told), toml, (), finding.gaps)
    trial = _Trial(read.sources[0], pages, today, finding.answered)
    refined = _with_detail_fields(finding, trial.detail_page)
    if refined is not finding:
        return _proposal(refined, site, pages, today)
    return Proposal(
        kind=finding.kind,
        confidence=_confirmed(finding.confidence, trial.sample),
        why=finding.why,
        toml=toml,
        asks=trial.asks,
        gaps=finding.gaps,
        sample=trial.sample,
        detail=trial.detail,
    )


def _with_detail_fields(finding: Finding, page: Page | None) -> Finding:
    """The finding with what a venue's own page labels, unless that was done already."""
    if page is None or "fields" in finding.detail or not finding.detail:
        return finding
    known = finding.tables.get("fields", {}).keys()
    try:
        fields = labelled_facts(Document.parse(page.text, url=page.url), _DETAIL_FIELDS - known)
    except PageShapeChanged:
        return finding
    if not fields:
        return finding
    gaps = tuple(gap for gap in finding.gaps if gap[0].partition(" ")[0] not in fields)
    return replace(finding, detail={**finding.detail, "fields": _in_order(fields)}, gaps=gaps)


class _Trial:
    """A description tried on the pages that are there; `asks` names those that are not.

    answered  the address of a page that is the index itself, whatever parameters it was asked for with
    """

    def __init__(self, source: DeclaredSource, pages: Sequence[Page], today: dt.date, answered: str) -> None:
        self.asks: tuple[PageRequest, ...] = ()
        self.sample: IndexTrial | None = None
        self.detail: DetailTrial | None = None
        self.detail_page: Page | None = None
        first = source.first_request(source.default_index_url, today)
        own = next((page for page in pages if answered and page.url == answered), None)
        page = _answer_to(first, pages) or (own if first.step != NONCE else None)
        if page is not None and first.step == NONCE:
            follow = try_page(source, replace(page, request=first)).follow
            first, page = (follow[0], _answer_to(follow[0], pages) or own) if follow else (first, None)
        if page is None:
            self.asks = () if _answer_to(first, pages) else (first,)
        else:
            self.sample = try_page(source, replace(page, request=first))
            self._try_detail(source, pages)

    def _try_detail(self, source: DeclaredSource, pages: Sequence[Page]) -> None:
        listing = next(iter(self.sample.listings), None) if self.sample else None
        if listing is None:
            return
        request = source.detail_request(listing)
        if request is None:
            self.detail = try_detail(source, listing, None)
            return
        page = _answer_to(request, pages)
        if page is None:
            self.asks = (request,)
        else:
            self.detail_page = page
            self.detail = try_detail(source, listing, replace(page, request=request))


def _answer_to(request: PageRequest, pages: Sequence[Page]) -> Page | None:
    """The page that was fetched for a request, or for the same place with other parameters."""
    for same in (_plain, _without_query):
        wanted = same(request.url)
        for page in pages:
            if page.request.kind == request.kind and wanted in (same(page.request.url), same(page.url)):
                return page
    return None


def _plain(url: str) -> str:
    return urldefrag(url).url.rstrip("/")


def _without_query(url: str) -> str:
    """Only for interfaces whose parameters choose among the same records."""
    bare = _plain(url).partition("?")[0]
    return bare if "/wp-json/" in bare or bare.endswith("/admin-ajax.php") else _plain(url)


def _confirmed(confidence: float, sample: IndexTrial | None) -> float:
    """What a table reads counts for more than what it looks like."""
    if sample is None:
        return round(min(confidence, 0.85), 2)
    return round(min(0.97, confidence + 0.1) if sample.listings else confidence * 0.3, 2)


def description_of(finding: Finding, site: SiteFacts) -> str:
    """The TOML of a finding."""
    return "\n".join(_lines(finding, site)) + "\n"


def _lines(finding: Finding, site: SiteFacts) -> Iterator[str]:
    source: dict[str, TomlValue] = {"key": site.key, "name": site.name, "home": site.home}
    if site.language and site.language.lower() not in ("en", "en-us"):
        source["accept_language"] = site.language
    for reason in finding.why:
        yield remark(reason)
    yield from table_lines("source", source)
    yield ""
    yield "[defaults]"
    yield from list(table_lines("defaults", dict(site.defaults)))[1:]
    if site.missing and (finding.has_positions or "preset" in finding.index):
        yield remark("what is missing here follows from the venues' positions")
    else:
        yield from site.missing
    yield ""
    yield from table_lines("index", {key: _without_secrets(value) for key, value in finding.index.items()})
    yield from (remark(*gap) for gap in finding.gaps)
    for name, values in finding.tables.items():
        if values:
            yield ""
            yield from table_lines(f"index.{name}", _in_order(values) if name == "fields" else values)
    for name, values in finding.detail.items():
        if values or not name:
            yield ""
            yield from table_lines(f"detail.{name}" if name else "detail", values) if values else ("[detail]",)


def _in_order(fields: Mapping[str, TomlValue]) -> dict[str, TomlValue]:
    return {name: fields[name] for name in FIELDS if name in fields}


def _without_secrets(value: TomlValue) -> TomlValue:
    return strip_secrets(value) if isinstance(value, str) and value.startswith(("https://", "http://")) else value
