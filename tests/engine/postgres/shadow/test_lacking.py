"""What migrations lack of their surroundings: supplied where that can be, and named with the ways out where not."""

from __future__ import annotations

import pytest

from surefoot.engine.dialects.postgres.shadow import PostgresShadow
from surefoot.errors import ShadowFailed, StatementFailed
from tests.engine.postgres.shadow.conftest import Open, Server, run


def refusal(shadow: PostgresShadow, text: str) -> StatementFailed:
    with pytest.raises(StatementFailed) as failed:
        run(shadow, text)
    return failed.value


def test_a_role_that_does_not_exist_is_made_and_stays_in_the_state_that_was_kept(shadow: Open) -> None:
    made = shadow()
    made.save()
    statement = 'GRANT USAGE ON SCHEMA public TO "the ""app"""'
    assert made.supply(refusal(made, statement))
    run(made, statement)
    made.restore()
    run(made, statement)
    assert run(made, "SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE 'the %%'") == [(False, False)]
    assert made.notes[1:] == ('role the "app" did not exist here and was made for the rehearsal',)


def test_any_other_failure_is_left_alone(shadow: Open) -> None:
    made = shadow()
    for statement in ("SELECT * FROM nothing", "SET work_men = 1", "SELECT 1 / 0", "CREATE TABLE t (a nothing)"):
        assert not made.supply(refusal(made, statement))


def test_a_role_of_the_target_is_supplied_with_its_attributes_to_an_empty_base(server18: Server, shadow: Open) -> None:
    server18.run("CREATE ROLE {app} CREATEDB LOGIN PASSWORD 'secret'")
    made = shadow(target_url=server18.url)
    app = server18.role("app")
    assert made.supply(refusal(made, f"GRANT USAGE ON SCHEMA public TO {app}"))
    found = run(made, f"SELECT rolcreatedb, rolcanlogin, rolpassword FROM pg_authid WHERE rolname = '{app}'")
    assert found == [(True, True, None)]


def test_a_role_that_the_target_lacks_too_is_not_supplied_to_a_copy_of_it(server18: Server, shadow: Open) -> None:
    made = shadow(target_url=server18.url, copy_schema=True)
    assert not made.supply(refusal(made, "GRANT USAGE ON SCHEMA public TO nobody_there"))


def test_a_missing_extension_is_an_error_that_names_it_and_the_ways_out(shadow: Open) -> None:
    made = shadow()
    with pytest.raises(
        ShadowFailed, match=r"PostgreSQL 18\.\d+ of our own does not have the extension postgis"
    ) as failed:
        made.supply(refusal(made, "CREATE EXTENSION postgis"))
    for way in ("postgres_bin", "SUREFOOT_POSTGRES_BIN", "shadow_url", 'shadow = "target"'):
        assert way in failed.value.hint
    assert failed.value.details["extension"] == "postgis"
    with pytest.raises(ShadowFailed, match="nothing_there"):
        made.supply(refusal(made, "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '$libdir/nothing_there', 'f'"))
