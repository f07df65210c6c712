"""What a person should know of a MariaDB or MySQL target before they trust it with migrations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.connect import Address, Connection, is_mariadb, server_version, session_number
from surefoot.engine.dialects.mysql.dump import find_program
from surefoot.engine.dialects.mysql.pooler import changes_sessions
from surefoot.engine.dialects.target import Check
from surefoot.engine.dialects.tools import check_clock, check_dump

_NEEDED = ("CREATE", "ALTER", "DROP", "INDEX", "SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES")
_UNSAFE = """
    SELECT table_name, engine FROM information_schema.TABLES WHERE table_schema = DATABASE()
    AND table_type = 'BASE TABLE'
    AND engine NOT IN (SELECT engine FROM information_schema.ENGINES WHERE transactions = 'YES') LIMIT 5
"""
_OLD_TRANSACTIONS = """
    SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.INNODB_TRX
    WHERE trx_started < NOW() - INTERVAL 60 SECOND AND trx_mysql_thread_id <> CONNECTION_ID()
    ORDER BY trx_started LIMIT 3
"""
_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>\S+) TO ", re.DOTALL)


def examine(connection: Connection, address: Address) -> list[Check]:
    """Connection, version, privileges, settings, cluster, proxies, clock, dumps, and what would stand in the way."""
    return [
        _connection(connection, address),
        _version(connection),
        *_writable(connection),
        *_privileges(connection, address.database),
        _sql_mode(connection),
        _lock_wait(connection),
        *_cluster(connection),
        _proxy(connection),
        check_clock(lambda: _value(connection, "SELECT UTC_TIMESTAMP(6)").replace(tzinfo=UTC)),
        check_dump(lambda: find_program(_product(connection))),
        *_unsafe_tables(connection),
        *_in_the_way(connection),
    ]


def _product(connection: Connection) -> str:
    return "MariaDB" if is_mariadb(connection) else "MySQL"


def _value(connection: Connection, query: str) -> Any:
    rows = fetch(connection, query)
    return rows[0][0] if rows else None


def _variable(connection: Connection, name: str) -> str:
    """A variable's global value as text; empty where the server has no such variable."""
    rows = fetch(connection, f"SHOW GLOBAL VARIABLES LIKE '{name}'")
    return str(rows[0][1]) if rows else ""


