"""What no line in `fetching/` may do (safety.md 5, fact 1)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import trivia_scraper.fetching

ROOM = Path(trivia_scraper.fetching.__file__).parent
UNBOUNDED = {"aread", "read", "text", "json", "aiter_bytes", "aiter_text", "aiter_lines"}


@pytest.mark.parametrize("module", sorted(ROOM.glob("*.py")), ids=lambda path: path.stem)
def test_no_body_is_read_without_a_bound(module: Path) -> None:
    used = {node.attr for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Attribute)}
    assert used & UNBOUNDED == set()


def test_certificates_are_never_left_unchecked() -> None:
    for module in ROOM.glob("*.py"):
        source = module.read_text()
        assert "verify=False" not in source
        assert "CERT_NONE" not in source
