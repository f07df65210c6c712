"""Statements that run outside a transaction: what tells, before and after, whether they took effect.

A failed CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY leaves an invalid index behind, which is dropped here (see
"Building Indexes Concurrently" in PostgreSQL's documentation of CREATE INDEX).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import psycopg
from pglast import ast, parse_sql
from pglast.enums import AlterTableType, ObjectType
from pglast.parser import ParseError
from psycopg import sql

from surefoot.engine.dialects.target import Judgement, Verdict
from surefoot.engine.model import Statement

Connection = psycopg.Connection[tuple[Any, ...]]
_AGAIN = Judgement(Verdict.NOT_DONE, "running it again does no harm")
# To run these twice is the same as to run them once.
_REPEATABLE = (ast.VacuumStmt, ast.ClusterStmt, ast.AlterSystemStmt, ast.AlterDatabaseStmt)
_DROP_WITHIN = "5s"

_INDEXES = """
    SELECT i.indexrelid::bigint, c.relname, i.indisvalid AND i.indisready, n.nspname
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indrelid = to_regclass(%s) ORDER BY c.relname
"""
_REINDEX_LEFTOVERS = """
    SELECT c.oid::bigint, c.relname, false, n.nspname
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid = coalesce(
        (SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(%(name)s)), to_regclass(%(name)s))
"""
_DETACH_PENDING = """
    SELECT inhdetachpending FROM pg_inherits WHERE inhparent = to_regclass(%s) AND inhrelid = to_regclass(%s)
"""
_EXISTS = {
    "database": "SELECT count(*) FROM pg_database WHERE datname = %s",
    "tablespace": "SELECT count(*) FROM pg_tablespace WHERE spcname = %s",
    "subscription": "SELECT count(*) FROM pg_subscription WHERE subname = %s",
}
# Statements that make or remove something with a name: the kind, the attribute that holds it, and whether it is made.
_NAMED: dict[type, tuple[str, str, bool]] = {
    ast.CreatedbStmt: ("database", "dbname", True),
    ast.DropdbStmt: ("database", "dbname", False),
    ast.CreateTableSpaceStmt: ("tablespace", "tablespacename", True),
    ast.DropTableSpaceStmt: ("tablespace", "tablespacename", False),
    ast.CreateSubscriptionStmt: ("subscription", "subname", True),
    ast.DropSubscriptionStmt: ("subscription", "subname", False),
}


def look(connection: Connection, statement: Statement) -> str:
    """What is there before the statement runs, as JSON; an invalid index that `IF NOT EXISTS` would take is dropped."""
    node = _parse(statement)
    if isinstance(node, ast.IndexStmt):
        indexes = _rows(connection, _INDEXES, _name(node.relation))
        if node.if_not_exists:
            _drop(connection, [row for row in indexes if row[1] == node.idxname and not row[2]])
        return json.dumps({"indexes": [row[0] for row in indexes]})
    if isinstance(node, ast.ReindexStmt):
        return json.dumps({"indexes": [row[0] for row in _reindex_leftovers(connection, node)]})
    if type(node) in _NAMED:
        return json.dumps({"there": _is_there(connection, node)})
    if _drops_index(node):
        return json.dumps({"there": bool(_left(connection, node))})
    if _detaches(node):
        return json.dumps({"attached": _pending(connection, node) is not None})
    return "{}"


def judge(connection: Connection, statement: Statement, before: str, *, mend: bool) -> Judgement:
    """Whether the statement took effect since `look`; `mend` clears away what a failed attempt left."""
    node = _parse(statement)
    known = json.loads(before or "{}")
    if isinstance(node, ast.IndexStmt):
        return _judge_create_index(connection, node, set(known.get("indexes", ())), mend=mend)
    if _drops_index(node):
        return _judge_drop_index(connection, node, there=known.get("there", True))
    if isinstance(node, ast.ReindexStmt):
        return _judge_reindex(connection, node, set(known.get("indexes", ())), mend=mend)
    if type(node) in _NAMED:
        return _judge_named(connection, node, known.get("there"))
    if _detaches(node):
        return _judge_detach(connection, node, attached=known.get("attached", True), mend=mend)
    return _AGAIN if isinstance(node, _REPEATABLE) else _cannot_tell()


def _cannot_tell() -> Judgement:
    return Judgement(Verdict.UNKNOWN, "it leaves nothing behind that could be looked up")


def _parse(statement: Statement) -> Any:
    """The statement's syntax tree; None where our grammar does not know it (the server may be newer)."""
    try:
        return parse_sql(statement.sql)[0].stmt
    except ParseError:
        return None


def _rows(connection: Connection, query: str, *params: str) -> list[tuple[Any, ...]]:
    return connection.execute(query, params or None).fetchall()


def _name(relation: Any) -> str:
    parts = (relation.schemaname, relation.relname) if relation.schemaname else (relation.relname,)
    return sql.Identifier(*parts).as_string(None)


def _names(rows: Sequence[tuple[Any, ...]]) -> str:
    return "index " + ", ".join(str(row[1]) for row in rows)


def _drop(connection: Connection, indexes: Sequence[tuple[Any, ...]]) -> None:
    """Drop leftovers without stopping the application; the wait for its old transactions is bounded."""
    for row in indexes:
        connection.execute(f"SET lock_timeout = '{_DROP_WITHIN}'")
        name = sql.Identifier(row[3], row[1])
        connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name))


