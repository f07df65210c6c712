"""How large the tables of a SQLite file are, as far as that can be told without reading all of a large file."""

from __future__ import annotations

import sqlite3

from surefoot.engine.dialects.sqlite.tables import OWN
from surefoot.engine.dialects.sqlite.tokens import quote_name
from surefoot.engine.effects import TableSize

# SQLite counts the pages of a table by visiting each of them: some seconds for as much as this.
_MOST_BYTES = 2 * 1024**3
_OBJECTS = rf"""
    SELECT name, tbl_name, type FROM main.sqlite_master
    WHERE rootpage > 0 AND tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\' AND tbl_name NOT IN {OWN}
"""
_PAGES = "SELECT name, sum(pgsize) FROM dbstat WHERE schema = 'main' AND aggregate = TRUE GROUP BY name"
_ESTIMATES = "SELECT tbl, max(CAST(stat AS integer)) FROM main.sqlite_stat1 GROUP BY tbl"


def sizes(connection: sqlite3.Connection) -> dict[str, TableSize]:
    """The size of each table; empty where the library cannot tell (no dbstat), or the file is too large to ask.

    Rows are those that the last ANALYZE counted, None where there was none.
    """
    pages = _pages(connection)
    if not pages:
        return {}
    estimates = _estimates(connection)
    total: dict[str, int] = {}
    objects = connection.execute(_OBJECTS).fetchall()
    for name, table, _ in objects:
        total[table] = total.get(table, 0) + pages.get(name, 0)
    tables = [name for name, _, kind in objects if kind == "table"]
    return {quote_name(name): TableSize(total[name], pages.get(name, 0), estimates.get(name)) for name in tables}


def _pages(connection: sqlite3.Connection) -> dict[str, int]:
    count, size = (connection.execute(f"PRAGMA main.{name}").fetchone()[0] for name in ("page_count", "page_size"))
    if count * size > _MOST_BYTES:
        return {}
    try:
        return dict(connection.execute(_PAGES).fetchall())
    except sqlite3.OperationalError as error:
        if "no such table: dbstat" not in str(error):
            raise
        return {}


def _estimates(connection: sqlite3.Connection) -> dict[str, int]:
    if not connection.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
        return {}
    return dict(connection.execute(_ESTIMATES).fetchall())
