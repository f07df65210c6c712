"""Targets and folders for the tests on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.engine.model import Timeouts

Open = Callable[..., SqliteTarget]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database lies, or will lie."""
    return tmp_path / "app.db"


@pytest.fixture
def open_target(file: Path) -> Iterator[Open]:
    """Opens targets on the file, by a caller's own connections."""
    targets: list[SqliteTarget] = []

    def opened(
        preamble: tuple[str, ...] = (), timeouts: Timeouts | None = None, *, check_foreign_keys: bool = True
    ) -> SqliteTarget:
        target = SqliteTarget(
            lambda: sqlite3.connect(file, check_same_thread=False),
            label="app.db",
            preamble=preamble,
            timeouts=timeouts,
            check_foreign_keys=check_foreign_keys,
        )
        target.open()
        targets.append(target)
        return target

    yield opened
    for target in targets:
        target.close()


@pytest.fixture
def target(open_target: Open) -> SqliteTarget:
    """A session on the file."""
    return open_target()


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    """The application's own connection to the file."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        yield connection
