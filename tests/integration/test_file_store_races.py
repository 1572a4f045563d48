"""Two adoptions at once that meet in one new directory: whoever comes second finds it made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from support.house import make_options
from trivia_scraper.storage import folders as folders_module
from trivia_scraper.storage.files import open_file_store

KEY = "venues/the-crown/hero-0123456789ab.jpg"


class OvertakenOs:
    """The module `os`, where somebody else always makes a directory just before `mkdir` does."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def mkdir(self, name: str, mode: int, *, dir_fd: int) -> None:
        os.mkdir(name, mode, dir_fd=dir_fd)
        os.mkdir(name, mode, dir_fd=dir_fd)


async def test_a_directory_that_another_adoption_makes_meanwhile_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_file_store(tmp_path, 1) as store:
        monkeypatch.setattr(folders_module, "os", OvertakenOs())
        await store.adopt([(KEY, b"a picture")], make_options())
        assert (tmp_path / KEY).read_bytes() == b"a picture"
