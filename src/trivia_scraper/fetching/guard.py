"""Gate 3: the last look at an address, when a socket for it is about to be made (safety.md 3).

It sees what is really connected to - literals, redirects and answers that changed since the look-up included -
before a packet leaves.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias

from trivia_scraper.policy.addresses import Network, is_allowed, is_opened

AddressInfo: TypeAlias = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]
CreateSocket: TypeAlias = Callable[[int, int, int], socket.socket]
SocketFactory: TypeAlias = Callable[[AddressInfo], socket.socket]


class RefusedAddress(OSError):
    """The address may not be contacted. An OSError, so that the connector takes it for a failed attempt."""


def make_guard(
    networks: tuple[Network, ...], ports: AbstractSet[int], create_socket: CreateSocket = socket.socket
) -> SocketFactory:
    """A socket factory for the connector that raises RefusedAddress instead of making a socket."""

    def guard(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, target = info
        if not may_connect(str(target[0]), int(target[1]), networks, ports):
            raise RefusedAddress(f"connections to {target[0]} port {target[1]} are refused")
        return create_socket(family, kind, protocol)

    return guard


def may_connect(host: str, port: int, networks: tuple[Network, ...], ports: AbstractSet[int]) -> bool:
    """Whether a socket address may be connected to; what is no IP address may not."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return is_allowed(address, networks) and (is_opened(address, networks) or port in ports)
