"""Statements that are texts: what they run is looked at as well, or not run."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from surefoot.engine.dialects.mysql.shadow.guard import Guard
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.open import connect
from surefoot.errors import ShadowFailed, StatementFailed
from tests.engine.mysql.rehearsal.shadows import run, shadow, statements

GUARD = Guard(frozenset({"shop", "mysql"}))
ALONE = Guard(frozenset({"mysql"}))
HELPER = """
    CREATE PROCEDURE add_column(place text)
    BEGIN SET @sql = CONCAT('ALTER TABLE ', place, ' ADD more int'); PREPARE s FROM @sql; EXECUTE s; END
"""

# Each has a real database's name, DB, in a text that nobody can read in the migration.
DISGUISED = [
    "SET @sql = CONCAT('DELETE FROM {a}', '{b}.orders'); PREPARE s FROM @sql; EXECUTE s",
    "SET @sql = CONCAT('DELETE FROM {a}', '{b}.orders'); /*! PREPARE s FROM @sql */",
    "SET @sql = 0x{hex}; PREPARE s FROM @sql",
    "EXECUTE IMMEDIATE CONCAT('DELETE FROM {a}', '{b}.orders WHERE id = ?') USING 1",
    "EXECUTE IMMEDIATE CONCAT('DROP DATA', 'BASE {a}{b}')",
    """SET @db = (SELECT schema_name FROM information_schema.SCHEMATA WHERE schema_name LIKE '{a}%' LIMIT 1);
    EXECUTE IMMEDIATE CONCAT('DELETE FROM ', @db, '.orders')""",
]


@pytest.mark.parametrize("sql", DISGUISED)
def test_a_text_that_names_another_database_does_not_run(sql: str, mariadb_url: str) -> None:
    name = urlsplit(mariadb_url).path.removeprefix("/")
    with connect(mariadb_url) as real:
        real.query("CREATE TABLE orders (id int PRIMARY KEY)")
        real.query("INSERT INTO orders VALUES (1)")
        with shadow(Place(shadow_url=mariadb_url)) as made:
            text = sql.format(a=name[:5], b=name[5:], hex=f"DELETE FROM {name}.orders".encode().hex())
            first, *more = statements(text)
            made.check([first, *more])
            with pytest.raises(StatementFailed, match=r"schema\.sql:\d: this cannot be rehearsed here: ") as error:
                for statement in (first, *more):
                    made.target.execute_outside(statement)
        assert error.value.hint
        assert real.query("SELECT * FROM orders") == [(1,)]


def test_texts_that_stay_within_the_shadow_run(mariadb_url: str) -> None:
    with shadow(Place(shadow_url=mariadb_url)) as made:
        run(made.target, "CREATE TABLE t (id int)")
        found = statements(
            """SET @sql = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE table_schema = DATABASE()
                AND table_name = 't' AND column_name = 'a') = 0, CONCAT('ALTER TABLE ', 't', ' ADD a int'), 'SELECT 1');
            PREPARE s FROM @sql; EXECUTE s; DEALLOCATE PREPARE s;
            EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING 1, 2;"""
        )
        made.check(found)
        for statement in found:
            made.target.execute_outside(statement)
        assert made.target.query("SELECT * FROM t") == [(1, 2)]


def test_a_procedure_that_puts_texts_together_is_not_called_where_other_databases_are(mariadb_url: str) -> None:
    with shadow(Place(shadow_url=mariadb_url)) as made:
        made.check(statements(HELPER))
        with pytest.raises(ShadowFailed, match="texts that are put together") as error:
            made.check(statements(f"{HELPER}; CALL add_column('t')"))
        assert "shadow_url" in error.value.hint
        run(made.target, HELPER)
        with pytest.raises(ShadowFailed, match="texts that are put together"):
            made.check(statements("CALL add_column('t')"))


@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN NOT ATOMIC EXECUTE IMMEDIATE CONCAT('DELETE FROM sh', 'op.t'); END",
        "BEGIN NOT ATOMIC PREPARE s FROM 'DELETE FROM sh' 'op.t'; EXECUTE s; END",
        "IF 1 THEN PREPARE s FROM @sql; EXECUTE s; END IF",
    ],
)
def test_a_block_that_puts_texts_together_is_refused_where_other_databases_are(sql: str) -> None:
    with pytest.raises(ShadowFailed, match="texts that are put together"):
        GUARD.check(statements(sql))
    ALONE.check(statements(sql))


def test_a_procedure_with_its_texts_written_out_is_called() -> None:
    GUARD.check(statements("CREATE PROCEDURE p() BEGIN PREPARE s FROM 'DELETE FROM t'; EXECUTE s; END; CALL p()"))
    with pytest.raises(ShadowFailed, match="names the database shop"):
        GUARD.check(statements("CREATE PROCEDURE p() BEGIN PREPARE s FROM 'DELETE FROM shop.t'; EXECUTE s; END"))
    with pytest.raises(ShadowFailed, match="DROP DATABASE"):
        GUARD.check(statements("CREATE PROCEDURE p() BEGIN PREPARE s FROM 'DROP DATABASE x'; EXECUTE s; END"))


@pytest.mark.parametrize(
    "sql",
    [
        "SET @@GLOBAL . max_connections = 5",
        "SET @a = 1, @@GLOBAL.`max_connections` = 5",
        "SET @a = 1, PASSWORD FOR 'root'@'localhost' = PASSWORD('x')",
        "SET @a = 1, DEFAULT ROLE NONE",
        "START SLAVE",
        "START ALL SLAVES",
        "CREATE PROCEDURE p() BEGIN START SLAVE; END",
        "CREATE TABLE t (id int) DATA DIRECTORY = '/tmp'",
        "ALTER TABLE t RENAME = shop.t",
        "SET SESSION default_storage_engine = FEDERATED",
    ],
)
def test_what_hides_behind_a_harmless_beginning_is_refused(sql: str) -> None:
    with pytest.raises(ShadowFailed, match=re.escape("schema.sql:1: this cannot be rehearsed here: ")):
        GUARD.check(statements(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SET @a = @@GLOBAL.max_connections, @b = IF(1, @@GLOBAL.max_connections, PASSWORD('x'))",
        "START TRANSACTION",
        "CREATE TABLE t (data int, directory text)",
        "SET SESSION default_storage_engine = InnoDB",
    ],
)
def test_what_only_looks_like_it_is_allowed(sql: str) -> None:
    GUARD.check(statements(sql))
