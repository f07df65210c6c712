"""Rows that leave the trail."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from uuid import UUID

from psycopg import AsyncServerCursor, sql
from psycopg.rows import tuple_row

from surefoot.audit.events_store import told_of
from surefoot.audit.model import Segment, Told
from surefoot.audit.store import COLUMNS
from surefoot.db.pool import Connection, Database

_BEFORE = sql.SQL(
    "SELECT l.seq, l.hash, {} FROM audit_links l JOIN audit_events e ON e.id = l.event AND e.at = l.event_at "
    "WHERE l.at < %s ORDER BY l.chain, l.seq"
).format(sql.SQL(", ").join(sql.Identifier("e", name) for name in COLUMNS))


async def list_before(database: Database, until: datetime, at_once: int) -> AsyncGenerator[list[Told], None]:
    """The events that were appended before a time, chain by chain, in one snapshot."""
    async with (
        database.transaction() as connection,
        AsyncServerCursor(connection, "audit_before", row_factory=tuple_row) as cursor,
    ):
        await cursor.execute(_BEFORE, (until,))
        while rows := await cursor.fetchmany(at_once):
            yield [told_of(*row) for row in rows]


async def insert_segment(connection: Connection, segment: Segment, text: str, signature: bytes) -> None:
    """Keep what was signed of a segment."""
    await connection.execute(
        "INSERT INTO audit_segments (id, until, text, signature) VALUES (%s, %s, %s, %s)",
        (segment.id, segment.until, text, signature),
    )


async def delete_segment(connection: Connection, segment: UUID) -> int:
    """Take out the links and events that a segment covers; returns how many."""
    row = await (await connection.execute("SELECT audit_retire(%s) AS gone", (segment,))).fetchone()
    return int(row["gone"]) if row else 0
