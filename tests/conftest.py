"""Fixtures that give each test a fresh database on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import KINDS, POSTGRES, Databases, open_databases

DATABASES = pytest.StashKey[Databases]()


def pytest_configure(config: pytest.Config) -> None:
    """Let the main process own the servers; a worker of pytest-xdist is told where its own belong."""
    told = getattr(config, "workerinput", None)
    run = Databases(Path(told["databases"])) if told else open_databases()
    config.stash[DATABASES] = run.of_worker(told["workerid"]) if told else run


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["databases"] = str(node.config.stash[DATABASES].root)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[DATABASES].close()


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    """The servers, for a test that needs more than one database."""
    return pytestconfig.stash[DATABASES]


@pytest.fixture(params=KINDS)
def any_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A fresh database of each kind: pg16, pg18, mariadb, sqlite."""
    with databases.fresh(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=POSTGRES)
def postgres_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A fresh database on PostgreSQL 16, and one on 18."""
    with databases.postgres(request.param) as url:
        yield url


@pytest.fixture
def postgres18_url(databases: Databases) -> Iterator[str]:
    """A fresh database on PostgreSQL 18."""
    with databases.postgres("pg18") as url:
        yield url


@pytest.fixture
def mariadb_url(databases: Databases) -> Iterator[str]:
    """A fresh database on MariaDB."""
    with databases.mariadb() as url:
        yield url


@pytest.fixture
def sqlite_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database file that does not exist yet."""
    with databases.fresh("sqlite", tmp_path) as url:
        yield url


@pytest.fixture
def pgbouncer_url(databases: Databases, postgres18_url: str) -> Iterator[str]:
    """The database of `postgres18_url` through pgbouncer, which pools by transaction."""
    with databases.pgbouncer(postgres18_url, "transaction") as url:
        yield url


@pytest.fixture
def pgbouncer_session_url(databases: Databases, postgres18_url: str) -> Iterator[str]:
    """The database of `postgres18_url` through pgbouncer, which pools by session."""
    with databases.pgbouncer(postgres18_url, "session") as url:
        yield url
