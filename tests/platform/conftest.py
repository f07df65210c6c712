"""A migrated database of the platform for each test, and the parts of a process on it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from surefoot.api.app import make_app
from surefoot.calls import ANYONE, Call
from surefoot.db.migrate import migrate
from surefoot.db.pool import Database
from surefoot.platform_settings import PlatformSettings
from surefoot.web.platform import Platform, open_platform
from tests.databases import Databases


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests that are marked `anyio` run on asyncio, as the platform does."""
    return "asyncio"


@pytest.fixture(scope="session")
def platform_template(databases: Databases) -> Iterator[str]:
    """The URL of a database with the platform's schema, which others are copied from."""
    with databases.postgres("pg18") as url:
        migrate(url)
        yield url


@pytest.fixture
def platform_url(platform_template: str, databases: Databases) -> Iterator[str]:
    """The URL of a fresh database with the platform's schema."""
    name, template = f"t_{uuid.uuid4().hex[:12]}", psycopg.conninfo.conninfo_to_dict(platform_template)["dbname"]
    server = databases.postgres_server("pg18")
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield server.url(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
async def database(platform_url: str) -> AsyncIterator[Database]:
    """The pool of a process on a fresh database."""
    async with Database(platform_url, size=10) as opened:
        yield opened


@pytest.fixture
def call() -> Call:
    """A call by nobody in particular."""
    return Call(
        ANYONE, datetime.now(UTC), address="192.0.2.1", agent="test", request_id="r-1", operation="test.operation"
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The directory of a process's keys."""
    return tmp_path / "data"


@pytest.fixture
def settings(platform_url: str, data_dir: Path) -> PlatformSettings:
    """The settings of a process on a fresh database, with keys of its own."""
    return PlatformSettings(database_url=SecretStr(platform_url), data_dir=data_dir)


@pytest.fixture
async def platform(settings: PlatformSettings) -> AsyncIterator[Platform]:
    """The parts of a process."""
    async with open_platform(settings) as opened:
        yield opened


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a page of the platform: paths are below `/api/v1`, and it keeps its cookies."""
    async with browser(platform) as opened:
        yield opened


def browser(platform: Platform) -> httpx.AsyncClient:
    """One more browser on a page of the platform."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(make_app(platform), client=("192.0.2.1", 40000)),
        base_url=f"{platform.settings.origin}/api/v1",
        headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"},
    )
