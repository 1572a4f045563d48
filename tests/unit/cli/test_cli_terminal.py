"""Colour and progress follow terminal, flags and environment (operations.md O29)."""

from __future__ import annotations

import asyncio
import io

import pytest

from trivia_scraper.cli.invocation import at_a_terminal
from trivia_scraper.cli.progress import Bars, Counting, Lines, keep_showing, open_progress
from trivia_scraper.cli.terminal import may_animate, wants_color
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.outcomes import DetailOutcome, DetailOutcomeKind, ImageOutcome, ImageOutcomeKind
from unit.cli import cli_samples as samples


@pytest.mark.parametrize(
    ("mode", "is_terminal", "environment", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"FORCE_COLOR": "0"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", True, {"CLICOLOR": "0"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_o29_colour(mode, is_terminal, environment, expected):
    assert wants_color(mode, is_terminal=is_terminal, environment=environment) is expected


@pytest.mark.parametrize(
    ("is_terminal", "quiet", "environment", "expected"),
    [
        (True, False, {}, True),
        (False, False, {}, False),
        (True, True, {}, False),
        (True, False, {"CI": "true"}, False),
        (True, False, {"TERM": "dumb"}, False),
    ],
)
def test_o29_animation(is_terminal, quiet, environment, expected):
    assert may_animate(is_terminal=is_terminal, quiet=quiet, environment=environment) is expected


class Stderr(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


def play(progress: Counting) -> None:
    """A source with two planned venues, one of which fails, and one image."""
    progress.source_planned("question_one", 2, 9)
    saved = ImageOutcome(
        ImageOutcomeKind.NEW, OwnerKind.VENUE, ImageRole.HERO, "https://a.example/", bytes_received=2_000
    )
    progress.image_finished("question_one", saved)
    progress.detail_finished("question_one", DetailOutcome(DetailOutcomeKind.CREATED, "a", bytes_received=500))
    progress.detail_finished("question_one", DetailOutcome(DetailOutcomeKind.FAILED, "b", failure=samples.failure()))


@pytest.mark.parametrize(
    ("is_terminal", "quiet", "log_format", "kind"),
    [
        (True, False, "text", Bars),
        (False, False, "text", Lines),
        (False, False, "json", Counting),
        (False, False, "journal", Counting),
        (True, True, "text", Counting),
    ],
)
def test_o29_progress_suits_stderr(monkeypatch, folders, is_terminal, quiet, log_format, kind):
    monkeypatch.setenv("TERM", "xterm")
    stderr = Stderr(is_terminal=is_terminal)
    monkeypatch.setattr("sys.stderr", stderr)
    with open_progress(quiet=quiet, log_format=log_format, color_mode="auto") as progress:
        assert type(progress) is kind
        play(progress)
        progress.show()
        progress.source_finished("question_one", samples.source_report())
    assert ("2/2 venues, 1 images, 2.5 kB, 1 failed" in stderr.getvalue()) is (kind is not Counting)


async def test_o29_one_line_every_30_seconds(capsys):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            raise asyncio.CancelledError

    progress = Lines()
    play(progress)
    with pytest.raises(asyncio.CancelledError):
        await keep_showing(progress, sleep)
    assert waits == [30.0] * 3
    assert len(capsys.readouterr().err.splitlines()) == 2


async def test_closed_stderr_ends_the_showing_not_the_run(monkeypatch):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    async def sleep(seconds):
        return None

    progress = Lines()
    play(progress)
    monkeypatch.setattr("sys.stderr", Closed())
    await keep_showing(progress, sleep)
    progress.source_finished("question_one", samples.source_report())


@pytest.mark.parametrize(
    ("level", "log_format", "is_terminal", "expected"),
    [
        ("info", "text", True, "error"),
        ("info", "text", False, "info"),
        ("info", "json", True, "info"),
        ("debug", "text", True, "debug"),
        ("warning", "text", True, "warning"),
    ],
)
def test_a_person_who_watches_is_not_shouted_at(monkeypatch, level, log_format, is_terminal, expected):
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    assert at_a_terminal(level, log_format) == expected
