"""What an `up` after a lost connection makes of the statement that was running."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.mysql.connect import session_number
from surefoot.engine.dialects.target import Verdict
from surefoot.engine.events import Event
from surefoot.errors import ConnectionLost, OutcomeUnknown, StatementFailed
from tests.engine.mysql.shop import Shop, blocks

BASE = "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int);"


def _kill_us_when(shop: Shop, kind: str, text: str) -> Callable[[Event], None]:
    """Kill the run's session when the event of this kind about this statement comes."""
    current = [""]

    def on_event(event: Event) -> None:
        current[0] = getattr(event, "sql", current[0])
        if event.kind == kind and text in current[0]:
            own = {session_number(connection) for connection in shop.opened}
            idle = "SELECT id FROM information_schema.PROCESSLIST WHERE db = DATABASE() AND command = 'Sleep'"
            for (pid,) in shop.ask(idle):
                if pid not in own:
                    shop.kill(pid)

    return on_event


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("ALTER TABLE a ADD x int", "SELECT x FROM a"),
        ("CREATE TABLE c (id int)", "SELECT * FROM c"),
        ("CREATE INDEX i ON a (n)", "SELECT * FROM a USE INDEX (i)"),
        ("RENAME TABLE a TO z", "SELECT * FROM z"),
        ("ALTER TABLE a RENAME TO z", "SELECT * FROM z"),
        ("CREATE VIEW v AS SELECT 1 AS one", "SELECT one FROM v"),
        ("CREATE PROCEDURE p() SELECT 1", "CALL p()"),
        ("CREATE FUNCTION f() RETURNS int RETURN 1", "SELECT f()"),
        ("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1", "SHOW CREATE TRIGGER t"),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO SELECT 1", "SHOW CREATE EVENT e"),
        ("CREATE SEQUENCE s", "SELECT NEXTVAL(s)"),
        ("DROP TABLE a, b", "SELECT 1"),
    ],
)
def test_what_took_effect_is_recognised_and_does_not_run_again(shop: Shop, statement: str, check: str) -> None:
    shop.write(1, f"SET sql_mode = 'ANSI_QUOTES'; {BASE} {statement}; CREATE TABLE last (id int);")
    with pytest.raises((ConnectionLost, OutcomeUnknown)):
        shop.up(_kill_us_when(shop, "statement_finished", statement))
    assert shop.ask("SELECT state FROM surefoot_journal ORDER BY block DESC LIMIT 1") == [("started",)]
    shop.up()
    assert len(shop.told("recovered")) == 1
    assert "last" in shop.tables()
    shop.ask(check)


@pytest.mark.parametrize(
    "statement", ["ALTER TABLE a ADD x int", "DROP TABLE a, b", "TRUNCATE TABLE a", "GRANT SELECT ON a TO CURRENT_USER"]
)
def test_what_never_ran_runs_then(shop: Shop, statement: str) -> None:
    shop.write(1, f"{BASE} {statement}; CREATE TABLE last (id int);")
    with pytest.raises((ConnectionLost, OutcomeUnknown)):
        shop.up(_kill_us_when(shop, "statement_started", statement))
    shop.up()
    assert len(shop.told("recovered")) == 1
    assert "last" in shop.tables()


def test_ddl_that_is_killed_while_it_runs_took_no_effect(shop: Shop) -> None:
    shop.ask("CREATE TABLE numbers AS SELECT seq FROM seq_1_to_1000")
    slow = "CREATE TABLE copy AS SELECT seq, SLEEP(0.02) FROM numbers"
    shop.write(1, f"CREATE TABLE first (id int); {slow};")
    killer = threading.Thread(target=lambda: shop.kill(shop.statement_running("CREATE TABLE copy")))
    killer.start()
    with pytest.raises(OutcomeUnknown):
        shop.up()
    killer.join()
    assert shop.tables() == {"first", "numbers"}
    shop.ask("DELETE FROM numbers WHERE seq > 3")
    shop.up()
    assert "table copy is as before" in shop.told("recovered")[0].finding
    assert shop.ask("SELECT count(*) FROM copy") == [(3,)]


def test_dml_that_is_killed_while_it_runs_is_rolled_back(shop: Shop) -> None:
    shop.ask("CREATE TABLE t (id int, n int)")
    shop.write(1, "INSERT INTO t VALUES (1, 0); INSERT INTO t SELECT 2, SLEEP(60);")
    killer = threading.Thread(target=lambda: shop.kill(shop.statement_running("SLEEP(60)")))
    killer.start()
    with pytest.raises(ConnectionLost):
        shop.up()
    killer.join()
    assert shop.ask("SELECT count(*) FROM t") == [(0,)]
    shop.write(1, "INSERT INTO t VALUES (1, 0);")
    shop.up()
    assert shop.ask("SELECT count(*) FROM t") == [(1,)]


