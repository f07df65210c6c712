"""What the tests on MariaDB share: a shop of their own, and sessions beside the run's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.mysql.shop import Shop


@pytest.fixture
def shop(mariadb_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A folder of migrations and an empty database on MariaDB."""
    made = Shop(mariadb_url, tmp_path / "migrations")
    made.folder.mkdir()
    yield made
    made.close()
