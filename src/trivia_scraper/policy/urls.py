"""Gate 1: which URLs may be asked for at all (safety.md 3), and URLs in one canonical form. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

import idna

from trivia_scraper.domain.errors import AddressBlocked, InvalidUrl
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.policy.addresses import Address, Network, is_allowed, is_opened

LONGEST_URL: Final = 2_048
DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ABSOLUTE: Final = re.compile(r"(https?)://([^/?#]+)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:@\[\]%]+)(?::([0-9]{0,5}))?")
_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}")
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BLOCKED_SUFFIXES: Final = (".localhost", ".local", ".internal")
# Backslash, control characters, white space of every script, lone surrogates.
_REFUSED: Final = re.compile(r"[\\\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]")
_LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))

_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What may stand unescaped in a path or query (RFC 3986, 3.3 and 3.4); "%" is treated before.
_PLAIN: Final = _UNRESERVED | frozenset("!$&'()*+,;=:@/?%")
_NOTHING_TO_ESCAPE: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?-]*")


class Origin(NamedTuple):
    """Scheme, host and port: what credentials and robots.txt belong to."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{_authority(self.scheme, self.host, self.port)}"


class CheckedUrl(NamedTuple):
    """A URL that passed gate 1: its canonical form, and what its parsing told."""

    canonical: str
    origin: Origin
    is_exempt: bool


def check_url(url: str, *, base: str | None = None, ports: AbstractSet[int], networks: tuple[Network, ...]) -> str:
    """The canonical form of a URL that may be asked for: lower-case host in IDNA form, no fragment.

    base      page that a relative `url` is resolved against
    ports     TCP ports that public hosts may be asked on
    networks  opened networks: their addresses may be used, on any port, and `localhost` with loopback
    Raises InvalidUrl and AddressBlocked, nothing else. Idempotent.
    """
    return examine_url(url, base=base, ports=ports, networks=networks).canonical


def examine_url(
    url: str, *, base: str | None = None, ports: AbstractSet[int], networks: tuple[Network, ...]
) -> CheckedUrl:
    """`check_url` for those who need the origin as well, and whether the host is exempt (`is_exempt_host`)."""
    scheme, authority, path, query = _split(_resolve(url, base))
    host, port = _host_and_port(scheme, authority)
    address = _literal(host)
    is_exempt = _is_exempt(host, address, networks)
    if not is_exempt:
        _refuse_local(host, address, networks)
        if port not in ports:
            raise InvalidUrl(f"port {port} is not one that sites are read from")
    origin = Origin(scheme, host, port)
    canonical = f"{origin}{_canonical_path(path)}"
    if query is not None:
        canonical += "?" + _escaped(query)
    return CheckedUrl(_short_enough(canonical), origin, is_exempt)


def origin_of(url: str) -> Origin:
    """Scheme, host (no brackets) and port of a URL that `check_url` returned. Raises InvalidUrl on others."""
    scheme, authority, _, _ = _split(url)
    return Origin(scheme, *_host_and_port(scheme, authority))


def host_of(url: str) -> str:
    """The lower-case host of an http(s) URL, as politeness counts hosts. Raises InvalidUrl."""
    return origin_of(url).host


def is_exempt_host(host: str, networks: tuple[Network, ...]) -> bool:
    """Whether a canonical host lies in an opened network, so that the rules for public hosts do not bind it.

    `localhost` counts when loopback is opened; each address it resolves to is still looked at by the resolver.
    """
    return _is_exempt(host, _literal(host), networks)


def normalise_url(url: str) -> str:
    """The form in which two spellings of an image URL meet (images.md 3), free of secrets. Never raises.

    Scheme and host in lower case, no default port, no fragment, parameters sorted, those without a value gone.
    """
    bare = strip_secrets(url.partition("#")[0].strip())
    try:
        parts = urlsplit(bare)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return bare
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    return urlunsplit((parts.scheme, host, parts.path or ("/" if host else ""), _sorted_query(parts.query), ""))


def _sorted_query(query: str) -> str:
    # A bare "?1234" has no "=" and may be all that tells two pictures apart: it stays.
    kept = (pair for pair in query.split("&") if pair and not pair.endswith("="))
    return "&".join(sorted(kept))


