"""Keeping a state and going back to it: rows, schema, roles, settings, and all else that a migration can reach."""

from __future__ import annotations

import os
import signal
from typing import Any

import psycopg
import pytest

from surefoot.engine.dialects.postgres.shadow import PostgresShadow
from surefoot.engine.snapshot import compare
from surefoot.errors import ConnectionLost, ShadowFailed, SurefootError
from tests.engine.postgres.shadow.conftest import Open, Server, run

pytestmark = pytest.mark.slow

SHARED = """
SELECT jsonb_build_object(
    'roles', (SELECT jsonb_agg(to_jsonb(a) ORDER BY oid) FROM pg_authid a),
    'members', (SELECT jsonb_agg(to_jsonb(m) - 'oid' ORDER BY roleid, member) FROM pg_auth_members m),
    'settings', (SELECT jsonb_agg(to_jsonb(s) - 'setdatabase' ORDER BY setrole, setconfig) FROM pg_db_role_setting s),
    'depends', (SELECT jsonb_agg(d ORDER BY d) FROM (
        SELECT classid::regclass, CASE classid WHEN 1262 THEN 0 ELSE objid END, objsubid, refobjid, deptype
        FROM pg_shdepend) d),
    'descriptions', (SELECT jsonb_agg(description ORDER BY 1) FROM pg_shdescription),
    'spaces', (SELECT jsonb_agg(spcname ORDER BY 1) FROM pg_tablespace),
    'database', (SELECT jsonb_agg(jsonb_build_array(datname, datdba, datacl) ORDER BY 1) FROM pg_database
                 WHERE datname <> 'surefoot_kept'))
"""


def shared(shadow: PostgresShadow) -> Any:
    """What the shadow's server holds beside its databases."""
    with shadow._looking() as connection:
        row = connection.execute(SHARED.encode()).fetchone()
        assert row is not None
        return row[0]


def test_a_restored_state_is_the_one_that_was_kept(rich: Server, shadow: Open) -> None:
    made = shadow(target_url=rich.url, copy_schema=True)
    owner, app, reader = rich.role("owner"), rich.role("app"), rich.role("reader")
    run(made, "INSERT INTO sales.customers (email) VALUES ('a'), ('b')")
    before, around = made.snapshot(), shared(made)
    made.save()
    for statement in (
        "DELETE FROM sales.customers",
        "DROP SCHEMA sales CASCADE",
        "CREATE ROLE another SUPERUSER",
        f"GRANT {owner} TO another",
        f"REVOKE {reader} FROM {app}",
        f"ALTER ROLE {app} CREATEDB PASSWORD 'x'",
        f"ALTER ROLE {app} RESET statement_timeout",
        f"ALTER ROLE {app} SET work_mem = '7MB'",
        f"DROP OWNED BY {reader} CASCADE",
        f"DROP ROLE {reader}",
        f"ALTER ROLE {owner} RENAME TO renamed",
        f"COMMENT ON DATABASE {rich.database} IS 'changed'",
        f"ALTER DATABASE {rich.database} SET search_path = changed",
        f"REVOKE ALL ON DATABASE {rich.database} FROM PUBLIC, {app}",
        f"ALTER DATABASE {rich.database} OWNER TO another",
        "CREATE DATABASE surefoot_other IS_TEMPLATE true",
        "SET allow_in_place_tablespaces = on",
        "CREATE TABLESPACE fast LOCATION ''",
        "GRANT SET ON PARAMETER work_mem TO another",
        "ALTER SYSTEM SET work_mem = '8MB'",
    ):
        made.target.connection.execute(statement.encode())
    assert shared(made) != around
    for _ in range(2):
        made.restore()
        assert compare(before, made.snapshot()).differences == ()
        assert shared(made) == around
        assert run(made, "SELECT email FROM sales.customers ORDER BY 1") == [("a",), ("b",)]
        assert run(made, "SELECT count(*) FROM pg_file_settings WHERE name = 'work_mem'") == [(0,)]
        assert run(made, "SHOW search_path") == [('sales, "$user", public',)]
        run(made, f"ALTER ROLE {reader} RENAME TO once_more")


