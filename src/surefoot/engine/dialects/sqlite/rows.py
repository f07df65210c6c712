"""The rows of a SQLite file: read, so that nothing that differs looks the same, and loaded from elsewhere."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from itertools import chain, islice
from pathlib import Path

from surefoot.engine.dialects.sqlite.connect import Connector
from surefoot.engine.dialects.sqlite.copy import run_file
from surefoot.engine.dialects.sqlite.failures import translate
from surefoot.engine.dialects.sqlite.fulltext import indexed
from surefoot.engine.dialects.sqlite.snapshot import shadow_tables
from surefoot.engine.dialects.sqlite.tables import OWN
from surefoot.engine.dialects.sqlite.tokens import is_virtual, quote_name, quote_text
from surefoot.engine.rows import Row, TableRows
from surefoot.errors import ShadowFailed

# Of a table with more rows, only sums are kept.
_MOST_ROWS = 500
_TABLES = rf"""
    SELECT name, sql FROM main.sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT IN {OWN} ORDER BY name
"""
_SEQUENCE = "sqlite_sequence"
# What an index finds is a column of its rows.
_INDEX = "(index)"
_FIRES = "SELECT DISTINCT tbl_name FROM main.sqlite_master WHERE type = 'trigger'"
_HAS_SEQUENCE = "SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'"
_WRITABLE = "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0 ORDER BY cid"
_TRIGGERS = "SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger' ORDER BY rowid"
Tables = list[tuple[str, str]]


def read_rows(connection: sqlite3.Connection, tables: Collection[str] | None = None) -> dict[str, TableRows]:
    """The rows of these tables and sequences, or of all; Surefoot's own are left out, and those that are not there.

    A sequence is the position of an AUTOINCREMENT: `sqlite_sequence.orders`; it is read with its table as well. A
    virtual table has its row ids as well. Where one of the tables has triggers, which write elsewhere, all are read.
    """
    with _texts(connection, _decoded):
        wanted = None if tables is None or _fires(connection, tables) else set(tables)
        found = {
            quote_name(name): _read(connection, name, sql)
            for name, sql in visible_tables(connection)
            if wanted is None or quote_name(name) in wanted
        }
        positions = _positions(connection)
    return found | {
        name: held
        for name, held in positions.items()
        if wanted is None or not wanted.isdisjoint([name, name.removeprefix(f"{_SEQUENCE}.")])
    }


def _fires(connection: sqlite3.Connection, tables: Collection[str]) -> bool:
    return any(quote_name(name) in tables for (name,) in connection.execute(_FIRES))


def visible_tables(connection: sqlite3.Connection) -> Tables:
    """The names and texts of the tables that are the schema's own."""
    hidden = shadow_tables(connection)
    return [(name, sql) for name, sql in connection.execute(_TABLES).fetchall() if name not in hidden]


def _read(connection: sqlite3.Connection, name: str, sql: str) -> TableRows:
    table = quote_name(name)
    if is_virtual(sql):
        return _read_virtual(connection, name, sql)
    return _held(connection.execute(f"SELECT * FROM main.{table}"))


def _read_virtual(connection: sqlite3.Connection, name: str, sql: str) -> TableRows:
    table, index = quote_name(name), indexed(connection, name, sql)
    if index is None:
        try:
            return _held(connection.execute(f"SELECT rowid, * FROM main.{table}"))
        except sqlite3.OperationalError:
            return _held(connection.execute(f"SELECT * FROM main.{table}"))
    # What refers to a row of a full-text index does so by its row id.
    columns, rows = ["rowid"], dict[int, tuple[object, ...]]()
    try:
        cursor = connection.execute(f"SELECT rowid, * FROM main.{table}")
        columns = [each[0] for each in cursor.description]
        rows = {row[0]: row for row in cursor}
    except sqlite3.Error:
        # The table with the texts is gone: only the index is there.
        pass
    nothing = (None,) * (len(columns) - 1)
    found = ((*rows.get(row, (row, *nothing)), index[row]) for row in sorted(rows.keys() | index.keys()))
    return _summed((*columns, _INDEX), map(_row, found))


def _held(cursor: sqlite3.Cursor) -> TableRows:
    return _summed(tuple(each[0] for each in cursor.description), map(_row, cursor))


