"""The sections of config.toml (operations.md 4). Each adapter is handed its own section only.

A field's description is its one line of meaning in `config schema`; config.toml and docs/operations.md must
name every field (tested).
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from trivia_scraper.domain.crontab import Crontab
from trivia_scraper.domain.redaction import is_secret_parameter
from trivia_scraper.settings.types import (
    Age,
    Duration,
    Freshness,
    Networks,
    OptionalDuration,
    OptionalFreshness,
    Ports,
    Size,
    Timeout,
)
from trivia_scraper.settings.values import checked_address
from trivia_scraper.settings.values import parse_duration as _d
from trivia_scraper.settings.values import parse_size as _s

EMBEDDED: Final = "embedded"

_PARAMETER: Final = re.compile(r"[A-Za-z0-9_.-]+")

PositiveInt = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]


class Section(BaseModel):
    """Frozen, strictly typed, and closed: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class DatabaseSection(Section):
    """Where the directory is kept."""

    url: SecretStr = Field(default=SecretStr(EMBEDDED), description='"embedded", or a postgresql:// address')
    data_dir: str = Field(default="", description="folder of the embedded server")
    embedded_bin_dir: str = Field(default="", description="folder with initdb and postgres")
    pool_max: PositiveInt = Field(default=4, description="most connections at once")
    acquire_timeout: Timeout = Field(default=_d("5s"), description="longest wait for a free connection")
    statement_timeout: Timeout = Field(default=_d("30s"), description="longest a statement may run")
    lock_timeout: Timeout = Field(default=_d("5s"), description="longest a statement may wait for a lock")

    @field_validator("url")
    @classmethod
    def _is_embedded_or_postgres(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() == EMBEDDED or url.get_secret_value().startswith(("postgresql://", "postgres://")):
            return url
        raise ValueError('must be "embedded" or start with postgresql://')

    @property
    def is_embedded(self) -> bool:
        """Whether we start our own server."""
        return self.url.get_secret_value() == EMBEDDED


class HttpSection(Section):
    """How politely and how carefully the network is used (safety.md 3 and 5)."""

    contact: str = Field(
        default="", description="e-mail or page put into the User-Agent, so that sites can reach you"
    )
    per_host_interval: Duration = Field(
        default=_d("1s"), description="least time between two page requests to one host"
    )
    per_host_connections: PositiveInt = Field(default=2, description="most connections to one host at once")
    keepalive: Duration = Field(default=_d("30s"), description="how long an idle connection is kept")
    dns_ttl: Duration = Field(default=_d("60s"), description="how long a name's addresses are remembered")
    connect_timeout: Timeout = Field(default=_d("10s"), description="longest wait for a connection")
    read_timeout: Timeout = Field(default=_d("20s"), description="longest silence within an answer")
    page_deadline: Timeout = Field(default=_d("60s"), description="longest a whole page may take")
    min_rate_bytes: Annotated[int, Field(ge=0)] = Field(
        default=1_000, description="least bytes a second of an answer"
    )
    max_redirects: Annotated[int, Field(ge=0, le=20)] = Field(default=5, description="most redirects followed")
    max_page_bytes: Size = Field(default=_s("4 MiB"), description="largest page, decoded")
    max_ratio: PositiveInt = Field(default=200, description="most decoded bytes for each byte received")
    ports: Ports = Field(default=(80, 443, 8080, 8443), description="ports that may be contacted")
    allow_networks: Networks = Field(default=(), description="private networks that may be contacted all the same")
    proxy: SecretStr = Field(
        default=SecretStr(""), description="http:// address of a proxy; it makes the connections then"
    )
    respect_robots: bool = Field(default=True, description="obey robots.txt")

    @field_validator("contact")
    @classmethod
    def _fits_a_header(cls, contact: str) -> str:
        if contact.isprintable() and contact.isascii():
            return contact
        raise ValueError("must be plain ASCII on one line: it is sent in a header")

    @field_validator("proxy")
    @classmethod
    def _is_http(cls, proxy: SecretStr) -> SecretStr:
        if not proxy.get_secret_value() or proxy.get_secret_value().startswith(("http://", "https://")):
            return proxy
        raise ValueError("must be empty or start with http://")


class ImagesSection(Section):
    """Which pictures are kept, how long they are trusted, and what a worker may use (safety.md 6)."""

    min_bytes: PositiveInt = Field(default=100, description="smaller files are refused")
    max_bytes: Size = Field(default=_s("10 MB"), description="larger files are refused")
    max_pixels: PositiveInt = Field(default=50_000_000, description="more pixels than this are refused")
    max_side: PositiveInt = Field(default=20_000, description="wider or higher pictures are refused")
    max_frames: PositiveInt = Field(default=500, description="longer animations are refused")
    decode_timeout: Timeout = Field(default=_d("10s"), description="longest a worker may take for one picture")
    workers: PositiveInt = Field(default=2, description="worker processes")
    worker_memory: Size = Field(default=_s("512 MiB"), description="most memory of a worker")
    thumbnail: Annotated[int, Field(ge=0, le=4_096)] = Field(
        default=300, description="side in pixels; 0 = no thumbnails"
    )
    revalidate_after: Age = Field(default=_d("7d"), description="how long a copy is trusted without asking the site")
    hero_deadline: Timeout = Field(default=_d("30s"), description="longest for a venue's picture, all tries together")
    performer_deadline: Timeout = Field(default=_d("40s"), description="longest for a performer's picture")
    download_deadline: Timeout = Field(default=_d("30s"), description="longest for one download")

    @model_validator(mode="after")
    def _bounds_are_in_order(self) -> Self:
        if self.min_bytes >= self.max_bytes:
            raise ValueError("min_bytes must be below max_bytes")
        return self


class StorageSection(Section):
    """Where pictures are kept."""

    kind: Literal["local", "s3", "imagekit"] = Field(
        default="local", description="local = files in a folder; s3 = an S3-compatible bucket; imagekit"
    )
    path: str = Field(default="", description="folder of the pictures; of lock and staged files in any case")
    min_free: Size = Field(default=_s("500 MB"), description="downloads pause when less is free")
    public_url: str = Field(default="", description="address under which the pictures are served")
    s3_bucket: str = Field(default="", description="the bucket")
    s3_prefix: str = Field(default="", description="put before every key in the bucket")
    s3_endpoint: str = Field(default="", description="address of the S3 service; empty = Amazon's")
    s3_region: str = Field(default="us-east-1", description="the bucket's region")
    s3_key_id: SecretStr = Field(default=SecretStr(""), description="access key id")
    s3_secret: SecretStr = Field(default=SecretStr(""), description="secret access key")
    imagekit_upload_url: str = Field(default="https://upload.imagekit.io", description="where ImageKit takes uploads")
    imagekit_api_url: str = Field(default="https://api.imagekit.io", description="where ImageKit manages files")
    imagekit_url: str = Field(default="", description="your URL endpoint at ImageKit, which serves the pictures")
    imagekit_folder: str = Field(default="", description="folder that the pictures lie in at ImageKit")
    imagekit_key: SecretStr = Field(default=SecretStr(""), description="private key")

    @field_validator("public_url", "s3_endpoint", "imagekit_upload_url", "imagekit_api_url", "imagekit_url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url or url.startswith(("http://", "https://")):
            return url.rstrip("/")
        raise ValueError("must be empty or start with https:// or http://")

    @model_validator(mode="after")
    def _names_its_place(self) -> Self:
        if self.kind == "s3" and not self.s3_bucket:
            raise ValueError('kind = "s3" needs s3_bucket')
        if self.kind == "imagekit" and not self.imagekit_url:
            raise ValueError('kind = "imagekit" needs imagekit_url')
        return self


class RefreshSection(Section):
    """How a run goes about its work."""

    freshness: Freshness = Field(default=_d("5d"), description="a venue visited within this time is skipped")
    concurrency: PositiveInt = Field(default=8, description="venues in progress at once, for each source")
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(default=3, description="tries for a failure that may pass")
    backoff: Duration = Field(
        default=_d("2s"), description="wait before the second try; doubled for each further one"
    )


class LimitsSection(Section):
    """When a source is no longer believed (sources.md E6 and N9)."""

    complete_runs_before_missing: PositiveInt = Field(
        default=3, description="complete runs without an event before it closes"
    )
    vanished_ratio: Share = Field(default=0.2, description="more missing events than this share are held, not closed")
    suspect_ratio: Share = Field(
        default=0.6, description="an index below this share of the last complete one is suspect"
    )
    source_growth_factor: Annotated[float, Field(gt=1)] = Field(
        default=10.0, description="an index grown more is held"
    )


class SourceSection(Section):
    """One provider."""

    enabled: bool = Field(default=True, description="read this source")
    index_url: str = Field(default="", description="where the index starts; empty = the provider's own address")
    per_host_interval: OptionalDuration = Field(
        default=None, description="as http.per_host_interval, for this source"
    )
    freshness: OptionalFreshness = Field(default=None, description="as refresh.freshness, for this source")
    schedule: str = Field(
        default="", description='when the daemon reads it; empty = schedule.refresh, "never" = only when asked'
    )

    @field_validator("schedule")
    @classmethod
    def _is_a_crontab(cls, line: str) -> str:
        if line not in ("", "never"):
            Crontab(line)
        return line

    @field_validator("index_url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url or url.startswith(("http://", "https://")):
            return url
        raise ValueError("must be empty or start with https:// or http://")


class SourcesSection(Section):
    """The six providers, by slug."""

    quizmeisters: SourceSection = SourceSection()
    question_one: SourceSection = SourceSection()
    inquizition: SourceSection = SourceSection()
    speed_quizzing: SourceSection = SourceSection()
    geeks_who_drink: SourceSection = SourceSection()
    pubquiz_pl: SourceSection = SourceSection()

    def by_slug(self) -> dict[str, SourceSection]:
        """Slug → section, in a fixed order."""
        return {slug: getattr(self, slug) for slug in type(self).model_fields}

    def enabled(self) -> dict[str, SourceSection]:
        """Slug → section of the sources that a run reads when none is named."""
        return {slug: section for slug, section in self.by_slug().items() if section.enabled}


class DeclaredSection(Section):
    """Sources that need no code."""

    path: str = Field(default="sources.d", description="folder of the descriptions, a TOML file a source")


class LookupSection(Section):
    """Where an address lies, asked of a Nominatim-compatible service for venues whose source does not say."""

    url: str = Field(default="", description="search address of the service; empty = no look-ups")
    key: SecretStr = Field(default=SecretStr(""), description="what the service knows you by")
    key_parameter: str = Field(default="key", description="the query parameter that carries the key")
    retry_after: Freshness = Field(
        default=_d("7d"), description="an address that was not found is asked for again after this"
    )

    @field_validator("url")
    @classmethod
    def _is_http_without_secrets(cls, url: str) -> str:
        # This setting is shown as it is; the key has one of its own, which is not.
        return checked_address(url, "lookup.key")

    @field_validator("key_parameter")
    @classmethod
    def _is_masked(cls, name: str) -> str:
        if _PARAMETER.fullmatch(name) and is_secret_parameter(name):
            return name
        raise ValueError("must be a name that logs mask, such as key, api_key or access_token")


class LogSection(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least severity")
    format: Literal["auto", "text", "json", "journal"] = Field(
        default="auto", description="auto = journal in a unit, else text"
    )
