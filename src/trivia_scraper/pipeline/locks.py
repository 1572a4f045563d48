"""One refresh of an owner at a time within this process (R40, R163); the store lock keeps other processes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from trivia_scraper.domain.models import OwnerKind


class KeyedLocks:
    """Implements `ports.OwnerLocks`. A lock lives only while somebody holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[OwnerKind, int], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, kind: OwnerKind, owner_id: int) -> AsyncIterator[None]:
        """Hold the owner. Callers take a venue before a performer, never the other way round."""
        lock = self._locks.setdefault((kind, owner_id), asyncio.Lock())
        async with lock:
            yield
