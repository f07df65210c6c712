"""Rows from a seed, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from surefoot.engine.dialects.postgres.rows import fill, load, read_rows
from surefoot.errors import MalformedFile, StatementFailed, Unreachable, UsageError
from tests.databases import Databases

WIDE = (Path(__file__).parent / "wide.sql").read_bytes()
Connection = psycopg.Connection[tuple[Any, ...]]
USERS = "CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL); "


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SET search_path = pg_catalog")
        yield connection


def test_a_file_of_sql_runs_with_its_copy_data(connection: Connection, tmp_path: Path) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text(
        "SET search_path = public;\nBEGIN;\nINSERT INTO users VALUES (1, 'semi;colon');\n"
        "COPY users (id, name) FROM stdin;\n2\tTwo\n3\tDr\\ttab\n\\.\nSELECT setval('users_id_seq', 3);\nCOMMIT;\n"
    )
    connection.execute(USERS.replace("users", "public.users").encode())
    load(connection, str(seed))
    found = read_rows(connection, None, "surefoot")
    assert found["public.users"].rows == (("1", "semi;colon"), ("2", "Two"), ("3", "Dr\ttab"))
    assert found["public.users_id_seq"].rows == (("3",),)


def test_a_files_names_are_found_and_its_settings_do_not_stay(connection: Connection, tmp_path: Path) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text("SET datestyle = 'German'; INSERT INTO users (name) VALUES ('One');")
    connection.execute(USERS.replace("users", "public.users").encode())
    load(connection, str(seed))
    assert connection.execute("SELECT count(*) FROM public.users").fetchone() == (1,)
    assert connection.execute("SHOW datestyle").fetchone() == ("ISO, MDY",)


def test_a_mistake_in_a_file_names_its_line_and_leaves_nothing(connection: Connection, tmp_path: Path) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text("INSERT INTO users (name) VALUES ('One');\n\nINSERT INTO users (nam) VALUES ('Two');\n")
    connection.execute(USERS.replace("users", "public.users").encode())
    with pytest.raises(StatementFailed, match=r"^seed\.sql:3:20: column \"nam\"") as raised:
        load(connection, str(seed))
    assert raised.value.details["line"] == 3
    assert connection.execute("SELECT count(*) FROM public.users").fetchone() == (0,)


def test_a_file_that_is_none_is_said_so(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"seed\.sql cannot be read: No such file"):
        load(connection, str(tmp_path / "seed.sql"))
    (tmp_path / "seed.sql").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedFile):
        load(connection, str(tmp_path / "seed.sql"))


@pytest.mark.parametrize("kinds", [("pg16", "pg18"), ("pg18", "pg18")])
def test_the_rows_of_another_database_are_taken_with_its_sequences(
    databases: Databases, kinds: tuple[str, str]
) -> None:
    with (
        databases.postgres(kinds[0]) as seed,
        databases.postgres(kinds[1]) as url,
        psycopg.connect(seed, autocommit=True) as source,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        for each in (source, connection):
            each.execute(WIDE)
        fill(source, 5, "theirs", None, "surefoot")
        fill(connection, 2, "ours", None, "surefoot")
        load(connection, seed)
        assert read_rows(connection, None, "surefoot") == read_rows(source, None, "surefoot")


@pytest.fixture
def seed_url(databases: Databases) -> Iterator[str]:
    with databases.postgres("pg18") as url:
        yield url


def prepared(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())


def test_columns_and_tables_that_both_have_are_taken(postgres18_url: str, seed_url: str) -> None:
    prepared(seed_url, "CREATE TABLE t (a integer, b integer, c integer); INSERT INTO t VALUES (1, 2, 3);"
             "CREATE TABLE theirs (a integer); CREATE VIEW v AS SELECT 1 AS a")  # fmt: skip
    prepared(postgres18_url, "CREATE TABLE t (c integer, x integer, a integer); CREATE TABLE ours (a integer);"
             "CREATE TABLE v (a integer)")  # fmt: skip
    with psycopg.connect(postgres18_url, autocommit=True) as connection:
        load(connection, seed_url)
        found = read_rows(connection, None, "surefoot")
    assert found["public.t"].rows == (("3", None, "1"),)
    assert found["public.v"].count == 0


def test_rows_that_do_not_fit_name_their_table(postgres18_url: str, seed_url: str) -> None:
    prepared(seed_url, "CREATE TABLE t (a integer); INSERT INTO t VALUES (NULL)")
    prepared(postgres18_url, "CREATE TABLE t (a integer NOT NULL); INSERT INTO t VALUES (1)")
    with psycopg.connect(postgres18_url, autocommit=True) as connection:
        with pytest.raises(StatementFailed, match=r"^Rows of the seed's table public\.t: null value in column"):
            load(connection, seed_url)
        assert read_rows(connection, None, "surefoot")["public.t"].rows == (("1",),)


def test_rows_that_refer_to_none_are_refused(postgres18_url: str, seed_url: str) -> None:
    prepared(seed_url, "CREATE TABLE b (a_id integer); INSERT INTO b VALUES (1), (2), (NULL)")
    prepared(postgres18_url, "CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (a_id integer REFERENCES a)")
    with psycopg.connect(postgres18_url, autocommit=True) as connection:
        with pytest.raises(StatementFailed, match=r"^2 rows of the seed's table public\.b refer to rows of public\.a"):
            load(connection, seed_url)
        assert read_rows(connection, None, "surefoot")["public.b"].count == 0


def test_a_database_that_has_nothing_in_common_is_no_seed(postgres18_url: str, seed_url: str) -> None:
    prepared(postgres18_url, "CREATE TABLE t (a integer)")
    with (
        psycopg.connect(postgres18_url, autocommit=True) as connection,
        pytest.raises(UsageError, match="has none of the tables of this schema"),
    ):
        load(connection, seed_url)


def test_a_database_that_does_not_answer_is_named_without_its_password(postgres18_url: str) -> None:
    with (
        psycopg.connect(postgres18_url, autocommit=True) as connection,
        pytest.raises(Unreachable, match=r"postgresql://127\.0\.0\.1:1/app does not answer") as raised,
    ):
        load(connection, "postgresql://me:secret@127.0.0.1:1/app")
    assert "secret" not in raised.value.message
