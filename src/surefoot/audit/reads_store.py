"""Rows of the log of reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row, tuple_row

from surefoot.audit.model import Batch, Read
from surefoot.db.pool import Connection

_READ = tuple(field.name for field in fields(Read))
_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, _READ))
_COPY_READS = sql.SQL("COPY access_log (batch, place, {}) FROM STDIN").format(_COLUMNS)
_SELECT_READS = sql.SQL("SELECT {} FROM access_log WHERE batch = %s ORDER BY place").format(_COLUMNS)
_BATCH = "number, at, reads, previous, hash, signature"


async def find_last(connection: Connection) -> Batch | None:
    """The newest batch, or None; nobody else adds one until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('surefoot.access_log'))")
    async with connection.cursor(row_factory=class_row(Batch)) as cursor:
        await cursor.execute(f"SELECT {_BATCH} FROM access_batches ORDER BY number DESC LIMIT 1".encode())
        return await cursor.fetchone()


async def insert_batch(connection: Connection, batch: Batch, reads: Sequence[Read]) -> None:
    """Write a batch and its reads."""
    await connection.execute(
        f"INSERT INTO access_batches ({_BATCH}) VALUES (%s, %s, %s, %s, %s, %s)".encode(),
        (batch.number, batch.at, batch.reads, batch.previous, batch.hash, batch.signature),
    )
    async with connection.cursor() as cursor, cursor.copy(_COPY_READS) as copy:
        for place, read in enumerate(reads):
            await copy.write_row((batch.number, place, *(getattr(read, name) for name in _READ)))


async def list_batches(connection: Connection, after: int, limit: int) -> list[Batch]:
    """The batches behind one, the oldest first."""
    async with connection.cursor(row_factory=class_row(Batch)) as cursor:
        query = f"SELECT {_BATCH} FROM access_batches WHERE number > %s ORDER BY number LIMIT %s"
        return await (await cursor.execute(query.encode(), (after, limit))).fetchall()


async def list_reads(connection: Connection, batch: int) -> list[Read]:
    """The reads of a batch, in their order."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_SELECT_READS, (batch,))
        return [Read(*row) for row in await cursor.fetchall()]


async def delete_batches(connection: Connection, before: datetime) -> int:
    """Delete the batches of before a time; the newest stays, as the next one builds on it. Returns how many."""
    cursor = await connection.execute("SELECT access_retire(%s) AS gone", (before,))
    row = await cursor.fetchone()
    return int(row["gone"]) if row else 0
