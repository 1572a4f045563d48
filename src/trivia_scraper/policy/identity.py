"""Identities: of an image (D2), of a provider's photo (D2), of a name (matching key)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit, urlunsplit

from trivia_scraper.domain.models import ImageRef
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.policy.naming import plain_letters
from trivia_scraper.policy.urls import normalise_url


def image_identity(ref: ImageRef) -> str:
    """D2: provider + stable photo id, else provider + normalised URL without secrets."""
    if ref.photo_id:
        return f"{ref.provider}:id:{ref.photo_id}"
    return f"{ref.provider}:url:{normalise_url(strip_secrets(ref.url))}"


GOOGLE_PLACES: Final = "google_places"

_GOOGLE_MEDIA: Final = re.compile(r"/v1/places/[^/]+/photos/([^/]+)(?:/media)?")
_GOOGLE_PHOTO: Final = "/maps/api/place/photo"
_REFERENCES: Final = frozenset({"photo_reference", "photoreference"})
_GOOGLE_SIZE: Final = re.compile(r"=[a-z][0-9]*(?:-[a-z0-9]+)*")
# Parameters that say how large a picture is wanted, by the domain that understands them so (images.md 3).
_SIZES: Final = {
    "googleapis.com": frozenset({"maxwidth", "maxheight", "maxwidthpx", "maxheightpx"}),
    "googleusercontent.com": frozenset({"w", "h", "sz"}),
    "unsplash.com": frozenset({"w", "h", "fit", "crop", "q", "fm", "cs", "dpr", "auto", "ixid", "ixlib"}),
    "4sqi.net": frozenset({"w", "h", "size"}),
    "hereapi.com": frozenset({"w", "h", "size"}),
}


def photo_identity(provider: str, photo_id: str | None, url: str) -> str:
    """D2 for a photo of a provider: its stable id, else its normalised URL without secrets and wanted sizes.

    Google's reference stands in its photos' addresses: one without an id has the identity of one with it, whichever
    interface and spelling the address is of (R115, R116). Never raises.
    """
    known = photo_id or (_google_reference(url) if provider == GOOGLE_PLACES else None)
    if known:
        return f"{provider}:id:{known}"
    return f"{provider}:url:{_without_size(normalise_url(strip_secrets(url)))}"


def _google_reference(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    # The end of the path: a configured base may have a path of its own.
    if parts.path.endswith(_GOOGLE_PHOTO):
        asked = parse_qsl(parts.query)
        return next((value for name, value in asked if name in _REFERENCES and value), None)
    found = _GOOGLE_MEDIA.fullmatch(parts.path[max(parts.path.find("/v1/places/"), 0) :])
    return unquote(found.group(1)) if found else None


def _without_size(url: str) -> str:
    """A normalised URL without the parameters that only ask for a size, where its domain is one we know."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return url
    domain = next((each for each in _SIZES if host == each or host.endswith(f".{each}")), None)
    if domain is None:
        return url
    pairs = parts.query.split("&") if parts.query else ()
    kept = (pair for pair in pairs if unquote_plus(pair.partition("=")[0]).lower() not in _SIZES[domain])
    return urlunsplit((parts.scheme, parts.netloc, _path_without_size(domain, parts.path), "&".join(kept), ""))


def _path_without_size(domain: str, path: str) -> str:
    # googleusercontent.com writes the size behind the name: "…/AF1Qip=s1600-w800".
    name, equals, size = path.rpartition("=")
    is_size = domain == "googleusercontent.com" and _GOOGLE_SIZE.fullmatch(equals + size)
    return name if is_size else path


def name_key(name: str) -> str:
    """One spelling for matching: no case, diacritics, punctuation or leading article.

    A name of nothing but punctuation is its own key: "!!!" is not "???".
    """
    spelled = plain_letters(name).casefold().replace("&", " and ").replace("'", "").replace("’", "")
    words = re.sub(r"[^\w]+", " ", spelled).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words) or name.strip()


def postcode_key(postcode: str | None) -> str | None:
    """A postcode for comparing: upper case without spaces; None stays None."""
    return re.sub(r"\s+", "", postcode).upper() or None if postcode else None