def _connection(connection: Connection, address: Address) -> Check:
    cipher = fetch(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'")
    secured = bool(cipher and cipher[0][1])
    user = _value(connection, "SELECT CURRENT_USER()")
    where = f"{address.label} as {user}, {'encrypted' if secured else 'not encrypted'}"
    local = address.socket or address.host in {"localhost", "127.0.0.1", "::1"}
    if address.ssl_mode.startswith("VERIFY") or local:
        return Check("connection", "ok", where)
    return Check(
        "connection", "warning", where, "Add ?ssl-mode=VERIFY_IDENTITY to the URL: nothing proves the server's name."
    )


def _version(connection: Connection) -> Check:
    text = server_version(connection)
    product, oldest = ("MariaDB", (10, 6)) if "MariaDB" in text else ("MySQL", (8, 0))
    number = text.partition("-")[0]
    finding = f"{product} {number}"
    if tuple(int(part) for part in re.findall(r"\d+", number)[:2]) >= oldest:
        return Check("version", "ok", f"{finding}: a DDL statement takes effect wholly or not at all")
    hint = f"Upgrade to {product} {oldest[0]}.{oldest[1]}: here a crash can leave a DDL statement done by half."
    return Check("version", "warning", f"{finding} has no atomic DDL", hint)


def _writable(connection: Connection) -> Iterator[Check]:
    for name in ("read_only", "super_read_only"):
        if _variable(connection, name) not in {"", "OFF", "0"}:
            yield Check("primary", "problem", f"{name} is on: this server is a replica?", "Connect to the primary.")
            return


def _privileges(connection: Connection, database: str) -> Iterator[Check]:
    held = _held(connection, database)
    missing = [each for each in _NEEDED if each not in held and "ALL PRIVILEGES" not in held]
    if missing:
        user = str(_value(connection, "SELECT CURRENT_USER()"))
        hint = f"GRANT {', '.join(missing)} ON `{database}`.* TO {user}; a role may give them as well."
        yield Check("permissions", "warning", f"not granted on this database: {', '.join(missing)}", hint)
    else:
        yield Check("permissions", "ok", "may create, alter, drop and write tables in this database")
    try:
        fetch(connection, "SELECT 1 FROM information_schema.INNODB_TRX LIMIT 1")
    except pymysql.Error:
        yield Check("blockers", "info", "no PROCESS privilege: who blocks a migration cannot be named")


def _held(connection: Connection, database: str) -> set[str]:
    held: set[str] = set()
    for (grant,) in fetch(connection, "SHOW GRANTS"):
        found = _GRANT.match(str(grant))
        if found and (found["where"] == "*.*" or _covers(found["where"], database)):
            held |= {part.strip().upper() for part in found["what"].split(",")}
    return held


def _covers(where: str, database: str) -> bool:
    """Whether a grant on `where` is one on the whole database; % and _ are wildcards there."""
    name = where.removesuffix(".*").strip('`"')
    pattern = re.escape(name.replace("\\_", "\0")).replace("%", ".*").replace("_", ".").replace("\0", "_")
    return where.endswith(".*") and re.fullmatch(pattern, database) is not None


def _sql_mode(connection: Connection) -> Check:
    mode = str(_value(connection, "SELECT @@SESSION.sql_mode"))
    if "STRICT_TRANS_TABLES" in mode or "STRICT_ALL_TABLES" in mode:
        return Check("sql_mode", "ok", "strict: what does not fit is refused")
    hint = "Add SET SESSION sql_mode = 'STRICT_TRANS_TABLES,...' to the preamble in surefoot.toml."
    return Check("sql_mode", "warning", "not strict: what does not fit is cut off silently", hint)


def _lock_wait(connection: Connection) -> Check:
    seconds = int(_variable(connection, "lock_wait_timeout") or 0)
    return Check(
        "locks", "info", f"the server's lock_wait_timeout is {seconds} s; Surefoot sets a short one for itself"
    )


def _cluster(connection: Connection) -> Iterator[Check]:
    if _variable(connection, "wsrep_on") == "ON":
        yield Check(
            "cluster",
            "warning",
            "this is a Galera node: the lock that keeps two runs apart holds on this node only",
            "Run migrations against one node, always the same.",
        )


def _proxy(connection: Connection) -> Check:
    if changes_sessions(connection):
        hint = "Use the database's own address: the lock that keeps two runs apart cannot hold here."
        return Check("pooler", "problem", "a proxy lends server sessions by the statement", hint)
    if _value(connection, "SELECT CONNECTION_ID()") != session_number(connection):
        return Check("pooler", "info", "a proxy stands in between; it keeps sessions")
    return Check("pooler", "ok", "none: this is the server itself")


def _unsafe_tables(connection: Connection) -> Iterator[Check]:
    tables = [f"{table} ({engine})" for table, engine in fetch(connection, _UNSAFE)]
    if tables:
        hint = "ALTER TABLE ... ENGINE=InnoDB: what is written to them cannot be rolled back."
        yield Check("engines", "warning", f"tables without transactions: {', '.join(tables)}", hint)


def _in_the_way(connection: Connection) -> Iterator[Check]:
    try:
        rows = fetch(connection, _OLD_TRANSACTIONS)
    except pymysql.Error:
        return
    for pid, age in rows:
        yield Check(
            "transactions",
            "warning",
            f"session {pid} has had a transaction open for {age} s",
            "It can block a migration: a DDL statement waits for it.",
        )
