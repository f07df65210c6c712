"""Rows of the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from psycopg import sql

from surefoot.audit.model import Checkpoint, Event, Head
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


async def prepare_months(connection: Connection, since: datetime, months: int) -> None:
    """Make the tables of a month and of as many months after it, where they are missing."""
    await connection.execute("SELECT audit_prepare(%s, %s)", (since, months))


async def list_moved(connection: Connection) -> list[Head]:
    """The ends of the chains that no checkpoint covers yet."""
    cursor = await connection.execute(
        "SELECT c.chain, c.seq, c.hash FROM audit_chains c LEFT JOIN audit_checkpointed d USING (chain) "
        "WHERE d.seq IS DISTINCT FROM c.seq ORDER BY c.chain"
    )
    return [Head(row["chain"], row["seq"], row["hash"]) for row in await cursor.fetchall()]


async def insert_checkpoint(connection: Connection, made: Checkpoint) -> None:
    """Keep a checkpoint, and up to where it covers its chains."""
    await connection.execute(
        "INSERT INTO audit_checkpoints (id, at, line) VALUES (%s, %s, %s)", (made.id, made.at, made.line)
    )
    await connection.execute(
        "INSERT INTO audit_checkpointed AS d (chain, seq) "
        "SELECT * FROM unnest(%s::uuid[], %s::bigint[]) AS n (chain, seq) "
        "ORDER BY n.chain ON CONFLICT (chain) DO UPDATE SET seq = greatest(d.seq, excluded.seq)",
        ([head.chain for head in made.heads], [head.seq for head in made.heads]),
    )


async def list_segments(connection: Connection) -> list[tuple[str, bytes]]:
    """The text and the signature of each retired segment, the oldest first."""
    cursor = await connection.execute("SELECT text, signature FROM audit_segments ORDER BY until, id")
    return [(row["text"], row["signature"]) for row in await cursor.fetchall()]


async def list_hashes(connection: Connection, heads: Sequence[Head]) -> list[bytes | None]:
    """The hash that the link of each of these numbers has now, or None where there is no such link."""
    cursor = await connection.execute(
        "SELECT l.hash FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS w (chain, seq, place) "
        "LEFT JOIN audit_links l USING (chain, seq) ORDER BY w.place",
        ([head.chain for head in heads], [head.seq for head in heads]),
    )
    return [row["hash"] for row in await cursor.fetchall()]


async def list_late(connection: Connection, covered: Mapping[UUID, int], minutes: int) -> list[tuple[UUID, datetime]]:
    """The chains whose first link behind these numbers is older than so many minutes, and when it was appended."""
    cursor = await connection.execute(
        "SELECT l.chain, l.at FROM unnest(%s::uuid[], %s::bigint[]) AS w (chain, seq) "
        "JOIN audit_links l ON l.chain = w.chain AND l.seq = w.seq + 1 "
        "WHERE l.at < clock_timestamp() - make_interval(mins => %s) ORDER BY l.chain",
        (list(covered), list(covered.values()), minutes),
    )
    return [(row["chain"], row["at"]) for row in await cursor.fetchall()]


async def list_checkpoints(connection: Connection, after: UUID, limit: int) -> list[tuple[UUID, str]]:
    """The lines of the checkpoints behind one, the oldest first."""
    query = "SELECT id, line FROM audit_checkpoints WHERE id > %s ORDER BY id LIMIT %s"
    return [(row["id"], row["line"]) for row in await (await connection.execute(query, (after, limit))).fetchall()]
