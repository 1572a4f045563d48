"""What a page says of lists that lie elsewhere: feeds, calendars, the REST interfaces of WordPress, Squarespace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative.detecting_bodies import QUIZ_WORDS, origin
from trivia_scraper.sources.declarative.detecting_finding import Finding, detail_tables
from trivia_scraper.sources.declarative.detecting_toml import TomlValue
from trivia_scraper.sources.document import Document, Element
from trivia_scraper.text.web_addresses import resolved_address, without_query

_LISTS: Final = re.compile(r"venue|pub|quiz|trivia|event|location|show|where|bar", re.IGNORECASE)
_QUIZ_TYPE: Final = re.compile(r"venue|pub|quiz|trivia|event|location|show|bar", re.IGNORECASE)
_CORE_TYPES: Final = frozenset(
    {"posts", "pages", "media", "blocks", "templates", "template-parts", "navigation", "types", "users", "comments",
     "tags", "categories", "menu-items", "menus", "settings", "themes", "plugins", "search", "statuses", "taxonomies",
     "sidebars", "widgets", "widget-types", "global-styles", "font-families", "font-collections", "block-types",
     "block-renderer", "block-directory", "pattern-directory"}
)  # fmt: skip
_TYPE_IN_PAGE: Final = re.compile(r"/wp-json/wp/v2/([a-z0-9_-]{2,40})(?=[/?\"'\\]|$)")
_TYPE_IN_CLASSES: Final = re.compile(r"(?:post-type-archive-|single-|type-)([a-z0-9_-]{2,40})")
_NONCE: Final = re.compile(
    r"(?<!\w)(\w{0,40}nonce\w{0,20})[\"']?\s{0,9}[:=]\s{0,9}[\"']([0-9a-f]{8,12})[\"']", re.IGNORECASE
)
_ACTION: Final = re.compile(r"[\"']?action[\"']?\s{0,9}[:=]\s{0,9}[\"']([A-Za-z0-9_]{3,60})[\"']")
_AJAX: Final = re.compile(
    r"https?:(?:\\?/){2}[\w.:-]{1,100}(?:\\?/[\w.-]{1,50}){0,6}?\\?/wp-admin\\?/admin-ajax\.php"
)
_POSTED: Final = re.compile(r"\.post\(|[\"']?(?:type|method)[\"']?\s{0,9}:\s{0,9}[\"']post[\"']", re.IGNORECASE)
_GOOGLE: Final = re.compile(r"calendar\.google\.com/calendar/(?:u/\d/)?embed\?([^\"'<>\s]{1,1000})")
_TRIBE_REST: Final = re.compile(r"(https?://[^\"'<>\s]{1,300}?)/wp-json/tribe/events/v1", re.IGNORECASE)
_TRIBE_MARKUP: Final = re.compile(r"tribe-events|the-events-calendar", re.IGNORECASE)
_SQUARESPACE: Final = re.compile(r"Static\.SQUARESPACE_CONTEXT")
_COLLECTION_TYPE: Final = re.compile(r"\"collection\"\s*:\s*\{[^{}]{0,3000}?\"typeName\"\s*:\s*\"([a-z-]{1,40})\"")
_COLLECTION_ID: Final = re.compile(
    r"collectionId&quot;:&quot;([0-9a-f]{24})|\"collectionId\"\s*:\s*\"([0-9a-f]{24})\""
)


def linked_lists(page: Page, document: Document) -> Iterator[Finding]:
    """Every list that a page's head, links and scripts point to."""
    yield from _feeds(page, document)
    yield from _calendars(page, document)
    yield from _tribe(page, document)
    yield from _wordpress(page, document)
    yield from _squarespace(page, document)
    yield from _ajax(page)


def _links(document: Document, css: str, base: str) -> Iterator[tuple[Element, str]]:
    for element in document.select(css):
        address = resolved_address(element.attribute("href"), base)
        if address:
            yield element, address


def _feeds(page: Page, document: Document) -> Iterator[Finding]:
    for element, address in _links(document, 'link[type="application/rss+xml"]', page.url):
        title = element.attribute("title") or ""
        if "comment" in f"{title} {address}".lower():
            continue
        speaks = _LISTS.search(f"{title} {urlsplit(address).path}") is not None
        yield Finding(
            kind="rss",
            confidence=0.45 if speaks else 0.2,
            why=(f"the page links an RSS feed{' of its list' if speaks else ', which may be only the blog'}",),
            index={"kind": "rss", "url": address},
            tables={"fields": {"url": "link", "name": "title"}},
            detail=detail_tables(),
        )


def _calendars(page: Page, document: Document) -> Iterator[Finding]:
    css = 'link[type="text/calendar"], a[href^="webcal:"], a[href*=".ics"], a[href*="ical=1"]'
    seen: set[str] = set()
    for element in document.select(css):
        href = re.sub(r"^webcals?:", "https:", element.attribute("href") or "", flags=re.IGNORECASE)
        address = resolved_address(href, page.url)
        if address and address not in seen:
            seen.add(address)
            yield _calendar(address, "the page links a calendar to subscribe to")
    for match in _GOOGLE.finditer(page.text):
        query = dict(parse_qsl(match[1].replace("&amp;", "&")))
        if "src" in query:
            owner = urlencode({"": unquote(query["src"])})[1:]
            address = f"https://calendar.google.com/calendar/ical/{owner}/public/basic.ics"
            if address not in seen:
                seen.add(address)
                yield _calendar(address, "the page shows a Google calendar")


