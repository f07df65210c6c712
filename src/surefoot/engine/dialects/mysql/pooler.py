"""Is there a proxy that lends server sessions by the statement? A session lock cannot hold there."""

from __future__ import annotations

from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.errors import PoolerFound

_LOOKS = 5


def refuse_pooling(connection: Connection, *, name: str, taken: bool) -> None:
    """Raise PoolerFound where the server session behind `connection` changes between statements.

    Worth asking only where the session's number that the protocol announced is not the server's: then something
    stands between. `taken` says whether the session has just got the user lock `name`.
    """
    if changes_sessions(connection) or (taken and not _holds(connection, name)):
        raise PoolerFound(
            "A proxy (such as ProxySQL or MaxScale) stands between Surefoot and the database, and lends server "
            "sessions by the statement: the lock that keeps two runs apart cannot hold there.",
            hint="Give Surefoot a URL of the database itself.",
        )


def changes_sessions(connection: Connection) -> bool:
    """Whether statements of one client connection reach different server sessions."""
    return len({fetch(connection, "SELECT CONNECTION_ID()")[0][0] for _ in range(_LOOKS)}) > 1


def _holds(connection: Connection, name: str) -> bool:
    return bool(fetch(connection, "SELECT IS_USED_LOCK(%s) = CONNECTION_ID()", (name,))[0][0])
