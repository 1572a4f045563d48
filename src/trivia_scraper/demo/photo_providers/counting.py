"""How often which provider was asked for what: listings apart from photos, photos apart from notices."""

from __future__ import annotations

from typing import Final, Literal

from trivia_scraper.demo.photo_providers.others import NOTICE
from trivia_scraper.demo.photo_providers.world import API_PREFIX, APIS, CDN_PREFIX
from trivia_scraper.demo.request_log import RequestLog, RequestSeen

Wanted = Literal["listing", "photo", "notice"]

_KINDS: Final[tuple[Wanted, ...]] = ("listing", "photo", "notice")
_REDIRECTING: Final = ("/media", "/maps/api/place/photo")


def count_calls(log: RequestLog, wanted: Wanted, provider: str | None = None, **fields: object) -> int:
    """Requests of one kind, of one interface or of all, and of those only the ones with these fields (status=429).

    Google's photos count at the interface that redirects to them, not again where the bytes lie.
    """

    def is_wanted(seen: RequestSeen) -> bool:
        asked = asked_of(seen.path)
        if asked is None or asked[1] != wanted or provider not in (None, asked[0]):
            return False
        return all(getattr(seen, name) == value for name, value in fields.items())

    return log.count_where(is_wanted)


def calls_by_provider(log: RequestLog) -> dict[str, dict[str, int]]:
    """{"google_places": {"listing": 2, "photo": 10, "notice": 0}, …} for every interface."""
    return {api: {kind: count_calls(log, kind, api) for kind in _KINDS} for api in APIS}


def asked_of(path: str) -> tuple[str, Wanted] | None:
    """Which interface a path belongs to, and what is asked for there; None for everything else."""
    if path.startswith(f"{CDN_PREFIX}/"):
        provider = path.split("/")[2]
        return None if provider == "google_places" else (provider, "photo")
    if not path.startswith(f"{API_PREFIX}/"):
        return None
    api = path.split("/")[2]
    rest = path.removeprefix(f"{API_PREFIX}/{api}")
    if api in ("google_places", "google_classic") and rest.endswith(_REDIRECTING):
        return api, "photo"
    return api, "notice" if api == "unsplash" and NOTICE.fullmatch(rest) else "listing"
