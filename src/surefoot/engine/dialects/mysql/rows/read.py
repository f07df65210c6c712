"""The rows of the tables, read so that nothing that differs looks the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.rows.values import as_hash, as_number, as_text, writable
from surefoot.engine.dialects.mysql.snapshot import parsed
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.mysql.snapshot.stored import Stored, collect_tables, fetch_all
from surefoot.engine.dialects.mysql.snapshot.tables import Table
from surefoot.engine.dialects.mysql.tables import OWN
from surefoot.engine.rows import Row, TableRows

# Of a table with more rows, only sums are kept.
_MOST_ROWS = 500
_HISTORY = " (history)"
_PAST = "FOR SYSTEM_TIME FROM '1970-01-01' TO NOW(6)"


def read_rows(connection: Connection, database: str, tables: Collection[str] | None = None) -> dict[str, TableRows]:
    """The rows of these tables and sequences, or of all; those that are not there are left out.

    What a table with system versioning held in the past is a table of its own: `prices (history)`. Computed columns
    are left out. The session's settings change. Raises pymysql.Error, OSError.
    """
    wanted = None if tables is None else set(tables) | {name.removesuffix(_HISTORY) for name in tables}
    stored = collect_tables(connection, database, lambda name: wanted is None or title(name) in wanted)
    found = dict(_read_tables(connection, database, [item for item in stored if _is_table(item)]))
    sequences = [item.name for item in stored if item.kind == "sequence"]
    queries = [f"SELECT next_not_cached_value FROM {quote(name)}" for name in sequences]
    for name, rows in zip(sequences, fetch_all(connection, queries), strict=True):
        found[title(name)] = TableRows(("last_value",), 1, ((str(rows[0][0]),),))
    return found


def _is_table(item: Stored) -> bool:
    return item.kind == "table" and item.name not in OWN


def _read_tables(connection: Connection, database: str, stored: Sequence[Stored]) -> Iterator[tuple[str, TableRows]]:
    tables = [(item.name, parsed(item.name, item.text, database)) for item in stored]
    sources = [(title(name), quote(name), table) for name, table in tables]
    past = [
        (f"{title(name)}{_HISTORY}", f"{quote(name)} {_PAST} WHERE row_end < NOW(6)", table)
        for name, table in tables
        if "versioning" in table.objects[0][1] and "SYSTEM_TIME" not in str(table.objects)
    ]
    both = [*sources, *past]
    queries = [f"SELECT {_texts(table)} FROM {source} LIMIT {_MOST_ROWS + 1}" for _, source, table in both]
    for (name, source, table), rows in zip(both, list(fetch_all(connection, queries)), strict=True):
        held = _held(connection, source, writable(table), rows)
        if held.count or not name.endswith(_HISTORY):
            yield name, held


def _texts(table: Table) -> str:
    return ", ".join(as_text(quote(name), kind) for name, kind in writable(table).items()) or "NULL"


def _held(
    connection: Connection, source: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]
) -> TableRows:
    names = tuple(columns)
    if len(rows) <= _MOST_ROWS:
        return TableRows(names, len(rows), tuple(_row(row[: len(names)]) for row in rows))
    hashes = [as_hash(quote(name), kind) for name, kind in columns.items()]
    wanted = [*hashes, f"CONCAT({', '.join(hashes)})"]
    asked = ", ".join(f"SUM({as_number(each)})" for each in wanted)
    [(count, *sums)] = fetch(connection, f"SELECT COUNT(*), {asked} FROM {source}")
    return TableRows(names, int(count), None, dict(zip((*names, ""), map(int, sums), strict=True)))


def _row(values: Sequence[Any]) -> Row:
    return tuple(None if value is None else str(value) for value in values)
