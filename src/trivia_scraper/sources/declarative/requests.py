"""What is fetched for an index: the first request, and what follows a page (sources.md 11.4)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.sources.declarative.plan import IndexPlan
from trivia_scraper.sources.declarative.schema import IndexTable, Kind

NONCE: Final = "nonce"
INDEX: Final = "index"
FOLLOWED: Final = "page"

WP_PAGE_SIZE: Final = 100
_TRIBE_PAGE_SIZE: Final = 50
_CALENDAR_PAGES: Final = 12
_PAGES: Final = 200

_ACCEPT: Final[Mapping[Kind, str]] = {
    "html": "text/html,application/xhtml+xml,*/*;q=0.8",
    "json": "application/json,*/*;q=0.8",
    "jsonp": "application/json,text/javascript,*/*;q=0.8",
    "script_json": "text/html,application/xhtml+xml,*/*;q=0.8",
    "rss": "application/rss+xml,application/xml,text/xml,*/*;q=0.8",
    "wp_rest": "application/json",
    "ajax": "*/*",
    "ics": "text/calendar,*/*;q=0.8",
    "tribe": "application/json",
    "squarespace": "application/json",
}


def index_url(table: IndexTable) -> str:
    """Where the walk over such an index starts, before parameters are added."""
    site = (table.site or "").rstrip("/")
    match table.kind:
        case "wp_rest":
            return f"{site}/wp-json/wp/v2/{table.type}?per_page={WP_PAGE_SIZE}"
        case "tribe":
            return f"{site}/wp-json/tribe/events/v1/events?per_page={_TRIBE_PAGE_SIZE}"
        case "squarespace":
            return with_parameters(table.page or "", {"format": "json"})
        case _:
            return table.url or ""


def most_pages(table: IndexTable) -> int:
    """How many index pages are read at most; calendars are asked for what is near."""
    if table.max_pages is not None:
        return table.max_pages
    return _CALENDAR_PAGES if table.kind in ("tribe", "squarespace") else _PAGES


def first_request(plan: IndexPlan, url: str, today: dt.date) -> PageRequest:
    """The request that starts the walk: the page with the nonce where there is one, else the index."""
    table = plan.table
    context = {"today": today.isoformat(), "index_url": url}
    if table.nonce is not None:
        page = urljoin(url, table.nonce.url)
        return PageRequest(page, step=NONCE, headers={"Accept": _ACCEPT["html"]}, context=context)
    return index_request(plan, context)


def index_request(plan: IndexPlan, context: Mapping[str, str]) -> PageRequest:
    """The index itself, for the day, page and nonce in `context`."""
    table = plan.table
    parameters = dict(table.params)
    if table.kind == "tribe":
        parameters.setdefault("start_date", context["today"])
    if table.nonce is not None and "nonce" in context:
        parameters[table.nonce.param] = context["nonce"]
    if table.dates is not None:
        parameters[table.dates.param] = day_of(context).strftime(table.dates.format)
    number = int(context.get("page", "1"))
    if number > 1:
        parameters[_page_param(table)] = str(number)
    is_post = table.method == "POST"
    return PageRequest(
        context["index_url"] if is_post else with_parameters(context["index_url"], parameters),
        step=INDEX if number == 1 and not context.get("day") else FOLLOWED,
        headers={"Accept": _ACCEPT[table.kind], **table.headers},
        accept_status=frozenset(table.accept_status),
        form=parameters if is_post else None,
        context=context,
    )


def following(
    plan: IndexPlan, page: Page, *, items: int, first_item: str, next_url: str | None
) -> tuple[PageRequest, ...]:
    """The requests that follow a page of the index.

    items       how many entries it had; first_item tells a page that was sent once more
    next_url    the address of the next page that the page itself names
    """
    next_page = _next_page(plan, page, items=items, first_item=first_item, next_url=next_url)
    return (*next_page, *_other_days(plan, page.request))


def addressed(plan: IndexPlan, page: Page, url: str, context: Mapping[str, str]) -> PageRequest:
    """A further page whose address is known."""
    request = page.request
    return PageRequest(
        url,
        step=FOLLOWED,
        headers=request.headers,
        accept_status=frozenset(plan.table.accept_status),
        context=context,
    )


def ends_walk(plan: IndexPlan, request: PageRequest, status_code: int) -> bool:
    """Whether a followed page that is not there is the regular end of the walk."""
    if request.step != FOLLOWED or request.context.get("page", "1") == "1":
        return False
    if plan.table.kind == "wp_rest":
        return status_code in (400, 404)
    return plan.table.page_param is not None and status_code in (404, 410)


def day_of(context: Mapping[str, str]) -> dt.date:
    """The day that a page was asked for."""
    return dt.date.fromisoformat(context["today"]) + dt.timedelta(days=int(context.get("day", "0")))


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """The address with query parameters set; those it has already keep their place unless they are replaced."""
    if not parameters:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in parameters]
    return urlunsplit(parts._replace(query=urlencode([*kept, *parameters.items()])))


def calendar_page(table: IndexTable, url: str) -> str:
    """The next page of a calendar as we ask for it: Squarespace names the page people see."""
    return with_parameters(url, {"format": "json"}) if table.kind == "squarespace" else url


def gathered(context: Mapping[str, str], page: Page) -> tuple[tuple[str, str], ...]:
    """Address and text of this page behind those of the pages before it: a series may run over several pages."""
    stored: Sequence[Sequence[str]] = json.loads(context.get("earlier", "[]"))
    return (*((url, text) for url, text in stored), (page.url, page.text))


def further_calendar_page(plan: IndexPlan, page: Page, url: str, pages: tuple[tuple[str, str], ...]) -> PageRequest:
    """The next page of a calendar, which carries the pages before it."""
    return addressed(plan, page, url, {**page.request.context, "earlier": json.dumps(pages)})


def _page_param(table: IndexTable) -> str:
    return "page" if table.kind == "wp_rest" else table.page_param or "page"


def _next_page(
    plan: IndexPlan, page: Page, *, items: int, first_item: str, next_url: str | None
) -> tuple[PageRequest, ...]:
    context = page.request.context
    number = int(context.get("page", "1")) + 1
    # A server that ignores the page number answers every page with the first one.
    if not items or number > most_pages(plan.table) or first_item == context.get("first_item"):
        return ()
    further = {**context, "page": str(number), "first_item": first_item}
    if plan.next is not None:
        is_new = next_url is not None and next_url not in (page.url, page.request.url)
        return (addressed(plan, page, next_url, further),) if next_url and is_new else ()
    if plan.table.kind == "wp_rest":
        return (index_request(plan, further),) if items >= WP_PAGE_SIZE else ()
    return (index_request(plan, further),) if plan.table.page_param is not None else ()


def _other_days(plan: IndexPlan, request: PageRequest) -> tuple[PageRequest, ...]:
    """All at once behind the first page, so that one day that fails costs no other."""
    if plan.table.dates is None or request.step != INDEX:
        return ()
    return tuple(index_request(plan, {**request.context, "day": str(day)}) for day in range(1, plan.table.dates.days))
