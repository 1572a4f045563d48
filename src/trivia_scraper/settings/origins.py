"""The layers above the defaults: config files, `TRIVIA__SECTION__KEY`, and secrets (operations.md 4)."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic.fields import FieldInfo

from trivia_scraper.domain.errors import CredentialsMissing, SetupError
from trivia_scraper.settings.model import Key, known_fields
from trivia_scraper.settings.problems import setup_error, unknown_setting
from trivia_scraper.settings.toml_text import BrokenToml, TomlText, read_toml

ENVIRONMENT_PREFIX: Final = "TRIVIA__"
SECRETS: Final[Mapping[str, Key]] = {
    "database-url": ("database", "url"),
    "lookup-key": ("lookup", "key"),
    "web-token": ("web", "token"),
    "notify-urls": ("notify", "urls"),
    "ping-url": ("notify", "ping_url"),
    "s3-key-id": ("storage", "s3_key_id"),
    "s3-secret": ("storage", "s3_secret"),
    "imagekit-key": ("storage", "imagekit_key"),
    "google-maps-api-key": ("providers", "google_places", "key"),
    "foursquare-api-key": ("providers", "foursquare", "key"),
    "here-api-key": ("providers", "here", "key"),
    "unsplash-access-key": ("providers", "unsplash", "key"),
}
_PROVIDER_KEYS: Final = frozenset(name for name, key in SECRETS.items() if key[0] == "providers")

_LITERAL_TYPES: Final = (int, float, bool, tuple)


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """One config file."""

    path: Path
    toml: TomlText

    @property
    def values(self) -> dict[str, Any]:
        """Its settings, nested."""
        return self.toml.values

    def origin_of(self, key: Key) -> str:  # noqa: ARG002 (as of an Overlay)
        """The file's name, for `config show --origin`."""
        return str(self.path)

    def place_of(self, key: Key) -> str:
        """ "file:line:column" of a key."""
        place = self.toml.place_of(key)
        return f"{self.path}:{place.line}:{place.column}" if place else str(self.path)


@dataclass(frozen=True, slots=True)
class Overlay:
    """Settings from single named places, such as environment variables."""

    values: dict[str, Any]
    names: Mapping[Key, str]
    warnings: tuple[str, ...] = field(default=())

    def origin_of(self, key: Key) -> str:
        """The variable or file that set this key."""
        while key and key not in self.names:
            key = key[:-1]
        return self.names.get(key, "")

    place_of = origin_of


def read_config_file(path: Path) -> LoadedFile:
    """Read one file. Raises SetupError with file, line and column."""
    try:
        return LoadedFile(path, read_toml(path.read_text(encoding="utf-8")))
    except BrokenToml as error:
        place = error.place
        raise SetupError(
            f"{path}:{place.line}:{place.column}: {error.message}", hint="mend the TOML syntax"
        ) from error
    except UnicodeDecodeError as error:
        raise SetupError(f"{path}: not UTF-8 at byte {error.start}", hint="save the file as UTF-8") from error
    except OSError as error:
        hint = "`trivia-scraper init` writes one" if isinstance(error, FileNotFoundError) else ""
        raise SetupError(f"{path}: cannot be read: {error.strerror}", hint=hint) from error


def environment_overlay(environment: Mapping[str, str]) -> Overlay:
    """Every `TRIVIA__SECTION__KEY`. Raises SetupError for one that names no setting."""
    fields = dict(known_fields())
    names = {
        _key_of(variable): variable for variable in sorted(environment) if variable.startswith(ENVIRONMENT_PREFIX)
    }
    unknown = [f"{name}: {unknown_setting(key)}" for key, name in names.items() if key not in fields]
    if unknown:
        raise setup_error(unknown)
    values: dict[str, Any] = {}
    for key, name in names.items():
        _put(values, key, _literal(environment[name], fields[key]))
    return Overlay(values, names)


def secret_overlay(environment: Mapping[str, str]) -> Overlay:
    """Secrets: `$CREDENTIALS_DIRECTORY/<name>`, then `TRIVIA_<NAME>_FILE`, then `TRIVIA_<NAME>`.

    Providers' keys go by the names their own documents use, without `TRIVIA_`: GOOGLE_MAPS_API_KEY (images.md 5.7).
    """
    values: dict[str, Any] = {}
    names: dict[Key, str] = {}
    warnings: list[str] = []
    for secret, key in SECRETS.items():
        for origin, text, found_warnings in _secret_candidates(secret, environment):
            _put(values, key, text)
            names[key] = origin
            warnings += found_warnings
            break
    return Overlay(values, names, tuple(warnings))


def _secret_candidates(secret: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str, list[str]]]:
    """(origin, value, warnings), strongest first; only the first is used, so a weaker one need not be readable."""
    variable = ("" if secret in _PROVIDER_KEYS else "TRIVIA_") + secret.replace("-", "_").upper()
    credentials = environment.get("CREDENTIALS_DIRECTORY", "")
    if credentials and (path := Path(credentials) / secret).exists():
        yield f"$CREDENTIALS_DIRECTORY/{secret}", _read_secret(path), []
    if named := environment.get(f"{variable}_FILE", ""):
        yield f"{variable}_FILE", _read_secret(Path(named)), _too_open(Path(named))
    if value := environment.get(variable, "").strip():
        yield variable, value, []


def _read_secret(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CredentialsMissing(f"{path}: secret cannot be read: {why}") from error
    if not text:
        raise CredentialsMissing(f"{path}: secret file is empty")
    return text


def _too_open(path: Path) -> list[str]:
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return [f"{path}: a secret readable by group or others; `chmod 600` it"]
    return []


def _key_of(variable: str) -> Key:
    return tuple(part.lower() for part in variable.removeprefix(ENVIRONMENT_PREFIX).split("__"))


def _literal(text: str, field: FieldInfo) -> Any:
    """The variable's text as the field's TOML literal; text that is none is left for the validator to refuse."""
    wanted = get_origin(field.annotation) or field.annotation
    if wanted not in _LITERAL_TYPES:
        return text
    try:
        return tomllib.loads(f"x = {text}")["x"] if "\n" not in text else text
    except tomllib.TOMLDecodeError:
        return text


def _put(values: dict[str, Any], key: Key, value: Any) -> None:
    for part in key[:-1]:
        values = values.setdefault(part, {})
    values[key[-1]] = value
