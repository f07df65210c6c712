"""Connections of the queue: a pool of its own, which heartbeats never have to share with requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from procrastinate import PsycopgConnector
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from surefoot.db.pool import SCHEMA

# Seconds until a statement is given up for want of a connection, and for which a broken one is replaced before the pool
# tells of it. With the pool's own five minutes, jobs that ended while the database was away ran again.
_WAIT, _RECONNECT = 5.0, 2.0
# A network that swallows everything is noticed in this time. Seconds, and milliseconds for the last.
_ANSWER: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "tcp_user_timeout": 10_000,
}


async def open_listener(url: str) -> psycopg.AsyncConnection[Any]:
    """A connection outside of the pool that hears of new jobs, of jobs that came free, and of jobs that are to stop."""
    connection = await psycopg.AsyncConnection.connect(
        make_conninfo(url, application_name="surefoot listener", **_ANSWER), autocommit=True
    )
    await connection.execute("LISTEN procrastinate_any_queue_v1")
    return connection


@asynccontextmanager
async def open_connector(url: str, role: str | None, size: int) -> AsyncIterator[PsycopgConnector]:
    """The pool through which a worker speaks with its queue; each connection takes on `role`.

    A database that is away is no error here: each statement tells of it.
    """

    async def configure(connection: psycopg.AsyncConnection[Any]) -> None:
        if role:
            await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))

    pool = AsyncConnectionPool(
        make_conninfo(url, **_ANSWER),
        kwargs={"autocommit": True, "options": f"-c search_path={SCHEMA} -c timezone=UTC"},
        configure=configure,
        check=AsyncConnectionPool.check_connection,
        min_size=1,
        max_size=size,
        timeout=_WAIT,
        reconnect_timeout=_RECONNECT,
        open=False,
    )
    async with pool:
        connector = PsycopgConnector()
        await connector.open_async(pool)
        yield connector
