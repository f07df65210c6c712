"""A shadow database on MariaDB: what it begins with, how it goes back, and what it never touches."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.engine.dialects.mysql.shadow import MysqlShadow
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.target import Target
from surefoot.engine.open import connect
from surefoot.engine.snapshot import Change, compare
from surefoot.errors import ShadowFailed, Unreachable
from tests.databases import Databases
from tests.engine.mysql.rehearsal.schema import RICH
from tests.engine.mysql.rehearsal.shadows import run, shadow, statements

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


@pytest.fixture
def target(mariadb_url: str) -> Iterator[Target]:
    """A session on the real target."""
    with connect(mariadb_url) as opened:
        yield opened


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


def test_what_a_killed_rehearsal_left_is_cleared_away_and_a_living_one_is_not(mariadb_url: str) -> None:
    code = f"""
import time
from surefoot.engine.dialects.mysql.shadow import MysqlShadow
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.target import Target
made = MysqlShadow(Place(target_url={mariadb_url!r}))
made.open()
made.target.query("CREATE TABLE t (id int)")
print(made.label.rpartition("/")[2], flush=True)
time.sleep(600)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    with connect(mariadb_url) as target:
        with shadow(Place(target_url=mariadb_url)):
            assert target.query("SHOW DATABASES LIKE %s", (name,)) == [(name,)]
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        # The server takes a moment to notice that nobody is there any more.
        while target.query("SELECT IS_FREE_LOCK(%s)", (name,)) == [(0,)]:
            time.sleep(0.05)
        with shadow(Place(target_url=mariadb_url)):
            assert target.query("SHOW DATABASES LIKE %s", (name,)) == []


def test_a_user_who_may_make_no_database_is_told_which_privilege_is_missing(target: Target, mariadb_url: str) -> None:
    [(name,)] = target.query("SELECT DATABASE()")
    user = f"u_{name[-8:]}"
    run(target, f"CREATE USER {user} IDENTIFIED BY 'x'; GRANT ALL ON {name}.* TO {user}")
    weak = Place(target_url=mariadb_url.replace("surefoot:surefoot@", f"{user}:x@"))
    with pytest.raises(ShadowFailed, match=f"on {user}@%'s server: Access denied") as error, shadow(weak):
        pass
    run(target, error.value.hint.partition(";")[0])
    with shadow(weak) as made:
        made.target.query("CREATE TABLE t (id int)")
        assert made.snapshot().orders == {"t": ("id",)}
    run(target, f"DROP USER {user}")


def test_a_server_that_does_not_answer_is_named(mariadb_url: str) -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/"), shadow(Place(shadow_url="mysql://u:p@127.0.0.1:1/x")):
        pass


def test_a_shadow_whose_session_was_killed_still_goes(target: Target, mariadb_url: str) -> None:
    with shadow(Place(target_url=mariadb_url)) as made:
        name = made.label.rpartition("/")[2]
        target.query("KILL %s", (target.query("SELECT IS_USED_LOCK(%s)", (name,))[0][0],))
    assert target.query("SHOW DATABASES LIKE %s", (name,)) == []


def test_a_dump_is_run_as_it_is(target: Target, mariadb_url: str, tmp_path: Path) -> None:
    run(target, RICH.replace("DEFAULT nextval(numbers)", "DEFAULT 1"))
    dump = tmp_path / "dump.sql"
    dump.write_text(target.dump())
    with shadow(Place(target_url=mariadb_url, dump=dump)) as made:
        differences = compare(target.snapshot(), made.snapshot()).differences
    # Definers, and the collation of the database, are no part of a dump.
    kinds = {difference.key.kind for difference in differences}
    assert kinds <= {"schema", "view", "procedure", "function", "trigger", "event"}
    assert not [each for each in differences if each.change is not Change.CHANGED]


