"""All that a PostgreSQL database holds, as values to compare: the catalogue, the rows, the history."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.engine.crash.matrix import Bench, Snapshot

_OURS = "n.nspname !~ '^(pg_|information_schema$|surefoot)'"
_CATALOGUE = {
    "schemas": f"SELECT nspname FROM pg_namespace n WHERE {_OURS}",
    "relations": f"""
        SELECT n.nspname, c.relname, c.relkind, pg_get_expr(c.relpartbound, c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS}""",
    "columns": f"""
        SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND {_OURS}""",
    "indexes": f"""
        SELECT pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indislive
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS}""",
    "constraints": f"""
        SELECT n.nspname, conname, conrelid::regclass::text, pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE {_OURS}""",
    "partitions": "SELECT inhparent::regclass::text, inhrelid::regclass::text, inhdetachpending FROM pg_inherits",
    "enums": "SELECT enumtypid::regtype::text, enumlabel FROM pg_enum",
    "functions": f"""
        SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS}""",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "applied": "SELECT project, version FROM surefoot.surefoot_history WHERE rolled_back_at IS NULL",
    "journal": "SELECT project, version, block, state FROM surefoot.surefoot_journal",
}
_TABLES = f"""
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND {_OURS} ORDER BY 1
"""


def postgres_bench(url: str) -> Bench:
    """A PostgreSQL database to crash on."""
    return Bench(url, snapshot, lambda url, question: bool(ask(url, question)[0][0]))


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    """Rows, through a connection of our own."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall() if cursor.description else []


def snapshot(url: str) -> Snapshot:
    """Everything but what a rolled back attempt may use up: the values of sequences, in columns named `id`."""
    with psycopg.connect(url, autocommit=True) as connection:
        seen: dict[str, Any] = {
            what: sorted(map(repr, connection.execute(question.encode()).fetchall()))
            for what, question in _CATALOGUE.items()
        }
        for (table,) in connection.execute(_TABLES.encode()).fetchall():
            rows = f"SELECT (to_jsonb(t) - 'id')::text FROM {table} t ORDER BY 1"
            seen[f"rows of {table}"] = connection.execute(rows.encode()).fetchall()
        return seen
