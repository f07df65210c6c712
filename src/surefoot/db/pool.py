"""Connections to the platform's database, and the two ways to use one."""

from __future__ import annotations

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from surefoot.errors import Unavailable

SCHEMA = "platform"
Row = dict[str, Any]
Connection = psycopg.AsyncConnection[Row]
# A request that gets no connection in this time is told so. Seconds.
_WAIT = 5.0


class Database:
    """The pool of one process. A connection is in autocommit outside `transaction`; times are in UTC.

    It survives a restart of the server: broken connections are thrown away, and new ones made.
    """

    def __init__(self, url: str, *, size: int = 10, role: str | None = None) -> None:
        """`role` is what each connection takes on (SET ROLE), where the login holds more than it needs."""
        self.url = url
        self._role = role
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            connection_class=psycopg.AsyncConnection[Row],
            kwargs={"autocommit": True, "row_factory": dict_row, "options": f"-c search_path={SCHEMA} -c timezone=UTC"},
            min_size=1,
            max_size=size,
            timeout=_WAIT,
            configure=self._configure,
            check=_check,
            open=False,
        )

    async def _configure(self, connection: Connection) -> None:
        if self._role:
            await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self._role)))

    async def __aenter__(self) -> Self:
        await self._pool.open()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction that commits at the end of the block, and rolls back on an error.

        Raises Unavailable where the database does not answer; the caller's own errors pass.
        """
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit: each statement stands for itself. Raises Unavailable."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except psycopg.OperationalError as error:
            if (error.sqlstate or "").startswith("40"):
                # Deadlocks, and transactions that cannot be told one after the other.
                raise Unavailable("Another change was in the way; nothing was changed.", hint="Try again.") from error
            if not _is_gone(error):
                raise
            raise Unavailable(
                "The platform's database does not answer.", hint="Try again in a moment; `/health/ready` says more."
            ) from error


async def _check(connection: Connection) -> None:
    """Raises OperationalError where the server has ended the connection while nobody used it.

    Then there is its farewell, or the end itself, to be read. Only where there is something the server is asked: each
    request would else wait for an answer more.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        await AsyncConnectionPool.check_connection(connection)


def _is_gone(error: psycopg.OperationalError) -> bool:
    """Whether the server is away, starts, stops, or takes no more connections; a deadlock is none of it."""
    return isinstance(error, PoolTimeout) or (error.sqlstate or "57P").startswith(("57P", "08", "53"))
