"""The databases that the other tests stand on are what they claim to be."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from tests.databases import Databases


def test_a_fresh_database_is_of_the_asked_version_and_empty(postgres_url: str, request: pytest.FixtureRequest) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert f"pg{connection.info.server_version // 10000}" in request.node.name
        tables = connection.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone()
        assert tables == (0,)


def test_a_postgres_database_is_gone_afterwards_even_where_somebody_uses_it(databases: Databases) -> None:
    with databases.postgres("pg18") as url:
        left_open = psycopg.connect(url)
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_mariadb_answers_over_tcp_with_the_password_of_the_url(mariadb_url: str) -> None:
    parts = urlsplit(mariadb_url)
    connection = pymysql.connect(
        host=parts.hostname or "",
        port=parts.port or 0,
        user=parts.username,
        password=parts.password or "",
        database=parts.path[1:],
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int PRIMARY KEY)")
        cursor.execute("SELECT version(), database()")
        row = cursor.fetchone()
        assert row is not None
        assert "MariaDB" in row[0]
        assert row[1] == parts.path[1:]


def test_sqlite_has_a_path_of_its_own(sqlite_url: str) -> None:
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite://"))
    connection.execute("CREATE TABLE t (id integer PRIMARY KEY)")
    connection.close()


def test_each_kind_of_database_has_its_own_scheme(any_url: str, request: pytest.FixtureRequest) -> None:
    kind = request.node.name.split("[")[1].rstrip("]")
    scheme = {"mariadb": "mysql", "sqlite": "sqlite"}.get(kind, "postgresql")
    assert urlsplit(any_url).scheme == scheme


def test_a_transaction_pool_gives_the_server_to_others_between_transactions(pgbouncer_url: str) -> None:
    assert _holds_its_lock(pgbouncer_url) is False


def test_a_session_pool_keeps_the_server_for_the_session(pgbouncer_session_url: str) -> None:
    assert _holds_its_lock(pgbouncer_session_url) is True


def _holds_its_lock(url: str) -> bool:
    """Whether a session lock keeps a second client from taking the same one."""
    with psycopg.connect(url, autocommit=True) as first, psycopg.connect(url, autocommit=True) as second:
        first.execute("SELECT pg_advisory_lock(1)")
        row = second.execute("SELECT pg_try_advisory_lock(1)").fetchone()
        return row == (False,)
