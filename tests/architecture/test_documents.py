"""The documents say what is true of the tree: links, folders, decisions, sources, targets, commands, tests."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from trivia_scraper.cli.main import COMMANDS
from trivia_scraper.demo.site import PROVIDERS
from trivia_scraper.settings.sections import SourcesSection
from trivia_scraper.sources import SOURCES

ROOT = Path(__file__).parents[2]
TREE = ROOT / "src" / "trivia_scraper"
DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OURS = ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/glossary.md", "docs/sources.md")

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_TARGET = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def quoted(text: str) -> Iterator[str]:
    """What stands in backticks, and every line of shell."""
    for block in _SHELL.findall(text):
        yield from filter(None, map(str.strip, block.splitlines()))
    yield from _CODE.findall(_FENCE.sub("", text))


def broken_links(path: Path) -> list[str]:
    broken = []
    for link in _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, fragment = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists():
            broken.append(link)
        elif fragment:
            headings = map(anchor, _HEADING.findall(target.read_text(encoding="utf-8")))
            if fragment not in headings:
                broken.append(link)
    return broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    assert broken_links(path) == []


def test_a_broken_link_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n[a](gone.md) [b](page.md#one) [c](#two) [d](https://example.org/x)\n```\n[e](no.md)\n```\n"
    )
    assert broken_links(page) == ["gone.md", "#two"]


def test_architecture_names_every_folder_and_module_of_the_top_level() -> None:
    rows = re.findall(r"^\| \d+ \| `src/trivia_scraper/([^`]+)` \|", text_of("ARCHITECTURE.md"), re.MULTILINE)
    rooms = [path for path in TREE.iterdir() if path.name not in ("__init__.py", "__pycache__")]
    there = [
        f"{path.name}/" if path.is_dir() else path.name for path in rooms if path.is_dir() or path.suffix == ".py"
    ]
    assert sorted(rows) == sorted(there)


def test_architecture_is_short() -> None:
    assert len(text_of("ARCHITECTURE.md").splitlines()) <= 180


def paths_named(text: str) -> Iterator[str]:
    """Files and folders of this repository that a document names, those with a blank to fill in left out."""
    for code in quoted(text):
        for word in code.split():
            if word.startswith(("src/", "tests/", "docs/")) and not re.search(r"[<>*…]|NNNN", word):
                yield word


@pytest.mark.parametrize("name", [*OURS, *map(relative, sorted(DECISIONS.glob("*.md")))])
def test_files_that_are_named_exist(name: str) -> None:
    # docs/performance.md is written by hand after a benchmark, and may come later than what asks for it.
    gone = [path for path in paths_named(text_of(name)) if not (ROOT / path).exists()]
    assert set(gone) <= {"docs/performance.md"}


def modules_named(text: str) -> Iterator[tuple[str, str]]:
    """`pipeline.run.refresh` → (module, name) where the first word is a room of the package."""
    rooms = {path.stem for path in TREE.iterdir()} - {"__init__", "__pycache__", "settings"}
    for code in _CODE.findall(_FENCE.sub("", text)):
        is_name = re.fullmatch(r"[a-z_]+(\.[A-Za-z_]+)+", code) and not code.endswith(".toml")
        if is_name and code.partition(".")[0] in rooms:
            module, _, name = code.rpartition(".")
            yield module, name


def is_there(module: str, name: str) -> bool:
    """A module, its attribute, or a class's; a file name such as `ports.py` is a file."""
    if name == "py":
        return (TREE / f"{module}.py").exists()
    try:
        pkgutil.resolve_name(f"trivia_scraper.{module}.{name}")
    except (AttributeError, ImportError):
        return False
    return True


@pytest.mark.parametrize("name", [*OURS, *map(relative, sorted(DECISIONS.glob("*.md")))])
def test_names_of_the_code_exist(name: str) -> None:
    # An event such as `storage.full` and a setting such as `storage.path` are written alike: documented elsewhere.
    settings = {f"{section}.{key}" for section, key in _settings_and_events()}
    assert [
        f"{module}.{attribute}"
        for module, attribute in modules_named(text_of(name))
        if f"{module}.{attribute}" not in settings and not is_there(module, attribute)
    ] == []


