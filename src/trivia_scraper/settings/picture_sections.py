"""The sections about galleries and lost images: photo providers, enrichment, recovery, cleanup (images.md 5-9)."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.settings.sections import PositiveInt, Section
from trivia_scraper.settings.types import ErrorTypes, Freshness
from trivia_scraper.settings.values import checked_address
from trivia_scraper.settings.values import parse_duration as _d

Count = Annotated[int, Field(ge=0)]
Cost = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_SENDABLE_KEY: Final = re.compile(r"[!-~]*")
_TIME_OF_DAY: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class RecoverySection(Section):
    """How failed images are retried (images.md 6 to 8)."""

    enabled: bool = Field(default=True, description="the daemon retries failed images")
    backoff_base_seconds: Annotated[float, Field(gt=0, le=3_600)] = Field(
        default=1.0, description="the waits of 2, 4, 8 s before recovery attempts are multiplied by this"
    )
    transient: ErrorTypes = Field(default=(), description="error types that are retried; empty = as documented")
    permanent: ErrorTypes = Field(default=(), description="error types that close an image; empty = as documented")
    batch_venues: PositiveInt = Field(default=20, description="most venues that one recovery takes up")

    @model_validator(mode="after")
    def _no_type_is_in_both(self) -> Self:
        both = sorted(set(self.transient) & set(self.permanent))
        if both:
            raise ValueError(f"{both[0]} is in both transient and permanent")
        return self

    def transient_types(self) -> frozenset[ErrorType] | None:
        """The types that replace the transient class, or None."""
        return frozenset(map(ErrorType, self.transient)) or None

    def permanent_types(self) -> frozenset[ErrorType] | None:
        """The types that replace the permanent class, or None."""
        return frozenset(map(ErrorType, self.permanent)) or None


class CleanupSection(Section):
    """The nightly scan of rows and files (images.md 9, safety.md 9)."""

    enabled: bool = Field(default=True, description="the daemon cleans up by itself")
    time: str = Field(default="04:00", description="when, UTC")
    every: Literal["daily", "weekly"] = Field(default="daily", description="how often; weekly = on Mondays")
    quarantine: Freshness = Field(default=_d("7d"), description="how long files without a row can be brought back")
    rehash_percent: Annotated[float, Field(ge=0, le=100)] = Field(
        default=1.0, description="share of the stored files that is read and compared, in percent"
    )
    keep_runs: Freshness = Field(default=_d("90d"), description="how long runs are kept")
    keep_attempts: Freshness = Field(default=_d("180d"), description="how long attempts are kept")

    @field_validator("time")
    @classmethod
    def _is_a_time(cls, time: str) -> str:
        if _TIME_OF_DAY.fullmatch(time):
            return time
        raise ValueError('must be a time of day such as "04:00"')


class EnrichmentSection(Section):
    """Galleries of venues from photo providers (images.md 5)."""

    enabled: bool = Field(default=False, description="the daemon asks providers by itself; listings cost money")
    stale_after: Freshness = Field(
        default=_d("90d"), description="a venue with images is looked up again after this, in whole days"
    )
    stale_after_without_images: Freshness = Field(
        default=_d("7d"), description="a venue without images is looked up again after this, in whole days"
    )
    per_provider: Count = Field(default=10, description="most photos listed of each provider; 0 = no limit")
    per_venue: PositiveInt = Field(default=25, description="most images in a venue's gallery")
    download: bool = Field(default=True, description="false: photos are listed and not downloaded")
    same_photo_bits: Annotated[int, Field(ge=0, le=16)] = Field(
        default=4, description="two photos whose hashes differ in no more bits are one"
    )


class ProviderSection(Section):
    """One photo provider."""

    enabled: bool = Field(default=False, description="ask this provider")
    base_url: str = Field(default="", description="where its interface lies; empty = the provider's own address")
    key: SecretStr = Field(default=SecretStr(""), description="what the provider knows you by")
    priority: PositiveInt = Field(default=1, description="whose photo wins among equals; 1 = first")
    cost_per_request: Cost = Field(default=0.0, description="US dollars a listing costs")
    cost_per_image: Cost = Field(default=0.0, description="US dollars a listed photo costs")
    per_second: Count = Field(default=10, description="most requests a second; 0 = no limit")
    per_minute: Count = Field(default=0, description="most requests a minute; 0 = no limit")
    per_hour: Count = Field(default=0, description="most requests an hour; 0 = no limit")

    @field_validator("key")
    @classmethod
    def _can_be_sent(cls, key: SecretStr) -> SecretStr:
        # Mostly a header's value, which a stray line end or quotation mark of another alphabet would not survive.
        if _SENDABLE_KEY.fullmatch(key.get_secret_value()):
            return key
        raise ValueError("must be letters, digits and signs of ASCII without spaces: copy it again from the provider")

    @field_validator("base_url", "classic_base_url", check_fields=False)
    @classmethod
    def _is_http_without_secrets(cls, url: str) -> str:
        return checked_address(url, "key").rstrip("/")


class GooglePlacesSection(ProviderSection):
    """Google Places: two interfaces of one provider."""

    api: Literal["auto", "new", "classic"] = Field(
        default="auto", description="auto = the new interface, the classic one where the new is not enabled"
    )
    classic_base_url: str = Field(default="", description="as base_url, for the classic interface")
    cost_per_image: Cost = Field(default=0.003, description="US dollars a listed photo costs")


class FoursquareSection(ProviderSection):
    """Foursquare Places."""

    priority: PositiveInt = Field(default=2, description="whose photo wins among equals; 1 = first")
    per_second: Count = Field(default=1, description="most requests a second; 0 = no limit")
    per_minute: Count = Field(default=60, description="most requests a minute; 0 = no limit")
    per_hour: Count = Field(default=500, description="most requests an hour; 0 = no limit")


class HereSection(ProviderSection):
    """HERE."""

    priority: PositiveInt = Field(default=3, description="whose photo wins among equals; 1 = first")
    cost_per_request: Cost = Field(default=0.005, description="US dollars a listing costs")


class UnsplashSection(ProviderSection):
    """Unsplash: stock pictures, for venues that nobody else has a photo of."""

    priority: PositiveInt = Field(default=99, description="whose photo wins among equals; 1 = first")
    per_second: Count = Field(default=0, description="most requests a second; 0 = no limit")
    per_hour: Count = Field(default=50, description="most requests an hour; 0 = no limit")


class ProvidersSection(Section):
    """The photo providers, by slug."""

    google_places: GooglePlacesSection = GooglePlacesSection()
    foursquare: FoursquareSection = FoursquareSection()
    here: HereSection = HereSection()
    unsplash: UnsplashSection = UnsplashSection()

    def by_slug(self) -> dict[str, ProviderSection]:
        """Slug → section, in a fixed order."""
        return {slug: getattr(self, slug) for slug in type(self).model_fields}
