"""What one migration does to the session on PostgreSQL is gone before the next, and never reaches the history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.errors import StatementFailed, TransactionRefused
from tests.engine.crash.bed import Bed

SEEN = "INSERT INTO public.seen SELECT '{}', current_setting('{}')"


@pytest.fixture
def bed(postgres_url: str, tmp_path: Path) -> Bed:
    return Bed(postgres_url, tmp_path / "m").write({"1_base.up": "CREATE TABLE seen (what text, value text);"})


@pytest.fixture
def role(bed: Bed) -> Iterator[str]:
    """A role that may use nothing of Surefoot's."""
    name = f"r_{bed.value('SELECT current_database()')}"
    bed.ask(f"CREATE ROLE {name}; GRANT ALL ON SCHEMA public TO {name}")
    yield name
    bed.ask(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_settings_of_one_migration_do_not_reach_the_next(bed: Bed) -> None:
    bed.write(
        {
            "2_leaks.up": """
                CREATE SCHEMA app;
                SET search_path = app;
                SET work_mem = '123kB';
                SELECT set_config('surefoot.test', 'leaked', false);
                CREATE TEMP TABLE leaked (n int);""",
            "3_looks.up": f"""
                CREATE TABLE here (n int);
                {SEEN.format("work_mem", "work_mem")};
                INSERT INTO seen VALUES ('test', current_setting('surefoot.test', true)),
                    ('leaked', to_regclass('pg_temp.leaked')::text);""",
        }
    )
    bed.up()
    assert bed.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'here'") == 1
    seen = dict(bed.ask("SELECT * FROM seen"))
    assert seen["work_mem"] != "123kB"
    assert seen["test"] in ("", None)
    assert seen["leaked"] is None


def test_settings_hold_from_block_to_block_of_one_migration(bed: Bed) -> None:
    bed.write({"2_path.up": "CREATE SCHEMA app; SET search_path = app; VACUUM public.seen; CREATE TABLE here (n int);"})
    bed.up()
    assert bed.value("SELECT schemaname FROM pg_tables WHERE tablename = 'here'") == "app"


@pytest.mark.parametrize("outside", ["", "VACUUM public.seen;"])
@pytest.mark.parametrize("change", ["SET ROLE {}", "SET SESSION AUTHORIZATION {}", "SET LOCAL ROLE {}"])
def test_a_role_that_a_migration_sets_owns_its_tables_and_not_the_history(
    bed: Bed, role: str, change: str, outside: str
) -> None:
    if outside and "LOCAL" in change:
        outside = ""
    bed.write(
        {
            "2_role.up": f"{change.format(role)}; CREATE TABLE a (n int); {outside} CREATE TABLE b (n int);",
            "3_next.up": "CREATE TABLE c (n int);",
        }
    )
    assert bed.up() == ("1", "2", "3")
    owners = dict(bed.ask("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public'"))
    assert owners["a"] == owners["b"] == role
    assert owners["c"] == owners["seen"] != role


def test_a_role_set_with_a_function_is_taken_back_as_well(bed: Bed, role: str) -> None:
    bed.write({"2_role.up": f"SELECT set_config('role', '{role}', false); CREATE TABLE a (n int);"})
    assert bed.up() == ("1", "2")
    assert bed.value("SELECT tableowner FROM pg_tables WHERE tablename = 'a'") == role


def test_the_preamble_runs_before_each_migration(bed: Bed, role: str) -> None:
    bed.ask(f"GRANT CREATE ON DATABASE {bed.value('SELECT current_database()')} TO {role}")
    bed.connecting = {"preamble": (f"SET ROLE {role}", "SET work_mem = '321kB'")}
    bed.write(
        {
            "2_undoes.up": "RESET ROLE; RESET ALL; CREATE TABLE mine (n int);",
            "3_looks.up": SEEN.format("work_mem", "work_mem"),
            "4_outside.up": f"VACUUM seen; {SEEN.format('outside', 'work_mem')}",
        }
    )
    assert bed.up() == ("1", "2", "3", "4")
    assert bed.value("SELECT tableowner FROM pg_tables WHERE tablename = 'seen'") == role
    assert bed.value("SELECT tableowner FROM pg_tables WHERE tablename = 'surefoot_history'") == role
    assert dict(bed.ask("SELECT * FROM seen")) == {"work_mem": "321kB", "outside": "321kB"}


def test_a_migration_may_choose_its_isolation_level_first(bed: Bed) -> None:
    level = SEEN.format("level", "transaction_isolation")
    bed.write({"2_level.up": f"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; {level};"})
    bed.up()
    assert bed.value("SELECT value FROM seen") == "serializable"


def test_a_preamble_may_choose_the_isolation_level(bed: Bed) -> None:
    bed.connecting = {"preamble": ("SET default_transaction_isolation = 'serializable'",)}
    bed.write({"2_level.up": SEEN.format("level", "transaction_isolation")})
    bed.up()
    assert bed.value("SELECT value FROM seen") == "serializable"


def test_a_preamble_that_fails_says_so_and_changes_nothing(bed: Bed) -> None:
    bed.connecting = {"preamble": ("SET ROLE nobody_of_this_name",)}
    with pytest.raises(StatementFailed, match="nobody_of_this_name"):
        bed.up()
    assert bed.value("SELECT to_regclass('surefoot.surefoot_history')") is None


def test_the_history_survives_that_schema_public_is_dropped(bed: Bed) -> None:
    bed.write({"2_drop.up": "DROP SCHEMA public CASCADE; CREATE SCHEMA public;", "3_on.up": "CREATE TABLE t (n int);"})
    assert bed.up() == ("1", "2", "3")
    assert bed.up() == ()


def test_a_dump_that_empties_the_search_path_works(bed: Bed) -> None:
    bed.write(
        {
            "2_dump.up": """
                SET statement_timeout = 0;
                SET lock_timeout = 0;
                SET standard_conforming_strings = on;
                SELECT pg_catalog.set_config('search_path', '', false);
                SET check_function_bodies = false;
                CREATE TABLE public.dumped (n integer);
                COPY public.dumped (n) FROM stdin;
1
2
\\.
                """,
            "3_next.up": "INSERT INTO dumped VALUES (3);",
        }
    )
    assert bed.up() == ("1", "2", "3")
    assert bed.value("SELECT sum(n) FROM dumped") == 6


def test_no_transaction_of_a_step_waits_for_a_lock_without_a_bound(bed: Bed) -> None:
    look = SEEN.format("{}", "lock_timeout")
    bed.write(
        {
            "2_atomic.up": look.format("atomic"),
            "3_blocks.up": f"""
                {look.format("before")};
                CREATE INDEX CONCURRENTLY i ON seen (what);
                {look.format("after")};""",
            "4_explicit.up": f"-- surefoot: no-transaction\n{look.format('explicit')};",
        }
    )
    bed.up()
    assert dict(bed.ask("SELECT * FROM seen")) == dict.fromkeys(("atomic", "before", "after", "explicit"), "10s")


def test_statement_timeout_is_the_servers_own_unless_it_is_given(bed: Bed) -> None:
    name = bed.value("SELECT current_database()")
    bed.ask(f"ALTER DATABASE {name} SET statement_timeout = '77s'")
    look = SEEN.format("{}", "statement_timeout")
    bed.write(
        {
            "2_look.up": f"""
                {look.format("before")};
                CREATE INDEX CONCURRENTLY i ON seen (what);
                {look.format("after")};"""
        }
    )
    bed.up()
    assert dict(bed.ask("SELECT * FROM seen")) == {"before": "77s", "after": "77s"}


def test_a_commit_that_was_not_seen_in_the_text_is_noticed_when_it_has_happened(bed: Bed) -> None:
    hidden = "SET standard_conforming_strings = off; SELECT 'a\\''; COMMIT; SELECT 2 -- ' AS x\n;"
    bed.write({"2_hidden.up": f"CREATE TABLE here (n int); {hidden} SELECT 3;"})
    with pytest.raises(TransactionRefused, match="ended the step's transaction") as refused:
        bed.up()
    assert "Undo by hand" in refused.value.hint
    assert bed.applied() == ["1"]
