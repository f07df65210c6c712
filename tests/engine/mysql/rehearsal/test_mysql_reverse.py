"""Generated ways back on MariaDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surefoot.engine.dialects.mysql.reverse import reverse
from surefoot.engine.dialects.target import Target
from surefoot.engine.open import connect
from surefoot.engine.snapshot import ObjectKey, compare
from tests.databases import Databases
from tests.engine.mysql.rehearsal.changes import MUTATIONS
from tests.engine.mysql.rehearsal.schema import RICH
from tests.engine.mysql.rehearsal.shadows import run


@pytest.fixture(scope="module")
def rich(databases: Databases) -> Iterator[Target]:
    """A target with the rich schema; each test leaves it as it was."""
    with databases.mariadb() as url, connect(url) as target:
        run(target, RICH)
        yield target


@pytest.mark.parametrize(("change", "inverse"), MUTATIONS, ids=[change[0][:60] for change, _ in MUTATIONS])
def test_each_change_can_be_reversed_by_what_is_generated(rich: Target, change: list[str], inverse: list[str]) -> None:
    before = rich.snapshot()
    for sql in change:
        rich.query(sql)
    after = rich.snapshot()
    way = reverse(before, after)
    if change[0].startswith("GRANT"):
        assert way.statements == ()
        assert way.missing
        for sql in inverse:
            rich.query(sql)
        return
    for sql in way.statements:
        rich.query(sql)
    rich.query("SET SESSION sql_mode = DEFAULT")
    assert compare(before, rich.snapshot()).differences == ()


SEVERAL = """
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE children (id int PRIMARY KEY, parent int,
    CONSTRAINT of_parents FOREIGN KEY (parent) REFERENCES parents (id));
ALTER TABLE parents ADD favourite int, ADD CONSTRAINT favourites FOREIGN KEY (favourite) REFERENCES children (id);
CREATE SEQUENCE more;
ALTER TABLE customers ADD extra bigint DEFAULT nextval(more), DROP COLUMN token, RENAME COLUMN born TO birth;
ALTER TABLE orders DROP FOREIGN KEY of_customer, DROP KEY of_customer;
CREATE VIEW first_view AS SELECT id FROM customers;
CREATE VIEW a_view AS SELECT id FROM first_view;
RENAME TABLE log TO journal;
DROP TRIGGER before_order;
DROP TRIGGER after_order;
DROP VIEW firms, big_firms;
DROP EVENT nightly;
DROP TABLE readings, stays;
DROP FUNCTION twice
"""


def test_many_changes_together_are_reversed_and_what_is_lost_is_named(rich: Target) -> None:
    before = rich.snapshot()
    run(rich, SEVERAL)
    rich.query("INSERT INTO journal VALUES ('kept')")
    way = reverse(before, rich.snapshot())
    for sql in way.statements:
        rich.query(sql)
    again = rich.snapshot()
    kept = rich.query("SELECT * FROM log")
    rich.query("DELETE FROM log")
    assert compare(before, again).differences == ()
    assert before.orders == again.orders
    assert kept == [("kept",)]
    assert sorted(map(str, way.losses)) == ["column customers.token", "table readings", "table stays"]
    assert way.missing == ()


def test_the_statements_are_those_a_person_would_write(rich: Target) -> None:
    before = rich.snapshot()
    run(rich, "ALTER TABLE customers ADD x int, ADD KEY x (x), MODIFY born datetime NOT NULL DEFAULT '2000-01-01'")
    way = reverse(before, rich.snapshot())
    for sql in way.statements:
        rich.query(sql)
    assert way.statements == (
        "ALTER TABLE customers\n    DROP INDEX x,\n    DROP COLUMN x,\n    MODIFY COLUMN born date NULL DEFAULT NULL",
    )


def test_a_secret_and_a_privilege_are_left_to_a_person(rich: Target) -> None:
    run(rich, "SET sql_mode = 'IGNORE_BAD_TABLE_OPTIONS'; CREATE TABLE far (id int) CONNECTION='mysql://u:p@h/d/t'")
    before = rich.snapshot()
    run(rich, "ALTER TABLE far CONNECTION='mysql://u:q@h/d/t'; SET sql_mode = DEFAULT")
    way = reverse(before, rich.snapshot())
    run(rich, "DROP TABLE far")
    assert way.missing == ((ObjectKey("table", "far"), "its option connection is a secret: write it by hand"),)
    assert way.statements == ()
