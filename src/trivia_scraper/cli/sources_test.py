"""`sources test`: what a source reads from a page, field by field, before a run is let loose on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.source_trial import try_detail_of, try_index_of

if TYPE_CHECKING:
    from trivia_scraper.cli.page_reading import FetchPage
    from trivia_scraper.domain.models import Listing
    from trivia_scraper.domain.pages import PageRequest
    from trivia_scraper.domain.source import Source
    from trivia_scraper.settings import Settings
    from trivia_scraper.sources.declarative.problems import Problem
    from trivia_scraper.sources.declarative.trial import DetailTrial, IndexTrial

STEPS: Final = 4
"""Index pages that are fetched at most until one lists a venue: a nonce, a list of cities, an empty first day."""

VISITS: Final = 3
"""Venues whose pages are asked for until one is there: between two runs of a provider, some are gone."""

NO_PAGE: Final = "its page did not come: "


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is to be read: one of an address, one in a file, or whatever the source starts with."""

    url: str | None
    file: Path | None
    base: str | None
    is_detail: bool | None

    def means_detail(self, source: Source, index_url: str) -> bool:
        """Whether the page is a venue's own: said so, or an address beside the index of a source that has them."""
        if self.is_detail is not None:
            return self.is_detail
        address = self.url or self.base
        return address is not None and address != index_url and _has_detail_pages(source)


@dataclass(frozen=True, slots=True)
class Tested:
    """What the source read. `pages` are the addresses that were read, in order."""

    source: Source
    pages: tuple[str, ...]
    index: IndexTrial | None
    detail: DetailTrial | None

    @property
    def read_something(self) -> bool:
        """Whether there was an item, a venue, or any fact of a page."""
        listed = self.index is not None and bool(self.index.listings)
        return listed or (self.detail is not None and _says_something(self.detail))


@click.command(
    "test",
    cls=HelpfulCommand,
    short_help="Show what a source reads from a page, field by field.",
    examples=(
        "trivia-scraper sources test example",
        "trivia-scraper sources test sources.d/example.toml --file saved-page.html --base https://example.org/venues/",
        "trivia-scraper sources test example --url https://example.org/venues/the-crown/ --json",
    ),
)
@click.argument("name")
@click.option("--url", metavar="URL", help="Read this page; another one than the index is taken for a venue's own.")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Read this saved page; fetch nothing.")
@click.option("--base", metavar="URL", help="The address that the saved page had.")
@click.option("--detail/--index", "is_detail", default=None, help="The page is a venue's own, or one of the index.")
@click.option(
    "--items", type=click.IntRange(min=1), default=5, metavar="N", help="Show at most N items.  [default: 5]"
)
@click.pass_obj
def test(invocation: Invocation, /, name: str, url: str | None, file: Path | None, base: str | None,
         is_detail: bool | None, items: int) -> int:  # fmt: skip
    """NAME is the key of a source, or the path of a description (a .toml file).

    Fetches the index and the first venue's page, with every guard of a run; stores nothing.
    """
    if url and file:
        raise click.UsageError("--url and --file exclude each other; --base gives a saved page its address")
    loaded = invocation.load_settings()
    source = find_source(loaded.settings, name)
    index_url = _index_url(loaded.settings, source)
    asked = Asked(url, file, base, is_detail)
    if file is not None:
        tested = _test_file(source, index_url, asked, file)
    else:
        from trivia_scraper.cli.page_reading import with_fetcher

        tested = with_fetcher(invocation, loaded, lambda fetch: _test_site(fetch, source, index_url, asked))
    _tell(invocation, tested, items)
    return ExitCode.OK if tested.read_something else ExitCode.SOME_FAILED


