"""What a snapshot has in it, what it leaves out, and how little it disturbs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.snapshot import read, take
from surefoot.engine.dialects.postgres.snapshot.catalog import Memory
from surefoot.engine.dialects.postgres.tables import history_ddl
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.model import Timeouts
from surefoot.engine.snapshot import ObjectKey, Snapshot, compare
from surefoot.errors import LockTimeout
from tests.databases import Databases

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    with Connector(postgres_url, timeout=10)() as connection:
        yield connection


def run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(statement.encode())


def names(snapshot: Snapshot, kind: str) -> set[str]:
    return {key.name for key in snapshot.objects if key.kind == kind}


def test_names_are_qualified_and_quoted_as_sql_needs_it(connection: Connection) -> None:
    run(connection, 'CREATE SCHEMA "A b"', 'CREATE TABLE "A b"."select" ("the ""id""" int, plain int)')
    found = read(connection, "surefoot")
    assert ObjectKey("table", '"A b"."select"') in found.objects
    assert names(found, "column") == {'"A b"."select"."the ""id"""', '"A b"."select".plain'}
    assert found.orders == {'"A b"."select"': ('the "id"', "plain")}
    assert found.engine == f"postgres {connection.info.server_version // 10000}"


def test_a_column_has_facts_from_which_it_can_be_made_again(connection: Connection) -> None:
    run(
        connection,
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, a varchar(5) COLLATE \"C\" NOT NULL DEFAULT 'x')",
    )
    facts = read(connection, "surefoot").objects
    assert facts[ObjectKey("column", "public.t.a")] == {
        "type": "character varying(5)",
        "not_null": "true",
        "default": "'x'::character varying",
        "collation": 'pg_catalog."C"',
    }
    assert facts[ObjectKey("column", "public.t.id")] == {
        "type": "integer",
        "not_null": "true",
        "identity": "ALWAYS",
        "identity_sequence": "public.t_id_seq",
        "identity_options": "AS integer START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1",
    }
    assert ObjectKey("sequence", "public.t_id_seq") not in facts


def test_the_order_of_columns_is_no_difference(connection: Connection) -> None:
    run(connection, "CREATE TABLE t (a int, b int)")
    before = read(connection, "surefoot")
    run(connection, "ALTER TABLE t DROP COLUMN a, ADD COLUMN a int")
    after = read(connection, "surefoot")
    assert before.fingerprint == after.fingerprint
    assert [excuse.reason for excuse in compare(before, after).excuses] == ["the order of its columns"]


def test_an_explicit_default_privilege_is_none(connection: Connection) -> None:
    run(connection, "CREATE TABLE t ()", "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1")
    before = read(connection, "surefoot")
    run(connection, "GRANT SELECT ON t TO PUBLIC", "REVOKE SELECT ON t FROM PUBLIC")
    run(connection, "REVOKE ALL ON FUNCTION f() FROM PUBLIC", "GRANT EXECUTE ON FUNCTION f() TO PUBLIC")
    assert read(connection, "surefoot") == before


def test_the_position_of_a_sequence_and_rows_are_no_schema(connection: Connection) -> None:
    run(connection, "CREATE TABLE t (id serial, a int)", "CREATE INDEX ON t (a)", "CREATE SEQUENCE s")
    before = read(connection, "surefoot")
    run(connection, "INSERT INTO t (a) VALUES (1)", "SELECT nextval('s')", "VACUUM ANALYZE t", "REINDEX TABLE t")
    run(connection, "TRUNCATE t")
    assert read(connection, "surefoot") == before


def test_surefoots_own_tables_are_left_out(connection: Connection) -> None:
    before = read(connection, "surefoot"), read(connection, "public")
    for schema in ("surefoot", "public"):
        for upgrade in history_ddl(schema, schema_exists=schema == "public"):
            run(connection, *upgrade)
        run(
            connection,
            f"COMMENT ON TABLE {schema}.surefoot_history IS 'ours'",
            f"GRANT SELECT ON {schema}.surefoot_history TO PUBLIC",
        )
    run(connection, "COMMENT ON SCHEMA surefoot IS 'ours'")
    own = read(connection, "surefoot")
    assert {key for key in own.objects if "surefoot" in key.name and "public.surefoot" not in key.name} == set()
    run(connection, "DROP SCHEMA surefoot CASCADE")
    assert read(connection, "public") == before[1]
    for name in names(own, "table"):
        run(connection, f"DROP TABLE {name}")
    assert read(connection, "surefoot") == before[0]


