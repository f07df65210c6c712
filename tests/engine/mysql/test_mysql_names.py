from __future__ import annotations

import pytest

from surefoot.engine.dialects.mysql.names import named


@pytest.mark.parametrize(
    ("sql", "kind", "names"),
    [
        ("CREATE TABLE t (a int)", "TABLE", [("t",)]),
        ("create or replace table if not exists `a b`.`c``d` (x int)", "TABLE", [("a b", "c`d")]),
        ("CREATE /* TABLE no */ TABLE -- yes\n t LIKE u", "TABLE", [("t",)]),
        ("/*!40101 CREATE TABLE `t` (a int) */", "TABLE", [("t",)]),
        ("CREATE UNIQUE INDEX IF NOT EXISTS i ON shop.t (a)", "TABLE", [("shop", "t")]),
        ("DROP INDEX `on` ON t", "TABLE", [("t",)]),
        (
            "CREATE ALGORITHM=MERGE DEFINER=`table`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1",
            "VIEW",
            [("v",)],
        ),
        (
            "CREATE DEFINER=root@localhost TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
            "TRIGGER",
            [("tr",)],
        ),
        ("CREATE AGGREGATE FUNCTION f() RETURNS int RETURN 1", "FUNCTION", [("f",)]),
        ("ALTER ONLINE TABLE IF EXISTS 2fast ADD COLUMN c int", "TABLE", [("2fast",)]),
        ("ALTER TABLE t ADD c int, RENAME TO u", "TABLE", [("t",), ("u",)]),
        ("ALTER TABLE t RENAME u", "TABLE", [("t",), ("u",)]),
        ("ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j", "TABLE", [("t",)]),
        ("ALTER TABLE t ADD c varchar(9) DEFAULT 'RENAME TO u'", "TABLE", [("t",)]),
        ('ALTER TABLE "t" ADD c int', "TABLE", [("t",)]),
        ("DROP TABLE IF EXISTS a, b.c, `d` CASCADE", "TABLE", [("a",), ("b", "c"), ("d",)]),
        ("RENAME TABLE a TO b, x.c NOWAIT TO x.d", "TABLE", [("a",), ("b",), ("x", "c"), ("x", "d")]),
        ("ALTER DATABASE CHARACTER SET utf8mb4", "DATABASE", []),
        ("CREATE SCHEMA s", "DATABASE", [("s",)]),
        ("DROP PACKAGE BODY p", "PACKAGE BODY", [("p",)]),
        ("CREATE SEQUENCE s START WITH 5", "SEQUENCE", [("s",)]),
        ("ALTER EVENT e RENAME TO f", "EVENT", [("e",), ("f",)]),
    ],
)
def test_the_objects_are_read(sql: str, kind: str, names: list[tuple[str, ...]]) -> None:
    found = named(sql)
    assert found is not None
    assert (found.kind, list(found.names)) == (kind, names)


@pytest.mark.parametrize(
    "sql", ["CREATE USER u", "DROP ROLE r", "RENAME USER a TO b", "ALTER TABEL t", "INSERT INTO t VALUES (1)", ""]
)
def test_what_cannot_be_looked_up_names_nothing(sql: str) -> None:
    assert named(sql) is None


@pytest.mark.parametrize(
    ("sql", "seen"),
    [
        ("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", False),
        ("ALTER TABLE t IMPORT TABLESPACE", False),
        ("RENAME TABLE a TO x, b TO a, x TO b", False),
        ("ALTER TABLE t ADD c int COMMENT 'EXCHANGE'", True),
        ("RENAME TABLE a TO b", True),
        ("ALTER TABLE t ADD restart int, ADD exchange int", True),
        ("ALTER SEQUENCE s RESTART 5", False),
    ],
)
def test_what_leaves_definitions_alone_is_known(sql: str, seen: bool) -> None:
    found = named(sql)
    assert found is not None
    assert found.seen is seen
