"""settings/control_socket.py: daemon and `status` come to the same path, which a socket can have."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from trivia_scraper.settings.control_socket import PATH_LIMIT, control_socket_path, find_control_socket


@pytest.fixture
def bind() -> Iterator[object]:
    """Make a socket at a path; it ends with the test."""
    with ExitStack() as stack:

        def make(path: Path) -> Path:
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)).bind(str(path))
            return path

        yield make


def test_runtime_directory_wins_over_the_state_folder(tmp_path: Path) -> None:
    assert control_socket_path(Path("/s"), {"RUNTIME_DIRECTORY": "/run/x:/run/y"}) == Path("/run/x/control.sock")
    assert control_socket_path(Path("/s"), {}) == Path("/s/control.sock")


def test_path_too_long_for_a_socket_becomes_a_short_one_of_its_own(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    long = [control_socket_path(Path("/" + "é" * 45 + name), {}) for name in ("a", "b")]
    assert long[0] != long[1]
    assert long[0] == control_socket_path(Path("/" + "é" * 45 + "a"), {})
    for path in long:
        assert len(os.fsencode(path)) <= PATH_LIMIT
        assert str(path).startswith(f"/tmp/trivia-scraper-{os.geteuid()}-")


def test_callers_find_the_daemon_of_their_state_folder_first(tmp_path: Path, bind) -> None:
    ours, units = bind(tmp_path / "state" / "control.sock"), bind(tmp_path / "run" / "control.sock")
    assert find_control_socket(tmp_path / "state", {}, tmp_path / "run") == ours
    assert find_control_socket(tmp_path / "other", {}, tmp_path / "run") == units
    assert find_control_socket(tmp_path / "other", {}, tmp_path / "none") is None


def test_file_and_link_are_no_socket_of_ours(tmp_path: Path, bind) -> None:
    target = bind(tmp_path / "elsewhere" / "s")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "control.sock").symlink_to(target)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "control.sock").write_text("")
    assert find_control_socket(tmp_path / "state", {}, tmp_path / "run") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a stranger's folder")
def test_socket_of_a_stranger_among_everybodys_folders_is_not_asked(tmp_path: Path, bind) -> None:
    everybodys = tmp_path / "tmp"
    found = bind(everybodys / "state" / "control.sock")
    everybodys.chmod(0o1777)
    assert find_control_socket(found.parent, {}, tmp_path / "none") == found
    os.chown(found.parent, 65534, 65534)
    assert find_control_socket(found.parent, {}, tmp_path / "none") is None
