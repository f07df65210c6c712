"""Is there a proxy that lends server sessions by the transaction? A session lock cannot hold there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from surefoot.errors import PoolerFound

Connection = psycopg.Connection[tuple[Any, ...]]
_PID = "SELECT pg_backend_pid()"


def refuse_transaction_pooling(connection: Connection, connect: Callable[[], Connection], pid: int) -> None:
    """Raise PoolerFound where the server session behind `connection` (it was `pid`) can change.

    Worth asking only where the pid that the protocol announced is not the server's: then something stands between.
    """
    if pools_transactions(connection, connect, pid):
        raise PoolerFound(
            "A transaction-pooling proxy (such as PgBouncer with pool_mode = transaction) stands between Surefoot and "
            "the database: the lock that keeps two runs apart cannot hold there.",
            hint="Give Surefoot a URL of the database itself, or of a pool with pool_mode = session.",
        )


def pools_transactions(connection: Connection, connect: Callable[[], Connection], pid: int) -> bool:
    """Whether two client connections share a server session, or one client connection moves between two.

    While the first connection is in a transaction the second gets another server session; then the first lets go, and
    the second: a pool that lends by the transaction now has two to choose from.
    """
    with connect() as other:
        if _pid(other) == pid:
            return True
        connection.execute("BEGIN")
        first = _pid(connection)
        other.execute("BEGIN")
        second = _pid(other)
        connection.execute("COMMIT")
        other.execute("COMMIT")
        return first != pid or _pid(connection) != first or _pid(other) != second


def _pid(connection: Connection) -> int:
    row = connection.execute(_PID).fetchone()
    assert row is not None
    return int(row[0])
