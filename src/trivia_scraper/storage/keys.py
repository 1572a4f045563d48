"""What a storage key may be, in every kind of store: names between slashes, no way out of the root (safety.md 9).

Keys of pictures come from `policy.naming`. A first name that starts with a dot is the store's own: staging, lock,
owner mark, quarantine. A walk over the whole store leaves these out; named, they are files like any other. It leaves
out as well what a disk of the store's own keeps at its root.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

STORE_FOLDER: Final = ".store"
"""Where the store keeps what is no picture: its lock, its owner's mark, pages that could not be read."""

_LOST_AND_FOUND: Final = "lost+found"
"""Readable for root alone; no slug has a plus sign."""


def names_of(path: str) -> list[str]:
    """The names of a key or folder, outermost first. Raises ValueError for a path that leads elsewhere."""
    names = path.split("/")
    if any(name in ("", ".", "..") for name in names):
        raise ValueError(f"{path!r} is no folder or key of this store")
    return names


def split_key(key: str) -> tuple[str, str]:
    """Folder ("" at the top) and name of a key. Raises ValueError as `names_of` does."""
    names_of(key)
    folder, _, name = key.rpartition("/")
    return folder, name


def is_own(key: str) -> bool:
    """Whether a file or folder is the store's own or its filesystem's, and no picture."""
    return key.startswith(".") or key.partition("/")[0] == _LOST_AND_FOUND


def public_address(base_url: str, key: str) -> str | None:
    """Where a stored file is served (R78); None when no address is configured."""
    return f"{base_url.rstrip('/')}/{quote(key)}" if base_url else None
