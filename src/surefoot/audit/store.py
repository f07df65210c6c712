"""Rows of the audit trail."""

from __future__ import annotations

from dataclasses import fields

from psycopg import sql

from surefoot.audit.model import Event
from surefoot.audit.rules import canonical, digest_of
from surefoot.db.pool import Connection

COLUMNS = tuple(field.name for field in fields(Event))
_INSERT = sql.SQL("INSERT INTO audit_events ({}, digest) VALUES ({}, %(digest)s)").format(
    sql.SQL(", ").join(map(sql.Identifier, COLUMNS)), sql.SQL(", ").join(map(sql.Placeholder, COLUMNS))
)


async def insert_event(connection: Connection, event: Event) -> None:
    """Write an event; a trigger appends it to its chain at the end of the transaction."""
    values = {name: getattr(event, name) for name in COLUMNS}
    for name in ("before", "after"):
        values[name] = None if values[name] is None else canonical(values[name]).decode()
    await connection.execute(_INSERT, {**values, "methods": list(event.methods), "digest": digest_of(event)})
