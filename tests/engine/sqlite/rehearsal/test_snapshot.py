"""Snapshots of SQLite files: what differs, and what does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.sqlite.snapshot import excuse, take
from surefoot.engine.open import connect
from surefoot.engine.prepare import Project
from surefoot.engine.snapshot import Comparison, ObjectKey, Snapshot, compare
from tests.engine.sqlite.support import write

BASE = """
CREATE TABLE customers (
    id integer PRIMARY KEY AUTOINCREMENT,
    email text NOT NULL UNIQUE COLLATE nocase,
    name text DEFAULT 'nobody' CHECK (length(name) > 0),
    upper_name text AS (upper(name)) VIRTUAL,
    "order" integer
);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer integer CONSTRAINT buyer REFERENCES customers (id) ON DELETE CASCADE,
    total numeric(10, 2) NOT NULL,
    state text,
    CONSTRAINT positive CHECK (total >= 0),
    UNIQUE (customer, state)
);
CREATE TABLE tags (tag text PRIMARY KEY, orders integer) WITHOUT ROWID, STRICT;
CREATE TABLE plain (a, b text, c);
CREATE INDEX orders_state ON orders (state COLLATE nocase, total DESC) WHERE state IS NOT NULL;
CREATE INDEX customers_domain ON customers (substr(email, instr(email, '@')));
CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100;
CREATE TRIGGER orders_added AFTER INSERT ON orders BEGIN
    UPDATE customers SET "order" = new.id WHERE id = new.customer;
