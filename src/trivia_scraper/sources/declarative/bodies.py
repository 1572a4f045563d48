"""From a fetched page to its items: HTML elements, JSON values or feed entries (sources.md 11.4).

A body that is not what the description says is PageShapeChanged, naming the key that was looked for (N9).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative.plan import IndexPlan
from trivia_scraper.sources.declarative.schema import ScriptTable
from trivia_scraper.sources.document import Document, Element
from trivia_scraper.sources.feed import read_feed
from trivia_scraper.sources.json_reading import read_json
from trivia_scraper.sources.script_json import balanced_after, js_string_literal_after, script_by_id, unwrap_jsonp
from trivia_scraper.text.web_addresses import resolved_address

ITEM_LIMIT: Final = 10_000

_REFUSALS: Final = {
    "stockist": ("Method unavailable.", "the account forbids this request (Method unavailable.): it is not for us"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of an index: an Element or a JSON value, and the heading it stands under."""

    source: object
    heading: Element | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What a page holds.

    says_empty  the page itself says that there is nothing (`empty`)
    next_url    the next page that the page names (`next`), absolute
    """

    items: tuple[Item, ...]
    says_empty: bool = False
    next_url: str | None = None


def read_body(plan: IndexPlan, page: Page) -> Body:
    """The items of one index page. Raises PageShapeChanged for a page that is not the index."""
    text = page.text
    _check_refusal(plan, page)
    if plan.table.kind == "rss":
        check_anchor(plan, page, says_empty=False)
        return Body(_entries(text, page.url))
    roots, items = _html_items(plan, page) if plan.reads_html else _json_items(plan, page)
    says_empty = plan.empty is not None and any(plan.empty.holds(root) for root in roots)
    check_anchor(plan, page, says_empty=says_empty)
    return Body(items, says_empty, _next_url(plan, roots, page.url))


def nonce_in(plan: IndexPlan, page: Page) -> str:
    """The number used once on the page that holds it. Raises PageShapeChanged where it is not there."""
    assert plan.nonce is not None
    match = plan.nonce.compiled.search(page.text[: 4 * 1024 * 1024])
    if match is None:
        raise PageShapeChanged(
            "the page holds no nonce", looked_for=f"index.nonce.regex {plan.nonce.text}", url=page.url
        )
    groups = match.groups()
    return next((group for group in groups if group), match.group())


def json_root(plan: IndexPlan, page: Page) -> object:
    """The whole JSON of a page, out of its wrapper, without the keys that are somebody's secret."""
    table = plan.table
    text = page.text
    looked_for = "index.script" if table.script else "index.path" if table.path else "JSON"
    if table.kind == "jsonp" or table.jsonp or table.script is not None:
        try:
            text = _unwrapped(text, table.script)
        except ValueError as error:
            raise PageShapeChanged(f"no JSON: {error}", looked_for=looked_for, url=page.url) from error
    root = read_json(text, looked_for=looked_for, url=page.url)
    return without_keys(root, frozenset(key.casefold() for key in table.secret_keys))


def without_keys(root: object, names: frozenset[str]) -> object:
    """The value without the members of these names, at whatever depth. `root` is changed in place."""
    waiting = [root] if names else []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for name in [name for name in value if name.casefold() in names]:
                del value[name]
            waiting.extend(inner for inner in value.values() if isinstance(inner, dict | list))
        elif isinstance(value, list):
            waiting.extend(inner for inner in value if isinstance(inner, dict | list))
    return root


def _check_refusal(plan: IndexPlan, page: Page) -> None:
    refusal = _REFUSALS.get(plan.table.preset or "")
    if refusal is not None and refusal[0] in page.text[:2_000]:
        raise PageShapeChanged(refusal[1], looked_for=f"the locations of {plan.table.preset}", url=page.url)


def check_anchor(plan: IndexPlan, page: Page, *, says_empty: bool) -> None:
    """Raises PageShapeChanged for a page without the text that the index always has."""
    anchor = plan.table.must_contain
    if anchor is not None and not says_empty and anchor not in page.text:
        raise PageShapeChanged(
            f"{anchor!r} is not on the page", looked_for=f"index.must_contain {anchor}", url=page.url
        )


