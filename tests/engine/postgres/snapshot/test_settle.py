"""Texts that differ and mean the same are told from those that do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.snapshot import read
from surefoot.engine.dialects.postgres.snapshot.settle import REASON, settle
from surefoot.engine.snapshot import Change, Comparison, Difference, FactChange, ObjectKey, compare

Connection = psycopg.Connection[tuple[Any, ...]]
HERE = Path(__file__).parent
SCHEMA = (HERE / "settling.sql").read_bytes()
WRITTEN_AGAIN = (HERE / "written_again.sql").read_bytes()
NEAR_MISSES = (HERE / "near_misses.sql").read_text().split("\n\n")[1:]


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    with Connector(postgres_url, timeout=10)() as connection:
        connection.execute(SCHEMA)
        yield connection


def compared(connection: Connection, *statements: str) -> Comparison:
    """What differs after these statements, with what settles excused."""
    before = read(connection, "surefoot")
    for statement in statements:
        connection.execute(statement.encode())
    return compare(before, read(connection, "surefoot"), lambda difference: settle(connection, difference))


def test_what_was_written_and_read_once_more_is_excused(connection: Connection) -> None:
    found = compared(connection, *(row[0] for row in connection.execute(WRITTEN_AGAIN)))
    assert found.differences == ()
    assert {excuse.reason for excuse in found.excuses} == {REASON}
    assert {excuse.key.kind for excuse in found.excuses} == {
        *("constraint", "column", "index", "view", "materialized view", "policy", "rule", "trigger", "statistics"),
        "function",
    }
    assert ObjectKey("constraint", "public.kind.kind_check") in {excuse.key for excuse in found.excuses}


@pytest.mark.parametrize("change", NEAR_MISSES)
def test_what_means_something_else_is_not_excused(postgres18_url: str, change: str) -> None:
    with Connector(postgres18_url, timeout=10)() as connection:
        connection.execute(SCHEMA)
        found = compared(connection, change)
        assert found.differences
        assert found.excuses == ()


def test_an_expression_that_changed_beside_something_else_is_not_excused(connection: Connection) -> None:
    facts = (FactChange("definition", "CHECK ((id > 0))", "CHECK (id > 0)"), FactChange("validated", "true", "false"))
    key = ObjectKey("constraint", '"My shop"."Orders"."Kind?"')
    assert settle(connection, Difference(key, Change.CHANGED, facts[:1])) == REASON
    assert settle(connection, Difference(key, Change.CHANGED, facts)) is None
    assert settle(connection, Difference(key, Change.ADDED, facts[:1])) is None


def test_a_text_that_cannot_be_read_is_not_excused(connection: Connection) -> None:
    key = ObjectKey("constraint", '"My shop"."Orders"."Kind?"')
    fact = FactChange("definition", "CHECK ((gone > 0))", "CHECK ((gone > 0))")
    assert settle(connection, Difference(key, Change.CHANGED, (fact,))) is None


def test_settling_leaves_nothing_behind(connection: Connection) -> None:
    before = read(connection, "surefoot")
    path = connection.execute("SHOW search_path").fetchone()
    key = ObjectKey("view", "public.kinds")
    fact = FactChange("definition", 'SELECT id FROM "My shop"."Orders"', 'SELECT "Orders".id FROM "My shop"."Orders"')
    assert settle(connection, Difference(key, Change.CHANGED, (fact,))) == REASON
    assert read(connection, "surefoot") == before
    assert connection.execute("SHOW search_path").fetchone() == path
