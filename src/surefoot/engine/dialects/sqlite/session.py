"""A connection as a session needs it, whatever its opener chose."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from surefoot.errors import UsageError

_LONGEST_WAIT = 2**31 - 1


def _text(data: bytes) -> str:
    """Text that is not UTF-8 stands in some old databases, and a migration may pass over it."""
    return data.decode("utf-8", "replace")


# Transactions are begun and ended in SQL only.
_ATTRIBUTES = {"isolation_level": None, "row_factory": None, "text_factory": _text}


def prepare(connection: sqlite3.Connection, preamble: Sequence[str], lock: float) -> None:
    """Set the connection up, and run the preamble; `lock` in seconds, 0 for no limit, bounds the wait for others.

    Foreign keys are off from here on. Raises sqlite3.Error, and UsageError for a database in memory.
    """
    for name, value in _ATTRIBUTES.items():
        setattr(connection, name, value)
    patience = round(lock * 1000) or _LONGEST_WAIT
    for sql in (f"PRAGMA busy_timeout = {patience}", *preamble, "PRAGMA foreign_keys = OFF"):
        connection.execute(sql).fetchall()
    main_file(connection)


def main_file(connection: sqlite3.Connection) -> Path:
    """The database file of a connection, by its one name. Raises UsageError for a database in memory."""
    for _, name, path in connection.execute("PRAGMA database_list"):
        if name == "main" and path:
            return Path(path).resolve()
    raise UsageError(
        "The connection is to a database in memory: nothing would be left of the migrations.",
        hint="Give a `connect` that opens a file.",
    )
