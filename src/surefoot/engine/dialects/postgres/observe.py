"""Questions to the catalogue about other sessions: who blocks, who holds the runner lock, how far a statement is."""

from __future__ import annotations

from typing import Any

import psycopg

from surefoot.engine.dialects.target import Observation
from surefoot.engine.events import Blocker

_SESSION = """
    a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.query, ''),
    coalesce(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.state_change, a.backend_start)), 0)
"""
# A prepared transaction blocks without a session; PostgreSQL gives 0 for its pid.
_BLOCKERS = f"""
    SELECT {_SESSION} FROM unnest(pg_blocking_pids(%(pid)s)) AS b (pid) JOIN pg_stat_activity a ON a.pid = b.pid
    UNION ALL
    SELECT 0, 'a prepared transaction', '', '', 0 WHERE 0 = ANY (pg_blocking_pids(%(pid)s))
    ORDER BY 5 DESC
"""
_LOCK_HOLDERS = f"""
    SELECT {_SESSION} FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32) | l.objid::bigint = %s
"""
# Qualified, and with the key in its text: it is one of several statements, and a migration may have set search_path.
_HOLDS_LOCK = """
    SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid()
        AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = {})
"""
_PROGRESS = """
    SELECT phase, blocks_done, blocks_total, 'blocks' FROM pg_stat_progress_create_index WHERE pid = %(pid)s
    UNION ALL
    SELECT phase, heap_blks_scanned, heap_blks_total, 'blocks' FROM pg_stat_progress_vacuum WHERE pid = %(pid)s
    UNION ALL
    SELECT phase, heap_blks_scanned, heap_blks_total, 'blocks' FROM pg_stat_progress_cluster WHERE pid = %(pid)s
    UNION ALL
    SELECT 'copying', bytes_processed, nullif(bytes_total, 0), 'bytes' FROM pg_stat_progress_copy
    WHERE pid = %(pid)s
"""


def _blocker(row: tuple[Any, ...]) -> Blocker:
    return Blocker(row[0], row[1], row[2], row[3], float(row[4]))


def lock_holders(connection: psycopg.Connection[Any], key: int) -> tuple[Blocker, ...]:
    """The sessions that hold the advisory lock `key` of this database."""
    return tuple(_blocker(row) for row in connection.execute(_LOCK_HOLDERS, (key,)).fetchall())


def holds_lock(key: int) -> str:
    """The question whether the session itself holds the advisory lock `key`, as SQL."""
    return _HOLDS_LOCK.format(key)


def observe(connection: psycopg.Connection[Any], pid: int) -> Observation:
    """Who blocks the backend `pid`, and how far its statement is where PostgreSQL tells."""
    blockers = tuple(_blocker(row) for row in connection.execute(_BLOCKERS, {"pid": pid}).fetchall())
    progress = connection.execute(_PROGRESS, {"pid": pid}).fetchone()
    return Observation(blockers, *progress) if progress else Observation(blockers)
