"""`enrich`: galleries from photo providers (images.md 5). Flags become the one `RefreshOptions` of this run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from trivia_scraper.cli.grammar import HelpfulCommand, run_option
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.working import no_wait_option

if TYPE_CHECKING:
    from trivia_scraper.domain.enrichment import EnrichmentOutcome
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.settings import Settings


@click.command(
    cls=HelpfulCommand,
    short_help="Fill venues' galleries from photo providers.",
    examples=(
        "trivia-scraper enrich --venue the-crown-inn",
        "trivia-scraper enrich --stale --limit 20 --dry-run",
        "trivia-scraper enrich --venue the-crown-inn --provider google_places --force",
        "trivia-scraper enrich --venue the-crown-inn --retry-failed-only",
    ),
)
@run_option("--venue", "venues", multiple=True, metavar="SLUG", help="Only this venue; repeatable.")
@run_option("--provider", "providers", multiple=True, metavar="NAME", help="Ask only this provider; repeatable.")
@run_option("--force", is_flag=True, help="Ask although the venue was looked up lately.")
@run_option("--force-refresh-images", is_flag=True, help="Download stored photos anew that are listed again.")
@run_option("--retry-failed-only", is_flag=True, help="Ask nobody: fetch what failed from its stored addresses.")
@run_option("--stale", is_flag=True, help="Venues that are due: what happens anyway where none is named.")
@run_option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N venues.")
@run_option("--dry-run", is_flag=True, help="Say who would be asked; ask and change nothing.")
@no_wait_option
@click.pass_obj
def enrich(invocation: Invocation, /, **flags: Any) -> int:
    """Asks the enabled photo providers what photos they have of a venue, and downloads them one after the other.

    Without --venue it takes up the venues that are due, those that were looked up longest ago first. Listings may
    cost money: what they cost is in the table.
    """
    _check_flags(flags)
    loaded = invocation.load_settings()
    options = enrich_options(flags)
    if not options.retry_failed_only:
        check_providers(options, loaded.settings)
    from trivia_scraper.cli.enrich_view import show_enrichment
    from trivia_scraper.cli.working import Work, finish
    from trivia_scraper.domain.requests import RequestKind

    work = Work(RequestKind.ENRICHMENT, options, show_enrichment, told=_teller(invocation))
    return finish(work, invocation, loaded, no_wait=flags["no_wait"])


def enrich_options(flags: dict[str, Any]) -> RefreshOptions:
    """The flags as *the* options of this run, every field stated (architecture 4)."""
    from trivia_scraper.domain.options import RefreshOptions

    return RefreshOptions(
        force_refresh_images=flags["force_refresh_images"],
        force_update=flags["force"],
        clean_first=False,
        retry_failed_only=flags["retry_failed_only"],
        dry_run=flags["dry_run"],
        limit=flags["limit"],
        sources=(),
        venues=tuple(dict.fromkeys(flags["venues"])),
        providers=tuple(dict.fromkeys(flags["providers"])),
        max_time_seconds=None,
    )


def _check_flags(flags: dict[str, Any]) -> None:
    if flags["venues"]:
        if flags["stale"]:
            raise click.UsageError("--stale chooses venues by itself: leave --venue or --stale out")
        return
    if flags["retry_failed_only"]:
        raise click.UsageError(
            "--retry-failed-only needs --venue; `trivia-scraper retry --all-due` retries everything that is due"
        )
    if flags["force"] and flags["limit"] is None:
        raise click.UsageError("--force asks for fresh venues too, which costs money: name --venue, or a --limit")


def check_providers(options: RefreshOptions, settings: Settings) -> None:
    """Refuse a run that could ask nobody: providers switched off (usage), or without a key (credentials).

    A name that is no provider's is told and asks nobody (R97).
    """
    from trivia_scraper.cli.output import note
    from trivia_scraper.domain.errors import CredentialsMissing, SetupError

    sections = settings.providers.by_slug()
    for slug in options.providers:
        if slug not in sections:
            near = get_close_matches(slug, sections, n=1)
            note(f"no provider {slug!r}{f', did you mean {near[0]!r}?' if near else ''}: nobody is asked for it")
        elif not sections[slug].enabled:
            raise SetupError(f"provider {slug!r} is switched off in the settings", hint=_how_to_enable(slug))
    asked = [slug for slug in options.providers or sections if slug in sections and sections[slug].enabled]
    if not asked and not options.providers:
        raise SetupError("no photo provider is enabled", hint=_how_to_enable("google_places"))
    without_key = [slug for slug in asked if not sections[slug].key.get_secret_value()]
    if without_key and (options.providers or len(without_key) == len(asked)):
        raise CredentialsMissing(f"no key of {without_key[0]} is set", hint=_how_to_give_key(without_key[0]))


def _how_to_enable(slug: str) -> str:
    return f"set [providers.{slug}] enabled = true, and its key"


def _how_to_give_key(slug: str) -> str:
    from trivia_scraper.settings.origins import SECRETS

    variables = (name.replace("-", "_").upper() for name, key in SECRETS.items() if key == ("providers", slug, "key"))
    return " or ".join([*variables, f"[providers.{slug}] key"]) + " is where it is looked for"


def _teller(invocation: Invocation) -> Callable[[EnrichmentOutcome], None]:
    """A line a venue on stderr while the others are still to come."""
    from trivia_scraper.cli.output import note
    from trivia_scraper.domain.redaction import redact_text

    def tell(outcome: EnrichmentOutcome) -> None:
        if not invocation.quiet and not invocation.json:
            with suppress(OSError):  # a closed stderr must not end the run
                note(redact_text(f"{outcome.venue.slug}: {outcome.summary}"))

    return tell