def _html_items(plan: IndexPlan, page: Page) -> tuple[tuple[object, ...], tuple[Item, ...]]:
    documents = tuple(_documents(plan, page))
    scopes = [scope for document in documents for scope in _scopes(plan, document, page.url)]
    return documents, _all_of((item for scope in scopes for item in _items_in(plan, scope)), page.url)


def _documents(plan: IndexPlan, page: Page) -> Iterator[Document]:
    if plan.html_path is None:
        yield Document.of(page)
        return
    root = json_root(plan, page)
    _check_success(plan, root, page.url)
    markups = [markup for markup in plan.html_path.values(root) if isinstance(markup, str)]
    if not markups:
        raise PageShapeChanged(
            "no HTML in the JSON", looked_for=f"index.html_path {plan.html_path.text}", url=page.url
        )
    for markup in markups[:ITEM_LIMIT]:
        yield Document.parse(markup, url=page.url, guarded=page.guarded)


def _scopes(plan: IndexPlan, document: Document, url: str) -> Iterable[Element]:
    within = plan.table.within
    if within is None:
        return (document,)
    scopes = document.select(within)
    if not scopes:
        raise PageShapeChanged(f"nothing matches {within!r}", looked_for=f"index.within {within}", url=url)
    return scopes


def _items_in(plan: IndexPlan, scope: Element) -> Iterator[Item]:
    selector, group = plan.table.item or "", plan.table.group
    if group is None:
        return (Item(element) for element in scope.select(selector))
    return (Item(element, heading) for heading, element in scope.under_headings(selector, group.select))


def _json_items(plan: IndexPlan, page: Page) -> tuple[tuple[object, ...], tuple[Item, ...]]:
    root = json_root(plan, page)
    _check_success(plan, root, page.url)
    found = _list_at(plan, root)
    if found is None:
        looked_for = " or ".join(path.text for path in plan.paths)
        told = f"no list at {looked_for}" if looked_for else "the JSON is no list: index.path says where in it one is"
        raise PageShapeChanged(told, looked_for=f"index.path {looked_for}".strip(), url=page.url)
    return (root,), _all_of(map(Item, found), page.url)


def _all_of(items: Iterable[Item], url: str) -> tuple[Item, ...]:
    """Every item or none: a list that was cut would look as if the rest had closed (E6)."""
    taken = tuple(islice(items, ITEM_LIMIT + 1))
    if len(taken) > ITEM_LIMIT:
        raise PageShapeChanged(f"more than {ITEM_LIMIT} entries on one page", looked_for="index.item", url=url)
    return taken


def _check_success(plan: IndexPlan, root: object, url: str) -> None:
    if plan.success is not None and plan.success.first(root) is not True:
        raise PageShapeChanged(
            "the service reports no success", looked_for=f"index.success {plan.success.text}", url=url
        )


def _list_at(plan: IndexPlan, root: object) -> list[object] | None:
    """The list at the first path that leads anywhere; several values are the list, one object is one item."""
    if not plan.paths:
        return root if isinstance(root, list) else None
    for path in plan.paths:
        values = list(path.values(root))
        if len(values) == 1 and isinstance(values[0], list):
            return values[0]
        objects = [value for value in values if isinstance(value, dict) and value]
        if objects:
            return [*objects]
    return None


def _entries(text: str, url: str) -> tuple[Item, ...]:
    if text.lstrip("\ufeff \t\r\n")[:15].lower().startswith(("<!doctype html", "<html")):
        raise PageShapeChanged("expected a feed, got HTML", looked_for="RSS", url=url, reason=Reason.HTML)
    return tuple(
        Item({"title": entry.title, "link": entry.link, "description": entry.description})
        for entry in read_feed(text, url=url)
    )


def _unwrapped(text: str, script: ScriptTable | None) -> str:
    if script is None:
        return unwrap_jsonp(text)
    if script.id is not None:
        return script_by_id(text, script.id)
    if script.literal:
        return js_string_literal_after(text, script.after or "")
    return balanced_after(text, script.after or "")


def _next_url(plan: IndexPlan, roots: Iterable[object], base: str) -> str | None:
    if plan.next is None:
        return None
    found = (resolved_address(plan.next.value(root, {}), base) for root in roots)
    return next((url for url in found if url), None)
