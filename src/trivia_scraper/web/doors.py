"""Who may come in where: the web's listener, the one for metrics alone, the unix socket of the same machine."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from trivia_scraper.settings.daemon_sections import MetricsSection, WebSection

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LIVEZ: Final = "/livez"
READYZ: Final = "/readyz"
METRICS: Final = "/metrics"
STATUS: Final = "/status.json"
RELOAD: Final = "/reload"

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\[\]]+)(?::\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Door:
    """One way in.

    pages          the paths that are answered here; any other is 404
    hosts          names that the Host header may have, in lower case; None = it is not looked at
    token          what callers must send as bearer, but for /livez; "" = nothing
    metrics_allow  networks whose peers may read /metrics; None = whoever got here. A peer without an address, at a
                   unix socket, is in none
    """

    pages: frozenset[str]
    hosts: frozenset[str] | None
    token: str = field(repr=False)
    metrics_allow: tuple[Network, ...] | None

    def knows_host(self, header: str) -> bool:
        """Whether this Host header names us. The port does not matter."""
        return self.hosts is None or host_of(header) in self.hosts

    def may_read_metrics(self, peer: str | None) -> bool:
        """Whether this peer's address is in an allowed network."""
        if self.metrics_allow is None:
            return True
        return peer is not None and _is_in(peer, self.metrics_allow)


def web_door(web: WebSection, metrics: MetricsSection) -> Door:
    """`web.listen`. Metrics have left it where they have a listener of their own."""
    pages = {LIVEZ, READYZ, STATUS} | (set() if metrics.listen else {METRICS})
    return Door(frozenset(pages), _names(web), web.token.get_secret_value(), tuple(metrics.allow))


def metrics_door(web: WebSection, metrics: MetricsSection) -> Door:
    """`metrics.listen`."""
    return Door(frozenset({LIVEZ, METRICS}), _names(web), web.token.get_secret_value(), tuple(metrics.allow))


def control_door() -> Door:
    """The daemon's own unix socket: whoever may open the file may ask everything, and ask for a reload."""
    return Door(frozenset({LIVEZ, READYZ, METRICS, STATUS, RELOAD}), None, "", None)


def host_of(header: str) -> str | None:
    """ "LOCALHOST:8321" → "localhost"; None = no host can be read from it."""
    found = _HOST.fullmatch(header)
    return found[1].lower() if found else None


def _names(web: WebSection) -> frozenset[str]:
    return frozenset(name.lower() for name in web.allowed_hosts)


def _is_in(peer: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in networks)
