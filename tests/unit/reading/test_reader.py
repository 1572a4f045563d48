"""safety.md 7.3: which pages are read in the loop, which in a worker, and what comes back from there."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import pickle
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

import pytest

from support.crooked_sources import BUG, DIE, GREED, SHAPE, SPIN, URL, CrookedSource, page_of
from support.imaging import remembering_log, worker_pids
from support.markup import HOSTILE
from trivia_scraper.demo.provider import Provider
from trivia_scraper.demo.site import PROVIDERS
from trivia_scraper.domain.errors import PageShapeChanged, TriviaScraperError, WorkersUnavailable
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.source import Source
from trivia_scraper.reading import reader as reader_module
from trivia_scraper.reading.reader import LONGEST_IN_LOOP, PooledReader, is_short
from trivia_scraper.sources import SOURCES
from trivia_scraper.workers.limits import WorkerLimits
from trivia_scraper.workers.pool import JobCrashed, open_workers
from unit.sources import declarative_examples as examples
from unit.sources.declarative_cases import described, index_page
from unit.sources.test_declarative_hostile import CASES

BASE = "http://127.0.0.1:9"
TODAY = dt.date(2026, 11, 21)
SOURCE = CrookedSource()
LONG = " " * LONGEST_IN_LOOP
DEEP = "<div>" * 600 + "end"


class NoWorkers:
    """A pool that must not be asked."""

    async def perform(self, job: Callable[[], object], *, seconds: float, repeat_slow: bool) -> NoReturn:
        raise AssertionError("read in a worker")


@asynccontextmanager
async def reader_and_log(
    *, seconds: float = 2.0, limits: WorkerLimits | None = None
) -> AsyncIterator[tuple[PooledReader, list[Any]]]:
    log, events = remembering_log()
    loaded = ("trivia_scraper.reading.task", "trivia_scraper.sources.declarative", "support.crooked_sources")
    async with open_workers(limits or WorkerLimits(), log, loaded_once=loaded) as workers:
        yield PooledReader(workers, seconds), events


# --- where a page is read


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (None, True),
        (page_of(""), True),
        (page_of("x" * LONGEST_IN_LOOP), True),
        (page_of("x" * (LONGEST_IN_LOOP + 1)), False),
    ],
    ids=["none", "empty", "256-kB", "longer"],
)
def test_safety_7_3_short_pages_are_read_in_the_loop(page: Page | None, expected: bool) -> None:
    assert is_short(page) is expected


async def test_safety_7_3_clean_short_page_needs_no_worker() -> None:
    [listing] = (await PooledReader(NoWorkers()).read_index(SOURCE, page_of("<p>quiz"))).listings
    assert (listing.key, listing.name) == (str(os.getpid()), "quiz")


async def test_safety_7_3_short_page_of_another_shape_needs_no_worker() -> None:
    with pytest.raises(PageShapeChanged, match="no list"):
        await PooledReader(NoWorkers()).read_index(SOURCE, page_of(SHAPE))


@pytest.mark.parametrize(("text", "read"), [("<p>quiz" + LONG, "quiz"), (DEEP, "end")], ids=["long", "suspicious"])
async def test_safety_7_3_long_and_suspicious_pages_are_read_in_a_worker(text: str, read: str) -> None:
    async with reader_and_log() as (reader, events):
        [listing] = (await reader.read_index(SOURCE, page_of(text))).listings
        assert int(listing.key) in worker_pids()
    assert (listing.name, events) == (read, [])


@pytest.mark.parametrize("has_page", [True, False], ids=["page", "listing-alone"])
async def test_6_5_a_daemon_reads_even_short_pages_in_a_worker(has_page: bool) -> None:
    """What a source loads to read is the worker's, and so is what its parser breaks."""
    log, events = remembering_log()
    async with open_workers(WorkerLimits(), log, loaded_once=["support.crooked_sources"]) as workers:
        reader = PooledReader(workers, in_loop=False)
        [listing] = (await reader.read_index(SOURCE, page_of("<p>quiz"))).listings
        assert int(listing.key) in worker_pids()
        with pytest.raises(JobCrashed, match="AssertionError"):  # that source knows no details: a worker found out
            await reader.read_detail(SOURCE, listing, page_of("<p>quiz") if has_page else None, None)
    assert events == []


