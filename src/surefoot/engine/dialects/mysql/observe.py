"""Questions about other sessions: who blocks, who holds the runner lock, how far a statement is."""

from __future__ import annotations

import pymysql

from surefoot.engine.dialects.mysql.bind import Rows, fetch
from surefoot.engine.dialects.mysql.connect import Connection, is_mariadb
from surefoot.engine.dialects.target import Observation
from surefoot.engine.events import Blocker

_SESSION = "p.id, p.user, p.host, coalesce(p.info, '')"
_BY_ID = f"SELECT {_SESSION}, p.time FROM information_schema.PROCESSLIST p WHERE p.id = %s"
_TRANSACTION = f"""
    SELECT DISTINCT {_SESSION}, TIMESTAMPDIFF(SECOND, b.trx_started, NOW()) FROM information_schema.INNODB_TRX b
    JOIN information_schema.PROCESSLIST p ON p.id = b.trx_mysql_thread_id
"""
_ROW_LOCKS_MARIADB = f"""
    {_TRANSACTION} JOIN information_schema.INNODB_LOCK_WAITS w ON w.blocking_trx_id = b.trx_id
    JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
    WHERE r.trx_mysql_thread_id = %s ORDER BY b.trx_started
"""
_ROW_LOCKS_MYSQL = f"""
    {_TRANSACTION} JOIN performance_schema.data_lock_waits w ON w.blocking_engine_transaction_id = b.trx_id
    JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_engine_transaction_id
    WHERE r.trx_mysql_thread_id = %s ORDER BY b.trx_started
"""
_METADATA_MYSQL = f"""
    SELECT DISTINCT {_SESSION}, p.time FROM performance_schema.metadata_locks w
    JOIN performance_schema.metadata_locks h ON h.object_type = w.object_type AND h.object_schema = w.object_schema
      AND h.object_name = w.object_name AND h.lock_status = 'GRANTED' AND h.owner_thread_id <> w.owner_thread_id
    JOIN performance_schema.threads wt ON wt.thread_id = w.owner_thread_id
    JOIN performance_schema.threads ht ON ht.thread_id = h.owner_thread_id
    JOIN information_schema.PROCESSLIST p ON p.id = ht.processlist_id
    WHERE w.lock_status = 'PENDING' AND wt.processlist_id = %s
"""
# A plugin that the server's administrator may have loaded.
_METADATA_PLUGIN = f"""
    SELECT DISTINCT {_SESSION}, p.time FROM information_schema.METADATA_LOCK_INFO l
    JOIN information_schema.PROCESSLIST p ON p.id = l.thread_id
    JOIN information_schema.PROCESSLIST me ON me.id = %s
    WHERE l.table_schema = DATABASE() AND l.table_name <> '' AND l.thread_id <> me.id
      AND LOCATE(l.table_name, me.info) > 0
"""
_OLDEST = f"""
    {_TRANSACTION} WHERE b.trx_mysql_thread_id <> %s AND (p.db = DATABASE() OR p.db IS NULL)
    ORDER BY b.trx_started LIMIT 3
"""
_BUSY = f"""
    SELECT {_SESSION}, p.time FROM information_schema.PROCESSLIST p JOIN information_schema.PROCESSLIST me
    ON me.id = %s AND me.time <= p.time
    WHERE p.id NOT IN (me.id, CONNECTION_ID()) AND p.db = DATABASE() AND p.command = 'Query'
    ORDER BY p.time DESC LIMIT 3
"""
_PROGRESS_MARIADB = "SELECT state, stage, max_stage, progress FROM information_schema.PROCESSLIST WHERE id = %s"
_PROGRESS_MYSQL = "SELECT state, 0, 0, 0 FROM information_schema.PROCESSLIST WHERE id = %s"
_GUESSED = "holds the oldest open transaction here"


def blocker(row: tuple[object, ...], guess: str = "") -> Blocker:
    """A session of the process list; `guess` says why it is named, where nothing proves that it blocks."""
    pid, user, host, query, age = row
    return Blocker(int(str(pid)), str(user), guess or str(host), str(query), float(str(age or 0)))


def lock_holders(connection: Connection, name: str) -> tuple[Blocker, ...]:
    """The session that holds the user lock `name`."""
    pid = fetch(connection, "SELECT IS_USED_LOCK(%s)", (name,))[0][0]
    if pid is None:
        return ()
    rows = fetch(connection, _BY_ID, (pid,))
    return tuple(map(blocker, rows)) or (Blocker(pid, "another user", "", "", 0.0),)


def observe(connection: Connection, pid: int) -> Observation:
    """Who blocks the session `pid`, and how far its statement is where the server tells."""
    mariadb = is_mariadb(connection)
    rows = fetch(connection, _PROGRESS_MARIADB if mariadb else _PROGRESS_MYSQL, (pid,))
    if not rows:
        return Observation()
    state, stage, stages, percent = rows[0]
    phase = str(state or "")
    blockers = _blockers(connection, pid, phase, mariadb=mariadb)
    if not percent:
        return Observation(blockers, phase)
    of = f" (stage {stage} of {stages})" if stages and stages > 1 else ""
    return Observation(blockers, f"{phase}{of}", int(percent), 100, "%")


def _blockers(connection: Connection, pid: int, phase: str, *, mariadb: bool) -> tuple[Blocker, ...]:
    if "lock" in phase or phase == "Waiting for table flush":
        known = _try(connection, _METADATA_PLUGIN if mariadb else _METADATA_MYSQL, pid)
        if known:
            return tuple(map(blocker, known))
        oldest = _try(connection, _OLDEST, pid) or _try(connection, _BUSY, pid)
        return tuple(blocker(row, _GUESSED) for row in oldest)
    return tuple(map(blocker, _try(connection, _ROW_LOCKS_MARIADB if mariadb else _ROW_LOCKS_MYSQL, pid)))


def _try(connection: Connection, sql: str, pid: int) -> Rows:
    """The answer, or nothing where the user may not ask or the server has no such table."""
    try:
        return fetch(connection, sql, (pid,))
    except pymysql.Error:
        return []
