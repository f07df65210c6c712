"""What the rules say of MariaDB and SQLite is what these databases do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from surefoot.engine.lint.catalogue import RULES
from surefoot.engine.lint.examples import example
from surefoot.engine.lint.model import Options, Rule
from tests.engine.lint.folders import lint_files, rules_found

MYSQL, SQLITE = Options("mysql"), Options("sqlite")


def rule(dialect: str, name: str) -> Rule:
    return next(each for each in RULES if (each.dialect, each.name) == (dialect, name))


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """An SQLite database in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def maria(mariadb_url: str) -> Iterator[Any]:
    """A cursor on a fresh MariaDB database."""
    place, _, name = mariadb_url.rpartition("/")
    host, _, port = place.rpartition("@")[2].partition(":")
    connection = pymysql.connect(host=host, port=int(port), user="surefoot", password="surefoot", database=name)
    yield connection.cursor()
    connection.close()


@pytest.mark.parametrize(
    "column",
    ["n TEXT NOT NULL", "n TEXT NOT NULL DEFAULT NULL", "n TEXT DEFAULT CURRENT_TIMESTAMP", "n INT DEFAULT (1 + 1)"],
)
def test_a_column_that_only_an_empty_table_takes(column: str, database: sqlite3.Connection, tmp_path: Path) -> None:
    sql = f"ALTER TABLE t ADD COLUMN {column}"
    assert rules_found(tmp_path, f"{sql};\n", SQLITE) == ["add-column-needs-empty-table"]
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    database.execute("BEGIN")
    database.execute(sql)
    database.execute("ROLLBACK")
    database.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.OperationalError, match="Cannot add a"):
        database.execute(sql)


@pytest.mark.parametrize("column", ["n TEXT", "n TEXT NOT NULL DEFAULT ''", "n INT NOT NULL DEFAULT -1", "n AS (id)"])
def test_a_column_that_any_table_takes(column: str, database: sqlite3.Connection, tmp_path: Path) -> None:
    sql = f"ALTER TABLE t ADD COLUMN {column}"
    assert rules_found(tmp_path, f"{sql};\n", SQLITE) == []
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    database.execute("INSERT INTO t VALUES (1)")
    database.execute(sql)


@pytest.mark.parametrize(("which", "refers_to"), [("bad", "customers_old"), ("good", "customers")])
def test_references_follow_a_rename(which: str, refers_to: str, database: sqlite3.Connection) -> None:
    order = rule("sqlite", "rebuild-order")
    database.executescript(example(order, "given") + example(order, which))
    assert [row[2] for row in database.execute("PRAGMA foreign_key_list(orders)")] == [refers_to]


@pytest.mark.parametrize(("which", "left"), [("bad", 0), ("good", 1)])
def test_a_rebuild_drops_indexes(which: str, left: int, database: sqlite3.Connection) -> None:
    loses = rule("sqlite", "rebuild-loses")
    database.executescript(example(loses, "given") + example(loses, which))
    assert database.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'index'").fetchone() == (left,)


def test_an_index_that_was_dropped_before_is_not_lost(tmp_path: Path) -> None:
    loses = rule("sqlite", "rebuild-loses")
    files = {"001_x.up.sql": example(loses, "given"), "002_x.up.sql": "DROP INDEX orders_total;\n"}
    files["003_x.up.sql"] = example(loses, "bad")
    assert lint_files(tmp_path, files, SQLITE).findings == ()


@pytest.mark.parametrize(
    ("kind", "stored"),
    [("STRING", 7), ("FLOATING POINT", 7), ("TEXT", "007"), ("VARCHAR(10)", "007"), ("BIGINT", 7), ("INT8", 7)],
)
def test_what_becomes_of_a_text(kind: str, stored: object, database: sqlite3.Connection, tmp_path: Path) -> None:
    sql = f"CREATE TABLE t (a {kind} NOT NULL)"
    odd = kind in ("STRING", "FLOATING POINT")
    assert rules_found(tmp_path, f"{sql};\n", SQLITE) == (["misread-type"] if odd else [])
    database.execute(sql)
    database.execute("INSERT INTO t VALUES ('007')")
    assert database.execute("SELECT a FROM t").fetchone() == (stored,)


