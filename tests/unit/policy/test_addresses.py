"""Which addresses may be contacted (safety.md 3)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.addresses import (
    REFUSED_NETWORKS,
    Network,
    embedded_addresses,
    is_allowed,
    is_opened,
)

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
NAT64 = (ipaddress.ip_network("64:ff9b::/96"),)


@pytest.mark.parametrize("network", REFUSED_NETWORKS, ids=str)
def test_first_and_last_address_of_every_listed_network_are_refused(network: Network) -> None:
    assert not is_allowed(network[0], ())
    assert not is_allowed(network[-1], ())


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "172.32.0.0", "223.255.255.255", "2606:4700::1111"],
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ipaddress.ip_address(address), ())


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("127.0.0.1", LOOPBACK, True),
        ("::1", LOOPBACK, True),
        ("::2", LOOPBACK, False),
        ("10.0.0.1", LOOPBACK, False),
        ("::ffff:127.0.0.1", LOOPBACK, False),
        ("64:ff9b::101:101", NAT64, True),
        ("64:ff9b::7f00:1", NAT64, False),
        ("64:ff9b::7f00:1", NAT64 + LOOPBACK, True),
        ("64:ff9b::a9fe:a9fe", NAT64, False),
        ("::ffff:1.1.1.1", (ipaddress.ip_network("::ffff:0:0/96"),), True),
        ("::ffff:10.0.0.1", (ipaddress.ip_network("::ffff:0:0/96"),), False),
        ("2002:a00:1::", (ipaddress.ip_network("2002::/16"),), False),
        ("2002:101:101::", (ipaddress.ip_network("2002::/16"),), True),
        ("1.1.1.1", LOOPBACK, True),
    ],
)
def test_opened_networks_still_check_what_is_embedded(
    address: str, networks: tuple[Network, ...], allowed: bool
) -> None:
    assert is_allowed(ipaddress.ip_address(address), networks) is allowed


@pytest.mark.parametrize(
    ("address", "embedded"),
    [
        ("1.2.3.4", []),
        ("::", []),
        ("::1", []),
        ("::1.2.3.4", ["1.2.3.4"]),
        ("::ffff:1.2.3.4", ["1.2.3.4"]),
        ("2002:102:304::", ["1.2.3.4"]),
        ("64:ff9b::1.2.3.4", ["1.2.3.4"]),
        ("2001:0:102:304::fefd:fcfb", ["1.2.3.4", "1.2.3.4"]),
        ("2606:4700::1111", []),
    ],
)
def test_embedded_addresses(address: str, embedded: list[str]) -> None:
    found = embedded_addresses(ipaddress.ip_address(address))
    assert [str(each) for each in found] == embedded


def test_opened_means_inside_one_of_the_networks() -> None:
    assert is_opened(ipaddress.ip_address("127.8.9.10"), LOOPBACK)
    assert not is_opened(ipaddress.ip_address("8.8.8.8"), LOOPBACK)


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_ever_allowed(address: ipaddress.IPv4Address) -> None:
    if is_allowed(address, ()):
        assert address.is_global
        flags = (address.is_private, address.is_loopback, address.is_link_local, address.is_multicast)
        assert not any(flags)
