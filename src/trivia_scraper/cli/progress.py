"""What a person sees on stderr while a run goes on: a bar on a terminal, else one line every 30 seconds.

Driven by the pipeline through `ports.Progress`; redrawn by `keep_showing`, a task of the run's own group.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from trivia_scraper.cli.output import human_bytes, note
from trivia_scraper.cli.terminal import may_animate, rich_console
from trivia_scraper.domain.outcomes import DetailOutcome, ImageOutcome, ImageOutcomeKind, SourceReport

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from trivia_scraper.domain.live import SourceProgress

LINE_SECONDS: Final = 30.0
FRAME_SECONDS: Final = 0.25


@dataclass(slots=True)
class Tally:
    """What has happened at one source so far."""

    planned: int = 0
    done: int = 0
    failed: int = 0
    images: int = 0
    images_failed: int = 0
    bytes: int = 0

    def told(self) -> str:
        """One phrase: "12/40 venues, 17 images, 3.1 MB, 2 failed"."""
        failed = self.failed + self.images_failed
        parts = [f"{self.done}/{self.planned} venues", f"{self.images} images", human_bytes(self.bytes)]
        return ", ".join([*parts, f"{failed} failed"] if failed else parts)


class Counting:
    """Keeps the tallies and shows nothing: for --quiet, and for logs that machines read."""

    interval_seconds: float = LINE_SECONDS

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}

    def source_planned(self, source: str, planned: int, listed: int) -> None:  # noqa: ARG002 (ports.Progress)
        """A source knows what it will visit."""
        self._tally(source).planned = planned

    def detail_finished(self, source: str, outcome: DetailOutcome) -> None:
        """One listing ended."""
        tally = self._tally(source)
        tally.done += 1
        tally.failed += outcome.failure is not None
        tally.bytes += outcome.bytes_received

    def image_finished(self, source: str, outcome: ImageOutcome) -> None:
        """One image ended."""
        tally = self._tally(source)
        tally.images += 1
        tally.images_failed += outcome.kind in (ImageOutcomeKind.FAILED, ImageOutcomeKind.REJECTED)
        tally.bytes += outcome.bytes_received

    def source_finished(self, source: str, report: SourceReport) -> None:
        """A source is done; its report has the final counts."""

    def follow(self, progress: Mapping[str, SourceProgress]) -> None:
        """Take over what another process has counted."""
        for source, each in progress.items():
            self.tallies[source] = Tally(
                each.planned, each.done, each.failed, each.images, each.images_failed, each.bytes_received
            )

    def show(self) -> None:
        """Called every `interval_seconds`."""

    def _tally(self, source: str) -> Tally:
        return self.tallies.setdefault(source, Tally())


class Lines(Counting):
    """One line a source every 30 seconds, and one when it ends."""

    def __init__(self) -> None:
        super().__init__()
        self._ended: set[str] = set()

    def follow(self, progress: Mapping[str, SourceProgress]) -> None:
        """Tell each end once."""
        super().follow(progress)
        ended = {source for source, each in progress.items() if each.is_finished}
        for source in sorted(ended - self._ended):
            with suppress(OSError):
                note(f"{source}: finished, {self._tally(source).told()}")
        self._ended |= ended

    def source_finished(self, source: str, report: SourceReport) -> None:
        """Tell the end at once."""
        with suppress(OSError):  # a closed stderr must not end the run
            note(f"{source}: finished, {self._tally(source).told()}, {report.seconds:.1f} s")

    def show(self) -> None:
        """Tell where every source stands."""
        for source, tally in self.tallies.items():
            note(f"{source}: {tally.told()}")


class Bars(Counting):
    """A bar a source, redrawn a few times a second."""

    interval_seconds = FRAME_SECONDS

    def __init__(self, bars: RichProgress) -> None:
        super().__init__()
        self._bars = bars
        self._task_ids: dict[str, Any] = {}

    def show(self) -> None:
        """Redraw."""
        for source, tally in self.tallies.items():
            task_id = self._task_ids.get(source)
            if task_id is None:
                task_id = self._task_ids[source] = self._bars.add_task(source, total=None, told=tally.told())
            total = tally.planned or None
            self._bars.update(task_id, completed=tally.done, total=total, told=tally.told())
        self._bars.refresh()


class Shown(Protocol):
    """A progress that is redrawn from time to time."""

    interval_seconds: float

    def show(self) -> None: ...


async def keep_showing(progress: Shown, sleep: Callable[[float], Any] = asyncio.sleep) -> None:
    """Show the progress for ever; the run's task group cancels it. A closed stderr ends the showing, not the run."""
    with suppress(OSError):
        while True:
            await sleep(progress.interval_seconds)
            progress.show()


@contextmanager
def open_progress(*, quiet: bool, log_format: str, color_mode: str) -> Iterator[Counting]:
    """The progress that suits stderr."""
    from trivia_scraper.settings import process_environment

    if may_animate(is_terminal=sys.stderr.isatty(), quiet=quiet, environment=process_environment()):
        with _bars(color_mode) as bars:
            progress = Bars(bars)
            yield progress
            progress.show()
    elif quiet or log_format != "text":
        # Plain sentences between JSON lines would break whoever reads them.
        yield Counting()
    else:
        yield Lines()


def _bars(color_mode: str) -> RichProgress:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[told]}", markup=False),
        TimeElapsedColumn(),
        console=rich_console(sys.stderr, color_mode),
        auto_refresh=False,
        transient=True,
    )
