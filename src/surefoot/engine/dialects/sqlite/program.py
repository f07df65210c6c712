"""What a statement will do, as SQLite's own program for it says: EXPLAIN lists that, triggers included."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from surefoot.engine.dialects.split import word_set
from surefoot.engine.dialects.sqlite.tables import OWN
from surefoot.engine.model import Statement

# Settings take effect while they are compiled, and would so under EXPLAIN. None of them writes to a table.
_NOT_EXPLAINED = word_set("PRAGMA EXPLAIN ATTACH DETACH VACUUM SAVEPOINT RELEASE ROLLBACK")
_WRITES_ROWS = word_set("INSERT REPLACE UPDATE DELETE WITH")
_STORED = f"SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_master WHERE tbl_name NOT IN {OWN}"
# A page number that is not known yet, but in a register when the program runs: a table or index that it makes.
_IN_REGISTER = 0x10
_MAIN = 0
_CATALOGUE = 1


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tables of the main database: their texts, and which pages are theirs or their indexes'."""

    tables: Mapping[str, str]
    indexes: Mapping[str, str]
    roots: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Program:
    """Which tables a statement writes to, and of which it reads every row (`scans`).

    `checks`: rows are read to find out whether they fit a new column. `known` is False where it may write to tables
    that are not named.
    """

    writes: frozenset[str] = frozenset()
    scans: frozenset[str] = frozenset()
    checks: bool = False
    known: bool = True


def read_catalogue(connection: sqlite3.Connection) -> Catalogue:
    """What is there now; Surefoot's own tables are left out."""
    rows = connection.execute(_STORED).fetchall()
    return Catalogue(
        {name: sql for kind, name, _, _, sql in rows if kind == "table"},
        {name: table for kind, name, table, _, _ in rows if kind == "index"},
        {root: table for _, _, table, root, _ in rows if root},
    )


def read_program(connection: sqlite3.Connection, catalogue: Catalogue, statement: Statement) -> Program:
    """What the statement will do, just before it runs."""
    if statement.words[:1] and statement.words[0] in _NOT_EXPLAINED:
        return Program()
    try:
        steps = connection.execute(f"EXPLAIN {statement.sql}").fetchall()
    except (sqlite3.Error, sqlite3.Warning):
        return Program(known=False)
    return _read(steps, catalogue, writes_rows=bool(_WRITES_ROWS.intersection(statement.words[:1])))


def _read(steps: list[tuple[object, ...]], catalogue: Catalogue, *, writes_rows: bool) -> Program:
    opened: dict[object, int] = {}
    written: set[int] = set()
    scanned: set[int] = set()
    operations = set()
    for _, operation, first, second, third, _, flags, *_ in steps:
        operations.add(operation)
        if operation in ("OpenRead", "OpenWrite", "ReopenIdx"):
            opened[first] = _root(second, third, flags)
            written |= {opened[first]} if operation == "OpenWrite" else set()
        elif operation in ("Rewind", "Last", "Count"):
            scanned.add(opened.get(first, 0))
        elif operation in ("Clear", "Destroy"):
            written.add(_root(first, second if operation == "Clear" else third, 0))
    return Program(
        _tables(written, catalogue),
        _tables(scanned, catalogue),
        checks="VFilter" in operations,
        known="VUpdate" not in operations and not (writes_rows and _CATALOGUE in written),
    )


def _root(page: object, database: object, flags: object) -> int:
    """The page where a table or index of the main database begins; 0 for any other."""
    if not isinstance(page, int) or not isinstance(flags, int) or database != _MAIN:
        return 0
    return 0 if flags & _IN_REGISTER else page


def _tables(roots: set[int], catalogue: Catalogue) -> frozenset[str]:
    return frozenset(catalogue.roots[root] for root in roots if root in catalogue.roots)
