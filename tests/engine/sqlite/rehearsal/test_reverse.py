"""Generated ways back, each of them run on a file that has rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.shadow import Reversal
from surefoot.engine.dialects.sqlite.shadow import SqliteShadow
from surefoot.engine.prepare import Project, Wish
from surefoot.engine.rows import TableRows, losses
from surefoot.engine.snapshot import compare
from tests.engine.sqlite.support import write

BASE = """
CREATE TABLE customers (
    id integer PRIMARY KEY AUTOINCREMENT,
    email text NOT NULL UNIQUE COLLATE nocase,
    name text DEFAULT 'nobody' CHECK (name <> ''),
    shout text AS (upper(name)) VIRTUAL
);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer integer REFERENCES customers (id) ON DELETE CASCADE,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    state text,
    CONSTRAINT positive CHECK (total >= 0 OR total < 0)
);
CREATE TABLE notes (text, "a b" int);
CREATE TABLE tags (tag text PRIMARY KEY, weight real NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID;
CREATE INDEX orders_state ON orders (state, total DESC) WHERE state IS NOT NULL;
CREATE INDEX customers_name ON customers (lower(name));
CREATE VIEW big AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer;
CREATE TRIGGER ordered AFTER INSERT ON orders BEGIN INSERT INTO notes (text) VALUES (new.id); END;
CREATE TRIGGER renamed AFTER UPDATE OF name ON customers BEGIN DELETE FROM notes; END;
CREATE VIRTUAL TABLE search USING fts5(body);
"""


def rehearse(shadow: SqliteShadow, tmp_path: Path, up: str) -> tuple[Reversal, Mapping[str, TableRows]]:
    """Apply a migration, run the generated way back as a step, and compare; gives what was generated, and old rows."""
    first = Project(str(write(tmp_path / "first", up_1=BASE)))
    api.up(shadow.target, first)
    shadow.fill(4, "seed")
    # Its last row is gone, so that AUTOINCREMENT stands behind the others.
    shadow.target.query("DELETE FROM customers WHERE id = (SELECT max(id) FROM customers)")
    shadow.target.query("DELETE FROM orders WHERE customer NOT IN (SELECT id FROM customers)")
    before, rows = shadow.snapshot(), shadow.read_rows()
    api.up(shadow.target, Project(str(write(tmp_path / "first", up_2=up))))
    reversal = shadow.reverse(before, shadow.snapshot())
    down = ";\n".join(reversal.statements) + ";"
    api.down(shadow.target, Project(str(write(tmp_path / "first", down_2=down))), Wish(steps=1, use_file=True))
    assert compare(before, shadow.snapshot(), shadow.excuse).differences == ()
    return reversal, rows


@pytest.mark.parametrize(
    "up",
    [
        """CREATE TABLE more (a REFERENCES orders); CREATE INDEX more_a ON more (a);
        CREATE VIEW more_v AS SELECT * FROM more; CREATE TRIGGER more_t AFTER INSERT ON more BEGIN SELECT 1; END""",
        "ALTER TABLE orders ADD COLUMN paid int NOT NULL DEFAULT 0; CREATE INDEX orders_paid ON orders (paid)",
        "ALTER TABLE orders ADD COLUMN due REFERENCES customers (id)",
        "ALTER TABLE notes ADD COLUMN c int CHECK (c > 0)",
        "ALTER TABLE notes ADD COLUMN c int; ALTER TABLE notes ADD COLUMN d AS (c + 1)",
        "DROP INDEX orders_state",
        "DROP INDEX orders_state; CREATE INDEX orders_state ON orders (state)",
        "DROP INDEX customers_name; CREATE UNIQUE INDEX customers_mail ON customers (email, name)",
        "DROP VIEW big",
        "DROP VIEW big; CREATE VIEW big AS SELECT 1 AS one",
        "DROP TRIGGER ordered",
        "DROP TRIGGER ordered; CREATE TRIGGER ordered BEFORE INSERT ON orders BEGIN SELECT 1; END",
        "ALTER TABLE orders RENAME TO sales",
        "ALTER TABLE customers RENAME TO people; ALTER TABLE people RENAME COLUMN name TO full_name",
        "ALTER TABLE orders RENAME COLUMN total TO amount",
        'ALTER TABLE notes RENAME COLUMN "a b" TO ab',
        "ALTER TABLE notes RENAME TO remarks; ALTER TABLE tags RENAME TO labels",
        "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('x')",
        "PRAGMA user_version = 5; PRAGMA application_id = 6",
        "PRAGMA journal_mode = wal",
        # Rebuilds.
        """DROP TRIGGER ordered; DROP TRIGGER renamed;
        CREATE TABLE n (text NOT NULL DEFAULT '', "a b" int CHECK ("a b" IS NULL OR 1));
        INSERT INTO n SELECT coalesce(text, '-'), "a b" FROM notes; DROP TABLE notes; ALTER TABLE n RENAME TO notes""",
        """DROP VIEW big; CREATE TABLE n (id integer PRIMARY KEY, customer integer, total numeric(10, 2), state text);
        INSERT INTO n SELECT * FROM orders; DROP TABLE orders; ALTER TABLE n RENAME TO orders""",
        """DROP VIEW big; CREATE TABLE n (id integer PRIMARY KEY AUTOINCREMENT, email text, name text, shout text);
        INSERT INTO n SELECT * FROM customers;
        UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'customers') WHERE name = 'n';
        DROP TABLE customers; ALTER TABLE n RENAME TO customers""",
        """CREATE TABLE n (tag text PRIMARY KEY, weight real NOT NULL DEFAULT 1); INSERT INTO n SELECT * FROM tags;
        DROP TABLE tags; ALTER TABLE n RENAME TO tags""",
    ],
)
def test_the_way_back_restores_schema_and_rows(shadow: SqliteShadow, tmp_path: Path, up: str) -> None:
    reversal, rows = rehearse(shadow, tmp_path, up)
    assert (reversal.missing, reversal.losses) == ((), ())
    lost = losses(rows, shadow.read_rows())
    # One of the migrations writes to rows itself, which nothing in the schema shows.
    assert {loss.table for loss in lost} == ({"notes"} if "coalesce" in up else set())


@pytest.mark.parametrize(
    ("up", "lost"),
    [
        ("DROP TABLE orders", {"table orders"}),
        ("DROP TABLE orders; DROP TABLE customers", {"table customers", "table orders"}),
        ("DROP TABLE search", {"table search"}),
        ("ALTER TABLE notes DROP COLUMN text", {"column notes.text"}),
        ("ALTER TABLE customers DROP COLUMN shout", {"column customers.shout"}),
        ("DROP INDEX orders_state; ALTER TABLE orders DROP COLUMN state", {"column orders.state"}),
    ],
)
def test_what_nothing_brings_back_is_named(shadow: SqliteShadow, tmp_path: Path, up: str, lost: set[str]) -> None:
    reversal, _ = rehearse(shadow, tmp_path, up)
    assert {str(key) for key in reversal.losses} == lost
    assert reversal.missing == ()


def test_a_row_id_that_others_refer_to_is_kept(shadow: SqliteShadow, tmp_path: Path) -> None:
    api.up(shadow.target, Project(str(write(tmp_path / "m", up_1="CREATE TABLE notes (text, a int)"))))
    shadow.target.query("INSERT INTO notes (rowid, text) VALUES (5, 'five'), (9, 'nine')")
    before = shadow.snapshot()
    shadow.target.query("ALTER TABLE notes ADD COLUMN b REFERENCES notes")
    for sql in shadow.reverse(before, shadow.snapshot()).statements:
        shadow.target.query(sql)
    assert shadow.target.query("SELECT rowid, text FROM notes") == [(5, "five"), (9, "nine")]


def test_what_has_no_value_to_come_back_with_is_left_to_a_person(shadow: SqliteShadow, tmp_path: Path) -> None:
    shadow.target.query("CREATE TABLE t (a, b NOT NULL)")
    before = shadow.snapshot()
    shadow.target.query("ALTER TABLE t DROP COLUMN b")
    reversal = shadow.reverse(before, shadow.snapshot())
    assert reversal.statements == ()
    assert [(str(key), why) for key, why in reversal.missing] == [
        ("column t.b", "it is NOT NULL without a default: say what the rows get")
    ]


def test_how_the_file_is_laid_out_is_left_to_a_person(shadow: SqliteShadow) -> None:
    shadow.target.query("CREATE TABLE t (a)")
    before = shadow.snapshot()
    shadow.target.query("PRAGMA page_size = 8192")
    shadow.target.query("VACUUM")
    reversal = shadow.reverse(before, shadow.snapshot())
    assert [str(key) for key, _ in reversal.missing] == ["pragma page_size"]


def test_nothing_is_done_where_only_the_text_is_another(shadow: SqliteShadow) -> None:
    shadow.target.query("CREATE TABLE t (a)")
    before = shadow.snapshot()
    for sql in ("CREATE TABLE n (a)", "DROP TABLE t", "ALTER TABLE n RENAME TO t"):
        shadow.target.query(sql)
    assert shadow.reverse(before, shadow.snapshot()).statements == ()
