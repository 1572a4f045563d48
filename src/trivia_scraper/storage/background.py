"""A task that lives as long as a body beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def running_beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` while the body runs, then cancel it. The body's errors pass as they are, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            beside = group.create_task(work)
            try:
                yield
            finally:
                beside.cancel()
    except BaseExceptionGroup as errors:
        if len(errors.exceptions) == 1:
            raise errors.exceptions[0] from None
        raise
