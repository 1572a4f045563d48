"""How one connection to Postgres is made: where to, with which session settings, and what a refusal means."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import asyncpg

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.storage.pg_errors import DRIVER_ERRORS, Phase, is_lost, translate

EMBEDDED: Final = "embedded"
COMMAND_GRACE_SECONDS: Final = 5.0
"""How much longer than the server's own statement_timeout we wait for an answer (F43: a black hole sends none)."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """The `[database]` section of the settings, resolved.

    url           "embedded", or the DSN of a server; it may carry a password and is kept out of repr()
    data_dir      where the embedded server keeps its cluster
    server_options  further `-c name=value` settings of the embedded server (tests switch fsync off)
    """

    url: str = field(repr=False)
    data_dir: Path
    embedded_bin_dir: Path | None = None
    pool_max: int = 4
    acquire_timeout_seconds: float = 5.0
    statement_timeout_seconds: float = 30.0
    lock_timeout_seconds: float = 5.0
    application_name: str = "trivia-scraper"
    server_options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a database is.

    arguments  what asyncpg.connect needs to find it
    url        the same as a libpq URL, for pg_dump; may carry a password
    bin_dir    binaries of the same major version, where we know them
    revive     brings an embedded server back whose keeper died; None for servers that are not ours
    """

    arguments: Mapping[str, Any] = field(repr=False)
    url: str = field(repr=False)
    bin_dir: Path | None = None
    revive: Callable[[], Awaitable[None]] | None = None


def endpoint_of_url(url: str) -> Endpoint:
    """A server given by DSN. A writer is sought among several hosts unless the DSN says otherwise (F35)."""
    arguments: dict[str, Any] = {"dsn": url}
    if "target_session_attrs" not in url:
        arguments["target_session_attrs"] = "read-write"
    return Endpoint(arguments=arguments, url=url)


async def connect(endpoint: Endpoint, settings: DatabaseSettings, application_name: str) -> Connection:
    """Open one connection with our session settings, reviving an embedded server once if it is away.

    Raises DatabaseUnreachable, StorageUnavailable (53300), CredentialsMissing, SetupError.
    """
    try:
        try:
            return await _connect_once(endpoint, settings, application_name)
        except DRIVER_ERRORS as error:
            if endpoint.revive is None or not is_lost(error):
                raise
            await endpoint.revive()
            return await _connect_once(endpoint, settings, application_name)
    except DRIVER_ERRORS as error:
        raise translate(error, Phase.CONNECT) from error
    except ValueError as error:  # its text may quote any part of the DSN, the password too
        raise SetupError("database.url is no DSN that can be read", hint="postgresql://user@host/database") from error


async def _connect_once(endpoint: Endpoint, settings: DatabaseSettings, application_name: str) -> Connection:
    connection: Connection = await asyncpg.connect(
        **endpoint.arguments,
        timeout=settings.acquire_timeout_seconds,
        command_timeout=settings.statement_timeout_seconds + COMMAND_GRACE_SECONDS,
        server_settings=session_settings(settings, application_name),
    )
    try:
        for name in ("json", "jsonb"):
            await connection.set_type_codec(name, schema="pg_catalog", encoder=_encode_json, decoder=json.loads)
    except BaseException:
        connection.terminate()
        raise
    return connection


def session_settings(settings: DatabaseSettings, application_name: str) -> dict[str, str]:
    """What every session of ours is started with (safety.md 12, session)."""
    return {
        "application_name": application_name[:63],
        "statement_timeout": _milliseconds(settings.statement_timeout_seconds),
        "lock_timeout": _milliseconds(settings.lock_timeout_seconds),
        "idle_in_transaction_session_timeout": "60000",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    }


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


def _encode_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
