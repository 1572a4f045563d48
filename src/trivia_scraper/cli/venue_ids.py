"""`venues identify`: under which id a photo provider knows a venue (images.md R110)."""

from __future__ import annotations

import asyncio
from difflib import get_close_matches

import click

from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation


@click.command(
    "identify",
    cls=HelpfulCommand,
    short_help="State under which id a photo provider knows a venue.",
    examples=(
        "trivia-scraper venues identify the-crown google_places ChIJN1t_tDeuEmsRUsoyG83frY4",
        "trivia-scraper venues identify the-crown foursquare 4b5c8a1ef964a520 --remove",
    ),
)
@click.argument("slug")
@click.argument("provider", metavar="PROVIDER")
@click.argument("provider_id", metavar="ID")
@click.option("--remove", is_flag=True, help="Take that back.")
@click.pass_obj
def identify(invocation: Invocation, /, slug: str, provider: str, provider_id: str, remove: bool) -> None:
    """A venue may have several ids at one provider: all of them are asked for.

    The id of a street address is refused by Google Places when it is asked for: a business is meant.
    """
    from trivia_scraper.bootstrap import identify_venue
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.tables import say

    check_id(provider, provider_id)
    loaded = invocation.load_settings()
    log = invocation.open_log(loaded)
    ids, changed = asyncio.run(
        identify_venue(loaded.settings, log, slug, provider, provider_id.strip(), remove=remove)
    )
    if invocation.json:
        print_json({"ok": True, "venue": ids.slug, "changed": changed, "provider_ids": ids.provider_ids})
        return
    known = "; ".join(f"{name} {', '.join(each)}" for name, each in ids.provider_ids.items())
    said = "nothing changed" if not changed else "taken back" if remove else "noted"
    say(f"{said}: {ids.slug} is known as {known or 'nothing, by no provider'}", invocation.color)


def check_id(provider: str, provider_id: str) -> None:
    """Refuse a provider that does not exist or needs no id, and text that cannot be an id."""
    from trivia_scraper.providers.registry import PHOTO_PROVIDERS

    known = PHOTO_PROVIDERS.get(provider)
    if known is None:
        near = get_close_matches(provider, PHOTO_PROVIDERS, n=1)
        meant = f", did you mean {near[0]!r}?" if near else f"; there are {', '.join(PHOTO_PROVIDERS)}"
        raise click.UsageError(f"no provider {provider!r}{meant}")
    if not known.needs_id:
        raise click.UsageError(f"{provider} finds photos by a venue's name: it needs no id")
    text = provider_id.strip()
    if not text or len(text) > 300 or not text.isprintable() or any(character.isspace() for character in text):
        raise click.UsageError(f"{provider_id!r} cannot be an id: one word, of at most 300 characters")
