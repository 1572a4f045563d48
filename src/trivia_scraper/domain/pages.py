"""What is asked of a site and what came back, free of any HTTP library's types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PageKind = Literal["index", "detail"]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page or feed to fetch.

    url            absolute http(s) URL
    step           which page of the source's index walk this is ("index", "archive", "feed", "city" …);
                   the source's parser looks at it to know what it is reading
    headers        extra request headers (Accept, Accept-Language; a key, which is why they are not shown)
    accept_status  statuses besides 2xx whose body is read all the same (Geeks Who Drink's 500)
    accept_mark    text without which such a body is the failure of its status after all; "" = none
    end_marker     text that a complete body of this page ends with (tested on the stripped tail when the
                   server sent no length); "" = none known
    context        facts the parser needs back, such as the city of a second-level index
    form           what a POST sends, form-encoded; None = a GET
    deadline_seconds  longest for this page, where the source knows better than `http.page_deadline`
    is_service     an interface that we have a key for, not a site: robots.txt and page intervals do not bind it
    """

    url: str
    step: str = "index"
    kind: PageKind = "index"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    accept_status: frozenset[int] = frozenset()
    accept_mark: str = ""
    end_marker: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    deadline_seconds: float | None = None
    is_service: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page as fetched: decoded text, final URL after redirects, and the request that asked for it.

    guarded  markup that could stall a parser is refused; False only in a worker that may be killed (safety.md 7.3)
    retry_after_seconds  what a refusal that is read as a page asked for (Retry-After), or None
    """

    request: PageRequest
    url: str
    status_code: int
    text: str
    content_type: str
    bytes_received: int
    guarded: bool = True
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with."""

    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One image to download, once.

    validators  sent as If-None-Match / If-Modified-Since; None = unconditional. A downloader must not
                send them when the options say force_refresh_images.
    headers     what a provider's interface wants besides, such as a key: never sent to another origin
    is_service  as in `PageRequest`
    """

    url: str
    validators: Validators | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_service: bool = False


@dataclass(frozen=True, slots=True)
class ImageDownloaded:
    """The body is in the stage that was handed in. `force_refresh` is the value the downloader saw."""

    final_url: str
    status_code: int
    validators: Validators
    bytes_received: int
    force_refresh: bool


@dataclass(frozen=True, slots=True)
class ImageNotModified:
    """304: the stored copy is still what the server has."""

    validators: Validators
    force_refresh: bool