def test_a_schema_that_holds_more_than_surefoots_tables_is_shown(connection: Connection) -> None:
    run(connection, "CREATE SCHEMA surefoot", "CREATE FUNCTION surefoot.f() RETURNS int LANGUAGE sql RETURN 1")
    assert "surefoot" in names(read(connection, "surefoot"), "schema")
    run(connection, "DROP FUNCTION surefoot.f()")
    assert "surefoot" not in names(read(connection, "surefoot"), "schema")


def test_temporary_objects_of_any_session_are_left_out(connection: Connection, postgres_url: str) -> None:
    before = read(connection, "surefoot")
    with psycopg.connect(postgres_url, autocommit=True) as other:
        for session in (connection, other):
            run(session, "CREATE TEMP TABLE t (id serial PRIMARY KEY, a text CHECK (a > 'a'))", "CREATE INDEX ON t (a)")
            run(session, "CREATE TEMP VIEW v AS SELECT * FROM t", "CREATE TYPE pg_temp.pair AS (a int)")
            run(
                session, "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql RETURN 1", "COMMENT ON COLUMN t.a IS 'x'"
            )
            run(session, "CREATE DOMAIN pg_temp.d AS int CHECK (VALUE > 0)", "CREATE TYPE pg_temp.e AS ENUM ('a')")
            run(session, "GRANT SELECT ON t TO PUBLIC", "CREATE COLLATION pg_temp.c (provider = libc, locale = 'C')")
        assert read(connection, "surefoot") == before


def test_what_belongs_to_an_extension_is_left_out(connection: Connection) -> None:
    run(connection, "CREATE EXTENSION vector")
    found = read(connection, "surefoot")
    assert {key for key in found.objects if "vector" in key.name} == {
        ObjectKey("extension", "vector"),
        ObjectKey("comment", "extension vector"),
    }


def test_what_somebody_adds_to_a_table_of_an_extension_is_seen(connection: Connection) -> None:
    run(connection, "CREATE TABLE t (a int)", "ALTER EXTENSION plpgsql ADD TABLE t")
    before = read(connection, "surefoot")
    assert "public.t" not in names(before, "table")
    run(connection, "CREATE INDEX ON t (a)")
    after = read(connection, "surefoot")
    (difference,) = compare(before, after).differences
    assert (str(difference.key), difference.facts[0].name) == ("extension plpgsql", "members")
    run(connection, "DROP INDEX t_a_idx")
    assert read(connection, "surefoot") == before


def test_the_role_that_runs_migrations_has_no_name(
    connection: Connection, databases: Databases, postgres_url: str
) -> None:
    run(connection, "CREATE ROLE migrator_a LOGIN", "CREATE ROLE migrator_b LOGIN", "CREATE ROLE migrator_reader")
    try:
        prints = {role: schema_made_by(connection, role, postgres_url) for role in ("migrator_a", "migrator_b")}
        assert prints["migrator_a"].fingerprint == prints["migrator_b"].fingerprint
        facts = prints["migrator_a"].objects
        assert facts[ObjectKey("table", "made.t")]["owner"] == "(migrator)"
        assert facts[ObjectKey("privilege", "table made.t to migrator_reader")] == {"privileges": "SELECT"}
        assert ObjectKey("privilege", "table made.t to (migrator)") in facts
        assert facts[ObjectKey("policy", "made.t.p")]["roles"] == "(migrator)"
        assert facts[ObjectKey("schema", "public")]["owner"] == "pg_database_owner"
    finally:
        run(connection, "DROP OWNED BY migrator_a, migrator_b, migrator_reader")
        run(connection, "DROP ROLE migrator_a, migrator_b, migrator_reader")


def schema_made_by(connection: Connection, role: str, url: str) -> Snapshot:
    """The snapshot, read by that role itself, an ordinary user."""
    run(connection, f"CREATE SCHEMA made AUTHORIZATION {role}")
    with Connector(f"{url}&user={role}", timeout=10)() as other:
        run(other, "CREATE TABLE made.t (id int)", "GRANT SELECT ON made.t TO migrator_reader")
        run(
            other,
            "CREATE POLICY p ON made.t TO CURRENT_USER",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        )
        found = read(other, "surefoot")
    assert read(connection, "surefoot", role).fingerprint == found.fingerprint
    run(connection, f"DROP OWNED BY {role}")
    return found


def test_a_grant_by_somebody_else_than_the_owner_names_them(connection: Connection) -> None:
    run(connection, "CREATE ROLE giver_a", "CREATE ROLE giver_b", "CREATE TABLE t ()")
    try:
        run(connection, "GRANT SELECT ON t TO giver_a WITH GRANT OPTION", "SET ROLE giver_a")
        run(connection, "GRANT SELECT ON t TO giver_b", "RESET ROLE")
        facts = read(connection, "surefoot").objects
        assert facts[ObjectKey("privilege", "table public.t to giver_a")] == {"privileges": "SELECT*"}
        given = facts[ObjectKey("privilege", "table public.t to giver_b by giver_a")]
        assert given == {"privileges": "SELECT", "grantor": "giver_a"}
    finally:
        run(connection, "DROP OWNED BY giver_a, giver_b CASCADE", "DROP ROLE giver_a, giver_b")


