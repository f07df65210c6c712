"""The platform's own PostgreSQL, for one machine: in `data_dir/postgres`, reached through a socket there alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from surefoot.db.grants import grant
from surefoot.db.pool import Database
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import find_programs
from surefoot.errors import UsageError
from surefoot.platform_settings import PlatformSettings

DATABASE = "surefoot"
# What the processes take on: it owns nothing, so that they cannot change the audit trail.
ROLE = "surefoot_processes"
FOLDER = "postgres"


@contextmanager
def own_postgres(data_dir: Path, programs: Path | None = None) -> Iterator[str]:
    """The URL of the platform's database on a server of its own, which runs for as long as the block.

    Made where there is none yet; found running where an earlier process was killed. `programs` is a directory with
    PostgreSQL's programs, else those of an installed wheel. Raises UsageError where another process has it, ToolFailed.
    """
    server = EmbeddedPostgres(data_dir / FOLDER, find_programs(programs))
    with _alone(data_dir), server:
        _make_database(server.url())
        yield server.url(DATABASE)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the directory: a second process would stop the server under the first. The system frees it after a crash."""
    data_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(data_dir / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UsageError(
            f"Another `surefoot serve` works on {data_dir}.",
            hint="Stop it, or name another directory in SUREFOOT_DATA_DIR.",
            data_dir=str(data_dir),
        ) from None
    finally:
        os.close(handle)


def _make_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        if not admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (ROLE,)).rowcount:
            admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(ROLE)))
        if not admin.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).rowcount:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(DATABASE)))


async def grant_role(settings: PlatformSettings) -> None:
    """Let the role that the processes take on do what they need; the login's own rights are the owner's.

    Raises ConfigError where there is no such role, Unavailable.
    """
    assert settings.database_url is not None
    if settings.database_role is not None:
        url = settings.database_url.get_secret_value()
        async with Database(url, size=1) as database, database.connection() as connection:
            await grant(connection, settings.database_role)
