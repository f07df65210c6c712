"""Rows as texts, from a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from surefoot.engine.dialects.postgres.rows import read_rows
from surefoot.engine.rows import TableRows, losses

Connection = psycopg.Connection[tuple[Any, ...]]
LARGE_OBJECTS = "pg_catalog.pg_largeobject"


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def tables_of(connection: Connection, names: list[str] | None = None) -> dict[str, TableRows]:
    found = read_rows(connection, names, "surefoot")
    return {name: held for name, held in found.items() if name != LARGE_OBJECTS}


def test_tables_have_the_names_of_the_snapshot_and_no_dropped_columns(connection: Connection) -> None:
    connection.execute(
        """CREATE SCHEMA "We ird"; CREATE TABLE "We ird"."T""able" ("a %s b" integer, gone integer, "ä" text);
        ALTER TABLE "We ird"."T""able" DROP gone; INSERT INTO "We ird"."T""able" VALUES (7, NULL)"""
    )
    name = '"We ird"."T""able"'
    expected = {name: TableRows(("a %s b", "ä"), 1, (("7", None),))}
    assert tables_of(connection) == expected
    assert tables_of(connection, [name, "public.gone"]) == expected
    assert tables_of(connection, []) == {}


def test_texts_do_not_depend_on_settings(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE t AS SELECT '2024-03-31 01:30:00+00'::timestamptz AS at, '1 day 2 hours'::interval AS i, "
        "0.1::float8 + 0.2 AS f, '\\x00ff'::bytea AS b, 'pg_class'::regclass AS r, '{1, 2}'::integer[] AS a, "
        "E'tab\\t\\nline \\\\ back' AS t, '12.5'::money AS m, 'x'::char(4) AS c"
    )
    before = read_rows(connection, None, "surefoot")
    connection.execute(
        "SET datestyle = 'SQL, DMY'; SET timezone = 'Asia/Tokyo'; SET intervalstyle = iso_8601;"
        "SET bytea_output = escape; SET extra_float_digits = -5;"
        "SET quote_all_identifiers = on; SET search_path = public, pg_catalog"
    )
    assert read_rows(connection, None, "surefoot") == before
    row = (before["public.t"].rows or ())[0]
    assert row[:4] == ("2024-03-31 01:30:00+00", "1 day 02:00:00", "0.30000000000000004", "\\x00ff")
    assert row[6:] == ("tab\t\nline \\ back", "$12.50", "x   ")


def test_sequences_are_tables_of_one_row(connection: Connection) -> None:
    connection.execute(
        "CREATE SEQUENCE fresh; CREATE SEQUENCE used; CREATE SEQUENCE down INCREMENT -2; CREATE SEQUENCE jumped;"
        "SELECT nextval('used'), nextval('used'), nextval('down'), nextval('down'), setval('jumped', 100, false)"
    )
    found = tables_of(connection)
    values = {name: held.rows for name, held in found.items()}
    assert values == {
        "public.down": (("3",),),
        "public.fresh": ((None,),),
        "public.jumped": (("99",),),
        "public.used": (("2",),),
    }
    assert {held.columns for held in found.values()} == {("last_value",)}


def test_large_tables_have_sums_that_show_every_change(connection: Connection) -> None:
    connection.execute("CREATE TABLE t AS SELECT g AS id, 'note ' || g AS note FROM generate_series(1, 5001) g")
    before = read_rows(connection, None, "surefoot")
    assert (before["public.t"].rows, before["public.t"].count) == (None, 5001)
    for change, columns in (
        ("UPDATE t SET note = NULL WHERE id = 3", ("note",)),
        ("UPDATE t SET note = 'note ' || (CASE id WHEN 3 THEN 4 ELSE 3 END) WHERE id IN (3, 4)", ("id", "note")),
    ):
        connection.execute(change.encode())
        [loss] = losses(before, read_rows(connection, None, "surefoot"))
        assert loss.columns == columns
        connection.execute("UPDATE t SET note = 'note ' || id")
    connection.execute("ALTER TABLE t ADD extra integer; ALTER TABLE t DROP extra")
    assert losses(before, read_rows(connection, None, "surefoot")) == []


def test_how_many_rows_are_read_whole_can_be_chosen(connection: Connection) -> None:
    connection.execute("CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 5) g")
    assert read_rows(connection, None, "surefoot", whole=5)["public.t"].rows is not None
    assert read_rows(connection, None, "surefoot", whole=4)["public.t"].rows is None


def test_what_holds_rows_is_read_once(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE parent (a integer); CREATE TABLE heir () INHERITS (parent); INSERT INTO heir VALUES (1);"
        "CREATE TABLE parted (a integer) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF parted DEFAULT;"
        "INSERT INTO parted VALUES (2); CREATE VIEW v AS SELECT 1; CREATE TEMP TABLE passing (a integer);"
        "CREATE MATERIALIZED VIEW full_one AS SELECT 3 AS a; CREATE MATERIALIZED VIEW empty_one AS SELECT 4 AS b "
        "WITH NO DATA; CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; CREATE TABLE surefoot_like (a integer);"
        "CREATE TABLE made (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO made VALUES (5)"
    )
    assert {name: (held.columns, held.rows) for name, held in tables_of(connection).items()} == {
        "public.bare": ((), ((),)),
        "public.heir": (("a",), (("1",),)),
        "public.made": (("a", "b"), (("5", "10"),)),
        "public.parent": (("a",), ()),
        "public.part": (("a",), (("2",),)),
        "public.surefoot_like": (("a",), ()),
    }


def test_large_objects_are_rows_with_their_content(connection: Connection) -> None:
    connection.execute("SELECT lo_from_bytea(4711, 'abc')")
    first = read_rows(connection, [], "surefoot")
    connection.execute("SELECT lo_put(4711, 0, 'x')")
    assert (first[LARGE_OBJECTS].count, losses(first, read_rows(connection, [], "surefoot"))[0].columns) == (
        1,
        ("content",),
    )


def test_rows_hidden_by_a_policy_are_read(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE t (a integer); INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        "ALTER TABLE t FORCE ROW LEVEL SECURITY"
    )
    assert read_rows(connection, None, "surefoot")["public.t"].count == 1
