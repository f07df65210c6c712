"""The parts of a process of the platform: opened once, handed to routes, jobs and commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

from fastapi import Request

from surefoot.calls import Call
from surefoot.db.pool import Database
from surefoot.errors import ConfigError
from surefoot.jobs.queue import Queue
from surefoot.limits.limiter import Limiter
from surefoot.platform_settings import PlatformSettings
from surefoot.vault.hashing import Hasher
from surefoot.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Platform:
    """What every request and every job may use."""

    settings: PlatformSettings
    database: Database
    vault: Vault
    hasher: Hasher
    limiter: Limiter
    queue: Queue


@asynccontextmanager
async def open_platform(settings: PlatformSettings) -> AsyncIterator[Platform]:
    """The parts of a process, on a database that is migrated already; closed at the end of the block.

    Raises ConfigError where no database is named, or the keys cannot be used.
    """
    if settings.database_url is None:
        raise ConfigError("No database is named.", hint="Set SUREFOOT_DATABASE_URL, or use `surefoot serve`.")
    vault = Vault.open(settings)
    url = settings.database_url.get_secret_value()
    with closing(Hasher(settings.hash_workers, settings.hash_queue)) as hasher:
        async with Database(url, size=settings.pool_size, role=settings.database_role) as database:
            limiter = Limiter(database, vault.mac("subjects", purpose="limits"))
            yield Platform(settings, database, vault, hasher, limiter, Queue())


def platform_of(request: Request) -> Platform:
    """The parts of this process."""
    found: Platform = request.app.state.platform
    return found


def call_of(request: Request) -> Call:
    """Who asks, as the guard found out."""
    found: Call = request.state.call
    return found
