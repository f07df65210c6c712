"""Generated rows satisfy what a schema asks, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from surefoot.engine.dialects.postgres.rows import fill, read_rows
from surefoot.engine.rows import TableRows, Unfilled
from tests.databases import Databases

WIDE = (Path(__file__).parent / "wide.sql").read_bytes()
Connection = psycopg.Connection[tuple[Any, ...]]
EXTENSIONS = b"""
    CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION vector;
    CREATE EXTENSION btree_gist; CREATE EXTENSION cube; CREATE EXTENSION seg;
    CREATE TABLE extended (a citext UNIQUE, b hstore, c ltree, d vector(4), e cube, f seg, g halfvec(2));
    CREATE TABLE rooms (room integer NOT NULL, during tsrange NOT NULL,
        EXCLUDE USING gist (room WITH =, during WITH &&));
    CREATE TABLE prices (id integer, valid daterange, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
    CREATE TABLE uses (id integer NOT NULL, valid daterange NOT NULL,
        FOREIGN KEY (id, PERIOD valid) REFERENCES prices (id, PERIOD valid));
    CREATE TABLE virtual (a integer NOT NULL, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL, c integer,
        CONSTRAINT c_there NOT NULL c NOT VALID);
"""


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def tables_of(connection: Connection, tables: list[str] | None = None) -> dict[str, TableRows]:
    found = read_rows(connection, tables, "surefoot")
    return {
        name: held for name, held in found.items() if held.columns != ("last_value",) and not name.startswith("pg_")
    }


def column(held: TableRows, name: str) -> list[str | None]:
    place = held.columns.index(name)
    return [row[place] for row in held.rows or ()]


def test_a_wide_schema_is_filled_completely_and_topped_up(connection: Connection) -> None:
    connection.execute(WIDE)
    for rounds in (1, 2):
        unfilled = fill(connection, 5, f"round {rounds}", None, "surefoot")
        assert [each.table for each in unfilled] == ["public.singleton"]
        counts = {name: held.count for name, held in tables_of(connection).items()}
        assert counts.pop("public.singleton") == 1
        assert set(counts.values()) == {5 * rounds}


def test_every_column_has_values_and_nulls(connection: Connection) -> None:
    connection.execute(WIDE)
    fill(connection, 5, "seed", None, "surefoot")
    held = tables_of(connection)["public.every_type"]
    full = {"id", "a_code", "a_small_code"}
    for name in held.columns:
        values = column(held, name)
        assert any(value is not None for value in values), name
        assert name in full or None in values, name
    assert set(column(held, "a_mood")) >= {"sad", "ok", "happy", 'It\'s "fine"'}


def test_plain_rows_hold_no_null_where_nothing_asks_for_it(connection: Connection) -> None:
    connection.execute(WIDE)
    fill(connection, 5, "seed", None, "surefoot", plain=True)
    held = tables_of(connection)
    for name in ("public.every_type", "public.required", "public.members", "public.full_match"):
        assert not any(value is None for row in held[name].rows or () for value in row), name


def test_the_same_seed_gives_the_same_rows_on_every_server(databases: Databases) -> None:
    found = []
    for kind in ("pg18", "pg18", "pg16"):
        with databases.postgres(kind) as url, psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'")
            connection.execute(WIDE)
            fill(connection, 4, "seed", None, "surefoot")
            fill(connection, 2, "later", ["public.members", "public.tree"], "surefoot")
            found.append(read_rows(connection, None, "surefoot"))
    assert found[0] == found[1] == found[2]


def test_another_seed_gives_other_rows(databases: Databases) -> None:
    found = []
    for seed in ("one", "two"):
        with databases.postgres("pg18") as url, psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE t (name text NOT NULL)")
            fill(connection, 4, seed, None, "surefoot")
            found.append(tables_of(connection))
    assert found[0] != found[1]


def test_foreign_keys_hold_when_they_are_checked_again(connection: Connection) -> None:
    connection.execute(WIDE)
    fill(connection, 5, "seed", None, "surefoot")
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conparentid = 0 AND NOT EXISTS (SELECT FROM pg_class WHERE oid = conrelid "
        "AND relispartition)"
    ).fetchall()
    assert len(keys) > 10
    for table, name, definition in keys:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD {definition}".encode())
    [(pointing,)] = connection.execute("SELECT count(*) FROM full_match WHERE a IS NOT NULL").fetchall()
    assert 0 < pointing < 5
    [(eggs,)] = connection.execute("SELECT count(egg_id) FROM hens").fetchall()
    assert 0 < eggs < 5


def test_rows_go_to_every_partition(connection: Connection) -> None:
    connection.execute(WIDE)
    fill(connection, 3, "seed", ["public.listed", "public.events"], "surefoot")
    counts = {name: held.count for name, held in tables_of(connection).items() if held.count}
    assert counts == {
        "public.events_2024": 1,
        "public.events_2025_a": 1,
        "public.events_2025_rest": 1,
        "public.listed_eu": 2,
        "public.listed_rest": 1,
    }


def test_only_what_is_named_is_filled(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE a (id serial PRIMARY KEY); CREATE TABLE b (a_id integer REFERENCES a);"
        "CREATE VIEW v AS SELECT 1; CREATE MATERIALIZED VIEW m AS SELECT 1"
    )
    assert fill(connection, 3, "seed", ["public.b", "public.v", "public.m", "public.b_gone"], "surefoot") == ()
    held = tables_of(connection)
    assert (held["public.a"].count, held["public.b"].count) == (0, 3)
    assert set(column(held["public.b"], "a_id")) == {None}


def test_surefoots_own_tables_are_left_alone(connection: Connection) -> None:
    connection.execute(
        "CREATE SCHEMA own; CREATE TABLE own.surefoot_history (a integer); CREATE TABLE own.t (a integer)"
    )
    fill(connection, 1, "seed", None, "own")
    assert set(read_rows(connection, None, "own")) - {"pg_catalog.pg_largeobject"} == {"own.t"}
    assert connection.execute("SELECT count(*) FROM own.surefoot_history").fetchone() == (0,)


def test_a_sequence_that_is_named_is_used_once(connection: Connection) -> None:
    connection.execute("CREATE SEQUENCE fresh INCREMENT -3; CREATE SEQUENCE used; CREATE SEQUENCE other")
    for _ in range(2):
        fill(connection, 1, "seed", ["public.fresh", "public.used"], "surefoot")
    held = read_rows(connection, None, "surefoot")
    assert [held[f"public.{name}"].rows for name in ("fresh", "used", "other")] == [(("1",),), (("1",),), ((None,),)]


def test_triggers_and_rules_are_as_they_were(connection: Connection) -> None:
    asking = (
        "SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger UNION ALL SELECT ev_class::regclass, rulename, "
    )
    asking += "ev_enabled FROM pg_rewrite ORDER BY 1, 2"
    connection.execute(WIDE)
    connection.execute(
        "CREATE FUNCTION no_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
        "CREATE EVENT TRIGGER no_ddl ON ddl_command_end EXECUTE FUNCTION no_ddl()"
    )
    before = connection.execute(asking).fetchall()
    assert fill(connection, 2, "seed", ["public.refusing", "public.ruled", "public.listed"], "surefoot") == ()
    assert connection.execute(asking).fetchall() == before
    with pytest.raises(psycopg.errors.RaiseException):
        connection.execute("INSERT INTO refusing DEFAULT VALUES")


def test_a_table_that_no_row_satisfies_is_reported(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE impossible (id serial PRIMARY KEY, a integer NOT NULL CHECK (a > 5 AND a < 5));"
        "CREATE TABLE child (impossible_id integer NOT NULL REFERENCES impossible)"
    )
    assert fill(connection, 3, "seed", None, "surefoot") == (
        Unfilled("public.child", "it refers to public.impossible, which has no rows"),
        Unfilled(
            "public.impossible", 'new row for relation "impossible" violates check constraint "impossible_a_check"'
        ),
    )


def test_a_check_that_never_ends_is_given_up(connection: Connection) -> None:
    connection.execute(
        "CREATE FUNCTION slow(integer) RETURNS boolean LANGUAGE sql AS 'SELECT pg_sleep(60) IS NOT NULL';"
        "CREATE TABLE waits (a integer NOT NULL CHECK (slow(a))); CREATE TABLE fine (a integer)"
    )
    [unfilled] = fill(connection, 2, "seed", None, "surefoot", timeout=0.2)
    assert unfilled == Unfilled("public.waits", "canceling statement due to statement timeout")
    assert tables_of(connection)["public.fine"].count == 2


def test_functions_of_checks_are_found_by_the_applications_search_path(connection: Connection) -> None:
    connection.execute(
        "CREATE SCHEMA app; CREATE FUNCTION app.inner_one(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 3';"
        "CREATE FUNCTION public.outer_one(a integer) RETURNS boolean LANGUAGE plpgsql "
        "AS 'BEGIN RETURN inner_one(a); END';"
        "CREATE TABLE t (a integer NOT NULL CHECK (outer_one(a)));"
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); END $$;"
        "SET search_path = pg_catalog"
    )
    assert fill(connection, 3, "seed", None, "surefoot") == ()
    assert connection.execute("SHOW search_path").fetchone() == ("pg_catalog",)


def test_rows_fit_between_real_ones(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL UNIQUE, level smallint NOT NULL UNIQUE);"
        "INSERT INTO users (id, email, level) SELECT g, 'user' || g, g FROM generate_series(1, 30) g;"
        "CREATE TABLE accounts (user_id integer PRIMARY KEY REFERENCES users);"
        "INSERT INTO accounts SELECT id FROM users WHERE id < 25"
    )
    assert fill(connection, 5, "seed", None, "surefoot") == ()
    held = tables_of(connection)
    assert (held["public.users"].count, held["public.accounts"].count) == (35, 29)


def test_types_of_extensions_and_what_only_18_has(postgres18_url: str) -> None:
    with psycopg.connect(postgres18_url, autocommit=True) as connection:
        connection.execute(EXTENSIONS)
        assert fill(connection, 5, "seed", None, "surefoot") == ()
        assert {held.count for held in tables_of(connection).values()} == {5}
        connection.execute("ALTER TABLE virtual VALIDATE CONSTRAINT c_there")


def test_a_column_that_was_dropped_is_in_nobodys_way(connection: Connection) -> None:
    connection.execute("CREATE TABLE t (a integer, b text NOT NULL, c text UNIQUE); ALTER TABLE t DROP COLUMN b")
    assert fill(connection, 3, "seed", None, "surefoot") == ()
    assert tables_of(connection)["public.t"].columns == ("a", "c")
