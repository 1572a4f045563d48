"""Who calls what in the pipeline, as far as images are concerned, and where tasks, threads and processes start.

Read from syntax trees: a call counts by the name it is written with, resolved through the module's imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[2] / "src" / "trivia_scraper"
PACKAGE: Final = "trivia_scraper"

IMAGE_DEEDS: Final = frozenset({"download_image", "inspect", "adopt", "clear_image", "save_detail", "save_photo"})
"""Methods of the ports that fetch, check, put, clear or save an image."""

STARTS: Final = frozenset(
    {"create_task", "run_sync", "to_thread", "run_in_executor", "create_subprocess_exec", "Popen", "schedule"}
)
"""Calls that let something run beside the caller; `subprocess.run` and `….perform` besides."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Unit:
    """A function of a module, or a method; what is nested in it belongs to it.

    holds_options  its class is made with the options and keeps them
    """

    module: str
    name: str
    node: _Function
    holds_options: bool = False

    @property
    def place(self) -> str:
        """ "pipeline/image.py::refresh_image"."""
        return f"{self.module}::{self.name}"

    @property
    def parameters(self) -> frozenset[str]:
        """Names of all parameters."""
        arguments = self.node.args
        return frozenset(each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


@dataclass(frozen=True, slots=True)
class Start:
    """A place where something is started, and the call that does it."""

    place: str
    call: ast.Call


def modules(folder: str = "") -> Iterator[tuple[str, ast.Module]]:
    """Path below src/trivia_scraper → its tree."""
    for path in sorted((TREE / folder).rglob("*.py")):
        yield path.relative_to(TREE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def units(module: str, tree: ast.Module) -> Iterator[Unit]:
    """Functions of a module and methods of its classes."""
    for node in tree.body:
        if isinstance(node, _Function):
            yield Unit(module, node.name, node)
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, _Function)]
            made = [each for each in methods if each.name == "__init__"]
            holds = any("options" in Unit(module, "", each).parameters for each in made)
            yield from (Unit(module, f"{node.name}.{each.name}", each, holds) for each in methods)


def acting_on_images() -> Mapping[str, Unit]:
    """Every function of the pipeline that does one of `IMAGE_DEEDS`, itself or through others. By place."""
    all_units, imports = [], {}
    for module, tree in modules("pipeline"):
        all_units += list(units(module, tree))
        imports[module] = _imported(tree)
    acting = {unit.place: unit for unit in all_units if IMAGE_DEEDS & _methods_called(unit.node)}
    grown = -1
    while grown != len(acting):
        grown = len(acting)
        for unit in all_units:
            if unit.place not in acting and acting.keys() & set(_called(unit, imports[unit.module])):
                acting[unit.place] = unit
    return acting


def starts() -> Iterator[Start]:
    """Every place outside the replica that starts a task, a thread, a process or a job of a worker."""
    for module, tree in modules():
        if module.startswith("demo/"):
            continue
        for unit in units(module, tree):
            for call in _calls(unit.node):
                if _is_start(call):
                    yield Start(unit.place, call)


def callers_of(name: str, folder: str = "") -> Sequence[str]:
    """Places that call something of this name, as a function or as a method."""
    return sorted(
        {
            unit.place
            for module, tree in modules(folder)
            for unit in units(module, tree)
            for call in _calls(unit.node)
            if _last_name(call.func) == name
        }
    )


def _is_start(call: ast.Call) -> bool:
    written = ast.unparse(call.func)
    return _last_name(call.func) in STARTS or written.endswith(("subprocess.run", "_workers.perform"))


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def _last_name(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]


def _methods_called(node: ast.AST) -> set[str]:
    return {call.func.attr for call in _calls(node) if isinstance(call.func, ast.Attribute)}


def _imported(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}.pipeline."):
            module = (node.module or "").removeprefix(f"{PACKAGE}.").replace(".", "/") + ".py"
            found |= {alias.asname or alias.name: f"{module}::{alias.name}" for alias in node.names}
    return found


def _called(unit: Unit, imported: Mapping[str, str]) -> Iterator[str]:
    owner = unit.name.rpartition(".")[0]
    for call in _calls(unit.node):
        written = ast.unparse(call.func)
        if written.startswith("self.") and owner:
            yield f"{unit.module}::{owner}.{written.removeprefix('self.')}"
        elif isinstance(call.func, ast.Name):
            yield imported.get(written, f"{unit.module}::{written}")
