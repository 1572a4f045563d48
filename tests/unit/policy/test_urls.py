"""Gate 1 and the canonical form (safety.md 3). The hostile table H001-H045 is in tests/hostile."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.domain.errors import AddressBlocked, InvalidUrl
from trivia_scraper.policy.urls import check_url, examine_url, host_of, is_exempt_host, normalise_url, origin_of

PORTS = frozenset({80, 443, 8080, 8443})
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def check(url: str, base: str | None = None) -> str:
    return check_url(url, base=base, ports=PORTS, networks=())


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://Example.COM", "http://example.com/"),
        ("HTTPS://example.com:443/a", "https://example.com/a"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("http://example.com:/a", "http://example.com/a"),
        ("http://example.com./a", "http://example.com/a"),
        ("http://example.com/a#top", "http://example.com/a"),
        ("http://example.com/a/../b/./c", "http://example.com/b/c"),
        ("http://example.com/a/%2e%2e/b", "http://example.com/b"),
        ("http://example.com/../../a/..", "http://example.com/"),
        ("http://example.com/%7Euser/%c3%a9", "http://example.com/~user/%C3%A9"),
        ("http://example.com/quiz-żywiec", "http://example.com/quiz-%C5%BCywiec"),
        ("http://example.com/100%", "http://example.com/100%25"),
        ("http://example.com/%%34%31", "http://example.com/%2541"),
        ("http://example.com?q=1", "http://example.com/?q=1"),
        ("http://example.com/?", "http://example.com/?"),
        ("http://example.com/a?b=[1]", "http://example.com/a?b=%5B1%5D"),
        ("https://münchen.example/x", "https://xn--mnchen-3ya.example/x"),
        ("https://my_bucket.example.com/x", "https://my_bucket.example.com/x"),
        ("http://1.1.1.1/x", "http://1.1.1.1/x"),
        ("http://[2606:4700:0:0::1111]/x", "http://[2606:4700::1111]/x"),
        ("http://pub.h2/x", "http://pub.h2/x"),
    ],
)
def test_canonical_form(url: str, canonical: str) -> None:
    assert check(url) == canonical
    assert check(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "base", "resolved"),
    [
        ("b.jpg", "https://example.com/a/page", "https://example.com/a/b.jpg"),
        ("/b.jpg", "https://example.com/a/page", "https://example.com/b.jpg"),
        ("?page=2", "https://example.com/a", "https://example.com/a?page=2"),
        ("//cdn.example.net/b.jpg", "https://example.com/a", "https://cdn.example.net/b.jpg"),
        ("http://other.example/x", "https://example.com/a", "http://other.example/x"),
    ],
)
def test_relative_urls_are_resolved_against_their_page(url: str, base: str, resolved: str) -> None:
    assert check(url, base) == resolved


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "/a", "//example.com/a", "http:", "http://", "http:///a", "http://?q", "http:example.com",
        "http://user@example.com/", "http://user:pass@example.com/", "http://example.com\\@127.0.0.1/",
        "http://example.com:80:80/", "http://example.com:8a/", "http://example.com:000080/", "http://exa mple.com/",
        "http://example.com/a b", "http://example.com/\n", " http://example.com/", "http://example.com/\u3000",
        "http://example.com/\x7f", "http://example.com/\ud800", "http://exa%6dple.com/", "http://.example.com/",
        "http://example..com/", "http://example.com../", "http://xn--a.example/", "http://[::1", "http://[1.2.3.4]/",
        "http://[v1.x]/", "http://1.2.3.4.5/", "http://01.2.3.4/", "http://1.2.3.256/", "http://1.2.3.4./",
        "http://foo.123/", "http://foo.0x1/", "http://１.１.１.１/", "ftp://example.com/", "javascript:alert(1)",
        "http://" + "a" * 64 + ".com/", "http://" + "a." * 130 + "com/", "http://example.com/" + "a" * 2_048,
        "http://example.com/" + "ż" * 1_000,
    ],
)  # fmt: skip
def test_unusable_urls_are_invalid(url: str) -> None:
    with pytest.raises(InvalidUrl):
        check(url)


@pytest.mark.parametrize(
    "url",
    ["http://printer.local/", "http://metadata.google.internal/", "http://a.b.localhost/", "http://intranet/", "http://ｌｏｃａｌｈｏｓｔ/"],
)  # fmt: skip
def test_names_of_private_networks_are_blocked_without_a_look_up(url: str) -> None:
    with pytest.raises(AddressBlocked):
        check(url)


@pytest.mark.parametrize("url", ["", "a", "//x"])
def test_a_hopeless_base_is_an_invalid_url(url: str) -> None:
    with pytest.raises(InvalidUrl):
        check(url, "not a page")
    with pytest.raises(InvalidUrl):
        check(url, "http://[::1")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:45123/", "http://localhost:45123/", "http://[::1]:45123/", "http://a.localhost:1/"]
)
def test_opened_networks_are_exempt_from_addresses_and_ports(url: str) -> None:
    assert check_url(url, ports=PORTS, networks=LOOPBACK) == url
    assert examine_url(url, ports=PORTS, networks=LOOPBACK).is_exempt
    with pytest.raises((AddressBlocked, InvalidUrl)):
        check(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://10.0.0.1:8080/"])
def test_opened_networks_do_not_open_anything_else(url: str) -> None:
    with pytest.raises((AddressBlocked, InvalidUrl)):
        check_url(url, ports=PORTS, networks=LOOPBACK)


def test_localhost_is_exempt_only_while_loopback_is_opened() -> None:
    assert is_exempt_host("localhost", LOOPBACK)
    assert is_exempt_host("localhost", (ipaddress.ip_network("0.0.0.0/0"),))
    assert not is_exempt_host("localhost", (ipaddress.ip_network("10.0.0.0/8"),))
    assert not is_exempt_host("example.com", LOOPBACK)


def test_origin_and_host() -> None:
    origin = origin_of("https://Example.com:8443/a?b")
    assert origin == ("https", "example.com", 8443)
    assert str(origin) == "https://example.com:8443"
    assert str(origin_of("http://[2606:4700::1]/x")) == "http://[2606:4700::1]"
    assert host_of("https://WWW.Example.com/a") == "www.example.com"
    with pytest.raises(InvalidUrl):
        host_of("example.com/a")


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://CDN.Example.com:443/A.jpg#x", "https://cdn.example.com/A.jpg"),
        ("https://cdn.example.com/a.jpg?b=2&a=1", "https://cdn.example.com/a.jpg?a=1&b=2"),
        ("https://cdn.example.com/a.jpg?b=&a=1&&", "https://cdn.example.com/a.jpg?a=1"),
        ("https://cdn.example.com/a.jpg?17", "https://cdn.example.com/a.jpg?17"),
        ("https://u:p@cdn.example.com/a.jpg?key=s&X-Amz-Signature=s&w=3", "https://cdn.example.com/a.jpg?w=3"),
        (" https://cdn.example.com ", "https://cdn.example.com/"),
        ("http://cdn.example.com:8080/a", "http://cdn.example.com:8080/a"),
        ("http://[2606:4700::1]:80/a", "http://[2606:4700::1]/a"),
    ],
)
def test_d2_normalised_url(url: str, normal: str) -> None:
    assert normalise_url(url) == normal
    assert normalise_url(normal) == normal


def test_normalising_what_is_no_url_does_not_raise() -> None:
    assert normalise_url("not a url") == "not a url"
    normalise_url("http://[::1")
    normalise_url("http://example.com:99999999/")


url_like = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}://{}{}{}{}".format,
        st.sampled_from(["http", "https", "HTTP", "ftp", ""]),
        st.sampled_from(["", "a@", "a:b@"]),
        st.one_of(
            st.ip_addresses().map(str),
            st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
            st.integers(0, 2**33).map(str),
            st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
            st.text(min_size=1, max_size=12),
            st.sampled_from(["localhost", "xn--a", "example.com", "ｅxample.com", "127。0。0。1"]),
        ),
        st.sampled_from(["", ":80", ":0", ":8080", ":99999", ":x"]),
        st.one_of(
            st.just(""), st.text(max_size=30).map("/".__add__), st.from_regex(r"/[%.a-f0-9/?#]{0,20}", fullmatch=True)
        ),
    ),
)


@settings(max_examples=500, deadline=None)
@given(url_like, st.none() | url_like)
def test_the_gate_raises_its_two_errors_only_and_is_idempotent(url: str, base: str | None) -> None:
    try:
        canonical = check(url, base)
    except (InvalidUrl, AddressBlocked):
        return
    assert canonical.isascii()
    assert check(canonical) == canonical
    assert check(canonical, base="https://example.org/elsewhere") == canonical


@settings(deadline=None)
@given(url_like)
def test_normalising_never_raises_and_is_idempotent(url: str) -> None:
    normal = normalise_url(url)
    assert normalise_url(normal) == normal