def test_definers_are_kept_and_the_migrator_is_whoever_connects(target: Target, mariadb_url: str) -> None:
    run(
        target,
        "CREATE VIEW mine AS SELECT 1 AS x; CREATE DEFINER=root@localhost VIEW theirs AS SELECT 2 AS x;"
        "CREATE DEFINER=root@localhost PROCEDURE p() SELECT 1",
    )
    [(name,)] = target.query("SELECT DATABASE()")
    user = f"u_{name[-8:]}"
    run(target, rf"CREATE USER {user} IDENTIFIED BY 'x'; GRANT ALL ON `surefoot\_shadow\_%`.* TO {user}")
    other = mariadb_url.replace("surefoot:surefoot@", f"{user}:x@").rpartition("/")[0]
    with shadow(Place(target_url=mariadb_url, copy_schema=True)) as made:
        assert made.snapshot().fingerprint == target.snapshot().fingerprint
    with shadow(Place(target_url=mariadb_url, shadow_url=other, copy_schema=True)) as made:
        definers = {str(key): facts["definer"] for key, facts in made.snapshot().objects.items() if "definer" in facts}
        assert definers == dict.fromkeys(["view mine", "view theirs", "procedure p"], "(migrator)")
        assert made.notes == (
            "The procedure p belongs to root@localhost on the target.",
            "The view theirs belongs to root@localhost on the target.",
        )
    run(target, f"DROP USER {user}")


@pytest.fixture
def own_server_url() -> Iterator[str]:
    """A fresh database on a server of its own, whose settings a test may change."""
    root = Path(tempfile.mkdtemp(prefix="surefoot-events-"))
    root.chmod(0o755)
    own = Databases(root)
    try:
        with own.mariadb() as url:
            yield url
    finally:
        own.close()


def test_events_of_the_target_do_not_run_on_the_shadow(own_server_url: str) -> None:
    place = Place(target_url=own_server_url, copy_schema=True)
    with connect(own_server_url) as target:
        run(target, "CREATE TABLE t (id int); CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO t VALUES (1)")
        run(target, "SET GLOBAL event_scheduler = ON")
        with shadow(place) as made:
            made.save()
            run(made.target, "DROP EVENT e")
            made.restore()
            time.sleep(1.5)
            assert made.target.query("SELECT COUNT(*) FROM t") == [(0,)]
            assert compare(target.snapshot(), made.snapshot()).differences == ()
            with pytest.raises(ShadowFailed, match="runs events"):
                made.check(statements("CREATE EVENT f ON SCHEDULE EVERY 1 DAY DO DELETE FROM t"))
            made.check(statements("CREATE EVENT f ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM t"))


COPIES = [
    ("CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW INSERT INTO {db}.t2 VALUES (1)", "trigger x"),
    ("CREATE PROCEDURE x() DELETE FROM `{db}` . `t`", "procedure x"),
    ("CREATE FUNCTION x() RETURNS int RETURN (SELECT COUNT(*) FROM {db}.t)", "function x"),
    ("CREATE EVENT x ON SCHEDULE EVERY 1 DAY DO DELETE FROM {db}.t", "event x"),
    ("CREATE VIEW x AS SELECT * FROM mysql.proc", "view x"),
    ("CREATE PROCEDURE x() BEGIN PREPARE s FROM 'DELETE FROM {db}.t'; EXECUTE s; END", "procedure x"),
]


@pytest.mark.parametrize(("sql", "name"), COPIES, ids=[name for _, name in COPIES])
def test_what_would_reach_the_target_from_the_shadow_is_not_copied(
    target: Target, mariadb_url: str, sql: str, name: str
) -> None:
    run(target, "CREATE TABLE t (id int); CREATE TABLE t2 (id int)")
    target.query(sql.format(db=target.query("SELECT DATABASE()")[0][0]))
    with (
        pytest.raises(ShadowFailed, match=f"The {name} of the target cannot be copied"),
        shadow(Place(target_url=mariadb_url, copy_schema=True)),
    ):
        pass


def test_a_preamble_may_not_leave_the_shadow_either(mariadb_url: str) -> None:
    place = Place(target_url=mariadb_url, preamble=("SET GLOBAL max_connections = 10",))
    with pytest.raises(ShadowFailed, match=r"preamble:1: .* set for the whole server"), shadow(place):
        pass
    with shadow(Place(target_url=mariadb_url, preamble=("SET @who = 'me'",))) as made:
        assert made.target.query("SELECT @who") == [("me",)]


def test_sizes_are_estimates_by_the_names_of_the_snapshot(target: Target) -> None:
    run(target, "CREATE TABLE `a b` (id int PRIMARY KEY, t text, KEY (t(10))); CREATE VIEW v AS SELECT 1 AS x")
    run(target, "INSERT INTO `a b` SELECT seq, REPEAT('x', 200) FROM seq_1_to_2000; ANALYZE TABLE `a b`")
    sizes = target.sizes()
    assert list(sizes) == ["`a b`"]
    assert sizes["`a b`"].total_bytes > sizes["`a b`"].table_bytes > 300_000
    assert 1000 < (sizes["`a b`"].rows or 0) < 4000