def _resolve(url: str, base: str | None) -> str:
    _refuse_odd_characters(url)
    if base is None or _SCHEME.match(url):
        return url
    _refuse_odd_characters(base)
    if not url:
        raise InvalidUrl("the URL is empty")
    try:
        return _short_enough(urljoin(base, url))
    except ValueError as error:
        raise InvalidUrl("the URL cannot be resolved against its page") from error


def _refuse_odd_characters(url: str) -> None:
    _short_enough(url)
    if _REFUSED.search(url):
        raise InvalidUrl("the URL holds a backslash, white space or a control character")


def _short_enough(url: str) -> str:
    if len(url) > LONGEST_URL:
        raise InvalidUrl(f"the URL is longer than {LONGEST_URL} characters")
    return url


def _split(url: str) -> tuple[str, str, str, str | None]:
    found = _ABSOLUTE.fullmatch(url)
    if found is None:
        raise InvalidUrl("not an absolute http or https URL with a host")
    scheme, authority, path, query = found.groups()
    return scheme.lower(), authority, path, query


def _host_and_port(scheme: str, authority: str) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise InvalidUrl("the URL's host, port or credentials cannot be used")
    host, digits = found.groups()
    port = int(digits) if digits else DEFAULT_PORTS[scheme]
    if not 1 <= port <= 65_535:
        raise InvalidUrl(f"port {port} does not exist")
    return _canonical_host(host), port


def _canonical_host(host: str) -> str:
    if host.startswith("["):
        return _ipv6(host[1:-1])
    name = _idna_form(host)
    labels = name.split(".")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        # Characters that merely turn into digits are a disguise; so is every short or odd spelling.
        return _dotted_quad(name) if host.isascii() and not host.endswith(".") else _no_host()
    return name


def _idna_form(host: str) -> str:
    name = host.lower()
    try:
        if not name.isascii():
            name = idna.encode(name, uts46=True).decode("ascii")
        name = name.removesuffix(".")
        for label in name.split("."):
            if label.startswith("xn--"):
                idna.ulabel(label)
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidUrl("the URL's host is no valid internationalised name") from error
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        return _no_host()
    return name


def _ipv6(text: str) -> str:
    try:
        return ipaddress.IPv6Address(text).compressed
    except ValueError as error:
        raise InvalidUrl("the URL's host is no IPv6 address") from error


def _dotted_quad(name: str) -> str:
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError as error:
        raise InvalidUrl("the URL's host is a number in disguise") from error


def _no_host() -> str:
    raise InvalidUrl("the URL's host is no host name")


def _is_exempt(host: str, address: Address | None, networks: tuple[Network, ...]) -> bool:
    if address is not None:
        return is_opened(address, networks) and is_allowed(address, networks)
    return _is_localhost(host) and any(_overlaps_loopback(network) for network in networks)


def _refuse_local(host: str, address: Address | None, networks: tuple[Network, ...]) -> None:
    if address is not None:
        if not is_allowed(address, networks):
            raise AddressBlocked("the URL names an address that may not be contacted")
    elif _is_localhost(host) or host.endswith(_BLOCKED_SUFFIXES) or "." not in host:
        raise AddressBlocked("the URL names a host of a private network")


def _literal(host: str) -> Address | None:
    # A canonical host that ends in a digit may still be a name ("pub.h2"); only then is it worth a try.
    if ":" not in host and not host[-1].isdigit():
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _overlaps_loopback(network: Network) -> bool:
    return any(network.version == loopback.version and network.overlaps(loopback) for loopback in _LOOPBACK)


def _authority(scheme: str, host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == DEFAULT_PORTS[scheme] else f"{name}:{port}"


def _canonical_path(path: str) -> str:
    """Escapes made uniform, dot segments resolved: the path that is sent is the path robots.txt is asked about."""
    kept: list[str] = []
    segments = _escaped(path).split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _escaped(text: str) -> str:
    if _NOTHING_TO_ESCAPE.fullmatch(text):
        return text
    uniform = _ESCAPE.sub(_uniform_escape, text)
    return "".join(
        character if character in _PLAIN else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in uniform
    )


def _uniform_escape(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()