def _judge_create_index(connection: Connection, node: ast.IndexStmt, before: set[int], *, mend: bool) -> Judgement:
    new = [row for row in _rows(connection, _INDEXES, _name(node.relation)) if row[0] not in before]
    if node.idxname:
        new = [row for row in new if row[1] == node.idxname]
    invalid = [row for row in new if not row[2]]
    if invalid:
        return _without_leftovers(connection, invalid, mend=mend)
    if new:
        return Judgement(Verdict.DONE, f"index {new[0][1]} is there and valid")
    return Judgement(Verdict.NOT_DONE, "the index is not there")


def _reindex_leftovers(connection: Connection, node: ast.ReindexStmt) -> list[tuple[Any, ...]]:
    """Half-built copies on the table; those of a whole schema could as well be somebody else's who is at it now."""
    if node.relation is None:
        return []
    return connection.execute(_REINDEX_LEFTOVERS, {"name": _name(node.relation)}).fetchall()


def _judge_reindex(connection: Connection, node: ast.ReindexStmt, before: set[int], *, mend: bool) -> Judgement:
    leftovers = [row for row in _reindex_leftovers(connection, node) if row[0] not in before]
    return _without_leftovers(connection, leftovers, mend=mend) if leftovers else _AGAIN


def _without_leftovers(connection: Connection, leftovers: Sequence[tuple[Any, ...]], *, mend: bool) -> Judgement:
    """Not done, once what is half-built is out of the way."""
    names = _names(leftovers)
    if not mend:
        return Judgement(Verdict.NOT_DONE, f"{names} was left half-built: it will be dropped and built again")
    try:
        _drop(connection, leftovers)
    except psycopg.errors.LockNotAvailable:
        return Judgement(Verdict.UNKNOWN, f"{names} was left half-built, and is still in use: try again later")
    return Judgement(Verdict.NOT_DONE, f"{names} was left half-built: dropped, to be built again")


def _drops_index(node: Any) -> bool:
    return isinstance(node, ast.DropStmt) and node.removeType == ObjectType.OBJECT_INDEX


def _left(connection: Connection, node: ast.DropStmt) -> list[str]:
    """Those of the indexes to drop that are there."""
    objects: Any = node.objects
    names = [sql.Identifier(*(part.sval for part in parts)).as_string(None) for parts in objects]
    return [name for name in names if _rows(connection, "SELECT to_regclass(%s)", name) != [(None,)]]


def _judge_drop_index(connection: Connection, node: ast.DropStmt, *, there: bool) -> Judgement:
    left = _left(connection, node)
    if left:
        return Judgement(Verdict.NOT_DONE, f"index {', '.join(left)} is still there")
    if there:
        return Judgement(Verdict.DONE, "the index is gone")
    return Judgement(Verdict.NOT_DONE, "the index was not there before")


def _is_there(connection: Connection, node: ast.Node) -> bool:
    kind, attribute, _ = _NAMED[type(node)]
    return _rows(connection, _EXISTS[kind], getattr(node, attribute)) != [(0,)]


def _judge_named(connection: Connection, node: ast.Node, before: bool | None) -> Judgement:
    kind, attribute, makes = _NAMED[type(node)]
    name = f"{kind} {getattr(node, attribute)}"
    there = _is_there(connection, node)
    if there is makes and before is not makes:
        return Judgement(Verdict.DONE, f"{name} is {'there' if makes else 'gone'}")
    return Judgement(Verdict.NOT_DONE, f"{name} is {'there' if there else 'not there'}, as before")


def _detaches(node: Any) -> bool:
    return isinstance(node, ast.AlterTableStmt) and _command(node).subtype == AlterTableType.AT_DetachPartition


def _command(node: ast.AlterTableStmt) -> Any:
    """The first of the statement's commands; DETACH PARTITION has no other beside it."""
    commands: Any = node.cmds
    return commands[0]


def _pending(connection: Connection, node: ast.AlterTableStmt) -> bool | None:
    """Whether the partition is detached by half; None where it is no partition."""
    rows = _rows(connection, _DETACH_PENDING, _name(node.relation), _name(_command(node).def_.name))
    return bool(rows[0][0]) if rows else None


def _judge_detach(connection: Connection, node: ast.AlterTableStmt, *, attached: bool, mend: bool) -> Judgement:
    """An interrupted DETACH PARTITION CONCURRENTLY has to be finalised (PostgreSQL's documentation of ALTER TABLE)."""
    parent, partition = _name(node.relation), _name(_command(node).def_.name)
    pending = _pending(connection, node)
    if pending is None and attached:
        return Judgement(Verdict.DONE, f"{partition} is no partition of {parent} any more")
    if not pending:
        still = "still attached" if attached else "no partition, as before"
        return Judgement(Verdict.NOT_DONE, f"{partition} is {still}")
    if mend:
        connection.execute(f"SET lock_timeout = '{_DROP_WITHIN}'")
        connection.execute(f"ALTER TABLE {parent} DETACH PARTITION {partition} FINALIZE")
    return Judgement(Verdict.DONE, f"{partition} was detached by half; FINALIZE does the rest")
