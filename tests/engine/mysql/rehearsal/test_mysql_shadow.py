"""A shadow database on MariaDB: what it begins with, how it goes back, and what it never touches."""

from __future__ import annotations

import pytest

from surefoot.engine.dialects.mysql.shadow import MysqlShadow
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.open import connect
from surefoot.engine.snapshot import compare
from surefoot.errors import ShadowFailed
from tests.engine.mysql.rehearsal.schema import RICH
from tests.engine.mysql.rehearsal.shadows import run, shadow

ROWS = """
INSERT INTO customers (email, name, born, balance, kind, flags, data, packed, token, hidden) VALUES
    ('a@x', 'Ann', '2000-02-29', 0.10, 'person', 'a,c', '{"a": 1}', 'x''\\\\y', x'00ff', NULL),
    ('b@x', 'Bjørn', NULL, 12.34, 'firm', '', NULL, NULL, NULL, 3);
INSERT INTO orders (customer, parent, place, at, total) VALUES
    (50, NULL, POINT(1, 2), '2024-01-01 10:00:00.123', 0.1), (51, 1, POINT(3, 4), '2024-01-01', 1e300);
INSERT INTO prices VALUES (1, 1.5, 'x');
UPDATE prices SET price = 2.5;
INSERT INTO readings VALUES (1, 2000, 0.1), (2, 2030, 3.4e38);
INSERT INTO log VALUES ('line 1\\nline 2');
SELECT NEXTVAL(numbers);
CREATE TABLE odd (b bit(64), s set('a','b','c'), y year, t timestamp(6) NULL, d datetime, u char(3) CHARACTER SET ucs2,
    l varchar(9) CHARACTER SET latin1, f float, g double, n decimal(40,10), e enum('x','y'), i bigint unsigned, v inet6,
    id uuid, tm time(3), bl blob);
SET sql_mode = '';
INSERT INTO odd VALUES (18446744073709551615, 5, 0, '2024-03-31 02:30:00.1',
    '0000-00-00', 'äöü', 'äöü', 0.1, 0.1, 123456789012345678901234567890.1234567891, 'z', 18446744073709551615, '::1',
    '123e4567-e89b-12d3-a456-426655440000', '-838:59:59.000', x'00');
SET sql_mode = DEFAULT;
"""


def _everything(url: str) -> list[object]:
    """Every row and every position of a database, read without any of Surefoot's code for it."""
    with connect(url) as target:
        tables = [row[0] for row in target.query("SHOW FULL TABLES WHERE table_type IN ('BASE TABLE', 'SEQUENCE')")]
        found: list[object] = []
        for table in tables:
            past = " FOR SYSTEM_TIME ALL" if table == "prices" else ""
            rows = target.query(f"SELECT * FROM `{table}`{past}")
            found.append((table, sorted(map(repr, rows))))
        return found


def _counters(made: MysqlShadow) -> dict[str, object]:
    """The next number of each table."""
    query = "SELECT table_name, auto_increment FROM information_schema.TABLES WHERE table_schema = DATABASE()"
    return {str(table): counter for table, counter in made.target.query(query) if counter is not None}


def _url(mariadb_url: str, made: MysqlShadow) -> str:
    return mariadb_url.rpartition("/")[0] + "/" + made.label.rpartition("/")[2]


def test_without_any_url_the_error_says_what_to_give() -> None:
    with pytest.raises(ShadowFailed, match="no embedded server") as error:
        MysqlShadow(Place())
    assert "shadow_url" in error.value.hint


def test_an_empty_shadow_is_empty_and_gone_when_it_is_closed(mariadb_url: str) -> None:
    with shadow(Place(target_url=mariadb_url)) as made:
        assert {key.kind for key in made.snapshot().objects} == {"schema"}
        made.target.query("CREATE TABLE t (id int)")
        name = made.label.rpartition("/")[2]
    with connect(mariadb_url) as target:
        assert target.query("SHOW TABLES") == []
        assert target.query("SHOW DATABASES LIKE %s", (name,)) == []


