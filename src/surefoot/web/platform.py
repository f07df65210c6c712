"""The parts of a process of the platform: opened once, handed to routes, jobs and commands."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from surefoot.calls import Call
from surefoot.db.pool import Database
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


def platform_of(request: Request) -> Platform:
    """The parts of this process."""
    found: Platform = request.app.state.platform
    return found


def call_of(request: Request) -> Call:
    """Who asks, as the guard found out."""
    found: Call = request.state.call
    return found
