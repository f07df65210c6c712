"""Rows of SQLite files: read, generated and loaded; and how large tables are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from surefoot.engine.dialects.sqlite.shadow import SqliteShadow
from surefoot.engine.dialects.sqlite.sizes import sizes
from surefoot.engine.open import connect
from surefoot.engine.rows import TableRows, losses, moved
from surefoot.errors import ShadowFailed, Unreachable

SHOP = """
CREATE TABLE customers (
    id integer PRIMARY KEY AUTOINCREMENT,
    email text NOT NULL UNIQUE COLLATE nocase CHECK (email LIKE '%_@_%'),
    born date,
    plan varchar(8) NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'paid'))
);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customers ON DELETE CASCADE,
    parent int REFERENCES orders (id),
    total decimal(8, 2) NOT NULL CHECK (total > 0 AND total < 5000),
    seats int CHECK (seats BETWEEN 1 AND 9),
    paid boolean,
    at timestamp NOT NULL DEFAULT current_timestamp,
    doubled AS (total * 2) STORED
);
CREATE TABLE lines (
    orders integer NOT NULL REFERENCES orders, number int NOT NULL, "what is it" json, data blob,
    PRIMARY KEY (orders, number)
) WITHOUT ROWID;
CREATE TABLE strictly (k text PRIMARY KEY, i int NOT NULL, r real, b blob NOT NULL, a any) STRICT;
CREATE TABLE untyped (a, b);
CREATE TABLE audit (what text);
CREATE VIRTUAL TABLE search USING fts5(email);
CREATE VIRTUAL TABLE outside USING fts5(email, content = 'customers', content_rowid = 'id');
CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);
CREATE TRIGGER audited AFTER INSERT ON orders BEGIN INSERT INTO audit VALUES ('order ' || new.id); END;
"""


def run(shadow: SqliteShadow, sql: str) -> None:
    with closing(sqlite3.connect(shadow.target.query("PRAGMA database_list")[0][2])) as connection:
        connection.executescript(sql)


def held(shadow: SqliteShadow, sql: str) -> dict[str, TableRows]:
    run(shadow, sql)
    return dict(shadow.read_rows())


def test_every_table_that_takes_rows_gets_them_and_the_others_are_named(shadow: SqliteShadow) -> None:
    run(shadow, SHOP)
    failed = shadow.fill(6, "seed")
    assert {each.table for each in failed} == {"outside", "boxes"}
    assert all("virtual table" in each.reason for each in failed)
    counts = {name: rows.count for name, rows in shadow.read_rows().items()}
    filled = ("customers", "orders", "lines", "strictly", "untyped", "search")
    assert {name: counts[name] for name in filled} == dict.fromkeys(filled, 6)
    assert shadow.target.query("PRAGMA foreign_key_check") == []
    assert shadow.target.query("PRAGMA integrity_check") == [("ok",)]


def test_the_same_seed_gives_the_same_rows_and_more_of_them_go_on(shadow: SqliteShadow) -> None:
    run(shadow, SHOP)
    shadow.save()
    shadow.fill(4, "seed")
    first = shadow.read_rows(["orders", "customers", "lines", "strictly"])
    shadow.restore()
    shadow.fill(4, "seed")
    assert shadow.read_rows(["orders", "customers", "lines", "strictly"]) == first
    shadow.fill(3, "other", ["customers"])
    assert {name: rows.count for name, rows in shadow.read_rows().items() if name in ("customers", "orders")} == {
        "customers": 7,
        "orders": 4,
    }


def test_plain_rows_hold_no_null(shadow: SqliteShadow) -> None:
    run(shadow, SHOP)
    shadow.fill(4, "seed", plain=True)
    rows = shadow.read_rows(["orders"])["orders"].rows or ()
    assert len(rows) == 4
    assert all(value is not None for row in rows for name, value in zip("icptspad", row, strict=True) if name != "p")


def test_a_table_that_refuses_every_row_is_named_with_the_reason(shadow: SqliteShadow) -> None:
    run(
        shadow,
        """CREATE TABLE never (a CHECK (a IS NULL AND a IS NOT NULL));
        CREATE TABLE guarded (a);
        CREATE TRIGGER no AFTER INSERT ON guarded BEGIN SELECT RAISE(ABORT, 'not today'); END;
        CREATE TABLE fine (a);""",
    )
    failed = {each.table: each.reason for each in shadow.fill(2, "seed")}
    assert set(failed) == {"never", "guarded"}
    assert "CHECK constraint failed" in failed["never"]
    assert "not today" in failed["guarded"]
    assert shadow.read_rows()["fine"].count == 2


def test_a_foreign_key_that_no_row_can_keep_is_passed_over(shadow: SqliteShadow) -> None:
    run(
        shadow,
        """CREATE TABLE p (k text);
        CREATE TABLE lost (x NOT NULL REFERENCES p (nix));
        CREATE TABLE gone (x REFERENCES nowhere);
        CREATE TABLE fine (a);""",
    )
    assert shadow.fill(2, "seed") == ()
    assert {rows.count for rows in shadow.read_rows().values()} == {2}


def test_values_that_differ_read_as_different_texts(shadow: SqliteShadow) -> None:
    values = [
        "1",
        "'1'",
        "1.0",
        "x'31'",
        "NULL",
        "''",
        "x''",
        "'NULL'",
        "0.1 + 0.2",
        "0.3",
        "9007199254740993",
        "1e400",
    ]
    values += ["'a' || char(0) || 'b'", "'a'", "CAST(x'ff' AS text)", "'\ufffd'", "'it''s'", "-0.5"]
    run(shadow, f"CREATE TABLE t (a); INSERT INTO t VALUES {', '.join(f'({value})' for value in values)};")
    texts = [row[0] for row in shadow.read_rows()["t"].rows or ()]
    assert len(set(texts)) == len(values)
    assert texts[:6] == ["1", "'1'", "1.0", "X'31'", None, "''"]
    assert texts[-1] == "-0.5"
    assert "CAST(X'ff' AS TEXT)" in texts


def test_a_large_table_is_kept_as_sums_that_show_every_change(shadow: SqliteShadow) -> None:
    before = held(
        shadow,
        """CREATE TABLE t (id integer PRIMARY KEY, a, b);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)
        INSERT INTO t SELECT i, i % 7, 'x' || (i % 5) FROM n;""",
    )
    assert (before["t"].count, before["t"].rows) == (700, None)
    assert losses(before, dict(shadow.read_rows())) == []
    shadow.save()
    for change, columns in (
        ("UPDATE t SET a = '3' WHERE id = 3", ("a",)),
        ("UPDATE t SET b = NULL WHERE id = 700", ("b",)),
        ("UPDATE t SET a = 8 - a WHERE a IN (3, 5) AND id < 13", ()),
        ("DELETE FROM t WHERE id = 1", ()),
    ):
        (loss,) = losses(before, held(shadow, change))
        assert loss.table == "t"
        assert not columns or loss.columns == columns
        shadow.restore()


def test_values_that_change_places_are_a_loss_in_a_large_table(shadow: SqliteShadow) -> None:
    before = held(
        shadow,
        """CREATE TABLE t (id integer PRIMARY KEY, a);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
        INSERT INTO t SELECT i, i FROM n;""",
    )
    assert losses(before, held(shadow, "UPDATE t SET a = 3 - a WHERE id < 3")) != []


def test_a_position_is_a_sequence_that_may_go_on_and_not_back(shadow: SqliteShadow) -> None:
    run(shadow, "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a)")
    before = held(shadow, "INSERT INTO t (a) VALUES (1), (2), (3); DELETE FROM t WHERE id > 1;")
    assert before["sqlite_sequence.t"].rows == (("3",),)
    on = held(shadow, "INSERT INTO t (a) VALUES (4)")
    assert moved(before, on) == ["sqlite_sequence.t"]
    rebuilt = held(
        shadow,
        """CREATE TABLE n (id integer PRIMARY KEY AUTOINCREMENT, a); INSERT INTO n SELECT * FROM t WHERE id = 1;
        DROP TABLE t; ALTER TABLE n RENAME TO t;""",
    )
    assert [str(loss.table) for loss in losses(before, rebuilt)] == ["sqlite_sequence.t"]


def test_what_sqlite_and_surefoot_keep_is_not_read(shadow: SqliteShadow) -> None:
    run(shadow, "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('x'); CREATE TABLE surefoot_history (a);")
    run(shadow, "CREATE TABLE t (a); ANALYZE; CREATE VIEW v AS SELECT 1;")
    assert {name: rows.columns for name, rows in shadow.read_rows().items()} == {
        "f": ("rowid", "a", "(index)"),
        "t": ("a",),
    }
    assert set(shadow.read_rows(["t", "nix"])) == {"t"}


def test_a_file_of_sql_gives_rows(shadow: SqliteShadow, tmp_path: Path) -> None:
    run(shadow, "CREATE TABLE t (a, b)")
    (tmp_path / "seed.sql").write_text(
        "BEGIN;\nINSERT INTO t VALUES (1, 'x; y');\nINSERT INTO t VALUES (2, NULL);\nCOMMIT;"
    )
    shadow.load(str(tmp_path / "seed.sql"))
    assert shadow.read_rows()["t"].rows == (("1", "'x; y'"), ("2", None))
    with pytest.raises(ShadowFailed, match=r"none\.sql cannot be read"):
        shadow.load(str(tmp_path / "none.sql"))


def test_the_rows_of_another_file_are_taken_table_by_table(shadow: SqliteShadow, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "real.db")) as connection:
        connection.executescript(SHOP + "CREATE TABLE extra (a); ALTER TABLE untyped DROP COLUMN b;")
        connection.executescript(
            """INSERT INTO customers (id, email) VALUES (7, 'ada@example.com');
            INSERT INTO orders (customer, total) VALUES (7, 2.5);
            INSERT INTO search VALUES ('ada'); INSERT INTO untyped VALUES (x'00'); INSERT INTO extra VALUES (1);"""
        )
    run(shadow, SHOP + "CREATE TABLE added (a);")
    before = shadow.snapshot()
    shadow.load(f"sqlite:///{tmp_path}/real.db")
    rows = shadow.read_rows()
    assert rows["audit"].rows == (("'order 1'",),)
    assert rows["search"].rows == (("1", "'ada'", "'email:0 ada'"),)
    assert rows["untyped"].rows == (("X'00'", None),)
    assert shadow.target.query("SELECT rowid FROM search WHERE search MATCH 'ada'") == [(1,)]
    assert shadow.notes == (f"sqlite:///{tmp_path}/real.db has no table added: it begins without rows.",)
    assert shadow.snapshot() == before


def test_rows_that_do_not_fit_are_refused_whole(shadow: SqliteShadow, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "real.db")) as connection:
        connection.executescript("CREATE TABLE a (x); CREATE TABLE t (a); INSERT INTO t VALUES (1), (1);")
    run(shadow, "CREATE TABLE a (x); INSERT INTO a VALUES (5); CREATE TABLE t (a UNIQUE)")
    with pytest.raises(ShadowFailed, match=r"The rows of t in .* UNIQUE constraint failed: t\.a"):
        shadow.load(f"sqlite:///{tmp_path}/real.db")
    assert shadow.read_rows()["a"].count == 1
    with pytest.raises(ShadowFailed, match="does not exist"):
        shadow.load(f"sqlite:///{tmp_path}/none.db")
    (tmp_path / "text.db").write_text("this is no database at all, but it is long enough " * 30)
    with pytest.raises(Unreachable, match="not a database"):
        shadow.load(f"sqlite:///{tmp_path}/text.db")


def test_sizes_have_bytes_and_rows_only_where_somebody_counted(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        connection.executescript(
            """CREATE TABLE t (id integer PRIMARY KEY, a text); CREATE INDEX i ON t (a); CREATE TABLE "my own" (a);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            INSERT INTO t SELECT i, 'some text ' || i FROM n;"""
        )
        found = sizes(connection)
        assert set(found) == {"t", '"my own"'}
        assert found["t"].total_bytes > found["t"].table_bytes > 20_000
        assert found["t"].rows is None
        connection.execute("ANALYZE")
        connection.commit()
    with connect(f"sqlite:///{tmp_path}/app.db") as target:
        assert target.sizes()["t"].rows == 1000
        assert target.sizes()['"my own"'].rows is None


def test_what_triggers_wrote_is_read_with_the_tables_that_were_filled(shadow: SqliteShadow) -> None:
    run(shadow, SHOP)
    shadow.fill(3, "seed")
    assert shadow.read_rows(["orders"])["audit"].count == 6


def test_a_full_text_index_shows_by_which_words_it_finds_each_row(shadow: SqliteShadow) -> None:
    run(
        shadow,
        """CREATE TABLE doc (id integer PRIMARY KEY, body); INSERT INTO doc VALUES (7, 'one two'), (8, 'two');
        CREATE VIRTUAL TABLE five USING fts5(body, content = 'doc', content_rowid = 'id');
        INSERT INTO five (rowid, body) VALUES (8, 'two');
        CREATE VIRTUAL TABLE four USING fts4(body); INSERT INTO four (docid, body) VALUES (3, 'one "two" one');
        CREATE VIRTUAL TABLE bare USING fts5(body, content = ''); INSERT INTO bare (rowid, body) VALUES (5, 'one');""",
    )
    rows = shadow.read_rows()
    assert rows["five"].rows == (("7", "'one two'", "''"), ("8", "'two'", "'body:0 two'"))
    assert rows["four"].rows == (("3", "'one \"two\" one'", "'one, two'"),)
    assert rows["bare"].rows == (("5", None, "'body:0 one'"),)
    run(shadow, "DROP TABLE doc")
    assert shadow.read_rows()["five"].rows == (("8", "'body:0 two'"),)


def test_autoincrement_stands_behind_the_last_row_and_stays_there(shadow: SqliteShadow) -> None:
    run(shadow, SHOP)
    shadow.fill(3, "seed")
    before = shadow.read_rows(["customers"])
    shadow.fill(2, "after", ["customers"])
    after = shadow.read_rows(["customers"])
    assert [row[0] for row in after["customers"].rows or ()] == ["1", "2", "3", "4", "5"]
    assert int((before["sqlite_sequence.customers"].rows or ((None,),))[0][0] or 0) > 5
    assert after["sqlite_sequence.customers"] == before["sqlite_sequence.customers"]