END;
CREATE VIRTUAL TABLE search USING fts5(title, body, tokenize = 'porter');
"""

# A change, what undoes it, and the object that it is about.
CHANGES = [
    ("CREATE TABLE more (a)", "DROP TABLE more", "table more"),
    ("CREATE TABLE more (a, b)", "DROP TABLE more", "column more.b"),
    ("CREATE TABLE More (a CHECK (a > 1))", "DROP TABLE more", "constraint More.check (a > 1)"),
    ("CREATE TABLE more (a int) STRICT", "DROP TABLE more", "table more"),
    ("CREATE TEMP TABLE more (a); CREATE TABLE more2 (b)", "DROP TABLE more; DROP TABLE more2", "table more2"),
    ("ALTER TABLE plain RENAME TO simple", "ALTER TABLE simple RENAME TO plain", "table plain"),
    ("ALTER TABLE orders RENAME TO sales", "ALTER TABLE sales RENAME TO orders", "view big_orders"),
    ("ALTER TABLE orders RENAME TO sales", "ALTER TABLE sales RENAME TO orders", "index orders_state"),
    ("ALTER TABLE orders RENAME TO sales", "ALTER TABLE sales RENAME TO orders", "trigger orders_added"),
    ("ALTER TABLE customers RENAME TO people", "ALTER TABLE people RENAME TO customers", "constraint orders.buyer"),
    ("ALTER TABLE plain RENAME COLUMN b TO bb", "ALTER TABLE plain RENAME COLUMN bb TO b", "column plain.b"),
    (
        "ALTER TABLE orders RENAME COLUMN total TO amount",
        "ALTER TABLE orders RENAME COLUMN amount TO total",
        "constraint orders.positive",
    ),
    (
        "ALTER TABLE orders RENAME COLUMN state TO status",
        "ALTER TABLE orders RENAME COLUMN status TO state",
        "index orders_state",
    ),
    ("ALTER TABLE plain ADD COLUMN d", "ALTER TABLE plain DROP COLUMN d", "column plain.d"),
    ("ALTER TABLE plain ADD COLUMN d int NOT NULL DEFAULT 1", "ALTER TABLE plain DROP COLUMN d", "column plain.d"),
    ("ALTER TABLE plain ADD COLUMN d COLLATE rtrim", "ALTER TABLE plain DROP COLUMN d", "column plain.d"),
    (
        "ALTER TABLE plain ADD COLUMN d CHECK (d < 9)",
        "ALTER TABLE plain DROP COLUMN d",
        "constraint plain.check (d < 9)",
    ),
    ("ALTER TABLE plain ADD COLUMN d AS (a + 1)", "ALTER TABLE plain DROP COLUMN d", "column plain.d"),
    ("ALTER TABLE plain DROP COLUMN c", "ALTER TABLE plain ADD COLUMN c", "column plain.c"),
    ("ALTER TABLE plain DROP COLUMN b", "ALTER TABLE plain ADD COLUMN b text", "column plain.b"),
    ("DROP TABLE plain", "CREATE TABLE plain (a, b text, c)", "column plain.a"),
    ("DROP TABLE tags", "CREATE TABLE tags (tag text PRIMARY KEY, orders integer) STRICT, WITHOUT ROWID", "table tags"),
    ("CREATE INDEX i ON plain (a)", "DROP INDEX i", "index i"),
    ("CREATE UNIQUE INDEX i ON plain (a, b)", "DROP INDEX i", "index i"),
    ("CREATE INDEX i ON plain (a) WHERE b = 'x'", "DROP INDEX i", "index i"),
    ("CREATE INDEX i ON plain (lower(b))", "DROP INDEX i", "index i"),
    (
        "DROP INDEX orders_state",
        "CREATE INDEX orders_state ON orders(state collate NOCASE ASC, total desc) where state is not null",
        "index orders_state",
    ),
    (
        "DROP INDEX customers_domain",
        "CREATE INDEX customers_domain ON customers (substr(\"email\", instr(email, '@')))",
        "index customers_domain",
    ),
    ("CREATE VIEW v AS SELECT 1 AS one", "DROP VIEW v", "view v"),
    ("CREATE VIEW v (one) AS SELECT 1", "DROP VIEW v", "view v"),
    (
        "DROP VIEW big_orders",
        "CREATE VIEW big_orders AS select id, total from orders where total > 100",
        "view big_orders",
    ),
    ("CREATE TRIGGER tr AFTER DELETE ON plain BEGIN SELECT 1; END", "DROP TRIGGER tr", "trigger tr"),
    (
        "DROP TRIGGER orders_added",
        """CREATE TRIGGER orders_added AFTER INSERT ON orders BEGIN -- the last one
        UPDATE customers SET "order" = new.id WHERE id = new.customer; END""",
        "trigger orders_added",
    ),
    ("CREATE VIRTUAL TABLE f USING fts5(x)", "DROP TABLE f", "table f"),
    ("CREATE VIRTUAL TABLE r USING rtree(id, low, high)", "DROP TABLE r", "table r"),
    (
        "DROP TABLE search",
        "CREATE VIRTUAL TABLE search USING fts5(title, body, tokenize = 'porter')",
        "table search",
    ),
    ("PRAGMA user_version = 7", "PRAGMA user_version = 0", "pragma user_version"),
    ("PRAGMA application_id = 7", "PRAGMA application_id = 0", "pragma application_id"),
    ("PRAGMA journal_mode = wal", "PRAGMA journal_mode = delete", "pragma journal_mode"),
    (
        "PRAGMA page_size = 8192; VACUUM",
        "PRAGMA page_size = 4096; VACUUM",
        "pragma page_size",
    ),
    ("PRAGMA auto_vacuum = FULL; VACUUM", "PRAGMA auto_vacuum = NONE; VACUUM", "pragma auto_vacuum"),
    (
        "CREATE TABLE n (a, b text, c NOT NULL); DROP TABLE plain; ALTER TABLE n RENAME TO plain",
        "CREATE TABLE n (a, b text, c); DROP TABLE plain; ALTER TABLE n RENAME TO plain",
        "column plain.c",
    ),
    (
        "CREATE TABLE n (a, b text, c, PRIMARY KEY (a)); DROP TABLE plain; ALTER TABLE n RENAME TO plain",
        "CREATE TABLE n (a, b text, c); DROP TABLE plain; ALTER TABLE n RENAME TO plain",
        "constraint plain.primary key (a)",
    ),
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "base.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 4096")
        connection.executescript(BASE)
        yield connection


def compared(before: Snapshot, after: Snapshot) -> Comparison:
    return compare(before, after, excuse)


def names(comparison: Comparison) -> set[str]:
    return {str(each.key) for each in comparison.differences}


@pytest.mark.parametrize(("change", "back", "about"), CHANGES)
def test_a_change_shows_and_what_undoes_it_leaves_nothing(
    database: sqlite3.Connection, change: str, back: str, about: str
) -> None:
    before = take(database)
    database.executescript(change)
    changed = take(database)
    assert about in names(compared(before, changed))
    database.executescript(back)
    after = take(database)
    assert compared(before, after).differences == ()
    assert after.fingerprint == before.fingerprint
    loose = about.startswith("pragma") and before.fingerprint == changed.fingerprint
    assert loose == about.endswith(("journal_mode", "page_size", "auto_vacuum"))


def schema(sql: str) -> Snapshot:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(sql)
        return take(connection)


SAME = [
    ("CREATE TABLE t (a int)", "create table t(\n  a int -- the a\n)"),
    ("CREATE TABLE t (a int)", 'CREATE TABLE "t" ("a" int)'),
    ("CREATE TABLE t (a int)", "CREATE TABLE [t] (`a` int)"),
    ("CREATE TABLE t (a int PRIMARY KEY)", "CREATE TABLE t (a int, PRIMARY KEY (a ASC))"),
    ("CREATE TABLE t (a, b UNIQUE)", "CREATE TABLE t (a, b, UNIQUE (b))"),
    ("CREATE TABLE t (a CHECK (a > 1))", "CREATE TABLE t (a, CHECK (A>1))"),
    ("CREATE TABLE t (a CHECK (a > 1), b)", 'CREATE TABLE t (a, b, CHECK ("a" > /* more */ 1) ON CONFLICT IGNORE)'),
    ("CREATE TABLE t (a REFERENCES p (x))", "CREATE TABLE t (a, FOREIGN KEY (a) REFERENCES p (x) ON DELETE NO ACTION)"),
    ("CREATE TABLE t (a REFERENCES p (x))", "CREATE TABLE t (a REFERENCES p (x) MATCH FULL NOT DEFERRABLE)"),
    ("CREATE TABLE t (a REFERENCES p (x))", "CREATE TABLE t (a REFERENCES p (x) DEFERRABLE INITIALLY IMMEDIATE)"),
    ("CREATE TABLE t (a NOT NULL)", "CREATE TABLE t (a NULL NOT NULL ON CONFLICT ABORT)"),
    ("CREATE TABLE t (a DEFAULT (1 + 1))", "CREATE TABLE t (a DEFAULT ( 1+1 ))"),
    ("CREATE TABLE t (a, b, UNIQUE (a), CHECK (b))", "CREATE TABLE t (a, b, CHECK (b) UNIQUE (a))"),
    ("CREATE TABLE t (a AS (1) STORED, b)", "CREATE TABLE t (a GENERATED ALWAYS AS (1) STORED, b)"),
    ("CREATE TABLE t (a); CREATE INDEX i ON t (a)", 'CREATE TABLE t (a); CREATE INDEX "i" ON "t" ("a" ASC)'),
    (
        "CREATE TABLE t (a); CREATE VIEW v AS SELECT t.a FROM t",
        'CREATE TABLE t (a); CREATE VIEW v AS SELECT "t".a FROM "t"',
    ),
]

# Each looks like its neighbour, and is another schema.
DIFFERENT = [
    ("CREATE TABLE t (a DEFAULT 'x')", "CREATE TABLE t (a DEFAULT 'X')"),
    ("CREATE TABLE t (a DEFAULT 1)", "CREATE TABLE t (a DEFAULT '1')"),
    ("CREATE TABLE t (a DEFAULT NULL)", "CREATE TABLE t (a)"),
    ("CREATE TABLE t (a int)", "CREATE TABLE t (a integer)"),
    ("CREATE TABLE t (a integer PRIMARY KEY)", "CREATE TABLE t (a int PRIMARY KEY)"),
    ("CREATE TABLE t (a integer PRIMARY KEY)", "CREATE TABLE t (a integer PRIMARY KEY DESC)"),
    ("CREATE TABLE t (a integer PRIMARY KEY)", "CREATE TABLE t (a integer PRIMARY KEY AUTOINCREMENT)"),
    ("CREATE TABLE t (a int PRIMARY KEY)", "CREATE TABLE t (a int PRIMARY KEY) WITHOUT ROWID"),
    ("CREATE TABLE t (a int)", "CREATE TABLE t (a int) STRICT"),
    ("CREATE TABLE t (a NOT NULL)", "CREATE TABLE t (a NOT NULL ON CONFLICT IGNORE)"),
    ("CREATE TABLE t (a UNIQUE)", "CREATE TABLE t (a UNIQUE ON CONFLICT REPLACE)"),
    ("CREATE TABLE t (a UNIQUE)", "CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a)"),
    ("CREATE TABLE t (a, b, UNIQUE (a, b))", "CREATE TABLE t (a, b, UNIQUE (b, a))"),
    ("CREATE TABLE t (a, b, UNIQUE (a, b))", "CREATE TABLE t (a, b, UNIQUE (a, b DESC))"),
    ("CREATE TABLE t (a, b, UNIQUE (a, b))", "CREATE TABLE t (a UNIQUE, b UNIQUE)"),
    ("CREATE TABLE t (a COLLATE nocase)", "CREATE TABLE t (a COLLATE rtrim)"),
    ("CREATE TABLE t (a CHECK (a > 1))", "CREATE TABLE t (a CHECK (a >= 1))"),
    ("CREATE TABLE t (a CHECK (a > 'x'))", "CREATE TABLE t (a CHECK (a > 'X'))"),
    ("CREATE TABLE t (a CHECK (a > x'00'))", "CREATE TABLE t (a CHECK (a > '00'))"),
    ('CREATE TABLE t (a, CHECK (a > "b"))', 'CREATE TABLE t (a, b, CHECK (a > "b"))'),
    ('CREATE TABLE t (a, "null", CHECK (a IS "null"))', 'CREATE TABLE t (a, "null", CHECK (a IS null))'),
    ("CREATE TABLE t (a CHECK (a > 1) CHECK (a > 1))", "CREATE TABLE t (a CHECK (a > 1))"),
    ("CREATE TABLE t (a CONSTRAINT x CHECK (a > 1))", "CREATE TABLE t (a CONSTRAINT y CHECK (a > 1))"),
    ("CREATE TABLE t (a REFERENCES p ON DELETE CASCADE)", "CREATE TABLE t (a REFERENCES p ON UPDATE CASCADE)"),
    ("CREATE TABLE t (a REFERENCES p ON DELETE SET NULL)", "CREATE TABLE t (a REFERENCES p ON DELETE SET DEFAULT)"),
    ("CREATE TABLE t (a REFERENCES p)", "CREATE TABLE t (a REFERENCES p DEFERRABLE INITIALLY DEFERRED)"),
    ("CREATE TABLE t (a REFERENCES p (x))", "CREATE TABLE t (a REFERENCES p (y))"),
    ("CREATE TABLE t (a, b REFERENCES p)", "CREATE TABLE t (a REFERENCES p, b)"),
    ("CREATE TABLE t (a, b AS (a))", "CREATE TABLE t (a, b AS (a) STORED)"),
    ("CREATE TABLE t (a, b AS (a + 1))", "CREATE TABLE t (a, b AS (a + 2))"),
    ("CREATE TABLE t (a, b); CREATE INDEX i ON t (a)", "CREATE TABLE t (a, b); CREATE INDEX i ON t (a DESC)"),
    ("CREATE TABLE t (a, b); CREATE INDEX i ON t (a)", "CREATE TABLE t (a, b); CREATE INDEX i ON t (a COLLATE nocase)"),
    ("CREATE TABLE t (a, b); CREATE INDEX i ON t (a)", "CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE b"),
    (
        "CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE b > 'x'",
        "CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE b > 'y'",
    ),
    ("CREATE TABLE t (a, b); CREATE INDEX i ON t (a + 1)", "CREATE TABLE t (a, b); CREATE INDEX i ON t (a + 2)"),
    ("CREATE TABLE t (a); CREATE VIEW v AS SELECT 'a' FROM t", "CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t"),
    (
        "CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t",
        "CREATE TABLE t (a); CREATE VIEW v AS SELECT a AS b FROM t",
    ),
    (
        'CREATE TABLE t (a); CREATE VIEW v AS SELECT "b" AS x FROM t',
        "CREATE TABLE t (a); CREATE VIEW v AS SELECT b AS x FROM t",
    ),
    (
        "CREATE TABLE t (a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE t (a); CREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT 1; END",
    ),
    (
        "CREATE TABLE t (a); CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t WHERE a = '1'; END",
        "CREATE TABLE t (a); CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t WHERE a = 1; END",
    ),
    ("CREATE VIRTUAL TABLE f USING fts5(a)", "CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'porter')"),
    ("PRAGMA encoding = 'UTF-8'; CREATE TABLE t (a)", "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a)"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_to_write_a_schema_are_one_and_the_excuse_shows_both(one: str, other: str) -> None:
    first, second = schema(one), schema(other)
    comparison = compared(first, second)
    assert comparison.differences == ()
    assert comparison.excuses
    assert all(each.before != each.after for each in comparison.excuses)
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_near_misses_are_differences(one: str, other: str) -> None:
    first, second = schema(one), schema(other)
    assert compared(first, second).differences != ()
    assert first.fingerprint != second.fingerprint


def test_the_order_of_columns_is_an_excuse() -> None:
    comparison = compared(schema("CREATE TABLE t (a, b)"), schema("CREATE TABLE t (b, a)"))
    assert comparison.differences == ()
    assert "the order of its columns" in [each.reason for each in comparison.excuses]


def test_a_text_that_is_not_understood_is_compared_as_a_whole(tmp_path: Path) -> None:
    """No text that SQLite accepts is known to be misread; here one is put in that does not say what the PRAGMAs say."""
    with closing(sqlite3.connect(tmp_path / "odd.db", isolation_level=None)) as connection:
        connection.executescript("CREATE TABLE t (a GENERATED ALWAYS)")
        facts = take(connection).objects[ObjectKey("table", "t")]
    assert facts["text"] == "create table t ( a generated always )"


def test_rebuilding_a_table_to_what_it_was_changes_nothing_but_its_text(database: sqlite3.Connection) -> None:
    before = take(database)
    database.executescript(
        "CREATE TABLE n (a, b text, c); INSERT INTO n SELECT * FROM plain; DROP TABLE plain;"
        "ALTER TABLE n RENAME TO plain"
    )
    comparison = compared(before, take(database))
    assert comparison.differences == ()
    assert [(str(each.key), each.before) for each in comparison.excuses] == [
        ("table plain", "CREATE TABLE plain (a, b text, c)")
    ]


def test_a_view_that_lost_its_table_is_another(database: sqlite3.Connection) -> None:
    before = take(database)
    database.executescript("DROP TABLE orders")
    differences = {str(each.key): each for each in compared(before, take(database)).differences}
    assert [change.name for change in differences["view big_orders"].facts] == ["broken", "columns"]


def test_what_sqlite_and_surefoot_keep_for_themselves_is_no_part_of_the_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/app.db"
    folder = write(tmp_path / "m", up_1="CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a);ANALYZE;")
    with connect(url) as target:
        before = target.snapshot()
        api.up(target, Project(str(folder)))
        after = target.snapshot()
    assert {str(each.key) for each in compare(before, after).differences} == {
        "table t",
        "column t.id",
        "column t.a",
        "constraint t.primary key (id)",
    }


def test_a_file_that_is_not_there_has_the_schema_of_a_new_one_and_is_not_made(tmp_path: Path) -> None:
    with connect(f"sqlite:///{tmp_path}/none.db") as target:
        absent = target.snapshot()
        assert target.sizes() == {}
    assert list(tmp_path.iterdir()) == []
    assert absent.fingerprint == schema("").fingerprint


def test_every_column_of_the_catalogue_is_compared_or_left_out_on_purpose(database: sqlite3.Connection) -> None:
    """A new SQLite that tells more than this has to be looked at."""
    known = {
        "sqlite_master": {"type", "name", "tbl_name", "rootpage", "sql"},
        "pragma_table_xinfo": {"cid", "name", "type", "notnull", "dflt_value", "pk", "hidden"},
        "pragma_index_list": {"seq", "name", "unique", "origin", "partial"},
        "pragma_index_xinfo": {"seqno", "cid", "name", "desc", "coll", "key"},
        "pragma_foreign_key_list": {"id", "seq", "table", "from", "to", "on_update", "on_delete", "match"},
        "pragma_table_list": {"schema", "name", "type", "ncol", "wr", "strict"},
    }
    for name, columns in known.items():
        argument = "" if name in ("sqlite_master", "pragma_table_list") else "('orders')"
        found = {each[0] for each in database.execute(f"SELECT * FROM {name}{argument}").description}
        assert found == columns, name
    assert {kind for (kind,) in database.execute("SELECT DISTINCT type FROM sqlite_master")} == {
        "table",
        "index",
        "view",
        "trigger",
    }


def test_names_are_quoted_as_sql_needs_them() -> None:
    found = schema('CREATE TABLE "my table" ("a.b" int, "Mixed" int, "select" int CHECK ("select" > 1.5))')
    assert set(map(str, found.objects)) >= {
        'table "my table"',
        'column "my table"."a.b"',
        'column "my table".Mixed',
        'constraint "my table".check ("select" > 1.5)',
    }
    assert found.orders == {'"my table"': ("a.b", "Mixed", "select")}
