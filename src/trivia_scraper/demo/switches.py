"""Switches that make the replica misbehave, and the state they leave behind.

The models are the JSON of `POST /_control/switch` as well as what tests hand to `ReplicaSite.flip`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from trivia_scraper.demo.photo_providers.switches import (
    PhotoApiSwitch,
    PhotoKeySwitch,
    PhotoReferencesSwitch,
    PhotoShareSwitch,
    PhotosSwitch,
    ShareTaken,
)
from trivia_scraper.demo.picture_names import moved
from trivia_scraper.demo.world import Evening, ReplicaVenue, ScheduleShown


class ImageFault(StrEnum):
    """How an image address misbehaves. `change_bytes` and `new_etag` happen once and stay."""

    CHANGE_BYTES = "change_bytes"
    NEW_ETAG = "new_etag"
    STATUS = "status"
    SLOW = "slow"
    HTML = "html"
    TRUNCATED = "truncated"
    CUT_OFF = "cut_off"
    TINY = "tiny"
    EMPTY = "empty"
    REDIRECT = "redirect"
    IGNORE_CONDITIONS = "ignore_conditions"
    BLANK = "blank"
    ICON = "icon"
    NO_PICTURE = "no_picture"


class IndexFault(StrEnum):
    """How a provider's index misbehaves."""

    HTML = "html"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    STATUS = "status"
    STATUS_WITH_BODY = "status_with_body"


