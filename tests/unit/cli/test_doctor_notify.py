"""`doctor --notify`: each channel gets a real test message over loopback, and its line says what came of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from support.raw_server import Exchange, raw_server, response
from trivia_scraper.cli.doctor_notify import notify_checks
from trivia_scraper.settings import LoadedSettings, settings_from

CANARY = "c4nary"


def checks_of(folder: Path, **notify: str) -> list[tuple[str, str, str]]:
    settings = settings_from({"notify": notify}, state_dir=folder)
    checks = notify_checks(cast(LoadedSettings, SimpleNamespace(settings=settings)))
    return [(check.name, check.verdict, f"{check.detail} {check.next}") for check in checks]


async def beside(server_side: Callable[[Exchange], Any], work: Callable[[str], Any]) -> Any:
    async with raw_server(server_side) as server:
        return await asyncio.to_thread(work, server.url(f"/{CANARY}"))


def test_nobody_to_tell_is_worth_a_warning(tmp_path: Path) -> None:
    [(name, verdict, words)] = checks_of(tmp_path)
    assert (name, verdict) == ("notify", "warn")
    assert "set notify.urls" in words


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
def test_each_channel_and_the_ping_address_get_a_test(tmp_path: Path) -> None:
    got: list[tuple[str, bytes]] = []

    async def take(exchange: Exchange) -> None:
        body = await exchange.reader.readexactly(int(exchange.headers.get("content-length", 0)))
        got.append((exchange.path, body))
        await exchange.send(response(status=b"403 Forbidden" if exchange.path.endswith("bad") else b"200 OK"))

    checks = asyncio.run(
        beside(
            take, lambda url: checks_of(tmp_path, urls=f"{url} {url}/bad nonsense://{CANARY}", ping_url=f"{url}/p")
        )
    )
    assert [(name, verdict) for name, verdict, _ in checks] == [
        ("notify", "ok"),
        ("notify", "fail"),
        ("notify", "fail"),
        ("notify", "ok"),
    ]
    beginnings = (
        "channel 1 (127.0.0.1) took the test message",
        "channel 2 (127.0.0.1) answered HTTP 403",
        "channel 3 (nonsense) cannot be used",
        "ping address (127.0.0.1) took the test message",
    )
    for beginning, (_, _, words) in zip(beginnings, checks, strict=True):
        assert words.startswith(beginning)
    assert CANARY not in str(checks)
    messages = [json.loads(body) for _, body in got if body]
    assert {(one["kind"], one["resolved"]) for one in messages} == {("test", False)}
    assert f"/{CANARY}/p" in [path for path, _ in got]


def test_the_flag_is_needed_to_send_anything(call: Any, bootstrap: Any, folders: Any) -> None:
    assert "notify" not in call("doctor").out
