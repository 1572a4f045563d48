"""From files, environment and secrets to one frozen `Settings`, remembering who set what.

Order (operations.md 4), later wins: defaults · machine, user and local config.toml · `--config` files ·
environment `TRIVIA__SECTION__KEY` · secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from trivia_scraper.settings.environment import config_candidates, state_directory
from trivia_scraper.settings.model import Key, Settings, build_settings, known_fields
from trivia_scraper.settings.origins import (
    LoadedFile,
    Overlay,
    environment_overlay,
    read_config_file,
    secret_overlay,
)
from trivia_scraper.settings.problems import Problem, problems_of, setup_error

DEFAULT_ORIGIN: Final = "default"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings and their story.

    origins   key → who set it: "default", a file, or an environment variable's name
    files     what was read, weakest first; searched: what would have been, had it existed
    warnings  what an operator should mend although the program runs
    """

    settings: Settings
    origins: Mapping[Key, str]
    files: tuple[Path, ...]
    searched: tuple[Path, ...]
    warnings: tuple[str, ...] = field(default=())


def load_settings(
    *,
    environment: Mapping[str, str],
    config_files: Sequence[Path] = (),
    working_directory: Path | None = None,
) -> LoadedSettings:
    """Read everything. Raises SetupError (exit 2) naming file, line and column; CredentialsMissing (exit 12).

    config_files  those of `--config`; they must exist
    """
    searched = config_candidates(environment, working_directory or Path.cwd())
    files = [*_existing(searched), *(read_config_file(path) for path in config_files)]
    from_environment = environment_overlay(environment)
    from_secrets = secret_overlay(environment)
    layers: list[LoadedFile | Overlay] = [*files, from_environment, from_secrets]
    config_dir = files[-1].path.absolute().parent if files else None
    settings = _build(layers, state_directory(environment).expanduser().absolute(), config_dir)
    return LoadedSettings(
        settings=settings,
        origins=_origins(layers),
        files=tuple(file.path for file in files),
        searched=(*searched, *config_files),
        warnings=from_secrets.warnings,
    )


def _existing(candidates: Sequence[Path]) -> Iterator[LoadedFile]:
    for path in dict.fromkeys(candidates):
        if path.is_file():
            yield read_config_file(path)


def _build(layers: Sequence[LoadedFile | Overlay], state_dir: Path, config_dir: Path | None) -> Settings:
    try:
        return build_settings([layer.values for layer in layers], state_dir, config_dir)
    except ValidationError as error:
        raise setup_error([_told(problem, layers) for problem in problems_of(error)]) from None


def _told(problem: Problem, layers: Sequence[LoadedFile | Overlay]) -> str:
    """ "file:line:column: section.key must be …": the place is that of the layer whose value won."""
    name = ".".join(problem.key)
    for layer in reversed(layers):
        if _says(layer.values, problem.key):
            return f"{layer.place_of(problem.key)}: {name} {_joined(problem.message)}"
    return f"{name} {_joined(problem.message)}"


def _joined(message: str) -> str:
    return f"is an {message}" if message.startswith("unknown setting") else message


def _says(values: Mapping[str, Any], key: Key) -> bool:
    """Whether a layer sets this key, or something it is an item of: an item of a list belongs to its list."""
    inner: Any = values
    for part in key:
        if not isinstance(inner, Mapping):
            return True
        if part not in inner:
            return False
        inner = inner[part]
    return True


def _origins(layers: Sequence[LoadedFile | Overlay]) -> dict[Key, str]:
    origins = {key: DEFAULT_ORIGIN for key, _ in known_fields()}
    for layer in layers:
        for key in origins:
            if _says(layer.values, key):
                origins[key] = layer.origin_of(key)
    return origins
