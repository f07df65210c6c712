"""`dump` and `doctor` on SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from surefoot.engine import api
from surefoot.engine.dialects.sqlite.target import SqliteTarget
from tests.engine.sqlite.support import write

SCHEMA = """
CREATE TABLE b (id integer PRIMARY KEY AUTOINCREMENT, a integer REFERENCES a, UNIQUE (a));
CREATE TABLE a (id integer PRIMARY KEY);
CREATE VIEW w AS SELECT * FROM b -- all of them
;
CREATE VIEW v AS SELECT * FROM w;
CREATE INDEX b_a ON b (a);
CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b (a) VALUES (new.id); END;
CREATE VIRTUAL TABLE words USING fts5(word);
CREATE TABLE surefoot_prints (a);
"""


def test_the_dump_makes_the_same_schema_again(target: SqliteTarget, tmp_path: Path) -> None:
    api.up(target, api.Project(write(tmp_path / "m", up_1=SCHEMA)))
    dumped = target.dump()
    assert "surefoot_prints" in dumped
    assert "surefoot_history" not in dumped
    assert dumped.index("CREATE TABLE a") < dumped.index("CREATE TABLE b") < dumped.index("CREATE INDEX b_a")
    copy = SqliteTarget(lambda: sqlite3.connect(tmp_path / "copy.db"), label="copy")
    with closing(copy):
        copy.connection.executescript(dumped)
        assert copy.dump() == dumped


def checks(target: SqliteTarget) -> dict[str, tuple[str, str]]:
    """What `doctor` found, by name."""
    return {check.name: (check.status, check.finding) for check in target.doctor()}


def test_the_doctor_finds_a_sound_file_sound(target: SqliteTarget, file: Path) -> None:
    target.query("CREATE TABLE t (a)")
    found = checks(target)
    assert {name: status for name, (status, _) in found.items()} == {
        "file": "ok",
        "version": "ok",
        "permissions": "ok",
        "journal": "info",
        "integrity": "ok",
        "keys": "ok",
    }
    assert found["file"][1].startswith(str(file))


def test_the_doctor_tells_one_journal_mode_from_another(target: SqliteTarget) -> None:
    target.query("PRAGMA journal_mode = wal")
    assert checks(target)["journal"][0] == "ok"
    target.query("PRAGMA journal_mode = off")
    assert checks(target)["journal"] == ("problem", "off: a crash can destroy the database")


def test_the_doctor_names_rows_without_parents(target: SqliteTarget) -> None:
    target.query("CREATE TABLE c (p REFERENCES p)")
    target.query("INSERT INTO c VALUES (1), (2)")
    assert checks(target)["keys"] == ("warning", "2 rows of c without their parent in p")


def test_the_doctor_finds_a_damaged_file(target: SqliteTarget, file: Path) -> None:
    target.query("CREATE TABLE t (a UNIQUE)")
    target.query("INSERT INTO t VALUES (1), (2)")
    target.query("PRAGMA writable_schema = ON")
    target.query("UPDATE sqlite_master SET rootpage = 2 WHERE type = 'index'")
    target.open()
    assert checks(target)["integrity"][0] == "problem"
