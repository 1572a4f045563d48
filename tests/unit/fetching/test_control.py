"""The client of the control socket: whoever does not answer as a daemon does is named, and never waited for long."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from support.control_daemon import control_daemon
from trivia_scraper.domain.errors import ServiceUnreachable
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.fetching import control
from trivia_scraper.fetching.control import ask_control


async def test_the_answer_is_its_status_and_its_object(open_folder: Path) -> None:
    answers = {"GET /status.json": (200, {"daemon": None}), "POST /reload": (422, {"ok": False})}
    with control_daemon(open_folder / "s", answers) as daemon:
        answer = await ask_control(open_folder / "s", "GET", "/status.json")
        refused = await ask_control(open_folder / "s", "POST", "/reload")
    assert (answer.status, answer.document) == (200, {"daemon": None})
    assert (refused.status, refused.document) == (422, {"ok": False})
    assert daemon.asked == ["GET /status.json", "POST /reload"]


async def test_one_who_listens_and_says_nothing_is_given_up(open_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(open_folder / "s"))
        silent.listen()
        with pytest.raises(ServiceUnreachable, match="gave no answer within") as caught:
            await ask_control(open_folder / "s", "GET", "/status.json", deadline_seconds=0.05)
    assert caught.value.error_type is ErrorType.NETWORK_TIMEOUT
    assert caught.value.hint


async def test_a_socket_that_was_left_behind(open_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(open_folder / "s"))
    with pytest.raises(ServiceUnreachable, match="no daemon answers"):
        await ask_control(open_folder / "s", "GET", "/status.json")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"\xff", b""])
async def test_what_is_no_object_comes_from_no_daemon(open_folder: Path, body: bytes) -> None:
    with (
        control_daemon(open_folder / "s", {"GET /status.json": (200, body)}),
        pytest.raises(ServiceUnreachable, match="no daemon of this program"),
    ):
        await ask_control(open_folder / "s", "GET", "/status.json")


async def test_an_endless_answer_is_cut_off(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MOST_BYTES", 1000)
    with (
        control_daemon(open_folder / "s", {"GET /status.json": (200, b"x" * 5000)}),
        pytest.raises(ServiceUnreachable, match="exceeds 1,000 bytes"),
    ):
        await ask_control(open_folder / "s", "GET", "/status.json")
