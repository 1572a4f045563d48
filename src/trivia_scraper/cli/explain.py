"""`venues explain`: the story of one venue, from what is stored (operations.md P11)."""

from __future__ import annotations

import asyncio

import click

from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation


@click.command(
    "explain",
    cls=HelpfulCommand,
    short_help="Tell where a venue was seen, why it was visited or not, and what happens next.",
    examples=("trivia-scraper venues explain the-crown-inn", "trivia-scraper venues explain the-crown-inn --json"),
)
@click.argument("slug")
@click.option("--limit", type=click.IntRange(min=1), default=10, metavar="N", help="The last N visits; 10.")
@click.pass_obj
def explain(invocation: Invocation, /, slug: str, limit: int) -> None:
    """Tells its listings, the visits with the options that each run had, what each picture went through, its gallery,
    what waits, and what happens to each of them next.

    A retired slug leads to its venue; one that is not known names the nearest ones.
    """
    from trivia_scraper.bootstrap import explain_venue
    from trivia_scraper.cli.endings import NotFound
    from trivia_scraper.cli.explain_view import story_document, story_lines
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.tables import say
    from trivia_scraper.domain.venue_story import VenueStory

    loaded = invocation.load_settings()
    log = invocation.open_log(loaded, only_looks=True)
    story = asyncio.run(explain_venue(loaded.settings, log, slug, visits=limit))
    if not isinstance(story, VenueStory):
        hint = f"did you mean {', '.join(story)}?" if story else "`trivia-scraper venues list` shows them all"
        raise NotFound(f"no venue {slug!r}", hint)
    if invocation.json:
        print_json({"ok": True, **story_document(story)})
        return
    for line, style in story_lines(story):
        say(line, invocation.color, style)
