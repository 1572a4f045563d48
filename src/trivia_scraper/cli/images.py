"""`images list` and `images show`: the ledger of pictures, failures included (operations.md O02, O14)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.images_import import import_images
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.domain.models import ImageRole, ImageStatus

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import DirectoryReader
    from trivia_scraper.domain.directory import AttemptView, ImageView


@click.group(
    cls=HelpfulGroup,
    short_help="What is known of the pictures.",
    examples=("trivia-scraper images list --status failed", "trivia-scraper images show 17"),
)
def images() -> None:
    """What is known of the pictures: where they lie, how fresh they are, what failed and when it is tried again."""


images.add_command(import_images)


@images.command(
    "list",
    short_help="List pictures and their state.",
    examples=(
        "trivia-scraper images list --status failed",
        "trivia-scraper images list --owner the-crown-inn --json",
    ),
)
@click.option("--owner", metavar="SLUG", help="Only pictures of this venue or performer.")
@click.option("--source", metavar="SLUG", help="Only pictures from this source.")
@click.option("--status", type=click.Choice([status.value for status in ImageStatus]), help="Only this state.")
@click.option("--role", type=click.Choice([role.value for role in ImageRole]), help="Only this role.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N pictures.")
@click.pass_obj
def list_images(
    invocation: Invocation,
    /,
    owner: str | None,
    source: str | None,
    status: str | None,
    role: str | None,
    limit: int | None,
) -> None:
    """Lists pictures; a failed one says how it failed and when it is tried again."""
    from trivia_scraper.cli.asking import ask
    from trivia_scraper.cli.output import note, print_json, view_document

    found = ask(
        invocation,
        lambda reader: reader.images(owner=owner, source=source, status=status, role=role, limit=limit),
    )
    if invocation.json:
        print_json({"ok": True, "images": [view_document(image) for image in found]})
        return
    _show_list(found, invocation.color)
    note(f"{len(found):,} images")


@images.command(
    "show",
    short_help="Show one picture and every attempt to fetch it.",
    examples=("trivia-scraper images show 17", "trivia-scraper images show 17 --json"),
)
@click.argument("image_id", type=click.IntRange(min=1), metavar="ID")
@click.pass_obj
def show_image(invocation: Invocation, /, image_id: int) -> None:
    """Shows one picture's row, its files, and its attempt log."""
    from trivia_scraper.cli.asking import ask
    from trivia_scraper.cli.endings import NotFound
    from trivia_scraper.cli.output import print_json, view_document
    from trivia_scraper.cli.tables import say

    found, attempts = ask(invocation, lambda reader: _find(reader, image_id))
    if found is None:
        raise NotFound(f"no image {image_id}", "`trivia-scraper images list` shows them all")
    if invocation.json:
        attempt_log = [view_document(attempt) for attempt in attempts]
        print_json({"ok": True, "image": view_document(found), "attempts": attempt_log})
        return
    for line in image_lines(found):
        say(line, invocation.color)
    _show_attempts(attempts, invocation.color)


async def _find(reader: DirectoryReader, image_id: int) -> tuple[ImageView | None, Sequence[AttemptView]]:
    found = await reader.image(image_id)
    return found, () if found is None else await reader.attempts(image_id)


def image_lines(image: ImageView) -> Iterator[str]:
    """Everything known of one picture, a fact a line."""
    from trivia_scraper.cli.output import human_bytes, stamp

    size = f"{image.width} x {image.height}, {human_bytes(image.bytes)}, {image.mime}" if image.width else None
    facts = (
        ("owner", f"{image.owner} ({image.owner_kind})"),
        ("role", f"{image.role} from {image.provider}"),
        ("url", image.provider_url),
        ("shown", image.url if image.url != image.provider_url else None),
        ("status", image.status),
        ("file", image.path or image.storage_key),
        ("thumbnail", image.thumb_path or image.thumb_key),
        ("picture", size),
        ("position", image.position),
        ("credit", " ".join(filter(None, (image.attribution, image.attribution_url))) or None),
        ("sha256", image.sha256),
        ("fetched", stamp(image.fetched_at)),
        ("verified", stamp(image.verified_at)),
        ("failure", _failure(image)),
        ("message", image.error),
        ("next try", stamp(image.next_retry_at) if image.next_retry_at else None),
    )
    yield f"image {image.id}"
    yield from (f"  {name:<10} {value}" for name, value in facts if value)


def _failure(image: ImageView) -> str:
    """ "not_found (404), attempt 2": last class, status, attempt; "" when nothing failed."""
    if not image.error_type:
        return ""
    finer = " ".join(str(part) for part in (image.reason, image.status_code) if part is not None)
    return f"{image.error_type}{f' ({finer})' if finer else ''}, retried {image.retry_count} times"


def _show_list(found: Sequence[ImageView], color_mode: str) -> None:
    from trivia_scraper.cli.output import human_bytes, stamp
    from trivia_scraper.cli.tables import Column, Table, show

    columns = (
        Column("id", right=True),
        *map(Column, ("owner", "role", "status")),
        Column("size", right=True),
        *map(Column, ("verified", "failure", "next try")),
    )
    rows = tuple(
        (
            str(image.id),
            image.owner,
            image.role,
            image.status,
            human_bytes(image.bytes),
            stamp(image.verified_at),
            image.error_type or "-",
            stamp(image.next_retry_at),
        )
        for image in found
    )
    bad = tuple((number, "bad") for number, image in enumerate(found) if "failed" in image.status)
    show(Table(columns, rows, bad), color_mode)


def _show_attempts(attempts: Sequence[AttemptView], color_mode: str) -> None:
    from trivia_scraper.cli.output import human_bytes, stamp
    from trivia_scraper.cli.tables import Column, Table, show

    if not attempts:
        return
    columns = (
        *map(Column, ("at", "kind", "outcome", "error")),
        *(Column(title, right=True) for title in ("status", "try", "received", "ms")),
    )
    rows = tuple(
        (
            stamp(attempt.at),
            attempt.kind,
            attempt.outcome,
            attempt.error_type or "-",
            "-" if attempt.status_code is None else str(attempt.status_code),
            str(attempt.attempt),
            human_bytes(attempt.bytes),
            "-" if attempt.duration_ms is None else str(attempt.duration_ms),
        )
        for attempt in attempts
    )
    show(Table(columns, rows), color_mode)
