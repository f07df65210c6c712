"""What a shadow begins with: the target's schema, roles, rights and settings, a file of SQL, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.dialects.postgres.shadow.origin import Origin, Role
from surefoot.engine.dialects.postgres.shadow.own import OwnServer
from surefoot.engine.model import Timeouts
from surefoot.engine.open import connect
from surefoot.engine.snapshot import compare
from surefoot.errors import ShadowFailed, StatementFailed, ToolFailed, Unreachable
from tests.databases import postgres_bin
from tests.engine.postgres.shadow.conftest import Open, Server, run, seen

pytestmark = pytest.mark.slow


def test_a_copy_of_a_rich_schema_is_equal_to_it(rich: Server, shadow: Open) -> None:
    made = shadow(target_url=rich.url, copy_schema=True)
    with connect(rich.url) as target:
        there, here = seen(target.snapshot(), rich), seen(made.snapshot(), rich)
    assert compare(there, here).differences == ()
    assert (here.fingerprint, here.orders) == (there.fingerprint, there.orders)
    assert len(here.objects) > 150
    assert here.engine == there.engine
    assert made.notes == ()
    assert run(made, "SELECT current_database(), session_user::text") == [(rich.database, "postgres")]
    assert run(made, "SELECT count(*) FROM sales.customers") == [(0,)]
    assert run(made, "SELECT reltuples FROM pg_class WHERE oid = 'sales.customers'::regclass") == [(40.0,)]


def test_a_migrator_without_all_rights_has_the_same_ones_on_the_shadow(server: Server, shadow: Open) -> None:
    server.run(
        """
        CREATE ROLE {owner}; CREATE ROLE {migrator} LOGIN CREATEROLE; CREATE ROLE {app};
        GRANT {owner} TO {migrator};
        CREATE SCHEMA sales AUTHORIZATION {owner};
        CREATE TABLE sales.t (a integer); ALTER TABLE sales.t OWNER TO {owner};
        CREATE SCHEMA closed; CREATE TABLE closed.t (a integer);
        GRANT USAGE ON SCHEMA closed TO {migrator}; GRANT SELECT ON closed.t TO {migrator}
        """
    )
    made = shadow(target_url=server.url_of("migrator"), copy_schema=True)
    with connect(server.url_of("migrator")) as target:
        there, here = seen(target.snapshot(), server), seen(made.snapshot(), server)
    assert compare(there, here).differences == ()
    assert there.fingerprint == here.fingerprint
    run(made, "ALTER TABLE sales.t ADD b integer")
    for refused in ("ALTER TABLE closed.t ADD b integer", "CREATE EXTENSION vector", "CREATE SCHEMA more"):
        with pytest.raises(StatementFailed, match=r"permission denied|must be owner"):
            run(made, refused)


def test_roles_come_with_attributes_memberships_and_settings(rich: Server, shadow: Open) -> None:
    rich.run("ALTER ROLE {owner} CREATEDB BYPASSRLS CONNECTION LIMIT 7 VALID UNTIL '2030-01-01' PASSWORD 'secret'")
    made = shadow(target_url=rich.url, copy_schema=True)
    app, owner, reader = rich.role("app"), rich.role("owner"), rich.role("reader")
    found = run(made, "SELECT rolname, rolcreatedb, rolbypassrls, rolcanlogin, rolpassword FROM pg_authid ORDER BY 1")
    ours = [row for row in found if row[0].endswith(rich.database)]
    assert ours == [(app, False, False, True, None), (owner, True, True, False, None), (reader, *[False] * 3, None)]
    members = "SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members"
    assert (reader, app, True) in run(made, members)
    settings = run(made, "SELECT setconfig FROM pg_db_role_setting ORDER BY 1")
    assert settings == [(['search_path=sales, "$user", public'],), (["statement_timeout=7s"],), (["work_mem=5MB"],)]
    assert run(made, "SHOW search_path") == [('sales, "$user", public',)]


def test_the_preamble_and_the_options_of_the_url_hold_on_the_shadow(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {owner}; CREATE ROLE {migrator} LOGIN; GRANT {owner} TO {migrator}")
    url = server18.url_of("migrator", options="-csearch_path%3Dpg_temp")
    made = shadow(target_url=url, preamble=(f"SET ROLE {server18.role('owner')}",))
    answer = run(made, "SELECT session_user::text, current_user::text, current_setting('search_path')")
    assert answer == [(server18.role("migrator"), server18.role("owner"), "pg_temp")]


def test_surefoots_own_tables_stay_out_of_the_copy(server18: Server, shadow: Open) -> None:
    server18.run(
        'CREATE SCHEMA "Own"; CREATE TABLE "Own".surefoot_history (id bigint GENERATED ALWAYS AS IDENTITY);'
        'CREATE TABLE "Own".theirs ()'
    )
    made = shadow(target_url=server18.url, copy_schema=True, schema="Own")
    assert run(made, "SELECT relname FROM pg_class WHERE relnamespace = '\"Own\"'::regnamespace") == [("theirs",)]
    assert not made.target.has_history()


def test_what_the_target_has_dropped_is_not_there(server18: Server, shadow: Open) -> None:
    server18.run("DROP SCHEMA public; DROP EXTENSION plpgsql")
    made = shadow(target_url=server18.url, copy_schema=True)
    assert made.notes == ()
    assert run(made, "SELECT to_regnamespace('public'), (SELECT count(*) FROM pg_extension)") == [(None, 0)]


def test_an_extension_belongs_to_whom_it_does_on_the_target(server18: Server, shadow: Open) -> None:
    server18.run(
        "CREATE ROLE {owner} SUPERUSER; CREATE ROLE {app}; CREATE ROLE {migrator} LOGIN;"
        "GRANT CREATE ON DATABASE {database} TO {app}"
    )
    server18.run("SET SESSION AUTHORIZATION {app}; CREATE EXTENSION hstore; CREATE EXTENSION citext")
    server18.run("REVOKE CREATE ON DATABASE {database} FROM {app}")
    server18.run("SET SESSION AUTHORIZATION {owner}; CREATE EXTENSION vector; CREATE EXTENSION pageinspect")
    server18.run("ALTER ROLE {owner} NOSUPERUSER")
    made = shadow(target_url=server18.url, copy_schema=True)
    owners = "SELECT extname::text, extowner::regrole::text FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
    members = "SELECT proowner::regrole::text FROM pg_proc WHERE proname IN ('hstore_in', 'vector_in') ORDER BY proname"
    assert run(made, owners) == server18.run(owners)
    assert run(made, members) == server18.run(members)
    assert run(made, "SELECT rolname FROM pg_roles WHERE rolsuper") == [("postgres",)]
    with connect(server18.url) as target:
        assert compare(seen(target.snapshot(), server18), seen(made.snapshot(), server18)).differences == ()


def test_foreign_tables_are_cut_off_from_the_real_servers(server18: Server, shadow: Open) -> None:
    server18.run(
        """
        CREATE EXTENSION postgres_fdw;
        CREATE SERVER there FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname '{database}');
        CREATE USER MAPPING FOR postgres SERVER there OPTIONS (password 'secret');
        CREATE TABLE real (a integer);
        CREATE FOREIGN TABLE away (a integer) SERVER there OPTIONS (table_name 'real')
        """
    )
    made = shadow(target_url=server18.url, copy_schema=True)
    with connect(server18.url) as target:
        assert compare(seen(target.snapshot(), server18), seen(made.snapshot(), server18)).differences == ()
    with pytest.raises(StatementFailed, match="no handler"):
        run(made, "INSERT INTO away VALUES (1)")
    run(made, "ALTER FOREIGN TABLE away ADD b integer")
    assert made.notes == ("foreign tables of postgres_fdw cannot be read or written: what they lead to is real",)


def test_what_a_dump_leaves_out_is_noted(server18: Server, shadow: Open) -> None:
    server18.run(
        """
        CREATE TABLE t (a integer); CREATE INDEX broken ON t (a);
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
        CREATE TABLE parted (a integer) PARTITION BY LIST (a); CREATE INDEX unfinished ON ONLY parted (a);
        CREATE MATERIALIZED VIEW odd AS SELECT 1 / (SELECT count(*) FROM t WHERE a < 0) WHERE false
        """
    )
    server18.run("CREATE SUBSCRIPTION far_{database} CONNECTION 'host=there' PUBLICATION p WITH (connect = false)")
    made = shadow(target_url=server18.url, copy_schema=True)
    assert set(made.notes) == {
        f"subscription far_{server18.database} of the target is not in the shadow",
        "invalid index broken of the target is not in the shadow",
    }
    server18.run("ALTER SUBSCRIPTION far_{database} SET (slot_name = NONE)")
    server18.run("DROP SUBSCRIPTION far_{database}")


def test_a_target_that_is_named_like_the_servers_own_database_is_imitated(server18: Server, shadow: Open) -> None:
    made = shadow(target_url=server18.url.replace(server18.database, "postgres"))
    assert run(made, "SELECT current_database()") == [("postgres",)]
    made.save()
    made.restore()
    assert run(made, "SELECT current_database()") == [("postgres",)]


def test_tablespaces_are_imitated(server18: Server, shadow: Open) -> None:
    space = f"fast_{server18.database}"
    server18.run("CREATE ROLE {owner}")
    with connect(server18.url) as target:
        target.query("SET allow_in_place_tablespaces = on")
        target.query(f"CREATE TABLESPACE {space} OWNER {server18.role('owner')} LOCATION ''")
        try:
            target.query(f"CREATE TABLE t () TABLESPACE {space}")
            made = shadow(target_url=server18.url, copy_schema=True)
            made.save()
            made.restore()
            assert run(made, "SELECT tablespace::text FROM pg_tables WHERE tablename = 't'") == [(space,)]
        finally:
            target.query("DROP TABLE IF EXISTS t")
            target.query(f"DROP TABLESPACE {space}")


def test_the_first_superuser_has_the_name_that_he_has_on_the_target(shadow: Open) -> None:
    roles = (Role("postgres", ("NOSUPERUSER", "LOGIN")),)
    origin = Origin(database="postgres", bootstrap='the "boss"', owner="postgres", migrator="postgres", roles=roles)
    own = OwnServer(origin, postgres_bin("pg18"), Timeouts(), pytest.fail)
    try:
        own.open()
        with own.session()() as session:
            found = session.execute("SELECT oid = 10, rolname, rolsuper FROM pg_roles WHERE rolname !~ '^pg_'")
            assert sorted(found.fetchall()) == [(False, "postgres", False), (True, 'the "boss"', True)]
    finally:
        own.close()


@pytest.mark.parametrize(
    "made", ["ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"]
)
def test_encoding_and_locale_are_the_targets(server18: Server, shadow: Open, made: str) -> None:
    name = f"{server18.database}_b"
    server18.run(f"CREATE DATABASE {name} TEMPLATE template0 {made}")
    try:
        ours = shadow(target_url=server18.url.replace(server18.database, name))
        locale = "SELECT encoding, datcollate, datctype, datlocprovider, datlocale FROM pg_database WHERE datname = "
        assert run(ours, f"{locale} current_database()") == server18.run(f"{locale} '{name}'")
        assert ours.notes == ()
    finally:
        server18.run(f"DROP DATABASE {name}")


def test_a_locale_that_the_server_lacks_is_noted(shadow: Open) -> None:
    notes: list[str] = []
    locale = {"encoding": "UTF8", "datcollate": "xx_YY.utf8", "datctype": "xx_YY.utf8", "datlocprovider": "c"}
    own = OwnServer(Origin(locale=locale), postgres_bin("pg16"), Timeouts(), notes.append)
    try:
        own.open()
        assert [note[:52] for note in notes] == ["the server cannot sort as the target does (invalid L"]
    finally:
        own.close()


def test_without_a_target_migrations_run_as_a_superuser_on_an_empty_database(shadow: Open) -> None:
    made = shadow()
    assert run(made, "SELECT current_database(), current_user::text, current_setting('is_superuser')") == [
        ("surefoot", "migrator", "on")
    ]
    assert made.notes == ("without a target, migrations ran as the superuser migrator",)
    assert made.label.startswith("PostgreSQL 18.")


def test_an_empty_base_has_the_rights_of_the_target_but_nothing_that_a_history_would_set(
    server18: Server, shadow: Open
) -> None:
    server18.run(
        "CREATE ROLE {app}; CREATE SCHEMA sales; ALTER DATABASE {database} SET search_path = sales;"
        "COMMENT ON DATABASE {database} IS 'the shop'; GRANT CONNECT ON DATABASE {database} TO {app}"
    )
    made = shadow(target_url=server18.url)
    assert run(made, "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'") == [("postgres",)]
    assert run(made, "SELECT setconfig FROM pg_db_role_setting") == []
    assert run(made, "SELECT current_database(), to_regnamespace('sales')") == [(server18.database, None)]
    assert made.notes == ()


def test_a_dump_file_is_a_base(shadow: Open, tmp_path: Path) -> None:
    dump = tmp_path / "base.sql"
    dump.write_text(
        "\\restrict abc\nSET some_future_timeout = 0;\nCREATE TABLE t (a integer, b text);\n"
        "ALTER TABLE t OWNER TO somebody;\nCOPY t (a, b) FROM stdin;\n1\tone\n2\t\\N\n\\.\n\\unrestrict abc\n"
    )
    made = shadow(dump=dump)
    assert run(made, "SELECT a, b, tableowner::text FROM t, pg_tables WHERE tablename = 't'") == [
        (1, "one", "somebody"),
        (2, None, "somebody"),
    ]
    assert "role somebody did not exist here and was made for the rehearsal" in made.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CREATE TABLE t ();\nCREATE TABLE t ();\n", r"base\.sql:2: relation \"t\" already exists"),
        ("CREATE DATABASE shop;\n\\connect shop\n", r"\\connect"),
        ("CREATE EXTENSION postgis;", "does not have the extension postgis"),
    ],
)
def test_a_dump_file_that_does_not_run_is_an_error_that_names_the_place(
    shadow: Open, tmp_path: Path, text: str, said: str
) -> None:
    dump = tmp_path / "base.sql"
    dump.write_text(text)
    with pytest.raises(ShadowFailed, match=said) as failed:
        shadow(dump=dump)
    assert failed.value.hint


def test_a_dump_file_may_have_transactions_and_statements_that_want_none(shadow: Open, tmp_path: Path) -> None:
    dump = tmp_path / "base.sql"
    dump.write_text("CREATE TABLE t (a integer);\nCREATE INDEX CONCURRENTLY i ON t (a);\nCREATE TABLE u ();\n")
    assert run(shadow(dump=dump), "SELECT to_regclass('i') IS NULL, to_regclass('u') IS NULL") == [(False, False)]
    dump.write_text("BEGIN;\nCREATE TABLE t ();\nROLLBACK;\nCREATE TABLE u ();\n")
    assert run(shadow(dump=dump), "SELECT to_regclass('t') IS NULL, to_regclass('u') IS NULL") == [(True, False)]


def test_a_dump_file_that_is_not_there_is_an_error(shadow: Open, tmp_path: Path) -> None:
    with pytest.raises(ShadowFailed, match="cannot be read"):
        shadow(dump=tmp_path / "none.sql")


def test_a_target_that_cannot_be_dumped_is_an_error_with_a_way_out(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {migrator} LOGIN; CREATE TABLE t ()")
    with pytest.raises(ToolFailed, match="permission denied for table t") as failed:
        shadow(target_url=server18.url_of("migrator"), copy_schema=True)
    assert "--from empty" in failed.value.hint


def test_a_target_that_does_not_answer_is_an_error(server18: Server, shadow: Open) -> None:
    with pytest.raises(Unreachable):
        shadow(target_url=server18.url.replace(server18.database, "nowhere"))


def test_another_version_than_the_targets_is_noted(server: Server, shadow: Open) -> None:
    with connect(server.url) as target:
        major = target.server.split()[1].partition(".")[0]
    other = {"16": "pg18", "18": "pg16"}[major]
    made = shadow(target_url=server.url, postgres_bin=postgres_bin(other))
    assert made.notes == (f"the shadow is PostgreSQL {other[2:]}, the target is {major}",)
