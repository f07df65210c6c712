"""Reading events back: of one workspace or of the system, filtered, in pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import tuple_row

from surefoot.audit.model import Event, Filter, Told
from surefoot.audit.store import COLUMNS
from surefoot.db.pool import Connection

Key = tuple[datetime, UUID]
_SELECT = sql.SQL(
    "SELECT l.seq, l.hash, {} FROM audit_events e LEFT JOIN audit_links l ON l.event = e.id WHERE {} "
    "ORDER BY e.at {order}, e.id {order} LIMIT {limit}"
)
_CONDITIONS = {
    "action": "e.action = {}",
    "actor": "e.actor_id = {}",
    "about": "e.about = {}",
    "outcome": "e.outcome = {}",
    "since": "e.at >= {}",
    "until": "e.at < {}",
}


async def list_events(
    connection: Connection,
    workspace: UUID | None,
    wanted: Filter,
    *,
    limit: int,
    after: Key | None = None,
    oldest_first: bool = False,
) -> list[Told]:
    """The events of a workspace, or of the system without one, behind a key in their order."""
    conditions = [_of(workspace), *_wanted(wanted)]
    if after is not None:
        sign = sql.SQL(">" if oldest_first else "<")
        conditions.append(sql.SQL("(e.at, e.id) {} ({}, {})").format(sign, *after))
    query = _SELECT.format(
        sql.SQL(", ").join(sql.Identifier("e", name) for name in COLUMNS),
        sql.SQL(" AND ").join(conditions),
        order=sql.SQL("ASC" if oldest_first else "DESC"),
        limit=limit,
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        return [told_of(*row) for row in await (await cursor.execute(query)).fetchall()]


def _of(workspace: UUID | None) -> sql.Composable:
    return sql.SQL("e.workspace IS NULL") if workspace is None else sql.SQL("e.workspace = {}").format(workspace)


def _wanted(wanted: Filter) -> list[sql.Composable]:
    given = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    return [_condition(name, value) for name, value in given.items()]


def _condition(name: str, value: Any) -> sql.Composable:
    if name == "action" and value.endswith(".*"):
        return sql.SQL("starts_with(e.action, {})").format(value[:-1])
    return sql.SQL(_CONDITIONS[name]).format(str(value) if name == "outcome" else value)


def told_of(seq: int | None, hash_: bytes | None, *columns: Any) -> Told:
    """An event with its place, from a row in the order of the columns."""
    event = Event(*columns)
    return Told(replace(event, methods=tuple(event.methods)), seq, hash_)
