"""Statements that would reach beyond a shadow are refused before anything runs."""

from __future__ import annotations

import pytest

from surefoot.engine.dialects.postgres.shadow.check import refuse_beyond
from surefoot.engine.dialects.postgres.split import split
from surefoot.engine.model import Fragment, Script
from surefoot.errors import ShadowFailed

ELSEWHERE = (
    "CREATE SUBSCRIPTION s CONNECTION 'host=there' PUBLICATION p",
    "CREATE SUBSCRIPTION s CONNECTION 'host=there' PUBLICATION p WITH (enabled = false)",
    "ALTER SUBSCRIPTION s ENABLE",
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
    "SELECT dblink_exec('host=there', 'DELETE FROM t')",
    "SELECT * FROM dblink('host=there', 'SELECT 1') AS t (a integer)",
    "DO $$ BEGIN PERFORM dblink_connect('host=there'); END $$",
)
WHOLE_SERVER = (
    "CREATE ROLE app",
    "create user app",
    "ALTER ROLE app SET search_path = sales",
    "DROP /* really */ ROLE app",
    "ALTER DATABASE shop SET work_mem = '1MB'",
    "ALTER SYSTEM SET work_mem = '1MB'",
    "DROP OWNED BY app",
    "REASSIGN OWNED BY app TO other",
    "GRANT app TO other",
    "REVOKE ADMIN OPTION FOR app FROM other",
    "GRANT CONNECT ON DATABASE shop TO app",
    "REVOKE ALL ON DATABASE shop FROM PUBLIC",
    "COMMENT ON DATABASE shop IS 'x'",
    "CREATE TABLESPACE fast LOCATION '/x'",
    "GRANT SET ON PARAMETER work_mem TO app",
    "SELECT pg_terminate_backend(1)",
    "DO $$ BEGIN IF true THEN CREATE ROLE app; END IF; END $$",
    "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET x.y = 1'; END $$",
)
MACHINE = (
    "COPY t FROM PROGRAM 'curl example.org'",
    "copy (SELECT 1) to\n program 'sh'",
    "COPY t (a, b) TO '/tmp/t.csv' WITH (FORMAT csv)",
    "DO $$ BEGIN EXECUTE 'COPY t TO PROGRAM ''sh'' '; END $$",
    "SELECT lo_export(1, '/tmp/there')",
)
FINE = (
    "COPY t FROM STDIN",
    "COPY t TO STDOUT",
    "CREATE TABLE users (role text, database text, system text)",
    "ALTER TABLE t ADD COLUMN role text",
    "CREATE USER MAPPING FOR app SERVER s",
    "GRANT SELECT ON t TO app",
    "GRANT SELECT (a), UPDATE ON ALL TABLES IN SCHEMA s TO app WITH GRANT OPTION",
    "REVOKE ALL ON FUNCTION f() FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA s GRANT SELECT ON TABLES TO reader",
    "COMMENT ON TABLE roles IS 'roles of the database'",
    "ALTER TABLE t OWNER TO app",
    "CREATE POLICY p ON t TO app USING (true)",
    "-- DROP ROLE app\nSELECT 1",
    "CREATE SUBSCRIPTION s CONNECTION 'host=there' PUBLICATION p WITH (connect = false)",
    "ALTER SUBSCRIPTION s OWNER TO app",
)


def check(text: str, *, shared: bool) -> None:
    refuse_beyond(split(Script("1_up.sql", (Fragment(f"SELECT 1;\n{text};"),))).statements, shared=shared)


@pytest.mark.parametrize("text", ELSEWHERE)
@pytest.mark.parametrize("shared", [True, False])
def test_what_connects_to_another_server_is_refused_everywhere(text: str, shared: bool) -> None:
    with pytest.raises(ShadowFailed, match=r"1_up\.sql:2: this statement would connect to another server"):
        check(text, shared=shared)


@pytest.mark.parametrize("text", MACHINE)
@pytest.mark.parametrize("shared", [True, False])
def test_what_runs_programs_or_writes_files_is_refused_everywhere(text: str, shared: bool) -> None:
    with pytest.raises(ShadowFailed, match=r"1_up\.sql:2: .* would run a program or write a file"):
        check(text, shared=shared)


@pytest.mark.parametrize("text", WHOLE_SERVER)
def test_what_changes_the_whole_server_is_refused_where_others_use_it(text: str) -> None:
    with pytest.raises(ShadowFailed, match=r"1_up\.sql:2: .* changes the server as a whole") as failed:
        check(text, shared=True)
    assert 'shadow = "local"' in failed.value.hint
    check(text, shared=False)


@pytest.mark.parametrize("text", FINE)
def test_everything_else_may_run(text: str) -> None:
    check(text, shared=True)
