"""Moving a database: pg_dump to one file, pg_restore from it, with the programs of the embedded server.

Custom format, so that a dump of the embedded 18 can be restored into an older server. No password ever
stands in a command line: it goes through the child's environment (safety.md 11).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from trivia_scraper.domain.errors import SetupError, StorageUnavailable, TriviaScraperError
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.embedded_binaries import CLEAN_ENVIRONMENT, find_binaries
from trivia_scraper.storage.queries import sql

PROGRAM_SECONDS: Final = 3600.0

_PORTABLE: Final = ("--no-owner", "--no-privileges")
_ALL_OR_NOTHING: Final = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
_HEAD_LINES: Final = 40
"""Settings stand in the first lines of a script, before any data: only there may a line be dropped."""


async def dump(database: Database, file: Path) -> None:
    """Write the whole database to `file`, which appears complete or not at all.

    Raises SetupError, StorageUnavailable.
    """
    target, secret = split_password(database.endpoint.url)
    with _beside(file) as unfinished:
        await _run(_program(database, "pg_dump"), ["--format=custom", f"--file={unfinished}", target], secret)
        await asyncio.to_thread(_adopt, unfinished, file)


async def restore(database: Database, file: Path, *, overwrite: bool = False) -> None:
    """Fill the database from a dump, all of it or nothing.

    Refuses a database that already holds tables unless `overwrite` says that they may go. Raises
    SetupError, StorageUnavailable.
    """
    _check_dump(file)
    if not overwrite and await database.fetchval("schema/has_tables"):
        raise SetupError(
            "the database is not empty: a restore would mix two stores",
            hint="restore into an empty database, or say that the one there may be overwritten",
        )
    with tempfile.TemporaryDirectory(prefix="trivia-restore-") as folder:
        script = Path(folder, "restore.sql")
        await _run(_program(database, "pg_restore"), [*_PORTABLE, f"--file={script}", str(file)], secret="")
        version = int(await database.fetchval("session/server_version"))
        await asyncio.to_thread(_prepare_script, script, version, overwrite=overwrite)
        target, secret = split_password(database.endpoint.url)
        await _run(_program(database, "psql"), [*_ALL_OR_NOTHING, f"--file={script}", target], secret)


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """An empty private file in the same directory, gone afterwards unless it was renamed."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}") from error
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _check_dump(file: Path) -> None:
    if not file.is_file():
        raise SetupError(f"there is no dump {file}")


def split_password(url: str) -> tuple[str, str]:
    """A libpq URL without its password, and the password or "". Pure."""
    parts = urlsplit(url)
    user_info, at, hosts = parts.netloc.rpartition("@")
    user, _, secret = user_info.partition(":")
    pairs = [pair for pair in parts.query.split("&") if pair]
    in_query = [pair.partition("=")[2] for pair in pairs if pair.startswith("password=")]
    query = "&".join(pair for pair in pairs if not pair.startswith("password="))
    bare = urlunsplit((parts.scheme, user + at + hosts, parts.path, query, ""))
    if not hosts and bare.startswith(f"{parts.scheme}:/") and "://" not in bare:
        bare = bare.replace(":/", ":///", 1)  # urlunsplit drops the slashes of an empty host
    return bare, unquote(in_query[-1] if in_query else secret)


def without_unknown_settings(line: str, server_version: int) -> str:
    """A line of the script's head, empty if it sets what this server does not know yet. Pure.

    `server_version` is server_version_num; pg_restore 17 on writes transaction_timeout for any server.
    """
    return "" if server_version < 170000 and line.startswith("SET transaction_timeout") else line


def _prepare_script(script: Path, server_version: int, *, overwrite: bool) -> None:
    lines = script.read_text(encoding="utf-8").splitlines(keepends=True)
    head = [without_unknown_settings(line, server_version) for line in lines[:_HEAD_LINES]]
    first = [sql("schema/empty_public")] if overwrite else []
    script.write_text("".join([*first, *head, *lines[_HEAD_LINES:]]), encoding="utf-8")


def _program(database: Database, name: str) -> Path:
    bin_dir = database.endpoint.bin_dir
    if bin_dir is None:
        bin_dir = find_binaries(database.settings.embedded_bin_dir, None).bin_dir
    program = bin_dir / name
    if not program.exists():
        raise SetupError(
            f"{name} is not among the programs in {bin_dir}", hint="install PostgreSQL's client programs"
        )
    return program


async def _run(program: Path, arguments: Sequence[str], secret: str) -> None:
    environment = CLEAN_ENVIRONMENT | ({"PGPASSWORD": secret} if secret else {})
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PROGRAM_SECONDS):
            _, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise _failure(program.name, complaint.decode("utf-8", "replace"))


def _failure(program: str, complaint: str) -> TriviaScraperError:
    text = f"{program} failed: {redact_text(complaint.strip()[-800:])}"
    return StorageUnavailable(text) if "connection to server" in complaint else SetupError(text)


def _adopt(unfinished: Path, file: Path) -> None:
    _sync(unfinished)
    unfinished.replace(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
