"""`sources add`: look at a site, and print the description that would read it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.cli.page_reading import FetchPage
    from trivia_scraper.domain.errors import SetupError
    from trivia_scraper.domain.pages import Page, PageRequest
    from trivia_scraper.settings import LoadedSettings
    from trivia_scraper.sources.declarative.detecting import Proposal

CONFIRMING_PAGES: Final = 4
WORTH_ASKING: Final = 0.2
_OTHERS: Final = 3
_BARE_HOST: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?(?:[/?]|$)")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at: the pages that came, and why others did not."""

    pages: tuple[Page, ...]
    missed: tuple[tuple[str, str], ...]
    proposals: tuple[Proposal, ...]


@click.command(
    "add",
    cls=HelpfulCommand,
    short_help="Look at a site and write the description that reads it.",
    examples=(
        "trivia-scraper sources add https://example.org/venues/ > sources.d/example.toml",
        "trivia-scraper sources add https://example.org/venues/ --out sources.d/example.toml",
        "trivia-scraper sources add https://example.org/venues/ --file saved-page.html",
    ),
)
@click.argument("url")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Look at this saved page; nothing is fetched."
)
@click.option("--name", metavar="TEXT", help="The provider's name; the key follows from it.")
@click.option("--kind", metavar="KIND", help="Take the best description of this kind instead of the best of all.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option(
    "--items", type=click.IntRange(min=1), default=5, metavar="N", help="Show at most N items.  [default: 5]"
)
@click.pass_obj
def add(invocation: Invocation, /, url: str, file: Path | None, name: str | None, kind: str | None, out: Path | None,
        force: bool, items: int) -> int:  # fmt: skip
    """Fetches URL and at most four more pages that confirm what it shows, with every guard of a run.

    The description goes to stdout, everything else to stderr. It is checked and tried before it is shown.
    """
    from trivia_scraper.cli.output import note

    address = _checked(url)
    if out is not None and out.exists() and not force:
        raise _exists(out)
    loaded = invocation.load_settings()
    seen = look_at(invocation, loaded, address, file, name)
    chosen = _chosen(seen, kind, address)
    if out is not None:
        write_new(out, chosen.toml, overwrite=force)
    if invocation.json:
        _print_document(address, seen, chosen, out, items)
    else:
        for line in explanation(seen, chosen, items):
            note(line)
        if out is None:
            note("")
            click.echo(chosen.toml, nl=False)
        else:
            note(f"wrote {out}")
        if out is None or out.absolute().parent != loaded.settings.declared_dir:
            note(f"runs read the descriptions in {loaded.settings.declared_dir}")
    return ExitCode.OK if chosen.sample and chosen.sample.listings else ExitCode.SOME_FAILED


def look_at(invocation: Invocation, loaded: LoadedSettings, url: str, file: Path | None, name: str | None) -> Seen:
    """The page at `url`, or the file that was saved from it, and what its proposals ask for."""
    from trivia_scraper.cli.page_reading import page_from_file, today, with_fetcher
    from trivia_scraper.domain.pages import PageRequest
    from trivia_scraper.roster import load_roster
    from trivia_scraper.sources.declarative.detecting import propose

    taken = tuple(load_roster(loaded.settings).sources)
    day = today()

    def proposals(pages: Sequence[Page], missed: Sequence[tuple[str, str]] = ()) -> tuple[Proposal, ...]:
        lost = tuple(address for address, _ in missed)
        return propose(url, pages, today=day, name=name, taken=taken, missed=lost)

    if file is not None:
        page = page_from_file(file, PageRequest(url))
        return Seen((page,), (), proposals((page,)))

    async def gather(fetch: FetchPage) -> Seen:
        pages = [await fetch(PageRequest(url), "en")]
        missed: list[tuple[str, str]] = []
        for _ in range(CONFIRMING_PAGES):
            request = next_request(proposals(pages, missed), {missing for missing, _ in missed})
            if request is None:
                break
            await _fetch_more(fetch, request, pages, missed)
        return Seen(tuple(pages), tuple(missed), proposals(pages, missed))

    return with_fetcher(invocation, loaded, gather)


async def _fetch_more(
    fetch: FetchPage, request: PageRequest, pages: list[Page], missed: list[tuple[str, str]]
) -> None:
    """A page that would only confirm something may be missing."""
    from trivia_scraper.domain.errors import TriviaScraperError

    try:
        pages.append(await fetch(request, "en"))
    except TriviaScraperError as error:
        missed.append((request.url, error.message))


def next_request(proposals: Sequence[Proposal], missed: set[str]) -> PageRequest | None:
    """What is worth fetching next: what the best proposals ask for, in their order."""
    for proposal in proposals:
        if proposal.confidence >= WORTH_ASKING:
            for request in proposal.asks:
                if request.url not in missed:
                    return request
        if proposal.sample is not None and proposal.sample.listings and not proposal.asks:
            return None  # this one stands, and what is behind it looks worse
    return None


