"""Gate 2: every address a host name resolves to is looked at before one is used (safety.md 3)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult

from trivia_scraper.fetching.guard import RefusedAddress
from trivia_scraper.policy.addresses import Network, is_allowed

Lookup: TypeAlias = Callable[[str], Sequence[str]]
"""Host name → its addresses as text; blocks, raises OSError. Runs in the resolver's own threads."""

MOST_ADDRESSES: Final = 8


class LookupFailed(OSError):
    """The name could not be resolved, or not in time."""


def system_lookup(host: str) -> Sequence[str]:
    """The addresses the operating system gives for a name."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


class GuardedResolver(AbstractResolver):
    """Resolves names in threads of its own, so that a slow name server never delays disk work (F49)."""

    def __init__(self, lookup: Lookup, networks: tuple[Network, ...], timeout_seconds: float) -> None:
        self._lookup = lookup
        self._networks = networks
        self._timeout_seconds = timeout_seconds
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="host-lookup")

    async def resolve(  # the connector asks for both families and sorts them itself
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002
    ) -> list[ResolveResult]:
        """At most eight addresses of `host`. Raises RefusedAddress if any answer is refused, else LookupFailed."""
        found = list(dict.fromkeys(await self._look_up(host)))
        if not found:
            raise LookupFailed(f"{host} has no address")
        if not all(self._is_allowed(address) for address in found):
            raise RefusedAddress(f"{host} resolves to an address that may not be contacted")
        return [_result(host, address, port) for address in found[:MOST_ADDRESSES]]

    async def close(self) -> None:
        """Let go of the threads; a look-up that hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look_up(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await loop.run_in_executor(self._threads, self._lookup, host)
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
            raise LookupFailed(f"{host} cannot be resolved: {error or 'no answer in time'}") from error

    def _is_allowed(self, address: str) -> bool:
        try:
            return is_allowed(ipaddress.ip_address(address), self._networks)
        except ValueError:
            return False


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
