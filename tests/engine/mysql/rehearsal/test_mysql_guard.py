"""What may not run on a shadow database: the target, the server and its accounts are sacred."""

from __future__ import annotations

import pytest

from surefoot.engine.dialects.mysql.shadow.guard import Guard
from surefoot.engine.model import Statement
from surefoot.errors import ShadowFailed
from tests.engine.mysql.rehearsal.changes import MUTATIONS
from tests.engine.mysql.rehearsal.shadows import statements

GUARD = Guard(frozenset({"shop", "mysql", "odd`name"}))

REFUSED = [
    "UPDATE shop.orders SET total = 0",
    "UPDATE `shop`.`orders` SET total = 0",
    "UPDATE SHOP . orders SET total = 0",
    "UPDATE/**/shop/**/./**/orders SET total = 0",
    "UPDATE orders, shop.orders o SET o.total = 0",
    "DELETE FROM orders USING orders JOIN shop.orders",
    "DELETE shop.orders FROM shop.orders",
    "INSERT INTO shop.orders SELECT * FROM orders",
    "INSERT INTO orders SELECT * FROM shop.orders",
    "REPLACE shop.orders VALUES (1)",
    "TRUNCATE shop.orders",
    "DROP TABLE orders, shop.orders",
    "DROP TABLE IF EXISTS shop.orders",
    "ALTER TABLE shop.orders ADD x int",
    "ALTER TABLE orders RENAME TO shop.orders",
    "ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES shop.t (a)",
    "RENAME TABLE orders TO shop.o2",
    "CREATE TABLE shop.x (id int)",
    "CREATE TABLE x LIKE shop.orders",
    "CREATE TABLE x (id int) /*!50100 ENGINE=InnoDB */ AS SELECT * FROM shop.orders",
    "/*!50000 DROP TABLE shop.orders */",
    "CREATE INDEX i ON shop.orders (a)",
    "CREATE VIEW v AS SELECT * FROM shop.orders",
    "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW INSERT INTO shop.orders VALUES (1)",
    "CREATE TRIGGER shop.t BEFORE INSERT ON orders FOR EACH ROW SET @x = 1",
    "CREATE PROCEDURE p() BEGIN IF 1 THEN DELETE FROM shop.orders; END IF; END",
    "CALL shop.clean_up()",
    "SELECT shop.clean_up()",
    "SELECT NEXT VALUE FOR shop.s",
    "LOCK TABLES shop.orders WRITE",
    "LOAD DATA INFILE 'x' INTO TABLE shop.orders",
    "WITH x AS (SELECT 1) UPDATE shop.orders SET a = 1",
    "EXPLAIN UPDATE shop.orders SET a = 1",
    "SET STATEMENT max_statement_time = 1 FOR DELETE FROM shop.orders",
    'UPDATE "shop"."orders" SET total = 0',
    "UPDATE `odd``name`.t SET a = 1",
    "PREPARE s FROM 'DELETE FROM shop.orders'",
    "EXECUTE IMMEDIATE CONCAT('DELETE FROM ', 'shop', '.orders')",
    "EXECUTE IMMEDIATE 'GRANT ALL ON *.* TO x'",
    "EXECUTE IMMEDIATE 'SET GLOBAL read_only = 1'",
    "CREATE DATABASE x",
    "CREATE SCHEMA IF NOT EXISTS x",
    "DROP DATABASE x",
    "ALTER DATABASE shop CHARACTER SET utf8mb4",
    "CREATE USER x",
    "CREATE OR REPLACE USER x",
    "ALTER USER x IDENTIFIED BY 'y'",
    "DROP USER x",
    "RENAME USER x TO y",
    "CREATE ROLE x",
    "GRANT SELECT ON orders TO x",
    "REVOKE SELECT ON orders FROM x",
    "SET PASSWORD = PASSWORD('x')",
    "SET PASSWORD FOR x = 'y'",
    "SET DEFAULT ROLE x",
    "SET GLOBAL max_connections = 1",
    "SET @x = 1, GLOBAL max_connections = 1",
    "SET @@GLOBAL.max_connections = 1",
    "SET @@global.max_connections := 1",
    "SET PERSIST max_connections = 1",
    "SET @@persist.max_connections = 1",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')",
    "CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
    "INSTALL PLUGIN x SONAME 'x.so'",
    "INSTALL SONAME 'x'",
    "FLUSH TABLES",
    "FLUSH PRIVILEGES",
    "RESET MASTER",
    "PURGE BINARY LOGS TO 'x'",
    "CHANGE MASTER TO MASTER_HOST = 'x'",
    "STOP SLAVE",
    "KILL 1",
    "SHUTDOWN",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 INTO DUMPFILE '/tmp/x'",
    "CREATE TABLE x (id int) ENGINE=FEDERATED CONNECTION='mysql://u@h/d/t'",
    "CREATE TABLE x (id int) ENGINE 'CONNECT'",
    "ALTER TABLE x ENGINE = Spider",
    "CREATE PROCEDURE p() GRANT ALL ON *.* TO x",
    "CREATE PROCEDURE p() BEGIN SET GLOBAL read_only = 1; END",
    "CREATE PROCEDURE p() BEGIN DROP USER x; END",
    "CREATE PROCEDURE p() FLUSH TABLES",
    "BEGIN NOT ATOMIC CREATE DATABASE x; END",
    "IF 1 THEN DROP DATABASE x; END IF",
    "CREATE TABLESPACE x ADD DATAFILE 'x'",
    "BACKUP STAGE START",
    "IMPORT TABLE FROM 'x'",
    "ALTER INSTANCE ROTATE INNODB MASTER KEY",
]

