"""What is wrong with a configuration, told so that it can be mended: where, what, and the likely meaning."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import ValidationError

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.settings.model import Key, known_fields

_PLAIN_WORDS = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text, in quotes",
    "tuple_type": "must be a list",
    "model_type": "must be a section, not a value",
    "extra_forbidden": "unknown setting",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `key` is the setting's path, `message` what is wrong with it."""

    key: Key
    message: str


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Every mistake pydantic found, in plain words. Never repeats the value: it may be a secret."""
    return tuple(
        _problem(tuple(str(part) for part in one["loc"]), one["type"], one["msg"])
        for one in error.errors(include_url=False, include_input=False)
    )


def setup_error(places: list[str]) -> SetupError:
    """All mistakes in one error, a line each; the first line is the headline."""
    hint = "see `trivia-scraper config show --origin` and docs/operations.md"
    return SetupError("\n".join(places), hint=hint)


def unknown_setting(key: Key) -> str:
    """ "unknown setting", and what was probably meant."""
    meant = _nearest(key)
    return f"unknown setting{f', did you mean {meant}?' if meant else ''}"


def _problem(key: Key, kind: str, message: str) -> Problem:
    if kind == "extra_forbidden":
        return Problem(key, unknown_setting(key))
    if kind in _PLAIN_WORDS:
        return Problem(key, _PLAIN_WORDS[kind])
    return Problem(key, message.removeprefix("Value error, ").removeprefix("Input "))


def _nearest(key: Key) -> str:
    settings = [known for known, _ in known_fields()]
    here = {known[len(key) - 1] for known in settings if known[: len(key) - 1] == key[:-1] and len(known) >= len(key)}
    close = get_close_matches(key[-1], here, n=1, cutoff=0.6)
    if close:
        return ".".join((*key[:-1], close[0]))
    # The right name in the wrong section is as common a slip as a misspelt one.
    elsewhere = [".".join(known) for known in settings if known[-1] == key[-1]]
    return elsewhere[0] if elsewhere else ""
