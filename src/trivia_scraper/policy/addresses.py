"""Which IP addresses may be contacted (safety.md 3). Pure: an address and the opened networks in, a verdict out."""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# Wider than `is_global`, on purpose: up to Python 3.12.1 that flag passes multicast, NAT64, 6to4 and others.
REFUSED_NETWORKS: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip

_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# "::" and "::1" lie in the range of IPv4-compatible addresses but embed none (RFC 4291, 2.5.5.1).
_UNSPECIFIED_AND_LOOPBACK: Final = ipaddress.IPv6Network("::/127")


def is_allowed(address: Address, networks: tuple[Network, ...]) -> bool:
    """Whether `address` may be contacted; `networks` are those the operator opened (`http.allow_networks`).

    An IPv4 address embedded in an IPv6 one must be allowed too, also inside an opened network: opening
    64:ff9b::/96 on a NAT64-only network must not open 64:ff9b::7f00:1.
    """
    if not all(is_allowed(embedded, networks) for embedded in embedded_addresses(address)):
        return False
    if is_opened(address, networks):
        return True
    return address.is_global and not _lies_in(address, REFUSED_NETWORKS)


def is_opened(address: Address, networks: tuple[Network, ...]) -> bool:
    """Whether the operator opened a network that holds this address: then any port may be used."""
    return _lies_in(address, networks)


def embedded_addresses(address: Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses inside a mapped, compatible, 6to4, NAT64 or Teredo address; Teredo holds two."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64 or (address in _COMPATIBLE and address not in _UNSPECIFIED_AND_LOOPBACK):
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def _lies_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
