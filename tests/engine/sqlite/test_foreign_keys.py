"""Foreign keys: off during a step, and no worse after it."""

from __future__ import annotations

import sqlite3

import pytest

from surefoot.engine.dialects.sqlite.foreign_keys import may_violate, violations
from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.errors import StatementFailed
from tests.engine.sqlite.conftest import Open
from tests.engine.sqlite.support import script, statement

TABLES = """
CREATE TABLE parent (id integer PRIMARY KEY, name text);
CREATE TABLE child (id integer PRIMARY KEY, parent integer NOT NULL REFERENCES parent ON DELETE CASCADE);
INSERT INTO parent VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (10, 1), (11, 1), (12, 2);
"""
REBUILD = """
PRAGMA foreign_keys = OFF;
CREATE TABLE new_parent (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO new_parent SELECT * FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;
PRAGMA foreign_keys = ON;
"""


def run(target: SqliteTarget, sql: str) -> None:
    """Run a script as the executor does: block by block."""
    for block in target.cut([script(sql)])[0]:
        target.begin(clean=True)
        try:
            for each in block.statements:
                target.execute(each)
            target.commit()
        except BaseException:
            target.rollback()
            raise


def test_a_table_is_rebuilt_and_keeps_the_rows_that_refer_to_it(open_target: Open) -> None:
    target = open_target(preamble=("PRAGMA foreign_keys = ON",))
    run(target, TABLES)
    run(target, REBUILD)
    assert target.query("SELECT id, parent FROM child") == [(10, 1), (11, 1), (12, 2)]


def test_rows_left_without_their_parent_are_named_and_rolled_back(target: SqliteTarget) -> None:
    run(target, TABLES)
    with pytest.raises(StatementFailed, match=r"2 rows of child .* \(among them rowid 10, 11\)") as refused:
        run(target, "DELETE FROM parent WHERE id = 1")
    assert refused.value.details == {
        "file": "1_test.up.sql",
        "table": "child",
        "parent": "parent",
        "rowids": [10, 11],
    }
    assert "foreign_key_check=off" in refused.value.hint
    assert target.query("SELECT count(*) FROM parent") == [(2,)]


def test_old_violations_do_not_stand_in_the_way(target: SqliteTarget, other: sqlite3.Connection) -> None:
    run(target, TABLES)
    other.execute("DELETE FROM parent WHERE id = 1")
    run(target, "INSERT INTO child VALUES (13, 2)")
    run(target, REBUILD)
    with pytest.raises(StatementFailed, match="1 rows of child"):
        run(target, "INSERT INTO child VALUES (14, 7)")


def test_a_step_may_break_what_it_mends_again(target: SqliteTarget) -> None:
    run(target, TABLES)
    run(target, "DELETE FROM parent WHERE id = 1; DELETE FROM child WHERE parent = 1")
    assert target.query("SELECT id FROM child") == [(12,)]


def test_rows_of_a_table_without_row_ids_are_counted(target: SqliteTarget) -> None:
    run(target, "CREATE TABLE p (id PRIMARY KEY); CREATE TABLE c (id PRIMARY KEY, p REFERENCES p) WITHOUT ROWID")
    with pytest.raises(StatementFailed) as refused:
        run(target, "INSERT INTO c VALUES ('a', 1), ('b', 2)")
    assert "2 rows of c" in refused.value.message
    assert refused.value.details["rowids"] == []


def test_a_foreign_key_is_not_to_lose_the_unique_index_that_it_needs(target: SqliteTarget) -> None:
    run(target, "CREATE TABLE p (x); CREATE UNIQUE INDEX p_x ON p (x); CREATE TABLE c (x REFERENCES p (x))")
    with pytest.raises(StatementFailed, match='c: foreign key mismatch - "c" referencing "p"'):
        run(target, "DROP INDEX p_x")


def test_a_foreign_key_mismatch_that_was_there_is_passed_by(target: SqliteTarget, other: sqlite3.Connection) -> None:
    run(target, TABLES)
    run(target, "CREATE TABLE loose (x); CREATE TABLE odd (x REFERENCES loose (x))")
    other.execute("INSERT INTO odd VALUES (1)")
    run(target, "INSERT INTO loose VALUES (1)")
    with pytest.raises(StatementFailed, match="1 rows of child"):
        run(target, "INSERT INTO child VALUES (13, 9)")
    assert violations(target.connection)[("odd", 'foreign key mismatch - "odd" referencing "loose"')] == 1


def test_without_the_check_the_application_is_trusted(open_target: Open) -> None:
    target = open_target(check_foreign_keys=False)
    run(target, TABLES)
    run(target, "DELETE FROM parent WHERE id = 1")
    assert target.query("SELECT count(*) FROM child") == [(3,)]


@pytest.mark.parametrize(
    ("sql", "may"),
    [
        ("INSERT INTO t VALUES (1)", True),
        ("WITH x AS (SELECT 1) DELETE FROM t", True),
        ("DROP TABLE t", True),
        ("ALTER TABLE t RENAME TO u", True),
        ("ALTER TABLE t ADD COLUMN a REFERENCES p DEFAULT 1", True),
        ("ALTER TABLE t ADD COLUMN a", False),
        ("CREATE TABLE t (a)", False),
        ("CREATE INDEX i ON t (a)", False),
        ("SELECT 1", False),
    ],
)
def test_only_what_can_leave_a_row_alone_is_checked(sql: str, *, may: bool) -> None:
    assert may_violate(statement(sql)) is may
