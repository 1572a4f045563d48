"""`retry`: failed images are tried again from their stored addresses, and `run --retry-failed-only` (images.md 8)."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from trivia_scraper.cli.grammar import HelpfulCommand, run_option
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.working import no_wait_option
from trivia_scraper.domain.failures import ErrorType

if TYPE_CHECKING:
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.domain.recovery import RecoveryRequest
    from trivia_scraper.settings import LoadedSettings

_CHOOSE = (
    "nothing is chosen: name images (--image), venues (--venue), providers (--provider, --source) or error types"
    " (--class), or ask for all that are due (--all-due)"
)


def _error_types(_: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> frozenset[ErrorType]:
    known = {each.value: each for each in ErrorType}
    words = [word.strip() for text in given for word in text.split(",")]
    for word in words:
        if word not in known:
            near = get_close_matches(word, known, n=1)
            meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise click.BadParameter(f"no error type {word!r}: {meant}", param=parameter)
    return frozenset(known[word] for word in words)


@click.command(
    cls=HelpfulCommand,
    short_help="Try failed pictures again from their stored addresses.",
    examples=(
        "trivia-scraper retry --all-due",
        "trivia-scraper retry --venue the-crown-inn --dry-run",
        "trivia-scraper retry --image 17 --image 18 --include-ambiguous",
        "trivia-scraper retry --provider google_places --class rate_limited,network_timeout --json",
    ),
)
@run_option("--venue", "venues", multiple=True, metavar="SLUG", help="This venue's and its hosts'; repeatable.")
@run_option(
    "--image", "image_ids", multiple=True, type=click.IntRange(min=1), metavar="ID", help="This one; at most 200."
)
@run_option("--source", "sources", multiple=True, metavar="SLUG", help="Only from this source; repeatable.")
@run_option(
    "--provider", "providers", multiple=True, metavar="SLUG", help="Only from this photo provider; repeatable."
)
@run_option(
    "--class", "error_types", multiple=True, callback=_error_types, metavar="TYPE,…",
    help="Only failures of these types, such as rate_limited.",
)  # fmt: skip
@run_option("--include-ambiguous", is_flag=True, help="Also failures that else wait for a person.")
@run_option(
    "--all-due", "--all", "all_due", is_flag=True, help="Everybody's that are due, and what waits in the queue."
)
@run_option("--dry-run", is_flag=True, help="Say what would be tried; ask nobody and change nothing.")
@no_wait_option
@click.pass_obj
def retry(invocation: Invocation, /, **flags: Any) -> int:
    """Downloads failed pictures again, most urgent venues first. No provider is asked for a listing.

    A picture is tried three times in all, with growing waits; one that is due later is told and left alone.
    """
    from trivia_scraper.domain.recovery import RecoveryRequest

    if flags["image_ids"] and flags["venues"]:
        raise click.UsageError("choose images (--image) or venues (--venue), not both")
    chosen = flags["image_ids"] or flags["venues"]
    if not (chosen or flags["sources"] or flags["providers"] or flags["error_types"] or flags["all_due"]):
        raise click.UsageError(_CHOOSE)
    loaded = invocation.load_settings()
    options = retry_options(flags)
    check_names(options, loaded)
    request = RecoveryRequest(
        include_ambiguous=flags["include_ambiguous"],
        image_ids=flags["image_ids"],
        error_types=flags["error_types"],
        all_due=not chosen,
    )
    return recover_and_tell(request, options, invocation, loaded, no_wait=flags["no_wait"])


def retry_options(flags: dict[str, Any]) -> RefreshOptions:
    """The flags as *the* options of this recovery, every field stated (architecture 4)."""
    from trivia_scraper.domain.options import RefreshOptions

    return RefreshOptions(
        force_refresh_images=False,
        force_update=False,
        clean_first=False,
        retry_failed_only=True,
        dry_run=flags["dry_run"],
        limit=None,
        sources=tuple(dict.fromkeys(flags["sources"])),
        venues=tuple(dict.fromkeys(flags["venues"])),
        providers=tuple(dict.fromkeys(flags["providers"])),
        max_time_seconds=None,
    )


def check_names(options: RefreshOptions, loaded: LoadedSettings) -> None:
    """Refuse sources and photo providers that do not exist. One that is switched off may have failed before."""
    from trivia_scraper.roster import load_roster

    roster = load_roster(loaded.settings)
    for what, given, known in (
        ("source", options.sources, [*roster.sources, *roster.broken]),
        ("photo provider", options.providers, [*loaded.settings.providers.by_slug()]),
    ):
        for slug in given:
            if slug not in known:
                near = get_close_matches(slug, known, n=1)
                meant = f", did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
                raise click.UsageError(f"no {what} {slug!r}{meant}")


def recover_and_tell(
    request: RecoveryRequest,
    options: RefreshOptions,
    invocation: Invocation,
    loaded: LoadedSettings,
    *,
    no_wait: bool,
) -> int:
    """Recover, say what happened, and give the exit code."""
    from trivia_scraper.cli.working import Work, finish
    from trivia_scraper.domain.request_details import recovery_details
    from trivia_scraper.domain.requests import RequestKind

    def show(document: Mapping[str, Any], color_mode: str) -> None:
        from trivia_scraper.cli.retry_view import show_recovery

        chose = bool(request.image_ids or options.venues)
        show_recovery(document, color_mode, shows_all=chose, tried_ambiguous=request.include_ambiguous)

    work = Work(RequestKind.RECOVERY, options, show, recovery_details(request))
    return finish(work, invocation, loaded, no_wait=no_wait)
