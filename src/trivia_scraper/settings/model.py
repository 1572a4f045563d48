"""`Settings`: how the process runs, frozen. What a *run* does is `RefreshOptions`; the two never mix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, PrivateAttr, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from trivia_scraper.domain.redaction import MASK
from trivia_scraper.settings.daemon_sections import (
    DaemonSection,
    MetricsSection,
    NotifySection,
    ScheduleSection,
    WebSection,
)
from trivia_scraper.settings.environment import process_environment, state_directory
from trivia_scraper.settings.picture_sections import (
    CleanupSection,
    EnrichmentSection,
    ProvidersSection,
    RecoverySection,
)
from trivia_scraper.settings.sections import (
    DatabaseSection,
    DeclaredSection,
    HttpSection,
    ImagesSection,
    LimitsSection,
    LogSection,
    LookupSection,
    RefreshSection,
    SourcesSection,
    StorageSection,
)

Key = tuple[str, ...]

_LAYERS: Final = "layers"


class Layer(PydanticBaseSettingsSource):
    """Values of one origin (a file, the environment, a secret), nested as in config.toml."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(Settings)
        self.values = dict(values)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 (overrides)
        """One section's values."""
        return self.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All values of this origin."""
        return self.values


class Settings(BaseSettings):
    """Every setting, typed and checked: made by `load_settings` or `settings_from`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database: DatabaseSection = DatabaseSection()
    http: HttpSection = HttpSection()
    images: ImagesSection = ImagesSection()
    storage: StorageSection = StorageSection()
    refresh: RefreshSection = RefreshSection()
    limits: LimitsSection = LimitsSection()
    sources: SourcesSection = SourcesSection()
    declared: DeclaredSection = DeclaredSection()
    lookup: LookupSection = LookupSection()
    enrichment: EnrichmentSection = EnrichmentSection()
    providers: ProvidersSection = ProvidersSection()
    recovery: RecoverySection = RecoverySection()
    cleanup: CleanupSection = CleanupSection()
    schedule: ScheduleSection = ScheduleSection()
    daemon: DaemonSection = DaemonSection()
    web: WebSection = WebSection()
    metrics: MetricsSection = MetricsSection()
    notify: NotifySection = NotifySection()
    log: LogSection = LogSection()

    _config_dir: Path | None = PrivateAttr(default=None)
    _state_dir: Path = PrivateAttr(default_factory=lambda: state_directory(process_environment()))

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: the environment is a layer like any other, read in `loading`."""
        given = dict(init_settings())
        layers: Sequence[Layer] = given.pop(_LAYERS, ())
        return (InitSettingsSource(settings_cls, given), *reversed(layers))

    @property
    def state_dir(self) -> Path:
        """What must not be lost: `$STATE_DIRECTORY`, else the user's data folder."""
        return self._state_dir

    @property
    def database_dir(self) -> Path:
        """Folder of the embedded server: `database.data_dir`, else `postgres` in the state folder."""
        given = self.database.data_dir
        return Path(given).expanduser().absolute() if given else self.state_dir / "postgres"

    @property
    def image_dir(self) -> Path:
        """Folder of the pictures: `storage.path`, else `images` in the state folder."""
        given = self.storage.path
        return Path(given).expanduser().absolute() if given else self.state_dir / "images"

    @property
    def declared_dir(self) -> Path:
        """Folder of the declared sources: a relative `declared.path` starts at the config file that was read last,
        or at the state folder where none was."""
        return ((self._config_dir or self.state_dir) / Path(self.declared.path).expanduser()).absolute()


def build_settings(layers: Sequence[Mapping[str, Any]], state_dir: Path, config_dir: Path | None = None) -> Settings:
    """Settings from nested values, a later layer winning key by key. Raises pydantic.ValidationError.

    config_dir  folder of the config file that was read last
    """
    given: dict[str, Any] = {_LAYERS: [Layer(values) for values in layers]}
    settings = Settings(**given)
    settings._state_dir, settings._config_dir = state_dir, config_dir
    return settings


def settings_from(values: Mapping[str, Any], *, state_dir: Path) -> Settings:
    """Settings from code alone, for `demo` and tests: defaults, then `values`; nothing ambient is read.

    Raises pydantic.ValidationError: a wrong value here is a mistake in code, not an operator's.
    """
    return build_settings([values], state_dir)


def known_fields(model: type[BaseModel] = Settings, above: Key = ()) -> Iterator[tuple[Key, FieldInfo]]:
    """Every setting's key ("http", "contact") and field, in the order of config.toml."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from known_fields(annotation, (*above, name))
        else:
            yield (*above, name), field


def shown_values(settings: Settings) -> dict[Key, Any]:
    """Every setting as it would be written in config.toml; secrets that were set are `***` (safety.md 11)."""
    written = settings.model_dump(mode="json")
    shown: dict[Key, Any] = {}
    for key, field in known_fields():
        actual: Any = settings
        value: Any = written
        for part in key:
            actual, value = getattr(actual, part), value[part]
        if isinstance(actual, SecretStr):
            value = actual.get_secret_value() if actual == field.default else MASK
        shown[key] = value
    return shown
