"""All that a MariaDB or an SQLite database holds, as values to compare."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pymysql

from tests.engine.crash.matrix import Bench, Snapshot

Ask = Callable[[str], list[tuple[Any, ...]]]
_APPLIED = "SELECT project, version FROM surefoot_history WHERE rolled_back_at IS NULL ORDER BY version"
_JOURNAL = "SELECT project, version, block, state FROM surefoot_journal"


def mariadb_bench(url: str) -> Bench:
    """A MariaDB database to crash on."""
    ask = _ask_mariadb(url)
    # Reading the system's certificates would take longer than a whole run.
    plain = f"{url}?ssl-mode=DISABLED"
    return Bench(plain, lambda _url: _mariadb_snapshot(ask), lambda _url, question: bool(ask(question)[0][0]))


def sqlite_bench(url: str) -> Bench:
    """An SQLite file to crash on."""
    ask = _ask_sqlite(url)
    return Bench(url, lambda _url: _sqlite_snapshot(ask), lambda _url, question: bool(ask(question)[0][0]))


def _ask_mariadb(url: str) -> Ask:
    parts = urlsplit(url)

    def ask(question: str) -> list[tuple[Any, ...]]:
        with pymysql.connect(
            host=parts.hostname,
            port=parts.port or 3306,
            user=parts.username,
            password=parts.password or "",
            database=parts.path[1:],
            ssl_disabled=True,
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(question)
            return list(cursor.fetchall())

    return ask


def _mariadb_snapshot(ask: Ask) -> Snapshot:
    names = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1"
    routines = "SELECT name, body FROM mysql.proc WHERE db = DATABASE()"
    triggers = "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema=DATABASE()"
    seen: dict[str, Any] = {"routines": sorted(ask(routines)), "triggers": sorted(ask(triggers))}
    for name, kind in ask(names):
        if not name.startswith("surefoot_"):
            # The counter also counts what was rolled back.
            definition = ask(f"SHOW CREATE TABLE {name}")[0][1]
            seen[f"table {name}"] = " ".join(word for word in definition.split() if "AUTO_INCREMENT=" not in word)
            seen[f"rows of {name}"] = _rows(ask, name) if kind == "BASE TABLE" else None
    return seen | {"applied": ask(_APPLIED), "journal": ask(_JOURNAL)}


def _rows(ask: Ask, table: str) -> list[str]:
    columns = f"""
        SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = '{table}' AND column_name <> 'id'"""
    return sorted(map(repr, ask(f"SELECT {ask(columns)[0][0]} FROM {table}")))


def _ask_sqlite(url: str) -> Ask:
    def ask(question: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(question).fetchall()

    return ask


def _sqlite_snapshot(ask: Ask) -> Snapshot:
    ours = "name NOT LIKE 'surefoot_%' AND tbl_name NOT LIKE 'surefoot_%' AND name NOT LIKE 'sqlite_%'"
    seen: dict[str, Any] = {"schema": sorted(ask(f"SELECT type, name, sql FROM sqlite_master WHERE {ours}"))}
    for (name,) in ask(f"SELECT name FROM sqlite_master WHERE type = 'table' AND {ours}"):
        seen[f"rows of {name}"] = sorted(map(repr, ask(f"SELECT * FROM {name}")))
    return seen | {"applied": ask(_APPLIED), "journal": ask(_JOURNAL)}
