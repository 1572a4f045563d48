"""Pages that could not be read, kept as material for a fixture."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Final

import anyio.to_thread

from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.redaction import redact_body, strip_secrets

KEPT_PER_SOURCE: Final = 50


class PageArchive:
    """`<folder>/<source>/<hash>.page` and `.json`; the oldest go when a source has more than 50."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, source: str, page: Page, why: str) -> Path:
        """Store the text and what was looked for; the same page is stored once. Raises StorageUnavailable."""
        try:
            return await anyio.to_thread.run_sync(self._keep, source, page, why)
        except OSError as error:
            raise StorageUnavailable(f"the unread page cannot be kept: {error.strerror}") from error

    def _keep(self, source: str, page: Page, why: str) -> Path:
        folder = self._folder / source
        folder.mkdir(parents=True, exist_ok=True)
        name = sha256(f"{page.url}\n{page.text}".encode("utf-8", "replace")).hexdigest()[:16]
        body = folder / f"{name}.page"
        body.write_text(redact_body(page.text), encoding="utf-8", errors="replace")
        about = {
            "url": strip_secrets(page.url),
            "step": page.request.step,
            "status_code": page.status_code,
            "why": why,
        }
        (folder / f"{name}.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        self._drop_oldest(folder)
        return body

    def _drop_oldest(self, folder: Path) -> None:
        kept = sorted(folder.glob("*.page"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[KEPT_PER_SOURCE:]:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