def _calendar(address: str, why: str) -> Finding:
    return Finding(
        kind="ics",
        confidence=0.55,
        why=(why,),
        index={"kind": "ics", "url": address, "match": QUIZ_WORDS},
    )


def _tribe(page: Page, document: Document) -> Iterator[Finding]:
    named = _TRIBE_REST.search(page.text)
    marked = named or _TRIBE_MARKUP.search(page.text)
    rest = document.select_one('link[rel="https://api.w.org/"]')
    if marked is None or (named is None and rest is None):
        return
    site = named[1] if named else origin(page.url)
    yield Finding(
        kind="tribe",
        confidence=0.7 if named else 0.5,
        why=("the site runs The Events Calendar" + (" and names its REST interface" if named else ""),),
        index={"kind": "tribe", "site": site, "match": QUIZ_WORDS},
    )


def _wordpress(page: Page, document: Document) -> Iterator[Finding]:
    rest = document.select_one('link[rel="https://api.w.org/"]')
    root = resolved_address(rest.attribute("href"), page.url) if rest else None
    if root is None:
        return
    site = root.partition("/wp-json")[0]
    body = document.select_one("body")
    classes = " ".join((body.attribute("class") or "").split()) if body else ""
    links = " ".join(address for _, address in _links(document, "link[href]", page.url))
    found = [*_TYPE_IN_PAGE.findall(links), *_TYPE_IN_CLASSES.findall(classes)]
    for post_type in dict.fromkeys(name for name in found if name not in _CORE_TYPES and _QUIZ_TYPE.search(name)):
        yield Finding(
            kind="wp_rest",
            confidence=0.5,
            why=(f"a WordPress site with a type of its own, {post_type!r}, and an open REST interface",),
            index={"kind": "wp_rest", "site": site, "type": post_type},
            tables={"fields": {"key": "id", "name": "title.rendered", "url": "link"}},
            detail=detail_tables(),
        )


def _squarespace(page: Page, document: Document) -> Iterator[Finding]:
    if _SQUARESPACE.search(page.text) is None:
        return
    kind = _COLLECTION_TYPE.search(page.text)
    holds_events = kind is not None and kind[1].startswith("events")
    pages = [without_query(page.url)]
    if not holds_events:
        linked = [without_query(address) for _, address in _links(document, "a[href]", page.url)]
        home = urlsplit(page.url).netloc
        likely = (link for link in linked if urlsplit(link).netloc == home and _is_event_page(link))
        pages = [*dict.fromkeys(likely)][:2]
    for address in pages or [without_query(page.url)]:
        yield Finding(
            kind="squarespace",
            confidence=0.65 if holds_events else 0.35,
            why=(_squarespace_reason(page, holds_events=holds_events, is_linked=bool(pages)),),
            index={"kind": "squarespace", "page": address, "match": QUIZ_WORDS},
            gaps=()
            if holds_events or pages
            else (('page = "…"', "the collection's own page, where its events stand"),),
        )


def _squarespace_reason(page: Page, *, holds_events: bool, is_linked: bool) -> str:
    if holds_events:
        return "a Squarespace site; this page is its collection of events"
    has_block = _COLLECTION_ID.search(page.text) is not None
    block = " with a calendar block, whose events stand in the collection's own page" if has_block else ""
    return f"a Squarespace site{block}; " + ("a link looks like its events" if is_linked else "no link to its events")


def _is_event_page(address: str) -> bool:
    path = urlsplit(address).path.strip("/")
    return bool(path) and "/" not in path and re.search(r"event|calendar|trivia|quiz|whats-on", path) is not None


def _ajax(page: Page) -> Iterator[Finding]:
    """The answer's markup is not on the page: this finding names the request and leaves the reading open."""
    if "admin-ajax.php" not in page.text:
        return
    nonce = _NONCE.search(page.text)
    actions = [name for name in dict.fromkeys(_ACTION.findall(page.text)) if _LISTS.search(name)]
    if nonce is None and not actions:
        return
    named = _AJAX.search(page.text)
    address = named[0].replace("\\/", "/") if named else f"{origin(page.url)}/wp-admin/admin-ajax.php"
    params: dict[str, TomlValue] = {"action": actions[0] if actions else "fill_in"}
    tables: dict[str, dict[str, TomlValue]] = {"fields": {"name": "h3", "url": "a@href"}, "params": params}
    if nonce is not None:
        regex = rf"{re.escape(nonce[1])}[\"']?\s*[:=]\s*[\"']([0-9a-f]+)"
        tables["nonce"] = {"url": without_query(page.url), "regex": regex, "param": "nonce"}
    yield Finding(
        kind="ajax",
        confidence=0.3 if actions else 0.15,
        why=("the page asks admin-ajax.php" + (f" for {actions[0]!r}" if actions else "")
             + (", with a nonce from the page" if nonce else ""),),
        index={
            "kind": "ajax",
            "url": address,
            "method": "POST" if _POSTED.search(page.text) else "GET",
            "body": "html",
            "item": "li, article, .card",
        },
        tables=tables,
        detail=detail_tables(),
        gaps=(
            ("item = …, the fields", "look at the answer: developer tools of a browser, tab Network, admin-ajax.php"),
            *(() if actions else (('action = "…"', "below [index.params]: the parameter of that request"),)),
        ),
    )  # fmt: skip
