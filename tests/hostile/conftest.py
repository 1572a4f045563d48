"""Fixtures of the hostile-input tests."""

from __future__ import annotations

import pytest

from support.certificates import OPENSSL, Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if OPENSSL is None:
        pytest.skip("the openssl command is not installed")
    return Authority(tmp_path_factory.mktemp("authority"))
