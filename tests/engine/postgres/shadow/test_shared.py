"""Shadows on a server that others use: named by shadow_url, or the target's own."""

from __future__ import annotations

import pytest

from surefoot.engine.open import connect
from surefoot.engine.snapshot import compare
from surefoot.errors import PoolerFound, ShadowFailed, StatementFailed, Unreachable
from tests.databases import Databases
from tests.engine.postgres.shadow.conftest import Open, Server, run, seen


def made_there(server: Server, name: str) -> list[str]:
    found = server.run(f"SELECT datname::text FROM pg_database WHERE datname LIKE '{name}%' ORDER BY 1")
    return [database for (database,) in found]


def test_beside_the_target_a_copy_is_equal_to_it(rich: Server, shadow: Open) -> None:
    made = shadow(target_url=rich.url, beside=True, copy_schema=True)
    name = made.target.query("SELECT current_database()")[0][0]
    with connect(rich.url) as target:
        there, here = seen(target.snapshot(), rich), seen(made.snapshot(), rich)
    assert compare(there, here).differences == ()
    made.save()
    run(made, "DROP SCHEMA sales CASCADE")
    run(made, f"ALTER DATABASE {name} RESET search_path")
    made.restore()
    assert compare(there, seen(made.snapshot(), rich)).differences == ()
    assert made_there(rich, name) == [name, f"{name}_kept"]
    made.close()
    assert made_there(rich, name) == []
    assert rich.run("SELECT count(*) FROM sales.customers") == [(40,)]


def test_a_role_with_createdb_is_enough(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {migrator} LOGIN CREATEDB")
    made = shadow(shadow_url=server18.url_of("migrator"))
    name = run(made, "SELECT current_database()")[0][0]
    run(made, "CREATE TABLE t AS SELECT 1 AS a")
    made.save()
    run(made, "DROP TABLE t")
    made.restore()
    assert run(made, "SELECT a FROM t") == [(1,)]
    made.close()
    assert made_there(server18, name) == []


def test_without_createdb_the_ways_out_are_named(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {migrator} LOGIN")
    with pytest.raises(ShadowFailed, match="may not create databases") as failed:
        shadow(target_url=server18.url_of("migrator"), beside=True)
    for way in ('shadow = "local"', "shadow_url", "CREATEDB"):
        assert way in failed.value.hint


def test_a_shadow_url_that_does_not_answer_is_an_error(server18: Server, shadow: Open) -> None:
    with pytest.raises(Unreachable, match="does not answer") as failed:
        shadow(shadow_url=f"{server18.url.replace(server18.database, 'nowhere')}&password=secret")
    assert "secret" not in str(failed.value.to_dict())


def test_a_pool_that_lends_by_the_transaction_is_refused(pgbouncer_url: str, shadow: Open) -> None:
    with pytest.raises(PoolerFound):
        shadow(shadow_url=pgbouncer_url)


def test_roles_that_the_other_server_lacks_are_named(server18: Server, databases: Databases, shadow: Open) -> None:
    server18.run("CREATE ROLE {owner}; CREATE TABLE t (); ALTER TABLE t OWNER TO {owner}")
    missing = server18.role("owner")
    with (
        databases.postgres("pg16") as url,
        pytest.raises(ShadowFailed, match=rf"do not exist on .*{missing}") as failed,
    ):
        shadow(target_url=server18.url, shadow_url=url, copy_schema=True)
    assert "server of our own" in failed.value.hint


def test_who_migrations_ran_as_is_noted_where_it_is_not_as_on_the_target(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {migrator} LOGIN")
    made = shadow(target_url=server18.url_of("migrator"), shadow_url=server18.url)
    assert f"migrations ran as postgres, and not as {server18.role('migrator')} as on the target" in made.notes


def test_no_role_is_made_on_a_server_that_others_use(server18: Server, shadow: Open) -> None:
    statement = "GRANT USAGE ON SCHEMA public TO nobody_there"
    beside = shadow(target_url=server18.url, beside=True)
    with pytest.raises(StatementFailed) as failed:
        run(beside, statement)
    assert not beside.supply(failed.value)
    elsewhere = shadow(shadow_url=server18.url)
    with pytest.raises(ShadowFailed, match="nobody_there does not exist"):
        elsewhere.supply(failed.value)


def test_an_extension_that_only_a_superuser_can_make_is_named(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {migrator} LOGIN CREATEDB; CREATE EXTENSION postgres_fdw")
    with pytest.raises(ShadowFailed, match="permission denied to create extension") as failed:
        shadow(target_url=server18.url_of("migrator"), beside=True, copy_schema=True)
    assert "postgres_fdw" in str(failed.value.details["statement"])
