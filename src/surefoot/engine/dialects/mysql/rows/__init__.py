"""Rows for rehearsals on MariaDB and MySQL: generated, taken from elsewhere, and read."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import pymysql

from surefoot.engine.dialects.generate.fill import Asked
from surefoot.engine.dialects.generate.fill import fill as generate
from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.rows.describe import check_columns, describe
from surefoot.engine.dialects.mysql.rows.sink import MysqlSink, make
from surefoot.engine.dialects.mysql.snapshot import parsed
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.mysql.snapshot.stored import Stored
from surefoot.engine.rows import Unfilled

# What does not fit is refused, and not cut off.
_STRICT = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
_SETTINGS = f"SET NAMES utf8mb4, SESSION sql_mode = '{_STRICT}', time_zone = '+00:00', foreign_key_checks = 1"
# MariaDB's own: the session that brings back a kept state does not check it again, and writes its history.
_MARIADB = ("check_constraint_checks = 1", "system_versioning_insert_history = 0")
_SAFE = "SELECT engine FROM information_schema.ENGINES WHERE transactions = 'YES'"


def fill(connection: Connection, database: str, stored: Collection[Stored], asked: Asked) -> tuple[Unfilled, ...]:
    """Write generated rows into each of these tables; returns those that did not get all of them, and why.

    Constraints hold. Triggers would fire: take them away before. The session's settings change. Raises pymysql.Error,
    OSError.
    """
    fetch(connection, f"USE {quote(database)}")
    fetch(connection, _SETTINGS)
    for setting in _MARIADB:
        with suppress(pymysql.Error):
            fetch(connection, f"SET SESSION {setting}")
    tables = {title(item.name): (item.name, parsed(item.name, item.text, database)) for item in stored}
    engines = {str(engine).upper() for (engine,) in fetch(connection, _SAFE)}
    safe = frozenset(
        name for name, (_, table) in tables.items() if table.objects[0][1].get("engine", "").upper() in engines
    )
    blame = {name: check_columns(own, table) for name, (own, table) in tables.items()}
    fetch(connection, "START TRANSACTION")
    try:
        described = [describe(own, table) for own, table in tables.values()]
        return generate(described, asked, MysqlSink(connection, blame, safe), make)
    finally:
        fetch(connection, "COMMIT")
