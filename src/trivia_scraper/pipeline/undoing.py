"""A cleanup's files are brought back while the quarantine lasts."""

from __future__ import annotations

from trivia_scraper.domain.errors import DatabaseUnreachable, SetupError, TriviaScraperError
from trivia_scraper.domain.file_sweeps import QuarantinedFile, UndoReport
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.ports import Services


async def undo_cleanup(run: int, options: RefreshOptions, services: Services) -> UndoReport:
    """Bring back what this cleanup set aside; with `dry_run` say what would come back.

    Raises SetupError when there was no such cleanup, and DatabaseUnreachable. Asked to stop, it says of what is left
    that it was not begun; the same call again does the rest.

    A key that has another file by now keeps it. What comes back is still without a row: a later cleanup sets it
    aside again unless something refers to it by then.
    """
    entries = await attempt_storing(lambda: services.quarantine.of_run(run), "reading the quarantine", services)
    if entries is None:
        raise SetupError(f"there was no cleanup {run}", hint="`trivia-scraper cleanup list` shows them")
    fates: dict[str, list[str]] = {"restored": [], "taken": [], "gone": []}
    errors: dict[str, str] = {}
    for entry in entries:
        if services.stopping():
            errors[entry.storage_key] = "not begun: the program was asked to stop"
            continue
        try:
            fates[await _bring_back(entry, options, services)].append(entry.storage_key)
        except DatabaseUnreachable:
            raise
        except TriviaScraperError as error:
            errors[entry.storage_key] = redact_text(str(error))
            services.log.error(LogEvent.FILE_REPAIR_FAILED, path=entry.storage_key, exc_info=error)
    return UndoReport(run, tuple(fates["restored"]), tuple(fates["taken"]), tuple(fates["gone"]), errors)


async def _bring_back(entry: QuarantinedFile, options: RefreshOptions, services: Services) -> str:
    if options.dry_run:
        return await _look(entry, services)
    now = services.clock.now()
    fate = await attempt_storing(lambda: services.quarantine.restore(entry, now), "restoring a file", services)
    if fate == "restored":
        services.log.warning(LogEvent.FILE_RESTORED, path=entry.storage_key, why=f"cleanup {entry.run} is undone")
    return fate


async def _look(entry: QuarantinedFile, services: Services) -> str:
    async def is_there(key: str) -> bool:
        return await attempt_storing(lambda: services.files.stat(key), "looking at a file", services) is not None

    if not await is_there(entry.quarantine_key):
        return "gone"
    return "taken" if await is_there(entry.storage_key) else "restored"
