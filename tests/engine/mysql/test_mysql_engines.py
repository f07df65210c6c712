from __future__ import annotations

import threading

import pytest

from surefoot.errors import OutcomeUnknown, StatementFailed
from tests.engine.mysql.shop import Shop, blocks

MADE = "CREATE TABLE old (id int PRIMARY KEY) ENGINE=MyISAM"


def _apart(shop: Shop, sql: str) -> list[str]:
    """The reasons of the statements that stand outside a transaction."""
    with shop.connect() as target:
        return [block.reason for block in blocks(target, sql) if not block.transactional]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO old VALUES (1)",
        "INSERT IGNORE old VALUES (1)",
        "REPLACE INTO `old` VALUES (1)",
        "UPDATE new JOIN old USING (id) SET old.id = 2",
        "DELETE FROM old",
        "DELETE QUICK FROM old WHERE id = 1",
        "LOAD DATA INFILE '/f' INTO TABLE old",
    ],
)
def test_a_write_that_cannot_roll_back_stands_alone_and_says_why(shop: Shop, sql: str) -> None:
    shop.ask(MADE)
    assert _apart(shop, sql) == ["old is a table of MyISAM, which cannot roll back"]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO new SELECT * FROM old",
        "INSERT INTO new VALUES ('old')",
        "UPDATE new SET id = (SELECT max(id) FROM old)",
        "SELECT * FROM old",
        "CREATE TEMPORARY TABLE m (id int) ENGINE=MEMORY; INSERT INTO m VALUES (1)",
    ],
)
def test_everything_else_shares_its_transaction(shop: Shop, sql: str) -> None:
    shop.ask(MADE)
    assert _apart(shop, sql) == []


def test_tables_that_the_scripts_make_are_known(shop: Shop) -> None:
    reasons = _apart(
        shop,
        "CREATE TABLE m (id int) ENGINE = 'Aria'; INSERT INTO m VALUES (1);"
        "ALTER TABLE m ENGINE=InnoDB; INSERT INTO m VALUES (2)",
    )
    assert [reason for reason in reasons if "roll back" in reason] == ["m is a table of Aria, which cannot roll back"]


def test_a_lost_write_is_unknown(shop: Shop) -> None:
    shop.ask(MADE)
    shop.write(1, "INSERT INTO old SELECT seq + SLEEP(0.05) FROM seq_1_to_1000;")
    killer = threading.Thread(target=lambda: shop.kill(shop.statement_running("SLEEP(0.05)")))
    killer.start()
    with pytest.raises(OutcomeUnknown):
        shop.up()
    killer.join()
    with pytest.raises(OutcomeUnknown, match="no transactions"):
        shop.up()


def test_a_write_that_the_server_could_not_read_is_not_in_doubt(shop: Shop) -> None:
    shop.ask(MADE)
    shop.write(1, "INSERT INTO old VALEUS (1);")
    with pytest.raises(StatementFailed):
        shop.up()
    assert shop.ask("SELECT count(*) FROM surefoot_journal WHERE state = 'started'") == [(0,)]
    shop.write(1, "INSERT INTO old VALUES (1);")
    shop.up()
    assert shop.ask("SELECT count(*) FROM old") == [(1,)]


def test_a_step_that_stopped_half_way_is_cut_the_same_way_when_its_tables_are_there(shop: Shop) -> None:
    begin = f"{MADE}; INSERT INTO old VALUES (1); INSERT INTO old VALUES (2); CREATE TABLE new (id int);"
    shop.write(1, f"{begin} INSERT INTO new VALUES (1); INSERT INTO new VALUES ('no number');")
    with pytest.raises(StatementFailed):
        shop.up()
    shop.write(1, f"{begin} INSERT INTO new VALUES (1);")
    shop.up()
    assert shop.ask("SELECT (SELECT count(*) FROM old), (SELECT count(*) FROM new)") == [(2, 1)]
