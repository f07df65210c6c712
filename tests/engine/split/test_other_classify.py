"""Each claim about MariaDB's and SQLite's transactions, asked of the real databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pymysql
import pytest

from surefoot.engine.dialects.mysql.classify import outside as mysql_outside
from surefoot.engine.dialects.mysql.split import split as mysql_split
from surefoot.engine.dialects.sqlite.classify import outside as sqlite_outside
from surefoot.engine.dialects.sqlite.split import split as sqlite_split
from surefoot.engine.model import Fragment, Script


def mysql_is_outside(sql: str) -> bool:
    (statement,) = mysql_split(Script("f.sql", (Fragment(sql),))).statements
    return bool(mysql_outside([statement], explicit=False))


def sqlite_is_outside(sql: str) -> bool:
    (statement,) = sqlite_split(Script("f.sql", (Fragment(sql),))).statements
    return bool(sqlite_outside([statement], explicit=False))


@pytest.fixture
def server(mariadb_url: str) -> Iterator[pymysql.cursors.Cursor]:
    url = urlsplit(mariadb_url)
    with pymysql.connect(
        host=url.hostname or "",
        port=url.port or 0,
        user=url.username,
        password=url.password or "",
        database=url.path.strip("/"),
        autocommit=True,
    ) as connection:
        cursor = connection.cursor()
        for sql in ("probe (a INT)", "t (a INT)", "v (a INT)"):
            cursor.execute(f"CREATE TABLE {sql}")
        cursor.execute("CREATE PROCEDURE ddl() CREATE TABLE IF NOT EXISTS made (a INT)")
        yield cursor


def commits(cursor: pymysql.cursors.Cursor, sql: str) -> bool:
    cursor.execute("START TRANSACTION")
    cursor.execute("INSERT INTO probe VALUES (1)")
    # A statement commits before it fails for want of a privilege.
    with suppress(pymysql.Error):
        cursor.execute(sql)
        cursor.fetchall()
    with suppress(pymysql.Error):
        cursor.execute("UNLOCK TABLES")
    cursor.execute("ROLLBACK")
    cursor.execute("SELECT count(*) FROM probe")
    return bool(cursor.fetchone() == (1,))


COMMITTING = [
    "CREATE TABLE n (a INT)",
    "/*!40000 ALTER TABLE t DISABLE KEYS */",
    "ALTER TABLE t ADD b INT",
    "DROP TABLE t",
    "RENAME TABLE t TO u",
    "TRUNCATE t",
    "CREATE OR REPLACE VIEW w AS SELECT 1",
    "CREATE INDEX i ON t (a)",
    "CREATE FUNCTION f() RETURNS INT RETURN 1",
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
    "DROP PROCEDURE ddl",
    "ANALYZE TABLE t",
    "OPTIMIZE TABLE t",
    "REPAIR TABLE t",
    "CHECK TABLE t",
    "FLUSH TABLES",
    "CREATE SEQUENCE q",
    "CALL ddl()",
    "BEGIN NOT ATOMIC CREATE TABLE n (a INT); END",
    "IF 1 THEN CREATE TABLE n (a INT); END IF",
    "EXECUTE IMMEDIATE 'CREATE TABLE n (a INT)'",
    "SET STATEMENT max_statement_time = 5 FOR CREATE TABLE n (a INT)",
]
SHARING = [
    "CREATE TEMPORARY TABLE n (a INT)",
    "CREATE OR REPLACE TEMPORARY TABLE n (a INT)",
    "DROP TEMPORARY TABLE IF EXISTS n",
    "INSERT INTO t VALUES (1)",
    "REPLACE INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "SET @a = 1",
    "SET NAMES utf8mb4",
    "SELECT 1",
    "DO 1",
    "WITH c AS (SELECT 1) SELECT * FROM c",
    "SHOW TABLES",
    "SAVEPOINT s",
    "/*!40101 SET @a = 1 */",
]


@pytest.mark.parametrize("sql", COMMITTING)
def test_what_commits_on_mariadb_is_outside(server: pymysql.cursors.Cursor, sql: str) -> None:
    assert commits(server, sql)
    assert mysql_is_outside(sql)


@pytest.mark.parametrize("sql", SHARING)
def test_what_does_not_commit_on_mariadb_shares_a_transaction(server: pymysql.cursors.Cursor, sql: str) -> None:
    assert not commits(server, sql)
    assert not mysql_is_outside(sql)


@pytest.mark.parametrize(
    "sql", ["LOCK TABLES t WRITE", "GRANT SELECT ON t TO x", "SET PASSWORD = 'x'", "LOAD INDEX INTO CACHE t"]
)
def test_what_also_commits_by_the_manual_is_outside(sql: str) -> None:
    assert mysql_is_outside(sql)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("CREATE TEMP TABLE u (a)")
        connection.execute("ATTACH ':memory:' AS other")
        connection.execute("CREATE TABLE other.o (a)")
        yield connection


@pytest.mark.parametrize(
    "sql", ["VACUUM", "DETACH other", "PRAGMA synchronous = OFF", "PRAGMA main.wal_checkpoint", "PRAGMA temp_store(2)"]
)
def test_what_sqlite_refuses_in_a_transaction_is_outside(file: sqlite3.Connection, sql: str) -> None:
    file.execute("BEGIN")
    file.execute("INSERT INTO t VALUES (1)")
    file.execute("INSERT INTO other.o VALUES (1)")
    with pytest.raises(sqlite3.OperationalError):
        file.execute(sql)
    assert sqlite_is_outside(sql)


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("auto_vacuum", "full"), ("page_size", "8192"), ("encoding", "'UTF-16'")],
)
def test_a_pragma_without_effect_in_a_transaction_is_outside(file: sqlite3.Connection, name: str, value: str) -> None:
    before = file.execute(f"PRAGMA {name}").fetchone()
    file.execute("BEGIN IMMEDIATE")
    with suppress(sqlite3.OperationalError):
        file.execute(f"PRAGMA {name} = {value}")
    file.execute("COMMIT")
    assert file.execute(f"PRAGMA {name}").fetchone() == before
    assert sqlite_is_outside(f"PRAGMA {name} = {value}")
    assert not sqlite_is_outside(f"PRAGMA {name}")


def test_attach_outlives_a_rollback(file: sqlite3.Connection) -> None:
    file.execute("BEGIN")
    file.execute("ATTACH ':memory:' AS later")
    file.execute("ROLLBACK")
    assert file.execute("SELECT count(*) FROM later.sqlite_master").fetchone() == (0,)
    assert sqlite_is_outside("ATTACH ':memory:' AS later")


@pytest.mark.parametrize(
    "sql",
    ["CREATE TABLE n (a)", "DROP TABLE t", "PRAGMA user_version = 5", "ALTER TABLE t ADD b", "REINDEX"],
)
def test_what_sqlite_rolls_back_shares_a_transaction(file: sqlite3.Connection, sql: str) -> None:
    def state() -> list[object]:
        schema = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        return [*file.execute(schema).fetchall(), file.execute("PRAGMA user_version").fetchone()]

    before = state()
    file.execute("BEGIN")
    file.execute(sql)
    file.execute("ROLLBACK")
    assert state() == before
    assert not sqlite_is_outside(sql)
