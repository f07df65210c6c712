"""Privileges on the database and on what is in it, as facts.

They belong to the server's accounts, and a shadow has none of its own: they are compared, and are no part of a
fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterator

import pymysql

from surefoot.engine.dialects.mysql.bind import Rows, fetch
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.snapshot import Facts, ObjectKey

_DATABASE = """
    SELECT 'database', '', '', grantee, privilege_type, is_grantable
    FROM information_schema.SCHEMA_PRIVILEGES WHERE table_schema IN (%s, %s)
"""
_TABLES = """
    SELECT 'table', table_name, '', grantee, privilege_type, is_grantable
    FROM information_schema.TABLE_PRIVILEGES WHERE table_schema = %s
"""
_COLUMNS = """
    SELECT 'column', table_name, column_name, grantee, privilege_type, is_grantable
    FROM information_schema.COLUMN_PRIVILEGES WHERE table_schema = %s
"""
_ROUTINES = """
    SELECT LOWER(routine_type), routine_name, '', CONCAT(QUOTE(user), '@', QUOTE(host)), UPPER(proc_priv), 'NO'
    FROM mysql.procs_priv WHERE db = %s
"""
_DENIED = frozenset({1044, 1142, 1143})
_HIDDEN = (
    ObjectKey("grant", "(not readable)"),
    {"reason": "the database user may not read mysql.procs_priv: privileges are left out"},
)


def read_grants(connection: Connection, database: str) -> Iterator[tuple[ObjectKey, Facts]]:
    """Who may do what; one object that says so, where the user may not see the privileges of others."""
    try:
        rows = _read(connection, database)
    except pymysql.Error as error:
        if error.args[:1] and error.args[0] in _DENIED:
            yield _HIDDEN
            return
        raise
    held: dict[ObjectKey, list[str]] = {}
    for kind, name, column, grantee, privilege, grantable in rows:
        what = " ".join(filter(None, (kind, title(*filter(None, (name, column))))))
        key = ObjectKey("grant", f"{what} to {grantee}")
        held.setdefault(key, []).append(f"{privilege} *" if grantable == "YES" else str(privilege))
    for key, privileges in held.items():
        yield key, {"privileges": ", ".join(sorted(privileges))}


def _read(connection: Connection, database: str) -> Rows:
    # A privilege on a database is one on all whose names fit, unless the wildcards in it are escaped.
    escaped = database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
    routines = fetch(connection, _ROUTINES, (database,))
    schema = fetch(connection, _DATABASE, (database, escaped))
    rest = [row for query in (_TABLES, _COLUMNS) for row in fetch(connection, query, (database,))]
    return [*schema, *rest, *routines]