@pytest.mark.parametrize(("ending", "takes"), [(")", True), (") STRICT", False), (") WITHOUT ROWID", False)])
def test_which_primary_keys_may_be_null(ending: str, takes: bool, database: sqlite3.Connection, tmp_path: Path) -> None:
    sql = f"CREATE TABLE t (a TEXT PRIMARY KEY{ending}"
    options = Options("sqlite", levels={"nullable-primary-key": "note"})
    assert rules_found(tmp_path, f"{sql};\n", options) == (["nullable-primary-key"] if takes else [])
    database.execute(sql)
    if takes:
        database.execute("INSERT INTO t VALUES (NULL), (NULL)")
    else:
        with pytest.raises(sqlite3.IntegrityError):
            database.execute("INSERT INTO t VALUES (NULL)")


@pytest.mark.parametrize(
    ("old", "new", "copies"),
    [
        ("int NOT NULL", "bigint NOT NULL", True),
        ("varchar(20)", "varchar(60)", False),
        ("varchar(100)", "varchar(200)", False),
        ("varchar(20)", "varchar(10)", True),
        ("enum('a','b')", "enum('a','b','c')", False),
        ("int unsigned", "int", True),
        ("int DEFAULT 1", "int DEFAULT 2", False),
    ],
)
def test_which_changes_of_a_type_copy_the_table(old: str, new: str, copies: bool, maria: Any, tmp_path: Path) -> None:
    table, alter = (
        f"CREATE TABLE t (id int PRIMARY KEY, c {old}) CHARACTER SET utf8mb4",
        f"ALTER TABLE t MODIFY c {new}",
    )
    files = {"001_x.up.sql": f"{table};\n", "002_x.up.sql": f"{alter};\n"}
    found = {each.rule for each in lint_files(tmp_path, files, MYSQL).findings}
    assert ("alter-may-copy" in found) is copies
    maria.execute(table)
    assert refuses_in_place(maria, alter) is copies


def test_a_length_of_two_bytes_is_a_copy_on_mysql_only(maria: Any, tmp_path: Path) -> None:
    table, alter = "CREATE TABLE t (c varchar(20)) CHARACTER SET utf8mb4", "ALTER TABLE t MODIFY c varchar(200)"
    files = {"001_x.up.sql": f"{table};\n", "002_x.up.sql": f"{alter};\n"}
    [found] = lint_files(tmp_path, files, MYSQL).findings
    assert found.message.startswith("VARCHAR(20) to VARCHAR(200) of c may copy all of t ")
    maria.execute(table)
    assert not refuses_in_place(maria, alter)


@pytest.mark.parametrize(
    ("clause", "copies"),
    [
        ("CONVERT TO CHARACTER SET latin1", True),
        ("DROP PRIMARY KEY", True),
        ("ADD FOREIGN KEY (p) REFERENCES p (id)", True),
        ("DROP FOREIGN KEY to_p", False),
        ("ADD COLUMN n int", False),
        ("ADD INDEX i (c)", False),
    ],
)
def test_which_other_changes_copy_the_table(clause: str, copies: bool, maria: Any, tmp_path: Path) -> None:
    alter = f"ALTER TABLE t {clause}"
    assert ("alter-may-copy" in rules_found(tmp_path, f"{alter};\n", MYSQL)) is copies
    maria.execute("CREATE TABLE p (id int PRIMARY KEY)")
    column = "c varchar(20), p int, CONSTRAINT to_p FOREIGN KEY (p) REFERENCES p (id)"
    maria.execute(f"CREATE TABLE t (id int PRIMARY KEY, {column}) CHARACTER SET utf8mb4")
    assert refuses_in_place(maria, alter) is copies


def refuses_in_place(cursor: Any, alter: str) -> bool:
    """Whether the server would have to copy the table."""
    try:
        cursor.execute(f"{alter}, ALGORITHM=INPLACE")
    except pymysql.err.OperationalError as error:
        return error.args[0] in (1845, 1846)
    return False


@pytest.mark.parametrize(("which", "copies"), [("bad", True), ("good", False)])
def test_an_enum_is_copied_unless_its_values_come_first(which: str, copies: bool, maria: Any) -> None:
    changes = rule("mysql", "enum-changes")
    maria.execute(example(changes, "given"))
    assert refuses_in_place(maria, example(changes, which).partition(";")[0]) is copies


