"""What statements do on SQLite, as measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.sqlite.shadow import SqliteShadow
from surefoot.engine.dialects.sqlite.trace import SqliteTracer
from surefoot.engine.effects import Effect
from surefoot.engine.prepare import Project, Wish
from surefoot.engine.run import RunOptions
from tests.engine.sqlite.support import write

BASE = (
    "CREATE TABLE t (id integer PRIMARY KEY, a text, b int, c, v AS (b + 1))",
    "CREATE TABLE child (id integer PRIMARY KEY AUTOINCREMENT, t integer REFERENCES t)",
    "CREATE TABLE log (a)",
    "CREATE TABLE other (a)",
    "CREATE TRIGGER t_log AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END",
    "CREATE TRIGGER log_other AFTER INSERT ON log BEGIN UPDATE other SET a = a + 1; END",
    "CREATE INDEX t_b ON t (b)",
    "INSERT INTO t VALUES (1, 'x', 1, 0), (2, 'y', 2, 0)",
)


def trace(shadow: SqliteShadow, tmp_path: Path, sql: str) -> SqliteTracer:
    for statement in BASE:
        shadow.target.query(statement)
    tracer = shadow.trace()
    api.up(shadow.target, Project(str(write(tmp_path / "m", up_1=sql))), Wish(), RunOptions(on_event=tracer))
    return tracer


def short(effect: Effect) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return effect.algorithm, effect.rewrites, effect.scans, effect.builds


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE t ADD COLUMN d DEFAULT 1", ("instant", (), (), ())),
        ("ALTER TABLE t ADD COLUMN d CHECK (d > 1)", ("instant", (), ("t",), ())),
        ("ALTER TABLE t RENAME COLUMN a TO aa", ("instant", (), (), ())),
        ("ALTER TABLE t RENAME TO tt", ("instant", (), (), ())),
        ("ALTER TABLE t DROP COLUMN c", ("rebuild", ("t",), ("t",), ())),
        ("ALTER TABLE t DROP COLUMN v", ("instant", (), (), ())),
        ("CREATE INDEX t_a ON t (a)", ("", (), ("t",), ("t",))),
        ("CREATE TABLE n (a)", ("", (), (), ())),
        ("UPDATE t SET a = 'z'", ("", (), ("t",), ())),
        ("UPDATE t SET a = 'z' WHERE id = 1", ("", (), (), ())),
        ("DELETE FROM t WHERE b = 1", ("", (), (), ())),
        ("SELECT count(*) FROM t", ("", (), ("t",), ())),
        ("DROP TABLE t", ("", (), (), ())),
        ("VACUUM", ("rebuild", ("child", "log", "other", "t"), (), ())),
    ],
)
def test_the_way_in_which_a_statement_runs_is_measured(
    shadow: SqliteShadow, tmp_path: Path, sql: str, expected: object
) -> None:
    (effect,) = trace(shadow, tmp_path, sql).effects
    assert short(effect) == expected
    assert (effect.sql, effect.line, effect.position) == (sql, 1, 1)


def test_the_statement_that_fills_the_new_table_is_the_rebuild(shadow: SqliteShadow, tmp_path: Path) -> None:
    effects = trace(
        shadow,
        tmp_path,
        "CREATE TABLE n (id integer PRIMARY KEY, a text NOT NULL);\n"
        "INSERT INTO n SELECT id, a FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;\nCREATE INDEX t_a ON t (a)",
    ).effects
    assert [short(effect) for effect in effects] == [
        ("", (), (), ()),
        ("rebuild", ("t",), ("t",), ()),
        ("", (), (), ()),
        ("instant", (), (), ()),
        ("", (), (), ()),
    ]
    assert effects[1].rows == 2


def test_the_old_table_may_step_aside_first(shadow: SqliteShadow, tmp_path: Path) -> None:
    effects = trace(
        shadow,
        tmp_path,
        "ALTER TABLE t RENAME TO t_old; CREATE TABLE t (id integer PRIMARY KEY, a text);"
        "INSERT INTO t SELECT id, a FROM t_old; DROP TABLE t_old",
    ).effects
    assert [effect.algorithm for effect in effects] == ["instant", "", "rebuild", ""]
    assert effects[2].rewrites == ("t",)


def test_a_table_that_is_dropped_and_begun_anew_is_no_rebuild(shadow: SqliteShadow, tmp_path: Path) -> None:
    effects = trace(shadow, tmp_path, "DROP TABLE log; CREATE TABLE log (a, b)").effects
    assert [effect.algorithm for effect in effects] == ["", ""]


def test_auto_vacuum_moves_tables_and_that_is_no_rebuild(shadow: SqliteShadow, tmp_path: Path) -> None:
    shadow.target.query("PRAGMA auto_vacuum = FULL")
    shadow.target.query("VACUUM")
    effects = trace(shadow, tmp_path, "DROP TABLE t; INSERT INTO other VALUES (1)").effects
    assert [effect.rewrites for effect in effects] == [(), ()]


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("SELECT * FROM t", set()),
        ("CREATE INDEX t_a ON t (a)", set()),
        ("CREATE VIEW v AS SELECT 1", set()),
        ("UPDATE child SET t = 1", {"child"}),
        ("INSERT INTO t (a) VALUES ('q')", {"t", "log", "other"}),
        ("WITH x AS (SELECT 1 AS a) INSERT INTO log SELECT a FROM x", {"log", "other"}),
        ("DELETE FROM other", {"other"}),
        ("DROP TABLE other", {"other"}),
        ("CREATE TABLE n AS SELECT * FROM t", {"n"}),
        ("ALTER TABLE child RENAME TO kid", {"child", "kid"}),
        ("ALTER TABLE t ADD COLUMN z", {"t"}),
        (
            """CREATE VIEW v AS SELECT a FROM log;
            CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN DELETE FROM other; END;
            INSERT INTO v VALUES (1)""",
            {"other"},
        ),
        ("VACUUM", set()),
        ("PRAGMA user_version = 3", set()),
        ("ATTACH ':memory:' AS m; CREATE TABLE m.t (a); INSERT INTO m.t VALUES (1)", set()),
        ("CREATE TEMP TABLE t (a); INSERT INTO temp.t VALUES (1)", set()),
    ],
)
def test_the_tables_that_were_written_to_are_known(
    shadow: SqliteShadow, tmp_path: Path, sql: str, written: set[str]
) -> None:
    found = trace(shadow, tmp_path, sql).written
    assert found is not None
    assert {name for name in found if not name.startswith("sqlite_sequence.")} == written


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('x')",
        """CREATE VIRTUAL TABLE f USING fts5(a);
        CREATE TRIGGER f_log AFTER UPDATE ON t BEGIN INSERT INTO f VALUES ('x'); END;
        UPDATE t SET a = 'z'""",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = sql",
    ],
)
def test_where_it_is_not_known_what_was_written_that_is_said(shadow: SqliteShadow, tmp_path: Path, sql: str) -> None:
    assert trace(shadow, tmp_path, sql).written is None


def test_positions_that_were_set_by_hand_count_as_written(shadow: SqliteShadow, tmp_path: Path) -> None:
    found = trace(shadow, tmp_path, "INSERT INTO sqlite_sequence (name, seq) VALUES ('child', 50)").written
    assert found is not None
    assert "sqlite_sequence.child" in found
