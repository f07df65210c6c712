"""What SQLite says, as Surefoot's errors."""

from __future__ import annotations

import sqlite3

import pytest

from surefoot.engine.dialects.sqlite.failures import is_disk_failure, translate
from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.errors import Cancelled, LockTimeout, StatementFailed, SurefootError, Unreachable
from tests.engine.sqlite.support import statement


def raised(code: int, *, cancelled: bool = False) -> SurefootError:
    """What a failure with this result code becomes."""
    error = sqlite3.OperationalError("it said so")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_SOMETHING"
    return translate(error, "app.db", cancelled=cancelled, statement=None)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, LockTimeout),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, LockTimeout),
        (sqlite3.SQLITE_LOCKED, LockTimeout),
        (sqlite3.SQLITE_NOTADB, Unreachable),
        (sqlite3.SQLITE_CANTOPEN, Unreachable),
        (sqlite3.SQLITE_CORRUPT, Unreachable),
        (sqlite3.SQLITE_INTERRUPT, StatementFailed),
        (sqlite3.SQLITE_FULL, StatementFailed),
        (sqlite3.SQLITE_IOERR_WRITE, StatementFailed),
        (sqlite3.SQLITE_READONLY_DBMOVED, StatementFailed),
    ],
)
def test_each_code_has_its_error_and_says_what_to_do(code: int, kind: type[SurefootError]) -> None:
    error = raised(code)
    assert type(error) is kind
    assert error.hint


def test_an_interrupted_statement_was_cancelled_where_somebody_cancelled() -> None:
    assert type(raised(sqlite3.SQLITE_INTERRUPT, cancelled=True)) is Cancelled


def test_a_failing_disk_is_recognised() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    assert not is_disk_failure(error)
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    assert is_disk_failure(error)


@pytest.mark.parametrize(
    ("sql", "message", "line", "column"),
    [
        ("SELECT 1,\n  2 3", 'near "3"', 2, 5),
        ("CREATE TABLE a (\n  b integer,\n)", 'near "\\)"', 3, 1),
        ("SELECT\n  1 @ 2", 'unrecognized token: "@"', 2, 5),
        ("SELECT 1\nFROM nowhere", "no such table: nowhere", 2, 6),
        ("SELECT\n a, a FROM (SELECT 1)", "no such column: a", 1, None),
        ("SELECT", "incomplete input", 1, None),
        ("SELECT ?", "Incorrect number of bindings", 1, None),
    ],
)
def test_the_place_is_named_where_it_is_beyond_doubt(
    target: SqliteTarget, sql: str, message: str, line: int, column: int | None
) -> None:
    with pytest.raises(StatementFailed, match=message) as refused:
        target.execute(statement(sql))
    assert refused.value.details["file"] == "1_test.up.sql"
    assert refused.value.details["line"] == line
    assert refused.value.details.get("column") == column
    assert refused.value.message.startswith(f"1_test.up.sql:{line}:")


def test_a_broken_constraint_says_that_rows_stand_in_the_way(target: SqliteTarget) -> None:
    target.query("CREATE TABLE t (a UNIQUE)")
    with pytest.raises(StatementFailed, match="UNIQUE constraint failed") as refused:
        target.execute(statement("INSERT INTO t VALUES (1), (1)"))
    assert "Rows that are there" in refused.value.hint
    assert refused.value.details["sqlite_code"] == "SQLITE_CONSTRAINT_UNIQUE"