def _settings_and_events() -> Iterator[tuple[str, str]]:
    for document in ("docs/operations.md", "docs/log-events.md"):
        for code in re.findall(r"^\| `([a-z_]+\.[a-z0-9_]+)` \|", text_of(document), re.MULTILINE):
            section, _, key = code.partition(".")
            yield section, key


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in DECISIONS.glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert {path.name for path in DECISIONS.iterdir()} == {
        "README.md",
        *(path.name for path in DECISIONS.glob("[0-9][0-9][0-9][0-9]-*.md")),
    }


def test_the_list_of_decisions_is_complete_and_in_order() -> None:
    linked = _LINK.findall(text_of("docs/decisions/README.md"))
    assert linked == sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))


@pytest.mark.parametrize("path", sorted(DECISIONS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_a_decision_has_its_number_and_its_three_parts(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {path.name[:4]} ")
    assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"]
    assert 10 <= len(lines) <= 30


def test_every_registered_source_is_described() -> None:
    described = re.findall(r"^## `([a-z_]+)`: ", text_of("docs/sources.md"), re.MULTILINE)
    assert sorted(described) == sorted(SOURCES)
    for source in SOURCES.values():
        assert f"## `{source.slug}`: {source.name}" in text_of("docs/sources.md")


def test_every_known_slug_is_in_the_sources_page_and_every_source_has_a_replica() -> None:
    for slug in SourcesSection.model_fields:
        assert f"`{slug}`" in text_of("docs/sources.md")
    assert {provider.slug for provider in PROVIDERS} == set(SOURCES)


def make_targets() -> set[str]:
    return set(_TARGET.findall(text_of("Makefile")))


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    named = {
        word
        for code in quoted(path.read_text(encoding="utf-8"))
        if code.startswith("make ")
        for word in code.split()[1:]
        if "=" not in word and not word.startswith(("-", "#"))
    }
    assert named <= make_targets()


def test_contributing_names_every_make_target() -> None:
    named = {code.split()[1] for code in quoted(text_of("CONTRIBUTING.md")) if code.startswith("make ")}
    assert named == make_targets() - {"help"}


def command_of(words: list[str]) -> click.Command:
    """The command that these words call. Raises KeyError for one that does not exist."""
    module, _, name = COMMANDS[words[0]][0].partition(":")
    command: click.Command = getattr(importlib.import_module(module), name)
    for word in words[1:]:
        if isinstance(command, click.Group):
            command = command.commands[word]
    return command


def calls(text: str) -> Iterator[list[str]]:
    """Every `trivia-scraper …` and `python -m trivia_scraper …`, without process options before the command."""
    for code in quoted(text):
        words = shlex.split(code.rstrip("\\"), comments=True)
        for start in (["trivia-scraper"], ["python", "-m", "trivia_scraper"]):
            rest = words[len(start) :]
            if words[: len(start)] == start and rest and re.fullmatch(r"[a-z-]+", rest[0]) and rest[0][0] != "-":
                yield rest


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_command_that_is_named_exists(path: Path) -> None:
    for words in calls(path.read_text(encoding="utf-8")):
        command = command_of([word for word in words if not word.startswith("-")])
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, words


def test_operations_and_the_program_know_the_same_commands() -> None:
    named = {code.split()[0] for code in re.findall(r"^\| `([^`]+)`", commands_table(), re.MULTILINE)}
    assert named == set(COMMANDS)


def commands_table() -> str:
    return text_of("docs/operations.md").partition("## Commands")[2].partition("###")[0]


def test_programs_of_the_environment_that_are_named_are_installed() -> None:
    named = {code.split()[0] for code in quoted(text_of("CONTRIBUTING.md")) if code.startswith(".venv/bin/")}
    assert named
    for program in named:
        run = subprocess.run(
            [Path(sys.executable).with_name(Path(program).name), "--version"], capture_output=True, check=False
        )
        assert run.returncode == 0, program


def test_the_changelog_has_the_version_of_the_package() -> None:
    version = re.search(r'^version = "(.+)"$', text_of("pyproject.toml"), re.MULTILINE)
    newest = re.search(r"^## \[(.+?)\]", text_of("CHANGELOG.md"), re.MULTILINE)
    assert version is not None
    assert newest is not None
    assert newest[1] == version[1]