def test_a_role_of_a_kept_state_can_be_dropped_and_comes_back(shadow: Open) -> None:
    made = shadow()
    run(made, "CREATE ROLE app")
    run(made, "CREATE TABLE t ()")
    run(made, "GRANT SELECT ON t TO app")
    made.save()
    run(made, "REVOKE SELECT ON t FROM app")
    run(made, "DROP ROLE app")
    made.restore()
    assert run(made, "SELECT has_table_privilege('app', 't', 'SELECT')") == [(True,)]
    with pytest.raises(SurefootError, match="cannot be dropped because some objects depend on it"):
        run(made, "DROP ROLE app")


def test_a_migration_that_names_its_database_finds_it_under_that_name(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {app}")
    made = shadow(target_url=server18.url, copy_schema=True)
    for _ in range(2):
        made.save()
        run(made, f"GRANT CONNECT ON DATABASE {server18.database} TO {server18.role('app')}")
        run(made, f"ALTER DATABASE {server18.database} SET work_mem = '5MB'")
        made.restore()
    with pytest.raises(SurefootError, match="does not exist"):
        run(made, "ALTER DATABASE elsewhere SET work_mem = '5MB'")
    assert run(made, "SELECT setconfig FROM pg_db_role_setting WHERE setdatabase <> 0") == []


def test_the_sessions_of_a_migration_do_not_keep_a_state_from_being_kept(shadow: Open) -> None:
    made = shadow()
    run(made, "CREATE TABLE t ()")
    other = psycopg.connect(made.target.connection.info.dsn)
    other.execute("LOCK TABLE t")
    made.save()
    other.close()
    run(made, "BEGIN")
    made.restore()
    assert run(made, "SELECT count(*) FROM t") == [(0,)]


def test_looking_keeps_nothing_from_a_concurrent_index(shadow: Open) -> None:
    made = shadow()
    run(made, "CREATE TABLE t (a integer)")
    made.snapshot()
    run(made, "SET statement_timeout = '5s'")
    run(made, "CREATE INDEX CONCURRENTLY i ON t (a)")
    run(made, "DROP INDEX CONCURRENTLY i")
    assert made.snapshot().objects


def test_nothing_is_hidden_from_the_session_that_looks(shadow: Open) -> None:
    made = shadow()
    for statement in (
        "CREATE TABLE t (a integer)",
        "INSERT INTO t VALUES (1), (2)",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE t FORCE ROW LEVEL SECURITY",
        "REVOKE ALL ON t FROM CURRENT_USER",
        "ALTER DATABASE surefoot SET DateStyle = 'German'",
        "ALTER DATABASE surefoot SET default_transaction_read_only = on",
    ):
        run(made, statement)
    with made._looking() as connection:
        assert connection.execute("SELECT count(*), current_setting('DateStyle') FROM public.t").fetchone() == (
            2,
            "ISO, MDY",
        )
        connection.execute("INSERT INTO public.t VALUES (3)")


def test_a_server_that_dies_is_said_to_be_gone(shadow: Open) -> None:
    made = shadow()
    made.save()
    server = made._open_server
    pid_file = server._server.data / "postmaster.pid"  # type: ignore[union-attr]  # a server of our own
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    with pytest.raises(ConnectionLost, match=r"PostgreSQL .* of our own was lost"):
        for _ in range(100):
            made.snapshot()
    with pytest.raises(ShadowFailed, match="could not be kept or brought back"):
        made.restore()
    made.close()
    made.close()


def test_a_shadow_that_was_not_opened_says_so() -> None:
    from surefoot.engine.dialects.shadow import Place

    made = PostgresShadow(Place())
    with pytest.raises(ShadowFailed, match="not open"):
        made.snapshot()
    made.close()


def test_a_superusers_event_trigger_does_not_reach_the_session_that_looks(shadow: Open) -> None:
    made = shadow()
    run(made, "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no'; END$$")
    run(made, "CREATE EVENT TRIGGER never ON login EXECUTE FUNCTION no()")
    run(made, "ALTER EVENT TRIGGER never ENABLE ALWAYS")
    made._leave()
    assert made.snapshot().objects


def test_what_the_session_that_looks_reads_is_not_counted(shadow: Open) -> None:
    made = shadow()
    run(made, "CREATE TABLE t AS SELECT 1 AS a")
    made.read_rows(None)
    with made._looking() as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
    # A scan of ours that is told late would count as one of the statement that runs then.
    assert run(made, "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 't'") == [(0,)]
