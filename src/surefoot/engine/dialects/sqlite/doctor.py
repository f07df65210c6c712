"""What a person should know of a SQLite file before they trust it with migrations."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from surefoot.engine.dialects.sqlite.foreign_keys import describe, violations
from surefoot.engine.dialects.target import Check

_FEATURES = (
    ((3, 25, 0), "RENAME COLUMN"),
    ((3, 35, 0), "DROP COLUMN and RETURNING"),
    ((3, 37, 0), "STRICT tables"),
)
# Before this release, table-valued pragmas and partial indexes in upserts are not all there.
_OLDEST = (3, 24, 0)


def examine(connection: sqlite3.Connection, path: Path) -> list[Check]:
    """The file, its permissions, the library, the journal mode, and whether what is in the file is sound."""
    return [_file(path), version(), _permission(path), _journal(connection), _integrity(connection), _keys(connection)]


def examine_absent(label: str) -> list[Check]:
    """The same of a file that does not exist yet."""
    return [Check("file", "info", f"{label} does not exist yet", "`surefoot up` creates it."), version()]


def version() -> Check:
    """The library that Python uses, and what it has not learnt yet."""
    missing = [feature for since, feature in _FEATURES if sqlite3.sqlite_version_info < since]
    finding = f"SQLite {sqlite3.sqlite_version}" + (f", without {', '.join(missing)}" if missing else "")
    if sqlite3.sqlite_version_info < _OLDEST:
        return Check("version", "problem", finding, "Use a Python with a newer SQLite library.")
    return Check("version", "ok", finding)


def _file(path: Path) -> Check:
    return Check("file", "ok", f"{path}, {path.stat().st_size:,} bytes")


def _permission(path: Path) -> Check:
    closed = [str(place) for place in (path, path.parent) if not os.access(place, os.W_OK)]
    if closed:
        hint = "SQLite and Surefoot write side files next to the database: both have to be writable."
        return Check("permissions", "problem", f"cannot be written: {', '.join(closed)}", hint)
    return Check("permissions", "ok", "the file and its directory can be written")


def _journal(connection: sqlite3.Connection) -> Check:
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode == "wal":
        return Check("journal", "ok", "wal: the application can read while a migration runs")
    if mode in ("off", "memory"):
        return Check("journal", "problem", f"{mode}: a crash can destroy the database", "PRAGMA journal_mode = WAL;")
    hint = "PRAGMA journal_mode = WAL; lets the application read meanwhile."
    return Check("journal", "info", f"{mode}: readers wait while a migration commits", hint)


def _integrity(connection: sqlite3.Connection) -> Check:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
    if found == ["ok"]:
        return Check("integrity", "ok", "quick_check found nothing")
    return Check("integrity", "problem", "; ".join(found), "Restore a backup, or see the sqlite3 shell's `.recover`.")


def _keys(connection: sqlite3.Connection) -> Check:
    found = [describe(table, parent, count) for (table, parent), count in violations(connection).items()]
    if not found:
        return Check("keys", "ok", "every row has its parent")
    hint = "Migrations run all the same, as long as they do not add to it."
    return Check("keys", "warning", "; ".join(found[:5]), hint)
