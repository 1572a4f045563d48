"""H001-H045: nothing scraped reaches a private network. No socket is ever made: a recorder stands in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from structlog.testing import capture_logs

from support.fetching import Names, Sink, SocketRecorder, fetcher, options, public_settings, through
from trivia_scraper.domain.errors import AddressBlocked, InvalidUrl, PageUnreachable, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.pages import ImageRequest, PageRequest
from trivia_scraper.fetching import HttpFetcher
from trivia_scraper.fetching.exchange import Seams
from trivia_scraper.fetching.guard import RefusedAddress, make_guard
from trivia_scraper.fetching.resolver import MOST_ADDRESSES, GuardedResolver
from trivia_scraper.policy.addresses import REFUSED_NETWORKS

BA, IU = AddressBlocked, InvalidUrl
OPEN_PORTS = frozenset({80, 443, 8080, 8443})

URLS: list[tuple[str, str, type[TriviaScraperError]]] = [
    ("H001", "http://127.0.0.1/", BA),
    ("H002", "http://127.1/", IU),
    ("H003", "http://2130706433/", IU),
    ("H004", "http://0x7f000001/", IU),
    ("H005", "http://0177.0.0.1/", IU),
    ("H006", "http://0x7f.1/", IU),
    ("H007", "http://0/", IU),
    ("H008", "http://localhost/", BA),
    ("H009", "http://localhost./", BA),
    ("H010", "http://LOCALHOST/", BA),
    ("H011", "http://[::1]/", BA),
    ("H012", "http://[::ffff:127.0.0.1]/", BA),
    ("H013", "http://[::ffff:7f00:1]/", BA),
    ("H014", "http://[::]/", BA),
    ("H015", "http://[fe80::1%25eth0]/", IU),
    ("H016", "http://①②⑦.⓪.⓪.①/", IU),
    ("H017", "http://127。0。0。1/", IU),
    ("H018", "http://127.0.0.1%2f@example.com/", IU),
    ("H019", "http://example.com@127.0.0.1/", IU),
    ("H020", "http://127.0.0.1\\@example.com/", IU),
    ("H021", "http://127.0.0.1:18080\\@example.com/", IU),
    ("H023", "http://example.com\t:80/", IU),
    ("H024", "http:///127.0.0.1", IU),
    ("H025", "http:127.0.0.1", IU),
    ("H027", "file:///etc/passwd", IU),
    ("H028", "gopher://127.0.0.1", IU),
    ("H029", "unix:///run/docker.sock", IU),
    ("H030", "data:image/png;base64,iVBORw0KGgo=", IU),
    ("H031", "http://169.254.169.254/latest/meta-data/", BA),
    ("H032", "http://[64:ff9b::7f00:1]/", BA),
    ("H033", "http://example.com:22/", IU),
    ("H034", "http://example.com:0/", IU),
    ("H035", "http://example.com:99999/", IU),
]

REDIRECTS: list[tuple[str, str, type[TriviaScraperError]]] = [
    ("H036", "http://127.0.0.1/", BA),
    ("H026", "//127.0.0.1", BA),
    ("H037-10", "http://10.1.2.3/", BA),
    ("H037-172", "http://172.16.0.1/", BA),
    ("H037-192", "http://192.168.1.1/", BA),
    ("H038", "http://169.254.169.254/", BA),
    ("H039", "http://100.64.0.1/", BA),
    ("H040", "http://[fd00::1]/", BA),
    ("H041", "http://[::ffff:10.0.0.1]/", BA),
    ("H042", "http://[64:ff9b::a00:1]/", BA),
    ("H043", "http://[2002:a00:1::]/", BA),
    ("H044", "file:///etc/passwd", IU),
    ("H045", "gopher://127.0.0.1:6379/_INFO", IU),
]


@dataclass
class Site:
    """Answers every request with a redirect to `location`; remembers who was asked."""

    location: str
    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": self.location}, stream=httpx.ByteStream(b""))


async def ask(opened: HttpFetcher, subject: str, url: str) -> object:
    if subject == "page":
        return await opened.fetch_page(PageRequest(url), accept_language="en", deadline_seconds=5)
    return await opened.download_image(ImageRequest(url, None), Sink(), options(), deadline_seconds=5)


@pytest.mark.parametrize("subject", ["page", "image"])
@pytest.mark.parametrize(("url", "error"), [row[1:] for row in URLS], ids=[row[0] for row in URLS])
async def test_refused_before_any_look_up_or_socket(url: str, error: type[TriviaScraperError], subject: str) -> None:
    names, sockets = Names(), SocketRecorder()
    async with fetcher(public_settings(), seams=Seams(lookup=names, create_socket=sockets)) as opened:
        with capture_logs() as logs, pytest.raises(error) as caught:
            await ask(opened, subject, url)
    assert caught.value.error_type is (ErrorType.BLOCKED_ADDRESS if error is BA else ErrorType.INVALID_URL)
    assert names.asked == []
    assert sockets.made == []
    blocked = [line for line in logs if line["event"] == LogEvent.FETCH_BLOCKED]
    assert [line["log_level"] for line in blocked] == (["error"] if error is BA else [])


async def test_h022_a_host_behind_a_hash_is_a_fragment() -> None:
    site = Site("http://10.0.0.1/")
    async with fetcher(public_settings(), seams=through(site)) as opened:
        with pytest.raises(AddressBlocked):
            await ask(opened, "page", "http://example.com#@127.0.0.1")
    assert site.asked == ["http://example.com/"]


@pytest.mark.parametrize("subject", ["page", "image"])
@pytest.mark.parametrize(("location", "error"), [row[1:] for row in REDIRECTS], ids=[row[0] for row in REDIRECTS])
async def test_refused_at_the_second_hop(location: str, error: type[TriviaScraperError], subject: str) -> None:
    """R216: a redirect into a private network is refused before anything is asked there."""
    site = Site(location)
    async with fetcher(public_settings(), seams=through(site)) as opened:
        with pytest.raises(error):
            await ask(opened, subject, "http://example.com/start")
    assert site.asked == ["http://example.com/start"]


@pytest.mark.parametrize(
    "answers",
    [["10.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["1.1.1.1"] * 20 + ["::1"], ["fe80::1%eth0"], ["?"]],
)
async def test_gate_2_one_refused_answer_refuses_the_host(answers: Sequence[str]) -> None:
    names, sockets = Names({"rebind.example.com": answers}), SocketRecorder()
    async with fetcher(public_settings(), seams=Seams(lookup=names, create_socket=sockets)) as opened:
        with capture_logs() as logs, pytest.raises(AddressBlocked):
            await ask(opened, "page", "http://rebind.example.com/?token=secret")
    assert names.asked == ["rebind.example.com"]
    assert sockets.made == []
    assert [line["url"] for line in logs if line["event"] == LogEvent.FETCH_BLOCKED] == [
        "http://rebind.example.com/?token=***"
    ]


async def test_gate_2_at_most_eight_addresses_are_tried() -> None:
    resolver = GuardedResolver(lambda host: [f"1.1.1.{n}" for n in range(1, 30)], (), 5.0)
    found = await resolver.resolve("many.example.com", 443)
    await resolver.close()
    assert [each["host"] for each in found] == [f"1.1.1.{n}" for n in range(1, MOST_ADDRESSES + 1)]
    assert {each["port"] for each in found} == {443}


async def test_f49_an_answer_that_changes_is_looked_at_again() -> None:
    names, sockets = Names({"rebind.example.com": ["1.1.1.1"]}), SocketRecorder()
    seams = Seams(lookup=names, create_socket=sockets)
    async with fetcher(public_settings(dns_ttl_seconds=0.0), seams=seams) as opened:
        with pytest.raises(PageUnreachable):
            await ask(opened, "page", "http://rebind.example.com/")
        assert len(sockets.made) == 1
        names.addresses["rebind.example.com"] = ["127.0.0.1"]
        with pytest.raises(AddressBlocked):
            await ask(opened, "image", "http://rebind.example.com/")
    assert len(sockets.made) == 1


@pytest.mark.parametrize("network", REFUSED_NETWORKS, ids=str)
def test_gate_3_no_socket_for_a_refused_address(network: object) -> None:
    sockets = SocketRecorder()
    guard = make_guard((), OPEN_PORTS, sockets)
    for address in (network[0], network[-1]):  # type: ignore[index]
        with pytest.raises(RefusedAddress):
            guard((10 if address.version == 6 else 2, 1, 6, "", (str(address), 80)))
    assert sockets.made == []


@pytest.mark.parametrize(
    ("host", "port"), [("1.1.1.1", 22), ("1.1.1.1", 0), ("not an address", 80), ("fe80::1%lo", 80)]
)
def test_gate_3_refuses_ports_and_what_is_no_address(host: str, port: int) -> None:
    sockets = SocketRecorder()
    with pytest.raises(RefusedAddress):
        make_guard((), OPEN_PORTS, sockets)((2, 1, 6, "", (host, port)))
    assert sockets.made == []


async def test_gate_3_holds_where_gate_2_was_deceived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedResolver, "_is_allowed", lambda self, address: True)
    names, sockets = Names({"rebind.example.com": ["192.168.0.1"]}), SocketRecorder()
    async with fetcher(public_settings(), seams=Seams(lookup=names, create_socket=sockets)) as opened:
        with pytest.raises(AddressBlocked) as caught:
            await ask(opened, "image", "http://rebind.example.com/")
    assert caught.value.error_type is ErrorType.BLOCKED_ADDRESS
    assert sockets.made == []


async def test_an_allowed_address_does_reach_the_socket_constructor() -> None:
    """The recorder is no dead end of its own: a public address gets as far as it."""
    names, sockets = Names({"example.com": ["1.1.1.1"]}), SocketRecorder()
    async with fetcher(public_settings(), seams=Seams(lookup=names, create_socket=sockets)) as opened:
        with pytest.raises(PageUnreachable):
            await ask(opened, "page", "http://example.com/")
    assert len(sockets.made) == 1


async def test_f49_a_name_that_does_not_exist() -> None:
    sockets = SocketRecorder()
    async with fetcher(public_settings(), seams=Seams(lookup=Names(), create_socket=sockets)) as opened:
        with pytest.raises(PageUnreachable) as caught:
            await ask(opened, "page", "http://nowhere.example.com/")
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.NETWORK_ERROR, Reason.DNS)
    assert sockets.made == []
