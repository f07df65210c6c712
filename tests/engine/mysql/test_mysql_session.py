from __future__ import annotations

from collections.abc import Callable

import pytest

from surefoot.engine.dialects.target import Session
from surefoot.engine.model import Statement
from surefoot.errors import ConnectionLost, TransactionRefused
from tests.engine.mysql.shop import QUICK, Shop, blocks


def _statement(shop: Shop, sql: str) -> Statement:
    with shop.connect() as target:
        return blocks(target, sql)[0].statements[0]


def test_what_a_migration_sets_is_gone_in_the_next(shop: Shop) -> None:
    shop.write(
        1,
        """
        SET sql_mode = '', foreign_key_checks = 0, unique_checks = 0, time_zone = '+05:00', timestamp = 1000;
        SET NAMES latin1;
        SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE; SET @a = 1; SELECT 2 INTO @b;
        CREATE TEMPORARY TABLE scratch (id int); SET lock_wait_timeout = 50;
        """,
    )
    shop.write(
        2,
        """
        CREATE TABLE seen AS SELECT @@sql_mode AS mode, @@foreign_key_checks AS fk, @@unique_checks AS uniq,
            @@time_zone AS zone, @@character_set_client AS client, @@tx_isolation AS level, @a AS a, @b AS b,
            @@lock_wait_timeout AS wait, NOW() > '2000-01-01' AS today;
        CREATE TABLE scratch (id int);
        """,
    )
    shop.up()
    mode, *others = shop.ask("SELECT * FROM seen")[0]
    assert "STRICT_TRANS_TABLES" in mode
    assert others == [1, 1, "SYSTEM", "utf8mb4", "REPEATABLE-READ", None, None, 1, 1]


def test_the_preamble_holds_in_every_step(shop: Shop) -> None:
    shop.write(1, "SET sql_mode = 'ANSI_QUOTES'; SET @who = 'me';")
    shop.write(2, "CREATE TABLE seen AS SELECT @@sql_mode AS mode, @who AS who;")
    shop.up(preamble=["SET sql_mode = 'STRICT_ALL_TABLES'", "SET @who = 'preamble'"])
    assert shop.ask("SELECT * FROM seen") == [("STRICT_ALL_TABLES", "preamble")]


def test_the_runner_lock_outlives_the_cleaning_and_ddl(shop: Shop) -> None:
    with shop.connect() as target, shop.connect() as other:
        assert target.lock("default")
        target.query("CREATE TABLE t (id int)")
        target.clean()
        target.begin(clean=True)
        assert not other.lock("default")
        assert other.lock("another project")
        target.close()
        assert _soon(lambda: other.lock("default"))


def _soon(condition: Callable[[], bool]) -> bool:
    return any(condition() for _ in range(2000))


def test_two_databases_of_a_server_have_two_locks(shop: Shop) -> None:
    name = shop.url.rpartition("/")[2]
    shop.ask(f"CREATE DATABASE {name}_2")
    beside = Shop(f"{shop.url}_2", shop.folder)
    try:
        with shop.connect() as target, beside.connect() as other:
            assert target.lock("default")
            assert other.lock("default")
    finally:
        shop.ask(f"DROP DATABASE {name}_2")


def test_a_role_is_given_back(shop: Shop) -> None:
    role = f"r_{shop.url.rpartition('/')[2]}"
    shop.ask(f"CREATE ROLE {role}")
    try:
        shop.write(1, f"CREATE TABLE t (a int); SET ROLE {role};")
        shop.write(2, "CREATE TABLE seen AS SELECT CURRENT_ROLE() AS role;")
        shop.up()
        assert shop.ask("SELECT role FROM seen") == [(None,)]
    finally:
        shop.ask(f"DROP ROLE {role}")


def test_history_is_written_right_under_any_character_set(shop: Shop) -> None:
    shop.write(1, "SET NAMES latin1; SET sql_mode = 'ORACLE,EMPTY_STRING_IS_NULL,NO_BACKSLASH_ESCAPES';\nSELECT 'é';")
    (shop.folder / "1_step.up.sql").rename(shop.folder / "1_größe.up.sql")
    shop.up()
    assert shop.ask("SELECT name FROM surefoot_history") == [("größe",)]


