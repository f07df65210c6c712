"""Generated rows for the tables of a SQLite file."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from surefoot.engine.dialects.generate import fill as generator
from surefoot.engine.dialects.generate.awkward import make
from surefoot.engine.dialects.generate.fill import Asked, Refusal
from surefoot.engine.dialects.generate.model import ForeignKey, Row, Special, Table, Value
from surefoot.engine.dialects.sqlite.columns import describe
from surefoot.engine.dialects.sqlite.tokens import fold, names_in, quote_name
from surefoot.engine.rows import Unfilled

_MOST_PARENTS = 300
# `UNIQUE constraint failed: t.a, t.b`, and STRICT's `cannot store TEXT value in INTEGER column t.a`.
_FAILED = re.compile(r"^(?:(?:UNIQUE|NOT NULL) constraint failed: |cannot store .* column )(?P<columns>.*)$")
_CHECK = "CHECK constraint failed: "
_HAS_SEQUENCE = "SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'"
_NEXT = "(SELECT coalesce(max({c}), 0) + 1 FROM main.{t})"
# More than rows are written between an up and its down.
_GAP = 10_000


def fill(connection: sqlite3.Connection, asked: Asked, tables: Collection[str] | None) -> tuple[Unfilled, ...]:
    """Write generated rows into each table (or these); returns those that did not get all of them, and why.

    Foreign keys are kept by what is written, whether or not the session would enforce them.
    """
    known, virtual = describe(connection, tables)
    sink = _Sink(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        empty = [table for table in known if not sink.count(table)]
        failed = generator.fill(known, asked, sink, make)
        _move_on(connection, empty)
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")
    reason = "it is a virtual table, and its module decides what its rows are"
    return failed + tuple(Unfilled(name, reason) for name in virtual)


def _move_on(connection: sqlite3.Connection, tables: Sequence[Table]) -> None:
    """Let AUTOINCREMENT stand behind the last row, as if some were deleted: a rebuild can lose that position."""
    if connection.execute(_HAS_SEQUENCE).fetchone():
        names = [fold(name) for table in tables for name in names_in(table.name)]
        marks = ", ".join("?" * len(names))
        connection.execute(f"UPDATE main.sqlite_sequence SET seq = seq + {_GAP} WHERE lower(name) IN ({marks})", names)


@dataclass(frozen=True, slots=True)
class _Sink:
    """The file, as generated rows see it."""

    connection: sqlite3.Connection

    def count(self, table: Table) -> int:
        """How many rows the table has."""
        return int(self.connection.execute(f"SELECT count(*) FROM main.{table.name}").fetchone()[0])

    def parents(self, key: ForeignKey) -> Sequence[tuple[Value, ...]]:
        """Values that the key can refer to."""
        columns = ", ".join(map(quote_name, key.references))
        present = " AND ".join(f"{quote_name(column)} IS NOT NULL" for column in key.references)
        sql = (
            f"SELECT DISTINCT {columns} FROM main.{key.table} WHERE {present} ORDER BY {columns} LIMIT {_MOST_PARENTS}"
        )
        return self.connection.execute(sql).fetchall()

    def insert(self, rows: Sequence[tuple[Table, Sequence[Row]]]) -> Refusal | None:
        """Insert all of the rows, or none and say why."""
        self.connection.execute("SAVEPOINT generated")
        try:
            for table, some in rows:
                for row in some:
                    self._insert(table, row)
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            # Where a trigger or a conflict clause says ROLLBACK, the savepoint is gone as well.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO generated")
                self.connection.execute("RELEASE generated")
            else:
                self.connection.execute("BEGIN IMMEDIATE")
            return _refusal(str(error), rows)
        self.connection.execute("RELEASE generated")
        return None

    def _insert(self, table: Table, row: Row) -> None:
        given = {name: value for name, value in row.items() if value is not Special.DEFAULT}
        # The next number behind the rows, and not behind the position of AUTOINCREMENT: that stays where it is.
        own = {
            c.name: _NEXT.format(c=quote_name(c.name), t=table.name) for c in table.columns if c.serial
        } | dict.fromkeys(given, "?")
        columns, marks = ", ".join(map(quote_name, own)), ", ".join(own.values())
        values = f"({columns}) VALUES ({marks})" if own else "DEFAULT VALUES"
        self.connection.execute(
            f"INSERT INTO main.{table.name} {values}", [given[name] for name in own if name in given]
        )


def _refusal(reason: str, rows: Sequence[tuple[Table, Sequence[Row]]]) -> Refusal:
    columns = {column.name for table, _ in rows for column in table.columns}
    named: set[str] = set()
    if found := _FAILED.match(reason):
        named = {part.rpartition(".")[2] for part in found["columns"].split(", ")}
    elif reason.startswith(_CHECK):
        folded = {fold(name): name for name in columns}
        named = {folded.get(name, "") for name in names_in(reason.removeprefix(_CHECK))}
    return Refusal(reason, tuple(sorted(named & columns)))
