"""A server for shadows of each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from surefoot.engine.dialects.shadow import Place
from tests.databases import POSTGRES, Databases
from tests.engine.rehearsal.beds import Bed

MakeBed = Callable[[str], Bed]


@pytest.fixture
def make_bed(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> MakeBed:
    """Makes a bed of a kind."""

    def make(kind: str) -> Bed:
        if kind in POSTGRES:
            server = databases.postgres_server(kind)
            server.start()
            return Bed(kind, Place(shadow_url=server.url()), tmp_path)
        url = request.getfixturevalue("mariadb_url") if kind == "mariadb" else None
        return Bed(kind, Place(shadow_url=url), tmp_path)

    return make


@pytest.fixture(params=["pg18", "mariadb", "sqlite"])
def bed(request: pytest.FixtureRequest, make_bed: MakeBed) -> Bed:
    """Shadows of each dialect."""
    return make_bed(request.param)


@pytest.fixture(params=POSTGRES)
def postgres_bed(request: pytest.FixtureRequest, make_bed: MakeBed) -> Bed:
    """Shadows on PostgreSQL 16, and on 18."""
    return make_bed(request.param)


@pytest.fixture
def postgres18_bed(make_bed: MakeBed) -> Bed:
    """Shadows on PostgreSQL 18."""
    return make_bed("pg18")


@pytest.fixture
def mariadb_bed(make_bed: MakeBed) -> Bed:
    """Shadows on MariaDB."""
    return make_bed("mariadb")


@pytest.fixture
def sqlite_bed(make_bed: MakeBed) -> Bed:
    """Shadows that are SQLite files."""
    return make_bed("sqlite")
