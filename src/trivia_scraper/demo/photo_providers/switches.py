"""Switches of the photo providers: interfaces that refuse, photos that are limited, keys and places that change.

As JSON of `POST /_control/switch`, or handed to `ReplicaSite.flip`. One photo is switched as every other picture, by
`ImageSwitch`: its path may be any address of the photo.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto

Api = Literal["google_places", "google_classic", "foursquare", "here", "unsplash"]
PhotoSource = Literal["google_places", "foursquare", "here", "unsplash"]


class PhotoApiFault(StrEnum):
    """How a provider's listings misbehave. The last three are Google's: `disabled` the new interface's only,
    `denied` and `over_limit` the classic one's, inside a 200."""

    STATUS = "status"
    EMPTY = "empty"
    NO_BODY = "no_body"
    HTML = "html"
    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"
    SLOW = "slow"
    DISABLED = "disabled"
    DENIED = "denied"
    OVER_LIMIT = "over_limit"


class _Switch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PhotoApiSwitch(_Switch):
    """Make a provider's listings misbehave, `times` requests long (None = until cleared).

    place        only listings of this place; "" = every one. A switch replaces the provider's earlier one
    status       for fault "status", with the provider's own words: 400, 401, 403, 404, 429, 500, 503 …
    retry_after  seconds, sent as Retry-After with fault "status"
    seconds      for fault "slow": the answer comes after this
    """

    target: Literal["photo_api"] = "photo_api"
    provider: Api
    fault: PhotoApiFault
    status: Annotated[int, Field(ge=400, le=599)] = 500
    times: Annotated[int, Field(ge=1)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    place: str = ""
    seconds: Annotated[float, Field(gt=0)] = 60.0


class PhotoShareSwitch(_Switch):
    """A share of all photos answers `status` to its first `times` requests (None = to every one).

    Which photos is decided by their addresses: the same ones each time. share 0 ends it.
    """

    target: Literal["photo_share"] = "photo_share"
    share: Annotated[float, Field(ge=0, le=1)]
    status: Annotated[int, Field(ge=400, le=599)] = 429
    times: Annotated[int, Field(ge=1)] | None = 1
    retry_after: Annotated[int, Field(ge=0)] | None = None


class PhotoKeySwitch(_Switch):
    """The provider takes another key from now on."""

    target: Literal["photo_key"] = "photo_key"
    provider: PhotoSource
    key: Annotated[str, Field(min_length=1)]


class PhotosSwitch(_Switch):
    """Exactly these photos for a place; of Unsplash, `place` is what is searched for: "name, town".

    types  what Google says the place is
    """

    target: Literal["photos"] = "photos"
    provider: PhotoSource
    place: Annotated[str, Field(min_length=1)]
    photos: tuple[ReplicaPhoto, ...]
    types: tuple[str, ...] = ("pub", "bar", "point_of_interest", "establishment")


class PhotoReferencesSwitch(_Switch):
    """Google lists a place's photos under new references; addresses with the old ones answer 400."""

    target: Literal["photo_references"] = "photo_references"
    place: Annotated[str, Field(min_length=1)]


PhotoSwitch = PhotoApiSwitch | PhotoShareSwitch | PhotoKeySwitch | PhotosSwitch | PhotoReferencesSwitch


@dataclass(slots=True)
class ShareTaken:
    """The share that is switched on, and how often each of its photos was refused already."""

    switch: PhotoShareSwitch | None = None
    taken: Counter[str] = field(default_factory=Counter)

    def start(self, switch: PhotoShareSwitch | None) -> None:
        """Another share, or none: every photo begins anew."""
        self.switch = switch
        self.taken.clear()

    def take(self, path: str) -> PhotoShareSwitch | None:
        """The refusal that this request for a photo meets, or None."""
        if self.switch is None or not is_in_share(path, self.switch.share):
            return None
        if self.switch.times is not None and self.taken[path] >= self.switch.times:
            return None
        self.taken[path] += 1
        return self.switch


def is_in_share(path: str, share: float) -> bool:
    """Whether a photo belongs to a share of all photos: by its path alone."""
    return int.from_bytes(sha256(path.encode()).digest()[:6]) < share * 2**48
