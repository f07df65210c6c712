"""A command line with a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import SHOP, Shell


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    """A command line in an empty directory, without a database."""
    directory = tmp_path / "project"
    directory.mkdir()
    return Shell(capsys, directory)


@pytest.fixture
def shell(bare: Shell, postgres18_url: str) -> Shell:
    """A command line with DATABASE_URL on an empty PostgreSQL 18 database, and no folder yet."""
    bare.environ["DATABASE_URL"] = postgres18_url
    return bare


@pytest.fixture
def shop(shell: Shell) -> Shell:
    """A command line on an empty database, with a folder of two migrations."""
    shell.write(SHOP)
    return shell


@pytest.fixture
def any_shop(bare: Shell, any_url: str) -> Shell:
    """The same on each kind of database."""
    bare.environ["DATABASE_URL"] = any_url
    bare.write(SHOP)
    return bare
