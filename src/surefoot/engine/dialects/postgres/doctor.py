"""What a person should know of a PostgreSQL target before they trust it with migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg

from surefoot.engine.dialects.postgres.dump import find_program
from surefoot.engine.dialects.postgres.pooler import pools_transactions
from surefoot.engine.dialects.target import Check
from surefoot.engine.dialects.tools import check_clock, check_dump

Connection = psycopg.Connection[tuple[Any, ...]]
_OLDEST = 130000
_OLD_TRANSACTIONS = """
    SELECT pid, coalesce(usename, ''), extract(epoch FROM clock_timestamp() - xact_start)::float FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND clock_timestamp() - xact_start > interval '60 seconds' ORDER BY xact_start LIMIT 3
"""
_INVALID_INDEXES = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid AND indislive LIMIT 5"


def examine(connection: Connection, connect: Callable[[], Connection], schema: str) -> list[Check]:
    """Connection, version, permissions, pooler, clock, dump program, and what would stand in a migration's way."""
    return [
        _connection(connection),
        _version(connection),
        *_role(connection),
        _permission(connection, schema),
        _pooler(connection, connect),
        check_clock(lambda: _value(connection, "SELECT clock_timestamp()")),
        check_dump(lambda: find_program(connection.info.server_version // 10000)),
        *_in_the_way(connection),
    ]


def _value(connection: Connection, query: str, *params: object) -> Any:
    row = connection.execute(query, params or None).fetchone()
    return row[0] if row else None


def _connection(connection: Connection) -> Check:
    info = connection.info
    secured = "encrypted" if connection.pgconn.ssl_in_use else "not encrypted"
    where = f"{info.dbname} on {info.host}, as {info.user}, {secured}"
    local = info.host.startswith("/") or info.host in ("localhost", "127.0.0.1", "::1")
    if connection.pgconn.ssl_in_use or local:
        return Check("connection", "ok", where)
    return Check("connection", "warning", where, "Add ?sslmode=verify-full to the URL.")


def _version(connection: Connection) -> Check:
    version = connection.info.parameter_status("server_version") or "unknown"
    if connection.info.server_version < _OLDEST:
        return Check("version", "problem", f"PostgreSQL {version}", "Surefoot is tested on PostgreSQL 16 and 18.")
    return Check("version", "ok", f"PostgreSQL {version}")


def _role(connection: Connection) -> Iterator[Check]:
    if _value(connection, "SELECT pg_is_in_recovery()"):
        yield Check("primary", "problem", "this server is a standby, and read-only", "Connect to the primary.")
    elif _value(connection, "SHOW default_transaction_read_only") == "on":
        hint = "ALTER ROLE or ALTER DATABASE .. SET default_transaction_read_only = off."
        yield Check("primary", "problem", "transactions are read-only here", hint)


def _permission(connection: Connection, schema: str) -> Check:
    there = _value(connection, "SELECT to_regnamespace(quote_ident(%s)) IS NOT NULL", schema)
    if there and _value(connection, "SELECT has_schema_privilege(%s, 'CREATE, USAGE')", schema):
        return Check("permissions", "ok", f"may use and create tables in schema {schema}")
    if not there and _value(connection, "SELECT has_database_privilege(current_database(), 'CREATE')"):
        return Check("permissions", "ok", f"may create schema {schema} for the history")
    return Check(
        "permissions",
        "problem",
        f"may not keep the history in schema {schema}",
        f'CREATE SCHEMA {schema} AUTHORIZATION {connection.info.user}, or set schema = "..." in surefoot.toml.',
    )


def _pooler(connection: Connection, connect: Callable[[], Connection]) -> Check:
    pid = _value(connection, "SELECT pg_backend_pid()")
    if pid == connection.info.backend_pid:
        return Check("pooler", "ok", "none: this is the server itself")
    if pools_transactions(connection, connect, pid):
        hint = "Use the database's own address, or a pool with pool_mode = session."
        return Check("pooler", "problem", "a proxy lends server sessions by the transaction", hint)
    return Check("pooler", "info", "a proxy stands in between; it keeps sessions")


def _in_the_way(connection: Connection) -> Iterator[Check]:
    for pid, user, age in connection.execute(_OLD_TRANSACTIONS).fetchall():
        yield Check(
            "transactions",
            "warning",
            f"session {pid} ({user}) has had a transaction open for {age:.0f} s",
            "It can block a migration; CREATE INDEX CONCURRENTLY waits for it.",
        )
    invalid = [row[0] for row in connection.execute(_INVALID_INDEXES).fetchall()]
    if invalid:
        yield Check(
            "indexes",
            "warning",
            f"invalid: {', '.join(invalid)}",
            "Drop them, or REINDEX INDEX CONCURRENTLY.",
        )
