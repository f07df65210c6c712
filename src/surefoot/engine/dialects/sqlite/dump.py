"""The schema of a SQLite database as SQL.

SQLite keeps the text of each CREATE statement, and the shell's `.schema` prints just that: the library reads the same
table, so that no second program with a version of its own is needed.
"""

from __future__ import annotations

import sqlite3

from surefoot.engine.dialects.sqlite.tables import OWN

# SQLite's own objects are not ours to make, and Surefoot's come and go with the history.
_OBJECTS = rf"""
    SELECT name, sql FROM main.sqlite_master
    WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'
      AND tbl_name NOT IN {OWN}
    ORDER BY instr('table index view trigger', type), name
"""
# A virtual table keeps its contents in tables that it makes by itself.
_SHADOWS = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
_TABLE_LIST_SINCE = (3, 37, 0)


def dump(connection: sqlite3.Connection) -> str:
    """The CREATE statements of tables, indexes, views and triggers, in this order and by name."""
    shadows = _shadows(connection)
    objects = connection.execute(_OBJECTS).fetchall()
    return "\n\n".join(_terminated(sql) for name, sql in objects if name not in shadows) + "\n" if objects else ""


def _shadows(connection: sqlite3.Connection) -> set[str]:
    if sqlite3.sqlite_version_info < _TABLE_LIST_SINCE:
        return set()
    return {name for (name,) in connection.execute(_SHADOWS)}


def _terminated(sql: str) -> str:
    """A statement whose last line may end in a comment is terminated on the next."""
    return f"{sql}\n;" if "--" in sql.rpartition("\n")[2] else f"{sql};"