@pytest.mark.parametrize("answer", [api.Resolution.RAN, api.Resolution.NOT_RAN])
def test_a_call_is_unknown_until_somebody_says(shop: Shop, answer: api.Resolution) -> None:
    shop.ask(BASE.split(";", maxsplit=1)[0])
    shop.ask("CREATE PROCEDURE fill() BEGIN INSERT INTO a VALUES (1, 1); COMMIT; DO SLEEP(0); END")
    shop.write(1, "CREATE TABLE first (id int); CALL fill(); CREATE TABLE last (id int);")
    with pytest.raises((ConnectionLost, OutcomeUnknown)):
        shop.up(_kill_us_when(shop, "statement_finished", "CALL"))
    with pytest.raises(OutcomeUnknown, match="CALL fill"):
        shop.up()
    with shop.connect() as target:
        assert any(not finding.solvable for finding in api.examine(target, shop.project))
        api.repair(target, shop.project, answer)
    if answer is api.Resolution.NOT_RAN:
        shop.ask("DELETE FROM a")
    shop.up()
    assert shop.ask("SELECT count(*) FROM a") == [(1,)]
    assert "last" in shop.tables()


def test_a_procedure_that_does_not_exist_leaves_no_doubt(shop: Shop) -> None:
    shop.write(1, "CALL nowhere();")
    with pytest.raises(StatementFailed, match="nowhere"):
        shop.up()
    assert shop.ask("SELECT count(*) FROM surefoot_journal WHERE state = 'started'") == [(0,)]


def test_a_procedure_that_fails_half_way_leaves_a_doubt(shop: Shop) -> None:
    shop.ask(BASE.split(";", maxsplit=1)[0])
    shop.ask("CREATE PROCEDURE fill() BEGIN INSERT INTO a VALUES (1, 1); COMMIT; INSERT INTO a VALUES (1, 1); END")
    shop.write(1, "CALL fill();")
    with pytest.raises(StatementFailed, match="Duplicate"):
        shop.up()
    with pytest.raises(OutcomeUnknown):
        shop.up()


@pytest.mark.parametrize(
    ("statement", "meanwhile", "verdict"),
    [
        ("DROP TABLE a, b", "DROP TABLE a", Verdict.UNKNOWN),
        ("DROP TABLE IF EXISTS a, b", "DROP TABLE a", Verdict.NOT_DONE),
        ("DROP TABLE IF EXISTS a, b", "DROP TABLE a, b", Verdict.DONE),
        ("CREATE OR REPLACE TABLE a (z int)", "DROP TABLE a", Verdict.NOT_DONE),
        ("ALTER TABLE a AUTO_INCREMENT = 50", "SELECT 1", Verdict.NOT_DONE),
        ("RENAME TABLE a TO x, b TO a, x TO b", "RENAME TABLE a TO x, b TO a, x TO b", Verdict.DONE),
        ("RENAME TABLE b TO x, c TO b, x TO c", "RENAME TABLE b TO x, c TO b, x TO c", Verdict.UNKNOWN),
        ("ALTER DATABASE CHARACTER SET latin2", "ALTER DATABASE CHARACTER SET latin2", Verdict.DONE),
        ("ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE b", "SELECT 1", Verdict.UNKNOWN),
        ("BEGIN NOT ATOMIC SELECT 1; END", "SELECT 1", Verdict.UNKNOWN),
        ("CREATE USER never_made", "SELECT 1", Verdict.UNKNOWN),
        ("OPTIMIZE TABLE a", "SELECT 1", Verdict.NOT_DONE),
    ],
)
def test_the_verdict_follows_from_what_is_there(shop: Shop, statement: str, meanwhile: str, verdict: Verdict) -> None:
    for sql in [*BASE.split(";")[:2], "CREATE TABLE c LIKE b", "CREATE TABLE p LIKE b"]:
        shop.ask(sql)
    with shop.connect() as target:
        running = blocks(target, statement)[0].statements[0]
        before = target.look(running)
        shop.ask(meanwhile)
        assert target.judge(running, before, mend=True).verdict is verdict


def test_rows_that_come_meanwhile_do_not_look_like_a_change(shop: Shop) -> None:
    shop.ask("CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT)")
    with shop.connect() as target:
        running = blocks(target, "ALTER TABLE t ADD x int")[0].statements[0]
        before = target.look(running)
        shop.ask("INSERT INTO t VALUES (), ()")
        assert target.judge(running, before, mend=True).verdict is Verdict.NOT_DONE


def test_looking_is_not_misled_by_what_the_migration_has_set(shop: Shop) -> None:
    shop.ask("CREATE TABLE t (id int DEFAULT 5)")
    with shop.connect() as target:
        running = blocks(target, "ALTER TABLE t ADD x int")[0].statements[0]
        target.query("SET sql_mode = 'ANSI_QUOTES', sql_quote_show_create = 0")
        before = target.look(running)
        target.clean()
        assert target.judge(running, before, mend=True).verdict is Verdict.NOT_DONE
