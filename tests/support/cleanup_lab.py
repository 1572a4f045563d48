"""A laboratory that dies in the middle of a cleanup: `python cleanup_lab.py CONFIG`, commands as in `crash_lab`.

A child is forked for each run; at the chosen seam - a file operation of the store, a statement sent to Postgres - it
kills itself with SIGKILL. The mode "recover" cleans up without harm and tells what is inconsistent afterwards.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from support.cleaning import LaterTime
from support.crash_lab import Seams, in_child, load_once, wrap_files, wrap_sessions
from support.house import SilentProgress, capturing_log, house_settings, make_options
from trivia_scraper import bootstrap
from trivia_scraper.domain.cleaning import CleanupPart, CleanupRequest
from trivia_scraper.pipeline.cleanup import clean_up
from trivia_scraper.storage.crash_recovery import compare_rows_and_files

FILES = CleanupRequest(frozenset({CleanupPart.FILES}), accepts_many=True)


async def told(config: dict[str, Any], seams: Seams) -> dict[str, Any]:
    """The same; what went wrong is an answer too."""
    try:
        return await clean_once(config, seams)
    except Exception as error:
        return {"error": repr(error)}


async def clean_once(config: dict[str, Any], seams: Seams) -> dict[str, Any]:
    """One cleanup of the files, two hours ahead, that reads every file."""
    wrap_files(seams)
    wrap_sessions(seams)
    settings = house_settings(Path(config["folder"]), config["database_url"], {}, {})
    log, _ = capturing_log()
    async with bootstrap.open_services(
        settings, run_id=uuid4(), progress=SilentProgress(), log=log, stopping=lambda: False
    ) as services:
        seams.armed = True
        report = await clean_up(make_options(), LaterTime().of(services, random=lambda: 0.0), FILES)
        seams.armed = False
        database = services.catalog._database  # type: ignore[attr-defined]
        found = await compare_rows_and_files(database, services.files)
        return {"seams": seams.names, "problems": [*found.problems, *found.pending], "ok": report.ok}


def main() -> None:
    """Serve commands until stdin closes."""
    config = json.loads(sys.argv[1])
    load_once()
    for line in sys.stdin:
        command = json.loads(line)
        seams = Seams(command["mode"], command.get("at", 0))
        print(json.dumps(in_child(lambda seams=seams: told(config, seams))), flush=True)


if __name__ == "__main__":
    main()
