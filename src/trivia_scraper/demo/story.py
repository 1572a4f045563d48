"""What the demo tells a person, as plain lines of at most 80 columns. Pure, but for looking at files."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

WIDTH: Final = 80
_WEEKDAYS: Final = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A stored file at one moment."""

    bytes: int
    modified_at: dt.datetime


FilesSeen = Mapping[str, FileSeen]
"""Path below the storage folder → the file."""


def look_at_files(folder: Path) -> FilesSeen:
    """Every picture file below `folder`, not the store's own hidden ones; none when it does not exist."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: _seen(path) for name, path in files.items() if not name.startswith(".")}


def heading(title: str) -> list[str]:
    """A blank line, the title, and a rule."""
    return ["", title, "─" * min(len(title), WIDTH)]


def paragraph(text: str) -> list[str]:
    """A text broken into lines, after a blank one."""
    return ["", *textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]


def fate_of_changed(changed: str, before: FilesSeen, after: FilesSeen) -> str:
    """What became of the file whose picture was changed at its provider."""
    if changed not in before:
        return f"The changed picture had no file {changed} before the second run: see above why."
    if changed in after:
        return f"The changed picture's former file {changed} is still there: see above what failed."
    return (
        "The changed picture came under a new name, since a name holds the digest of its bytes. Its former file "
        f"{changed} was deleted once no row named it."
    )


def venue_lines(venues: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The rows of `venues list --json`: each venue and its evenings."""
    for venue in venues:
        yield clip(f"{venue['name']}  ({venue['slug']})")
        where = ", ".join(str(venue[part]) for part in ("city", "region", "postcode", "country") if venue.get(part))
        yield clip(f"    {where}  ·  {venue.get('timezone') or 'time zone unknown'}")
        for event in venue.get("events", ()):
            yield clip(f"    {_evening(event)}")


def image_lines(images: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The rows of `images list --json`: what each is, and where it came from."""
    for image in images:
        size = f"{image.get('width')}×{image.get('height')}" if image.get("width") else "no size"
        yield clip(f"#{image['id']} {image['role']} of {image['owner']}: {image['status']}, {size}")
        yield clip(f"    sha256 {str(image.get('sha256') or '-')[:16]}…  fetched {_time(image.get('fetched_at'))}")


def file_lines(before: FilesSeen, after: FilesSeen) -> Iterator[str]:
    """Every file of either moment, by folder, with its time before and after and what that means."""
    folder = None
    for path in sorted({*before, *after}):
        parent, _, name = path.rpartition("/")
        if parent != folder:
            folder = parent
            yield clip(f"{parent}/")
        old, new = before.get(path), after.get(path)
        size = human_bytes(max(seen.bytes for seen in (new, old) if seen))
        times = f"{_clock(old):>12} → {_clock(new):<12}"
        yield f"  {clip(name, 30):<30} {size:>7}  {times} {_verdict(old, new)}"


def human_bytes(size: int) -> str:
    """ "412 kB", powers of 1000."""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def clip(text: str, width: int = WIDTH) -> str:
    """One line of at most `width` characters."""
    flat = " ".join(text.split()) if "\n" in text else text
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def clip_left(text: str, width: int = WIDTH) -> str:
    """The end of a text, at most `width` characters: what tells one path from another stands there."""
    return text if len(text) <= width else f"…{text[1 - width :]}"


def _seen(path: Path) -> FileSeen:
    facts = path.stat()
    return FileSeen(facts.st_size, dt.datetime.fromtimestamp(facts.st_mtime, dt.UTC))


def _evening(event: Mapping[str, Any]) -> str:
    fee = event.get("fee_minor")
    price = "fee not stated" if fee is None else "free" if fee == 0 else f"{fee / 100:.2f} {event.get('currency')}"
    host = f", host {event['performer']}" if event.get("performer") else ""
    return f"{_WEEKDAYS[event['weekday']]} {event['start_time'][:5]}, {event['frequency']}, {price}{host}"


def _time(stamp: object) -> str:
    return str(stamp)[:19].replace("T", " ") if stamp else "-"


def _clock(seen: FileSeen | None) -> str:
    return seen.modified_at.astimezone().strftime("%H:%M:%S.%f")[:12] if seen else "-"


def _verdict(old: FileSeen | None, new: FileSeen | None) -> str:
    if old is None:
        return "new"
    if new is None:
        return "deleted"
    return "rewritten" if new.modified_at != old.modified_at else "untouched"
