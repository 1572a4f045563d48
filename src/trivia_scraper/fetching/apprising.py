"""Channels through apprise (extra `notify`): chats, mail, and whatever else it has a plug-in for.

A plug-in blocks, and may hang. So each message has a thread of its own that nobody waits for beyond the deadline, not
even the end of the process; a channel whose last message still hangs takes no other.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from contextlib import suppress
from typing import Any, Final

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

from trivia_scraper.domain.errors import ServiceUnreachable, SetupError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.notices import Message
from trivia_scraper.domain.weekly import AlertLevel

_ACCEPTED: Final = ""


class AppriseChannel:
    """Implements `ports.Channel` over one address. Raises SetupError for one that apprise cannot use."""

    def __init__(self, name: str, url: str, seconds: float) -> None:
        _silence()
        self.name = name
        self._seconds = seconds
        self._apprise = Apprise(asset=_asset())
        self._sender: threading.Thread | None = None
        if not self._apprise.add(url):
            raise SetupError(
                f"{name} cannot be used: apprise does not understand its address",
                hint="https://appriseit.com lists the forms that it knows",
            )

    async def send(self, message: Message) -> None:
        """Tell once. What hangs is left behind."""
        if self._sender is not None and self._sender.is_alive():
            raise ServiceUnreachable(f"{self.name} is still busy with an earlier message")
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[str] = loop.create_future()

        def settle(why: str) -> None:
            if not ended.done():
                ended.set_result(why)

        def work() -> None:
            why = self._notify(message)
            with suppress(RuntimeError):  # the loop may be closed by then
                loop.call_soon_threadsafe(settle, why)

        self._sender = threading.Thread(target=work, name="apprise", daemon=True)
        self._sender.start()
        try:
            async with asyncio.timeout(self._seconds):
                why = await ended
        except TimeoutError:
            raise ServiceUnreachable(
                f"{self.name} did not answer in time", error_type=ErrorType.NETWORK_TIMEOUT
            ) from None
        if why != _ACCEPTED:
            raise ServiceUnreachable(f"{self.name} {why}")

    def _notify(self, message: Message) -> str:
        """What came of it, in words that hold no part of the address; in the thread."""
        try:
            is_accepted = bool(
                self._apprise.notify(
                    body=message.message,
                    title=message.title,
                    notify_type=_type(message),
                    body_format=NotifyFormat.TEXT,
                )
            )
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything, and its words may hold the address
            return f"failed ({type(error).__name__})"
        return _ACCEPTED if is_accepted else "was refused"


def _type(message: Message) -> NotifyType:
    if message.resolved:
        return NotifyType.SUCCESS
    return NotifyType.FAILURE if message.severity is AlertLevel.CRITICAL else NotifyType.WARNING


def _asset() -> AppriseAsset:
    # With a time limit of its own it would use threads that the end of the process waits for.
    knows_limits = "service_timeout" in inspect.signature(AppriseAsset.__init__).parameters
    unlimited: dict[str, Any] = {"service_timeout": 0} if knows_limits else {}
    return AppriseAsset(app_id="trivia-scraper", async_mode=False, **unlimited)


def _silence() -> None:
    """Its log tells addresses, keys included: what has to be known of a failure, we say ourselves."""
    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
