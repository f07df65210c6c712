"""Generated rows on their way into PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import errors as pg

from surefoot.engine.dialects.generate.fill import Refusal
from surefoot.engine.dialects.generate.model import ForeignKey, Row, Table, Value
from surefoot.engine.dialects.postgres.rows.catalog import Described
from surefoot.engine.dialects.postgres.rows.session import Connection, answers, quoted
from surefoot.engine.dialects.postgres.rows.values import literal

# The database decides on rows; here it says that no rows will do.
_HOPELESS = (pg.QueryCanceled, pg.SyntaxErrorOrAccessRuleViolation, pg.LockNotAvailable)
_MOST_PARENTS = 200
_MOST_COUNTED = 100_000


class PostgresSink:
    """Inserts rows within the connection's transaction; see `Sink` for what each method promises."""

    def __init__(self, connection: Connection, described: Described) -> None:
        self._connection = connection
        self._described = described
        self._counts = self._count_all()

    def _count_all(self) -> dict[str, int]:
        names = [table.name for table in self._described.tables]
        asking = [f"SELECT count(*) FROM (SELECT FROM {name} LIMIT {_MOST_COUNTED}) AS found" for name in names]
        found = answers(self._connection, "; ".join(asking))
        return {name: int(row[0] or 0) for name, [row] in zip(names, found, strict=True)}

    def count(self, table: Table) -> int:
        """How many rows the table has."""
        return self._counts[table.name]

    def parents(self, key: ForeignKey) -> Sequence[tuple[Value, ...]]:
        """The last rows that the key may refer to."""
        names = [quoted(name) for name in key.references]
        there = " AND ".join(f"{name} IS NOT NULL" for name in names)
        newest = ", ".join(f"{name} DESC" for name in names)
        # The rows of tables that inherit from that one are no rows to refer to.
        source = key.table if key.table in self._described.partitioned else f"ONLY {key.table}"
        asking = f"SELECT {', '.join(names)} FROM {source} WHERE {there} ORDER BY {newest} LIMIT {_MOST_PARENTS}"
        return next(answers(self._connection, asking))

    def insert(self, rows: Sequence[tuple[Table, Sequence[Row]]]) -> Refusal | None:
        """Insert all of the rows, or none and say why."""
        statement = f"SAVEPOINT rows; {_statement(rows)}; RELEASE rows"
        try:
            self._connection.execute(statement.encode("utf-8", "surrogateescape"))
        except psycopg.Error as error:
            if self._connection.broken:
                raise
            self._connection.execute("ROLLBACK TO rows; RELEASE rows")
            return self._refusal(error, [table for table, _rows in rows])
        for table, written in rows:
            self._counts[table.name] += len(written)
        return None

    def _refusal(self, error: psycopg.Error, tables: Sequence[Table]) -> Refusal:
        diag = error.diag
        reason = (diag.message_primary or str(error)).splitlines()[0]
        return Refusal(reason, self._blamed(diag, tables), isinstance(error, _HOPELESS))

    def _blamed(self, diag: psycopg.errors.Diagnostic, tables: Sequence[Table]) -> tuple[str, ...]:
        if diag.column_name:
            return (diag.column_name,)
        for table in tables:
            if diag.constraint_name:
                return self._described.blame.get((table.name, diag.constraint_name), ())
            if diag.sqlstate == "23514":
                # No constraint has a name here: the row is for no partition, or for another one.
                return tuple(sorted({name for aim in table.aims for name in aim}))
        return ()


def _statement(rows: Sequence[tuple[Table, Sequence[Row]]]) -> str:
    """One statement for rows of several tables: foreign keys are checked when it ends."""
    inserts = [_insert(table, written) for table, written in rows]
    first = ", ".join(f"r{number} AS ({insert})" for number, insert in enumerate(inserts[:-1]))
    return f"WITH {first} {inserts[-1]}" if first else inserts[-1]


def _insert(table: Table, rows: Sequence[Row]) -> str:
    if not table.columns:
        return "; ".join([f"INSERT INTO {table.name} DEFAULT VALUES"] * len(rows))
    names = ", ".join(quoted(column.name) for column in table.columns)
    lines = ", ".join(f"({', '.join(literal(value) for value in row.values())})" for row in rows)
    return f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE VALUES {lines}"