def _summed(columns: tuple[str, ...], rows: Iterator[Row]) -> TableRows:
    first = list(islice(rows, _MOST_ROWS + 1))
    if len(first) <= _MOST_ROWS:
        return TableRows(columns, len(first), tuple(first))
    sums, count = dict.fromkeys((*columns, ""), 0), 0
    for row in chain(first, rows):
        count += 1
        for column, text in zip(columns, row, strict=True):
            sums[column] += _hash(text)
        sums[""] += _hash(repr(row))
    return TableRows(columns, count, None, sums)


def _row(values: tuple[object, ...]) -> Row:
    return tuple(map(_text, values))


def _text(value: object) -> str | None:
    """The value as SQL writes it: 1, 1.0, '1' and X'31' are four values."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return f"CAST({_text(value.encode(errors='surrogateescape'))} AS TEXT)"
        return quote_text(value)
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    return None if value is None else repr(value)


def _hash(text: str | None) -> int:
    return int.from_bytes(hashlib.blake2b((text or "").encode(), digest_size=8).digest(), "big")


def _decoded(data: bytes) -> str:
    return data.decode(errors="surrogateescape")


def replaced(data: bytes) -> str:
    """Text that is not UTF-8 as far as it is."""
    return data.decode(errors="replace")


@contextmanager
def _texts(connection: sqlite3.Connection, factory: object) -> Iterator[None]:
    before = connection.text_factory
    connection.text_factory = factory
    try:
        yield
    finally:
        connection.text_factory = before


def _positions(connection: sqlite3.Connection) -> dict[str, TableRows]:
    if not connection.execute(_HAS_SEQUENCE).fetchone():
        return {}
    rows = connection.execute("SELECT name, seq FROM main.sqlite_sequence WHERE name IS NOT NULL").fetchall()
    return {
        f"{_SEQUENCE}.{quote_name(name)}": TableRows(("last_value",), 1, ((None if seq is None else str(seq),),))
        for name, seq in rows
    }


def load(connection: sqlite3.Connection, seed: str) -> list[str]:
    """Run a file of SQL, or take the rows of the SQLite file of a URL; returns what was left out, in words.

    Triggers do not fire for rows that are taken: what they would do is among those rows. Raises ShadowFailed.
    """
    if not seed.lower().startswith(("sqlite:", "sqlite3:")):
        return run_file(connection, Path(seed))
    connector = Connector(seed)
    if not connector.exists():
        raise ShadowFailed(f"{connector.label} does not exist.", hint="Name a file that has rows to rehearse with.")
    try:
        with closing(connector.read_only()) as source, _texts(source, replaced), _transaction(connection):
            return _take(connection, source, connector.label)
    except sqlite3.Error as error:
        raise translate(error, connector.label, cancelled=False, statement=None) from error


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _take(connection: sqlite3.Connection, source: sqlite3.Connection, label: str) -> list[str]:
    triggers = connection.execute(_TRIGGERS).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER main.{quote_name(name)}")
    there = {name for name, _ in source.execute(_TABLES)}
    # A virtual table keeps its rows in tables of its own, which are taken as they are.
    names = [name for name, sql in connection.execute(_TABLES).fetchall() if not is_virtual(sql)]
    for name in names:
        if name in there:
            _take_table(connection, source, name, label)
    for _, sql in triggers:
        connection.execute(sql)
    missing = [name for name in names if name not in there]
    return [f"{label} has no table {name}: it begins without rows." for name in missing]


def _take_table(connection: sqlite3.Connection, source: sqlite3.Connection, name: str, label: str) -> None:
    theirs = {column for (column,) in source.execute(_WRITABLE, (name,))}
    columns = [column for (column,) in connection.execute(_WRITABLE, (name,)) if column in theirs]
    listed = ", ".join(map(quote_name, columns))
    marks = ", ".join("?" * len(columns))
    table = f"main.{quote_name(name)}"
    try:
        connection.execute(f"DELETE FROM {table}")
        connection.executemany(
            f"INSERT INTO {table} ({listed}) VALUES ({marks})", source.execute(f"SELECT {listed} FROM {table}")
        )
    except sqlite3.IntegrityError as error:
        raise ShadowFailed(
            f"The rows of {name} in {label} do not fit the shadow: {error}.",
            hint="Take a file with the schema that the rehearsal begins with.",
            table=name,
        ) from error
