"""The import contracts hold, and a planted violation would be caught."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TREE = ROOT / "src" / "trivia_scraper"


def test_import_contracts_hold() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout


def test_every_module_has_a_floor() -> None:
    """The floors contract is exhaustive: a new module must choose one."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["name"] == "floors")
    assert floors["exhaustive"] is True
    named = {name.strip().rpartition(".")[2] for layer in floors["layers"] for name in layer.split("|")}
    rooms = [path for path in TREE.iterdir() if path.suffix == ".py" or path.is_dir()]
    top = {path.stem for path in rooms}
    assert top - {"__init__", "__pycache__"} == named


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(TREE).as_posix()
        for path in sorted(TREE.rglob("*.py"))
        if ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_adapters_hold_the_only_sql_and_http() -> None:
    """Nothing above `storage` knows SQL: no statement text outside sql/ and the few session commands."""
    keywords = ("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM")
    offenders = [
        path.relative_to(TREE).as_posix()
        for path in sorted(TREE.rglob("*.py"))
        if not path.is_relative_to(TREE / "storage")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(keywords)
    ]
    assert offenders == []