class _Switch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImageSwitch(_Switch):
    """Make one image misbehave.

    path              as in the page: absolute address, or path with the provider's mount, encoded or not
    status            for fault "status": 404, 410, 403, 429, 500, 503 …
    times             this many requests are answered so, then all is well again; None = until cleared
    retry_after       seconds, sent as Retry-After with fault "status"
    bytes_per_second  for fault "slow"
    location          for fault "redirect"
    """

    target: Literal["image"] = "image"
    path: str
    fault: ImageFault
    status: Annotated[int, Field(ge=400, le=599)] = 500
    times: Annotated[int, Field(ge=1)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    bytes_per_second: Annotated[int, Field(ge=1)] = 100
    location: str = ""


class VenueSwitch(_Switch):
    """Change what one venue is or how its page answers. What is left out stays as it was.

    key          last segment of the venue's page
    fee          as published; "" = no longer stated
    moved_image  its picture gets another address, and other bytes
    page_status  its page answers so, `page_times` times (None = until cleared)
    companion_status  the second page that some providers have for a venue answers so
    """

    target: Literal["venue"] = "venue"
    provider: str
    key: str
    vanished: bool = False
    weekday: Annotated[int, Field(ge=1, le=7)] | None = None
    start: dt.time | None = None
    fee: str | None = None
    moved_image: Annotated[int, Field(ge=0)] = 0
    on_break: bool | None = None
    schedule_shown: ScheduleShown | None = None
    page_status: Annotated[int, Field(ge=400, le=599)] | None = None
    page_times: Annotated[int, Field(ge=1)] | None = None
    companion_status: Annotated[int, Field(ge=400, le=599)] | None = None


class IndexSwitch(_Switch):
    """Make a provider's index misbehave: its every page, `times` requests long (None = until cleared).

    only  the end of a path: of the index's pages only those that end so, e.g. "/wp-admin/admin-ajax.php"
    """

    target: Literal["index"] = "index"
    provider: str
    fault: IndexFault
    status: Annotated[int, Field(ge=400, le=599)] = 500
    times: Annotated[int, Field(ge=1)] | None = None
    only: str = ""


CountedT = TypeVar("CountedT", ImageSwitch, IndexSwitch, PhotoApiSwitch)
Switch = Annotated[
    ImageSwitch
    | VenueSwitch
    | IndexSwitch
    | PhotoApiSwitch
    | PhotoShareSwitch
    | PhotoKeySwitch
    | PhotosSwitch
    | PhotoReferencesSwitch,
    Field(discriminator="target"),
]


PhotoHop = Literal["only", "first", "second"]


@dataclass(slots=True)
class Switches:
    """What is switched on. Counted faults wear off as they are taken."""

    images: dict[str, ImageSwitch] = field(default_factory=dict)
    venues: dict[tuple[str, str], VenueSwitch] = field(default_factory=dict)
    indexes: dict[str, IndexSwitch] = field(default_factory=dict)
    photo_apis: dict[str, PhotoApiSwitch] = field(default_factory=dict)
    photo_share: ShareTaken = field(default_factory=ShareTaken)

    def clear(self) -> None:
        """Everything behaves again."""
        self.images.clear()
        self.venues.clear()
        self.indexes.clear()
        self.photo_apis.clear()
        self.photo_share.start(None)

    def set_image(self, path: str, switch: ImageSwitch) -> None:
        """Replaces an earlier fault of the same image. `path` is decoded, as the gallery knows it."""
        self.images[path] = switch

    def set_venue(self, switch: VenueSwitch) -> None:
        """Adds to earlier changes of the same venue; only fields that were given count."""
        place = switch.provider, switch.key
        earlier = self.venues.get(place)
        given = {name: getattr(switch, name) for name in switch.model_fields_set}
        self.venues[place] = earlier.model_copy(update=given) if earlier else switch

    def set_index(self, switch: IndexSwitch) -> None:
        """Replaces an earlier fault of the same index."""
        self.indexes[switch.provider] = switch

    def take_image_fault(self, path: str) -> ImageSwitch | None:
        """The fault this request meets."""
        return _take(self.images, path)

    def take_index_fault(self, provider: str, path: str) -> IndexSwitch | None:
        """The fault this request for an index page meets."""
        switch = self.indexes.get(provider)
        return _take(self.indexes, provider) if switch and path.endswith(switch.only) else None

    def take_photo_api_fault(self, api: str, place: str) -> PhotoApiSwitch | None:
        """The fault this request for a listing meets."""
        switch = self.photo_apis.get(api)
        return _take(self.photo_apis, api) if switch and switch.place in ("", place) else None

    def take_photo_fault(self, path: str, hop: PhotoHop) -> ImageSwitch | None:
        """The fault this request for a photo's bytes meets: its own, else that of the share it belongs to.

        Where a provider redirects to its files, the first hop refuses and everything else goes wrong at the second.
        """
        own = self.images.get(path)
        refuses = own is None or own.fault is ImageFault.STATUS
        if (hop == "first" and not refuses) or (hop == "second" and refuses):
            return None
        if own is not None:
            return self.take_image_fault(path)
        share = self.photo_share.take(path)
        if share is None:
            return None
        return ImageSwitch(path=path, fault=ImageFault.STATUS, status=share.status, retry_after=share.retry_after)

    def companion_status(self, provider: str, key: str) -> int | None:
        """The status the venue's second page answers with, or None for the page itself."""
        switch = self.venues.get((provider, key))
        return switch.companion_status if switch else None

    def take_page_status(self, provider: str, key: str) -> int | None:
        """The status this request for a venue's page meets, or None for the page itself."""
        place = provider, key
        switch = self.venues.get(place)
        if switch is None or switch.page_status is None:
            return None
        if switch.page_times is not None:
            left = switch.page_times - 1
            worn_off = {"page_times": left} if left else {"page_times": None, "page_status": None}
            self.venues[place] = switch.model_copy(update=worn_off)
        return switch.page_status

    def changed(self, provider: str, venue: ReplicaVenue) -> ReplicaVenue:
        """The venue as its switches have it now."""
        switch = self.venues.get((provider, venue.key))
        return _change(venue, switch) if switch else venue

    def is_listed(self, provider: str, key: str) -> bool:
        """Whether the index shows this venue."""
        switch = self.venues.get((provider, key))
        return switch is None or not switch.vanished


def plain_path(address: str) -> str:
    """Any way of writing an image's address → its decoded path without host, query and fragment."""
    return unquote(urlsplit(address).path)


def _take(faults: dict[str, CountedT], key: str) -> CountedT | None:
    switch = faults.get(key)
    if switch is None or switch.times is None:
        return switch
    if switch.times > 1:
        faults[key] = switch.model_copy(update={"times": switch.times - 1})
    else:
        del faults[key]
    return switch


def _change(venue: ReplicaVenue, switch: VenueSwitch) -> ReplicaVenue:
    first, *others = venue.evenings
    evening = replace(first, weekday=switch.weekday or first.weekday)
    evenings = tuple(_at(each, switch.start) for each in (evening, *others))
    return replace(
        venue,
        evenings=evenings,
        fee=venue.fee if switch.fee is None else switch.fee or None,
        hero=moved(venue.hero, switch.moved_image) if venue.hero and switch.moved_image else venue.hero,
        on_break=venue.on_break if switch.on_break is None else switch.on_break,
        schedule_shown=switch.schedule_shown or venue.schedule_shown,
    )


def _at(evening: Evening, start: dt.time | None) -> Evening:
    return replace(evening, start=start) if start else evening