def test_settings_of_the_session_change_nothing_and_stay(connection: Connection) -> None:
    run(
        connection,
        "CREATE TABLE t (at timestamptz DEFAULT '2020-01-01 00:00+00', f float8 DEFAULT 0.1, m money DEFAULT 1)",
    )
    run(connection, "CREATE TABLE u (i interval DEFAULT '1 day 2 hours', b bytea DEFAULT '\\x00ff', \"Q\" int)")
    before = read(connection, "surefoot")
    settings = {
        "search_path": "public",
        "timezone": "Asia/Tokyo",
        "datestyle": "German",
        "intervalstyle": "iso_8601",
        "bytea_output": "escape",
        "quote_all_identifiers": "on",
        "extra_float_digits": "-3",
        "lock_timeout": "7s",
        "default_transaction_isolation": "serializable",
    }
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    shown = connection.execute("SELECT name, setting FROM pg_settings ORDER BY name").fetchall()
    assert read(connection, "surefoot") == before
    assert connection.execute("SELECT name, setting FROM pg_settings ORDER BY name").fetchall() == shown
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_prepared_statements_give_the_same(connection: Connection, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True, prepare_threshold=0) as prepared:
        for number in range(3):
            run(connection, f"CREATE TABLE t{number} (id int PRIMARY KEY)")
            assert read(prepared, "surefoot") == read(connection, "surefoot")


def test_what_is_known_from_earlier_snapshots_changes_nothing(connection: Connection) -> None:
    run(connection, "CREATE SCHEMA s", "CREATE TABLE s.t (id int PRIMARY KEY, note text)", "CREATE ROLE known_a")
    run(connection, "CREATE INDEX ON s.t (note)", "GRANT SELECT ON s.t TO known_a", "COMMENT ON TABLE s.t IS 'c'")
    memory = Memory()
    try:
        for change in (
            "ALTER TABLE s.t RENAME TO u",
            "ALTER SCHEMA s RENAME TO r",
            "ALTER TABLE r.u OWNER TO known_a",
            "ALTER ROLE known_a RENAME TO known_b",
            "ALTER EXTENSION plpgsql ADD TABLE r.u",
            "ALTER EXTENSION plpgsql DROP TABLE r.u",
            "DROP TABLE r.u",
        ):
            assert read(connection, "surefoot", memory=memory) == read(connection, "surefoot")
            run(connection, change)
        assert read(connection, "surefoot", memory=memory) == read(connection, "surefoot")
        assert read(connection, "surefoot", "known_b", memory=memory) == read(connection, "surefoot", "known_b")
    finally:
        run(connection, "DROP ROLE IF EXISTS known_a, known_b")


def test_nobody_finds_the_facts_of_a_snapshot_changed_by_a_later_one(connection: Connection) -> None:
    memory = Memory()
    run(connection, "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, note text)", "CREATE INDEX i ON t (note)")
    first = read(connection, "surefoot", memory=memory)
    shown = repr(first)
    run(connection, "ALTER INDEX i DEPENDS ON EXTENSION plpgsql", "ALTER TABLE t ALTER id SET INCREMENT 2")
    assert read(connection, "surefoot", memory=memory) != first
    assert repr(first) == shown


def test_a_lock_that_is_not_to_be_had_is_an_error_and_leaves_the_session_usable(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    target = PostgresTarget(Connector(postgres_url, timeout=10), label="test", timeouts=Timeouts(lock=0.1))
    with psycopg.connect(postgres_url) as other:
        target.query("CREATE TABLE t (a int CHECK (a > 0))")
        target.query("CREATE VIEW v AS SELECT a FROM t")
        other.execute("LOCK TABLE v IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LockTimeout):
            take(target)
        other.rollback()
        assert ObjectKey("view", "public.v") in take(target).objects
    target.close()
    assert caplog.records == []


def test_somebody_who_makes_and_drops_objects_meanwhile_does_no_harm(connection: Connection, postgres_url: str) -> None:
    done = threading.Event()

    def disturb() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            while not done.is_set():
                run(other, "CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x' CHECK (b > 'a'))")
                run(other, "CREATE VIEW v AS SELECT a FROM t WHERE b > 'c'", "CREATE INDEX i ON t (lower(b))")
                run(other, "DROP TABLE t CASCADE")
                done.wait(0.02)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        found = [read(connection, "surefoot") for _ in range(60)]
    finally:
        done.set()
        thread.join()
    assert len(found) == 60
