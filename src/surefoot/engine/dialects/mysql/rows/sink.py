"""Generated rows on their way into MariaDB and MySQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pymysql

from surefoot.engine.dialects.generate import awkward
from surefoot.engine.dialects.generate.draw import Draw
from surefoot.engine.dialects.generate.fill import Refusal
from surefoot.engine.dialects.generate.model import Column, Family, ForeignKey, Kind, Row, Special, Table, Value
from surefoot.engine.dialects.mysql.bind import fetch, literal, quote
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.failures import is_lost, message, number

_MOST_PARENTS = 200
# A statement that takes too long, a function or a table that is not there, a privilege that is missing.
_HOPELESS = frozenset({1205, 1969, 3024, 1146, 1305, 1142, 1143, 1370, 1317})
_COLUMN = re.compile(r"(?:column|Column|Field) (?:`[^`]*`\.`[^`]*`\.)?[`'](?P<column>[^`']+)[`']")
_CONSTRAINT = re.compile(r"(?:CONSTRAINT|Check constraint|for key) [`'](?P<name>[^`']+)[`']")
_SHAPES: Mapping[str, Callable[[int, int], str]] = {
    "point": lambda x, y: f"POINT({x} {y})",
    "geometry": lambda x, y: f"POINT({x} {y})",
    "linestring": lambda x, y: f"LINESTRING({x} {y}, {x + 1} {y + 2})",
    "polygon": lambda x, y: f"POLYGON(({x} {y}, {x + 1} {y}, {x + 1} {y + 1}, {x} {y}))",
    "multipoint": lambda x, y: f"MULTIPOINT({x} {y}, {y} {x})",
    "multilinestring": lambda x, y: f"MULTILINESTRING(({x} {y}, {x + 1} {y + 1}))",
    "multipolygon": lambda x, y: f"MULTIPOLYGON((({x} {y}, {x + 1} {y}, {x + 1} {y + 1}, {x} {y})))",
    "geometrycollection": lambda x, y: f"GEOMETRYCOLLECTION(POINT({x} {y}))",
    "inet4": lambda x, y: f"10.{x % 256}.{y % 256}.{(x + y) % 256}",
    "inet6": lambda x, y: f"2001:db8::{x % 65536:x}:{y % 65536:x}",
}
_ADDRESSES = frozenset({"inet4", "inet6"})


def make(kind: Kind, draw: Draw) -> Value:
    """A value of a type, those that only MariaDB and MySQL have among them; texts stand for shapes."""
    if kind.family is not Family.OTHER:
        return awkward.make(kind, draw)
    shape = _SHAPES.get(kind.name)
    return shape(draw.serial % 170, draw.serial % 80) if shape else None


@dataclass(slots=True)
class MysqlSink:
    """Inserts rows within the connection's transaction; see `Sink` for what each method promises.

    `blame` are the columns that each constraint and key of a table is about. `safe` are the tables whose engine takes a
    refused statement back. Numbers of AUTO_INCREMENT are given here: they do not go on when rows are taken back.
    """

    connection: Connection
    blame: Mapping[str, Mapping[str, tuple[str, ...]]]
    safe: frozenset[str]
    _next: dict[str, int] = field(default_factory=dict)

    def count(self, table: Table) -> int:
        """How many rows the table has."""
        return int(fetch(self.connection, f"SELECT COUNT(*) FROM {table.name}")[0][0])

    def parents(self, key: ForeignKey) -> Sequence[tuple[Value, ...]]:
        """Values that the key can refer to."""
        columns = ", ".join(map(quote, key.references))
        there = " AND ".join(f"{quote(column)} IS NOT NULL" for column in key.references)
        query = f"SELECT DISTINCT {columns} FROM {key.table} WHERE {there} ORDER BY {columns} LIMIT {_MOST_PARENTS}"
        try:
            rows = fetch(self.connection, query)
        except pymysql.Error as error:
            if is_lost(error):
                raise
            # The parent is not there: InnoDB keeps a foreign key to a table that was dropped without its checks.
            return []
        return [tuple(part if isinstance(part, int | bytes) else str(part) for part in row) for row in rows]

    def insert(self, rows: Sequence[tuple[Table, Sequence[Row]]]) -> Refusal | None:
        """Insert all of the rows, or none and say why."""
        if any(table.name not in self.safe and len(some) > 1 for table, some in rows):
            return Refusal("its engine takes no refused rows back: they are inserted one by one")
        several = len(rows) > 1
        if several:
            # They refer to one another, and each row is checked at once.
            self._begin("foreign_key_checks = 0")
        try:
            for table, some in rows:
                self._insert(table, some)
        except pymysql.Error as error:
            if is_lost(error):
                raise
            if several:
                fetch(self.connection, "ROLLBACK")
            return self._refusal(error, [table for table, _ in rows])
        finally:
            if several:
                self._begin("foreign_key_checks = 1")
        return None

    def _begin(self, setting: str) -> None:
        """Begin a transaction, with what was written so far committed: not every engine has savepoints."""
        fetch(self.connection, "COMMIT")
        fetch(self.connection, f"SET SESSION {setting}")
        fetch(self.connection, "START TRANSACTION")

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        columns = ", ".join(quote(column.name) for column in table.columns)
        lines = ", ".join(f"({', '.join(self._values(table, row))})" for row in rows)
        fetch(self.connection, f"INSERT INTO {table.name} ({columns}) VALUES {lines}")

    def _values(self, table: Table, row: Row) -> list[str]:
        return [self._value(table, column, row[column.name]) for column in table.columns]

    def _value(self, table: Table, column: Column, given: Value) -> str:
        if column.serial and given is Special.DEFAULT:
            return str(self._number(table, column))
        if given is Special.DEFAULT:
            return "DEFAULT"
        if given is not None and column.kind.family is Family.BITS:
            return f"b'{given!s}'"
        if given is not None and column.kind.name in _SHAPES and column.kind.name not in _ADDRESSES:
            return f"ST_GeomFromText({literal(given)})"
        return literal(int(given) if isinstance(given, bool) else given)

    def _number(self, table: Table, column: Column) -> int:
        if table.name not in self._next:
            query = f"SELECT COALESCE(MAX({quote(column.name)}), 0) FROM {table.name}"
            self._next[table.name] = int(fetch(self.connection, query)[0][0])
        self._next[table.name] += 1
        return self._next[table.name]

    def _refusal(self, error: pymysql.Error, tables: Sequence[Table]) -> Refusal:
        for table in tables:
            self._next.pop(table.name, None)
        return Refusal(message(error), self._blamed(message(error), tables), number(error) in _HOPELESS)

    def _blamed(self, reason: str, tables: Sequence[Table]) -> tuple[str, ...]:
        columns = {column.name for table in tables for column in table.columns}
        constraint, column = _CONSTRAINT.search(reason), _COLUMN.search(reason)
        if constraint:
            name = constraint["name"]
            known = {key: found for table in tables for key, found in self.blame[table.name].items()}
            return known.get(name) or known.get(name.rpartition(".")[2], ())
        return (column["column"],) if column and column["column"] in columns else ()
