"""Who is let in (safety.md 10): names, tokens, networks, methods; and what every answer carries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from support.fetching import FakeClock
from support.web import Site, open_site
from trivia_scraper.settings.daemon_sections import MetricsSection, WebSection
from trivia_scraper.web import control_door, metrics_door, web_door
from trivia_scraper.web.doors import host_of
from trivia_scraper.web.tries import MOST_PEERS, WrongTries

TOKEN = "correct-horse-battery"
RIGHT = f"Authorization: Bearer {TOKEN}"
WRONG = "Authorization: Bearer correct-horse-batterz"


def guarded(**metrics: object) -> tuple[WebSection, MetricsSection]:
    return WebSection.model_validate({"token": TOKEN}), MetricsSection.model_validate(metrics)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8321", "localhost"),
        ("127.0.0.1:", None),
        ("[::1]:8321", "[::1]"),
        ("[::1]", "[::1]"),
        ("", None),
        ("a b", None),
        ("user@localhost", None),
        ("localhost/", None),
        ("localhost:8321:1", None),
        ("localhost:port", None),
        ("::1", None),
    ],
)
def test_a_host_is_read_strictly(header: str, host: str | None) -> None:
    assert host_of(header) == host


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8321", "LOCALHOST"])
async def test_our_own_names_are_let_in_whatever_the_port(site: Site, host: str) -> None:
    assert (await site.get("/readyz", host=host)).status == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/status.json", "/nothing"])
@pytest.mark.parametrize("host", ["pub.example", "localhost.pub.example", "127.0.0.1@pub.example", ""])
async def test_another_name_is_refused_everywhere(site: Site, path: str, host: str) -> None:
    """DNS rebinding: the browser's own name for us is not ours."""
    assert (await site.get(path, host=host)).status == 400


async def test_no_name_and_two_names_are_refused(site: Site) -> None:
    assert (await site.send("GET /livez HTTP/1.0")).status == 400
    assert (await site.send("GET /livez HTTP/1.1", "Host: localhost", "Host: pub.example")).status == 400


async def test_every_answer_carries_the_headers_of_safety(site: Site) -> None:
    for answer in (await site.get("/livez"), await site.get("/nothing"), await site.get("/livez", host="x.example")):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["date"].endswith(" GMT")
        assert "server" not in answer.headers


async def test_only_looking_is_possible(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await site.get("/readyz", "Content-Length: 0", method=method)
        assert answer.status == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    head = await site.get("/readyz", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) > 100


async def test_what_belongs_behind_another_door_is_not_there(site: Site) -> None:
    assert (await site.get("/reload", method="POST")).status == 404
    assert (await site.get("/readyz/")).status == 404


async def test_a_body_is_ignored(site: Site) -> None:
    answer = await site.send("GET /livez HTTP/1.1", "Host: localhost", "Content-Length: 5", "", "12345")
    assert answer.status == 200


async def test_a_token_is_needed_everywhere_but_at_livez() -> None:
    async with open_site(web_door(*guarded())) as site:
        assert (await site.get("/livez")).status == 200
        for path in ("/readyz", "/metrics", "/status.json", "/nothing"):
            without = await site.get(path)
            assert (without.status, without.headers["www-authenticate"]) == (401, "Bearer")
        for path in ("/readyz", "/metrics", "/status.json"):
            assert (await site.get(path, RIGHT)).status == 200
        assert (await site.get("/readyz", RIGHT.replace("Bearer", "bearer"))).status == 200
        assert not site.capture.entries


@pytest.mark.parametrize(
    "header",
    [
        WRONG,
        f"Authorization: Basic {TOKEN}",
        f"Authorization: {TOKEN}",
        "Authorization: Bearer",
        "Authorization: \xe9",
    ],
)
async def test_a_wrong_token_is_refused_and_told_without_itself(header: str) -> None:
    async with open_site(web_door(*guarded())) as site:
        answer = await site.get("/readyz", header)
        assert (answer.status, answer.body) == (401, b"wrong token\n")
        assert site.capture.entries == [
            {"event": "web.refused", "log_level": "warning", "peer": "127.0.0.1", "why": "wrong token"}
        ]


async def test_five_wrong_tokens_in_a_minute_close_the_door_for_that_peer() -> None:
    async with open_site(web_door(*guarded())) as site:
        for _ in range(5):
            assert (await site.get("/readyz", WRONG)).status == 401
            site.clock.seconds += 5
        for header in (WRONG, RIGHT):
            answer = await site.get("/readyz", header)
            assert (answer.status, answer.headers["retry-after"]) == (429, "35")
        assert (await site.get("/livez")).status == 200
        assert (await site.get("/readyz")).status == 401
        site.clock.seconds += 36
        assert (await site.get("/readyz", RIGHT)).status == 200


def test_wrong_tries_are_counted_by_peer_and_forgotten_in_order() -> None:
    clock = FakeClock()
    tries = WrongTries(clock.monotonic)
    for _ in range(5):
        tries.note("192.0.2.1")
    assert tries.wait_seconds("192.0.2.1") == 60
    assert tries.wait_seconds("192.0.2.2") == 0
    for number in range(MOST_PEERS):
        tries.note(f"peer {number}")
    assert tries.wait_seconds("192.0.2.1") == 0


async def test_metrics_are_for_their_networks() -> None:
    web, metrics = WebSection(), MetricsSection.model_validate({"allow": ["192.0.2.0/24"]})
    async with open_site(web_door(web, metrics)) as site:
        assert (await site.get("/metrics")).status == 403
        assert (await site.get("/readyz")).status == 200
        # Nobody chooses its own address.
        assert (await site.get("/metrics", "X-Forwarded-For: 192.0.2.9", "Forwarded: for=192.0.2.9")).status == 403


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("fe80::1%eth0", False),
        ("192.0.2.1", False),
        ("nonsense", False),
        (None, False),
    ],
)
def test_a_peer_is_in_a_network_or_not(peer: str | None, allowed: bool) -> None:
    assert web_door(WebSection(), MetricsSection()).may_read_metrics(peer) is allowed
    assert control_door().may_read_metrics(peer)


async def test_metrics_with_a_listener_of_their_own_have_left_the_other(tmp_path: Path) -> None:
    sections = guarded(listen="127.0.0.1:9321")
    async with open_site(web_door(*sections)) as site:
        assert (await site.get("/metrics", RIGHT)).status == 404
    async with open_site(metrics_door(*sections)) as site:
        assert (await site.get("/metrics")).status == 401
        assert (await site.get("/metrics", RIGHT)).status == 200
        assert (await site.get("/status.json", RIGHT)).status == 404
        assert (await site.get("/livez")).status == 200


async def test_a_unix_socket_of_the_web_asks_as_the_port_does(tmp_path: Path) -> None:
    """Behind it is a proxy, and behind that anybody; only the control socket trusts who opens it."""
    async with open_site(web_door(*guarded()), tmp_path / "web") as site:
        assert (await site.get("/readyz", RIGHT, host="pub.example")).status == 400
        assert (await site.get("/readyz")).status == 401
        assert (await site.get("/readyz", RIGHT)).status == 200
        assert (await site.get("/metrics", RIGHT)).status == 403


def test_a_token_is_not_shown_by_its_door() -> None:
    assert TOKEN not in repr(web_door(*guarded()))


async def test_a_request_a_connection(site: Site) -> None:
    answer = await site.get("/livez", "Connection: keep-alive")
    assert answer.headers["connection"] == "close"


async def test_headers_without_end_are_cut_off(site: Site) -> None:
    reader, writer = await site.connect()
    writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + b"X-Filler: " + b"a" * 100_000)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400")
