"""Handing work to the daemon that holds the store, and waiting for it as if it were done here (operations.md O27)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from trivia_scraper.cli.endings import HandedBack
from trivia_scraper.cli.output import note
from trivia_scraper.cli.tables import say
from trivia_scraper.cli.working import DAEMON_ROLES
from trivia_scraper.domain.error_documents import NOBODY_CAME
from trivia_scraper.domain.errors import CommitUnknown, DatabaseUnreachable, StorageUnavailable
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.progress import read_progress
from trivia_scraper.domain.requests import RequestState
from trivia_scraper.policy.following import Patience, Sight, sight_of

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.bootstrap.asking import Counter
    from trivia_scraper.cli.progress import Counting
    from trivia_scraper.cli.signals import StopRequest
    from trivia_scraper.domain.requests import RunRequest
    from trivia_scraper.settings import Settings

PATIENCE: Final = Patience()
LEAVE_SECONDS: Final = 2.0
"""What asking for a stop may take of somebody who wants to leave at once."""

_AWAY: Final = (DatabaseUnreachable, StorageUnavailable, CommitUnknown)
_TOLD: Final = {
    Sight.WAITING: "the daemon is busy: this waits its turn",
    Sight.LEFT_ALONE: "the daemon is not there any more; waiting for it to come back and go on with this",
}


async def hand_over(
    request: RunRequest,
    settings: Settings,
    progress: Counting,
    stop: StopRequest,
    log: FilteringBoundLogger,
    remark: Callable[[str], None],
    *,
    no_wait: bool,
    patience: Patience = PATIENCE,
) -> Mapping[str, Any]:
    """File the request and wait for its outcome, or with `no_wait` until it is accepted.

    remark  told what a person should know meanwhile
    Raises HandedBack with the daemon's error, or when the daemon went away and none came back.
    """
    from trivia_scraper.bootstrap.asking import open_counter

    stop.meaning = "the daemon is asked to stop this and give back what it has; once more leaves at once"
    async with open_counter(settings, log) as counter:
        follower = _Follower(request, counter, progress, stop, remark, patience)
        try:
            await _file(request, counter, log)
            remark(f"{await counter.holder() or 'the daemon'} holds the store and does this, as run {request.id}")
            return await (follower.until_accepted() if no_wait else follower.until_ended())
        except asyncio.CancelledError:  # asked twice
            await follower.leave()
            raise


async def _file(request: RunRequest, counter: Counter, log: FilteringBoundLogger) -> None:
    try:
        await counter.requests.file(request)
    except CommitUnknown:  # filing again changes nothing
        await counter.requests.file(request)
    log.info(
        LogEvent.RUN_HANDED_OVER,
        kind=request.kind, options=request.options.model_dump(mode="json"), details=request.details,
    )  # fmt: skip


@dataclass(slots=True)
class _Follower:
    """Looks from time to time how far a request is. `now` gives seconds that never jump."""

    request: RunRequest
    counter: Counter
    progress: Counting
    stop: StopRequest
    remark: Callable[[str], None]
    patience: Patience
    now: Callable[[], float] = field(default_factory=lambda: asyncio.get_running_loop().time)
    _told: set[Sight] = field(default_factory=set)
    _asked_to_stop: bool = False
    _database_is_away: bool = False
    _filed_at: float = field(init=False)
    _answered_at: float = field(init=False)
    _seen_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._filed_at = self._answered_at = self._seen_at = self.now()

    async def until_ended(self) -> Mapping[str, Any]:
        """The outcome."""
        while True:
            state, sight = await self._look()
            if sight is Sight.ENDED:
                return _outcome(state)
            if sight is Sight.ABANDONED:
                return await self._take_back()
            await self._ask_to_stop_if_wished()
            await asyncio.sleep(self.patience.look)

    async def until_accepted(self) -> Mapping[str, Any]:
        """Who asked goes away once it is begun, or waits behind others; if it has ended by then, with its outcome."""
        while True:
            state, sight = await self._look()
            if sight is Sight.ENDED:
                return _outcome(state)
            if sight in (Sight.BEGUN, Sight.WAITING, Sight.LEFT_ALONE):
                how = "begun" if sight is Sight.BEGUN else "waiting"
                return {"ok": True, "run_id": str(self.request.id), "accepted": how}
            await self._ask_to_stop_if_wished()
            await asyncio.sleep(self.patience.look)

    async def leave(self) -> None:
        """Go away at once; the daemon stops it all the same."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._ask_to_stop_if_wished()
        except TimeoutError:
            return

    async def _look(self) -> tuple[RequestState, Sight]:
        """Whatever can be seen; a database that does not answer is looked at again until patience ends."""
        while True:
            now = self.now()
            try:
                state, holder = await self.counter.requests.state(self.request.id), await self.counter.holder()
            except _AWAY as error:
                if (away := now - self._answered_at) >= self.patience.give_up:
                    raise DatabaseUnreachable(
                        f"the database does not answer for {away:.0f} s",
                        hint="once it does, the daemon goes on with this; `trivia-scraper status` shows how far",
                    ) from error
                self._database_is_away = True
                await asyncio.sleep(self.patience.look)
                continue
            if self._database_is_away:
                # Nobody could be seen meanwhile, and whoever was there has to take its lock again.
                self._seen_at += now - self._answered_at
            self._database_is_away, self._answered_at = False, now
            if state is None:
                raise HandedBack(NOBODY_CAME, f"request {self.request.id} is not in the database any more", "")
            if holder is not None and holder.role in DAEMON_ROLES:
                self._seen_at = now
                self._told.discard(Sight.LEFT_ALONE)
            self.progress.follow(read_progress(state.progress))
            sight = sight_of(state, now - self._filed_at, now - self._seen_at, self.patience)
            self._tell(sight)
            return state, sight

    def _tell(self, sight: Sight) -> None:
        if sight in _TOLD and sight not in self._told:
            self._told.add(sight)
            self.remark(_TOLD[sight])

    async def _ask_to_stop_if_wished(self) -> None:
        if self.stop.is_made() and not self._asked_to_stop:
            try:
                await self.counter.requests.ask_to_stop(self.request.id, self.counter.clock.now())
            except _AWAY:
                return  # asked again after the next look
            self._asked_to_stop = True

    async def _take_back(self) -> Mapping[str, Any]:
        """Nobody does it: so that nobody does it unasked some other day, it is taken back."""
        await self.counter.requests.ask_to_stop(self.request.id, self.counter.clock.now())
        raise HandedBack(
            NOBODY_CAME,
            f"the daemon went away and none came within {self.patience.give_up:g} s: the request was taken back",
            "what was done by then is stored; the same command again does the rest, with a daemon or without",
        )


def show_accepted(document: Mapping[str, Any], color_mode: str) -> None:
    """Under which id it runs, and what to type to see how far it is."""
    how = "the daemon has begun" if document["accepted"] == "begun" else "the daemon does it after what it does now"
    say(f"run {document['run_id']}: {how}", color_mode)
    note("`trivia-scraper status` shows how far it is")


def _outcome(state: RequestState) -> Mapping[str, Any]:
    """What the command prints. Raises what the daemon raised instead."""
    error = state.outcome.get("error")
    if error is None:
        return state.outcome
    raise HandedBack(error["code"], error["message"], error["hint"])
