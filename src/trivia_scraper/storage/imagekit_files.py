"""Names and answers of ImageKit's interface, without a request.

Its file names may hold letters, digits, `.` and `-`, its folders letters, digits, `_` and `-`; it replaces what else
it is given. Keys of pictures fit; of the store's own folders the leading dot becomes an underscore.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trivia_scraper.storage.keys import names_of, split_key


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file as ImageKit tells it. `path` starts at the account's root."""

    id: str
    path: str
    size: int
    updated_at: dt.datetime
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KitListing:
    """What lies directly in a folder: files, and the paths of folders."""

    files: tuple[KitFile, ...]
    folders: tuple[str, ...]


class ImageKitNames:
    """Keys ↔ places below one folder of the account."""

    def __init__(self, folder: str) -> None:
        names = [name for name in folder.split("/") if name]
        self.root = "/" + "".join(f"{name}/" for name in names)

    def folder_of(self, folder: str) -> str:
        """A folder of keys ("" = all of them) as a path with slashes at both ends."""
        if not folder:
            return self.root
        first, *below = names_of(folder)
        written = "_" + first[1:] if first.startswith(".") else first
        return self.root + "".join(f"{name}/" for name in (written, *below))

    def place_of(self, key: str) -> tuple[str, str]:
        """Folder path and file name of a key."""
        folder, name = split_key(key)
        return self.folder_of(folder), name

    def key_of(self, path: str) -> str:
        """The key of a path that ImageKit told; a path outside our folder is returned as it is."""
        if not path.startswith(self.root):
            return path
        below = path[len(self.root) :].strip("/")
        return "." + below[1:] if below.startswith("_") else below


def read_listing(document: Any) -> KitListing:
    """A page of a listing. Raises ValueError when it is none."""
    if not isinstance(document, list):
        raise ValueError("a list was expected")
    files, folders = [], []
    for item in document:
        if isinstance(item, Mapping) and item.get("type") == "folder":
            folders.append(_text(item, "folderPath"))
        else:
            files.append(read_file(item))
    return KitListing(tuple(files), tuple(folders))


def read_file(document: Any) -> KitFile:
    """One file. Raises ValueError naming the field that is missing or odd."""
    if not isinstance(document, Mapping):
        raise ValueError("an object was expected")
    size = document.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError("no size")
    tags = document.get("tags") or ()
    return KitFile(
        id=_text(document, "fileId"),
        path=_text(document, "filePath"),
        size=size,
        updated_at=_moment(document.get("updatedAt")),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list | tuple) else (),
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if isinstance(value, str) and value:
        return value
    raise ValueError(f"no {name}")


def _moment(value: Any) -> dt.datetime:
    # The answer to an upload has no time; only listings and details do.
    if value is None:
        return dt.datetime.fromtimestamp(0, dt.UTC)
    if not isinstance(value, str):
        raise ValueError("updatedAt is no text")
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
