"""The demo's two acts: a forced run, one picture changed at the provider, the same forced run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TextIO

from trivia_scraper.demo.child import Program
from trivia_scraper.demo.folder import DemoFolder
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.story import (
    WIDTH,
    FilesSeen,
    clip,
    clip_left,
    fate_of_changed,
    file_lines,
    heading,
    image_lines,
    look_at_files,
    paragraph,
    venue_lines,
)
from trivia_scraper.demo.switches import plain_path

THE_COMMAND: Final = ("run", "--force-refresh-images", "--limit", "1")
_FINISHED: Final = (0, 3)  # 3: to its end, though some items failed


@dataclass(frozen=True, slots=True)
class Play:
    """Runs the program and tells what came of it."""

    folder: DemoFolder
    program: Program
    replica: Replica
    output: TextIO

    def tell(self, lines: Iterable[str]) -> None:
        """Write lines, at once."""
        self.output.writelines(f"{line}\n" for line in lines)
        self.output.flush()

    async def both_runs(self) -> int:
        """The exit code of the first run that failed, else 0. Raises CommandFailed."""
        self.tell(self._introduction())
        first = await self._act("First run: nothing is known yet")
        if first not in _FINISHED:
            return first
        images = await self._images()
        await self._tell_rows(images)
        before = look_at_files(self.folder.images)
        changed = self._change_one(images)
        second = await self._act("Second run: the same command")
        if second in _FINISHED:
            self._tell_files(before, look_at_files(self.folder.images), changed)
        return first or second

    async def _act(self, title: str) -> int:
        self.replica.site.log.reset()
        self.tell([*heading(title), f"$ python -m trivia_scraper {' '.join(THE_COMMAND)}", ""])
        code = await self.program.run(*THE_COMMAND, output=self.output)
        self.tell([f"exit code {code}"])
        return code

    async def _images(self) -> Sequence[Mapping[str, Any]]:
        images: Sequence[Mapping[str, Any]] = (await self.program.ask("images", "list"))["images"]
        return images

    async def _tell_rows(self, images: Sequence[Mapping[str, Any]]) -> None:
        venues = (await self.program.ask("venues", "list"))["venues"]
        self.tell([*heading("What the database holds now"), *venue_lines(venues), "", *image_lines(images)])

    def _change_one(self, images: Sequence[Mapping[str, Any]]) -> str | None:
        """Other bytes for one picture at its provider; the key of the file that is out of date by that."""
        site = self.replica.site
        for image in sorted(images, key=lambda image: image["role"] != "hero"):
            path = plain_path(image.get("provider_url") or "")
            if image["status"] == "uploaded" and path in site.gallery:
                site.change_image(path)
                self.tell([*heading("Meanwhile, at the provider"), *_announcement(image, path)])
                return str(image["storage_key"])
        return None

    def _tell_files(self, before: FilesSeen, after: FilesSeen, changed: str | None) -> None:
        pictures = [seen for seen in self.replica.site.log.requests() if seen.path in self.replica.site.gallery]
        conditional = sum(seen.is_conditional for seen in pictures)
        self.tell([*heading("The picture files, before and after the second run"), *file_lines(before, after)])
        self.tell(
            paragraph(
                f"The second run asked for {len(pictures)} pictures, {conditional} of them conditionally: a forced "
                "run takes nothing from what it has. Equal bytes are written again under their name, with a new time."
            )
        )
        if changed:
            self.tell(paragraph(fate_of_changed(changed, before, after)))

    def _introduction(self) -> list[str]:
        return [
            *heading("trivia-scraper demo"),
            "Copies of the providers' sites, with invented venues, are served on this machine",
            "only. The program itself is the real one, with a PostgreSQL of its own.",
            "",
            *(clip(f"  {slug:<15} {url}") for slug, url in self.replica.index_urls.items()),
            f"  {'settings':<15} {self.folder.config}",
        ]


def _announcement(image: Mapping[str, Any], path: str) -> list[str]:
    return [
        *paragraph(
            f"The {image['role']} picture of {image['owner']} is replaced by another one, under the same address:"
        )[1:],
        f"  {clip_left(path, WIDTH - 2)}",
        "The others stay as they are.",
    ]
