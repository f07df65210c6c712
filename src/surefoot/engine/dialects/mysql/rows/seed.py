"""Rows of another database, taken over table by table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pymysql
from pymysql.cursors import SSCursor

from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.failures import is_lost, message
from surefoot.engine.dialects.mysql.rows.values import as_sql, writable
from surefoot.engine.dialects.mysql.snapshot import parsed
from surefoot.engine.dialects.mysql.snapshot.stored import MODE, Stored, collect
from surefoot.engine.dialects.mysql.tables import OWN
from surefoot.errors import ShadowFailed

_SETTINGS = f"SET NAMES utf8mb4, SESSION sql_mode = '{MODE}', time_zone = '+00:00', foreign_key_checks = 0"
_AT_ONCE = 500


def take_rows(
    source: Connection, origin: str, connection: Connection, database: str, stored: Collection[Stored]
) -> list[str]:
    """Let the rows of the database `origin` take the place of those in these tables; says what could not be had.

    The columns that both have are taken, and are the same values in whatever type they have here. Triggers would fire:
    take them away before. The sessions' settings change. Raises pymysql.Error, OSError, ShadowFailed.
    """
    theirs = {item.name: item for item in collect(source, origin) if item.kind == "table" and item.name not in OWN}
    fetch(connection, f"USE {quote(database)}")
    fetch(connection, _SETTINGS)
    notes = []
    for item in stored:
        if item.name in theirs:
            _take(source, theirs[item.name], origin, connection, item, database)
        else:
            notes.append(f"The seed has no table {item.name}: it begins without rows.")
    return notes


def _take(source: Connection, theirs: Stored, origin: str, connection: Connection, mine: Stored, database: str) -> None:
    there = writable(parsed(theirs.name, theirs.text, origin))
    columns = [name for name in writable(parsed(mine.name, mine.text, database)) if name in there]
    fetch(connection, f"DELETE FROM {quote(mine.name)}")
    if not columns:
        return
    selected = ", ".join(as_sql(quote(name), there[name], exact=False) for name in columns)
    head = f"INSERT INTO {quote(mine.name)} ({', '.join(map(quote, columns))}) VALUES "
    for rows in _batches(source, f"SELECT {selected} FROM {quote(theirs.name)}"):
        lines = (f"({', '.join('NULL' if each is None else str(each) for each in row)})" for row in rows)
        try:
            fetch(connection, head + ", ".join(lines))
        except pymysql.Error as error:
            if is_lost(error):
                raise
            raise ShadowFailed(
                f"The rows of {mine.name} in the seed do not fit the shadow: {message(error)}.",
                hint="Take a database with the schema that the rehearsal begins with.",
                table=mine.name,
            ) from error


def _batches(source: Connection, query: str) -> Iterator[Sequence[tuple[Any, ...]]]:
    with source.cursor(SSCursor) as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield rows
