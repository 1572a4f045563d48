"""The four rules about `RefreshOptions` as checks over syntax trees (architecture 4).

Each function takes a module's source and its path below src/trivia_scraper/ and returns what it found, as
sentences. `test_option_rules.py` runs them over the whole tree and over a planted violation of each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

EDGES = ("cli/", "daemon/", "web/", "demo/")
HOME = "domain/options.py"
OPTIONS = "RefreshOptions"
_AMBIENT_MODULES = {"contextvars", "structlog.contextvars"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def ambient_state(source: str, path: str) -> list[str]:
    """Sin 1: values that travel beside the parameters: context variables, `global`, the environment."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import) and _AMBIENT_MODULES & {alias.name for alias in node.names}:
            found.append(f"{path}:{node.lineno} imports contextvars")
        if isinstance(node, ast.ImportFrom) and node.module in _AMBIENT_MODULES:
            found.append(f"{path}:{node.lineno} imports from contextvars")
        if isinstance(node, ast.Global):
            found.append(f"{path}:{node.lineno} uses global")
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and not path.startswith("settings"):
            owner = node.value
            # The image worker empties the environment that it inherits; it reads nothing from it.
            if isinstance(owner, ast.Name) and owner.id == "os" and path != "workers/child.py":
                found.append(f"{path}:{node.lineno} reads the environment")
    return found


def passing_style(source: str, path: str) -> list[str]:
    """Sin 2: `refresh_*`/`enrich_*` coroutines end in `(…, options, services)`; the parameter is called `options`."""
    found = []
    for function in _functions(source):
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        is_walker = function.name.startswith(("refresh_", "enrich_")) and isinstance(function, ast.AsyncFunctionDef)
        if is_walker and names[-2:] != ["options", "services"]:
            found.append(f"{path}:{function.lineno} {function.name} does not end in (…, options, services)")
        for argument in _arguments(function):
            if _is_options(argument.annotation) and argument.arg != "options":
                found.append(f"{path}:{argument.lineno} a {OPTIONS} is called {argument.arg}")
    return found


def built_below_the_edge(source: str, path: str) -> list[str]:
    """Sin 3: options are built at the edges and where a stored job is read back, and changed nowhere."""
    if path.startswith(EDGES) or path == HOME:
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == OPTIONS or called.startswith(f"{OPTIONS}."):
            found.append(f"{path}:{node.lineno} builds {OPTIONS}")
        if called.endswith((".model_copy", ".model_construct")):
            found.append(f"{path}:{node.lineno} copies a frozen value with changes")
    return found


def defaulted(source: str, path: str) -> list[str]:
    """Sin 4: no parameter and no field of type RefreshOptions has a default or may be None."""
    found = []
    for function in _functions(source):
        arguments, defaults = function.args, function.args.defaults
        positional = [*arguments.posonlyargs, *arguments.args]
        with_default = positional[len(positional) - len(defaults) :] if defaults else []
        with_default += [a for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
        for argument in _arguments(function):
            if _mentions_options(argument.annotation) and argument in with_default:
                found.append(f"{path}:{argument.lineno} {argument.arg} has a default")
            if _mentions_options(argument.annotation) and _may_be_none(argument.annotation):
                found.append(f"{path}:{argument.lineno} {argument.arg} may be None")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and node.value is not None and _is_options(node.annotation):
            found.append(f"{path}:{node.lineno} a field of type {OPTIONS} has a default")
    return found


RULES = (ambient_state, passing_style, built_below_the_edge, defaulted)


def _functions(source: str) -> Iterator[_Function]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, _Function))


def _arguments(function: _Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _is_options(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation).strip("'\"") == OPTIONS


def _mentions_options(annotation: ast.expr | None) -> bool:
    return annotation is not None and OPTIONS in ast.unparse(annotation)


def _may_be_none(annotation: ast.expr | None) -> bool:
    return annotation is not None and ("None" in ast.unparse(annotation) or "Optional" in ast.unparse(annotation))
