"""How large tables are, by the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.effects import TableSize

KB = 1024


@pytest.fixture
def target(postgres_url: str) -> Iterator[PostgresTarget]:
    target = PostgresTarget(Connector(postgres_url, timeout=10), label="test")
    yield target
    target.close()


def run(target: PostgresTarget, *statements: str) -> None:
    for statement in statements:
        target.query(statement)


def test_a_table_has_bytes_and_estimated_rows(target: PostgresTarget) -> None:
    run(target, 'CREATE TABLE "Big" (id int PRIMARY KEY)', 'INSERT INTO "Big" SELECT generate_series(1, 1000)')
    run(target, 'ANALYZE "Big"')
    assert target.sizes() == {'public."Big"': TableSize(KB * 104, KB * 64, 1000)}


def test_the_rows_of_a_table_that_was_never_analysed_are_unknown(target: PostgresTarget) -> None:
    run(target, "CREATE TABLE fresh AS SELECT generate_series(1, 10)")
    assert target.sizes()["public.fresh"].rows is None


def test_a_parent_is_as_large_as_its_partitions(target: PostgresTarget) -> None:
    run(target, "CREATE TABLE p (id int) PARTITION BY LIST (id)")
    assert target.sizes()["public.p"] == TableSize(0, 0, 0)
    run(target, "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (id)")
    run(target, "CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1)", "CREATE TABLE p2 PARTITION OF p DEFAULT")
    run(target, "INSERT INTO p VALUES (1), (2), (2)", "ANALYZE p")
    found = target.sizes()
    assert found["public.p"] == TableSize(16 * KB, 16 * KB, 3)
    assert found["public.p1"] == found["public.p11"] == TableSize(8 * KB, 8 * KB, 1)
    run(target, "TRUNCATE p2", "INSERT INTO p VALUES (3)")
    assert target.sizes()["public.p"].rows is None


def test_a_size_that_would_have_to_wait_for_a_lock_is_left_out(target: PostgresTarget, postgres_url: str) -> None:
    run(target, "CREATE TABLE p (id int) PARTITION BY LIST (id)", "CREATE TABLE other (id int)")
    run(target, "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE p1 IN ACCESS EXCLUSIVE MODE")
        assert set(target.sizes()) == {"public.other"}
