"""How the HTTP client behaves: every limit it keeps, in one frozen value that bootstrap fills from settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from trivia_scraper.domain.errors import SetupError

PRODUCT: Final = "trivia-scraper"

_PRINTABLE: Final = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Limits of the HTTP client. Times in seconds, sizes in bytes; `host_intervals` is keyed by lower-case host.

    per_host_interval_seconds  least time between two pages of a host (N1), never below 1 s for a public host
    host_intervals             the same for single hosts, from the sources' own settings
    per_host_connections       connections to one host at a time, pages and images together
    max_ratio                  decoded bytes per received byte beyond which a body counts as a bomb
    ports                      ports that public hosts may be asked on
    networks                   networks the operator opened (`http.allow_networks`): any address, any port
    rate_grace_seconds         how long a body may be slower than min_rate_bytes per second
    images_per_second          images asked of one public host (>= 1); they do not wait for the pages
    max_connections            requests under way at a time, over all hosts
    breaker_failures           failures of a public host in a row after which it is left alone; 0 = never
    breaker_seconds            for how long, at first; doubled for each failed probe, up to ten times this
    Raises SetupError when the contact cannot stand in a header.
    """

    contact: str
    version: str
    per_host_interval_seconds: float
    host_intervals: Mapping[str, float]
    per_host_connections: int
    keepalive_seconds: float
    dns_ttl_seconds: float
    connect_timeout_seconds: float
    read_timeout_seconds: float
    min_rate_bytes: int
    max_redirects: int
    max_page_bytes: int
    max_image_bytes: int
    max_ratio: float
    ports: frozenset[int]
    networks: tuple[IPv4Network | IPv6Network, ...]
    respect_robots: bool
    proxy: str = field(default="", repr=False)
    rate_grace_seconds: float = 10.0
    dns_timeout_seconds: float = 5.0
    robots_ttl_seconds: float = 3_600.0
    images_per_second: float = 10.0
    max_connections: int = 32
    breaker_failures: int = 5
    breaker_seconds: float = 30.0

    def __post_init__(self) -> None:
        if not _PRINTABLE.fullmatch(self.contact):
            raise SetupError("http.contact may hold printable ASCII characters only")

    @property
    def user_agent(self) -> str:
        """Who we are and how to reach us (N3)."""
        named = f"{PRODUCT}/{self.version}"
        return f"{named} (+{self.contact})" if self.contact else named