def test_a_server_can_be_given_without_a_database(mariadb_url: str) -> None:
    with shadow(Place(shadow_url=mariadb_url.rpartition("/")[0])) as made:
        made.target.query("CREATE TABLE t (id int)")
        assert made.snapshot().orders == {"t": ("id",)}


def test_the_copy_of_a_schema_is_the_same_schema_without_its_rows(mariadb_url: str) -> None:
    with connect(mariadb_url) as target:
        run(target, RICH + ROWS)
        run(target, "CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DISABLE DO DELETE FROM log")
        run(target, "SET sql_mode = 'ANSI_QUOTES'; CREATE PROCEDURE quoted() SELECT \"id\" FROM customers")
        run(target, "SET NAMES latin1; CREATE VIEW latin AS SELECT 'x' AS x; SET NAMES utf8mb4")
        run(target, "ALTER DATABASE COLLATE utf8mb4_unicode_ci; CREATE FUNCTION f(a varchar(9)) RETURNS int RETURN 1")
        real = target.snapshot()
        with shadow(Place(target_url=mariadb_url, copy_schema=True)) as made:
            copy = made.snapshot()
            assert compare(real, copy).differences == ()
            assert copy.fingerprint == real.fingerprint
            assert made.target.query("SELECT COUNT(*) FROM customers") == [(0,)]
            assert made.notes == ()


def test_a_state_comes_back_exactly(mariadb_url: str) -> None:
    with shadow(Place(target_url=mariadb_url)) as made:
        run(made.target, RICH + ROWS)
        made.save()
        schema, rows = made.snapshot(), _everything(_url(mariadb_url, made))
        run(
            made.target,
            """
            DELETE FROM orders ORDER BY id DESC; DROP VIEW big_firms; ALTER TABLE customers DROP COLUMN born, ADD x int;
            DROP TRIGGER before_order; INSERT INTO prices VALUES (2, 1, ''); ALTER TABLE readings REMOVE PARTITIONING;
            UPDATE log SET line = 'x'; CREATE TABLE more (id int); DROP PROCEDURE note; SELECT NEXTVAL(numbers);
            ALTER EVENT nightly DISABLE; ALTER DATABASE COLLATE utf8mb4_bin; UPDATE odd SET f = f + 1, b = 0;
            CREATE SEQUENCE other; DROP FUNCTION twice
            """,
        )
        assert compare(schema, made.snapshot()).differences
        made.restore()
        assert compare(schema, made.snapshot()).differences == ()
        assert made.snapshot() == schema
        assert _everything(_url(mariadb_url, made)) == rows
        run(made.target, "DROP TABLE orders, customers, prices")
        counters = {"customers": 52, "orders": 3}
        made.restore()
        assert _counters(made) == counters
        assert made.snapshot() == schema
        assert _everything(_url(mariadb_url, made)) == rows


def test_a_state_comes_back_where_nothing_but_rows_changed(mariadb_url: str) -> None:
    with shadow(Place(target_url=mariadb_url)) as made:
        run(made.target, RICH + ROWS)
        made.save()
        rows = _everything(_url(mariadb_url, made))
        run(
            made.target,
            "INSERT INTO customers (email) VALUES ('c'); INSERT INTO log VALUES ('z'); UPDATE orders SET total = 0",
        )
        made.restore()
        assert _everything(_url(mariadb_url, made)) == rows


def test_what_the_session_held_is_gone_after_going_back(mariadb_url: str) -> None:
    with shadow(Place(target_url=mariadb_url)) as made:
        made.save()
        run(made.target, "CREATE TEMPORARY TABLE t (id int); SET @x = 1, SESSION sql_mode = 'ANSI'")
        made.restore()
        assert made.target.query("SELECT @x, @@sql_mode LIKE %s", ("%ANSI%",)) == [(None, 0)]
        with pytest.raises(Exception, match="doesn't exist"):
            made.target.query("SELECT * FROM t")
