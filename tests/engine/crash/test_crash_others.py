"""Kill a run on MariaDB and on SQLite at each of its events, as on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.crash.matrix import Case, crash_everywhere
from tests.engine.crash.others import mariadb_bench, sqlite_bench

MIXED = Case(
    "ddl and dml",
    {
        "1_base.up.sql": """
            CREATE TABLE log (what varchar(20), n int);
            CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20), n int);
            CREATE TRIGGER inserted AFTER INSERT ON item FOR EACH ROW INSERT INTO log VALUES ('insert', NEW.n);
            CREATE TRIGGER updated AFTER UPDATE ON item FOR EACH ROW INSERT INTO log VALUES ('update', NEW.n);
            INSERT INTO item (name, n) VALUES ('apple', 1), ('pear', 2);""",
        "1_base.down.sql": "DROP TABLE item; DROP TABLE log;",
        "2_mixed.up.sql": """
            INSERT INTO item (name, n) VALUES ('plum', 3);
            UPDATE item SET n = n + 1;
            ALTER TABLE item ADD COLUMN x int NOT NULL DEFAULT 0, ADD INDEX item_n (n);
            UPDATE item SET x = n;
            UPDATE item SET n = n + 1 WHERE name = 'plum';
            CREATE TABLE extra (n int);
            INSERT INTO extra SELECT n FROM item;
            CREATE VIEW seen AS SELECT n FROM extra;
            RENAME TABLE extra TO more;
            CREATE OR REPLACE VIEW seen AS SELECT n + 1 AS n FROM more;""",
        "2_mixed.down.sql": """
            UPDATE item SET n = n - 1 WHERE name = 'plum';
            DROP VIEW seen;
            DELETE FROM more WHERE n = 2;
            DROP TABLE more;
            ALTER TABLE item DROP INDEX item_n, DROP COLUMN x;
            UPDATE item SET n = n - 1;
            DELETE FROM item WHERE name = 'plum';""",
        "3_rows.up.sql": "UPDATE item SET n = 10 * n; INSERT INTO log VALUES ('three', 3);",
        "3_rows.down.sql": "UPDATE item SET n = n / 10; INSERT INTO log VALUES ('back', 3);",
    },
)
CALL = Case(
    "a call",
    {
        "1_base.up.sql": """
            CREATE TABLE log (what varchar(20));
            CREATE TABLE bumps (n int);
            CREATE PROCEDURE bump() INSERT INTO bumps VALUES (1);
            CREATE PROCEDURE unbump() DELETE FROM bumps;""",
        "1_base.down.sql": "DROP PROCEDURE bump; DROP PROCEDURE unbump; DROP TABLE bumps; DROP TABLE log;",
        "2_call.up.sql": "INSERT INTO log VALUES ('before'); CALL bump(); INSERT INTO log VALUES ('after');",
        "2_call.down.sql": "CALL unbump(); INSERT INTO log VALUES ('back');",
    },
    ran={"up": "SELECT count(*) = 1 FROM bumps", "down": "SELECT count(*) = 0 FROM bumps"},
)
NO_TRANSACTIONS = Case(
    "a table without transactions",
    {
        "1_base.up.sql": "CREATE TABLE log (what varchar(20)); CREATE TABLE m (n int) ENGINE=MyISAM;",
        "1_base.down.sql": "DROP TABLE m; DROP TABLE log;",
        "2_rows.up.sql": """
            INSERT INTO log VALUES ('before');
            INSERT INTO m VALUES (1), (2);
            INSERT INTO log VALUES ('after');""",
        "2_rows.down.sql": "DELETE FROM m; INSERT INTO log VALUES ('back');",
    },
    ran={"up": "SELECT count(*) = 2 FROM m", "down": "SELECT count(*) = 0 FROM m"},
)
SQLITE = Case(
    "sqlite",
    {
        "1_base.up.sql": """
            PRAGMA foreign_keys = ON;
            CREATE TABLE log (what text, n int);
            CREATE TABLE item (id integer PRIMARY KEY, name text, n int);
            CREATE TABLE part (item int REFERENCES item ON DELETE CASCADE, n int);
            CREATE TRIGGER noted AFTER UPDATE ON item BEGIN INSERT INTO log VALUES ('update', NEW.n); END;
            INSERT INTO item (name, n) VALUES ('apple', 1), ('pear', 2);
            INSERT INTO part VALUES (1, 1), (2, 2);""",
        "1_base.down.sql": "DROP TABLE part; DROP TABLE item; DROP TABLE log;",
        "2_rebuild.up.sql": """
            UPDATE item SET n = n + 1;
            CREATE TABLE new_item (id integer PRIMARY KEY, name text NOT NULL, n int, x int DEFAULT 0);
            INSERT INTO new_item (id, name, n) SELECT id, name, n FROM item;
            DROP TABLE item;
            ALTER TABLE new_item RENAME TO item;
            INSERT INTO log SELECT 'parts', count(*) FROM part;""",
        "2_rebuild.down.sql": "ALTER TABLE item DROP COLUMN x; UPDATE item SET n = n - 1;",
        "3_vacuum.up.sql": """
            UPDATE item SET n = n + 1;
            VACUUM;
            UPDATE item SET n = n + 1;""",
        "3_vacuum.down.sql": "UPDATE item SET n = n - 2; VACUUM; INSERT INTO log VALUES ('back', 3);",
    },
)


@pytest.mark.slow
def test_mariadb_finds_out_what_ddl_did_and_what_rows_committed_with_the_journal(
    mariadb_url: str, tmp_path: Path
) -> None:
    assert crash_everywhere(MIXED, mariadb_bench(mariadb_url), tmp_path / "m") == {"up": [], "down": []}


@pytest.mark.slow
@pytest.mark.parametrize("case", [CALL, NO_TRANSACTIONS], ids=lambda case: case.name)
def test_mariadb_asks_only_about_what_leaves_no_trace(mariadb_url: str, tmp_path: Path, case: Case) -> None:
    unknown = crash_everywhere(case, mariadb_bench(mariadb_url), tmp_path / "m")
    assert {verb: len(events) for verb, events in unknown.items()} == {"up": 2, "down": 2}


@pytest.mark.slow
def test_sqlite_is_whole_wherever_the_run_is_killed(sqlite_url: str, tmp_path: Path) -> None:
    assert crash_everywhere(SQLITE, sqlite_bench(sqlite_url), tmp_path / "m") == {"up": [], "down": []}
