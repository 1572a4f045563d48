"""daemon/notifying.py against real datagram sockets: what systemd would receive (operations.md 5, F06, F08, F11)."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from trivia_scraper.daemon.notifying import Notifier, status_line
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.settings.environment import watchdog_seconds

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")


def bound(address: str) -> socket.socket:
    """Where systemd would listen."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(address)
    listener.settimeout(5)
    return listener


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with closing(bound(str(tmp_path / "notify"))) as listener:
        yield listener


def recording() -> tuple[Any, list[Any]]:
    """A logger, and the list that its lines end up in."""
    capture = LogCapture()
    return structlog.wrap_logger(None, processors=[capture], wrapper_class=structlog.BoundLogger), capture.entries


def notifier_at(address: str, **rest: Any) -> tuple[Notifier, list[Any]]:
    log, lines = recording()
    return Notifier(address, log=log, **rest), lines


def test_f08_every_message_is_one_datagram_in_order(systemd: socket.socket) -> None:
    notifier, _ = notifier_at(systemd.getsockname(), monotonic_ns=lambda: 12_345_678_901)
    notifier.extend_timeout(7.5)
    notifier.ready()
    notifier.status("idle; next run 03:00 UTC")
    notifier.watchdog()
    notifier.reloading()
    notifier.stopping()
    assert [systemd.recv(4096) for _ in range(6)] == [
        b"EXTEND_TIMEOUT_USEC=7500000",
        b"READY=1",
        b"STATUS=idle; next run 03:00 UTC",
        b"WATCHDOG=1",
        b"RELOADING=1\nMONOTONIC_USEC=12345678",
        b"STOPPING=1",
    ]


@on_linux
def test_abstract_name() -> None:
    name = f"trivia-scraper-test-{os.getpid()}"
    with closing(bound("\0" + name)) as systemd:
        notifier, lines = notifier_at("@" + name)
        notifier.ready()
        assert systemd.recv(4096) == b"READY=1"
    assert lines == []


def test_monotonic_time_is_that_of_the_system(systemd: socket.socket) -> None:
    """systemd compares it with CLOCK_MONOTONIC."""
    notifier, _ = notifier_at(systemd.getsockname())
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notifier.reloading()
    told = int(systemd.recv(4096).rpartition(b"=")[2])
    assert before <= told <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("waiting for database", "waiting for database"),
        ("idle\nREADY=1\r\nMAINPID=1", "idle READY=1 MAINPID=1"),
        ("lost postgresql://app:c4nary@db/x", "lost postgresql://app:***@db/x"),
        ("Łódź · 5 sources ok", "Łódź · 5 sources ok"),
        ("a" * 600, "a" * 500),
    ],
    ids=["plain", "forged-assignment", "secret", "unicode", "long"],
)
def test_status_is_one_line_without_secrets(systemd: socket.socket, sentence: str, told: str) -> None:
    assert status_line(sentence) == told
    notifier, _ = notifier_at(systemd.getsockname())
    notifier.status(sentence)
    assert systemd.recv(8192).decode() == f"STATUS={told}"


def test_without_a_socket_nothing_is_said() -> None:
    notifier, lines = notifier_at("", watchdog_seconds=60)
    notifier.ready()
    notifier.stopping()
    assert lines == []
    assert notifier.watchdog_interval is None


@pytest.mark.parametrize("address", ["/nonexistent/notify", "@trivia-nobody-is-here", "vsock:2:1234", "/a\0b"])
def test_socket_that_is_away_is_a_debug_matter(address: str) -> None:
    notifier, lines = notifier_at(address)
    notifier.watchdog()
    assert [(line["event"], line["log_level"]) for line in lines] == [(LogEvent.SYSTEMD_NOT_TOLD, "debug")]


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
    ],
)
def test_watchdog_of_this_process(environment: dict[str, str], seconds: float | None) -> None:
    assert watchdog_seconds(environment, 7) == seconds


def test_of_the_environment(systemd: socket.socket) -> None:
    """F11: a sign of life is due at a third of what systemd waits."""
    log, _ = recording()
    environment = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"}
    notifier = Notifier.of(environment, 7, log)
    assert notifier.watchdog_interval == 20.0
    notifier.ready()
    assert systemd.recv(64) == b"READY=1"
    assert Notifier.of(environment, 8, log).watchdog_interval is None
