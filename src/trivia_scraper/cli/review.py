"""`review`: a person looks at failed pictures and decides about them (images.md 11, 12; R228)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.review_actions import delete, force_retry, recategorise, restore
from trivia_scraper.cli.review_choice import filter_of, filter_options, select
from trivia_scraper.cli.stats import ask_figures


@click.group(
    cls=HelpfulGroup,
    short_help="Decide about failed pictures that wait for a person.",
    examples=(
        "trivia-scraper review list",
        "trivia-scraper review delete --host gone.example --older-than 30d --dry-run",
        "trivia-scraper review force-retry 17 18",
    ),
)
def review() -> None:
    """Failed pictures that no retry mends by itself: those of permanent errors, and those where nobody can tell.

    Each action shows the very pictures first, asks, and is written down with who did it (`review history`).
    """


@review.command(
    "list",
    short_help="List failed pictures that wait for a person.",
    examples=(
        "trivia-scraper review list",
        "trivia-scraper review list --owner the-crown-inn --class transient",
        "trivia-scraper review list --status permanently_failed --type not_found --json",
    ),
)
@filter_options
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N pictures.")
@click.pass_obj
def list_images(invocation: Invocation, /, **flags: Any) -> None:
    """Lists pictures, the latest failure first; without --class and --status those that no retry mends by itself."""
    from trivia_scraper.cli.output import note, print_json, redacted
    from trivia_scraper.cli.review_view import review_document, show_rows

    limit = flags.pop("limit")
    rows = ask_figures(
        invocation, lambda figures: select(figures, filter_of(flags, figures.clock.now()), limit=limit)
    )
    if invocation.json:
        print_json(redacted({"ok": True, "images": [review_document(row) for row in rows]}))
        return
    if rows:
        show_rows(rows, invocation.color)
    note(f"{len(rows):,} images" if rows else "no such image waits for a decision")


@review.command(
    "patterns",
    short_help="Failures by provider, type and host.",
    examples=("trivia-scraper review patterns --limit 10",),
)
@click.option("--limit", type=click.IntRange(min=1), default=50, metavar="N", help="At most N lines; 50.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV on stdout.")
@click.pass_obj
def patterns(invocation: Invocation, /, limit: int, as_csv: bool) -> None:
    """Counts all failures by provider, error type and host, the most first: one cause often explains thousands."""
    from trivia_scraper.cli.csv_output import print_csv
    from trivia_scraper.cli.output import print_json, view_document
    from trivia_scraper.cli.review_view import show_patterns
    from trivia_scraper.cli.stats import refuse_both
    from trivia_scraper.domain.statistics import FailurePattern

    refuse_both(invocation, as_csv)
    found = ask_figures(invocation, lambda figures: figures.statistics.failure_patterns(limit))
    if as_csv:
        print_csv(FailurePattern, found)
    elif invocation.json:
        print_json({"ok": True, "patterns": [view_document(each) for each in found]})
    else:
        show_patterns(found, invocation.color)


@review.command(
    "history",
    short_help="Who decided what about which picture.",
    examples=("trivia-scraper review history", "trivia-scraper review history --image 17 --json"),
)
@click.option("--batch", type=click.UUID, metavar="ID", help="Only what was decided together.")
@click.option("--image", "image_id", type=click.IntRange(min=1), metavar="ID", help="Only about this picture.")
@click.option("--limit", type=click.IntRange(min=1), default=50, metavar="N", help="The last N; 50.")
@click.pass_obj
def history(invocation: Invocation, /, batch: UUID | None, image_id: int | None, limit: int) -> None:
    """Lists decisions, newest first: when, who, what, the state before and after."""
    from trivia_scraper.cli.output import note, print_json, redacted, view_document
    from trivia_scraper.cli.review_view import show_history

    found = ask_figures(
        invocation, lambda figures: figures.reviews.history(batch=batch, image_id=image_id, limit=limit)
    )
    if invocation.json:
        print_json(redacted({"ok": True, "decisions": [view_document(each) for each in found]}))
        return
    if found:
        show_history(found, invocation.color)
    note(f"{len(found):,} decisions")


for command in (delete, recategorise, force_retry, restore):
    review.add_command(command)
