"""A log whose reader has gone (F16)."""

from __future__ import annotations

import os
import sys

import pytest

from trivia_scraper.cli.main import run_command_line


def test_f16_a_log_that_nobody_reads_does_not_change_how_a_command_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written stays in the stream, and the interpreter's own last flush would fail over it."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as log:
        log.write("a line for nobody")
        monkeypatch.setattr(sys, "stderr", log)
        assert run_command_line(["--version"]) == 0
        log.flush()
