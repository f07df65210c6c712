"""Rows without their parents: found before and after a step that runs with foreign keys off.

Foreign keys are off while a step runs: SQLite's way to change a table is to build it anew, and dropping the old one
with them on deletes the rows that refer to it (https://sqlite.org/lang_altertable.html, section 7).
"""

from __future__ import annotations

import sqlite3
from collections import Counter

from surefoot.engine.dialects.split import word_set
from surefoot.engine.model import Statement
from surefoot.errors import StatementFailed

# How many rows miss a parent, by child table and parent table. Where SQLite cannot tell, the parent is its complaint.
Violations = Counter[tuple[str, str]]

_HARMLESS = word_set(
    "CREATE SELECT VALUES EXPLAIN PRAGMA ANALYZE REINDEX VACUUM ATTACH DETACH SAVEPOINT RELEASE ROLLBACK"
)
_MISMATCH = "foreign key mismatch"
_COUNT = 'SELECT "table", parent, count(*) FROM pragma_foreign_key_check{} GROUP BY 1, 2'
_ROWS = 'SELECT "rowid" FROM pragma_foreign_key_check(?) WHERE parent = ? ORDER BY 1 DESC LIMIT 5'


def may_violate(statement: Statement) -> bool:
    """Whether the statement can leave a row without its parent: it changes rows, or a table that may have some."""
    words = statement.words
    if words[:1] and words[0] in _HARMLESS:
        return False
    adds_column = words[:2] == ("ALTER", "TABLE") and "ADD" in words and not {"DROP", "RENAME"}.intersection(words)
    return not adds_column or "REFERENCES" in statement.sql.upper()


def violations(connection: sqlite3.Connection) -> Violations:
    """Count the rows of the main database whose parents are missing."""
    try:
        return _counted(connection.execute(_COUNT.format("")))
    except sqlite3.OperationalError as error:
        # A foreign key onto columns that are not unique is an error, and hides what is wrong with other tables.
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        return sum((_of_table(connection, name) for (name,) in tables), Violations())


def _of_table(connection: sqlite3.Connection, name: str) -> Violations:
    try:
        return _counted(connection.execute(_COUNT.format("(?)"), (name,)))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        return Violations({(name, str(error)): 1})


def _counted(rows: sqlite3.Cursor) -> Violations:
    return Violations({(table, parent): count for table, parent, count in rows})


def describe(table: str, parent: str, count: int) -> str:
    """One entry of `Violations` in words."""
    if parent.startswith(_MISMATCH):
        return f"{table}: {parent}"
    return f"{count} rows of {table} without their parent in {parent}"


def refuse_new(connection: sqlite3.Connection, before: Violations, last: Statement) -> None:
    """Raise StatementFailed where there are more violations than before; `last` is the step's last statement."""
    for (table, parent), count in (violations(connection) - before).items():
        rowids = _rowids(connection, table, parent)
        named = f" (among them rowid {', '.join(map(str, rowids))})" if rowids else ""
        raise StatementFailed(
            f"{last.path}: the foreign keys do not hold at the end: new are {describe(table, parent, count)}{named}.",
            hint="Foreign keys are off while a step runs, so ON DELETE and ON UPDATE do nothing then: let the "
            "migration change those rows itself. `?foreign_key_check=off` in the URL leaves the check out.",
            file=last.path,
            table=table,
            parent=parent,
            rowids=rowids,
        )


def _rowids(connection: sqlite3.Connection, table: str, parent: str) -> list[int]:
    """The newest few of them; none in a table without row ids."""
    try:
        rows = connection.execute(_ROWS, (table, parent)).fetchall()
    except sqlite3.OperationalError:
        return []
    return sorted(rowid for (rowid,) in rows if rowid is not None)
