"""Which places have which photos, under which keys: what all fake interfaces look up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from trivia_scraper.demo.images import Gallery
from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto, derived_photo, full_picture, photo_painter
from trivia_scraper.demo.photo_providers.switches import PhotosSwitch

API_PREFIX: Final = "/photo-api"
CDN_PREFIX: Final = "/photo-cdn"
GOOGLE: Final = "google_places"
UNSPLASH: Final = "unsplash"
PHOTO_SOURCES: Final = (GOOGLE, "foursquare", "here", UNSPLASH)
APIS: Final = (GOOGLE, "google_classic", "foursquare", "here", UNSPLASH)
KEYS: Final = {source: f"replica-{source.replace('_', '-')}-key" for source in PHOTO_SOURCES}
"""The keys that the fake interfaces take, unless switched."""
SEARCH_RESULTS: Final = 7

_PLACE: Final = re.compile(r"place-[0-9]{1,9}-([0-9]{1,3})")
_EDITION: Final = re.compile(r"(.+)-ed([0-9]{1,4})")
_FILE: Final = re.compile(rf"{CDN_PREFIX}/([a-z_]+)/(?:original/)?([\w-]+)\.jpg", re.ASCII)
_MEDIA: Final = re.compile(rf"{API_PREFIX}/{GOOGLE}/v1/places/[^/]+/photos/([^/]+)/media")
_CLASSIC_PHOTO: Final = f"{API_PREFIX}/google_classic/maps/api/place/photo"


class PhotoWorld:
    """Places and photos. What a switch put here stays until `clear`."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self.keys = dict(KEYS)
        self._places: dict[tuple[str, str], PhotosSwitch] = {}
        self._photos: dict[tuple[str, str], ReplicaPhoto] = {}
        self._editions: dict[str, int] = {}
        self._place_of: dict[str, str] = {}

    def clear(self) -> None:
        """The keys and places as invented."""
        self.keys.update(KEYS)
        for memory in (self._places, self._photos, self._editions, self._place_of):
            memory.clear()

    def put(self, switch: PhotosSwitch) -> None:
        """Give a place exactly these photos at one provider."""
        self._places[switch.provider, switch.place] = switch
        for photo in switch.photos:
            self._remember(switch.provider, switch.place, photo)

    def renew_references(self, place: str) -> None:
        """Google's references of a place's photos are others from now on."""
        self._editions[place] = self._editions.get(place, 0) + 1

    def photos(self, provider: str, place: str) -> Sequence[ReplicaPhoto] | None:
        """A place's photos as `provider` has them, best first; None where it does not know the place."""
        put = self._places.get((provider, place))
        if put is not None:
            return put.photos
        derived = _found(place) if provider == UNSPLASH else _derived(place)
        for photo in derived or ():
            self._remember(provider, place, photo)
        return derived

    def types(self, place: str) -> Sequence[str]:
        """What Google says a place is."""
        put = self._places.get((GOOGLE, place))
        return put.types if put else ("pub", "bar", "point_of_interest", "establishment")

    def reference(self, place: str, photo: ReplicaPhoto) -> str:
        """What Google calls a photo now."""
        edition = self._editions.get(place)
        return f"{photo.id}-ed{edition}" if edition else photo.id

    def referred(self, reference: str) -> ReplicaPhoto | None:
        """The photo that Google calls so now; None for an expired or invented reference."""
        photo = self._photo(GOOGLE, _without_edition(reference))
        place = self._place_of.get(_without_edition(reference), "")
        return photo if photo and self.reference(place, photo) == reference else None

    def hang(self, provider: str, photo: ReplicaPhoto) -> str:
        """The path of a photo's file in the gallery, where it hangs from now on."""
        # Foursquare puts the wanted size between prefix and suffix of an address.
        folder = f"{CDN_PREFIX}/{provider}/original" if provider == "foursquare" else f"{CDN_PREFIX}/{provider}"
        path = f"{folder}/{photo.id}.jpg"
        self._gallery.add(path, full_picture(photo, path), photo_painter(photo, provider, self._gallery.paint))
        return path

    def file_path(self, address: str) -> str | None:
        """The gallery's path of a photo by any address of it: its file, Google's media, Google's classic photo."""
        parts = urlsplit(address)
        path = unquote(parts.path)
        found = _FILE.fullmatch(path)
        if found:
            provider, photo_id = found.groups()
        elif media := _MEDIA.fullmatch(path):
            provider, photo_id = GOOGLE, _without_edition(media.group(1))
        elif path == _CLASSIC_PHOTO:
            provider, photo_id = GOOGLE, _without_edition(parse_qs(parts.query).get("photo_reference", [""])[0])
        else:
            return None
        photo = self._photo(provider, photo_id) if provider in PHOTO_SOURCES else None
        return self.hang(provider, photo) if photo else None

    def _remember(self, provider: str, place: str, photo: ReplicaPhoto) -> None:
        self._photos[provider, photo.id] = photo
        if provider == GOOGLE:
            self._place_of[photo.id] = place

    def _photo(self, provider: str, photo_id: str) -> ReplicaPhoto | None:
        # An address may outlive the replica that listed it: then its place is read from it.
        if (provider, photo_id) not in self._photos:
            self.photos(provider, photo_id.rpartition("-")[0])
        return self._photos.get((provider, photo_id))


def _derived(place: str) -> tuple[ReplicaPhoto, ...] | None:
    found = _PLACE.fullmatch(place)
    return None if found is None else _numbered(place, int(found.group(1)))


def _found(query: str) -> tuple[ReplicaPhoto, ...]:
    count = 0 if not query.strip() or "nowhere" in query.casefold() else SEARCH_RESULTS
    return _numbered(sha256(query.encode()).hexdigest()[:11], count)


def _numbered(prefix: str, count: int) -> tuple[ReplicaPhoto, ...]:
    return tuple(derived_photo(f"{prefix}-{number}", number) for number in range(1, count + 1))


def _without_edition(reference: str) -> str:
    found = _EDITION.fullmatch(reference)
    return found.group(1) if found else reference
