"""The sections about the daemon: when it works, who may look at it, whom it tells (operations.md 4, 7, 10, 11)."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from trivia_scraper.domain.crontab import Crontab
from trivia_scraper.settings.sections import PositiveInt, Section
from trivia_scraper.settings.types import Duration, Names, Networks, Timeout
from trivia_scraper.settings.values import parse_duration as _d
from trivia_scraper.settings.values import parse_network as _n

_QUIET_HOURS: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_LISTEN: Final = re.compile(r"(?:\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}|unix:/.+|")


class DaemonSection(Section):
    """How the daemon itself behaves."""

    shutdown_grace_seconds: Annotated[float, Field(ge=1, le=300)] = Field(
        default=25.0, description="longest that a stop may take: what is begun ends or is given up within it"
    )
    recovery_every: Timeout = Field(
        default=_d("1m"), description="how often failed images that are due are looked for"
    )
    verify_images: Annotated[int, Field(ge=0)] = Field(
        default=200, description="most images that one verification asks for; 0 = none"
    )
    shared_folder: bool = Field(
        default=False, description="with several machines: storage.path is one folder that every machine mounts"
    )


class ScheduleSection(Section):
    """When things run by themselves: crontab lines of five fields; empty = never."""

    timezone: str = Field(default="UTC", description="time zone of the lines below")
    refresh: str = Field(default="0 3 * * *", description="when sources are read that have no schedule of their own")
    jitter: Duration = Field(
        default=_d("10m"), description="sources start spread over this time, each day differently"
    )
    verify: str = Field(
        default="30 * * * *", description="when the images are asked for that were verified longest ago"
    )
    snapshot: str = Field(default="0 6 * * *", description="when the day's statistics are kept")
    weekly_report: str = Field(default="0 6 * * 1", description="when the report of the week is made")
    enrichment: str = Field(default="30 4 * * *", description="when galleries are filled, if enrichment.enabled")
    catch_up: Literal["once", "skip"] = Field(
        default="once", description="what a daemon that was away does about the last slot that it missed"
    )

    @field_validator("refresh", "verify", "snapshot", "weekly_report", "enrichment")
    @classmethod
    def _is_a_crontab(cls, line: str) -> str:
        if line:
            Crontab(line)
        return line

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        Crontab("0 0 * * *", zone)
        return zone


class WebSection(Section):
    """Health, status and metrics over HTTP."""

    listen: str = Field(
        default="127.0.0.1:8321", description="address and port, or unix:/path; empty = no listener of its own"
    )
    allowed_hosts: Names = Field(
        default=("localhost", "127.0.0.1", "[::1]"), description="names under which it may be asked (Host header)"
    )
    token: SecretStr = Field(
        default=SecretStr(""), description="bearer token that callers must send; needed to listen beyond loopback"
    )

    @field_validator("listen")
    @classmethod
    def _is_an_address(cls, listen: str) -> str:
        return checked_listen(listen)

    @field_validator("token")
    @classmethod
    def _is_long_enough(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if not text or (len(text) >= 16 and text.isascii() and text.isprintable() and " " not in text):
            return token
        raise ValueError("must be at least 16 letters, digits or signs of ASCII without spaces")


class MetricsSection(Section):
    """Who may read the metrics."""

    listen: str = Field(default="", description="a listener for /metrics alone; empty = on web.listen")
    allow: Networks = Field(default=(_n("127.0.0.0/8"), _n("::1/128")), description="networks that may read /metrics")

    @field_validator("listen")
    @classmethod
    def _is_an_address(cls, listen: str) -> str:
        return checked_listen(listen)


class NotifySection(Section):
    """Whom the daemon tells of trouble. What fails here is a warning and never stops a run."""

    after_failures: PositiveInt = Field(default=3, description="a condition is told after so many looks in a row")
    repeat: Timeout = Field(default=_d("24h"), description="a condition that lasts is told again after this")
    quiet_hours: str = Field(
        default="", description='UTC hours such as "22:00-07:00" in which only the gravest conditions are told'
    )
    urls: SecretStr = Field(
        default=SecretStr(""),
        description="webhooks (https://…), or addresses that apprise knows; several with spaces",
    )
    ping_url: SecretStr = Field(
        default=SecretStr(""), description="address that is asked at start, success and failure of every run"
    )

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, hours: str) -> str:
        if not hours or _QUIET_HOURS.fullmatch(hours):
            return hours
        raise ValueError('must be empty or two times of day such as "22:00-07:00"')

    @field_validator("ping_url")
    @classmethod
    def _is_http(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        if not text or _is_web_address(text):
            return url
        raise ValueError("must be empty or start with https:// or http://")

    @field_validator("urls")
    @classmethod
    def _are_addresses(cls, urls: SecretStr) -> SecretStr:
        if all("://" in each for each in urls.get_secret_value().split()):
            return urls
        raise ValueError("must be addresses with :// in them, separated by spaces")


def checked_listen(listen: str) -> str:
    """ "address:port", "unix:/path", or "". Raises ValueError."""
    port = listen.rpartition(":")[2]
    if _LISTEN.fullmatch(listen) and (not listen or listen.startswith("unix:") or int(port) <= 65_535):
        return listen
    raise ValueError('must be empty, an address and a port such as "127.0.0.1:8321", or "unix:/path"')


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