def find_source(settings: Settings, name: str) -> Source:
    """The source of a key, or of a description by path or stem. Raises SetupError with its problems, NotFound."""
    from trivia_scraper.cli.endings import NotFound
    from trivia_scraper.roster import load_roster, read_description_file
    from trivia_scraper.sources.declarative import DeclaredSource, DescriptionFile, read_descriptions

    if name.endswith(".toml"):
        file = read_description_file(Path(name))
        if not isinstance(file, DescriptionFile):
            raise _unusable([file])
        described = read_descriptions([file])
        if described.problems:
            raise _unusable(described.problems)
        return described.sources[0]
    roster = load_roster(settings)
    by_file = {Path(one.path).stem: one for one in roster.sources.values() if isinstance(one, DeclaredSource)}
    source = roster.sources.get(name) or by_file.get(name)
    if source is not None:
        return source
    problems = [problem for problem in roster.problems if Path(problem.path).stem == name]
    if problems:
        raise _unusable(problems)
    near = get_close_matches(name, [*roster.sources, *roster.broken], n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`trivia-scraper sources list` shows them all"
    raise NotFound(f"no source {name!r}", hint)


def _unusable(problems: Sequence[Problem]) -> Exception:
    from trivia_scraper.domain.errors import SetupError

    return SetupError("\n".join(map(str, problems)), hint="docs/declarative-sources.md explains every key")


def _says_something(trial: DetailTrial) -> bool:
    return trial.detail is not None or any(field.value for field in trial.fields if field.origin != "index")


def _index_url(settings: Settings, source: Source) -> str:
    section = settings.sources.by_slug().get(source.slug)
    return (section.index_url if section else "") or source.default_index_url


def _has_detail_pages(source: Source) -> bool:
    from trivia_scraper.sources.declarative import DeclaredSource

    return not isinstance(source, DeclaredSource) or source.plan.detail is not None


def _test_file(source: Source, index_url: str, asked: Asked, file: Path) -> Tested:
    from trivia_scraper.cli.page_reading import page_from_file

    if asked.means_detail(source, index_url):
        page = page_from_file(file, _detail_request(asked.base or source.home))
        return Tested(source, (str(file),), None, try_detail_of(source, None, page, None))
    request = replace(_first_request(source, index_url), step="index", url=asked.base or index_url)
    index = try_index_of(source, page_from_file(file, request))
    return Tested(source, (str(file),), index, _first_of(source, index))


def _first_of(source: Source, index: IndexTrial) -> DetailTrial | None:
    """The first venue, where the index says everything about it."""
    listing = next(iter(index.listings), None)
    if listing is None or source.detail_request(listing) is not None:
        return None
    return try_detail_of(source, listing, None, None)


async def _test_site(fetch: FetchPage, source: Source, index_url: str, asked: Asked) -> Tested:
    request = _first_request(source, index_url)
    if asked.url is not None and asked.means_detail(source, index_url):
        return await _test_venue(fetch, source, request, asked.url)
    if asked.url is not None and asked.url != index_url:
        request = replace(request, step="index", url=asked.url)
    index, pages = await _walk(fetch, source, request)
    detail = None
    for listing in index.listings[:VISITS]:
        detail = await _visit(fetch, source, listing, pages)
        if not detail.problem.startswith(NO_PAGE):
            break
    return Tested(source, tuple(pages), index, detail)


async def _test_venue(fetch: FetchPage, source: Source, request: PageRequest, url: str) -> Tested:
    """One venue's page, with what the index says of it where one of the first index pages lists it."""
    index, pages = await _walk(fetch, source, request, url)
    listing = next((listing for listing in index.listings if listing.url == url), None)
    if listing is not None:
        detail = await _visit(fetch, source, listing, pages)
        return Tested(source, tuple(pages), None, detail)
    page = await fetch(_detail_request(url), source.accept_language)
    return Tested(source, (*pages, page.url), None, try_detail_of(source, None, page, None))


async def _walk(
    fetch: FetchPage, source: Source, request: PageRequest, url: str | None = None
) -> tuple[IndexTrial, list[str]]:
    """Index pages until one lists a venue, or the one at `url`; what the last one gave."""
    pages: list[str] = []
    while True:
        page = await fetch(request, source.accept_language)
        pages.append(page.url)
        index = try_index_of(source, page)
        is_enough = any(listing.url == url for listing in index.listings) if url else bool(index.items)
        if is_enough or not index.follow or len(pages) >= STEPS:
            return index, pages
        request = index.follow[0]


async def _visit(fetch: FetchPage, source: Source, listing: Listing, pages: list[str]) -> DetailTrial:
    """The venue of a listing. A page that does not come is the trial's problem, not the command's."""
    from trivia_scraper.domain.errors import TriviaScraperError
    from trivia_scraper.sources.declarative.trial import DetailTrial

    request, companion = source.detail_request(listing), source.companion_request(listing)
    page = second = None
    try:
        if request is not None:
            page = await fetch(request, source.accept_language)
            pages.append(page.url)
        if companion is not None:
            second = await fetch(companion, source.accept_language)
            pages.append(second.url)
    except TriviaScraperError as error:
        if page is None:
            return DetailTrial(problem=f"{NO_PAGE}{error.message}")
    return try_detail_of(source, listing, page, second)


def _first_request(source: Source, index_url: str) -> PageRequest:
    from trivia_scraper.cli.page_reading import today

    return source.first_request(index_url, today())


def _detail_request(url: str) -> PageRequest:
    from trivia_scraper.domain.pages import PageRequest

    return PageRequest(url, step="detail", kind="detail")


def _tell(invocation: Invocation, tested: Tested, items: int) -> None:
    from trivia_scraper.cli.output import print_json, redacted
    from trivia_scraper.cli.tables import say

    if invocation.json:
        print_json(redacted(_document(tested, items)))
        return
    for line in _lines(tested, items):
        say(line, invocation.color)


def _lines(tested: Tested, items: int) -> Iterator[str]:
    from trivia_scraper.cli.trial_view import detail_lines, index_lines
    from trivia_scraper.domain.redaction import strip_secrets

    for page in tested.pages:
        yield f"read {strip_secrets(page)}"
    if tested.index is not None:
        yield ""
        yield from index_lines(tested.index, items)
    if tested.detail is not None:
        yield ""
        yield from detail_lines(tested.detail)


def _document(tested: Tested, items: int) -> dict[str, Any]:
    from trivia_scraper.cli.trial_view import detail_document, index_document
    from trivia_scraper.domain.redaction import strip_secrets

    source = tested.source
    return {
        "ok": tested.read_something,
        "source": {"slug": source.slug, "name": source.name, "described_in": getattr(source, "path", None)},
        "read": [strip_secrets(page) for page in tested.pages],
        "index": index_document(tested.index, items) if tested.index is not None else None,
        "detail": detail_document(tested.detail) if tested.detail is not None else None,
    }