def _checked(url: str) -> str:
    from trivia_scraper.text.web_addresses import web_address

    address = web_address(f"https://{url}" if _BARE_HOST.match(url) else url)
    if address is None:
        raise click.UsageError(f"{url!r} is no http(s) address")
    return address


def _chosen(seen: Seen, kind: str | None, url: str) -> Proposal:
    """The best proposal, or the best of a kind. Raises PageShapeChanged that says what was looked for."""
    proposals = seen.proposals
    usable = [proposal for proposal in proposals if kind in (None, proposal.kind)]
    if usable:
        return usable[0]
    from trivia_scraper.domain.errors import PageShapeChanged
    from trivia_scraper.domain.redaction import strip_secrets
    from trivia_scraper.sources.declarative.detecting import LOOKED_FOR, look

    notes = [f"note: {note}" for page in seen.pages for note in look(page).notes]
    kinds = ", ".join(sorted({proposal.kind for proposal in proposals}))
    message = (
        f"nothing of kind {kind!r} was seen; seen: {kinds}"
        if proposals
        else "\n".join(
            (f"no list of evenings was recognised at {strip_secrets(url)}; looked for:", *LOOKED_FOR, *notes)
        )
    )
    error = PageShapeChanged(message, looked_for="a list of evenings", url=url)
    error.hint = (
        "is the list on another page, or made by a script? A browser's developer tools (Network) show what it asks "
        "for: try that address. docs/declarative-sources.md says how to write a description by hand"
    )
    raise error


def explanation(seen: Seen, chosen: Proposal, items: int) -> Iterator[str]:
    """What a person wants to know beside the TOML."""
    from trivia_scraper.cli.trial_view import detail_lines, index_lines
    from trivia_scraper.domain.redaction import strip_secrets

    for page in seen.pages:
        yield f"read  {strip_secrets(page.url)} ({page.bytes_received:,} bytes)"
    for url, why in seen.missed:
        yield f"could not read {strip_secrets(url)}: {why}"
    yield ""
    yield f"{chosen.kind} ({chosen.confidence:.0%}): {chosen.why[0]}"
    yield from (f"  {reason}" for reason in chosen.why[1:])
    others = [proposal for proposal in seen.proposals if proposal is not chosen][:_OTHERS]
    for other in others:
        yield f"also possible: {other.kind} ({other.confidence:.0%}): {other.why[0]}"
    if others:
        yield "  (--kind KIND takes another)"
    yield ""
    if chosen.sample is None:
        yield "not tried: its page was not there"
    else:
        yield from index_lines(chosen.sample, items)
    if chosen.detail is not None:
        yield ""
        yield from detail_lines(chosen.detail)
    if chosen.gaps:
        yield ""
    for line, why in chosen.gaps:
        yield f"{'to do' if '…' in line else 'perhaps'}: {line}  ({why})"


def _print_document(url: str, seen: Seen, chosen: Proposal, out: Path | None, items: int) -> None:
    from trivia_scraper.cli.output import print_json, redacted
    from trivia_scraper.domain.redaction import strip_secrets

    print_json(
        redacted(
            {
                "ok": bool(chosen.sample and chosen.sample.listings),
                "url": strip_secrets(url),
                "read": [strip_secrets(page.url) for page in seen.pages],
                "missed": [{"url": strip_secrets(missing), "message": why} for missing, why in seen.missed],
                "file": str(out) if out else None,
                "toml": chosen.toml,
                "proposals": [_document(proposal, items) for proposal in seen.proposals],
            }
        )
    )


def _document(proposal: Proposal, items: int) -> dict[str, Any]:
    from trivia_scraper.cli.trial_view import detail_document, index_document

    return {
        "kind": proposal.kind,
        "confidence": proposal.confidence,
        "why": list(proposal.why),
        "toml": proposal.toml,
        "to_do": [{"line": line, "why": why} for line, why in proposal.gaps],
        "index": index_document(proposal.sample, items) if proposal.sample else None,
        "detail": detail_document(proposal.detail) if proposal.detail else None,
    }


def write_new(file: Path, text: str, *, overwrite: bool) -> None:
    """Write a whole file or nothing. Raises SetupError where it exists already or cannot be written."""
    from trivia_scraper.domain.errors import SetupError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}") from error
    unfinished = Path(name)
    try:
        _fill(descriptor, text)
        unfinished.chmod(0o644)
        if overwrite:
            unfinished.replace(file)
        else:
            file.hardlink_to(unfinished)  # the one way to a new name that never overwrites
    except FileExistsError as error:
        raise _exists(file) from error
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _fill(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text)
        target.flush()
        os.fsync(target.fileno())


def _exists(file: Path) -> SetupError:
    from trivia_scraper.domain.errors import SetupError

    return SetupError(f"{file} exists", hint="--force overwrites it; without --out it is printed")
