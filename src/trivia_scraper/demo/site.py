"""The state of a running replica: the invented worlds, their pictures, the switches and the request log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from trivia_scraper.demo.geeks_who_drink import GeeksWhoDrink
from trivia_scraper.demo.imagekit import ImageKitAccount
from trivia_scraper.demo.images import Gallery
from trivia_scraper.demo.inquizition import Inquizition
from trivia_scraper.demo.photo_providers.switches import (
    PhotoApiSwitch,
    PhotoKeySwitch,
    PhotoReferencesSwitch,
    PhotoShareSwitch,
    PhotosSwitch,
)
from trivia_scraper.demo.photo_providers.world import PhotoWorld
from trivia_scraper.demo.picture_names import ReplicaPicture
from trivia_scraper.demo.provider import Provider
from trivia_scraper.demo.pubquiz_pl import PubquizPl
from trivia_scraper.demo.question_one import QuestionOne
from trivia_scraper.demo.quizmeisters import Quizmeisters
from trivia_scraper.demo.request_log import RequestLog
from trivia_scraper.demo.speed_quizzing import SpeedQuizzing
from trivia_scraper.demo.switches import (
    ImageFault,
    ImageSwitch,
    IndexFault,
    IndexSwitch,
    Switch,
    Switches,
    VenueSwitch,
    plain_path,
)
from trivia_scraper.demo.world import ReplicaVenue

PROVIDERS: Final[tuple[Provider, ...]] = (
    Quizmeisters(),
    QuestionOne(),
    Inquizition(),
    SpeedQuizzing(),
    GeeksWhoDrink(),
    PubquizPl(),
)


class ReplicaSite:
    """`worlds` is what was invented; `venue` and `venues` are as switched now.

    address      where the sites are served, once they are: "http://127.0.0.1:<port>"
    hosts_apart  the photo interfaces are other hosts than `address`: no key of theirs may turn up there
    """

    def __init__(self, *, world_size: int, gallery: Gallery, plain: bool) -> None:
        self.providers: Mapping[str, Provider] = {provider.slug: provider for provider in PROVIDERS}
        self.worlds = {slug: each.invent(world_size, plain=plain) for slug, each in self.providers.items()}
        self.gallery = gallery
        self.photos = PhotoWorld(gallery)
        self.switches = Switches()
        self.log = RequestLog()
        self.imagekit = ImageKitAccount()
        self.closing = asyncio.Event()
        self.address = ""
        self.hosts_apart = False
        self._by_key = {(slug, venue.key): venue for slug, world in self.worlds.items() for venue in world}
        self._hang_pictures()

    def venue(self, provider: str, key: str) -> ReplicaVenue:
        """One venue as switched now. Raises KeyError for a venue that was never invented."""
        return self.switches.changed(provider, self._by_key[provider, key])

    def venues(self, provider: str) -> Sequence[ReplicaVenue]:
        """What the index shows now, in its order."""
        listed = (venue for venue in self.worlds[provider] if self.switches.is_listed(provider, venue.key))
        return [self.switches.changed(provider, venue) for venue in listed]

    def knows(self, provider: str, key: str) -> bool:
        """Whether this venue was invented, listed or not."""
        return (provider, key) in self._by_key

    def flip(self, switch: Switch) -> None:
        """Turn a switch. Raises KeyError for a venue, provider or image that does not exist here."""
        match switch:
            case ImageSwitch():
                self._flip_image(switch)
            case VenueSwitch():
                self._flip_venue(switch)
            case IndexSwitch():
                self._flip_index(switch)
            case PhotoApiSwitch():
                self.switches.photo_apis[switch.provider] = switch
            case PhotoShareSwitch():
                self.switches.photo_share.start(switch)
            case PhotoKeySwitch():
                self.photos.keys[switch.provider] = switch.key
            case PhotosSwitch():
                self.photos.put(switch)
            case PhotoReferencesSwitch():
                self.photos.renew_references(switch.place)

    def change_image(self, path: str) -> None:
        """Other bytes under the same address. `path` as in ImageSwitch. Raises KeyError."""
        self.flip(ImageSwitch(path=path, fault=ImageFault.CHANGE_BYTES))

    def clear(self) -> None:
        """The world as invented, pictures included."""
        self.switches.clear()
        self.gallery.reset()
        self.photos.clear()
        self.imagekit.fault = None

    def image_path(self, provider: str, picture: ReplicaPicture) -> str:
        """Where the gallery, the switches and the request log know a venue's picture."""
        return f"/{provider}{picture.path}"

    def _flip_image(self, switch: ImageSwitch) -> None:
        path = self.photos.file_path(switch.path) or plain_path(switch.path)
        if path not in self.gallery:
            raise KeyError(f"no picture under {path}")
        if switch.fault is ImageFault.CHANGE_BYTES:
            self.gallery.change_image(path)
        elif switch.fault is ImageFault.NEW_ETAG:
            self.gallery.renew_etag(path)
        else:
            self.switches.set_image(path, switch)

    def _flip_venue(self, switch: VenueSwitch) -> None:
        if not self.knows(switch.provider, switch.key):
            raise KeyError(f"{switch.provider} has no venue {switch.key}")
        self.switches.set_venue(switch)
        hero = self.venue(switch.provider, switch.key).hero
        if hero:
            self.gallery.add(self.image_path(switch.provider, hero), hero)

    def _flip_index(self, switch: IndexSwitch) -> None:
        if switch.provider not in self.providers:
            raise KeyError(f"no provider {switch.provider}")
        if switch.fault is IndexFault.REFUSED and self.providers[switch.provider].refusal is None:
            raise KeyError(f"the index of {switch.provider} has no way to refuse with status 200")
        self.switches.set_index(switch)

    def _hang_pictures(self) -> None:
        for slug, world in self.worlds.items():
            for venue in world:
                for picture in (venue.hero, venue.host.picture if venue.host else None):
                    if picture:
                        self.gallery.add(self.image_path(slug, picture), picture)
            for path in self.providers[slug].placeholder_paths:
                self.gallery.add(f"/{slug}{path}", ReplicaPicture(path, "jpg", 600, 400, 80))
