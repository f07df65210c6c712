"""Each claim about PostgreSQL's transactions, asked of the real servers."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from surefoot.engine.dialects.postgres.classify import outside
from surefoot.engine.dialects.postgres.split import split
from surefoot.engine.model import Fragment, Script, Statement


def statements(text: str) -> tuple[Statement, ...]:
    return split(Script("f.sql", (Fragment(text),))).statements


def is_outside(text: str, *, explicit: bool = False) -> bool:
    return bool(outside(statements(text), explicit=explicit))


@pytest.fixture
def server(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int); CREATE INDEX i ON t (a); CREATE INDEX j ON t (a)")
        connection.execute("CREATE TABLE part (a int) PARTITION BY LIST (a)")
        connection.execute('CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1); CREATE SCHEMA "Sales"')
        connection.execute("CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)")
        connection.execute("ALTER SUBSCRIPTION sub SET (slot_name = 'none_such')")
        connection.execute("CREATE PROCEDURE commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'")
        connection.execute("ALTER TABLE t CLUSTER ON i")
        yield connection
        connection.execute("ALTER SUBSCRIPTION sub SET (slot_name = NONE)")
        connection.execute("DROP SUBSCRIPTION sub")


def refused_in_transaction(server: psycopg.Connection, sql: str) -> bool:
    """Whether the server says that the statement cannot run in a transaction; nothing is kept of it."""
    server.execute("BEGIN")
    try:
        server.execute(sql.encode())
    except psycopg.errors.ActiveSqlTransaction:
        return True
    finally:
        server.execute("ROLLBACK")
    return False


REFUSED = [
    "CREATE INDEX CONCURRENTLY k ON t (a)",
    'create unique index concurrently "K" on t (a)',
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS k ON t (a)",
    "CREATE INDEX CONCURRENTLY ON t (a)",
    "DROP INDEX CONCURRENTLY i",
    "DROP INDEX /* c */ CONCURRENTLY IF EXISTS i",
    "REINDEX TABLE CONCURRENTLY t",
    "REINDEX (VERBOSE, CONCURRENTLY) INDEX i",
    "REINDEX (CONCURRENTLY true) TABLE t",
    "REINDEX (CONCURRENTLY 1) TABLE t",
    'REINDEX SCHEMA "Sales"',
    "REINDEX SCHEMA CONCURRENTLY public",
    "REINDEX DATABASE",
    "REINDEX SYSTEM",
    "REINDEX (VERBOSE) DATABASE",
    "VACUUM",
    "VACUUM (FULL, ANALYZE) t",
    "VACUUM FREEZE t",
    "CREATE DATABASE x",
    "DROP DATABASE x",
    "CREATE TABLESPACE x LOCATION '/nowhere'",
    "DROP TABLESPACE x",
    "ALTER SYSTEM SET work_mem = '8MB'",
    "ALTER SYSTEM RESET ALL",
    "ALTER DATABASE x SET TABLESPACE pg_default",
    'ALTER DATABASE "X" SET TABLESPACE pg_default',
    "ALTER TABLE part DETACH PARTITION part_1 CONCURRENTLY",
    'ALTER TABLE IF EXISTS public."part" DETACH PARTITION public."part_1" CONCURRENTLY',
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p",
    "DROP SUBSCRIPTION sub",
    "CLUSTER",
    "CLUSTER VERBOSE",
    "COMMIT PREPARED 'x'",
    "ROLLBACK PREPARED 'x'",
    "DISCARD ALL",
]
ALLOWED = [
    "CREATE INDEX k ON t (a)",
    'CREATE INDEX "CONCURRENTLY" ON t (a)',
    "DROP INDEX i",
    "REINDEX TABLE t",
    "REINDEX INDEX i",
    "REINDEX (CONCURRENTLY off) TABLE t",
    "REINDEX (CONCURRENTLY 0, VERBOSE) TABLE t",
    'CREATE TABLE "VACUUM" (concurrently_ int)',
    "ANALYZE",
    "ANALYZE t",
    "CLUSTER t",
    'CLUSTER "t"',
    "CLUSTER t USING i",
    "TRUNCATE t",
    "ALTER TABLE part DETACH PARTITION part_1",
    "ALTER DATABASE template1 SET work_mem = '8MB'",
    "ALTER SUBSCRIPTION sub DISABLE",
    "ALTER SUBSCRIPTION sub CONNECTION 'dbname=y'",
    "CREATE TYPE mood AS ENUM ('a')",
    "LOCK TABLE t",
    "CREATE MATERIALIZED VIEW v AS SELECT 1",
    "DISCARD PLANS",
    "CHECKPOINT",
    "DO $$ BEGIN NULL; END $$",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_the_server_refuses_in_a_transaction_is_outside(server: psycopg.Connection, sql: str) -> None:
    assert refused_in_transaction(server, sql)
    assert is_outside(sql)


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_the_server_takes_in_a_transaction_is_not(server: psycopg.Connection, sql: str) -> None:
    assert not refused_in_transaction(server, sql)
    assert not is_outside(sql)


@pytest.mark.parametrize(
    "sql", ["ALTER SUBSCRIPTION s REFRESH PUBLICATION", "ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (refresh = true)"]
)
def test_subscriptions_that_ask_the_publisher_are_outside(sql: str) -> None:
    assert is_outside(sql)


def test_what_may_commit_is_outside_where_the_author_asked_for_no_transaction(server: psycopg.Connection) -> None:
    for sql in ("CALL commits()", "DO $$ BEGIN COMMIT; END $$"):
        server.execute("BEGIN")
        with pytest.raises(psycopg.errors.InvalidTransactionTermination):
            server.execute(sql.encode())
        server.execute("ROLLBACK")
        server.execute(sql.encode())
        assert is_outside(sql, explicit=True)
        assert not is_outside(sql)


def works_in_transaction(server: psycopg.Connection, text: str) -> bool:
    server.execute("BEGIN")
    try:
        for statement in statements(text):
            server.execute(statement.sql.encode())
    except psycopg.errors.UnsafeNewEnumValueUsage:
        return False
    finally:
        server.execute("ROLLBACK")
    return True


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TYPE mood ADD VALUE 'it''s'; SELECT 'it''s'::mood",
        "ALTER TYPE public.\"mood\" ADD VALUE IF NOT EXISTS 'new' BEFORE 'old'; INSERT INTO moods VALUES ('new')",
        "ALTER TYPE mood ADD VALUE 'new'; SELECT enum_range(NULL::mood)",
        "ALTER TYPE mood ADD VALUE 'new'; ALTER TABLE moods ALTER mood SET DEFAULT 'new'",
        "ALTER TYPE mood ADD VALUE 'new'; DO $$ BEGIN PERFORM 'new'::mood; END $$",
        "CREATE TYPE other AS ENUM ('a'); ALTER TYPE mood ADD VALUE 'new'; SELECT 'new'::mood",
        "CREATE TYPE x.mood AS ENUM ('a'); ALTER TYPE public.mood ADD VALUE 'new'; SELECT 'new'::public.mood",
    ],
)
def test_a_value_that_is_used_further_on_needs_a_transaction_of_its_own(server: psycopg.Connection, text: str) -> None:
    server.execute("CREATE TYPE mood AS ENUM ('old'); CREATE TABLE moods (mood mood); CREATE SCHEMA x")
    assert not works_in_transaction(server, text)
    (why,) = outside(statements(text), explicit=False).values()
    assert why.transactional
    assert "committed first" in why.reason


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TYPE mood ADD VALUE 'new'; SELECT 'old'::mood",
        "ALTER TYPE mood ADD VALUE 'new'",
        "ALTER TYPE mood RENAME VALUE 'old' TO 'new'; SELECT 'new'::mood",
    ],
)
def test_other_changes_of_an_enum_share_the_transaction(server: psycopg.Connection, text: str) -> None:
    server.execute("CREATE TYPE mood AS ENUM ('old')")
    assert works_in_transaction(server, text)
    assert outside(statements(text), explicit=False) == {}


def test_a_new_type_is_no_exception_because_older_servers_make_none(server: psycopg.Connection) -> None:
    text = "CREATE TYPE fresh AS ENUM ('a'); ALTER TYPE public.fresh ADD VALUE 'new'; SELECT 'new'::fresh"
    assert works_in_transaction(server, text) == (server.info.server_version >= 170000)
    assert sorted(outside(statements(text), explicit=False)) == [1]


def test_cluster_with_options_but_without_a_table_is_outside(postgres18_url: str) -> None:
    with psycopg.connect(postgres18_url, autocommit=True) as server:
        assert refused_in_transaction(server, "CLUSTER (VERBOSE)")
    assert is_outside("CLUSTER (VERBOSE)")


def test_copied_rows_use_a_value_too() -> None:
    text = "ALTER TYPE mood ADD VALUE 'new'; COPY moods FROM stdin;\nnew\n\\.\n"
    assert is_outside(text)


@pytest.mark.parametrize(
    "sql", ["REINDEX (CONCURRENTLY FROM", "CREATE TYPE (", "ALTER TYPE mood ADD VALUE", "CLUSTER ;"]
)
def test_what_is_wrong_is_left_to_the_server(sql: str) -> None:
    outside(statements(sql), explicit=False)
