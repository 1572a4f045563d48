"""The tree keeps the four rules, and a planted violation of each is caught."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from architecture import option_rules as rules

ROOT = Path(__file__).parents[2]
TREE = ROOT / "src" / "trivia_scraper"
Rule = Callable[[str, str], list[str]]

PLANTED: list[tuple[Rule, str, str]] = [
    (rules.ambient_state, "pipeline/x.py", "from contextvars import ContextVar\n"),
    (rules.ambient_state, "pipeline/x.py", "import contextvars\n"),
    (rules.ambient_state, "pipeline/x.py", "FORCE = False\ndef force():\n    global FORCE\n    FORCE = True\n"),
    (rules.ambient_state, "storage/x.py", "import os\nforced = os.environ.get('FORCE')\n"),
    (rules.ambient_state, "storage/x.py", "import os\nforced = os.getenv('FORCE')\n"),
    (rules.passing_style, "pipeline/x.py", "async def refresh_logo(ref, services, options): ...\n"),
    (rules.passing_style, "pipeline/x.py", "async def refresh_logo(ref, services): ...\n"),
    (rules.passing_style, "pipeline/x.py", "async def enrich_venue(venue, *, options, services): ...\n"),
    (rules.passing_style, "storage/x.py", "def save(flags: RefreshOptions): ...\n"),
    (rules.built_below_the_edge, "pipeline/x.py", "def f():\n    return RefreshOptions(force_refresh_images=True)\n"),
    (rules.built_below_the_edge, "pipeline/x.py", "def f(d):\n    return RefreshOptions.model_validate(d)\n"),
    (rules.built_below_the_edge, "pipeline/x.py", "def f(options):\n    return options.model_copy(update={})\n"),
    (rules.defaulted, "pipeline/x.py", "def f(ref, options: RefreshOptions = NONE): ...\n"),
    (rules.defaulted, "pipeline/x.py", "def f(ref, *, options: RefreshOptions | None): ...\n"),
    (rules.defaulted, "pipeline/x.py", "class Job:\n    options: RefreshOptions = NONE\n"),
]


def _modules() -> list[Path]:
    return sorted(TREE.rglob("*.py"))


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    modules = _modules()
    assert len(modules) > 50
    found = [
        problem for module in modules for problem in rule(module.read_text(), module.relative_to(TREE).as_posix())
    ]
    assert found == []


@pytest.mark.parametrize(("rule", "path", "source"), PLANTED)
def test_a_planted_violation_is_caught(rule: Rule, path: str, source: str) -> None:
    assert rule(source, path) != []


def test_options_are_built_at_the_edges() -> None:
    """R9, R23: they are built somewhere, and only there."""
    assert rules.built_below_the_edge("x = RefreshOptions(limit=1)", "cli/run.py") == []
    assert rules.built_below_the_edge("x = RefreshOptions(limit=1)", "domain/options.py") == []
    assert "RefreshOptions(" in (TREE / "cli" / "run.py").read_text()


def test_only_one_function_parses_the_flag_from_job_arguments() -> None:
    """T9, R21: `get("force_refresh_images")` in any spelling exists in domain/options.py alone."""
    parsers = [
        module.relative_to(TREE).as_posix()
        for module in _modules()
        if 'get("force_refresh_images"' in module.read_text() or 'flag("force_refresh_images")' in module.read_text()
    ]
    assert parsers == ["domain/options.py"]


@pytest.mark.parametrize(
    ("path", "source", "code"),
    [
        ("src/trivia_scraper/pipeline/planted.py", "import contextvars\n", "TID251"),
        ("src/trivia_scraper/pipeline/planted.py", "import os\n\nFORCED = os.environ['X']\n", "TID251"),
        ("src/trivia_scraper/pipeline/planted.py", "import httpx\n", "TID251"),
        ("src/trivia_scraper/policy/planted.py", "X = 1\n\n\ndef f() -> None:\n    global X\n    X = 2\n", "PLW0603"),
    ],
)
def test_lint_catches_ambient_state(path: str, source: str, code: str) -> None:
    """The same sins are lint errors, so that an editor shows them before any test runs."""
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
    run = subprocess.run(
        [*ruff, "--stdin-filename", path, "-"],
        input=source, capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert code in run.stdout