@pytest.mark.parametrize(
    ("sql", "effect"),
    [
        ("SET sql_mode = 'ANSI'", Session.REPLAY),
        ("/*!40101 SET NAMES utf8mb4 */", Session.REPLAY),
        ("SET @old = @@sql_mode, sql_mode = ''", Session.REPLAY),
        ("SET @x = 5, @y = 'a(b'", Session.REPLAY),
        ("SET @x = (SELECT max(id) FROM t)", Session.LOST),
        ("SET @x = LAST_INSERT_ID()", Session.LOST),
        ("SELECT id INTO @x FROM t", Session.LOST),
        ("SELECT @x := id FROM t", Session.LOST),
        ("SELECT 'into @x'", Session.NOTHING),
        ("CREATE TEMPORARY TABLE t (id int)", Session.LOST),
        ("CREATE OR REPLACE TEMPORARY TABLE t (id int)", Session.LOST),
        ("PREPARE p FROM 'SELECT 1'", Session.LOST),
        ("SET GLOBAL max_connections = 5", Session.NOTHING),
        ("SET TRANSACTION READ ONLY", Session.NOTHING),
        ("CREATE TABLE t (id int)", Session.NOTHING),
    ],
)
def test_what_a_statement_leaves_in_its_session(shop: Shop, sql: str, effect: Session) -> None:
    with shop.connect() as target:
        assert target.session_effect(blocks(target, sql)[0].statements[0]) is effect


@pytest.mark.parametrize(
    ("sql", "leaves"), [("SET ROLE r", True), ("SET DEFAULT ROLE r", True), ("SET @role = 1", False)]
)
def test_who_the_session_is_may_change(shop: Shop, sql: str, leaves: bool) -> None:
    with shop.connect() as target:
        assert target.leaves_role_behind(blocks(target, sql)[0].statements[0]) is leaves


def test_a_killed_session_is_lost_and_can_be_opened_again(shop: Shop) -> None:
    with shop.connect(QUICK) as target:
        pid = target.query("SELECT CONNECTION_ID()")[0][0]
        shop.kill(pid)
        with pytest.raises(ConnectionLost):
            target.query("SELECT 1")
        target.rollback()
        with pytest.raises(ConnectionLost):
            target.execute(_statement(shop, "SELECT 1"))
        target.open()
        assert target.query("SELECT 1") == [(1,)]
        assert target.server.startswith("MariaDB 1")
        assert target.user == "surefoot@127.0.0.1"


def test_cleaning_in_a_transaction_does_not_end_it(shop: Shop) -> None:
    shop.ask("CREATE TABLE t (id int)")
    with shop.connect() as target:
        target.query("SET autocommit = 0, sql_mode = '', @x = 1")
        target.begin(clean=False)
        target.query("INSERT INTO t VALUES (1)")
        target.query("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        target.clean()
        target.rollback()
    assert shop.ask("SELECT count(*) FROM t") == [(0,)]


def test_the_autocommit_that_a_dump_brings_back_ends_no_transaction(shop: Shop) -> None:
    shop.write(1, "CREATE TABLE t (id int);")
    dump = "SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0; INSERT INTO t VALUES (1); COMMIT;"
    shop.write(2, f"{dump} SET AUTOCOMMIT=@OLD_AUTOCOMMIT;")
    shop.up()
    assert shop.ask("SELECT id FROM t") == [(1,)]


def test_a_default_role_is_set_outside_of_a_transaction(shop: Shop) -> None:
    with shop.connect() as target:
        assert [block.transactional for block in blocks(target, "SELECT 1; SET DEFAULT ROLE NONE;")] == [True, False]


def test_a_commit_that_nobody_foresaw_is_noticed_when_it_has_happened(shop: Shop) -> None:
    shop.write(1, "CREATE TABLE t (id int);")
    shop.write(2, "INSERT INTO t VALUES (1); SET autocommit = 0, @a = 1; SET autocommit = 1, @a = 2; SELECT 1;")
    with pytest.raises(TransactionRefused, match="ended the step's transaction"):
        shop.up()
