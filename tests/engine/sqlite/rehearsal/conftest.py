"""Shadows for the tests on SQLite."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.sqlite.shadow import SqliteShadow


@pytest.fixture(autouse=True)
def shadows(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory in which this test's shadows are."""
    directory = tmp_path_factory.mktemp("shadows")
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return directory


@pytest.fixture
def shadow() -> Iterator[SqliteShadow]:
    """An empty shadow."""
    made = SqliteShadow(Place())
    made.open()
    yield made
    made.close()