async def test_safety_7_3_the_loop_goes_on_while_a_worker_parses() -> None:
    """Turns of the event loop are counted, not seconds: reading in the loop leaves room for none."""
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with reader_and_log(seconds=0.5) as (reader, _), asyncio.TaskGroup() as tasks:
        await reader.read_index(SOURCE, page_of("<p>warm" + LONG))
        counting = tasks.create_task(count_turns())
        await reader.read_index(SOURCE, page_of("<p>quiz"))
        in_the_loop, turns = turns, 0
        with pytest.raises(PageShapeChanged):
            await reader.read_index(SOURCE, page_of(SPIN + LONG))
        counting.cancel()
        assert in_the_loop == 0
        assert turns > in_the_loop


# --- what comes back


def _walk(provider: Provider, source: Source, count: int) -> list[Page]:
    """Every index page of a replica, asked without HTTP."""
    venues, base = provider.invent(count, plain=False), f"{BASE}/{provider.slug}"
    pages, waiting = [], deque([source.first_request(f"{base}{provider.index_path}", TODAY)])
    while waiting:
        request = waiting.popleft()
        parts = urlsplit(request.url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(request.form or {})
        answer = provider.index(parts.path.removeprefix(f"/{provider.slug}"), query, venues, base)
        if answer is not None and answer.status != 404:
            pages.append(Page(request, request.url, answer.status, answer.text, "text/html", len(answer.text)))
            waiting.extend(source.read_index(pages[-1]).follow)
    return pages


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.slug)
async def test_safety_7_3_a_worker_reads_each_source_like_the_loop(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The largest index page of every replica, and details of its listings: sources and facts survive the pipe."""
    monkeypatch.setattr(reader_module, "LONGEST_IN_LOOP", 0)
    source = SOURCES[provider.slug]
    pages = _walk(provider, source, 800)
    largest = max(pages, key=lambda page: len(page.text))
    here = source.read_index(largest)
    by_key = {venue.key: venue for venue in provider.invent(800, plain=False)}
    known = [listing for listing in here.listings if listing.key in by_key]
    async with reader_and_log() as (reader, events):
        assert await reader.read_index(source, largest) == here
        for listing in known[:5]:
            page = _detail_page(provider, source, listing, by_key)
            expected = _outcome(partial(source.read_detail, listing, page, None))
            assert await _read(reader, source, listing, page) == expected
    assert known
    assert events == []


def _detail_page(provider: Provider, source: Source, listing: Listing, venues: dict[str, Any]) -> Page | None:
    request = source.detail_request(listing)
    if request is None:
        return None
    key = provider.venue_key(urlsplit(request.url).path.removeprefix(f"/{provider.slug}"))
    answer = provider.page(venues[key or ""], f"{BASE}/{provider.slug}")
    return Page(request, request.url, 200, answer.text, "text/html", len(answer.text))


def _outcome(read: Callable[[], Detail]) -> object:
    try:
        return read()
    except PageShapeChanged as error:
        return error.message, error.looked_for, error.url, error.reason


async def _read(reader: PooledReader, source: Source, listing: Listing, page: Page | None) -> object:
    try:
        return await reader.read_detail(source, listing, page, None)
    except PageShapeChanged as error:
        return error.message, error.looked_for, error.url, error.reason


async def test_safety_7_3_a_worker_reads_described_sources_of_every_format_like_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader_module, "LONGEST_IN_LOOP", 0)
    async with reader_and_log() as (reader, events):
        for source, text in CASES.values():
            page = index_page(source, text)
            here = source.read_index(page)
            assert here.listings
            assert await reader.read_index(source, page) == here
    assert events == []


@pytest.mark.parametrize(
    "source", [*SOURCES.values(), *map(described, examples.ALL.values())], ids=lambda one: one.slug
)
def test_safety_7_3_every_source_survives_the_pipe(source: Source) -> None:
    arrived = pickle.loads(pickle.dumps(source))
    assert type(arrived) is type(source)
    assert arrived == source or vars(arrived) == vars(source) == {}


async def test_safety_7_3_a_page_of_another_shape_says_the_same_from_a_worker() -> None:
    async with reader_and_log() as (reader, _):
        with pytest.raises(PageShapeChanged) as caught:
            await reader.read_index(SOURCE, page_of(SHAPE + LONG))
    error = caught.value
    told = (error.message, error.looked_for, error.url, error.reason, error.error_type)
    assert told == ("no list", ".list", "https://pub.example/2", Reason.ENCODING, ErrorType.INVALID_RESPONSE)


async def test_n7_a_bug_in_a_worker_is_no_error_of_the_tree_and_its_traceback_can_be_logged() -> None:
    async with reader_and_log() as (reader, events):
        with pytest.raises(RuntimeError, match="KeyError: 'results'") as caught:
            await reader.read_index(SOURCE, page_of(BUG + LONG))
    error = caught.value
    assert not isinstance(error, TriviaScraperError)
    logged = logging.Formatter().formatException((type(error), error, error.__traceback__))
    assert "crooked_sources.py" in logged
    assert 'raise KeyError("results")' in logged
    assert events == []


# --- pages that cost a worker


async def test_safety_7_3_a_slow_page_is_given_up_at_once() -> None:
    async with reader_and_log(seconds=0.5) as (reader, events):
        with pytest.raises(PageShapeChanged) as caught:
            await reader.read_index(SOURCE, page_of(SPIN + LONG))
        assert (await reader.read_index(SOURCE, page_of("<p>next" + LONG))).listings[0].name == "next"
    assert (caught.value.reason, caught.value.url) == (Reason.PARSE_TIMEOUT, URL)
    assert [event["why"] for event in events] == ["time"]


@pytest.mark.parametrize(("command", "kills"), [(DIE, ["memory", "memory"]), (GREED, [])], ids=["dies", "greedy"])
async def test_safety_7_3_a_page_that_needs_too_much_memory_is_given_up(command: str, kills: list[str]) -> None:
    async with reader_and_log() as (reader, events):
        with pytest.raises(PageShapeChanged) as caught:
            await reader.read_index(SOURCE, page_of(command + LONG))
    assert caught.value.reason is Reason.PARSE_TIMEOUT
    assert [event["why"] for event in events] == kills


async def test_safety_7_3_a_parser_out_of_memory_is_a_page_that_cannot_be_parsed() -> None:
    async with reader_and_log(limits=WorkerLimits(memory_bytes=128 << 20)) as (reader, _):
        with pytest.raises(PageShapeChanged) as caught:
            await reader.read_index(SOURCE, page_of(HOSTILE["H094-formatting-reopened"]))
    assert caught.value.reason is Reason.PARSE_TIMEOUT


async def test_safety_7_3_a_dangerous_companion_stays_refused_and_costs_its_own_facts_alone() -> None:
    provider = next(provider for provider in PROVIDERS if provider.slug == "geeks_who_drink")
    source = SOURCES[provider.slug]
    by_key = {venue.key: venue for venue in provider.invent(5, plain=True)}
    listing = source.read_index(_walk(provider, source, 5)[-1]).listings[0]
    page = _detail_page(provider, source, listing, by_key)
    async with reader_and_log(seconds=2.0) as (reader, events):
        detail = await reader.read_detail(source, listing, page, page_of(HOSTILE["H095-options"]))
    assert detail.venue.name
    assert "host: the list of quizzes cannot be read" in detail.issues
    assert events == []


async def test_safety_7_3_without_workers_a_long_page_may_be_read_another_time() -> None:
    async with reader_and_log() as (reader, _):
        await reader.read_index(SOURCE, page_of("<p>quiz" + LONG))
        assert worker_pids()
    assert worker_pids() == set()
    with pytest.raises(WorkersUnavailable) as caught:
        await reader.read_index(SOURCE, page_of("<p>quiz" + LONG))
    assert caught.value.error_type is ErrorType.SERVICE_UNAVAILABLE


async def test_no_process_for_ordinary_pages() -> None:
    async with reader_and_log() as (reader, _):
        await reader.read_index(SOURCE, page_of("<p>quiz"))
        assert worker_pids() == set()
