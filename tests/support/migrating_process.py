"""A process that migrates a database and says so. Run by tests/integration/test_migrations.py.

python migrating_process.py <url> <folder>
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from support.postgres import recording_log, settings_for
from trivia_scraper.storage.database import open_database
from trivia_scraper.storage.migrations import migrate


async def main(url: str, folder: Path) -> None:
    async with open_database(settings_for(url), recording_log()) as database:
        await migrate(database, folder)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