@pytest.mark.parametrize(("which", "kept"), [("bad", False), ("good", True)])
def test_what_modify_leaves_out_is_gone(which: str, kept: bool, maria: Any) -> None:
    loses = rule("mysql", "modify-loses-attributes")
    maria.execute(example(loses, "given"))
    maria.execute(example(loses, which))
    maria.execute("SHOW CREATE TABLE orders")
    definition = maria.fetchone()[1]
    assert ("handbook" in definition) is kept
    assert ("`status` varchar(40) NOT NULL" in definition) is kept


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("int NOT NULL", "bigint", "NOT NULL"),
        ("int NOT NULL", "bigint NULL", ""),
        ("int DEFAULT 1", "bigint", "DEFAULT"),
        ("int DEFAULT 1", "bigint DEFAULT NULL", ""),
        ("int PRIMARY KEY AUTO_INCREMENT", "bigint", "AUTO_INCREMENT"),
        ("text COLLATE utf8mb4_bin", "mediumtext", "COLLATE"),
        ("timestamp NULL DEFAULT now() ON UPDATE now()", "datetime NULL DEFAULT now()", "ON UPDATE"),
        ("int NOT NULL COMMENT 'not null'", "bigint NOT NULL COMMENT 'x'", ""),
    ],
)
def test_what_a_redefinition_loses_is_named(old: str, new: str, lost: str, tmp_path: Path) -> None:
    files = {"001_x.up.sql": f"CREATE TABLE t (c {old});\n", "002_x.up.sql": f"ALTER TABLE t MODIFY COLUMN c {new};\n"}
    found = [each.message for each in lint_files(tmp_path, files, MYSQL).findings if "leaves out" in each.message]
    assert found == ([f"t.c had {lost}, which this leaves out, and so takes away."] if lost else [])


def test_a_column_of_the_primary_key_stays_not_null(tmp_path: Path) -> None:
    files = {
        "001_x.up.sql": "CREATE TABLE t (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b));\n",
        "002_x.up.sql": "ALTER TABLE t MODIFY a bigint, ALGORITHM=COPY;\n",
    }
    assert lint_files(tmp_path, files, MYSQL).findings == ()


def test_old_utf8_has_no_emoji(maria: Any) -> None:
    maria.execute(example(rule("mysql", "old-utf8"), "bad"))
    with pytest.raises(pymysql.err.DataError):
        maria.execute("INSERT INTO posts VALUES (1, '\N{GRINNING FACE}')")


def test_a_double_cannot_hold_a_tenth(maria: Any) -> None:
    maria.execute(example(rule("mysql", "float-money"), "bad"))
    maria.execute("INSERT INTO orders VALUES (1, 0.1), (2, 0.2)")
    maria.execute("SELECT sum(total_price) = 0.3 FROM orders")
    assert maria.fetchone() == (0,)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("mysql", "CREATE TABLE t (c varchar(9) COMMENT 'ENGINE=MyISAM, CHARSET utf8; IDENTIFIED BY ''x''')"),
        ("mysql", "UPDATE a JOIN b ON a.id = b.id SET a.n = b.n"),
        ("mysql", "DELETE FROM a LIMIT 1000"),
        ("mysql", "UPDATE a SET n = (SELECT max(n) FROM b WHERE b.id = a.id) WHERE id < 9"),
        ("mysql", "CREATE DEFINER=CURRENT_USER VIEW v AS SELECT 1"),
        ("mysql", "ALTER TABLE a RENAME INDEX i TO j"),
        ("mysql", "ALTER TABLE a CHANGE n n int NOT NULL"),
        ("mysql", "/*!40101 SET NAMES utf8 */"),
        ("sqlite", "DROP TABLE temp.few"),
        ("sqlite", "INSERT INTO a SELECT id FROM b"),
        ("sqlite", "PRAGMA journal_mode = WAL"),
        ("sqlite", "PRAGMA cache_size"),
        ("sqlite", "PRAGMA writable_schema = RESET"),
        ("sqlite", "CREATE TABLE t (a INTEGER DEFAULT 1, \"b\" TEXT DEFAULT 'x', c TEXT)"),
    ],
)
def test_what_only_looks_like_one_is_let_through(dialect: str, sql: str, tmp_path: Path) -> None:
    found = rules_found(tmp_path, f"{sql};\n", Options(dialect))
    assert found == (["drop-table"] if "temp.few" in sql else [])