ALLOWED = [
    "SELECT shop.id FROM orders shop WHERE shop.id = 1 AND shop.total > shop.id",
    "UPDATE orders shop SET shop.total = 1",
    "INSERT INTO orders VALUES ('shop.orders', 'USE shop', 1.5, .5)",
    "INSERT INTO orders (a) VALUES ('SET GLOBAL x'), ('mysql.user')",
    "ALTER TABLE orders DROP user, DROP role, DROP COLUMN `server`",
    "ALTER TABLE orders ADD `global` int, ADD persist int",
    "ALTER DATABASE CHARACTER SET utf8mb4",
    "ALTER DATABASE COMMENT = 'x'",
    "SET SESSION sql_mode = '', @x = @@GLOBAL.max_connections",
    "SET NAMES utf8mb4",
    "SET ROLE NONE",
    "SELECT @@GLOBAL.max_connections, schema_name FROM information_schema.SCHEMATA",
    "PREPARE s FROM 'ALTER TABLE orders ADD x int'",
    "DROP PREPARE s",
    "DEALLOCATE PREPARE s",
    "CREATE TEMPORARY TABLE x (id int)",
    "CREATE DEFINER=root@localhost PROCEDURE p() SELECT 1",
    "CREATE OR REPLACE VIEW v AS SELECT 1 AS shop",
    "START TRANSACTION",
    "REPLACE orders VALUES (1)",
    "SELECT grants, revoked, killed FROM orders",
    "(SELECT 1) UNION (SELECT 2)",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_would_reach_beyond_the_shadow_is_refused(sql: str) -> None:
    with pytest.raises(ShadowFailed, match=r"^schema\.sql:1: this cannot be rehearsed here: ") as error:
        GUARD.check(statements(sql))
    assert error.value.hint


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_stays_within_the_shadow_is_allowed(sql: str) -> None:
    GUARD.check(statements(sql))


def test_every_change_of_a_schema_is_allowed_but_those_of_accounts() -> None:
    for change, inverse in MUTATIONS:
        for sql in (*change, *inverse):
            if not sql.startswith(("GRANT", "REVOKE")):
                GUARD.check(statements(sql))


def test_dynamic_statements_make_all_texts_of_a_migration_suspicious() -> None:
    text = "SET @db = 'shop'; SET @sql = CONCAT('DELETE FROM ', @db, '.orders'); PREPARE s FROM @sql; EXECUTE s;"
    with pytest.raises(ShadowFailed, match="names the database shop"):
        GUARD.check(statements(text))
    GUARD.check(statements("SET @db = 'shop'; SELECT @db"))


def test_to_go_to_another_database_is_refused() -> None:
    for sql in ("USE shop", "USE `x`"):
        with pytest.raises(ShadowFailed, match="USE changes"):
            GUARD.check([Statement(sql, "1.sql", 1, ("USE",))])


def test_a_long_statement_is_read_to_its_end() -> None:
    values = ", ".join(f"({number})" for number in range(30_000))
    with pytest.raises(ShadowFailed, match="names the database shop"):
        GUARD.check(
            statements(f"INSERT INTO orders VALUES {values} ON DUPLICATE KEY UPDATE a = (SELECT 1 FROM shop.t)")
        )


def test_an_event_is_refused_only_where_the_server_would_run_it() -> None:
    event = statements("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders")
    GUARD.check(event)
    with pytest.raises(ShadowFailed, match="runs events") as error:
        Guard(frozenset(), awake=True).check(event)
    assert "event_scheduler = OFF" in error.value.hint


def test_a_text_that_ends_sooner_in_another_sql_mode_hides_nothing() -> None:
    hidden = r"INSERT INTO orders SELECT '\' FROM shop.orders WHERE a <> '\'"
    GUARD.check(statements(r"INSERT INTO orders VALUES ('it\'s at shop.orders')"))
    with pytest.raises(ShadowFailed, match="names the database shop"):
        GUARD.check([*statements("SET sql_mode = 'NO_BACKSLASH_ESCAPES'"), Statement(hidden, "1.sql", 1, ("INSERT",))])
    with pytest.raises(ShadowFailed, match="names the database shop"):
        Guard(frozenset({"shop"}), literal=True).check([Statement(hidden, "1.sql", 1, ("INSERT",))])
